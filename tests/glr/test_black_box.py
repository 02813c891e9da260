"""The ask-and-tell estimator against gradients of E[f(theta + r)] in closed form, and what it refuses."""

import re

import numpy as np
import pytest
from scipy.stats import norm

import glr
from glr.errors import DivergenceError, InputError
from glr.gradients import frames
from glr.gradients.sampling import COLUMNS, SAMPLINGS

NOISES = {"gaussian": glr.Gaussian(1.5), "laplace": glr.Laplace(0.8)}
DIMENSIONS = (1, 2, 30, 70)  # the last one is two blocks


def tail(noise, x):
    """Return P(r > x) and the density at x of one coordinate."""
    if noise == "gaussian":
        return norm.sf(x, scale=1.5**0.5), norm.pdf(x, scale=1.5**0.5)
    return np.where(x > 0, np.exp(-np.abs(x) / 0.8) / 2, 1 - np.exp(-np.abs(x) / 0.8) / 2), np.exp(-abs(x) / 0.8) / 1.6


def case(name, dimension, noise):
    """Return theta, a function of points (n, dimension) and the gradient of its smoothed values at theta."""
    rng = np.random.default_rng(dimension)
    theta, a = rng.normal(size=dimension), rng.normal(size=dimension)
    if name == "linear":
        return theta, lambda x: x @ a + 3.0, a
    if name == "quadratic":
        b, c = rng.normal(size=(2, dimension)) / dimension**0.5
        return theta, lambda x: (x @ b) * (x @ c) + x @ a, b * (c @ theta) + c * (b @ theta) + a
    above, density = tail(noise, -theta)
    if name == "jumps":  # E[sum a 1{theta + r > 0}]
        return theta, lambda x: (x > 0) @ a, a * density
    # "corner": a jump that all of the first two coordinates decide together, and a Jacobian of three values.
    second = min(1, dimension - 1)
    gradient = np.zeros((3, dimension))
    gradient[0, 0] = density[0] * (above[second] if second else 1.0)
    if second:
        gradient[0, second] = density[second] * above[0]
    gradient[1], gradient[2, -1] = a, 2.0 * theta[-1]
    corner = slice(0, second + 1)

    def values(x):
        return np.stack([(x[:, corner] > 0).all(axis=1), x @ a, x[:, -1] ** 2], axis=1)

    return theta, values, gradient


def z_scores(estimates, exact):
    error = np.std(estimates, axis=0, ddof=1) / np.sqrt(len(estimates))
    return (np.mean(estimates, axis=0) - exact) / error, error


def biased(z):
    """As in the network estimator's tests: larger z-scores than chance and correlated errors explain."""
    return np.sqrt(np.mean(z**2)) > 2.5 or np.abs(z).max() > 4.8


def estimates_of(estimator, function, theta, rng, repeats):
    return np.array([estimator.tell(function(theta + estimator.ask(rng))) for _ in range(repeats)])


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("name", ["linear", "quadratic", "jumps", "corner"])
def test_every_sampling_is_unbiased(name, dimension, noise):
    theta, function, exact = case(name, dimension, noise)
    for sampling in SAMPLINGS:
        rng = np.random.Generator(np.random.SFC64(7))
        estimator = glr.BlackBoxGradient(dimension, NOISES[noise], 512, sampling)
        estimates = estimates_of(estimator, function, theta, rng, 150)
        assert estimates.shape[1:] == exact.shape
        z, error = z_scores(estimates, exact)
        assert not biased(z), f"{sampling}: max z = {np.abs(z).max():.2f}"
        assert np.linalg.norm(error) < 0.15 * np.linalg.norm(exact)


class WrongFactor(glr.Gaussian):
    """A score that is 5 % too large."""

    def score(self, r):
        return super().score(r) * 1.05


@pytest.mark.parametrize("sampling", ["leave_one_out", "orthogonal"])
def test_the_z_test_catches_a_wrong_factor(sampling):
    theta, function, exact = case("linear", 2, "gaussian")
    estimator = glr.BlackBoxGradient(2, WrongFactor(1.5), 1024, sampling)
    z, _ = z_scores(estimates_of(estimator, function, theta, np.random.default_rng(7), 2000), exact)
    assert biased(z)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_more_draws_than_are_made_at_once_are_unbiased(sampling):
    theta, function, exact = case("jumps", 2, "gaussian")
    estimator = glr.BlackBoxGradient(2, NOISES["gaussian"], 2 * COLUMNS + 10, sampling)
    assert estimator.replications > 2 * COLUMNS
    z, _ = z_scores(estimates_of(estimator, function, theta, np.random.default_rng(8), 100), exact)
    assert not biased(z)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_orthogonal_perturbations_are_whole_bases_and_their_negatives(dimension, noise):
    estimator = glr.BlackBoxGradient(dimension, NOISES[noise], 256)
    r = estimator.ask(np.random.default_rng(0))
    half = len(r) // 2
    np.testing.assert_array_equal(r[:half], -r[half:])
    signs = r[: min(half, 1 << (dimension - 1).bit_length())]
    if noise == "laplace" and 2 <= dimension <= frames.BLOCK:
        assert (np.sign(signs).T @ np.sign(signs) == len(signs) * np.eye(dimension)).all()
    if noise == "gaussian" and dimension == 2:
        assert abs((r[0] * r[1]).sum()) < 1e-5


def test_blocks_do_not_show_each_other_the_same_pairs(monkeypatch):
    """No z-test sees that: in one order, more draws would not make the errors of one block by another smaller."""

    def variance():
        rng = np.random.Generator(np.random.SFC64(9))
        estimator = glr.BlackBoxGradient(128, glr.Gaussian(1.0), 1024)
        estimates = estimates_of(estimator, lambda x: x[:, 64:].sum(axis=1), np.zeros(128), rng, 20)
        return np.var(estimates[:, :64], axis=0).mean()

    assert variance() < 1.5 * 64 / 512  # that of independent draws: 64 terms of variance 1 / 512
    monkeypatch.setattr(frames, "_shuffled", lambda vectors, size, rng: vectors)
    assert variance() > 4 * 64 / 512


@pytest.mark.parametrize("sampling", ["antithetic", "orthogonal"])
def test_what_a_pair_has_in_common_cancels_exactly(sampling):
    estimator = glr.BlackBoxGradient(5, NOISES["gaussian"], 64, sampling)
    r = estimator.ask(np.random.default_rng(0))
    assert not estimator.tell(np.full(len(r), 1e9 / 7.0)).any()


def test_orthogonal_sampling_has_the_least_variance_on_a_smooth_function():
    theta, function, _ = case("quadratic", 30, "gaussian")
    variances = {}
    for sampling in SAMPLINGS:
        estimator = glr.BlackBoxGradient(30, NOISES["gaussian"], 256, sampling)
        estimates = estimates_of(estimator, function, theta, np.random.default_rng(1), 100)
        variances[sampling] = np.var(estimates, axis=0).sum()
    assert variances["orthogonal"] < 0.2 * min(variances[name] for name in SAMPLINGS if name != "orthogonal"), variances


def test_a_jacobian_is_the_gradients_of_its_values():
    theta, function, _ = case("corner", 30, "gaussian")
    for sampling in SAMPLINGS:
        estimator = glr.BlackBoxGradient(30, NOISES["gaussian"], 256, sampling)
        values = function(theta + estimator.ask(np.random.default_rng(2)))
        jacobian = estimator.tell(values)
        for row, column in zip(jacobian, values.T, strict=True):
            estimator.ask(np.random.default_rng(2))
            np.testing.assert_allclose(estimator.tell(column), row, rtol=1e-10, atol=1e-12)


def test_perturbations_may_be_written_into():
    estimator = glr.BlackBoxGradient(3, NOISES["gaussian"], 16, "plain")
    gradients = []
    for written in (False, True):
        r = estimator.ask(np.random.default_rng(3))
        losses = r[:, 0] ** 3
        if written:
            r += 7.0
        gradients.append(estimator.tell(losses))
    np.testing.assert_array_equal(*gradients)


def test_a_second_ask_replaces_the_first():
    estimator = glr.BlackBoxGradient(3, NOISES["gaussian"], 16)
    estimator.ask(np.random.default_rng(3))
    r = estimator.ask(np.random.default_rng(4))
    found = estimator.tell(r[:, 0])
    r = estimator.ask(np.random.default_rng(4))
    np.testing.assert_array_equal(found, estimator.tell(r[:, 0]))


@pytest.mark.parametrize("dimension", [1, 100_000])
def test_dimensions_from_one_to_a_hundred_thousand(dimension):
    estimator = glr.BlackBoxGradient(dimension, glr.Gaussian(4.0), 128)
    r = estimator.ask(np.random.default_rng(0))
    assert r.shape == (128, dimension)
    assert abs(r.var() - 4.0) < 1.0
    assert estimator.tell(r[:, -1]).shape == (dimension,)


WRONG = [
    ({"dimension": 0}, "dimension: found 0, but a whole number of 1 or more is needed."),
    ({"dimension": 2.0}, "dimension: found 2.0, but a whole number of 1 or more is needed."),
    ({"noise": 4.0}, "noise: found 4.0, but an object with sample, score and symmetric is needed"),
    ({"noise": [glr.Gaussian(1.0)]}, "noise: found [Gaussian(variance=1.0)], but an object with sample"),
    ({"replications": 0}, "replications: found 0, but orthogonal needs at least 1."),
    ({"replications": 1.5}, "replications: found 1.5, but a whole number is needed."),
    ({"replications": 1, "sampling": "leave_one_out"}, "replications: found 1, but leave_one_out needs at least 2."),
    ({"sampling": "plane"}, "sampling: found 'plane', but allowed are plain, leave_one_out, antithetic, orthogonal."),
]
RIGHT = {"dimension": 3, "noise": glr.Gaussian(1.0), "replications": 8}


def assert_refused(call, sentence, error=InputError):
    with pytest.raises(error, match=re.escape(sentence)) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(("change", "sentence"), WRONG)
def test_a_wrong_argument_is_refused(change, sentence):
    assert_refused(lambda: glr.BlackBoxGradient(**(RIGHT | change)), sentence)


class Gumbel:
    """A density that is not symmetric, Gumbel's: log p(r) = -r - exp(-r)."""

    symmetric = False

    def sample(self, rng, shape):
        return rng.gumbel(size=shape)

    def score(self, r):
        return np.exp(-r) - 1.0


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_a_density_that_is_not_symmetric_is_for_two_samplings(sampling):
    given = {"dimension": 2, "noise": Gumbel(), "replications": 1024, "sampling": sampling}
    if SAMPLINGS[sampling].factorial_signs:
        assert_refused(lambda: glr.BlackBoxGradient(**given), "which is not symmetric")
        return
    theta, function, exact = case("linear", 2, "gaussian")
    estimates = estimates_of(glr.BlackBoxGradient(**given), function, theta, np.random.default_rng(5), 200)
    assert not biased(z_scores(estimates, exact)[0])


def test_ask_needs_a_generator():
    assert_refused(
        lambda: glr.BlackBoxGradient(**RIGHT).ask(1), "rng: found 1, but a numpy.random.Generator is needed."
    )


def test_tell_refuses_what_does_not_fit_and_keeps_the_perturbations():
    estimator = glr.BlackBoxGradient(**RIGHT)
    assert_refused(lambda: estimator.tell(np.zeros(8)), "losses: found no perturbations")
    r = estimator.ask(np.random.default_rng(0))
    needed = "but (8,) or (8, m) is needed."
    for losses, sentence in [
        (np.zeros(7), f"losses: found shape (7,), {needed}"),
        (0.0, f"losses: found shape (), {needed}"),
        (np.zeros((3, 8)), f"losses: found shape (3, 8), {needed}"),
        (np.zeros((8, 0)), f"losses: found shape (8, 0), {needed}"),
        (np.zeros((8, 1, 1)), f"losses: found shape (8, 1, 1), {needed}"),
        (["a"] * 8, "losses: found values of type <U1, but numbers are needed."),
        ([[1.0], [1.0, 2.0]], "losses: found rows of different lengths, but an array of numbers is needed."),
    ]:
        assert_refused(lambda losses=losses: estimator.tell(losses), sentence)
    for bad in (np.nan, np.inf):
        assert_refused(
            lambda bad=bad: estimator.tell([bad] + [0.0] * 7),
            "losses: found values that are not finite",
            DivergenceError,
        )
    assert estimator.tell(r[:, 0]).shape == (3,)
    assert_refused(lambda: estimator.tell(r[:, 0]), "losses: found no perturbations")


def test_losses_of_any_kind_are_accepted():
    estimator = glr.BlackBoxGradient(**RIGHT)

    def told(change):
        r = estimator.ask(np.random.default_rng(0))
        return estimator.tell(change(r[:, 0] > 0))

    for change in (np.ndarray.tolist, np.uint8, np.float32, np.float64):
        np.testing.assert_array_equal(told(change), told(np.asarray))
