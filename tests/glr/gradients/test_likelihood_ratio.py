"""The likelihood ratio against exact gradients: z-tests of every sampling, and what the z-tests have to catch."""

from itertools import product

import numpy as np
import pytest

from exact import exact_gradient, exact_input_gradient
from glr.errors import DivergenceError, InputError
from glr.gradients import frames
from glr.gradients import sampling as draws_of
from glr.gradients.likelihood_ratio import (
    likelihood_ratio_gradient,
    likelihood_ratio_input_gradient,
    losses_and_input_gradient,
    replications_spent,
)
from glr.gradients.sampling import SAMPLINGS
from glr.losses import get_loss, softmax
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


def z_scores(network, images, loss, noise, sampling, exact, draws=4096, precision=0.008, copies=1):
    """Return the z-scores of all weights, from as many estimates as the precision of the gradient asks for.

    The precision is the standard error of the whole gradient relative to its length: small enough to see 2 %. An
    estimate is the unit, since its images (each of them in as many copies) and their draws depend on each other.
    """
    rng = np.random.Generator(np.random.SFC64(7))
    images, labels = np.tile(images, (copies, 1)), np.tile(LABELS, copies)
    estimates, wanted = [], 100
    while wanted < 100_000:
        while len(estimates) < wanted:
            estimate = likelihood_ratio_gradient(
                network, images, labels, loss=loss, noise=noise, replications=draws, rng=rng, sampling=sampling
            )
            estimates.append(flat(estimate))
        error = np.std(estimates, axis=0, ddof=1) / np.sqrt(wanted)
        reached = np.linalg.norm(error) / np.linalg.norm(exact)
        if reached < precision:
            return scores(estimates, exact)
        wanted = int(1.1 * wanted * (reached / precision) ** 2) + 1
    raise AssertionError(f"{wanted} estimates would be needed to see an error of 2 %")


def scores(estimates, exact):
    """Return the z-scores of the mean of estimates; a weight whose estimates are all the same has to be exact."""
    error = np.std(estimates, axis=0, ddof=1) / np.sqrt(len(estimates))
    difference = np.mean(estimates, axis=0) - exact
    np.testing.assert_allclose(difference[error == 0.0], 0.0, atol=1e-7)
    return difference[error > 0.0] / error[error > 0.0]


def rms(z):
    return np.sqrt(np.mean(z**2))


def biased(z):
    """Whether the z-scores are too large for an unbiased estimator; their weights' errors are correlated."""
    return rms(z) > 2.5 or np.abs(z).max() > 4.5


def is_slow(name, noise, loss, trained):
    costly = name in ("abs", "three levels", "sigmoid and abs")
    return trained + costly + (noise == "laplace") + (loss == "zero_one") > 1


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
        assert not biased(z), f"{sampling}: rms z = {rms(z):.2f}, max z = {np.abs(z).max():.2f}"


class WrongFactor(Gaussian):
    """A score that is 2 % too large."""

    def score(self, r):
        return super().score(r) * 1.02


class SharedPool:
    """Draws from a frozen pool of normals."""

    symmetric = True
    pool = np.random.default_rng(8).normal(0.0, 1.5**0.5, 2**16).astype(np.float32)

    def sample(self, rng, shape):
        size = int(np.prod(shape))
        return np.resize(np.roll(self.pool, rng.integers(self.pool.size)), size).reshape(shape)

    def score(self, r):
        return -r / 1.5


def midpoints(offsets, draws, total, rng):
    return (np.arange(draws.start, draws.stop) + offsets) % total / total + 0.5 / total


def tied_to_its_place_in_the_block(offsets, draws, total, rng):
    place = np.broadcast_to(np.arange(draws.start, draws.stop) % 2, (len(offsets), draws.stop - draws.start))
    return (place + rng.random(place.shape)) / 2


def same_directions(width, images, rng):
    """Give all images the same directions, as permuting and signing the vectors would."""
    return np.repeat(np.arange(width)[:, None], images, axis=1)


@pytest.mark.parametrize(
    ("sampling", "noise", "patches"),
    [
        pytest.param("plain", WrongFactor(1.5), {}, id="a wrong factor"),
        pytest.param("plain", SharedPool(), {}, id="a shared noise pool"),
        pytest.param("orthogonal", Gaussian(1.5), {"stratified": midpoints}, id="midpoints"),
        pytest.param(
            "orthogonal",
            Gaussian(1.5),
            {"stratified": tied_to_its_place_in_the_block, "BLOCK": 4},
            id="a stratum tied to its block",
        ),
        pytest.param("orthogonal", Gaussian(1.5), {"BLOCK": 4}, id="nothing wrong"),
    ],
)
def test_the_harness_catches(sampling, noise, patches, request, monkeypatch):
    for name, value in patches.items():
        monkeypatch.setattr(frames, name, value)
    network = Network.initialise((3, 3, 2), ("threshold", "identity"), np.random.default_rng(5))
    exact = flat(exact_gradient(network.weights, ("threshold",), IMAGES, LABELS, "cross_entropy", ("gaussian", 1.5)))
    draws, copies = (12, 100) if sampling == "orthogonal" else (4096, 1)
    z = z_scores(network, IMAGES, "cross_entropy", noise, sampling, exact, draws, precision=0.004, copies=copies)
    assert biased(z) == ("nothing wrong" not in request.node.callspec.id), f"rms z = {rms(z):.2f}"


def raw_q(size, width, rng):
    return np.linalg.qr(rng.standard_normal((size, width)))[0]


@pytest.mark.parametrize(
    ("patches", "caught"),
    [
        ({}, False),
        ({"_signed_permutations": same_directions}, False),
        ({"_signed_permutations": same_directions, "haar_frame": raw_q}, True),
        ({"haar_frame": raw_q}, False),
    ],
)
def test_a_raw_lapack_q_is_caught_in_the_covariance_of_a_draw(patches, caught, monkeypatch):
    """A raw Q is not uniform, but the images' random signs D make it so, since Q(D A) = D Q(A) D."""
    for name, value in patches.items():
        monkeypatch.setattr(frames, name, value)
    rng = np.random.Generator(np.random.SFC64(15))
    draws = [frames.Frames(3, 4, 8, rng, spherical=True).sample(slice(0, 4), slice(5, 6)) for _ in range(12_000)]
    products = [np.einsum("ain,bin->ab", draw, draw)[np.triu_indices(3)] / 4.0 for draw in draws]
    assert biased(scores(products, np.eye(3)[np.triu_indices(3)])) == caught


def batch_variance(network, images, labels, together, repeats=400):
    """Return the variance of the batch's gradient, its images estimated in one call or each in its own."""
    rng = np.random.Generator(np.random.SFC64(9))

    def estimate(chunk):
        return flat(
            likelihood_ratio_gradient(
                network, images[chunk], labels[chunk], noise=Gaussian(4.0), replications=128, rng=rng
            )
        )

    chunks = [slice(None)] if together else [slice(i, i + 1) for i in range(len(images))]
    estimates = [np.mean([estimate(chunk) for chunk in chunks], axis=0) for _ in range(repeats)]
    return np.var(estimates, axis=0).sum()


def test_images_do_not_share_their_directions(monkeypatch):
    rng = np.random.default_rng(10)
    network = Network.initialise((30, 20, 10), ("sigmoid", "identity"), rng)
    images, labels = rng.random((25, 30)), rng.integers(10, size=25)
    independent = batch_variance(network, images, labels, together=False, repeats=100)
    assert batch_variance(network, images, labels, together=True) < 1.2 * independent
    monkeypatch.setattr(frames, "_signed_permutations", same_directions)
    assert batch_variance(network, images, labels, together=True) > 2.0 * independent


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_chunks_do_not_change_what_is_estimated(sampling, monkeypatch):
    monkeypatch.setattr(draws_of, "COLUMNS", 50)
    network, images = make_case("threshold")
    exact = flat(exact_gradient(network.weights, ("threshold",), images, LABELS, "cross_entropy", ("gaussian", 1.5)))
    assert not biased(z_scores(network, images, "cross_entropy", Gaussian(1.5), sampling, exact, 801, precision=0.015))


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize(
    ("noises", "parameters", "levels"),
    [
        ([Gaussian(1.5), None], [("gaussian", 1.5), None], [0]),
        ([None, Laplace(0.8)], [None, ("laplace", 0.8)], [1]),
        ([Gaussian(0.5), Laplace(0.8)], [("gaussian", 0.5), ("laplace", 0.8)], [0, 1]),
        ([Gaussian(0.5), Gaussian(2.0)], [("gaussian", 0.5), ("gaussian", 2.0)], [0, 1]),
    ],
)
def test_levels_have_noise_of_their_own(noises, parameters, levels, sampling):
    network, images = make_case("threshold")
    exact = exact_gradient(network.weights, ("threshold",), images, LABELS, "cross_entropy", parameters)
    rng = np.random.Generator(np.random.SFC64(11))
    estimates = []
    for _ in range(300):
        estimate = likelihood_ratio_gradient(
            network, images, LABELS, noise=noises, replications=512, rng=rng, sampling=sampling, levels=levels
        )
        estimates.append(flat([estimate[level] for level in levels]))
    wanted = flat([exact[level] for level in levels])
    assert np.linalg.norm(np.std(estimates, axis=0)) < 0.05 * np.sqrt(len(estimates)) * np.linalg.norm(wanted)
    assert not biased(scores(estimates, wanted))
    assert all(not estimate[level].any() for level in range(2) if level not in levels)


def test_a_level_without_noise_cannot_be_estimated():
    network, images = make_case("sigmoid")
    settings = {"noise": [Gaussian(1.0), None], "replications": 8, "rng": np.random.default_rng(0)}
    with pytest.raises(InputError, match="level 1 has no noise"):
        likelihood_ratio_gradient(network, images, LABELS, **settings)
    gradient = likelihood_ratio_gradient(network, images, LABELS, levels=[0], **settings)
    assert gradient[0].any()


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize(
    ("name", "loss", "noises", "parameters"),
    [
        ("sigmoid", "cross_entropy", [Gaussian(1.5)] * 2, [("gaussian", 1.5)] * 2),
        ("threshold", "cross_entropy", [Gaussian(1.5)] * 2, [("gaussian", 1.5)] * 2),
        ("threshold", "zero_one", [Laplace(0.8)] * 2, [("laplace", 0.8)] * 2),
        ("threshold", "cross_entropy", [Gaussian(0.5), None], [("gaussian", 0.5), None]),
    ],
)
def test_the_input_gradient_is_unbiased(name, loss, noises, parameters, sampling, monkeypatch):
    monkeypatch.setattr(draws_of, "COLUMNS", 600)
    network, images = make_case(name)
    exact = exact_input_gradient(network.weights, NETWORKS[name][1], images, LABELS, loss, parameters)
    rng = np.random.Generator(np.random.SFC64(16))
    estimates = np.array([
        likelihood_ratio_input_gradient(
            network, images, LABELS, loss=loss, noise=noises, replications=2048, rng=rng, sampling=sampling
        )
        for _ in range(150)
    ])  # fmt: skip
    assert estimates.shape[1:] == images.shape
    assert np.linalg.norm(np.std(estimates, axis=0)) < 0.03 * np.sqrt(len(estimates)) * np.linalg.norm(exact)
    # The pixels' estimates are combinations of the few neurons', so that their z-scores are not independent.
    z = scores(list(estimates.reshape(len(estimates), -1)), exact.ravel())
    assert not biased(z), f"rms z = {rms(z):.2f}, max z = {np.abs(z).max():.2f}"


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_input_gradient_is_that_of_the_first_levels_signals(sampling):
    """An image of its own: the weights' gradient is [1, x] times the signals', and the input's theta times them."""
    network, images = make_case("threshold")
    settings = {"noise": Gaussian(1.5), "replications": 64, "sampling": sampling}
    signals = likelihood_ratio_gradient(network, images[:1], LABELS[:1], rng=np.random.default_rng(3), **settings)[0][0]
    found = likelihood_ratio_input_gradient(network, images[:1], LABELS[:1], rng=np.random.default_rng(3), **settings)
    np.testing.assert_allclose(found, [network.weights[0][1:] @ signals], rtol=1e-12)


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("replications", [2, 9000])
def test_the_losses_beside_the_input_gradient_are_means_over_the_draws(sampling, replications):
    """Noise that moves the losses by 1e-5 at most leaves them what they are; 9000 draws are worked on in parts."""
    network, images = make_case("sigmoid")
    settings = {"noise": Gaussian(1e-12), "replications": replications, "sampling": sampling}
    losses, gradient = losses_and_input_gradient(network, images, LABELS, rng=np.random.default_rng(3), **settings)
    np.testing.assert_allclose(losses, get_loss("cross_entropy")(network.outputs(images), LABELS), atol=1e-5)
    alone = likelihood_ratio_input_gradient(network, images, LABELS, rng=np.random.default_rng(3), **settings)
    np.testing.assert_array_equal(gradient, alone)


def test_the_input_gradient_needs_noise_at_the_first_level():
    network, images = make_case("sigmoid")
    with pytest.raises(InputError, match="noise: found none at level 0"):
        likelihood_ratio_input_gradient(
            network, images, LABELS, noise=[None, Gaussian(1.0)], replications=8, rng=np.random.default_rng(0)
        )


class Gumbel:
    """A density that is not symmetric: log f(r) = -r - exp(-r)."""

    symmetric = False

    def sample(self, rng, shape):
        return rng.gumbel(size=shape)

    def score(self, r):
        return np.exp(-r) - 1.0


@pytest.mark.parametrize("sampling", ["plain", "leave_one_out"])
def test_any_density_loss_and_activation_of_the_callers_own(sampling):
    """E (v^2 - target)^2 of one neuron v = a + r has a polynomial for its derivative: exact by the moments of r."""
    network = Network((np.array([[0.3], [0.5]]),), (np.square,))
    images, targets = np.array([[0.4], [1.0]]), np.array([[0.5], [2.0]])

    def squared_error(outputs, labels):
        return ((outputs - labels) ** 2).sum(axis=1)

    r = np.random.default_rng(12).gumbel(size=4_000_000)
    v = 0.3 + 0.5 * images + r
    slope = np.mean(4.0 * v * (v**2 - targets), axis=1)
    exact = np.array([slope.mean(), (slope * images[:, 0]).mean()])
    rng = np.random.Generator(np.random.SFC64(13))
    estimates = [
        flat(
            likelihood_ratio_gradient(
                network,
                images,
                targets,
                loss=squared_error,
                noise=Gumbel(),
                replications=20_000,
                rng=rng,
                sampling=sampling,
            )
        )
        for _ in range(100)
    ]
    error = np.std(estimates, axis=0, ddof=1) / 10.0
    assert (error < 0.03 * np.abs(exact)).all()
    assert not biased((np.mean(estimates, axis=0) - exact) / np.hypot(error, 0.01 * np.abs(exact)))


@pytest.mark.parametrize("sampling", ["antithetic", "orthogonal"])
def test_signs_are_refused_for_a_density_that_is_not_symmetric(sampling):
    network, images = make_case("sigmoid")
    with pytest.raises(InputError, match="not symmetric"):
        likelihood_ratio_gradient(
            network, images, LABELS, noise=Gumbel(), replications=8, rng=np.random.default_rng(0), sampling=sampling
        )


@pytest.mark.parametrize(
    ("sizes", "noise", "sampling", "asked", "spent"),
    [
        ((196, 20, 10), Gaussian(4.0), "plain", 101, 101),
        ((196, 20, 10), Gaussian(4.0), "leave_one_out", 2, 2),
        ((196, 20, 10), Gaussian(4.0), "antithetic", 10, 12),
        ((196, 20, 10), Gaussian(4.0), "orthogonal", 1, 4 * 32),
        ((196, 20, 10), Gaussian(4.0), "orthogonal", 129, 2 * 4 * 32),
        ((196, 20, 10), Laplace(1.0), "orthogonal", 1, 4 * 32),
        ((196, 90, 10), Gaussian(4.0), "orthogonal", 1, 4 * 64),
        ((5, 4), Gaussian(4.0), "orthogonal", 1, 2 * 4),
        ((5, 2, 2, 2), Gaussian(4.0), "antithetic", 1, 4),
        ((5, 2, 2, 2, 2), Gaussian(4.0), "antithetic", 1, 8),
        ((5, 2, 2, 2, 2, 2, 2, 2), Gaussian(4.0), "antithetic", 1, 8),
        ((5, 2, 2, 2), [Gaussian(4.0), None, Gaussian(4.0)], "orthogonal", 1, 4 * 4),
    ],
)
def test_replications_are_rounded_up_to_whole_bases(sizes, noise, sampling, asked, spent):
    network = Network.initialise(sizes, ("sigmoid",) * (len(sizes) - 1), np.random.default_rng(0))
    assert replications_spent(network, noise, asked, sampling) == spent


def test_main_effects_of_four_levels_are_no_interactions_of_two():
    runs = draws_of.design_of((True,) * 4, True)
    signs = np.ones((1, 0), dtype=int)
    for states in runs.states:
        signs = np.array([[*signs[parent], sign] for parent, sign in states])
    assert len(signs) == 8
    for level in range(4):
        others = [column for column in range(4) if column != level]
        for one in others:
            for two in others:
                if one < two:
                    assert signs[:, level] @ (signs[:, one] * signs[:, two]) == 0


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_loss_is_called_as_often_as_is_said(sampling):
    network, images = make_case("abs")
    seen = []

    def loss(outputs, labels):
        seen.append(len(outputs))
        return outputs[np.arange(len(labels)), labels]

    settings = {"noise": Gaussian(1.0), "replications": 101, "sampling": sampling}
    likelihood_ratio_gradient(network, images, LABELS, loss=loss, rng=np.random.default_rng(0), **settings)
    assert sum(seen) == len(images) * replications_spent(network, Gaussian(1.0), 101, sampling)


@pytest.mark.parametrize("sampling", ["antithetic", "orthogonal"])
@pytest.mark.parametrize("name", ["one level", "threshold"])
def test_what_all_runs_have_in_common_cancels_exactly(name, sampling):
    """Rounded products would leave some of it, and much of it where losses are large."""
    network, images = make_case(name)
    gradient = likelihood_ratio_gradient(
        network,
        images,
        LABELS,
        loss=lambda outputs, labels: np.full(len(labels), 1e9 / 7.0, dtype=np.float32),
        noise=Gaussian(1.5),
        replications=96,
        rng=np.random.default_rng(0),
        sampling=sampling,
    )
    assert not flat(gradient).any()


def test_the_same_generator_gives_the_same_bytes():
    network, images = make_case("sigmoid")
    first, second = (
        likelihood_ratio_gradient(
            network, images, LABELS, noise=Gaussian(1.0), replications=64, rng=np.random.default_rng(3)
        )
        for _ in range(2)
    )
    assert flat(first).tobytes() == flat(second).tobytes()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_told(bad):
    network, images = make_case("sigmoid")
    with pytest.raises(DivergenceError, match="not finite"):
        likelihood_ratio_gradient(
            network,
            images,
            LABELS,
            loss=lambda outputs, labels: np.full(len(labels), bad),
            noise=Gaussian(1.0),
            replications=8,
            rng=np.random.default_rng(0),
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sampling": "plane"}, "sampling: found 'plane', but allowed are plain, leave_one_out"),
        ({"replications": 0}, "replications: found 0, but orthogonal needs at least 1"),
        ({"sampling": "leave_one_out", "replications": 1}, "leave_one_out needs at least 2"),
        ({"noise": [Gaussian(1.0)]}, "one or None for each of the 2 levels"),
        ({"noise": [None, None]}, "not None for all"),
        ({"loss": "hinge"}, "loss: found 'hinge', but allowed are cross_entropy, zero_one"),
        ({"loss": lambda outputs, labels: np.zeros(3)}, "one value for each of"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    network, images = make_case("sigmoid")
    settings = {"noise": Gaussian(1.0), "replications": 8, "rng": np.random.default_rng(0)}
    with pytest.raises(InputError, match=message):
        likelihood_ratio_gradient(network, images, LABELS, **(settings | change))


@pytest.mark.parametrize("loss", ["cross_entropy", pytest.param("zero_one", marks=pytest.mark.slow)])
def test_all_samplings_agree_on_ten_classes(loss):
    """Against the pathwise derivative (cross-entropy), or against all other samplings together (0-1 loss)."""
    rng = np.random.Generator(np.random.SFC64(14))
    network = Network.initialise((12, 7, 10), ("sigmoid", "identity"), rng)
    images, labels = rng.random((4, 12)), rng.integers(10, size=4)
    means, errors = {}, {}
    for sampling in SAMPLINGS:
        estimates = [
            flat(
                likelihood_ratio_gradient(
                    network,
                    images,
                    labels,
                    loss=loss,
                    noise=Gaussian(4.0),
                    replications=8192,
                    rng=rng,
                    sampling=sampling,
                )
            )
            for _ in range(100)
        ]
        means[sampling] = np.mean(estimates, axis=0)
        errors[sampling] = np.std(estimates, axis=0, ddof=1) / 10.0
    for sampling in SAMPLINGS:
        if loss == "cross_entropy":
            truth, error = pathwise(network, images, labels, rng)
        else:
            others = [name for name in SAMPLINGS if name != sampling]
            weights = np.array([errors[name] ** -2.0 for name in others])
            truth = (weights * [means[name] for name in others]).sum(axis=0) / weights.sum(axis=0)
            error = weights.sum(axis=0) ** -0.5
        z = (means[sampling] - truth) / np.hypot(errors[sampling], error)
        assert rms(z) < 1.4
        assert np.abs(z).max() < 5.0


def pathwise(network, images, labels, rng, draws=20_000, repeats=20):
    """Return the pathwise derivative of the mean cross-entropy in float64, with its standard error."""
    (first, second), variance = network.weights, 4.0
    estimates = []
    for _ in range(repeats):
        gradient = [np.zeros_like(first), np.zeros_like(second)]
        for image, label in zip(images, labels, strict=True):
            noise = np.sqrt(variance) * rng.standard_normal((draws, first.shape[1]))
            hidden = 1.0 / (1.0 + np.exp(-(first[0] + image @ first[1:] + noise)))
            noise = np.sqrt(variance) * rng.standard_normal((draws, second.shape[1]))
            delta = softmax(second[0] + hidden @ second[1:] + noise)
            delta[:, label] -= 1.0
            gradient[1] += np.vstack([delta.sum(axis=0), hidden.T @ delta]) / (draws * len(images))
            back = ((delta @ second[1:].T) * hidden * (1.0 - hidden)).mean(axis=0) / len(images)
            gradient[0] += np.vstack([back, np.outer(image, back)])
        estimates.append(flat(gradient))
    return np.mean(estimates, axis=0), np.std(estimates, axis=0, ddof=1) / np.sqrt(repeats)
