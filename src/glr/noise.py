"""Densities of the neuronal noise, i.i.d. over neurons.

A noise is any object with ``sample(rng, shape)``, ``score(r)`` (the derivative of log f at r) and ``symmetric``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glr.checks import check_generator, is_number, is_whole, shown
from glr.errors import InputError

Array = NDArray[Any]

VARIANCES, SCALES = (1e-12, 1e30), (5e-7, 1e16)
"""Beside signals of size 1, float32 rounds smaller noise away, so gradients would be wrong; larger noise overflows."""


class Noise(Protocol):
    """What the likelihood ratio needs from a noise with the density f."""

    @property
    def symmetric(self) -> bool:
        """Whether f(-r) = f(r)."""

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return independent draws from f."""

    def score(self, r: Array) -> Array:
        """Return d log f(r) / d r."""


@dataclass(frozen=True)
class Gaussian:
    """Normal noise of mean zero.

    Parameters
    ----------
    variance : float
        sigma^2, from 1e-12 to 1e30, since draws and scores are float32. The paper has 4.

    Raises
    ------
    InputError
        If the variance is not in this range.
    """

    variance: float
    symmetric = True

    def __post_init__(self) -> None:
        _check_spread("variance", self.variance, VARIANCES)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return normal draws in float32 by the Box-Muller transform, which needs only fast SIMD ufuncs."""
        _check_sample(rng, shape)
        count = math.prod(shape)
        pairs = -(-count // 2)
        bits = rng.integers(2**64 - 1, size=pairs, dtype=np.uint64, endpoint=True).view(np.uint32)
        radius = bits[:pairs].astype(np.float32)
        radius += np.float32(1.0)
        radius *= np.float32(2.0**-32)
        np.log(radius, out=radius)
        radius *= np.float32(-2.0 * self.variance)
        np.sqrt(radius, out=radius)
        angle = bits[pairs:].astype(np.float32)
        angle *= np.float32(2.0 * np.pi * 2.0**-32)
        r = np.empty((2, pairs), dtype=np.float32)
        np.cos(angle, out=r[0])
        np.sin(angle, out=r[1])
        r *= radius
        return r.reshape(-1)[:count].reshape(shape)

    def score(self, r: Array) -> Array:
        """Return ``-r / variance`` (the line before Eq. 5)."""
        return r * (-1.0 / self.variance)


@dataclass(frozen=True)
class Laplace:
    """Laplace noise of mean zero and variance ``2 scale^2``.

    Parameters
    ----------
    scale : float
        From 5e-7 to 1e16, since draws and scores are float32. sqrt(2) gives the variance of the paper's Gaussian noise.

    Raises
    ------
    InputError
        If the scale is not in this range.
    """

    scale: float
    symmetric = True

    def __post_init__(self) -> None:
        _check_spread("scale", self.scale, SCALES)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return exact draws in float32: exponentials with random signs."""
        _check_sample(rng, shape)
        r = rng.standard_exponential(shape, dtype=np.float32)
        r *= np.float32(self.scale)
        np.copysign(r, rng.random(shape, dtype=np.float32) - np.float32(0.5), out=r)
        return r

    def score(self, r: Array) -> Array:
        """Return ``-sign(r) / scale``."""
        return np.sign(r) * (-1.0 / self.scale)


NOISES: dict[str, Callable[[float], Noise]] = {
    "gaussian": Gaussian,
    "laplace": lambda variance: Laplace((variance / 2.0) ** 0.5),
}
"""For each density's name, the function that makes the noise from a variance."""


def make_noise(density: str, variance: float) -> Noise:
    """Return the noise of this density (a name in `NOISES`) and this variance.

    Raises
    ------
    InputError
        If there is no density of this name or the variance is not a number from 1e-12 to 1e30.
    """
    if not isinstance(density, str) or density not in NOISES:
        raise InputError(f"noise: found {shown(density)}, but allowed are {', '.join(NOISES)}.")
    _check_spread("variance", variance, VARIANCES)
    return NOISES[density](variance)


def _check_spread(name: str, value: float, bounds: tuple[float, float]) -> None:
    if not (is_number(value) and bounds[0] <= value <= bounds[1]):
        raise InputError(
            f"{name}: found {shown(value)}, but a positive number from {bounds[0]:g} to {bounds[1]:g} is allowed."
        )


def _check_sample(rng: np.random.Generator, shape: tuple[int, ...]) -> None:
    check_generator(rng)
    if not isinstance(shape, tuple | list) or not all(is_whole(length) and length >= 0 for length in shape):
        raise InputError(f"shape: found {shown(shape)}, but a tuple of whole numbers of 0 or more is needed.")
