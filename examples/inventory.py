"""Find the (s, S) rule of an inventory: when the stock is below s, order up to S.

The cost has jumps, because an order has a fixed cost and units are whole.
"""

import numpy as np

import glr

PERIODS, ORDER, HOLD, LACK = 400, 64.0, 1.0, 9.0
DEMANDS = np.random.default_rng(0).poisson(20.0, size=(50, PERIODS))


def cost(rules, demands):
    """Return the mean cost per period, of shape (n,), of rules (s, S), of shape (n, 2), rounded to whole units."""
    s, S = np.round(rules).T
    S = np.maximum(s, S)
    stock, total = S.copy(), np.zeros(len(rules))
    for demand in demands:
        ordered = stock < s
        stock = np.where(ordered, S, stock) - demand
        total += ORDER * ordered + HOLD * np.maximum(stock, 0.0) + LACK * np.maximum(-stock, 0.0)
    return total / len(demands)


rng, theta = np.random.default_rng(1), np.array([30.0, 100.0])
estimator = glr.BlackBoxGradient(dimension=2, noise=glr.Gaussian(variance=9.0), replications=32)
for step in range(300):
    perturbed = theta + estimator.ask(rng)
    gradient = estimator.tell(cost(perturbed, DEMANDS[step % 40]))
    theta -= 3.0 / (1.0 + step / 50) * gradient

grid = np.array([(s, S) for s in range(0, 81, 2) for S in range(s, 141, 2)], dtype=float)
best = grid[np.mean([cost(grid, demand) for demand in DEMANDS[:40]], axis=0).argmin()]
for name, rule in (("start", [30.0, 100.0]), ("found", theta), ("best of the grid", best)):
    fresh = np.mean([cost(np.array([rule]), demand) for demand in DEMANDS[40:]])
    print(f"{name}: s = {rule[0]:.0f}, S = {rule[1]:.0f}, cost {fresh:.1f}")
