"""The contenders of the league: estimators of a network's gradient, one function each, all called in the same way.

``contender(network, images, labels, loss=..., evaluations=..., rng=...)`` returns arrays shaped like the weights, from
at most `evaluations` losses per image (forward gradients: from so many derivatives along a direction).

What they estimate differs. *neurons*: the gradient of the loss that is expected over Gaussian noise of variance 4 on
all signals. *weights*: that of the loss that is expected over noise on the weights, without other noise. All draw their
normals as the package does, and all but back-propagation work in float32, so that times can be compared.
"""

from collections.abc import Callable
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import ndtr

from glr.activations import get_activation
from glr.black_box import BlackBoxGradient
from glr.gradients.backprop import backprop_gradient
from glr.gradients.likelihood_ratio import likelihood_ratio_gradient
from glr.losses import get_loss, losses_of_draws
from glr.network import Network, Weights
from glr.noise import Gaussian

NOISE = Gaussian(4.0)
WEIGHT_SD = 0.4
"""The weights' noise: on MNIST images it puts noise of about NOISE's size on the first level's signals."""


def glr(network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any, sampling: str) -> Weights:
    """Generalized likelihood ratio. At sigmoid and |x|, leave_one_out is REINFORCE with Gaussian signals."""
    return likelihood_ratio_gradient(
        network, x, y, loss=loss, noise=NOISE, replications=evaluations, rng=rng, sampling=sampling
    )


def backprop(
    network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any, noise: Gaussian | None = NOISE
) -> Weights:
    """Return the mean of the derivatives at noisy signals, or the derivative without noise (the paper's Eq. 3)."""
    return backprop_gradient(
        network, x, y, loss=loss, noise=noise, replications=evaluations if noise else 1, rng=rng if noise else None
    )


class StraightThrough:
    """A threshold whose derivative is said to be 1/2 from -1 to 1, so that it rises by 1 as the threshold does."""

    def __call__(self, v: Any) -> Any:
        """Return the activations of the signals."""
        return (v > 0).astype(v.dtype)

    def derivative(self, v: Any) -> Any:
        """Return what takes the derivative's place."""
        return 0.5 * (np.abs(v) <= 1)


def straight_through(
    network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any, noise: Gaussian | None = NOISE
) -> Weights:
    """Straight-through estimator for thresholds; biased. Bengio, Leonard, Courville 2013; Hubara et al. 2016."""
    hidden = len(network.weights) - 1
    smooth = Network(network.weights, (StraightThrough(),) * hidden + network.activations[hidden:])
    return backprop(smooth, x, y, loss=loss, evaluations=evaluations, rng=rng, noise=noise)


def reinforce(network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any) -> Weights:
    """REINFORCE with leave-one-out baseline for one level of thresholds, which with noise are Bernoulli units.

    Their score is the mean of the Gaussian noise's score given the unit's state. The outputs keep their Gaussian noise.
    Williams 1992; Kool, van Hoof, Welling 2019.
    """
    p, slope = _chances(network, x)
    on = rng.random((evaluations, *p.shape), dtype=np.float32) < p
    r = NOISE.sample(rng, (evaluations, len(x), network.sizes[-1]))
    losses = _binary_losses(network, on, r, y, loss)
    losses = (losses - losses.mean(axis=0)) / ((evaluations - 1) * len(x))
    by_signals = (slope / (p * (1 - p))) * ((losses[:, :, None] * on).sum(axis=0) - p * losses.sum(axis=0)[:, None])
    return _first_level(x, by_signals), _last_level(on, losses[:, :, None] * r)


def disarm(network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any) -> Weights:
    """DisARM for one level of thresholds, which with noise are Bernoulli units. Dong, Mnih, Tucker 2020.

    Each pair of draws takes u and 1 - u for the units, and r and -r for the outputs' Gaussian noise.
    """
    p, slope = _chances(network, x)
    pairs = evaluations // 2
    u = rng.random((pairs, *p.shape), dtype=np.float32)
    states = u < p, 1 - u < p
    r = NOISE.sample(rng, (pairs, len(x), network.sizes[-1]))
    losses = [_binary_losses(network, *draw, y, loss) for draw in zip(states, (r, -r), strict=True)]
    differs = states[0].astype(np.float32) - states[1]
    difference = ((losses[0] - losses[1]) / (2 * pairs * len(x)))[:, :, None]
    by_signals = (difference * differs).sum(axis=0) * slope / np.minimum(p, 1 - p)
    share = 1 / (2 * pairs * len(x))
    last = _last_level(states[0], share * losses[0][:, :, None] * r)
    return _first_level(x, by_signals), last - _last_level(states[1], share * losses[1][:, :, None] * r)


def _chances(network: Network, x: Any) -> tuple[Any, Any]:
    """Return each unit's chance to be on and its derivative by the signal, of shape (images, units)."""
    scale = NOISE.variance**0.5
    z = np.clip((x @ network.weights[0][1:] + network.weights[0][0]) / scale, -5, 5)  # float32 holds 1 - p up to here
    return ndtr(z).astype(np.float32), (np.exp(-0.5 * z**2) / (scale * np.sqrt(2 * np.pi))).astype(np.float32)


def _binary_losses(network: Network, on: Any, r: Any, y: Any, loss: str) -> Any:
    theta = network.weights[1].astype(np.float32)
    outputs = (on.reshape(-1, on.shape[2]).astype(np.float32) @ theta[1:]).reshape(r.shape)
    outputs += theta[0]
    outputs += r
    return losses_of_draws(get_loss(loss), outputs.transpose(1, 0, 2), y).T


def _first_level(x: Any, by_signals: Any) -> Any:
    return np.vstack([by_signals.sum(axis=0), x.T @ by_signals])


def _last_level(on: Any, effects: Any) -> Any:
    """Return the sum of [1, x] r L / variance over all draws."""
    effects = effects.reshape(-1, effects.shape[2]) / np.float32(NOISE.variance)
    return np.vstack([effects.sum(axis=0), on.reshape(len(effects), -1).astype(np.float32).T @ effects])


def forward_gradient(network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any) -> Weights:
    """Forward gradient: the derivative along a random direction of the weights, times it. Baydin et al. 2022."""
    directions = [_normal(rng, (len(w), evaluations, w.shape[1])) for w in network.weights]
    slopes = _slopes_along(network, x, y, loss, rng, evaluations, directions)[1].mean(axis=1) / evaluations
    return tuple((u * slopes[:, None]).sum(axis=1) for u in directions)


def activity_forward_gradient(network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any) -> Weights:
    """Forward gradient along a random direction of the signals, one per image. Ren, Kornblith, Liao, Hinton 2023."""
    inputs, slopes, directions = _slopes_along(network, x, y, loss, rng, evaluations, None)
    slopes = (slopes / (evaluations * len(x)))[:, :, None]
    levels = [_first_level(x, (slopes * directions[0]).sum(axis=0))]
    for states, u in zip(inputs, directions[1:], strict=True):
        effects = (slopes * u).reshape(-1, u.shape[2])
        levels.append(np.vstack([effects.sum(axis=0), states.reshape(len(effects), -1).T @ effects]))
    return tuple(levels)


def _slopes_along(
    network: Network, x: Any, y: Any, loss: str, rng: Any, draws: int, directions: Any
) -> tuple[list[Any], Any, list[Any]]:
    """Return the upper levels' inputs, the loss's derivatives (draws, images) along directions, and those of signals.

    Signals are noisy. Directions of weights are (1 + n_in, draws, n_out); None draws directions of signals.
    """
    inputs, tangents, moves = [x.astype(np.float32)[None]], [None], []
    for level, (weights, name) in enumerate(zip(network.weights, network.activations, strict=True)):
        theta, phi, states = weights.astype(np.float32), get_activation(name), inputs[-1]
        v = states @ theta[1:] + theta[0] + NOISE.sample(rng, (draws, len(x), weights.shape[1]))
        if directions is None:
            move = _normal(rng, v.shape)
        elif level == 0:
            move = _shifts(states[0], directions[0])
        else:
            move = states @ directions[level][1:].transpose(1, 0, 2) + directions[level][0][:, None]
        moves.append(move)
        if level:
            move = move + tangents[-1] @ theta[1:]
        inputs.append(phi(v))
        tangents.append(phi.derivative(v) * move)
    rows = inputs[-1].reshape(-1, inputs[-1].shape[2])
    gradient = get_loss(loss).gradient(rows, np.tile(y, draws)).reshape(inputs[-1].shape)
    return inputs[1:-1], (gradient * tangents[-1]).sum(axis=2), moves


def evolution(
    network: Network,
    x: Any,
    y: Any,
    *,
    loss: str,
    evaluations: int,
    rng: Any,
    kind: str = "normal",
    ranked: bool = False,
    sd: float = WEIGHT_SD,
) -> Weights:
    """Evolution strategy on the weights: pairs of opposite perturbations, each the same for all images.

    ``normal``: Salimans et al. 2017. ``orthogonal``: Choromanski et al. 2018. ``signs``: SPSA, Spall 1992. `ranked`
    replaces losses by their centred ranks, as in Salimans et al. and evosax; then no loss has this gradient.
    """
    pairs = evaluations // 2
    if kind == "signs":
        bits = np.unpackbits(rng.integers(256, size=-(-_size(network) * pairs // 8), dtype=np.uint8))
        flat = (2 * bits[: _size(network) * pairs].astype(np.float32) - 1).reshape(-1, pairs)
    else:
        flat = _normal(rng, (_size(network), pairs))
    if kind == "orthogonal":
        lengths = np.linalg.norm(flat, axis=0)
        flat = solve_triangular(np.linalg.cholesky(flat.T @ flat), flat.T, lower=True, check_finite=False).T * lengths
    flat *= np.float32(sd)
    directions = _levels(network, flat)
    losses = np.array(_perturbed_losses(network, x, y, loss, directions))
    if ranked:
        losses = losses.ravel().argsort().argsort().reshape(losses.shape) / (losses.size - 1)
    weights = ((losses[0] - losses[1]) / (2 * pairs * sd**2)).astype(np.float32)
    return tuple((u * weights[:, None]).sum(axis=1) for u in directions)


def black_box(
    network: Network, x: Any, y: Any, *, loss: str, evaluations: int, rng: Any, sd: float = WEIGHT_SD
) -> Weights:
    """`glr.BlackBoxGradient` on the weights: the package's estimator for functions of which nothing is known."""
    estimator = BlackBoxGradient(_size(network), Gaussian(sd**2), evaluations)
    directions = _levels(network, estimator.ask(rng).T)
    flat = estimator.tell(_perturbed_losses(network, x, y, loss, directions, signs=(1,))[0])
    return tuple(level[:, 0] for level in _levels(network, flat[:, None]))


def _perturbed_losses(
    network: Network, x: Any, y: Any, loss: str, directions: list[Any], signs: tuple[int, ...] = (1, -1)
) -> list[Any]:
    """Return for each sign the mini-batch's mean loss at weights + sign x each direction."""
    images = x.astype(np.float32)
    thetas = [w.astype(np.float32) for w in network.weights]
    start, shifts = images @ thetas[0][1:] + thetas[0][0], _shifts(images, directions[0])
    means = []
    for sign in signs:
        states = get_activation(network.activations[0])(start + sign * shifts)
        for theta, u, name in zip(thetas[1:], directions[1:], network.activations[1:], strict=True):
            moved = theta[:, None] + sign * u
            states = get_activation(name)(states @ moved[1:].transpose(1, 0, 2) + moved[0][:, None])
        means.append(losses_of_draws(get_loss(loss), states.transpose(1, 0, 2), y).mean(axis=0))
    return means


def _shifts(images: Any, directions: Any) -> Any:
    """Return what directions (1 + n_in, draws, n_out) of the first level add to the signals: (draws, images, n_out)."""
    rows, draws, width = directions.shape
    shifts = images @ directions[1:].reshape(rows - 1, -1) + directions[0].reshape(-1)
    return shifts.reshape(-1, draws, width).transpose(1, 0, 2)


def _levels(network: Network, flat: Any) -> list[Any]:
    """Return directions (weights, draws) as one array (1 + n_in, draws, n_out) per level."""
    ends = list(accumulate(w.size for w in network.weights))
    parts = zip(network.weights, [0, *ends[:-1]], ends, strict=True)
    return [np.ascontiguousarray(flat[start:end].reshape(*w.shape, -1).transpose(0, 2, 1)) for w, start, end in parts]


def _size(network: Network) -> int:
    return sum(w.size for w in network.weights)


def _normal(rng: Any, shape: tuple[int, ...]) -> Any:
    return Gaussian(1.0).sample(rng, shape)


class Contender(NamedTuple):
    """An estimator, what its mean is the gradient of, and where it can be used."""

    estimate: Callable[..., Weights]
    target: str
    activations: tuple[str, ...] = ("sigmoid", "threshold", "abs")
    losses: tuple[str, ...] = ("cross_entropy", "zero_one")


SMOOTH = {"activations": ("sigmoid", "abs"), "losses": ("cross_entropy",)}
BINARY = {"activations": ("threshold",)}
CONTENDERS = {
    "GLR orthogonal": Contender(partial(glr, sampling="orthogonal"), "neurons"),
    "GLR antithetic": Contender(partial(glr, sampling="antithetic"), "neurons"),
    "GLR leave-one-out": Contender(partial(glr, sampling="leave_one_out"), "neurons"),
    "GLR plain": Contender(partial(glr, sampling="plain"), "neurons"),
    "REINFORCE leave-one-out": Contender(reinforce, "neurons", **BINARY),
    "DisARM": Contender(disarm, "neurons", **BINARY),
    "ES antithetic": Contender(evolution, "weights"),
    "ES orthogonal": Contender(partial(evolution, kind="orthogonal"), "weights"),
    "SPSA": Contender(partial(evolution, kind="signs"), "weights, signs"),
    "BlackBoxGradient": Contender(black_box, "weights"),
    "ES ranked": Contender(partial(evolution, ranked=True), "none"),
    "straight-through": Contender(straight_through, "none", ("threshold",), ("cross_entropy",)),
    "forward gradient": Contender(forward_gradient, "neurons", **SMOOTH),
    "forward gradient, signals": Contender(activity_forward_gradient, "neurons", **SMOOTH),
    "BP with noise": Contender(backprop, "neurons", **SMOOTH),
}
