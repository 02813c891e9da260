"""Networks: forward pass, prediction, initial weights and what is refused."""

import math

import numpy as np
import pytest
from scipy import stats

from glr.errors import InputError
from glr.network import Network


def make(sizes, *activations, seed=1, **settings):
    return Network.initialise(sizes, activations, np.random.default_rng(seed), **settings)


def test_outputs_are_those_of_the_sums_written_out():
    network = make((3, 4, 2), "sigmoid", "identity")
    images = np.random.default_rng(2).random((5, 3))
    first, second = network.weights
    for image, found in zip(images, network.outputs(images), strict=True):
        hidden = [
            1 / (1 + math.exp(-(first[0, j] + sum(first[1 + i, j] * image[i] for i in range(3))))) for j in range(4)
        ]
        expected = [second[0, j] + sum(second[1 + i, j] * hidden[i] for i in range(4)) for j in range(2)]
        np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_predict_takes_the_largest_output_and_the_first_of_equal_ones():
    network = Network((np.array([[0.0, 1.0, 1.0, 0.0], [3.0, 0.0, 0.0, 1.0]]),), ("identity",))
    np.testing.assert_array_equal(network.predict(np.array([[0.0], [1.0]])), [1, 0])


@pytest.mark.parametrize("sizes", [(196, 300), (50, 200, 100), (3, 4, 5, 6)])
def test_initial_weights_are_normal_with_the_fan_in_variance(sizes):
    network = make(sizes, *["sigmoid"] * (len(sizes) - 1))
    assert network.sizes == sizes
    for weights, n_in, n_out in zip(network.weights, sizes, sizes[1:], strict=False):
        assert weights.shape == (1 + n_in, n_out)
        assert weights.dtype == np.float64
        for part in (weights, weights[0]):
            assert stats.kstest(part.ravel() * math.sqrt(1 + n_in) / 2.0, "norm").pvalue > 1e-4


def test_initial_weights_may_have_a_standard_deviation_of_ones_own():
    for weights in make((196, 300, 100), "sigmoid", "sigmoid", initial_weights=0.1).weights:
        assert stats.kstest(weights.ravel() / 0.1, "norm").pvalue > 1e-4


def test_uniform_initial_weights_are_those_of_pytorch():
    """torch.nn.Linear draws weights and biases from U(-b, b) with b = 1 / sqrt(n_in)."""
    for weights in make((196, 300, 100), "relu", "relu", initial_weights="uniform").weights:
        bound = 1.0 / math.sqrt(len(weights) - 1)
        assert stats.kstest(weights.ravel(), stats.uniform(-bound, 2.0 * bound).cdf).pvalue > 1e-4


def test_initial_weights_vary_with_the_generator_and_between_levels():
    twice = [make((5, 5, 5), "abs", "abs").weights for _ in range(2)]
    np.testing.assert_array_equal(twice[0], twice[1])
    assert not np.isin(twice[0][0], make((5, 5, 5), "abs", "abs", seed=2).weights[0]).any()
    assert not np.isin(twice[0][0], twice[0][1]).any()


def test_fan_in_zero_output_changes_the_output_level_only():
    usual = make((3, 4, 2), "relu", "identity")
    zeroed = make((3, 4, 2), "relu", "identity", initial_weights="fan_in_zero_output")
    np.testing.assert_array_equal(zeroed.weights[0], usual.weights[0])
    np.testing.assert_array_equal(zeroed.weights[1], np.zeros((5, 2)))


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda: make((3,)), r"sizes: found \(3,\), but two or more positive whole numbers"),
        (lambda: make((3, 0, 2), "abs", "abs"), r"sizes: found \(3, 0, 2\)"),
        (lambda: make((3, 2), "abs", "abs"), r"activations: found 2, but one for each of 1 levels"),
        (lambda: make((3, 2), "tanh"), r"activation: found 'tanh', but allowed are"),
        (
            lambda: make((3, 2), "abs", initial_weights="ones"),
            r"initial_weights: found 'ones', but a number or one of fan_in, fan_in_zero_output, uniform is needed",
        ),
        (lambda: make((3, 2), "abs", initial_weights=0.0), r"initial_weights: found 0.0, but a positive"),
        (
            lambda: Network((np.zeros((4, 3)), np.zeros((3, 2))), ("abs", "abs")),
            r"weights of level 2: found 3 rows, but 1 \+ 3 are needed after level 1",
        ),
        (lambda: make((3, 2), "abs").outputs(np.zeros((5, 2))), r"images: found shape \(5, 2\), but \(n, 3\)"),
        (lambda: make((3, 2), "abs").predict(np.zeros(3)), r"images: found shape \(3,\), but \(n, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused(build, reason):
    with pytest.raises(InputError, match=reason):
        build()
