"""Loss functions by name, or as the caller's own callable.

A loss is called as ``loss(outputs, labels)`` with outputs of shape (n, classes) and labels of shape (n,), and returns
the n losses. Back-propagation also needs ``gradient(outputs, labels)``; the likelihood ratio uses only the values.
The losses here also take outputs of shape (n, draws, classes), all draws of a row with the same label, and return
losses of shape (n, draws).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError

Array = NDArray[Any]
Loss = Callable[[Array, Array], Array]

SAFE = 60.0
"""Outputs up to this size have exponentials, and sums of them, that float32 holds with full precision."""


class CrossEntropy:
    """Cross-entropy of the softmax of the outputs, ``log(sum_j exp(x_j)) - x_label``."""

    def __call__(self, outputs: Array, labels: Array) -> Array:
        """Return the losses, of the outputs' shape without its last axis."""
        if outputs.max(initial=0.0) < SAFE and outputs.min(initial=0.0) > -SAFE:
            losses: Array = np.log(np.exp(outputs).sum(axis=-1))
        else:
            peak = outputs.max(axis=-1)
            losses = np.log(np.exp(outputs - peak[..., None]).sum(axis=-1))
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
        """Return the losses, of the outputs' shape without its last axis."""
        peak = outputs.max(axis=-1)
        if np.count_nonzero(outputs == peak[..., None]) == peak.size:
            wrong: Array = of_label(outputs, labels) < peak
        else:
            wrong = (labels != outputs.argmax(axis=-1).T).T
        # 0 for a peak that is finite, and not a number for one that is not: a network that diverged predicts nothing.
        losses: Array = wrong.astype(outputs.dtype)
        losses += peak - peak
        return losses


def of_label(outputs: Array, labels: Array) -> Array:
    """Return the outputs for the labels, of the outputs' shape without its last axis."""
    chosen: Array = outputs[np.arange(len(labels)), ..., labels]
    return chosen


def losses_of_draws(loss: Loss, outputs: Array, labels: Array) -> Array:
    """Return the losses (n, draws) of outputs (n, draws, classes), all draws of a row with the same label.

    The losses of this module take them as they are; to the caller's own loss each draw is a row of its own.

    Raises
    ------
    InputError
        If the loss does not return one value for each row.
    """
    if type(loss) in (CrossEntropy, ZeroOne):
        return loss(outputs, labels)
    count, draws, classes = outputs.shape
    losses = loss(outputs.reshape(-1, classes), np.repeat(labels, draws, axis=0))
    if losses.shape != (count * draws,):
        raise InputError(
            f"loss: returned shape {losses.shape}, but one value for each of {count * draws} rows is needed."
        )
    return losses.reshape(count, draws)


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
