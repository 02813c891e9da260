"""Each unbiased contender of the league has the mean that it claims, on networks small enough for quadrature."""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from exact import exact_gradient
from glr.network import Network
from glr.streams import stream

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import estimators
import peers
from estimators import NOISE, black_box, evolution

CONTENDERS = estimators.CONTENDERS | peers.CONTENDERS

REPEATS = 400


def tiny(activation, seed=0):
    rng = stream(seed, "league")
    network = Network.initialise((3, 2, 2), (activation, "identity"), rng, 1.0)
    return network, rng.random((2, 3)), np.array([0, 1])


def z_scores(estimate, network, images, labels, loss, truth, evaluations=64):
    """Return the z-scores of all weights' mean estimates."""
    rng = stream(1, "league")
    repeats = [
        np.concatenate([
            level.ravel()
            for level in estimate(network, images, labels, loss=loss, evaluations=evaluations, rng=rng)
        ])
        for _ in range(REPEATS)
    ]  # fmt: skip
    error = np.mean(repeats, axis=0) - np.concatenate([level.ravel() for level in truth])
    return error / (np.std(repeats, axis=0) / REPEATS**0.5)


CASES = [
    (name, activation, loss)
    for name, contender in CONTENDERS.items()
    if contender.target == "neurons" and not name.startswith("GLR")
    for activation in contender.activations
    for loss in contender.losses
]


@pytest.mark.parametrize(("name", "activation", "loss"), CASES)
def test_mean_of_estimators_over_neuronal_noise(name, activation, loss):
    network, images, labels = tiny(activation)
    truth = exact_gradient(network.weights, [activation], images, labels, loss, ("gaussian", NOISE.variance))
    z = z_scores(CONTENDERS[name].estimate, network, images, labels, loss, truth)
    assert np.abs(z).max() < 4.5  # 14 weights: a false alarm in 10,000
    assert np.isfinite(z).all()


ON_WEIGHTS = {"normal": evolution, "orthogonal": partial(evolution, kind="orthogonal"), "black_box": black_box} | {
    name: contender.estimate for name, contender in peers.CONTENDERS.items() if contender.target == "weights"
}


@pytest.mark.parametrize("name", ON_WEIGHTS)
def test_mean_over_noise_on_weights_is_that_of_neuronal_noise_of_the_input_s_size(name):
    """Noise of sd s on the weights is noise of sd s |[1, x]| on a single level's signals."""
    rng = stream(0, "league")
    network = Network.initialise((3, 2), ("identity",), rng, 1.0)
    images, labels = rng.random((1, 3)), np.array([1])
    size = 1 + (images**2).sum()
    truth = exact_gradient(network.weights, [], images, labels, "zero_one", ("gaussian", 0.5**2 * size))
    evaluations = 8 if name == "orthogonal" else 256  # no more than 8 pairs are orthogonal here
    z = z_scores(partial(ON_WEIGHTS[name], sd=0.5), network, images, labels, "zero_one", truth, evaluations)
    assert np.abs(z).max() < 4.5


def test_mean_of_spsa_is_the_mean_of_differences_over_all_signs():
    network, images, labels = tiny("threshold")
    spsa = partial(evolution, kind="signs", sd=0.5)
    truth = _mean_over_signs(network, images, labels)
    z = z_scores(spsa, network, images, labels, "cross_entropy", truth)
    assert np.abs(z).max() < 4.5


def _mean_over_signs(network, images, labels):
    """Return the mean over all 2^14 directions, by forward passes of the package's own networks."""
    sizes = [weights.size for weights in network.weights]
    total = np.zeros(sum(sizes))
    signs = 1.0 - 2.0 * (np.arange(2 ** len(total))[:, None] >> np.arange(len(total)) & 1)
    shift = estimators._levels(network, 0.5 * signs.T)
    states = {}
    for sign in (1, -1):
        x = images[None]
        for level, (weights, u) in enumerate(zip(network.weights, shift, strict=True)):
            moved = weights + sign * u.transpose(1, 0, 2)
            x = x @ moved[:, 1:] + moved[:, :1]
            x = (x > 0).astype(float) if level == 0 else x
        states[sign] = (np.log(np.exp(x).sum(axis=2)) - x[:, np.arange(len(labels)), labels]).mean(axis=1)
    total = ((states[1] - states[-1])[:, None] * signs).mean(axis=0)  # / (2 sd), and 1 / sd is 2
    return [part.reshape(w.shape) for part, w in zip(np.split(total, [sizes[0]]), network.weights, strict=True)]


def test_ranks_keep_the_direction_of_a_weight_s_effect():
    network, images, labels = tiny("sigmoid")
    rng = stream(2, "league")
    given = {"loss": "cross_entropy", "evaluations": 4096, "rng": rng, "sd": 0.1}
    slopes, ranked = (
        np.concatenate([level.ravel() for level in evolution(network, images, labels, ranked=ranked, **given)])
        for ranked in (False, True)
    )
    assert slopes @ ranked > 0.9 * np.linalg.norm(slopes) * np.linalg.norm(ranked)
