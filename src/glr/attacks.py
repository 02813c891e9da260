"""Adversarial samples, from gradients of a network's loss with respect to its input (in float64) or from its outputs.

Noise or jumps can hide the gradient of a network. It may then look more robust than it is, also to samples made from
another network (Athalye, Carlini, Wagner: Obfuscated gradients give a false sense of security, 2018). `pgd` and
`apgd` take any gradient, so also an estimate for the expected loss. `square` needs no gradient.
"""

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.apgd import apgd as apgd
from glr.apgd import check_norm
from glr.checks import (
    as_numbers,
    check_callable,
    check_generator,
    check_images,
    check_labels,
    check_network,
    is_number,
    is_whole,
    shown,
)
from glr.errors import InputError
from glr.gradients.backprop import unchecked_input_gradient
from glr.network import Network

STRENGTHS = {"fgsm": ("epsilon", (0.005, 0.5)), "lbfgs": ("c", (0.05, 500.0))}
"""The parameter that sets each attack's strength, with the bounds of the search for it."""

BISECTIONS = 8
"""Number of bisections of the range of c in the search for the smallest change: they find c to within 4 %."""

TARGETS = ("random", "fixed", "least_likely")


def fgsm(
    network: Network, images: NDArray[np.float64], labels: NDArray[Any], *, epsilon: float, norm: str = "linf"
) -> NDArray[np.float64]:
    """Return ``clip(x + epsilon sign(d CE(x, label) / d x), 0, 1)``: the fast gradient sign method.

    For ``l2`` the sign is replaced by the gradient divided by its Euclidean norm.

    Parameters
    ----------
    network : Network
        The network attacked, with differentiable activations.
    images : ndarray of shape (n, n_in)
        Values in [0, 1].
    labels : ndarray of shape (n,)
        The true labels, integers from 0 to n_out - 1.
    epsilon : float
        Largest change of a pixel, in [0, 1]; for ``l2`` the largest Euclidean norm of an image's change, 0 or more.
    norm : {"linf", "l2"}
        The norm of the change.

    Returns
    -------
    ndarray of shape (n, n_in)
        The adversarial samples, in [0, 1].

    Raises
    ------
    InputError
        If epsilon is out of its range, an image is outside [0, 1], or the images or labels are not as above.

    References
    ----------
    Goodfellow, Shlens, Szegedy: Explaining and harnessing adversarial examples, 2014.
    """
    images, labels = _check(network, images, labels)

    def gradient(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return unchecked_input_gradient(network, x, labels)[1]

    check_norm(norm, epsilon)
    if norm == "l2":
        slope = gradient(images)
        length = np.linalg.norm(slope, axis=1, keepdims=True)
        changed: NDArray[np.float64] = np.clip(images + epsilon * slope / np.where(length > 0.0, length, 1.0), 0.0, 1.0)
        return changed
    return pgd(gradient, images, epsilon=epsilon, step_size=epsilon, steps=1)


def pgd(
    gradient: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    images: NDArray[np.float64],
    *,
    epsilon: float,
    step_size: float,
    steps: int,
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return adversarial samples found by projected gradient descent (PGD) in L-infinity.

    Each step moves every pixel by `step_size` in the direction of the gradient's sign. After each step the samples are
    clipped to within epsilon of the images and to [0, 1]. One step of size epsilon is the fast gradient sign method.

    Parameters
    ----------
    gradient : callable
        ``gradient(x)`` returns the gradient of the quantity to increase, from shape (n, n_in) to (n, n_in). To attack a
        network through its noise, give an estimate of the gradient of the expected loss.
    images : ndarray of shape (n, n_in)
        Values in [0, 1].
    epsilon : float
        Largest change of a pixel, in [0, 1].
    step_size : float
        Change of a pixel in a step, 0 or more.
    steps : int
        Number of steps, 1 or more.
    start : ndarray of shape (n, n_in), optional
        Where the search begins; by default at the images. It is clipped to within epsilon of them.

    Returns
    -------
    ndarray of shape (n, n_in)
        The adversarial samples, in [0, 1].

    Raises
    ------
    InputError
        If an argument or an image is out of its range.

    References
    ----------
    Madry, Makelov, Schmidt, Tsipras, Vladu: Towards deep learning models resistant to adversarial attacks, 2018.
    """
    check_callable("gradient", gradient)
    images = check_images(images, unit=True)
    check_norm("linf", epsilon)
    if not (is_number(step_size) and 0.0 <= step_size < math.inf and is_whole(steps) and steps >= 1):
        raise InputError(
            f"step_size, steps: found {shown(step_size)} and {shown(steps)}, but a finite size of 0 or "
            "more and 1 or more steps are allowed."
        )
    low, high = np.maximum(images - epsilon, 0.0), np.minimum(images + epsilon, 1.0)
    begin = images if start is None else check_images(start, images.shape[1], name="start")
    if len(begin) != len(images):
        raise InputError(f"start: found shape {begin.shape}, but {images.shape} is needed.")
    x = np.clip(begin, low, high)
    for _ in range(steps):
        slope = np.asarray(gradient(x))
        if slope.shape != x.shape:
            raise InputError(f"gradient: returned shape {slope.shape}, but {x.shape} is needed.")
        if not np.isfinite(slope).all():
            raise InputError("gradient: returned values that are not finite, but only finite numbers are allowed.")
        x = np.clip(x + step_size * np.sign(slope), low, high)
    return x


def square(
    outputs: Callable[[NDArray[Any]], NDArray[Any]],
    images: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    epsilon: float,
    norm: str = "linf",
    queries: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return adversarial samples found by the Square Attack: a random search that sees only the outputs.

    The search is that of the Adversarial Robustness Toolbox, in float32. It needs the extra ``attacks``.

    Parameters
    ----------
    outputs : callable
        The black box: from images (m, n_in) to a score for each class (m, classes), the largest of which is predicted.
    images : ndarray of shape (n, n_in)
        Values in [0, 1]; square images of 5 x 5 pixels or more, row by row, or of 10 x 10 or more for ``l2``.
    labels : ndarray of shape (n,)
        The true labels, integers from 0 to classes - 1.
    epsilon : float
        Largest change of a pixel, in (0, 1]; for ``l2`` the largest Euclidean norm of an image's change, above 0.
    norm : {"linf", "l2"}
        The norm of the change.
    queries : int
        Squares tried on each image, 1 or more.
    rng : numpy.random.Generator
        The source of the squares.

    Returns
    -------
    ndarray of shape (n, n_in)
        The adversarial samples, in [0, 1].

    Raises
    ------
    InputError
        If the extra is not installed, or an argument or an image is out of its range.

    References
    ----------
    Andriushchenko, Croce, Flammarion, Hein: Square attack: a query-efficient black-box adversarial attack via random
    search, 2020.
    """
    check_callable("outputs", outputs)
    images = check_images(images, unit=True, empty=False)
    check_norm(norm, epsilon)
    if epsilon == 0.0:
        raise InputError("epsilon: found 0, but the square attack needs a change above 0.")
    side, least = math.isqrt(images.shape[1]), {"linf": 5, "l2": 10}[norm]
    if side**2 != images.shape[1] or side < least:
        raise InputError(
            f"images: found {images.shape[1]} pixels, but square images of {least} x {least} or more are needed."
        )
    if not is_whole(queries) or queries < 1:
        raise InputError(f"queries: found {shown(queries)}, but 1 or more are needed.")
    check_generator(rng)
    scores = np.shape(outputs(images[:1]))
    if len(scores) != 2 or scores[0] != 1:
        raise InputError(f"outputs: returned shape {scores} for one image, but (1, classes) is needed.")
    labels = check_labels(labels, len(images), scores[1])
    try:
        from art.attacks.evasion import SquareAttack
        from art.estimators.classification import BlackBoxClassifierNeuralNetwork
    except ImportError as error:
        raise InputError(
            "square: found no adversarial-robustness-toolbox, but this attack needs it (in a clone: make attacks)."
        ) from error

    def scores_of(x: NDArray[Any]) -> NDArray[Any]:
        """Return the scores, but no numbers where the toolbox divides by an empty square: these are no gain then."""
        x = x.reshape(len(x), -1)
        lost = np.isnan(x).any(axis=1)
        found = np.array(outputs(np.where(lost[:, None], 0.0, x)), dtype=np.float64)
        found[lost] = np.nan
        return found

    box = BlackBoxClassifierNeuralNetwork(
        scores_of,
        input_shape=(1, side, side),
        nb_classes=scores[1],
        clip_values=(0.0, 1.0),
    )
    attack = SquareAttack(
        box, norm={"linf": np.inf, "l2": 2}[norm], eps=epsilon, max_iter=queries, batch_size=len(images), verbose=False
    )
    pictures = images.reshape(-1, 1, side, side).astype(np.float32)
    # The toolbox draws from the global generators of NumPy and, for l2, of the standard library.
    states = np.random.get_state(), random.getstate()  # noqa: NPY002
    np.random.seed(rng.integers(2**32))  # noqa: NPY002
    random.seed(int(rng.integers(2**32)))
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = attack.generate(pictures, labels.astype(np.int64))
    finally:
        np.random.set_state(states[0])  # noqa: NPY002
        random.setstate(states[1])
    return np.asarray(found.reshape(images.shape), dtype=np.float64)


def lbfgs(
    network: Network, images: NDArray[np.float64], targets: NDArray[Any], *, c: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return minimisers x' in [0, 1] of ``c ||x' - x||^2 + CE(x', target)``, found by box-constrained L-BFGS.

    Parameters
    ----------
    network : Network
        The network attacked, with differentiable activations.
    images : ndarray of shape (n, n_in)
        Values in [0, 1]; the search starts there.
    targets : ndarray of shape (n,)
        The labels that the adversarial samples are to get, integers from 0 to n_out - 1.
    c : float or ndarray of shape (n,)
        Positive weight of the distance, one for all images or one per image. A larger c gives a weaker attack.

    Returns
    -------
    ndarray of shape (n, n_in)
        The adversarial samples, in [0, 1].

    Raises
    ------
    InputError
        If c is not positive, an image is outside [0, 1], or the images or targets are not as above.

    References
    ----------
    Szegedy et al.: Intriguing properties of neural networks, 2014.
    """
    # Loaded here: it takes 0.4 s of CPU time, and the other attacks do not need it.
    from scipy.optimize import fmin_l_bfgs_b

    images, targets = _check(network, images, targets, "targets")
    if np.shape(c) not in ((), (len(images),)):
        raise InputError(
            f"c: found shape {np.shape(c)}, but one number, or one for each of {len(images)} images, is needed."
        )
    weights = np.broadcast_to(as_numbers("c", c), len(images))
    if not ((weights > 0.0) & (weights < np.inf)).all():
        raise InputError(f"c: found {shown(c)}, but a positive finite number is allowed.")
    adversarial = np.empty_like(images)
    # A list: minimize takes half a millisecond an image more to turn arrays and Bounds into one.
    bounds = [(0.0, 1.0)] * images.shape[1]
    for index in range(len(images)):
        image, target, weight = images[index], targets[index : index + 1], float(weights[index])

        def objective(
            x: NDArray[np.float64], image: Any = image, target: Any = target, weight: float = weight
        ) -> tuple[float, Any]:
            loss, gradient = unchecked_input_gradient(network, x[None], target)
            r = x - image
            return weight * (r @ r) + loss[0], 2.0 * weight * r + gradient[0]

        adversarial[index] = fmin_l_bfgs_b(objective, image, bounds=bounds)[0]
    return adversarial


def lbfgs_minimal(network: Network, images: NDArray[np.float64], targets: NDArray[Any]) -> NDArray[np.float64]:
    """Return the weakest samples of `lbfgs` that still get their targets: Szegedy's search for the smallest change.

    For each image it searches the largest c at which the network predicts the target, by bisection of log c between the
    bounds of `STRENGTHS`. If the target is missed even at the smallest c, the sample for that c is returned.

    Parameters, errors and reference are those of `lbfgs`.
    """
    images, targets = _check(network, images, targets, "targets")
    low, high = (np.full(len(images), bound) for bound in STRENGTHS["lbfgs"][1])
    adversarial = lbfgs(network, images, targets, c=low)
    for _ in range(BISECTIONS):
        c = np.sqrt(low * high)
        tried = lbfgs(network, images, targets, c=c)
        hit = network.predict(tried) == targets
        adversarial[hit] = tried[hit]
        low, high = np.where(hit, c, low), np.where(hit, high, c)
    return adversarial


def choose_targets(
    kind: str,
    network: Network,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    rng: np.random.Generator,
    classes: NDArray[Any] | None = None,
) -> NDArray[np.int64]:
    """Return a wrong label for each image, of shape (n,).

    Parameters
    ----------
    kind : {"random", "fixed", "least_likely"}
        A random wrong label, the label after the true one, or the label that the network finds least likely.
    network, images, labels
        What is attacked.
    rng : numpy.random.Generator
        The source of the random labels.
    classes : ndarray of shape (k,), optional
        The labels to choose from: integers from 0 to n_out - 1 in ascending order, at least two, among them all of
        `labels`. By default all labels of the network.

    Raises
    ------
    InputError
        If the kind is unknown, there is no other label to aim at, or another argument is not as above.
    """
    images, labels = _check(network, images, labels)
    check_generator(rng)
    known = np.arange(network.sizes[-1])
    if classes is not None:
        known = check_labels(classes, None, network.sizes[-1], "classes")
    if (np.diff(known) <= 0).any():
        raise InputError(f"classes: found {known.tolist()}, but different labels in ascending order are needed.")
    if len(known) < 2 or not np.isin(labels, known).all():
        raise InputError(f"classes: found {known.tolist()}, but two or more are needed, among them all labels.")
    place = np.searchsorted(known, labels)
    match kind:
        case "random":
            chosen = (place + rng.integers(1, len(known), size=len(place))) % len(known)
        case "fixed":
            chosen = (place + 1) % len(known)
        case "least_likely":
            outputs = network.outputs(images)[:, known]
            outputs[np.arange(len(place)), place] = np.inf
            chosen = outputs.argmin(axis=1)
        case _:
            raise InputError(f"target: found {kind!r}, but allowed are {', '.join(TARGETS)}.")
    return np.asarray(known[chosen], dtype=np.int64)


def _check(network: Network, images: Any, labels: Any, name: str = "labels") -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the images of a network and their labels as arrays, or refuse them."""
    check_network(network)
    images = check_images(images, network.sizes[0], unit=True)
    return images, check_labels(labels, len(images), network.sizes[-1], name)
