"""Densities of the neuronal noise, i.i.d. over neurons.

A noise is any object with ``sample(rng, shape)``, ``score(r)`` (the derivative of log f at r) and ``symmetric``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError

Array = NDArray[Any]


class Noise(Protocol):
    """What the likelihood ratio asks of a noise."""

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
        Positive; the paper's sigma^2 = 4.
    """

    variance: float
    symmetric = True

    def __post_init__(self) -> None:
        _check_positive("variance", self.variance)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return exact normals in float32 by the transformation of Box and Muller, which is all SIMD ufuncs."""
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
        Positive; sqrt(2) has the variance of the paper's Gaussian.
    """

    scale: float
    symmetric = True

    def __post_init__(self) -> None:
        _check_positive("scale", self.scale)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Return exact draws in float32: exponentials with random signs."""
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
"""The densities by name, each as what makes it from a variance."""


def make_noise(density: str, variance: float) -> Noise:
    """Return the noise of this density, a name in `NOISES`, and variance.

    Raises
    ------
    InputError
        If there is no density of this name or the variance is not positive.
    """
    if density not in NOISES:
        raise InputError(f"noise: found {density!r}, but allowed are {', '.join(NOISES)}.")
    _check_positive("variance", variance)
    return NOISES[density](variance)


def _check_positive(name: str, value: float) -> None:
    if not 0.0 < value < float("inf"):
        raise InputError(f"{name}: found {value!r}, but a positive finite number is allowed.")
