"""The likelihood ratio against exact gradients: z-tests of every sampling, and what the z-tests have to catch."""

from itertools import product

import numpy as np
import pytest
from exact import exact_gradient

import glr
from glr.errors import DivergenceError, InputError
from glr.gradients import frames
from glr.gradients.likelihood_ratio import SAMPLINGS, likelihood_ratio_gradient, replications_spent
from glr.losses import softmax
from glr.network import Network
from glr.noise import Gaussian, Laplace

NOISES = {"gaussian": Gaussian(1.5), "laplace": Laplace(0.8)}
PARAMETERS = {"gaussian": ("gaussian", 1.5), "laplace": ("laplace", 0.8)}
NETWORKS = {
    "one level": ((3, 2), ()),
    "sigmoid": ((3, 2, 2), ("sigmoid",)),
    "threshold": ((3, 4, 2), ("threshold",)),
    "abs": ((3, 2, 2), ("abs",)),
    "three levels": ((2, 3, 3, 2), ("threshold", "threshold")),
    "sigmoid and abs": ((2, 1, 1, 2), ("sigmoid", "abs")),
}
IMAGES = np.array([[0.9, 0.1, 0.6], [0.2, 0.8, 1.0]])
LABELS = np.array([0, 1])


def flat(gradient):
    return np.concatenate([level.ravel() for level in gradient])


def make_case(name, trained=False):
    """Return a network with its images; trained weights are large, so that the noise matters less."""
    sizes, activations = NETWORKS[name]
    network = Network.initialise(sizes, (*activations, "identity"), np.random.default_rng(5))
    images = IMAGES[:, : sizes[0]]
    if trained:
        rng = np.random.default_rng(6)
        for _ in range(300):
            step = likelihood_ratio_gradient(network, images, LABELS, noise=Gaussian(1.5), replications=64, rng=rng)
            for weights, slope in zip(network.weights, step, strict=True):
                weights -= 0.2 * slope
    return network, images


def z_scores(network, images, loss, noise, sampling, exact, draws=4096, precision=0.008):
    """Return the z-scores of all weights, from as many estimates as the precision of the gradient asks for.

    The precision is the standard error of the whole gradient relative to its length: small enough to see 2 %.
    """
    rng = np.random.Generator(np.random.SFC64(7))
    estimates = []
    while len(estimates) < 60_000:
        for _ in range(50):
            estimate = likelihood_ratio_gradient(
                network, images, LABELS, loss=loss, noise=noise, replications=draws, rng=rng, sampling=sampling
            )
            estimates.append(flat(estimate))
        error = np.std(estimates, axis=0, ddof=1) / np.sqrt(len(estimates))
        if np.linalg.norm(error) < precision * np.linalg.norm(exact):
            return (np.mean(estimates, axis=0) - exact) / error
    raise AssertionError(f"too imprecise to see an error of 2 %: {np.linalg.norm(error) / np.linalg.norm(exact):.3f}")


def rms(z):
    return np.sqrt(np.mean(z**2))


def is_slow(name, noise, loss, trained):
    return trained + (noise == "laplace") + (loss == "zero_one") + (name in ("abs", "three levels")) > 1


CASES = [
    pytest.param(*case, id="-".join(map(str, case)), marks=[pytest.mark.slow] if is_slow(*case) else [])
    for case in product(NETWORKS, NOISES, ("cross_entropy", "zero_one"), (False, True))
]


@pytest.mark.parametrize(("name", "noise", "loss", "trained"), CASES)
def test_every_sampling_is_unbiased(name, noise, loss, trained):
    network, images = make_case(name, trained)
    activations = NETWORKS[name][1]
    exact = flat(exact_gradient(network.weights, activations, images, LABELS, loss, PARAMETERS[noise]))
    for sampling in SAMPLINGS:
        z = z_scores(network, images, loss, NOISES[noise], sampling, exact)
        assert rms(z) < 2.5, f"{sampling}: rms z = {rms(z):.2f}"
        assert np.abs(z).max() < 4.5, f"{sampling}: max z = {np.abs(z).max():.2f}"
