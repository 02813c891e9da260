"""Losses: their values and gradients, large outputs, and ties."""

import numpy as np
import pytest
from scipy.special import logsumexp

from glr.errors import InputError
from glr.gradients.backprop import backprop_gradient, input_gradient
from glr.gradients.likelihood_ratio import likelihood_ratio_gradient, likelihood_ratio_input_gradient
from glr.losses import (
    LOSSES,
    CrossEntropy,
    DifferenceOfLogitsRatio,
    TargetedDifferenceOfLogitsRatio,
    get_loss,
    losses_of_draws,
    softmax,
)
from glr.network import Network
from glr.noise import Gaussian
from glr.training import Part, loss_and_accuracy

RNG = np.random.default_rng(1)
OUTPUTS = RNG.normal(0.0, 3.0, (50, 4))
LABELS = RNG.integers(4, size=50)


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 2e-6), (np.float64, 1e-14)])
def test_cross_entropy_is_the_negative_log_of_the_softmax(dtype, error):
    losses = get_loss("cross_entropy")(OUTPUTS.astype(dtype), LABELS)
    assert losses.dtype == dtype
    expected = logsumexp(OUTPUTS, axis=1) - OUTPUTS[np.arange(50), LABELS]
    np.testing.assert_allclose(losses, expected, rtol=0, atol=error)
    np.testing.assert_allclose(softmax(OUTPUTS)[np.arange(50), LABELS], np.exp(-expected), rtol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_of_large_outputs_is_exact(dtype):
    outputs = np.array([[1e4, 0.0, 0.0], [1e4, 0.0, 0.0], [-1e4, -1e4, -2e4]], dtype)
    labels = np.array([0, 1, 1])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        losses = get_loss("cross_entropy")(outputs, labels)
        gradient = get_loss("cross_entropy").gradient(outputs, labels)
    np.testing.assert_allclose(losses, [0.0, 1e4, np.log(2.0)], atol=1e-3)
    np.testing.assert_allclose(gradient, [[0, 0, 0], [1, -1, 0], [0.5, -0.5, 0]], atol=1e-6)


def test_cross_entropy_gradient_is_the_slope():
    loss = get_loss("cross_entropy")
    steps = 1e-6 * np.eye(4)
    slopes = [(loss(OUTPUTS + step, LABELS) - loss(OUTPUTS - step, LABELS)) / 2e-6 for step in steps]
    np.testing.assert_allclose(loss.gradient(OUTPUTS, LABELS), np.transpose(slopes), rtol=0, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("values", [2, 3, 1000], ids=lambda values: f"{values} values")
def test_zero_one_is_wrong_exactly_where_predict_is(dtype, values):
    outputs = np.random.default_rng(2).integers(values, size=(300, 4)).astype(dtype)
    labels = np.random.default_rng(3).integers(4, size=300)
    network = Network((np.vstack([np.zeros(4), np.eye(4)]),), ("identity",))
    losses = get_loss("zero_one")(outputs, labels)
    assert losses.dtype == dtype
    np.testing.assert_array_equal(losses, network.predict(outputs) != labels)


def test_zero_one_gives_a_tie_to_the_first_index():
    tied = np.array([[1.0, 2.0, 2.0]] * 3)
    np.testing.assert_array_equal(get_loss("zero_one")(tied, np.array([0, 1, 2])), [1, 0, 1])
    np.testing.assert_array_equal(get_loss("zero_one")(tied[:1], np.array([2])), [1])


@pytest.mark.parametrize("size", [1.0, 100.0])
def test_cross_entropy_does_not_depend_on_how_large_the_other_rows_are(size):
    """Outputs within 60 need no shift by their peak; one row beyond that gives all rows the shift."""
    loss, outputs = get_loss("cross_entropy"), np.vstack([OUTPUTS, size * OUTPUTS])
    losses = loss(outputs, np.tile(LABELS, 2))
    np.testing.assert_allclose(losses[:50], loss(OUTPUTS, LABELS), rtol=1e-13)
    np.testing.assert_allclose(losses[50:], logsumexp(size * OUTPUTS, axis=1) - size * OUTPUTS[np.arange(50), LABELS])


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("values", [3, 1000], ids=lambda values: f"{values} values")
def test_losses_take_several_draws_of_a_row(name, values):
    outputs = np.random.default_rng(4).integers(values, size=(50, 7, 4)) / 100.0
    rows = get_loss(name)(outputs.reshape(-1, 4), np.repeat(LABELS, 7))
    np.testing.assert_array_equal(LOSSES[name].values(outputs, LABELS), rows.reshape(50, 7))


def test_a_loss_of_the_callers_own_sees_every_draw_as_a_row():
    outputs = RNG.normal(size=(50, 7, 4))
    for name, loss in LOSSES.items():
        rows = losses_of_draws(lambda rows, labels, loss=loss: loss(rows, labels), outputs, LABELS)
        np.testing.assert_array_equal(rows, losses_of_draws(loss, outputs, LABELS), name)
    with pytest.raises(InputError, match=r"loss: returned shape \(3,\), but one value for each of 350 rows is needed"):
        losses_of_draws(lambda rows, labels: np.zeros(3), outputs, LABELS)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_take_any_memory_layout_and_change_nothing(name):
    columns = np.asfortranarray(OUTPUTS)
    np.testing.assert_array_equal(get_loss(name)(columns, LABELS), get_loss(name)(OUTPUTS.copy(), LABELS))
    np.testing.assert_array_equal(columns, OUTPUTS)


class Doubled(CrossEntropy):
    """Twice the cross-entropy."""

    def __call__(self, outputs, labels):
        return 2.0 * super().__call__(outputs, labels)

    def gradient(self, outputs, labels):
        return 2.0 * super().gradient(outputs, labels)


def test_a_loss_that_derives_from_one_of_the_package_is_followed():
    network = Network.initialise((4, 3, 4), ("sigmoid", "identity"), np.random.default_rng(4))

    def results(loss):
        draws = {"noise": Gaussian(1.0), "replications": 8, "rng": np.random.default_rng(5)}
        yield from backprop_gradient(network, OUTPUTS, LABELS, loss=loss)
        yield from input_gradient(network, OUTPUTS, LABELS, loss=loss)
        yield from likelihood_ratio_gradient(network, OUTPUTS, LABELS, loss=loss, **draws)
        yield likelihood_ratio_input_gradient(network, OUTPUTS, LABELS, loss=loss, **draws)
        yield loss_and_accuracy(network, Part(OUTPUTS, LABELS), loss)[0]

    for doubled, single in zip(results(Doubled()), results("cross_entropy"), strict=True):
        np.testing.assert_allclose(doubled, 2.0 * single, rtol=1e-4, atol=1e-6)


def test_zero_one_offers_no_gradient():
    assert not hasattr(get_loss("zero_one"), "gradient")


def test_a_callable_is_its_own_loss_and_an_unknown_name_is_refused():
    assert get_loss(max) is max
    with pytest.raises(InputError, match=r"loss: found 'hinge', but allowed are cross_entropy, .* or a callable"):
        get_loss("hinge")


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_of_outputs_that_are_no_numbers_is_none(name):
    outputs = np.array([[0.0, 1.0], [np.nan, 1.0], [np.inf, 0.0]])
    losses = get_loss(name)(outputs, np.array([1, 1, 0]))
    np.testing.assert_array_equal(np.isfinite(losses), [True, False, False])


PAIRS = np.stack([LABELS, (LABELS + RNG.integers(1, 4, size=50)) % 4], axis=1)
RATIOS = [(DifferenceOfLogitsRatio(), LABELS), (TargetedDifferenceOfLogitsRatio(), PAIRS)]


def test_the_ratios_are_those_of_croce_and_hein():
    untargeted, targeted = (loss(OUTPUTS, labels) for loss, labels in RATIOS)
    for row, (label, target) in enumerate(PAIRS):
        z = OUTPUTS[row]
        ranked = sorted(z, reverse=True)
        other = max(z[k] for k in range(4) if k != label)
        assert untargeted[row] == pytest.approx(-(z[label] - other) / (ranked[0] - ranked[2]))
        assert targeted[row] == pytest.approx(-(z[label] - z[target]) / (ranked[0] - (ranked[2] + ranked[3]) / 2))
    np.testing.assert_array_equal(untargeted > 0.0, OUTPUTS.argmax(axis=1) != LABELS)


@pytest.mark.parametrize(("loss", "labels"), RATIOS)
def test_the_gradients_of_the_ratios_are_their_slopes_and_do_not_see_the_scale(loss, labels):
    steps = 1e-6 * np.eye(4)
    slopes = [(loss(OUTPUTS + step, labels) - loss(OUTPUTS - step, labels)) / 2e-6 for step in steps]
    np.testing.assert_allclose(loss.gradient(OUTPUTS, labels), np.transpose(slopes), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(loss(100.0 * OUTPUTS, labels), loss(OUTPUTS, labels), rtol=1e-9)


def test_a_ratio_of_several_draws_of_a_row_is_that_of_each():
    draws = RNG.normal(size=(50, 7, 4))
    for loss, labels in RATIOS:
        rows = loss(draws.reshape(-1, 4), np.repeat(labels, 7, axis=0))
        np.testing.assert_allclose(losses_of_draws(loss, draws, labels), rows.reshape(50, 7), rtol=1e-14)


@pytest.mark.parametrize("classes", [1, 2, 3])
def test_ratios_of_too_few_classes_are_refused(classes):
    labels = np.zeros(5, int)
    for (loss, _), needed in zip(RATIOS, (3, 4), strict=True):
        if classes < needed:
            pairs = labels if needed == 3 else np.zeros((5, 2), int)
            with pytest.raises(InputError, match=f"outputs: found {classes} classes, but this loss needs {needed}"):
                loss(np.zeros((5, classes)), pairs)
    with pytest.raises(InputError, match=r"labels: found shape \(5,\), but pairs \(n, 2\) of label and target"):
        RATIOS[1][0](np.zeros((5, 4)), labels)
    with pytest.raises(InputError, match="targets: found"):
        RATIOS[1][0](np.zeros((5, 4)), np.full((5, 2), [0, 4]))
