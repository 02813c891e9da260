"""Certificates: closed forms, coverage of the bound, attacks within the radius, and what is refused."""

import math

import numpy as np
import pytest
from scipy import stats

import glr
from glr.errors import InputError
from glr.gradients.backprop import input_gradient
from glr.gradients.likelihood_ratio import likelihood_ratio_input_gradient
from glr.losses import softmax
from glr.network import Network
from glr.noise import Gaussian, Laplace

Z = 4.0
NUMPY = {
    "sigmoid": lambda v: 1.0 / (1.0 + np.exp(-v)),
    "threshold": lambda v: v > 0.0,
    "identity": lambda v: v,
}


def neuron(bias, weights):
    """Return a threshold neuron and two outputs, which vote 1 where ``bias + weights x + r > 0`` and 0 elsewhere."""
    first = np.array([[bias], *([weight] for weight in weights)])
    return Network((first, np.array([[0.5, 0.0], [0.0, 1.0]])), ("threshold", "identity"))


def share(network, image, label, noises, draws, rng):
    """Return the share of votes for the label: the model written out in float64, with NumPy's own generators."""
    x = np.broadcast_to(image, (draws, len(image)))
    for weights, activation, noise in zip(network.weights, network.activations, noises, strict=True):
        v = x @ weights[1:] + weights[0]
        if isinstance(noise, Gaussian):
            v = v + rng.normal(0.0, math.sqrt(noise.variance), v.shape)
        elif isinstance(noise, Laplace):
            v = v + rng.laplace(0.0, noise.scale, v.shape)
        x = NUMPY[activation](v)
    return np.mean(np.argmax(x, axis=1) == label)


# The largest shift of a neuron's signal by a perturbation of norm 1: the dual norm of its weights.
CASES = [(Gaussian(4.0), stats.norm(scale=2.0), 2, 5.0), (Laplace(1.5), stats.laplace(scale=1.5), 1, 4.0)]


@pytest.mark.parametrize(("noise", "density", "norm", "stretch"), CASES)
def test_the_radius_of_a_threshold_neuron_is_the_distance_to_its_boundary(noise, density, norm, stretch):
    network = neuron(-1.0, [3.0, -4.0, 0.0])
    images = np.array([[1.0, 0.0, 0.3], [0.9, 0.1, 0.0], [0.2, 1.0, 0.9]])
    signals = images @ [3.0, -4.0, 0.0] - 1.0
    chances = density.cdf(np.abs(signals))
    draws, alpha = 1_000_000, 0.01
    found = glr.certify(network, images, noise=[noise, None], draws=draws, alpha=alpha, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(found.labels, signals > 0)
    assert found.norm == norm
    deviation = np.sqrt(chances * (1 - chances) / draws)
    standard = (found.bounds - chances) / deviation
    assert np.abs(standard - stats.norm.ppf(alpha)).max() < Z
    # A bound that were the chance itself would give the exact distance |v| / stretch.
    np.testing.assert_allclose(found.radii, density.ppf(found.bounds) / stretch, rtol=1e-9)
    slack = -(stats.norm.ppf(alpha) - Z) * deviation / density.pdf(signals) / stretch
    distances = np.abs(signals) / stretch
    assert (np.abs(found.radii - distances) < slack).all()
    assert (slack < 0.02 * distances).all()


def test_the_radius_of_two_opposite_outputs_is_the_distance_to_their_boundary():
    weights = np.array([[0.2, -0.2], [2.0, -2.0], [1.0, -1.0]])
    image = np.array([[0.5, 0.2]])
    found = glr.certify(
        Network((weights,), ("identity",)), image, noise=Gaussian(1.0), draws=200_000, rng=np.random.default_rng(2)
    )
    signals = weights[0] + image[0] @ weights[1:]
    distance = (signals[0] - signals[1]) / np.linalg.norm(weights[1:, 0] - weights[1:, 1])
    assert found.labels == [0]
    assert 0.98 * distance < found.radii[0] < distance


@pytest.mark.parametrize(("noise", "stretch"), [(Gaussian(4.0), "spectral"), (Laplace(1.5), "largest row")])
def test_several_neurons_stretch_by_an_operator_norm(noise, stretch):
    rng = np.random.default_rng(3)
    network = Network.initialise((6, 3, 2), ("sigmoid", "identity"), rng)
    network.weights[1][:] = [[0.3, 0.0], *[[0.0, 0.0]] * 3]
    found = glr.certify(network, rng.random((1, 6)), noise=(noise, None), draws=50, rng=rng)
    weights = network.weights[0][1:]
    p = 0.001 ** (1 / 50)
    if stretch == "spectral":
        expected = 2.0 * stats.norm.ppf(p) / math.sqrt(np.linalg.eigvalsh(weights.T @ weights)[-1])
    else:
        expected = stats.laplace(scale=1.5).ppf(p) / max(sum(abs(weight) for weight in row) for row in weights)
    np.testing.assert_allclose(found.bounds, p, rtol=1e-12)
    np.testing.assert_allclose(found.radii, expected, rtol=1e-9)


@pytest.mark.parametrize(("chance", "draws", "alpha"), [(0.5, 100, 0.1), (0.9, 200, 0.02), (0.7, 40, 0.2)])
def test_the_bound_exceeds_the_chance_as_often_as_clopper_and_pearson_allow(chance, draws, alpha):
    images = 3000
    network = neuron(2.0 * stats.norm.ppf(chance), [0.0])
    found = glr.certify(
        network,
        np.zeros((images, 1)),
        noise=[Gaussian(4.0), None],
        draws=draws,
        alpha=alpha,
        rng=np.random.default_rng(4),
    )
    binomial = stats.binom(draws, chance)
    counts = np.arange(1, draws + 1)
    level = max(tail for tail in binomial.sf(counts - 1) if tail < alpha)
    assert level <= alpha
    deviation = math.sqrt(level * (1 - level) / images)
    exceeds = np.mean(found.bounds > chance)
    assert exceeds <= alpha + Z * math.sqrt(alpha * (1 - alpha) / images)
    assert abs(exceeds - level) <= Z * deviation


def test_the_chance_of_the_most_voted_of_equal_classes_is_not_bounded_by_the_votes_that_chose_it():
    images, classes, alpha = 3000, 10, 0.05
    network = Network((np.zeros((2, classes)),), ("identity",))
    found = glr.certify(
        network, np.zeros((images, 1)), noise=Gaussian(1.0), draws=100, selection=100, alpha=alpha,
        rng=np.random.default_rng(5),
    )  # fmt: skip
    assert np.mean(found.bounds > 1 / classes) <= alpha + Z * math.sqrt(alpha * (1 - alpha) / images)


class Margin:
    """The softmax of the best wrong output minus that of the label."""

    def __call__(self, outputs, labels):
        return self._parts(outputs, labels)[0]

    def gradient(self, outputs, labels):
        _, p, wrong = self._parts(outputs, labels)
        rows = np.arange(len(p))
        # d p_a / d output_b = p_a (1[a = b] - p_b)
        gradient = -(p[rows, wrong] - p[rows, labels])[:, None] * p
        gradient[rows, wrong] += p[rows, wrong]
        gradient[rows, labels] -= p[rows, labels]
        return gradient

    def _parts(self, outputs, labels):
        p = softmax(outputs)
        rows = np.arange(len(p))
        others = p.copy()
        others[rows, labels] = -1.0
        wrong = others.argmax(axis=1)
        return others[rows, wrong] - p[rows, labels], p, wrong


def pathwise(network, noises, rng):
    return lambda x, labels: input_gradient(
        network, x, labels, loss=Margin(), noise=noises[0], replications=100, rng=rng
    )[1]


def likelihood_ratio(network, noises, rng):
    return lambda x, labels: likelihood_ratio_input_gradient(
        network, x, labels, loss=Margin(), noise=noises, replications=100, rng=rng
    )


@pytest.mark.parametrize(
    ("activation", "noises", "ascent"),
    [
        ("sigmoid", [Gaussian(4.0), Gaussian(4.0)], pathwise),
        ("threshold", [Gaussian(4.0), Laplace(1.0)], likelihood_ratio),
    ],
)
def test_no_attack_breaks_a_certified_image(activation, noises, ascent):
    """Projected ascent in the ball of the radius; the same attack breaks nearly all images in the ball of twice that.

    The neurons see nearly the same direction of the image, so that the smoothed network nearly is a half-space, for
    which the radius is tight.
    """
    rng = np.random.default_rng(6)
    signs = np.array([1.0, 1.0, -1.0, -1.0])
    first = np.outer(rng.normal(0.0, 2.0, 9), signs) + rng.normal(0.0, 0.4, (9, 4))
    second = np.outer([0.0, *signs], [6.0, -6.0, 0.0]) + rng.normal(0.0, 0.6, (5, 3))
    for weights in (first, second):
        weights[0] = -0.5 * weights[1:].sum(axis=0)
    network = Network((first, second), (activation, "identity"))
    images = rng.random((60, 8))
    found = glr.certify(network, images, noise=noises, draws=20_000, rng=rng)
    certified = found.labels >= 0
    images, labels, radii = images[certified], found.labels[certified], found.radii[certified, None]
    assert len(images) >= 40
    assert len(set(labels)) == 2
    gradient = ascent(network, noises, rng)
    draws = 20_000

    def shares_after_an_attack(within):
        change = rng.normal(size=images.shape)
        change *= within / np.linalg.norm(change, axis=1, keepdims=True)
        for _ in range(15):
            slope = gradient(images + change, labels)
            change += 0.3 * within * slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-12)
            change *= np.minimum(1.0, within / np.linalg.norm(change, axis=1, keepdims=True))
        return np.array([
            share(network, x, label, noises, draws, rng) for x, label in zip(images + change, labels, strict=True)
        ])  # fmt: skip

    assert shares_after_an_attack(0.999 * radii).min() > 0.5 - Z * math.sqrt(0.25 / draws)
    assert np.mean(shares_after_an_attack(2.0 * radii) < 0.5) > 0.8


def test_no_change_of_one_pixel_breaks_an_image_certified_under_laplace_noise():
    """The corners of the L1 ball, all of them."""
    rng = np.random.default_rng(7)
    noises = [Laplace(0.7), None]
    network = Network.initialise((6, 3, 3), ("threshold", "identity"), rng)
    network.weights[0][:] *= 2.0
    network.weights[0][0] -= network.weights[0][1:].sum(axis=0) / 2.0
    images = rng.random((30, 6))
    found = glr.certify(network, images, noise=noises, draws=20_000, rng=rng)
    certified = np.flatnonzero(found.labels >= 0)
    assert len(certified) >= 15
    draws = 10_000
    shares = [
        share(network, images[index] + corner, found.labels[index], noises, draws, rng)
        for index in certified
        for corner in 0.999 * found.radii[index] * np.vstack([np.eye(6), -np.eye(6)])
    ]
    assert min(shares) > 0.5 - Z * math.sqrt(0.25 / draws)


@pytest.mark.parametrize(
    "noises", [[Gaussian(1.0)] * 3, [Gaussian(1.0), None, Laplace(2.0)], [Laplace(0.5), Gaussian(4.0), None]]
)
def test_the_votes_are_those_of_the_model_written_out(noises):
    rng = np.random.default_rng(18)
    network = Network.initialise((4, 5, 6, 2), ("sigmoid", "threshold", "identity"), rng)
    images = rng.random((10, 4))
    draws, alpha = 20_000, 0.1
    found = glr.certify(network, images, noise=noises, draws=draws, alpha=alpha, rng=rng)
    certified = np.flatnonzero(found.labels >= 0)
    assert len(certified) >= 5
    shares = np.array([share(network, images[index], found.labels[index], noises, draws, rng) for index in certified])
    deviation = np.sqrt(shares * (1 - shares) / draws)
    standard = (found.bounds[certified] - shares) / deviation - stats.norm.ppf(alpha)
    assert np.abs(standard).max() < Z * math.sqrt(2.0)


def test_an_image_whose_votes_are_even_is_not_certified():
    network = neuron(0.0, [1.0])
    images = np.array([[0.0], [1.0]])
    found = glr.certify(network, images, noise=[Gaussian(0.04), None], rng=np.random.default_rng(8))
    np.testing.assert_array_equal(found.labels, [-1, 1])
    assert 0.4 < found.bounds[0] <= 0.5 < found.bounds[1]
    assert found.radii[0] == 0.0 < found.radii[1]


def test_few_draws_abstain_even_where_all_agree():
    """All of N draws give the bound alpha^(1 / N), and 9 draws do not reach 1/2 at alpha = 0.001."""
    network = neuron(100.0, [1.0])
    bounds = [
        glr.certify(network, np.zeros((1, 1)), noise=Gaussian(1e-6), draws=draws, rng=np.random.default_rng(9))
        for draws in (9, 10)
    ]
    assert [found.labels[0] for found in bounds] == [-1, 1]
    np.testing.assert_allclose([found.bounds[0] for found in bounds], [0.001 ** (1 / 9), 0.001 ** (1 / 10)])


def test_a_label_without_a_vote_has_the_bound_zero():
    network = Network((np.zeros((2, 200)),), ("identity",))
    found = glr.certify(
        network, np.zeros((20, 1)), noise=Gaussian(1.0), draws=1, selection=1, rng=np.random.default_rng(10)
    )
    assert found.bounds.min() == 0.0
    assert (found.labels == -1).all()


def test_a_network_that_ignores_the_image_is_certified_everywhere():
    found = glr.certify(neuron(3.0, [0.0]), np.zeros((1, 1)), noise=Gaussian(0.01), rng=np.random.default_rng(11))
    assert found.labels == [1]
    assert found.radii == [np.inf]


def test_images_get_the_same_certificates_however_they_are_divided():
    rng = np.random.default_rng(12)
    network = Network.initialise((5, 7, 3), ("abs", "identity"), rng)
    images = rng.random((7, 5))

    def certified(cuts, seed=13, **settings):
        stream = np.random.default_rng(seed)
        parts = [
            glr.certify(network, part, noise=Gaussian(0.5), **({"draws": 9000} | settings), rng=stream)
            for part in np.split(images, cuts)
        ]
        return np.concatenate([part.bounds for part in parts]), np.concatenate([part.radii for part in parts])

    whole = certified([])
    assert np.unique(whole[0]).size == 7
    for cuts in ([3], [1, 2, 6], [0, 7]):
        np.testing.assert_array_equal(certified(cuts), whole)
    assert (certified([], seed=14)[0] != whole[0]).any()


def test_draws_beyond_a_chunk_all_count():
    """Twice and a half a chunk: the largest bound is alpha^(1 / N) only if each of the N draws has one vote."""
    found = glr.certify(
        neuron(9.0, [0.0]), np.zeros((1, 1)), noise=[Gaussian(0.01), None], draws=20_480, rng=np.random.default_rng(15)
    )
    np.testing.assert_allclose(found.bounds, 0.001 ** (1 / 20_480), rtol=1e-12)


def test_the_result_cannot_be_changed():
    found = glr.certify(
        neuron(9.0, [1.0]), np.zeros((0, 1)), noise=Gaussian(1.0), draws=5, rng=np.random.default_rng(16)
    )
    assert isinstance(found, glr.Certificates)
    assert found.labels.shape == found.bounds.shape == found.radii.shape == (0,)
    with pytest.raises(AttributeError):
        found.norm = 1


class Cauchy:
    """A density without a certificate."""

    symmetric = True

    def sample(self, rng, shape):
        return rng.standard_cauchy(shape)

    def score(self, r):
        return -2.0 * r / (1.0 + r**2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"noise": None}, "noise: found None on the first level, but a certificate is known for Gaussian"),
        ({"noise": [None, Gaussian(1.0)]}, "noise: found None on the first level"),
        ({"noise": Cauchy()}, "noise: found .*Cauchy.* on the first level"),
        (
            {"noise": [Gaussian(1.0)]},
            "noise: found 1 densities, but one for all levels, or one or None for each of the 2",
        ),
        ({"draws": 0}, "draws, selection: found 0 and 100, but 1 or more"),
        ({"selection": 0}, "draws, selection: found 10 and 0, but 1 or more"),
        ({"alpha": 0.0}, "alpha: found 0.0, but a number between 0 and 1"),
        ({"alpha": 1.0}, "alpha: found 1.0"),
        ({"alpha": math.nan}, "alpha: found nan"),
        ({"images": np.array([[1.5, 0.0]])}, "images: found values from 0 to 1.5, but"),
        ({"images": np.array([[math.nan, 0.0]])}, "images: found values from nan to nan, but"),
        ({"images": np.zeros((3, 4))}, r"images: found shape \(3, 4\), but \(n, 2\) is needed"),
        ({"images": np.zeros(2)}, r"images: found shape \(2,\), but"),
        ({"network": neuron(math.nan, [1.0, 1.0])}, "network: found weights that are not finite"),
        (
            {"network": Network((np.ones((3, 1)), np.ones((2, 2))), ("abs", lambda v: v * np.inf))},
            "network: found outputs that are not finite",
        ),
    ],
)
def test_what_cannot_be_certified_is_refused(change, message):
    given = {"network": neuron(1.0, [1.0, 1.0]), "images": np.zeros((1, 2)), "noise": Gaussian(1.0), "draws": 10}
    with pytest.raises(InputError, match=message):
        glr.certify(**(given | {"rng": np.random.default_rng(17)} | change))
