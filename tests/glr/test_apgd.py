"""Auto-PGD: where it ends, in which ball, which images and targets it goes on with, and the toolbox beside it."""

import importlib.util

import numpy as np
import pytest

from glr.apgd import LOSSES, apgd
from glr.attacks import pgd
from glr.errors import InputError
from glr.gradients.backprop import backprop_gradient, input_gradient
from glr.gradients.likelihood_ratio import losses_and_input_gradient
from glr.network import Network
from glr.noise import Gaussian

NORMS = ("linf", "l2")


@pytest.fixture(scope="module")
def case():
    """Return a network trained on ten clusters that overlap, images of theirs, and their labels."""
    rng = np.random.default_rng(1)
    centres = 0.5 + 0.4 * (rng.random((10, 36)) - 0.5)
    labels = rng.integers(10, size=1000)
    images = np.clip(centres[labels] + rng.normal(0.0, 0.15, (1000, 36)), 0.0, 1.0)
    network = Network.initialise((36, 12, 10), ("sigmoid", "identity"), rng)
    for _ in range(300):
        for weights, slope in zip(network.weights, backprop_gradient(network, images, labels), strict=True):
            weights -= 2.0 * slope
    assert np.mean(network.predict(images) == labels) > 0.95
    return network, images, labels


def plain(network):
    return lambda x, labels, loss: input_gradient(network, x, labels, loss=loss)


def left(network, images, labels):
    return np.mean(network.predict(images) == labels)


@pytest.mark.parametrize("norm", NORMS)
def test_a_linear_loss_is_raised_to_its_largest_value(norm):
    """Two of the images lie in corners, where the box cuts the ball: the best point is known for the others."""
    slope = np.array([3.0, -4.0, 0.0])
    images = np.array([[0.5, 0.5, 0.5], [0.3, 0.6, 0.1], [1.0, 0.0, 0.2]])
    found = apgd(
        lambda x: np.repeat([[1.0, 0.0]], len(x), axis=0),
        lambda x, labels, loss: (x @ slope, np.repeat([slope], len(x), axis=0)),
        images, np.zeros(3, int), loss="cross_entropy", epsilon=0.1, norm=norm, rng=np.random.default_rng(1),
    )  # fmt: skip
    step = np.sign(slope) if norm == "linf" else slope / 5.0
    reached = found @ slope - images @ slope
    np.testing.assert_allclose(reached, [0.1 * step @ slope] * 2 + [0.0], atol=1e-3)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("loss", LOSSES)
def test_samples_lie_in_the_ball_and_fool_more_than_pgd(case, norm, loss):
    network, images, labels = case
    epsilon = {"linf": 0.06, "l2": 0.3}[norm]
    kept = images.copy()
    restarts = 9 if loss == "targeted_dlr" else 3
    rng = np.random.default_rng(1)
    found = apgd(
        network.outputs, plain(network), images, labels, loss=loss, epsilon=epsilon, norm=norm, restarts=restarts,
        rng=rng,
    )  # fmt: skip
    np.testing.assert_array_equal(images, kept)
    change = found - images
    size = np.abs(change).max() if norm == "linf" else np.linalg.norm(change, axis=1).max()
    assert size <= epsilon + 1e-12 and found.min() >= 0.0 and found.max() <= 1.0
    wrong = network.predict(images) != labels
    np.testing.assert_array_equal(found[wrong], images[wrong])
    if norm == "linf":
        by_pgd = pgd(
            lambda x: input_gradient(network, x, labels)[1], images, epsilon=epsilon, step_size=epsilon / 8, steps=20
        )
        assert left(network, found, labels) <= left(network, by_pgd, labels) + 0.01
    assert left(network, found, labels) < 0.5


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("loss", ["cross_entropy", "dlr"])
@pytest.mark.filterwarnings("ignore:PyTorch not found")
@pytest.mark.skipif(not importlib.util.find_spec("art"), reason="needs the extra 'attacks'")
def test_the_toolbox_leaves_as_much(case, norm, loss):
    from art.attacks.evasion import AutoProjectedGradientDescent
    from art.estimators.classification.classifier import ClassifierMixin
    from art.estimators.estimator import BaseEstimator, LossGradientsMixin

    network, images, labels = case

    class Estimator(ClassifierMixin, LossGradientsMixin, BaseEstimator):
        input_shape, nb_classes = (36,), 10

        def predict(self, x, **_):
            return network.outputs(x.astype(float))

        def compute_loss(self, x, y, **_):
            return LOSSES[loss](self.predict(x), y.argmax(axis=1))

        def loss_gradient(self, x, y, **_):
            return input_gradient(network, x.astype(float), y.argmax(axis=1), loss=LOSSES[loss])[1].astype(np.float32)

        def fit(self, *_, **__):
            raise NotImplementedError

    epsilon = {"linf": 0.06, "l2": 0.3}[norm]
    toolbox = AutoProjectedGradientDescent(
        Estimator(model=None, clip_values=(0.0, 1.0)),
        norm={"linf": np.inf, "l2": 2}[norm], eps=epsilon, eps_step=2 * epsilon, nb_random_init=4, max_iter=50,
        batch_size=1000, verbose=False,
    )  # fmt: skip
    theirs = toolbox.generate(images.astype(np.float32), labels)
    ours = apgd(
        network.outputs, plain(network), images, labels, loss=loss, epsilon=epsilon, norm=norm, restarts=4,
        steps=50, rng=np.random.default_rng(2),
    )  # fmt: skip
    assert 0.2 < left(network, ours, labels) < 0.8
    assert abs(left(network, ours, labels) - left(network, theirs.astype(float), labels)) <= 0.01


def test_the_step_size_is_halved_until_a_maximum_within_the_ball_is_met():
    images = np.full((1, 2), 0.5)
    found = apgd(
        lambda x: np.repeat([[1.0, 0.0]], len(x), axis=0),
        lambda x, labels, loss: (-((x - 0.52) ** 2).sum(axis=1), 1.04 - 2.0 * x),
        images, np.zeros(1, int), loss="cross_entropy", epsilon=0.1, rng=np.random.default_rng(3),
    )  # fmt: skip
    np.testing.assert_allclose(found, 0.52, atol=2e-3)


def test_each_restart_aims_the_images_that_stand_at_their_next_likeliest_class(case):
    network, images, labels = case
    images, labels = images[:50], labels[:50]
    seen = []

    def slopes(x, pairs, loss):
        seen.append(pairs)
        return np.zeros(len(x)), np.zeros_like(x)

    apgd(
        network.outputs, slopes, images, labels, loss="targeted_dlr", epsilon=0.0, steps=1, restarts=3,
        rng=np.random.default_rng(1),
    )  # fmt: skip
    right = network.predict(images) == labels
    ranked = np.argsort(-network.outputs(images[right]), axis=1)
    for restart in range(3):
        pairs = seen[2 * restart]
        np.testing.assert_array_equal(pairs, np.stack([labels[right], ranked[:, 1 + restart]], axis=1))


def test_an_image_that_has_fallen_is_asked_no_more_and_keeps_its_sample():
    """Image k falls at the step at which its first pixel passes k / 20 + 0.05; the others go on with their labels."""
    labels = np.arange(4) % 2
    images = np.full((4, 3), [0.05, 0.3, 0.3])
    images[:, 1] += np.arange(4) / 20
    asked = []

    def outputs(x):
        own = np.rint((x[:, 1] - 0.3) * 20).astype(int)
        fallen = x[:, 0] > 0.1 + own / 20
        return np.where(fallen, 1 - own % 2, own % 2)[:, None] == np.arange(2)

    def slopes(x, goals, loss):
        asked.append(goals)
        np.testing.assert_array_equal(goals, np.rint((x[:, 1] - 0.3) * 20).astype(int) % 2)
        return x[:, 0], np.repeat([[0.01, 0.0, 0.0]], len(x), axis=0)

    found = apgd(
        lambda x: outputs(x).astype(float), slopes, images, labels, loss="cross_entropy", epsilon=0.12, norm="l2",
        steps=60, rng=_Still(),
    )  # fmt: skip
    sizes = [len(goals) for goals in asked]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] == 4 and sizes[-1] == 2
    np.testing.assert_array_equal(outputs(found).argmax(axis=1) == labels, [False, False, True, True])
    assert (found[:2, 0] > 0.1).all() and found[2:, 0] == pytest.approx(0.17)


class _Still(np.random.Generator):
    """A generator whose starts are the images themselves."""

    def __init__(self):
        super().__init__(np.random.PCG64(1))

    def standard_normal(self, shape):
        return np.zeros(shape)


@pytest.mark.parametrize("loss", LOSSES)
def test_jumps_are_attacked_by_the_likelihood_ratio(case, loss):
    smooth, images, labels = case
    network = Network(smooth.weights, ("threshold", "identity"))
    images, labels = images[:200], labels[:200]
    rng = np.random.default_rng(1)

    def slopes(x, goals, loss):
        return losses_and_input_gradient(network, x, goals, loss=loss, noise=Gaussian(1.0), replications=128, rng=rng)

    found = apgd(network.outputs, slopes, images, labels, loss=loss, epsilon=0.1, steps=20, restarts=2, rng=rng)
    assert left(network, found, labels) < left(network, images, labels) - 0.3


@pytest.mark.parametrize(
    ("classes", "change", "message"),
    [
        (3, {"loss": "targeted_dlr"}, "loss: found targeted_dlr for 3 classes, but it needs 4 or more"),
        (2, {"loss": "dlr"}, "loss: found dlr for 2 classes, but it needs 3 or more"),
        (5, {"loss": "zero_one"}, "loss: found 'zero_one', but allowed are cross_entropy, dlr, targeted_dlr"),
        (5, {"loss": "targeted_dlr", "restarts": 5}, "restarts: found 5, but there are only 4 targets"),
        (5, {"restarts": 0}, "restarts: found 0, but a whole number of 1 or more is needed"),
        (5, {"steps": 0}, "steps: found 0, but a whole number of 1 or more is needed"),
        (5, {"norm": "l1"}, "norm: found 'l1', but allowed are linf, l2"),
        (5, {"epsilon": 1.5}, "epsilon: found 1.5, but allowed are numbers from 0 to 1"),
        (5, {"epsilon": -0.5, "norm": "l2"}, "epsilon: found -0.5, but allowed are numbers of 0 or more"),
        (5, {"epsilon": np.inf, "norm": "l2"}, "epsilon: found inf, but allowed are numbers of 0 or more"),
        (5, {"slopes": lambda x, labels, loss: (x, x)}, r"slopes: returned shapes \(4, 2\) and \(4, 2\)"),
        (5, {"outputs": lambda x: x[0]}, r"outputs: returned shape \(2,\), but \(4, classes\) is needed"),
    ],
)
def test_what_cannot_be_searched_is_refused(classes, change, message):
    settings = {
        "outputs": lambda x: np.repeat([np.arange(classes, 0, -1.0)], len(x), axis=0),
        "slopes": lambda x, labels, loss: (x[:, 0], x),
        "images": np.full((4, 2), 0.5), "labels": np.zeros(4, int), "loss": "cross_entropy", "epsilon": 0.1,
        "rng": np.random.default_rng(1),
    }  # fmt: skip
    with pytest.raises(InputError, match=message):
        apgd(**(settings | change))


@pytest.mark.parametrize("norm", NORMS)
def test_no_image_gives_no_sample(norm):
    found = apgd(
        lambda x: np.zeros((len(x), 4)), lambda x, labels, loss: (x[:, 0], x), np.zeros((0, 9)), np.zeros(0, int),
        loss="cross_entropy", epsilon=0.1, norm=norm, rng=np.random.default_rng(1),
    )  # fmt: skip
    assert found.shape == (0, 9)
