"""Back-propagation (Eq. 3): gradients by the chain rule, for smooth activations and losses."""

from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.activations import Activation, Sigmoid, get_activation
from glr.checks import check_draws, check_images, check_network
from glr.errors import DivergenceError, InputError
from glr.losses import CrossEntropy, Loss, check_loss_labels, get_loss, unchecked
from glr.network import Network, Weights
from glr.noise import Noise

Array = NDArray[Any]


def backprop_gradient(
    network: Network,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    loss: str | Loss = "cross_entropy",
    noise: Noise | None = None,
    replications: int = 1,
    rng: np.random.Generator | None = None,
) -> Weights:
    """Return the gradient of the mean loss with respect to the weights, or with noise an unbiased estimate of it.

    Parameters
    ----------
    network : Network
        Its activations need a ``derivative``.
    images : ndarray of shape (n, n_in)
        Finite numbers, for images in [0, 1].
    labels : ndarray of shape (n,)
        What `loss` takes as its second argument: integers from 0 to n_out - 1, or what the caller's own loss takes.
    loss : str or callable
        ``"cross_entropy"`` or an object with ``gradient(outputs, labels)``.
    noise : Noise, optional
        Density of the noise of all neurons. With noise, the result estimates the gradient of the expected loss. It is
        the pathwise estimate: the mean of the gradients at `replications` draws of the noise per image.
    replications : int
        K, draws of the noise per image.
    rng : numpy.random.Generator, optional
        The source of the noise; required with `noise`.

    Returns
    -------
    tuple of ndarray
        Shaped like ``network.weights``.

    Raises
    ------
    InputError
        If an activation or the loss has no derivative, `noise` is given without a generator or a replication, there is
        no image, or the images or labels are not as above.
    DivergenceError
        If the gradient is not finite.
    """
    images, labels = _check(network, images, labels, loss, noise, replications, rng, empty=False)
    return unchecked_backprop_gradient(
        network, images, labels, loss=loss, noise=noise, replications=replications, rng=rng
    )


def unchecked_backprop_gradient(
    network: Network,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    loss: str | Loss = "cross_entropy",
    noise: Noise | None = None,
    replications: int = 1,
    rng: np.random.Generator | None = None,
) -> Weights:
    """Return what `backprop_gradient` does, for trainings, which check their images and labels once."""
    inputs, deltas = _propagate(network, images, labels, loss, noise, replications, rng)
    rows = len(inputs[-1])
    gradient = []
    for x, delta in zip(inputs[:-1], deltas, strict=True):
        mean = delta / rows
        level = np.empty((1 + x.shape[1], delta.shape[1]), mean.dtype)
        mean.sum(axis=0, out=level[0])
        np.matmul(x.T, mean, out=level[1:])
        gradient.append(level)
    return tuple(gradient)


def input_gradient(
    network: Network,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    loss: str | Loss = "cross_entropy",
    noise: Noise | None = None,
    replications: int = 1,
    rng: np.random.Generator | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each image's loss, of shape (n,), and its gradient with respect to the pixels, of shape (n, n_in).

    With noise both are means over draws. Parameters and errors are those of `backprop_gradient`, except that the set of
    images may be empty.
    """
    images, labels = _check(network, images, labels, loss, noise, replications, rng)
    return unchecked_input_gradient(network, images, labels, loss, noise, replications, rng)


def unchecked_input_gradient(
    network: Network,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    loss: str | Loss = "cross_entropy",
    noise: Noise | None = None,
    replications: int = 1,
    rng: np.random.Generator | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what `input_gradient` does, for searches that have checked their arguments once."""
    inputs, deltas = _propagate(network, images, labels, loss, noise, replications, rng)
    gradient = deltas[0] @ network.weights[0][1:].T
    if noise is None:
        return unchecked(loss)(inputs[-1], labels), gradient
    losses = unchecked(loss)(inputs[-1], np.repeat(labels, replications, axis=0))
    return losses.reshape(len(images), replications).mean(axis=1), gradient / replications


def _check(
    network: Network,
    images: Any,
    labels: Any,
    loss: str | Loss,
    noise: Noise | None,
    replications: int,
    rng: np.random.Generator | None,
    *,
    empty: bool = True,
) -> tuple[Array, Array]:
    """Return the images and the labels as arrays, or refuse an argument."""
    check_network(network)
    images = check_images(images, len(network.weights[0]) - 1, empty=empty)
    labels = check_loss_labels(loss, labels, len(images), network.weights[-1].shape[1])
    if noise is not None:
        check_draws(noise, replications, rng)
    return images, labels


def _propagate(
    network: Network,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    loss: str | Loss,
    noise: Noise | None,
    replications: int,
    rng: np.random.Generator | None,
) -> tuple[list[Array], list[Array]]:
    """Return each level's inputs, then the outputs; and each loss's derivatives by the signals of each level.

    With noise, all inputs and derivatives except the first have one row per draw, with the draws of an image one after
    the other. The first derivatives are sums over the draws.
    """
    inputs, slopes = [images], []
    for weights, activation in zip(network.weights, network.activations, strict=True):
        v = inputs[-1] @ weights[1:]
        v += weights[0]
        if noise is not None and rng is not None:
            if len(inputs) == 1:
                v, labels = np.repeat(v, replications, axis=0), np.repeat(labels, replications, axis=0)
            v += noise.sample(rng, v.shape)
        phi = get_activation(activation)
        derivative, x = _derivative(phi, activation), phi(v)
        slopes.append(phi.derivative_at(x) if isinstance(phi, Sigmoid) else derivative(v))
        inputs.append(x)
    deltas = [slopes[-1] * _loss_gradient(loss)(inputs[-1], labels)]
    for weights, slope in zip(network.weights[:0:-1], slopes[-2::-1], strict=True):
        deltas.append(slope * (deltas[-1] @ weights[1:].T))
    if not isfinite(deltas[-1].sum()):
        raise DivergenceError("the gradient of the loss is not finite.")
    if noise is not None:
        deltas[-1] = deltas[-1].reshape(len(images), replications, deltas[-1].shape[1]).sum(axis=1)
    return inputs, deltas[::-1]


def _derivative(phi: Activation, name: str | Activation) -> Any:
    if not hasattr(phi, "derivative"):
        raise InputError(
            f"activation: found {name!r}, which has no derivative; back-propagation needs one with a derivative, "
            "such as sigmoid, abs, relu or identity (glr.likelihood_ratio_gradient needs none)."
        )
    return phi.derivative


def _loss_gradient(loss: str | Loss) -> Any:
    function = get_loss(loss)
    if not hasattr(function, "gradient"):
        raise InputError(
            f"loss: found {loss!r}, which has no gradient; back-propagation needs one with a gradient, "
            "such as cross_entropy (glr.likelihood_ratio_gradient needs none)."
        )
    # A class that derives from CrossEntropy can have its own gradient.
    if isinstance(function, CrossEntropy) and type(function).gradient is CrossEntropy.gradient:
        return function.slopes
    return function.gradient
