"""Train a linear classifier on its F1 score, which has no gradient. One label in ten is positive."""

import numpy as np
from scipy.optimize import minimize

import glr


def sample(n, rng):
    """Return features (n, 11) with a column of ones and labels; negatives are two groups, one of them far away."""
    y = rng.random(n) < 0.1
    x = rng.normal(size=(n, 10))
    x[:, 0] += 1.5 * y
    far = ~y & (rng.random(n) < 0.15)
    x[far, 0] += 6.0
    x[far, 1] += 2.5
    return np.column_stack([np.ones(n), x]), y


def f1(weights, x, y):
    """Return the F1 score of each row of weights (k, 11)."""
    guess = x @ np.atleast_2d(weights).T > 0
    return 2.0 * (guess & y[:, None]).sum(axis=0) / (guess.sum(axis=0) + y.sum())


rng = np.random.default_rng(1)
(x, y), test = sample(2_000, rng), sample(50_000, rng)


def logistic(weights):
    """Return the mean cross-entropy, whose minimum is the starting point."""
    return np.logaddexp(0.0, x @ weights).mean() - (x @ weights)[y].sum() / len(y)


start = minimize(logistic, np.zeros(11)).x
scores = x @ start
shifts = -np.quantile(scores, np.linspace(0.5, 0.99, 50))
tuned = start + np.eye(11)[0] * max(shifts, key=lambda shift: f1(start + np.eye(11)[0] * shift, x, y)[0])
theta = tuned.copy()
estimator = glr.BlackBoxGradient(dimension=11, noise=glr.Gaussian(variance=0.04), replications=64)
for _ in range(300):
    r = estimator.ask(rng)
    theta += 2.0 * estimator.tell(f1(theta + r, x, y))

for name, weights in (("logistic regression", start), ("with the best threshold", tuned), ("trained on F1", theta)):
    print(f"{name}: F1 {f1(weights, x, y)[0]:.3f} on the training set, {f1(weights, *test)[0]:.3f} on the test set")
