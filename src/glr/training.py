"""Stochastic approximation (Eq. 1) with mini-batches, for any estimator of the gradient."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glr.checks import (
    check_callable,
    check_images,
    check_network,
    check_number,
    check_positive,
    check_whole,
    is_whole,
    shown,
)
from glr.errors import DivergenceError, InputError
from glr.losses import Loss, check_loss_labels, unchecked
from glr.network import Network, Weights

OPTIMIZERS = ("sgd", "adam")
BATCH_REDUCTIONS = ("mean", "sum")

Gradient = Callable[[Network, NDArray[np.float64], NDArray[Any]], Weights]


class Part(NamedTuple):
    """Images (n, pixels) in [0, 1] with their labels (n,)."""

    images: NDArray[np.float64]
    labels: NDArray[Any]


class Epoch(NamedTuple):
    """One row of a history: noise-free losses and accuracies after an epoch."""

    epoch: int
    step: int
    loss_train: float
    accuracy_train: float
    loss_test: float
    accuracy_test: float


@dataclass
class Progress:
    """The state of a training. To continue it, only this and the state of the gradient's generator are needed."""

    network: Network
    step: int = 0
    history: list[Epoch] = field(default_factory=list)
    moments: list[NDArray[np.float64]] = field(default_factory=list)
    """What the optimizer keeps: velocities of the levels (momentum), or all first, then all second moments (adam)."""


def loss_and_accuracy(network: Network, part: Part, loss: str | Loss) -> tuple[float, float]:
    """Return the noise-free mean loss and the accuracy on a part.

    Raises
    ------
    InputError
        If the part is empty, or its images or labels do not fit the network.
    """
    check_network(network)
    return _loss_and_accuracy(network, _check_part(network, part, loss, "part"), loss)


def _loss_and_accuracy(network: Network, part: Part, loss: str | Loss) -> tuple[float, float]:
    outputs = network.outputs(part.images)
    accuracy = np.mean(outputs.argmax(axis=1) == part.labels)
    return float(unchecked(loss)(outputs, part.labels).mean()), float(accuracy)


def _check_part(network: Network, part: Part, loss: str | Loss, name: str) -> Part:
    """Return images and labels as arrays, or refuse them. The accuracy asks for labels (n,) whatever the loss."""
    if not isinstance(part, tuple | list) or len(part) != 2:
        raise InputError(f"{name}: found {type(part).__name__}, but a Part of images and labels is needed.")
    images = check_images(part[0], network.sizes[0], empty=False)
    labels = check_loss_labels(loss, part[1], len(images), network.sizes[-1])
    if labels.ndim != 1:
        raise InputError(f"labels: found shape {labels.shape}, but the accuracy needs one label per image.")
    return Part(images, labels)


def train(
    progress: Progress,
    gradient: Gradient,
    parts: tuple[Part, Part],
    *,
    loss: str | Loss,
    step_size: float,
    epochs: int,
    mini_batch: int,
    batch_reduction: str,
    order: Callable[[int], NDArray[np.int64]],
    optimizer: str = "sgd",
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    spectral_bound: float | None = None,
) -> Iterator[None]:
    """Train the network in place, and yield after each step.

    Parameters
    ----------
    progress : Progress
        The state to begin from; each step updates it.
    gradient : callable
        ``gradient(network, images, labels)`` estimates the gradient of the mean loss over a mini-batch.
    parts : tuple of Part
        Training and test set, neither of them empty.
    loss : str or callable
        The loss that the history records.
    step_size : float
        lambda in Eq. 1, positive.
    epochs : int
        Passes over the training set.
    mini_batch : int
        Images per step; an incomplete mini-batch at the end of an epoch is skipped.
    batch_reduction : {"mean", "sum"}
        Whether a step follows the mini-batch's mean gradient or its sum.
    order : callable
        ``order(epoch)`` gives the epoch's permutation of the training images.
    optimizer : {"sgd", "adam"}
        Whether a step follows the gradient (Eq. 1), or the rule of Adam.
    momentum : float
        For sgd, 0 or more and below 1: a step follows the velocity v, which becomes ``momentum * v + gradient``.
    weight_decay : float
        0 or more: ``weight_decay`` times the weights (not the biases) is added to the gradient. This is the gradient of
        ``weight_decay / 2 ||theta||^2``.
    spectral_bound : float, optional
        Positive: the largest singular value that the first level's weights (without the biases) may have. After each
        step they are replaced by the nearest weights within this bound. It widens the radii of `glr.certify`.

    Raises
    ------
    InputError
        At the first step, if an argument or the result of `gradient` is not as above, or the network's weights are
        read-only. At an epoch's first step, if `order` does not name each image once.
    DivergenceError
        If a loss is not finite. The message names the epoch, the step and the likely cause.

    References
    ----------
    Kingma and Ba: Adam: a method for stochastic optimization, 2015 (with its constants, .9, .999 and 1e-8).
    """
    if not isinstance(progress, Progress):
        raise InputError(f"progress: found {shown(progress)}, but a Progress is needed.")
    check_network(progress.network)
    for level, weights in enumerate(progress.network.weights, start=1):
        if not weights.flags.writeable:
            raise InputError(
                f"weights of level {level}: found a read-only array, but training changes it in place; copy it, or "
                "load it without mmap_mode='r'."
            )
    check_callable("gradient", gradient)
    check_callable("order", order)
    if not isinstance(parts, tuple | list) or len(parts) != 2:
        raise InputError(f"parts: found {type(parts).__name__}, but a training and a test Part are needed.")
    training, test = (_check_part(progress.network, part, loss, "parts") for part in parts)
    parts = training, test
    check_positive("step_size", step_size)
    check_number("momentum", momentum, 0.0, "a number from 0 to below 1")
    if momentum >= 1:
        raise InputError(f"momentum: found {momentum}, but a number from 0 to below 1 is allowed.")
    check_number("weight_decay", weight_decay, 0.0, "a finite number of 0 or more")
    if spectral_bound is not None:
        check_positive("spectral_bound", spectral_bound)
    if not is_whole(mini_batch) or not 1 <= mini_batch <= len(training.labels):
        raise InputError(
            f"mini_batch: found {mini_batch}, but allowed are 1 to the {len(training.labels)} training images."
        )
    if not is_whole(epochs) or epochs < 1:
        raise InputError(f"epochs: found {epochs}, but 1 or more are needed.")
    if batch_reduction not in BATCH_REDUCTIONS:
        raise InputError(f"batch_reduction: found {batch_reduction!r}, but allowed are {', '.join(BATCH_REDUCTIONS)}.")
    if optimizer not in OPTIMIZERS:
        raise InputError(f"optimizer: found {optimizer!r}, but allowed are {', '.join(OPTIMIZERS)}.")
    if momentum and optimizer == "adam":
        raise InputError(f"momentum: found {momentum}, but adam has moments of its own; 0 is needed.")
    # Adam's steps do not grow with the gradient, so that the sum over the mini-batch is the gradient and no factor.
    factor = mini_batch if batch_reduction == "sum" else 1
    rate = step_size * (1 if optimizer == "adam" else factor)
    steps = len(training.labels) // mini_batch
    check_whole("progress.step", progress.step, 0)
    begun = progress.step
    with np.errstate(over="ignore", invalid="ignore"):
        for epoch in range(progress.step // steps + 1, epochs + 1):
            permutation = _check_order(order(epoch), len(training.labels))
            for start in range(progress.step % steps * mini_batch, steps * mini_batch, mini_batch):
                batch = permutation[start : start + mini_batch]
                try:
                    images = training.images.take(batch, axis=0)  # quicker than by an index
                    estimate = gradient(progress.network, images, training.labels[batch])
                except DivergenceError as error:
                    raise _diverged(str(error), epoch, progress.step + 1, step_size, batch_reduction) from None
                if progress.step == begun:
                    _check_estimate(estimate, progress.network)
                if weight_decay:
                    for weights, slope in zip(progress.network.weights, estimate, strict=True):
                        slope[1:] += weight_decay * weights[1:]
                progress.step += 1
                directions = estimate
                if optimizer == "adam":
                    directions = _adam(progress, tuple(factor * slope for slope in estimate))
                elif momentum:
                    directions = _velocity(progress, estimate, momentum)
                for weights, direction in zip(progress.network.weights, directions, strict=True):
                    weights -= rate * direction
                if spectral_bound is not None:
                    _project(progress.network.weights[0][1:], spectral_bound)
                if progress.step == epoch * steps:
                    row = _epoch(progress, epoch, parts, loss)
                    if not np.isfinite(row.loss_test):
                        raise _diverged("the loss is not finite.", epoch, progress.step, step_size, batch_reduction)
                    progress.history.append(row)
                yield


def _check_order(permutation: Any, count: int) -> NDArray[np.int64]:
    """Return an epoch's order of the images, or refuse one that does not name each of them once."""
    indices = np.asarray(permutation)
    if indices.dtype.kind not in "iu" or indices.ndim != 1 or not np.array_equal(np.sort(indices), np.arange(count)):
        raise InputError(
            f"order: returned {indices.dtype} of shape {indices.shape}, but the {count} integers from 0 to "
            f"{count - 1} are needed, each once."
        )
    return indices


def _project(weights: NDArray[np.float64], bound: float) -> None:
    """Clip the singular values of weights at `bound`, in place: the projection in the Frobenius norm."""
    gram = weights.T @ weights
    if not np.isfinite(gram).all():  # the next gradient or loss tells that the training diverged
        return
    # The squared singular values, in less time than by the decomposition of the weights themselves.
    squares, axes = np.linalg.eigh(gram)
    if squares[-1] > bound**2:
        weights[:] = weights @ (axes * (bound / np.sqrt(np.maximum(squares, bound**2)))) @ axes.T


def _velocity(progress: Progress, gradient: Weights, momentum: float) -> Weights:
    """Return the velocity after a step with momentum, and keep it."""
    if not progress.moments:
        progress.moments = [np.zeros_like(slope) for slope in gradient]
    for velocity, slope in zip(progress.moments, gradient, strict=True):
        velocity *= momentum
        velocity += slope
    return tuple(progress.moments)


def _check_estimate(estimate: Weights, network: Network) -> None:
    shapes, needed = ([np.shape(level) for level in levels] for levels in (estimate, network.weights))
    if shapes != needed:
        raise InputError(f"gradient: returned arrays of the shapes {shapes}, but {needed} are needed.")


def _adam(progress: Progress, gradient: Weights) -> Weights:
    """Return the directions of Adam's step, and keep its moments."""
    if not progress.moments:
        progress.moments = [np.zeros_like(slope) for slope in (*gradient, *gradient)]
    first, second = progress.moments[: len(gradient)], progress.moments[len(gradient) :]
    directions = []
    for slope, mean, square in zip(gradient, first, second, strict=True):
        mean += (1.0 - 0.9) * (slope - mean)
        square += (1.0 - 0.999) * (slope**2 - square)
        scale = np.sqrt(square / (1.0 - 0.999**progress.step)) + 1e-8
        directions.append(mean / (1.0 - 0.9**progress.step) / scale)
    return tuple(directions)


def _epoch(progress: Progress, epoch: int, parts: tuple[Part, Part], loss: str | Loss) -> Epoch:
    values = [value for part in parts for value in _loss_and_accuracy(progress.network, part, loss)]
    return Epoch(epoch, progress.step, *values)


def _diverged(what: str, epoch: int, step: int, step_size: float, batch_reduction: str) -> DivergenceError:
    return DivergenceError(
        f"training diverged in epoch {epoch} at step {step}: {what} The step size ({step_size:g} on the "
        f"{batch_reduction} of the mini-batch) is probably too large; abs and relu, which are not bounded, "
        "need a smaller one."
    )
