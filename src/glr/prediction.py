"""Predictions and accuracies."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.activations import get_activation
from glr.checks import check_draws, check_images, check_labels, check_network, check_whole
from glr.errors import InputError
from glr.losses import softmax
from glr.network import Network
from glr.noise import Noise

CHUNK = 1000


def predict(
    network: Network,
    images: NDArray[np.floating[Any]],
    noise: Noise | None = None,
    replications: int = 1,
    rng: np.random.Generator | None = None,
) -> NDArray[np.uint8]:
    """Return the predicted labels, of shape (n,).

    Parameters
    ----------
    network : Network
        The network.
    images : ndarray of shape (n, n_in)
        Finite numbers, for images in [0, 1].
    noise : Noise, optional
        Density of the noise of all neurons; by default the prediction is noise-free.
    replications : int
        Draws of the noise per image, over which the softmax of the outputs is averaged.
    rng : numpy.random.Generator, optional
        The source of the noise; required with `noise`.

    Raises
    ------
    InputError
        If `noise` is given without a generator or a replication, the images are not as above, or the network has more
        than 256 outputs.
    """
    check_network(network)
    if network.sizes[-1] > 256:
        raise InputError(f"network: found {network.sizes[-1]} outputs, but labels of 8 bits allow at most 256.")
    if noise is not None:
        return np.asarray(chances(network, images, noise, replications, rng).argmax(axis=1), dtype=np.uint8)
    images = check_images(images, network.sizes[0])
    labels = np.empty(len(images), dtype=np.uint8)
    for start in range(0, len(images), CHUNK):
        chunk = slice(start, start + CHUNK)
        labels[chunk] = network.predict(images[chunk].astype(np.float64))
    return labels


def chances(
    network: Network,
    images: NDArray[np.floating[Any]],
    noise: Noise,
    replications: int,
    rng: np.random.Generator | None,
) -> NDArray[np.float64]:
    """Return the softmax of the outputs, of shape (n, classes), averaged over draws of the noise.

    Parameters and errors are those of `predict`, except that more than 256 outputs are allowed.
    """
    check_network(network)
    check_draws(noise, replications, rng)
    images = check_images(images, network.sizes[0])
    mean = np.zeros((len(images), network.sizes[-1]))
    for start in range(0, len(images), CHUNK):
        chunk = slice(start, start + CHUNK)
        signals = images[chunk].astype(np.float64) @ network.weights[0][1:] + network.weights[0][0]
        for _ in range(replications):
            mean[chunk] += softmax(_noisy_outputs(network, signals, noise, rng))  # type: ignore[arg-type]
    return mean / replications


def _noisy_outputs(network: Network, v: NDArray[Any], noise: Noise, rng: np.random.Generator) -> NDArray[Any]:
    """Return the outputs for signals of the first level, with noise on all levels."""
    x = get_activation(network.activations[0])(v + noise.sample(rng, v.shape))
    for weights, activation in zip(network.weights[1:], network.activations[1:], strict=True):
        v = x @ weights[1:] + weights[0]
        x = get_activation(activation)(v + noise.sample(rng, v.shape))
    return x


def accuracy(predictions: NDArray[Any], labels: NDArray[Any]) -> float:
    """Return the share of predictions (n,) that equal the labels (n,).

    Raises
    ------
    InputError
        If there is no prediction, or predictions and labels are not equally many integers of 0 or more.
    """
    predictions, labels = _check_pairs(predictions, labels)
    if not len(predictions):
        raise InputError("predictions: found none, but 1 or more are needed.")
    return float(np.mean(predictions == labels))


def recalls(predictions: NDArray[Any], labels: NDArray[Any], classes: int) -> list[tuple[int, float, int]]:
    """Return for each class its label, its recall, and how often it is predicted.

    The recall is the share of the class's images that are predicted correctly; for a class without images it is NaN. A
    class that is never predicted is dead: the network never gives that answer.

    Raises
    ------
    InputError
        If predictions and labels are not equally many integers from 0 to classes - 1.
    """
    check_whole("classes", classes, 1)
    predictions, labels = _check_pairs(predictions, labels, classes)
    rows = []
    for label in range(classes):
        right = predictions[labels == label] == label
        recall = float(right.mean()) if right.size else float("nan")
        rows.append((label, recall, int(np.count_nonzero(predictions == label))))
    return rows


def _check_pairs(predictions: Any, labels: Any, classes: int | None = None) -> tuple[NDArray[Any], NDArray[Any]]:
    predictions = check_labels(predictions, None, classes, "predictions")
    return predictions, check_labels(labels, len(predictions), classes)
