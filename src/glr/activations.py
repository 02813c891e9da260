"""Activation functions by name, or as the caller's own callable.

An activation maps an array of signals ``v`` element by element and keeps its dtype. Back-propagation also needs
``derivative(v)``; the likelihood ratio does not. Subclasses of `InPlace` take ``out``, as NumPy's ufuncs do. This saves
the likelihood ratio a copy.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.checks import shown
from glr.errors import InputError

Array = NDArray[Any]
Activation = Callable[[Array], Array]


class InPlace:
    """An activation that can write its result into ``out``, which may be the array of signals itself."""

    def __call__(self, v: Array, out: Array | None = None) -> Array:
        """Return the activations of the signals, in `out` if it is given."""
        raise NotImplementedError


class Sigmoid(InPlace):
    """``1 / (1 + exp(-v))``, computed as ``1/2 + tanh(v/2)/2``, which is one SIMD ufunc."""

    def __call__(self, v: Array, out: Array | None = None) -> Array:
        """Return the activations of the signals."""
        x: Array = np.multiply(v, 0.5, out=out)
        np.tanh(x, out=x)
        x *= 0.5
        x += 0.5
        return x

    def derivative(self, v: Array) -> Array:
        """Return ``sigmoid(v) (1 - sigmoid(v))``."""
        return self.derivative_at(self(v))

    def derivative_at(self, x: Array) -> Array:
        """Return the derivative at the signal whose activation is x."""
        return x * (1.0 - x)


class Threshold:
    """1 where ``v > 0`` and 0 elsewhere; it has no derivative that training could use."""

    def __call__(self, v: Array) -> Array:
        """Return the activations of the signals."""
        return (v > 0).astype(v.dtype)


class Abs(InPlace):
    """``|v|``, whose derivative is taken as ``sign(v)``."""

    def __call__(self, v: Array, out: Array | None = None) -> Array:
        """Return the activations of the signals."""
        return np.abs(v, out=out)

    def derivative(self, v: Array) -> Array:
        """Return ``sign(v)``, 0 at 0."""
        return np.sign(v)


class ReLU(InPlace):
    """``max(v, 0)``, whose derivative is taken as 0 at 0."""

    def __call__(self, v: Array, out: Array | None = None) -> Array:
        """Return the activations of the signals."""
        return np.maximum(v, 0, out=out)

    def derivative(self, v: Array) -> Array:
        """Return 1 where ``v > 0`` and 0 elsewhere."""
        return (v > 0).astype(v.dtype)


class LeakyReLU:
    """``v`` where positive and ``v / 100`` elsewhere, whose derivative is taken as 1/100 at 0."""

    def __call__(self, v: Array) -> Array:
        """Return the activations of the signals."""
        return np.maximum(v, v * 0.01)

    def derivative(self, v: Array) -> Array:
        """Return 1 where ``v > 0`` and 1/100 elsewhere."""
        return np.where(v > 0, 1.0, 0.01).astype(v.dtype)


class Sign:
    """The sign of ``v``: -1, 0 or 1; it has no derivative that training could use."""

    def __call__(self, v: Array) -> Array:
        """Return the activations of the signals."""
        return np.sign(v)


class Staircase:
    """Five steps from 0 to 1, ``clip(round(v) + 2, 0, 4) / 4``; it has no derivative that training could use."""

    def __call__(self, v: Array) -> Array:
        """Return the activations of the signals."""
        x = np.rint(v)
        x += 2.0
        np.clip(x, 0.0, 4.0, out=x)
        x *= 0.25
        return x


class Identity:
    """``v`` itself."""

    def __call__(self, v: Array) -> Array:
        """Return the activations of the signals."""
        return v

    def derivative(self, v: Array) -> Array:
        """Return ones."""
        return np.ones(v.shape, v.dtype)


ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": Sigmoid(),
    "threshold": Threshold(),
    "abs": Abs(),
    "relu": ReLU(),
    "leaky_relu": LeakyReLU(),
    "sign": Sign(),
    "staircase": Staircase(),
    "identity": Identity(),
}


def get_activation(activation: str | Activation) -> Activation:
    """Return the activation of this name, or the callable itself.

    Raises
    ------
    InputError
        If there is no activation of this name, or it is a class.
    """
    if callable(activation) and not isinstance(activation, type):
        return activation
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise InputError(
            f"activation: found {shown(activation)}, but allowed are {', '.join(ACTIVATIONS)} or a callable."
        )
    return ACTIVATIONS[activation]


def activate(activation: str | Activation, v: Array) -> None:
    """Replace the signals by their activations."""
    phi = get_activation(activation)
    x = phi(v, out=v) if isinstance(phi, InPlace) else phi(v)
    if x is not v:
        v[:] = x
