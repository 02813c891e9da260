"""Back-propagation against central differences of the loss, and what it refuses."""

import numpy as np
import pytest

from exact import exact_gradient, exact_input_gradient
from glr.errors import DivergenceError, InputError
from glr.gradients.backprop import backprop_gradient, input_gradient
from glr.losses import get_loss
from glr.network import Network
from glr.noise import Gaussian

SMOOTH = ("sigmoid", "abs", "relu", "identity")
LEVELS = [
    *[(name, "identity") for name in SMOOTH],
    *[("sigmoid", name) for name in SMOOTH],
    ("sigmoid",),
    ("sigmoid", "abs", "identity"),
    ("relu", "sigmoid", "identity"),
    ("abs", "identity", "sigmoid"),
]
STEP = 1e-6


def make_case(activations):
    """Return a network with images and labels, none of whose signals is within a step of a kink."""
    rng = np.random.default_rng(4)
    network = Network.initialise((5, *[4] * (len(activations) - 1), 3), activations, rng)
    return network, rng.random((6, 5)), rng.integers(3, size=6)


def mean_loss(network, images, labels):
    return get_loss("cross_entropy")(network.outputs(images), labels).mean()


@pytest.mark.parametrize("activations", LEVELS, ids="-".join)
def test_gradient_is_that_of_central_differences(activations):
    network, images, labels = make_case(activations)
    gradient = backprop_gradient(network, images, labels, loss="cross_entropy")
    assert [level.shape for level in gradient] == [level.shape for level in network.weights]
    for weights, level in zip(network.weights, gradient, strict=True):
        for index in np.ndindex(weights.shape):
            kept = weights[index]
            sides = []
            for moved in (kept + STEP, kept - STEP):
                weights[index] = moved
                sides.append(mean_loss(network, images, labels))
            weights[index] = kept
            assert level[index] == pytest.approx((sides[0] - sides[1]) / (2 * STEP), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("activations", LEVELS, ids="-".join)
def test_input_gradient_is_that_of_each_image_alone(activations):
    network, images, labels = make_case(activations)
    losses, gradient = input_gradient(network, images, labels)
    np.testing.assert_allclose(losses, get_loss("cross_entropy")(network.outputs(images), labels), rtol=1e-12)
    for pixel in range(images.shape[1]):
        step = STEP * np.eye(5)[pixel]
        up, down = (
            get_loss("cross_entropy")(network.outputs(moved), labels) for moved in (images + step, images - step)
        )
        np.testing.assert_allclose(gradient[:, pixel], (up - down) / (2 * STEP), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("activation", ["sigmoid", "abs"])
def test_input_gradient_through_noise_is_that_of_the_expected_loss(activation):
    rng = np.random.default_rng(8)
    network = Network.initialise((3, 2, 2), (activation, "identity"), rng)
    images, labels = rng.random((2, 3)), np.array([0, 1])
    exact = exact_input_gradient(
        network.weights, (activation,), images, labels, "cross_entropy", [("gaussian", 1.5)] * 2
    )
    copies = 2000
    gradient = input_gradient(
        network, np.tile(images, (copies, 1)), np.tile(labels, copies), noise=Gaussian(1.5), replications=20, rng=rng
    )[1]
    estimates = gradient.reshape(copies, *images.shape)
    error = estimates.std(axis=0, ddof=1) / np.sqrt(len(estimates))
    assert np.linalg.norm(error) < 0.03 * np.linalg.norm(exact)
    assert np.abs((estimates.mean(axis=0) - exact) / error).max() < 4.0


@pytest.mark.parametrize("levels", [(3, 2, 2), (3, 2)])
def test_gradient_through_noise_is_that_of_the_expected_loss(levels):
    rng = np.random.default_rng(8)
    hidden = ("sigmoid",) * (len(levels) - 2)
    network = Network.initialise(levels, (*hidden, "identity"), rng)
    images, labels = rng.random((2, 3)), np.array([0, 1])
    exact = exact_gradient(network.weights, hidden, images, labels, "cross_entropy", ("gaussian", 1.5))
    estimates = [
        backprop_gradient(network, images, labels, noise=Gaussian(1.5), replications=50, rng=rng) for _ in range(1000)
    ]
    for level, wanted in enumerate(exact):
        values = np.array([estimate[level] for estimate in estimates])
        error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
        assert np.linalg.norm(error) < 0.02 * np.linalg.norm(wanted)
        assert np.abs((values.mean(axis=0) - wanted) / error).max() < 4.5


def test_the_loss_through_noise_is_the_expected_one():
    rng = np.random.default_rng(9)
    network = Network((np.array([[0.5, -0.5], [1.0, 2.0]]),), ("identity",))
    losses, _ = input_gradient(
        network, np.full((10_000, 1), 0.3), np.zeros(10_000, int), noise=Gaussian(4.0), replications=10, rng=rng
    )
    outputs = np.array([0.8, 0.1]) + 2.0 * rng.standard_normal((400_000, 2))
    assert losses.mean() == pytest.approx(get_loss("cross_entropy")(outputs, np.zeros(400_000, int)).mean(), rel=0.02)


@pytest.mark.parametrize("bad", [{"replications": 0, "rng": np.random.default_rng(1)}, {"replications": 3}])
def test_noise_without_draws_is_refused(bad):
    with pytest.raises(InputError, match="noise: needs a generator and 1 or more replications"):
        input_gradient(*make_case(("sigmoid", "identity")), noise=Gaussian(1.0), **bad)
    with pytest.raises(InputError, match="noise: needs a generator and 1 or more replications"):
        backprop_gradient(*make_case(("sigmoid", "identity")), noise=Gaussian(1.0), **bad)


def test_gradient_of_a_batch_is_the_mean_of_its_images():
    network, images, labels = make_case(("sigmoid", "identity"))
    single = [backprop_gradient(network, images[i : i + 1], labels[i : i + 1]) for i in range(len(images))]
    for level, parts in zip(backprop_gradient(network, images, labels), zip(*single, strict=True), strict=True):
        np.testing.assert_allclose(level, np.mean(parts, axis=0), rtol=1e-12, atol=1e-15)


class SquaredError:
    """Half the squared distance, whose gradient is the difference."""

    def __call__(self, outputs, targets):
        return ((outputs - targets) ** 2).sum(axis=1) / 2

    def gradient(self, outputs, targets):
        return outputs - targets


class Sine:
    """An activation of the caller's own."""

    def __call__(self, v):
        return np.sin(v)

    def derivative(self, v):
        return np.cos(v)


def test_callers_own_activation_and_loss_are_followed():
    _, images, _ = make_case(("abs",))
    network = Network.initialise((5, 3), (Sine(),), np.random.default_rng(5))
    targets = np.random.default_rng(6).random((6, 3))
    (gradient,) = backprop_gradient(network, images, targets, loss=SquaredError())
    v = network.weights[0][0] + images @ network.weights[0][1:]
    delta = (np.sin(v) - targets) * np.cos(v) / len(images)
    np.testing.assert_allclose(gradient, np.vstack([delta.sum(axis=0), images.T @ delta]), rtol=1e-12)


@pytest.mark.parametrize("function", [backprop_gradient, input_gradient])
def test_what_has_no_derivative_is_refused(function):
    network, images, labels = make_case(("threshold", "identity"))
    with pytest.raises(InputError, match="activation: found 'threshold', which has no derivative"):
        function(network, images, labels)
    network, images, labels = make_case(("sigmoid", "identity"))
    with pytest.raises(InputError, match="loss: found 'zero_one', which has no gradient"):
        function(network, images, labels, loss="zero_one")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_told(bad):
    network, images, labels = make_case(("relu", "identity"))
    network.weights[0][0] = bad
    with np.errstate(invalid="ignore"), pytest.raises(DivergenceError, match="not finite"):
        backprop_gradient(network, images, labels)
