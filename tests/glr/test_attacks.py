"""Attacks: the fast gradient sign's formula, ascent in the box, optimality of L-BFGS, black boxes, and the targets."""

import importlib.util
import sys

import numpy as np
import pytest
from scipy import stats

from glr.attacks import TARGETS, choose_targets, fgsm, lbfgs, lbfgs_minimal, pgd, square
from glr.errors import InputError
from glr.losses import get_loss, softmax
from glr.network import Network

STEP = 1e-6
TOOLBOX = pytest.mark.skipif(not importlib.util.find_spec("art"), reason="needs the extra 'attacks'")


@pytest.fixture
def case():
    """Return a network, images with pixels on both bounds, and their predicted labels."""
    rng = np.random.default_rng(5)
    network = Network.initialise((9, 8, 6, 4), ("sigmoid", "sigmoid", "identity"), rng)
    for weights in network.weights:
        weights *= 2.0
    images = np.clip(rng.normal(0.5, 0.5, (12, 9)), 0.0, 1.0)
    return network, images, network.predict(images)


def slopes(function, images):
    """Return the derivatives of each image's value by its pixels, by central differences."""
    steps = STEP * np.eye(images.shape[1])
    return np.transpose([(function(images + step) - function(images - step)) / (2 * STEP) for step in steps])


def cross_entropy(network, labels):
    return lambda images: get_loss("cross_entropy")(network.outputs(images), labels)


@pytest.mark.parametrize("epsilon", [0.0, 0.05, 0.3, 1.0])
def test_fgsm_moves_each_pixel_up_the_loss_and_clips(case, epsilon):
    network, images, labels = case
    up = np.sign(slopes(cross_entropy(network, labels), images))
    adversarial = fgsm(network, images, labels, epsilon=epsilon)
    np.testing.assert_array_equal(adversarial, np.minimum(np.maximum(images + epsilon * up, 0.0), 1.0))
    assert np.abs(adversarial - images).max() <= epsilon + 1e-15
    if epsilon == 0.05:
        rises = cross_entropy(network, labels)
        assert (rises(adversarial) > rises(images)).all()


def test_fgsm_leaves_what_the_loss_does_not_depend_on():
    network = Network((np.array([[0.0, 0.0], [1.0, -1.0], [0.0, 0.0]]),), ("identity",))
    moved = fgsm(network, np.array([[0.5, 0.5]]), np.array([0]), epsilon=0.1)
    np.testing.assert_allclose(moved, [[0.4, 0.5]])


@pytest.mark.parametrize("epsilon", [0.05, 0.6])
def test_fgsm_in_l2_moves_along_the_gradient_by_its_norm_and_clips(case, epsilon):
    network, images, labels = case
    up = slopes(cross_entropy(network, labels), images)
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    adversarial = fgsm(network, images, labels, epsilon=epsilon, norm="l2")
    np.testing.assert_allclose(adversarial, np.clip(images + epsilon * up, 0.0, 1.0), atol=1e-6)
    assert np.linalg.norm(adversarial - images, axis=1).max() <= epsilon + 1e-12


def test_fgsm_in_l2_leaves_an_image_without_a_gradient_and_refuses_other_norms():
    network = Network((np.zeros((3, 2)),), ("identity",))
    image, label = np.array([[0.5, 0.2]]), np.array([0])
    np.testing.assert_array_equal(fgsm(network, image, label, epsilon=3.0, norm="l2"), image)
    with pytest.raises(InputError, match=r"norm: found 'l1', but allowed are linf, l2"):
        fgsm(network, image, label, epsilon=0.1, norm="l1")


def test_pgd_finds_the_largest_linear_function_of_the_box():
    slope = np.array([[1.0, -2.0, 0.0]])
    images = np.array([[0.5, 0.95, 0.3], [0.95, 0.02, 1.0]])
    found = pgd(lambda x: np.repeat(slope, 2, axis=0), images, epsilon=0.1, step_size=0.03, steps=4)
    np.testing.assert_allclose(found, [[0.6, 0.85, 0.3], [1.0, 0.0, 1.0]], atol=1e-15)


def test_pgd_turns_where_the_gradient_does():
    """The largest value of -(x - 0.52)^2 lies within the box: the steps end within one of it."""
    images = np.array([[0.5, 0.45]])
    found = pgd(lambda x: 0.52 - x, images, epsilon=0.1, step_size=0.015, steps=20)
    assert np.abs(found - 0.52).max() <= 0.015


def test_pgd_rises_from_where_it_starts_more_than_one_step_does(case):
    network, images, labels = case
    rises = cross_entropy(network, labels)
    calls = []

    def gradient(x):
        calls.append(x)
        return slopes(rises, x)

    start = images + np.random.default_rng(2).uniform(-0.2, 0.2, images.shape)
    found = pgd(gradient, images, epsilon=0.1, step_size=0.02, steps=20, start=start)
    np.testing.assert_array_equal(calls[0], np.clip(start, np.maximum(images - 0.1, 0), np.minimum(images + 0.1, 1)))
    assert len(calls) == 20
    assert np.abs(found - images).max() <= 0.1 + 1e-15
    assert found.min() >= 0.0 and found.max() <= 1.0
    assert rises(found).sum() >= rises(fgsm(network, images, labels, epsilon=0.1)).sum()


@pytest.mark.parametrize("bad", [{"steps": 0}, {"step_size": -0.1}, {"step_size": np.nan}, {"step_size": np.inf}])
def test_steps_that_lead_nowhere_are_refused(case, bad):
    with pytest.raises(InputError, match=r"step_size, steps: found .* but a finite size of 0 or more"):
        pgd(np.zeros_like, case[1], **({"epsilon": 0.1, "step_size": 0.1, "steps": 2} | bad))


@pytest.fixture
def boxed():
    """Return a black box of three classes, whose images of 5 x 5 pixels it predicts rightly, and their labels."""
    rng = np.random.default_rng(6)
    network = Network.initialise((25, 3), ("identity",), rng)
    images = rng.random((20, 25))
    return network.outputs, images, network.predict(images)


@TOOLBOX
@pytest.mark.filterwarnings("ignore:PyTorch not found")
def test_square_lowers_the_margin_of_a_black_box_within_the_ball(boxed):
    outputs, images, labels = boxed
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    found, again, other = (
        square(outputs, images, labels, epsilon=0.2, queries=100, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.testing.assert_array_equal(found, again)
    assert (found != other).any()
    assert found.shape == images.shape and found.dtype == np.float64
    assert np.abs(found - images).max() <= 0.2 + 1e-6
    assert found.min() >= 0.0 and found.max() <= 1.0

    def margins(x):
        scores = outputs(x)
        right = scores[np.arange(len(x)), labels]
        scores[np.arange(len(x)), labels] = -np.inf
        return right - scores.max(axis=1)

    assert (margins(found) <= margins(images) + 1e-5).all()
    assert np.mean(margins(found) < 0.0) > 0.3


@TOOLBOX
@pytest.mark.filterwarnings("ignore:PyTorch not found")
def test_square_keeps_within_a_euclidean_ball_and_is_repeatable():
    rng = np.random.default_rng(6)
    network, images = Network.initialise((100, 3), ("identity",), rng), rng.random((20, 100))
    labels = network.predict(images)
    found, again = (
        square(network.outputs, images, labels, epsilon=1.0, norm="l2", queries=200, rng=np.random.default_rng(1))
        for _ in range(2)
    )
    np.testing.assert_array_equal(found, again)
    assert np.linalg.norm(found - images, axis=1).max() <= 1.0 + 1e-5
    assert found.min() >= 0.0 and found.max() <= 1.0
    assert np.mean(network.predict(found) == labels) < 0.7


def test_square_without_the_toolbox_is_refused(boxed, monkeypatch):
    monkeypatch.setitem(sys.modules, "art.attacks.evasion", None)
    with pytest.raises(InputError, match=r"square: found no adversarial-robustness-toolbox.*make attacks"):
        square(*boxed, epsilon=0.1, queries=5, rng=np.random.default_rng(1))


@pytest.mark.parametrize(
    ("pixels", "change", "message"),
    [
        (24, {}, "images: found 24 pixels, but square images of 5 x 5 or more"),
        (16, {}, "images: found 16 pixels, but square images of 5 x 5 or more"),
        (25, {"norm": "l2"}, "images: found 25 pixels, but square images of 10 x 10 or more"),
        (25, {"norm": "l1"}, "norm: found 'l1', but allowed are linf, l2"),
        (25, {"epsilon": 0.0}, "epsilon: found 0, but the square attack needs a change above 0"),
        (25, {"queries": 0}, "queries: found 0, but 1 or more"),
        (25, {"epsilon": 1.5}, "epsilon: found 1.5, but allowed are numbers from 0 to 1"),
    ],
)
def test_what_square_cannot_attack_is_refused(pixels, change, message, boxed):
    settings = {"epsilon": 0.1, "queries": 5, "rng": np.random.default_rng(1)} | change
    with pytest.raises(InputError, match=message):
        square(boxed[0], boxed[1][:, :pixels], boxed[2], **settings)


@pytest.mark.parametrize("c", [0.02, 0.3, 2.0])
def test_lbfgs_meets_the_optimality_conditions_in_the_box(case, c):
    network, images, labels = case
    targets = (labels + 1) % 4
    found = lbfgs(network, images, targets, c=c)
    assert found.min() >= 0.0
    assert found.max() <= 1.0
    gradient = 2 * c * (found - images) + slopes(cross_entropy(network, targets), found)
    projected = np.clip(found - gradient, 0.0, 1.0) - found
    assert np.abs(projected).max() < 1e-4
    start = slopes(cross_entropy(network, targets), images)
    assert np.abs(np.clip(images - start, 0.0, 1.0) - images).max() > 0.1


def test_lbfgs_has_pixels_on_both_bounds_and_within(case):
    network, images, labels = case
    found = lbfgs(network, images, (labels + 1) % 4, c=0.02)
    assert (found == 0.0).any()
    assert (found == 1.0).any()
    assert ((found > 0.01) & (found < 0.99)).any()


def test_a_larger_c_gives_a_smaller_distance_and_a_weaker_attack(case):
    network, images, labels = case
    targets = (labels + 2) % 4
    distances, losses = [], []
    for c in (0.01, 0.1, 1.0, 10.0, 1e4):
        found = lbfgs(network, images, targets, c=c)
        distances.append(((found - images) ** 2).sum())
        losses.append(cross_entropy(network, targets)(found).sum())
    assert (np.diff(distances) < 0).all()
    assert (np.diff(losses) > 0).all()
    assert distances[-1] < 1e-5


def test_a_weak_penalty_reaches_the_targets(case):
    network, images, labels = case
    targets = (labels + 1) % 4
    found = lbfgs(network, images, targets, c=1e-3)
    assert (cross_entropy(network, targets)(found) < cross_entropy(network, targets)(images)).all()
    assert np.mean(network.predict(found) == targets) > 0.7
    assert len(set(labels)) > 2


def test_each_image_can_have_a_weight_of_its_own(case):
    network, images, labels = case
    c = np.geomspace(0.1, 10.0, len(images))
    found = lbfgs(network, images, (labels + 1) % 4, c=c)
    for index in (0, len(images) - 1):
        alone = lbfgs(network, images[index : index + 1], (labels[index : index + 1] + 1) % 4, c=c[index])
        np.testing.assert_array_equal(found[index], alone[0])


def test_the_minimal_samples_get_their_targets_with_the_smallest_change(case):
    network, images, labels = case
    targets = (labels + 1) % 4
    found = lbfgs_minimal(network, images, targets)
    size = ((found - images) ** 2).sum(axis=1)
    hit = network.predict(found) == targets
    strongest = lbfgs(network, images, targets, c=0.05)
    np.testing.assert_array_equal(hit, network.predict(strongest) == targets)
    assert 0.5 < hit.mean() < 1.0
    np.testing.assert_array_equal(found[~hit], strongest[~hit])
    beaten = np.zeros(len(images), dtype=bool)
    for c in np.geomspace(0.05, 500.0, 60):
        tried = lbfgs(network, images, targets, c=c)
        tried_hit = network.predict(tried) == targets
        beaten |= tried_hit & (((tried - images) ** 2).sum(axis=1) < 0.9 * size)
    assert not beaten[hit].any()


@pytest.mark.parametrize("attack", [lambda *case: fgsm(*case, epsilon=0.1), lambda *case: lbfgs(*case, c=0.1)])
def test_attacks_change_neither_images_nor_network(case, attack):
    network, images, labels = case
    kept, weights = images.copy(), [level.copy() for level in network.weights]
    attack(network, images, labels)
    np.testing.assert_array_equal(images, kept)
    for level, before in zip(network.weights, weights, strict=True):
        np.testing.assert_array_equal(level, before)


@pytest.mark.parametrize("bad", [-0.01, 1.01, float("nan"), float("inf")])
def test_values_out_of_range_are_refused(case, bad):
    network, images, labels = case
    with pytest.raises(InputError, match=r"epsilon: found .*, but allowed are numbers from 0 to 1"):
        fgsm(network, images, labels, epsilon=bad)
    images[3, 4] = bad
    for attack in (lambda: fgsm(network, images, labels, epsilon=0.1), lambda: lbfgs(network, images, labels, c=0.1)):
        with pytest.raises(InputError, match=r"images: found values from .*, but \[0, 1\] is allowed"):
            attack()


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_a_weight_of_the_distance_that_is_not_positive_is_refused(case, bad):
    with pytest.raises(InputError, match=r"c: found .*, but a positive finite number is allowed"):
        lbfgs(*case, c=bad)


@pytest.mark.parametrize("kind", TARGETS)
def test_targets_are_never_the_true_label(case, kind):
    network, images, labels = case
    for seed in range(50):
        targets = choose_targets(kind, network, images, labels.astype(np.uint8), np.random.default_rng(seed))
        assert (targets != labels).all()
        assert targets.min() >= 0
        assert targets.max() < 4


def test_random_targets_are_uniform_over_the_wrong_labels(case):
    network = case[0]
    labels = np.full(9000, 2, np.uint8)
    targets = choose_targets("random", network, np.zeros((9000, 9)), labels, np.random.default_rng(1))
    assert stats.chisquare(np.bincount(targets, minlength=4)[[0, 1, 3]]).pvalue > 1e-3


def test_fixed_targets_follow_the_true_label(case):
    targets = choose_targets("fixed", case[0], case[1][:3], np.array([0, 2, 3], np.uint8), np.random.default_rng(1))
    np.testing.assert_array_equal(targets, [1, 3, 0])


def test_least_likely_targets_have_the_smallest_softmax_of_the_wrong_labels(case):
    network, images, _ = case
    for labels in (network.predict(images), network.outputs(images).argmin(axis=1)):
        found = choose_targets("least_likely", network, images, labels, np.random.default_rng(1))
        for image, label, target in zip(images, labels, found, strict=True):
            chances = softmax(network.outputs(image[None]))[0]
            assert chances[target] == min(chance for index, chance in enumerate(chances) if index != label)


@pytest.mark.parametrize("kind", TARGETS)
def test_targets_are_classes_that_are_there(case, kind):
    network, images, _ = case
    labels = np.resize(np.array([0, 2], np.uint8), len(images))
    for seed in range(20):
        targets = choose_targets(kind, network, images, labels, np.random.default_rng(seed), classes=np.array([0, 2]))
        np.testing.assert_array_equal(targets, 2 - labels)


@pytest.mark.parametrize("classes", [[0], [0, 1], []])
def test_classes_that_leave_no_target_or_lack_a_label_are_refused(case, classes):
    network, images, _ = case
    labels = np.resize(np.array([0, 2], np.uint8), len(images))
    with pytest.raises(InputError, match=r"classes: found \[.*\], but two or more are needed, among them all labels"):
        choose_targets("random", network, images, labels, np.random.default_rng(1), classes=np.array(classes))


def test_an_unknown_kind_of_target_is_refused(case):
    with pytest.raises(InputError, match="target: found 'next', but allowed are random, fixed, least_likely"):
        choose_targets("next", *case, np.random.default_rng(1))
