"""Adversarial samples from the gradient of a network's loss with respect to its input, in float64."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, minimize
from tqdm import tqdm

from glr.errors import InputError
from glr.gradients.backprop import input_gradient
from glr.network import Network

STRENGTHS = {"fgsm": ("epsilon", (0.005, 0.5)), "lbfgs": ("c", (0.05, 500.0))}
"""The parameter of each attack's strength, with the bounds between which it is searched."""

TARGETS = ("random", "fixed", "least_likely")


def fgsm(network: Network, images: NDArray[np.float64], labels: NDArray[Any], *, epsilon: float) -> NDArray[np.float64]:
    """Return ``clip(x + epsilon sign(d CE(x, label) / d x), 0, 1)``: the fast gradient sign method.

    Parameters
    ----------
    network : Network
        The network attacked, with differentiable activations.
    images : ndarray of shape (n, n_in)
        Values in [0, 1].
    labels : ndarray of shape (n,)
        The true labels.
    epsilon : float
        Largest change of a pixel, in [0, 1].

    Returns
    -------
    ndarray of shape (n, n_in)
        The adversarial samples, in [0, 1].

    Raises
    ------
    InputError
        If epsilon or an image is outside [0, 1].

    References
    ----------
    Goodfellow, Shlens, Szegedy: Explaining and harnessing adversarial examples, 2014.
    """
    _check_images(images)
    if not 0.0 <= epsilon <= 1.0:
        raise InputError(f"epsilon: found {epsilon!r}, but allowed are numbers from 0 to 1.")
    _, gradient = input_gradient(network, images, labels)
    return np.clip(images + epsilon * np.sign(gradient), 0.0, 1.0)


def lbfgs(network: Network, images: NDArray[np.float64], targets: NDArray[Any], *, c: float) -> NDArray[np.float64]:
    """Return minimisers x' in [0, 1] of ``c ||x' - x||^2 + CE(x', target)``, found by box-constrained L-BFGS.

    Parameters
    ----------
    network : Network
        The network attacked, with differentiable activations.
    images : ndarray of shape (n, n_in)
        Values in [0, 1]; the search starts there.
    targets : ndarray of shape (n,)
        The labels that the adversarial samples are to get.
    c : float
        Positive weight of the distance: the larger, the weaker the attack.

    Returns
    -------
    ndarray of shape (n, n_in)
        The adversarial samples, in [0, 1].

    Raises
    ------
    InputError
        If c is not positive or an image is outside [0, 1].

    References
    ----------
    Szegedy et al.: Intriguing properties of neural networks, 2014.
    """
    _check_images(images)
    if not 0.0 < c < float("inf"):
        raise InputError(f"c: found {c!r}, but a positive finite number is allowed.")
    adversarial = np.empty_like(images)
    for index in tqdm(range(len(images)), desc="L-BFGS", disable=None):
        image, target = images[index], targets[index : index + 1]

        def objective(x: NDArray[np.float64], image: Any = image, target: Any = target) -> tuple[float, Any]:
            loss, gradient = input_gradient(network, x[None], target)
            r = x - image
            return c * (r @ r) + loss[0], 2.0 * c * r + gradient[0]

        adversarial[index] = minimize(objective, image, jac=True, method="L-BFGS-B", bounds=Bounds(0.0, 1.0)).x
    return adversarial


def choose_targets(
    kind: str, network: Network, images: NDArray[np.float64], labels: NDArray[Any], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return a wrong label for each image, of shape (n,).

    Parameters
    ----------
    kind : {"random", "fixed", "least_likely"}
        A random wrong label, the label that follows the true one, or the one that the network finds least likely.
    network, images, labels
        What is attacked.
    rng : numpy.random.Generator
        The source of the random labels.
    """
    true = labels.astype(np.int64)
    classes = network.sizes[-1]
    match kind:
        case "random":
            return (true + rng.integers(1, classes, size=len(true))) % classes
        case "fixed":
            return (true + 1) % classes
        case "least_likely":
            outputs = network.outputs(images)
            outputs[np.arange(len(true)), true] = np.inf
            least: NDArray[np.int64] = outputs.argmin(axis=1)
            return least
    raise InputError(f"target: found {kind!r}, but allowed are {', '.join(TARGETS)}.")


def _check_images(images: NDArray[np.float64]) -> None:
    if images.size and not (images.min() >= 0.0 and images.max() <= 1.0):
        raise InputError(f"images: found values from {images.min():g} to {images.max():g}, but [0, 1] is allowed.")
