"""Certificates: how far an image can move without changing the most likely vote of a noisy network.

A vote is the label of the largest output at one draw of the noise. With noise on the signals of the first level,
v = theta_1 [1, x] + r, the vote is a random function of v, and a perturbation d of the image only shifts v by W_1' d.
So the network is a randomised smoothing of its first level's signals, for any levels above them (docs/method.md,
section 9).

References
----------
Cohen, Rosenfeld, Kolter: Certified adversarial robustness via randomized smoothing, 2019.
Teng, Lee, Yuan: L1 adversarial robustness certificates: a randomized smoothing approach, 2020.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri

from glr.activations import get_activation
from glr.checks import check_generator, check_images, check_network, check_noise, is_number, is_whole, shown
from glr.errors import InputError
from glr.network import Network
from glr.noise import Gaussian, Laplace, Noise

COLUMNS = 8192
"""Draws of an image that are computed together. It is a constant, because the draws depend on it."""


@dataclass(frozen=True, eq=False)
class Certificates:
    """What `certify` proves, one entry per image.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        The most likely vote, int64, or -1 where `certify` abstains.
    bounds : ndarray of shape (n,)
        Lower confidence bound of the probability of the most likely vote, in [0, 1). Where it is at most 1/2, `certify`
        abstains.
    radii : ndarray of shape (n,)
        A perturbation with a smaller norm does not change the most likely vote. 0 where `certify` abstains.
    norm : int
        The norm of the radii: 2 for Gaussian noise, 1 for Laplace noise.
    """

    labels: NDArray[np.int64]
    bounds: NDArray[np.float64]
    radii: NDArray[np.float64]
    norm: int


def certify(
    network: Network,
    images: NDArray[np.floating[Any]],
    *,
    noise: Noise | Sequence[Noise | None],
    draws: int = 10_000,
    alpha: float = 0.001,
    rng: np.random.Generator,
    selection: int = 100,
) -> Certificates:
    """Return radii within which no perturbation of the images changes the most likely vote under the noise.

    The certificate is about the vote, the label of the largest output at one draw. `glr.prediction.chances` averages
    the softmax instead, and its largest entry can be another label.

    For each image, `selection` draws choose the label. Then `draws` other draws give a lower bound of its probability
    (Clopper and Pearson, one-sided). Let p be the bound and W_1 the first level's weights without the biases. The
    radius is

    - ``sigma Phi^-1(p) / ||W_1||_2`` in L2 for Gaussian noise, with the largest singular value of W_1;
    - ``-scale log(2 (1 - p)) / max_i sum_j |W_1[i, j]|`` in L1 for Laplace noise.

    Parameters
    ----------
    network : Network
        Any activations, by name or callable.
    images : ndarray of shape (n, n_in)
        Values in [0, 1]. The perturbed images may leave [0, 1].
    noise : Noise, or sequence of Noise or None
        The density of the neurons' noise: one for all levels, or one per level with None where there is no noise. The
        first level needs `Gaussian` or `Laplace`.
    draws : int
        N, draws per image for the bound. The largest bound that they can give is ``alpha ** (1 / N)``.
    alpha : float
        In (0, 1): an upper bound of the probability, for each image, that a returned label or radius is wrong. To bound
        the probability that any of n images has a wrong one, give ``alpha / n``.
    rng : numpy.random.Generator
        The source of the noise. The images use it one after the other. So with the same generator, one call for all
        images gives the same result as several calls for parts of them.
    selection : int
        Draws per image that choose the label.

    Returns
    -------
    Certificates

    Raises
    ------
    InputError
        If the first level has no noise or noise of another density, the network has diverged, or an argument is out of
        its range.
    """
    check_network(network)
    noises = _check_noises(network, noise)
    _check(network, draws, alpha, selection)
    images = check_images(images, network.sizes[0], unit=True).astype(np.float64, copy=False)
    check_generator(rng)
    theta = network.weights[0]
    upper = [weights.astype(np.float32) for weights in network.weights[1:]]
    chosen, counts = np.zeros((2, len(images)), dtype=np.int64)
    for index, image in enumerate(images):
        signals = (image @ theta[1:] + theta[0]).astype(np.float32)[:, None]
        chosen[index] = _votes(network, upper, signals, noises, selection, rng).argmax()
        counts[index] = _votes(network, upper, signals, noises, draws, rng)[chosen[index]]
    bounds = _lower_bounds(counts, draws, alpha)
    certain = bounds > 0.5
    radii = np.zeros(len(images))
    radii[certain], norm = _radii(theta[1:], noises[0], bounds[certain])
    return Certificates(np.where(certain, chosen, -1), bounds, radii, norm)


def _votes(
    network: Network,
    upper: list[NDArray[np.float32]],
    signals: NDArray[np.float32],
    noises: Sequence[Noise | None],
    draws: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Return how many draws vote for each class, of shape (classes,), for the first level's `signals` (width, 1)."""
    votes = np.zeros(network.sizes[-1], dtype=np.int64)
    for start in range(0, draws, COLUMNS):
        count = min(COLUMNS, draws - start)
        v = signals
        for activation, noise, above in zip(network.activations, noises, (*upper, None), strict=True):
            if noise is not None:
                v = v + np.asarray(noise.sample(rng, (len(v), count)), dtype=np.float32)
            x = get_activation(activation)(v)
            if above is not None:
                v = above[1:].T @ x + above[0][:, None]
        if not np.isfinite(x).all():
            raise InputError("network: found outputs that are not finite, but a vote needs finite ones.")
        votes += np.bincount(x.argmax(axis=0), minlength=len(votes))
    return votes


def _lower_bounds(counts: NDArray[np.int64], draws: int, alpha: float) -> NDArray[np.float64]:
    """Return the one-sided bounds of Clopper and Pearson: the p at which `counts` or more have the chance alpha."""
    bounds = np.zeros(len(counts))
    hit = counts > 0
    bounds[hit] = betaincinv(counts[hit], draws - counts[hit] + 1, alpha)
    return bounds


def _radii(
    weights: NDArray[np.float64], noise: Gaussian | Laplace, bounds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], int]:
    """Return the radii for bounds above 1/2 and their norm: how far the signals may move, over how far they can."""
    if isinstance(noise, Gaussian):
        reach, stretch, norm = noise.variance**0.5 * ndtri(bounds), np.linalg.norm(weights, 2), 2
    else:
        reach, stretch, norm = -noise.scale * np.log(2.0 * (1.0 - bounds)), np.linalg.norm(weights, np.inf), 1
    # With no weights at all the image does not matter, and every radius is infinite.
    return (reach / stretch if stretch > 0.0 else np.full_like(reach, np.inf)), norm


def _check_noises(
    network: Network, noise: Noise | Sequence[Noise | None]
) -> tuple[Gaussian | Laplace, *tuple[Noise | None, ...]]:
    """Return the densities of all levels, the first of which has a certificate."""
    noises = noise if isinstance(noise, Sequence) else (noise,) * len(network.weights)
    if len(noises) != len(network.weights):
        raise InputError(
            f"noise: found {len(noises)} densities, but one for all levels, or one or None for each of the "
            f"{len(network.weights)} levels, is needed."
        )
    first, *others = noises
    if not isinstance(first, Gaussian | Laplace):
        raise InputError(
            f"noise: found {first!r} on the first level, but a certificate is known for Gaussian noise (in L2) and "
            "Laplace noise (in L1) there."
        )
    for density in others:
        if density is not None:
            check_noise(density)
    return (first, *others)


def _check(network: Network, draws: int, alpha: float, selection: int) -> None:
    if not all(np.isfinite(weights).all() for weights in network.weights):
        raise InputError("network: found weights that are not finite, but only a network that converged has a vote.")
    if not (is_whole(draws) and is_whole(selection) and draws >= 1 and selection >= 1):
        raise InputError(
            f"draws, selection: found {shown(draws)} and {shown(selection)}, but 1 or more of each are needed."
        )
    if not (is_number(alpha) and 0.0 < alpha < 1.0):
        raise InputError(f"alpha: found {shown(alpha)}, but a number between 0 and 1 is allowed.")
