"""Loss functions by name, or as the caller's own callable.

A loss is called as ``loss(outputs, labels)`` with outputs of shape (n, classes) and labels of shape (n,), and returns
the n losses. Back-propagation also needs ``gradient(outputs, labels)``; the likelihood ratio uses only the values.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError

Array = NDArray[Any]
Loss = Callable[[Array, Array], Array]


class CrossEntropy:
    """Cross-entropy of the softmax of the outputs, ``log(sum_j exp(x_j)) - x_label``."""

    def __call__(self, outputs: Array, labels: Array) -> Array:
        """Return the losses, of shape (n,)."""
        x = outputs.T
        peak = x.max(axis=0)
        exponentials = x - peak
        np.exp(exponentials, out=exponentials)
        losses: Array = np.log(exponentials.sum(axis=0))
        losses += peak
        losses -= of_label(outputs, labels)
        return losses

    def gradient(self, outputs: Array, labels: Array) -> Array:
        """Return ``softmax(outputs) - one_hot(labels)``, of shape (n, classes)."""
        gradient = softmax(outputs)
        gradient[np.arange(len(labels)), labels] -= 1.0
        return gradient


class ZeroOne:
    """0 where the prediction is right and 1 elsewhere; among equal outputs the first index is predicted.

    The paper's formula is the indicator of a *correct* prediction; this is what its text says.
    """

    def __call__(self, outputs: Array, labels: Array) -> Array:
        """Return the losses, of shape (n,)."""
        x = outputs.T
        peak = x.max(axis=0)
        if np.count_nonzero(x == peak) == peak.size:
            wrong: Array = of_label(outputs, labels) < peak
        else:
            wrong = outputs.argmax(axis=1) != labels
        # 0 for a peak that is finite, and not a number for one that is not: a network that diverged predicts nothing.
        losses: Array = wrong.astype(outputs.dtype)
        losses += peak - peak
        return losses


def of_label(outputs: Array, labels: Array) -> Array:
    """Return each row's output for its label, of shape (n,)."""
    count = len(labels)
    chosen: Array = outputs.T.reshape(-1).take(labels * np.intp(count) + np.arange(count))
    return chosen


def softmax(outputs: Array) -> Array:
    """Return the softmax over the last axis."""
    exponentials: Array = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    exponentials /= exponentials.sum(axis=-1, keepdims=True)
    return exponentials


LOSSES: dict[str, Loss] = {"cross_entropy": CrossEntropy(), "zero_one": ZeroOne()}


def get_loss(loss: str | Loss) -> Loss:
    """Return the loss of this name, or the callable itself.

    Raises
    ------
    InputError
        If there is no loss of this name.
    """
    if callable(loss):
        return loss
    if loss not in LOSSES:
        raise InputError(f"loss: found {loss!r}, but allowed are {', '.join(LOSSES)} or a callable.")
    return LOSSES[loss]
