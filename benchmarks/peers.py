"""Contenders of the league that call the peers' own libraries, where these are installed; `CONTENDERS` has no others.

They are called as those of estimators.py, take and return NumPy arrays, and run on one thread. Keys and seeds of the
libraries' own generators come from `rng`. A first call compiles.
"""

import os
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from estimators import NOISE, SMOOTH, WEIGHT_SD, Contender
from glr.network import Network, Weights

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")  # before jax is imported


def _installed(name: str) -> Any:
    """Return the module, or None where it is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        return None


jax, optax, torch = map(_installed, ("jax", "optax", "torch"))
evosax = _installed("evosax.algorithms")
if torch:
    torch.set_num_threads(1)


def compiled(function: Any) -> Any:
    """Compile a function whose keyword-only arguments are constants, where there is jax."""
    return jax.jit(function, static_argnames=("names", "loss", "evaluations", "sd")) if jax else function


def _call(function: Any, network: Network, x: Any, y: Any, rng: Any, **constants: Any) -> Weights:
    key = jax.random.key(int(rng.integers(2**31)))
    weights = tuple(w.astype(np.float32) for w in network.weights)
    result = function(weights, x.astype(np.float32), y.astype(np.int32), key, names=network.activations, **constants)
    return tuple(map(np.asarray, result))


def _activate(name: str, v: Any) -> Any:
    """Return the activations, by jax or torch."""
    if name == "threshold":
        return (v > 0).astype(v.dtype)
    if name == "sigmoid":
        return torch.sigmoid(v) if torch and torch.is_tensor(v) else jax.nn.sigmoid(v)
    return abs(v) if name == "abs" else v


def _losses(outputs: Any, y: Any, loss: str) -> Any:
    if loss == "zero_one":
        return (outputs.argmax(axis=-1) != y).astype(outputs.dtype)
    return optax.softmax_cross_entropy_with_integer_labels(outputs, y)


def _mean_loss(weights: Any, x: Any, y: Any, names: tuple[str, ...], loss: str) -> Any:
    for w, name in zip(weights, names, strict=True):
        x = _activate(name, x @ w[1:] + w[0])
    return _losses(x, y, loss).mean()


def open_es(
    network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any, sd: float = WEIGHT_SD
) -> Weights:
    """Return the gradient of one ask and one tell of evosax's Open_ES. Lange 2022; Salimans et al. 2017.

    The strategy searches the displacement from the weights, which starts at 0, by antithetic draws. Its losses are not
    shaped (the default is ranks). Its optimiser is optax.sgd of step 1, so that its next mean is minus the gradient.
    """
    return _call(_open_es, network, x, y, rng, loss=loss, evaluations=evaluations, sd=sd)


@lru_cache
def _strategy(sizes: tuple[Any, ...], evaluations: int, sd: float) -> Any:
    return evosax.Open_ES(
        population_size=evaluations,
        solution=tuple(np.zeros(size, np.float32) for size in sizes),
        optimizer=optax.sgd(1.0),
        std_schedule=optax.constant_schedule(sd),
        fitness_shaping_fn=lambda population, fitness, state, params: fitness,
    )


@compiled
def _open_es(
    weights: Any, x: Any, y: Any, key: Any, *, names: tuple[str, ...], loss: str, evaluations: int, sd: float
) -> Any:
    strategy = _strategy(tuple(w.shape for w in weights), evaluations, sd)
    params = strategy.default_params
    state = strategy.init(key, tuple(0 * w for w in weights), params)
    moves, state = strategy.ask(key, state, params)
    fitness = jax.vmap(lambda move: _mean_loss(jax.tree.map(jax.numpy.add, weights, move), x, y, names, loss))(moves)
    return jax.tree.map(lambda mean: -mean, strategy.get_mean(strategy.tell(key, moves, fitness, state, params)[0]))


def perturbed_weights(
    network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any, sd: float = WEIGHT_SD
) -> Weights:
    """Return the gradient of optax's make_perturbed_fun of the weights; its baseline is one of the evaluations."""
    return _call(_perturbed_weights, network, x, y, rng, loss=loss, evaluations=evaluations, sd=sd)


def _perturbed(function: Any, evaluations: int, sd: float) -> Any:
    normal = optax.perturbations.Normal()
    return optax.perturbations.make_perturbed_fun(function, evaluations - 1, sd, normal, use_baseline=True)


@compiled
def _perturbed_weights(
    weights: Any, x: Any, y: Any, key: Any, *, names: tuple[str, ...], loss: str, evaluations: int, sd: float
) -> Any:
    smoothed = _perturbed(lambda moved: _mean_loss(moved, x, y, names, loss), evaluations, sd)
    return jax.grad(smoothed, argnums=1)(key, weights)


def perturbed_signals(network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any) -> Weights:
    """Return the gradient by optax's make_perturbed_fun of shifts of the signals, for each image with its baseline.

    A level's gradient is the derivative of [1, its inputs] times the loss, expected over the noise, by the shifts. The
    first level's inputs have no noise, so they are multiplied afterwards.
    """
    sd = NOISE.variance**0.5
    return _call(_perturbed_signals, network, x, y, rng, loss=loss, evaluations=evaluations, sd=sd)


@compiled
def _perturbed_signals(
    weights: Any, x: Any, y: Any, key: Any, *, names: tuple[str, ...], loss: str, evaluations: int, sd: float
) -> Any:
    def of_image(key: Any, states: Any, label: Any) -> Any:
        def effects(shifts: Any) -> Any:
            inputs, v = [jax.numpy.ones(1)], states
            for level, (w, name, shift) in enumerate(zip(weights, names, shifts, strict=True)):
                if level:
                    inputs.append(jax.numpy.append(1.0, v))
                v = _activate(name, v @ w[1:] + w[0] + shift)
            return [_losses(v, label, loss) * rows for rows in inputs]

        smoothed = _perturbed(effects, evaluations, sd)
        jacobians = jax.jacrev(smoothed, argnums=1)(key, [jax.numpy.zeros(w.shape[1]) for w in weights])
        first = jax.numpy.append(1.0, states)[:, None] * jacobians[0][0]
        return first, *(jacobians[level][level] for level in range(1, len(weights)))

    return jax.tree.map(lambda g: g.mean(axis=0), jax.vmap(of_image)(jax.random.split(key, len(x)), x, y))


def autograd(network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any) -> Weights:
    """Back-propagation through noisy signals by torch's autograd, for the cross-entropy."""
    generator = torch.Generator().manual_seed(int(rng.integers(2**63)))
    weights = [torch.from_numpy(w.astype(np.float32)).requires_grad_() for w in network.weights]
    states = torch.from_numpy(x.astype(np.float32))[None]
    for w, name in zip(weights, network.activations, strict=True):
        noise = torch.randn((evaluations, len(x), w.shape[1]), generator=generator)
        states = _activate(name, states @ w[1:] + w[0] + NOISE.variance**0.5 * noise)
    labels = torch.from_numpy(y.astype(np.int64)).repeat(evaluations)
    torch.nn.functional.cross_entropy(states.flatten(0, 1), labels).backward()
    return tuple(w.grad.numpy() for w in weights)


CONTENDERS = {}
if evosax:  # with jax and optax, which it needs
    CONTENDERS["evosax Open_ES"] = Contender(open_es, "weights")
if optax:
    CONTENDERS["optax, weights"] = Contender(perturbed_weights, "weights")
    CONTENDERS["optax, signals"] = Contender(perturbed_signals, "neurons")
if torch:
    CONTENDERS["torch BP with noise"] = Contender(autograd, "neurons", **SMOOTH)
