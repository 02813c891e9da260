"""Auto-PGD: projected gradient ascent that adapts its step size to its progress, in L-infinity and L2.

The Adversarial Robustness Toolbox has this attack too, but does not suit estimated gradients. It lacks the targeted
difference of logits ratio, and has the untargeted one only for PyTorch and TensorFlow. It evaluates loss and gradient
separately, which needs twice the draws. It tests only the last point of a search, but a noisy search can pass a success
and lose it again.

References
----------
Croce, Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks, 2020.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from math import ceil
from sys import float_info
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.checks import check_callable, check_generator, check_images, check_labels, check_whole, is_number, shown
from glr.errors import InputError
from glr.losses import CrossEntropy, DifferenceOfLogitsRatio, Loss, TargetedDifferenceOfLogitsRatio

Array = NDArray[Any]
Slopes = Callable[[Array, Array, Loss], tuple[Array, Array]]

LOSSES: dict[str, Loss] = {
    "cross_entropy": CrossEntropy(),
    "dlr": DifferenceOfLogitsRatio(),
    "targeted_dlr": TargetedDifferenceOfLogitsRatio(),
}
"""The losses that a search can raise."""

NORMS = ("linf", "l2")

MOMENTUM = 0.25
"""Share of a step that repeats the direction of the previous step."""

RISING = 0.75
"""If fewer than this share of the steps between two checkpoints raise the loss, the step size is halved."""


def apgd(
    outputs: Callable[[Array], Array],
    slopes: Slopes,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    loss: str,
    epsilon: float,
    norm: str = "linf",
    steps: int = 100,
    restarts: int = 1,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return adversarial samples found by Auto-PGD with random starts.

    Parameters
    ----------
    outputs : callable
        From images (m, n_in) to a score for each class (m, classes). The class of the largest score is predicted.
    slopes : callable
        ``slopes(x, labels, loss)`` returns the loss of each image and its gradient with respect to the pixels, of
        shapes (m,) and (m, n_in). They are those of the network, or estimates of their expectations under noise, as
        `glr.gradients.backprop.input_gradient` and `glr.gradients.likelihood_ratio.losses_and_input_gradient` return
        them. For the loss ``targeted_dlr`` the labels are pairs (m, 2) of label and target.
    images : ndarray of shape (n, n_in)
        Values in [0, 1].
    labels : ndarray of shape (n,)
        The true labels, integers from 0 to classes - 1.
    loss : {"cross_entropy", "dlr", "targeted_dlr"}
        The loss that the search raises: the cross-entropy, or the difference of logits ratio away from the label (at
        least three classes) or towards a target (at least four classes).
    epsilon : float
        Largest change of a pixel, in [0, 1]; for ``l2`` the largest Euclidean norm of an image's change, 0 or more.
    norm : {"linf", "l2"}
        The norm of the change.
    steps : int
        Steps of a search, 1 or more.
    restarts : int
        The most searches for each image, 1 or more: they end when one fools the network. With ``targeted_dlr`` each
        search has a target of its own, the likeliest wrong class first, so at most classes - 1 searches are allowed.
    rng : numpy.random.Generator
        The source of the starts.

    Returns
    -------
    ndarray of shape (n, n_in)
        For each image the first sample that the network misclassifies. If there is none, it is the sample with the
        largest loss in the last search. An image that is already misclassified is returned unchanged.

    Raises
    ------
    InputError
        If an argument or an image is out of its range, or there are too few classes for the loss.
    """
    check_callable("outputs", outputs)
    check_callable("slopes", slopes)
    images = check_images(images, unit=True).astype(np.float64)
    scores = np.asarray(outputs(images))
    if scores.ndim != 2 or len(scores) != len(images):
        raise InputError(f"outputs: returned shape {scores.shape}, but ({len(images)}, classes) is needed.")
    labels = check_labels(labels, len(images), scores.shape[1])
    _check(loss, scores.shape[1], epsilon, norm, steps, restarts)
    check_generator(rng)
    standing = np.flatnonzero(scores.argmax(axis=1) == labels)
    scores[np.arange(len(labels)), labels] = -np.inf
    targets = (-scores).argsort(axis=1)
    found, ball = images.copy(), _Ball(norm, epsilon)
    for restart in range(restarts):
        goals = labels[standing]
        if loss == "targeted_dlr":
            goals = np.stack([goals, targets[standing, restart]], axis=1)
        start = ball.random_points(images[standing], rng)

        def slopes_of(x: Array, rows: Array, goals: Array = goals) -> tuple[Array, Array]:
            values, gradient = slopes(x, goals[rows], LOSSES[loss])
            if np.shape(values) != (len(x),) or np.shape(gradient) != x.shape:
                raise InputError(
                    f"slopes: returned shapes {np.shape(values)} and {np.shape(gradient)}, but ({len(x)},) and "
                    f"{x.shape} are needed."
                )
            return values, gradient

        found[standing], fooled = _ascend(outputs, slopes_of, images[standing], labels[standing], start, ball, steps)
        standing = standing[~fooled]
    return found


def _ascend(
    outputs: Callable[[Array], Array],
    slopes_of: Callable[[Array, Array], tuple[Array, Array]],
    images: Array,
    labels: Array,
    start: Array,
    ball: "_Ball",
    steps: int,
) -> tuple[Array, Array]:
    """Return the first points (n, n_in) that fool the network, or else those of the largest loss, and which these are.

    Searches that have fooled the network are dropped at once.
    """
    found, fooled = start.copy(), np.zeros(len(images), dtype=bool)
    checkpoints, begun = _checkpoints(steps), 0
    at = _State.begin(start, ball.radius)
    for step in range(steps + 1):
        fallen = outputs(at.x).argmax(axis=1) != labels[at.rows]
        found[at.rows[fallen]], fooled[at.rows[fallen]] = at.x[fallen], True
        at.keep(~fallen)
        if not len(at.rows):
            break
        loss, slope = slopes_of(at.x, at.rows)
        at.rises += loss > at.loss
        better = loss > at.best_loss
        at.loss, at.best_loss = loss, np.where(better, loss, at.best_loss)
        at.best[better], at.best_slope[better] = at.x[better], slope[better]
        if step == steps:
            break
        if step in checkpoints:
            stuck = (at.size_before == at.size) & (at.best_before == at.best_loss)
            halved = (at.rises < RISING * (step - begun)) | stuck
            at.size_before, at.best_before = at.size.copy(), at.best_loss.copy()
            at.size[halved] /= 2.0
            at.x[halved], at.loss[halved] = at.best[halved], at.best_loss[halved]
            at.previous[halved], slope[halved] = at.best[halved], at.best_slope[halved]
            at.rises[:], begun = 0, step
        around = images[at.rows]
        ahead = ball.project(at.x + at.size[:, None] * ball.unit(slope), around)
        if step > 0:
            ahead = ball.project(at.x + (1.0 - MOMENTUM) * (ahead - at.x) + MOMENTUM * (at.x - at.previous), around)
        at.previous, at.x = at.x, ahead
    found[at.rows] = at.best
    return found, fooled


def _checkpoints(steps: int) -> set[int]:
    """Return the steps after which a search looks back: dense at the end, where the steps are to be small."""
    shares = [0.0, 0.22]
    while shares[-1] < 1.0:
        shares.append(shares[-1] + max(shares[-1] - shares[-2] - 0.03, 0.06))
    return {ceil(share * steps) for share in shares[1:]}


@dataclass
class _State:
    """Where the searches that go on stand, one row each."""

    rows: Array
    x: Array
    previous: Array
    loss: Array
    best: Array
    best_loss: Array
    best_slope: Array
    size: Array
    rises: Array
    size_before: Array
    best_before: Array

    @classmethod
    def begin(cls, start: Array, radius: float) -> "_State":
        """Return the state before the first step, with steps of twice the radius."""
        count = len(start)
        low = np.full(count, -np.inf)
        return cls(
            rows=np.arange(count), x=start, previous=start, loss=low, best=start.copy(), best_loss=low,
            best_slope=np.zeros_like(start), size=np.full(count, 2.0 * radius), rises=np.zeros(count),
            size_before=np.zeros(count), best_before=low,
        )  # fmt: skip

    def keep(self, kept: Array) -> None:
        """Drop the other rows."""
        if not kept.all():
            for field in fields(self):
                setattr(self, field.name, getattr(self, field.name)[kept])


@dataclass(frozen=True)
class _Ball:
    """The changes that are allowed: a ball of a norm, within [0, 1]."""

    norm: str
    radius: float

    def unit(self, direction: Array) -> Array:
        """Return the steps of norm 1 that go furthest along directions (n, n_in), 0 where these are 0."""
        if self.norm == "linf":
            step: Array = np.sign(direction)
            return step
        length = np.linalg.norm(direction, axis=1, keepdims=True)
        unit: Array = np.divide(direction, length, out=np.zeros_like(direction), where=length > 0.0)
        return unit

    def project(self, x: Array, images: Array) -> Array:
        """Return the points of the ball around images that are nearest to x (n, n_in), clipped to [0, 1]."""
        change = x - images
        if self.norm == "linf":
            change = np.clip(change, -self.radius, self.radius)
        else:
            length = np.linalg.norm(change, axis=1, keepdims=True)
            change *= np.minimum(1.0, self.radius / np.maximum(length, 1e-300))
        # Clipping to [0, 1], where the images are, makes no change larger.
        nearest: Array = np.clip(images + change, 0.0, 1.0)
        return nearest

    def random_points(self, images: Array, rng: np.random.Generator) -> Array:
        """Return random points on the surface of the ball around images, clipped to [0, 1]."""
        if self.norm == "linf":
            direction = rng.uniform(-1.0, 1.0, images.shape)
            direction /= np.abs(direction).max(axis=1, keepdims=True)
        else:
            direction = self.unit(rng.standard_normal(images.shape))
        return self.project(images + self.radius * direction, images)


def check_norm(norm: Any, epsilon: Any) -> None:
    """Refuse what is no norm of `NORMS`, or no largest change in it."""
    if norm not in NORMS:
        raise InputError(f"norm: found {shown(norm)}, but allowed are {', '.join(NORMS)}.")
    if not (is_number(epsilon) and 0.0 <= epsilon <= (1.0 if norm == "linf" else float_info.max)):
        allowed = "from 0 to 1" if norm == "linf" else "of 0 or more"
        raise InputError(f"epsilon: found {shown(epsilon)}, but allowed are numbers {allowed}.")


def _check(loss: Any, classes: int, epsilon: Any, norm: Any, steps: Any, restarts: Any) -> None:
    if not isinstance(loss, str) or loss not in LOSSES:
        raise InputError(f"loss: found {shown(loss)}, but allowed are {', '.join(LOSSES)}.")
    least = {"cross_entropy": 2, "dlr": 3, "targeted_dlr": 4}[loss]
    if classes < least:
        raise InputError(f"loss: found {loss} for {classes} classes, but it needs {least} or more.")
    check_norm(norm, epsilon)
    check_whole("steps", steps, 1)
    check_whole("restarts", restarts, 1)
    if loss == "targeted_dlr" and restarts >= classes:
        raise InputError(f"restarts: found {restarts}, but there are only {classes - 1} targets.")
