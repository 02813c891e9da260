"""Expected losses of small networks with two classes, exact to quadrature in float64, and their derivatives.

Written from the model alone (v = theta [1, x] + r, x' = phi(v)) and independent of the package: the signals of each
hidden neuron are integrated by Gauss-Legendre rules between the kinks of the activation and the density, and both
losses depend on the two outputs by their difference only, which is one more integral.
"""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import expit, ndtr

ACTIVATIONS = {
    "sigmoid": expit,
    "threshold": lambda v: (v > 0).astype(float),
    "abs": np.abs,
    "identity": lambda v: v,
}
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


def density(noise, r):
    """Return the noise's density, from its name and parameter."""
    kind, parameter = noise
    if kind == "gaussian":
        return np.exp(-(r**2) / (2 * parameter)) / np.sqrt(2 * np.pi * parameter)
    return np.exp(-np.abs(r) / parameter) / (2 * parameter)


def reach(noise):
    """Return how far the noise reaches: all but 1e-13 of it."""
    kind, parameter = noise
    return 8.0 * np.sqrt(parameter) if kind == "gaussian" else 30.0 * parameter


def rule(signal, noise):
    """Return nodes v and weights for an integral over v = signal + r, for each of the signals (n,): (n, nodes)."""
    edges = np.sort(
        np.stack([signal - reach(noise), signal - reach(noise) / 5, signal, signal + reach(noise) / 5,
                  signal + reach(noise), np.clip(0.0 * signal, signal - reach(noise), signal + reach(noise))]), axis=0
    )  # fmt: skip
    pieces = [((low + high)[:, None] / 2, (high - low)[:, None] / 2) for low, high in pairwise(edges)]
    v = np.hstack([middle + half * NODES for middle, half in pieces])
    w = np.hstack([half * WEIGHTS for _, half in pieces])
    return v, w * density(noise, v - signal[:, None])


@lru_cache
def loss_of_difference(loss, noise):
    """Return the expected loss as a function of d = (wrong output - right output) before the noise of both."""
    if noise is None:
        return lambda d: np.logaddexp(0.0, d) if loss == "cross_entropy" else (d > 0).astype(float)
    kind, parameter = noise
    if loss == "zero_one" and kind == "gaussian":
        return lambda d: ndtr(d / np.sqrt(2 * parameter))
    grid = np.linspace(-60.0, 60.0, 6001)
    if kind == "gaussian":
        v, w = rule(grid, ("gaussian", 2 * parameter))
    else:  # the difference of two Laplace draws has the density (s + |x|) exp(-|x| / s) / (4 s^2)
        v, w = rule(grid, noise)
        w = w / density(noise, v - grid[:, None])
        x = np.abs(v - grid[:, None])
        w = w * (parameter + x) * np.exp(-x / parameter) / (4 * parameter**2)
    value = np.logaddexp(0.0, v) if loss == "cross_entropy" else (v > 0).astype(float)
    return CubicSpline(grid, (w * value).sum(axis=1))


def expected_loss(weights, activations, image, label, loss, noises):
    """Return the expected loss of one image; `activations` are those of the hidden levels, `noises` of all levels."""
    states, chances = image[None], np.ones(1)
    for theta, activation, noise in zip(weights[:-1], activations, noises[:-1], strict=True):
        if noise is None:
            states = ACTIVATIONS[activation](theta[0] + states @ theta[1:])
            continue
        neurons = []
        for column in theta.T:
            v, w = rule(column[0] + states @ column[1:], noise)
            neurons.append((ACTIVATIONS[activation](v), w))
        if activation == "threshold":  # two values only: sum their weights
            neurons = [
                (np.broadcast_to([0.0, 1.0], (len(x), 2)), np.stack([(w * (1 - x)).sum(1), (w * x).sum(1)], axis=1))
                for x, w in neurons
            ]
        new, weight = np.zeros((len(states), 1, 0)), chances[:, None]
        for x, w in neurons:
            new = np.concatenate(
                [np.repeat(new, x.shape[1], axis=1), np.tile(x, (1, new.shape[1]))[:, :, None]], axis=2
            )
            weight = (weight[:, :, None] * w[:, None, :]).reshape(len(states), -1)
        states, chances = new.reshape(-1, new.shape[2]), weight.reshape(-1)
    difference = weights[-1][:, 1 - label] - weights[-1][:, label]
    return float(chances @ loss_of_difference(loss, noises[-1])(difference[0] + states @ difference[1:]))


def exact_gradient(weights, activations, images, labels, loss, noises, step=1e-4):
    """Return the derivative of the mean expected loss by central differences, shaped like `weights`.

    `noises` is one (name, parameter) for all levels, or a list of one (or None) a level.
    """
    noises = noises if isinstance(noises, list) else [noises] * len(weights)
    gradient = [np.zeros_like(theta) for theta in weights]
    for level, theta in enumerate(weights):
        for index in np.ndindex(theta.shape):
            sides = []
            for sign in (1, -1):
                moved = [other.copy() for other in weights]
                moved[level][index] += sign * step
                sides.append(
                    np.mean([
                        expected_loss(moved, activations, image, label, loss, noises)
                        for image, label in zip(images, labels, strict=True)
                    ])
                )  # fmt: skip
            gradient[level][index] = (sides[0] - sides[1]) / (2 * step)
    return tuple(gradient)


def exact_input_gradient(weights, activations, images, labels, loss, noises, step=1e-4):
    """Return the derivative of each image's expected loss by its pixels, shaped like `images`; `noises` one a level."""
    gradient = np.zeros_like(images)
    for (image, pixel), _ in np.ndenumerate(images):
        up, down = images[image].copy(), images[image].copy()
        up[pixel] += step
        down[pixel] -= step
        sides = [expected_loss(weights, activations, x, labels[image], loss, noises) for x in (up, down)]
        gradient[image, pixel] = (sides[0] - sides[1]) / (2 * step)
    return gradient
