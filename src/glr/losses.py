"""Loss functions by name, or as the caller's own callable.

A loss is called as ``loss(outputs, labels)`` with outputs of shape (n, classes) and labels of shape (n,), and returns
the n losses. Back-propagation also needs ``gradient(outputs, labels)``; the likelihood ratio uses only the values.
"""

from collections.abc import Callable
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from glr.checks import as_numbers, check_labels, shown
from glr.errors import InputError

Array = NDArray[Any]
Loss = Callable[[Array, Array], Array]

SAFE = 60.0
"""For outputs up to this size, float32 holds the exponentials and their sums with full precision."""

TINY = 1e-12
"""Added to the denominators of the ratios, so that they are not 0 / 0 if all outputs are equal."""


class ClassLoss:
    """A loss whose labels are classes, integers from 0 to classes - 1.

    A call checks the labels. `values` does not, for callers that have checked them already.
    """

    def __call__(self, outputs: Array, labels: Array) -> Array:
        """Return the losses, of shape (n,).

        Raises
        ------
        InputError
            If the outputs are not of shape (n, classes), or there are not n labels from 0 to classes - 1.
        """
        return self.values(*_checked(outputs, labels))

    def values(self, outputs: Array, labels: Array) -> Array:
        """Return the losses of outputs (n, ..., classes) for labels (n,) that have been checked, of shape (n, ...)."""
        raise NotImplementedError


class CrossEntropy(ClassLoss):
    """Cross-entropy of the softmax of the outputs, ``log(sum_j exp(x_j)) - x_label``."""

    def values(self, outputs: Array, labels: Array) -> Array:
        """Return the losses of outputs (n, ..., classes) for labels (n,) that have been checked, of shape (n, ...)."""
        if outputs.max(initial=0.0) < SAFE and outputs.min(initial=0.0) > -SAFE:
            losses: Array = np.log(np.exp(outputs).sum(axis=-1))
        else:
            peak = outputs.max(axis=-1)
            losses = np.log(np.exp(outputs - peak[..., None]).sum(axis=-1))
            losses += peak
        losses -= of_label(outputs, labels)
        return losses

    def gradient(self, outputs: Array, labels: Array) -> Array:
        """Return ``softmax(outputs) - one_hot(labels)``, of shape (n, classes); the errors are those of a call."""
        return self.slopes(*_checked(outputs, labels))

    def slopes(self, outputs: Array, labels: Array) -> Array:
        """Return the gradient for labels that have been checked."""
        gradient = softmax(outputs)
        gradient[np.arange(len(labels)), labels] -= 1.0
        return gradient


class ZeroOne(ClassLoss):
    """0 where the prediction is right and 1 elsewhere; among equal outputs the first index is predicted.

    The paper's formula is the indicator of a *correct* prediction; this is what its text says.
    """

    def values(self, outputs: Array, labels: Array) -> Array:
        """Return the losses of outputs (n, ..., classes) for labels (n,) that have been checked, of shape (n, ...)."""
        peak = outputs.max(axis=-1)
        if np.count_nonzero(outputs == peak[..., None]) == peak.size:
            wrong: Array = of_label(outputs, labels) < peak
        else:
            wrong = (labels != outputs.argmax(axis=-1).T).T
        # Adds 0 if the peak is finite, and NaN if not: a network that has diverged predicts nothing.
        losses: Array = wrong.astype(outputs.dtype)
        losses += peak - peak
        return losses


class DifferenceOfLogitsRatio(ClassLoss):
    """``-(z_label - max_{i != label} z_i) / (z_1 - z_3)``, with z_1 >= z_2 >= z_3 the largest outputs: for attacks.

    It is positive where the prediction is wrong. Unlike the cross-entropy it does not depend on the scale of the
    outputs, so its gradient does not vanish where a network is sure. It needs at least three classes.

    References
    ----------
    Croce, Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks, 2020.
    """

    def values(self, outputs: Array, labels: Array) -> Array:
        """Return the losses of outputs (n, ..., classes) for labels (n,) that have been checked, of shape (n, ...)."""
        largest = _largest(outputs, 3)
        own = of_label(outputs, labels)
        other = np.where(own == largest[..., 0], largest[..., 1], largest[..., 0])
        ratio: Array = (other - own) / (largest[..., 0] - largest[..., 2] + TINY)
        return ratio

    def gradient(self, outputs: Array, labels: Array) -> Array:
        """Return the derivatives by the outputs, of shape (n, classes); the errors are those of a call."""
        outputs, labels = _checked(outputs, labels)
        values = self.values(outputs, labels)
        first, second, third = outputs.argsort(axis=1)[:, :-4:-1].T
        rows, gradient = np.arange(len(labels)), np.zeros_like(outputs)
        gradient[rows, np.where(first == labels, second, first)] += 1.0
        gradient[rows, labels] -= 1.0
        gradient[rows, first] -= values
        gradient[rows, third] += values
        gradient /= (outputs[rows, first] - outputs[rows, third] + TINY)[:, None]
        return gradient


class TargetedDifferenceOfLogitsRatio:
    """``-(z_label - z_target) / (z_1 - (z_3 + z_4) / 2)``: `DifferenceOfLogitsRatio` for one wrong class, the target.

    Its labels are pairs, of shape (n, 2): the true label and the target. It needs at least four classes. The reference
    is that of `DifferenceOfLogitsRatio`.
    """

    def __call__(self, outputs: Array, labels: Array) -> Array:
        """Return the losses of outputs (n, classes), of shape (n,).

        Raises
        ------
        InputError
            If there are fewer than four classes, or the labels are not as above.
        """
        outputs, own, target = self._checked(outputs, labels)
        largest = _largest(outputs, 4)
        width = largest[:, 0] - (largest[:, 2] + largest[:, 3]) / 2 + TINY
        ratio: Array = (of_label(outputs, target) - of_label(outputs, own)) / width
        return ratio

    def gradient(self, outputs: Array, labels: Array) -> Array:
        """Return the derivatives by the outputs, of shape (n, classes); the errors are those of a call."""
        values = self(outputs, labels)
        outputs, own, target = self._checked(outputs, labels)
        first, _, third, fourth = outputs.argsort(axis=1)[:, :-5:-1].T
        rows, gradient = np.arange(len(own)), np.zeros_like(outputs)
        gradient[rows, target] += 1.0
        gradient[rows, own] -= 1.0
        gradient[rows, first] -= values
        gradient[rows, third] += values / 2
        gradient[rows, fourth] += values / 2
        width = outputs[rows, first] - (outputs[rows, third] + outputs[rows, fourth]) / 2 + TINY
        gradient /= width[:, None]
        return gradient

    @staticmethod
    def _checked(outputs: Array, labels: Array) -> tuple[Array, Array, Array]:
        pairs = np.asarray(labels)
        if pairs.ndim != 2 or pairs.shape[1] != 2:
            raise InputError(f"labels: found shape {pairs.shape}, but pairs (n, 2) of label and target are needed.")
        outputs, own = _checked(outputs, pairs[:, 0])
        return outputs, own, check_labels(pairs[:, 1], len(pairs), outputs.shape[1], "targets")


def _largest(outputs: Array, count: int) -> Array:
    """Return the largest outputs in descending order, of shape (..., count)."""
    classes = outputs.shape[-1]
    if classes < count:
        raise InputError(f"outputs: found {classes} classes, but this loss needs {count} or more.")
    largest: Array = np.partition(outputs, range(classes - count, classes), axis=-1)[..., : -count - 1 : -1]
    return largest


def _checked(outputs: Any, labels: Any) -> tuple[Array, Array]:
    x = as_numbers("outputs", outputs)
    if x.ndim != 2 or x.shape[1] < 1:
        raise InputError(f"outputs: found shape {x.shape}, but (n, classes) is needed.")
    return x, check_labels(labels, len(x), x.shape[1])


def of_label(outputs: Array, labels: Array) -> Array:
    """Return the outputs for the labels, of the outputs' shape without its last axis."""
    chosen: Array = outputs[np.arange(len(labels)), ..., labels]
    return chosen


def losses_of_draws(loss: Loss, outputs: Array, labels: Array) -> Array:
    """Return the losses (n, draws) of outputs (n, draws, classes), all draws of a row with the same label.

    The losses of this module take this shape. The caller's own loss gets one row per draw. Labels have been checked.

    Raises
    ------
    InputError
        If the loss does not return one value for each row.
    """
    if _has_values(loss):
        return loss.values(outputs, labels)
    count, draws, classes = outputs.shape
    losses = np.asarray(loss(outputs.reshape(-1, classes), np.repeat(labels, draws, axis=0)))
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
        If there is no loss of this name, or it is a class.
    """
    if callable(loss) and not isinstance(loss, type):
        return loss
    if not isinstance(loss, str) or loss not in LOSSES:
        raise InputError(f"loss: found {shown(loss)}, but allowed are {', '.join(LOSSES)} or a callable.")
    return LOSSES[loss]


def check_loss_labels(loss: str | Loss, labels: Any, count: int, classes: int) -> Array:
    """Return the labels of `count` images as an array, or refuse them.

    The losses of this module, and all that have a name, take integers from 0 to classes - 1. The caller's own loss
    takes labels of any shape (count, ...).
    """
    if isinstance(get_loss(loss), ClassLoss) or isinstance(loss, str):
        return check_labels(labels, count, classes)
    try:
        array = np.asarray(labels)
    except ValueError:
        raise InputError("labels: found rows of different lengths, but an array is needed.") from None
    if array.ndim < 1 or len(array) != count:
        raise InputError(f"labels: found shape {array.shape}, but one for each of {count} images is needed.")
    return array


def unchecked(loss: str | Loss) -> Loss:
    """Return a loss that does not check its labels again."""
    function = get_loss(loss)
    return function.values if _has_values(function) else function


def _has_values(loss: Loss) -> TypeGuard[ClassLoss]:
    """Return whether a call of the loss is its values: a class that derives from one here can have its own call."""
    return isinstance(loss, ClassLoss) and type(loss).__call__ is ClassLoss.__call__
