"""Stochastic approximation: which images a step sees, how far it goes and what is recorded."""

import numpy as np
import pytest

from glr.errors import DivergenceError, InputError
from glr.gradients.backprop import backprop_gradient
from glr.network import Network
from glr.training import Epoch, Part, Progress, loss_and_accuracy, train

RNG = np.random.default_rng(1)
TRAIN = Part(RNG.random((11, 3)), np.arange(11) % 4)
TEST = Part(RNG.random((6, 3)), np.arange(6) % 4)
STEPS = 3
SETTINGS = {"loss": "cross_entropy", "step_size": 0.3, "epochs": 4, "mini_batch": 3, "batch_reduction": "mean"}


def order(epoch):
    return np.random.default_rng(epoch).permutation(len(TRAIN.labels))


def start(activation="sigmoid"):
    return Progress(Network.initialise((3, 4, 4), (activation, "identity"), np.random.default_rng(2)))


def run(progress, gradient=backprop_gradient, parts=(TRAIN, TEST), steps=None, **settings):
    """Train, all steps or some."""
    iterator = train(progress, gradient, parts, order=order, **(SETTINGS | settings))
    return sum(1 for _ in iterator) if steps is None else [next(iterator) for _ in range(steps)]


def assert_equal(one, other):
    for weights, expected in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(weights, expected)


@pytest.mark.parametrize(("reduction", "factor"), [("mean", 1), ("sum", 3)])
def test_steps_are_those_of_equation_one(reduction, factor):
    progress, expected = start(), start().network
    assert run(progress, batch_reduction=reduction, epochs=2) == 2 * STEPS
    for epoch in (1, 2):
        for step in range(STEPS):
            batch = order(epoch)[3 * step : 3 * step + 3]
            slopes = backprop_gradient(expected, TRAIN.images[batch], TRAIN.labels[batch])
            for weights, slope in zip(expected.weights, slopes, strict=True):
                weights -= 0.3 * factor * slope
    for weights, other in zip(progress.network.weights, expected.weights, strict=True):
        np.testing.assert_allclose(weights, other, rtol=1e-12)


def test_adam_follows_the_recursion_of_its_authors():
    progress, weights = start(), start().network.weights
    run(progress, optimizer="adam", step_size=0.01, epochs=2)
    moments = [(np.zeros_like(theta), np.zeros_like(theta)) for theta in weights]
    for step in range(1, 2 * STEPS + 1):
        epoch, place = divmod(step - 1, STEPS)
        batch = order(epoch + 1)[3 * place : 3 * place + 3]
        network = Network(weights, ("sigmoid", "identity"))
        slopes = backprop_gradient(network, TRAIN.images[batch], TRAIN.labels[batch])
        moments = [(0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2) for (m, v), g in zip(moments, slopes, strict=True)]
        weights = [
            theta - 0.01 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
            for theta, (m, v) in zip(weights, moments, strict=True)
        ]
    for theta, expected in zip(progress.network.weights, weights, strict=True):
        np.testing.assert_allclose(theta, expected, rtol=1e-9)


@pytest.mark.parametrize("batch_reduction", ["mean", "sum"])
def test_adams_first_step_is_the_step_size_whatever_the_gradients_scale(batch_reduction):
    progress, before = start(), start().network.weights
    run(progress, optimizer="adam", step_size=0.001, steps=1, batch_reduction=batch_reduction)
    for theta, old in zip(progress.network.weights, before, strict=True):
        moved = np.abs(theta - old)
        assert moved.max() <= 0.001 * (1 + 1e-9) and np.median(moved) > 0.0009


def test_momentum_follows_the_recursion_of_the_velocity():
    progress, weights = start(), start().network.weights
    run(progress, momentum=0.9, epochs=2)
    velocities = [np.zeros_like(theta) for theta in weights]
    for step in range(2 * STEPS):
        epoch, place = divmod(step, STEPS)
        batch = order(epoch + 1)[3 * place : 3 * place + 3]
        network = Network(weights, ("sigmoid", "identity"))
        slopes = backprop_gradient(network, TRAIN.images[batch], TRAIN.labels[batch])
        velocities = [0.9 * v + slope for v, slope in zip(velocities, slopes, strict=True)]
        weights = tuple(theta - 0.3 * v for theta, v in zip(weights, velocities, strict=True))
    for theta, expected in zip(progress.network.weights, weights, strict=True):
        np.testing.assert_allclose(theta, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"momentum": 1.0}, "momentum: found 1.0, but a number from 0 to below 1"),
        ({"momentum": -0.1}, "momentum: found -0.1, but a number from 0 to below 1"),
        ({"momentum": 0.5, "optimizer": "adam"}, "momentum: found 0.5, but adam has moments of its own"),
    ],
)
def test_momentum_that_cannot_be_used_is_refused(settings, reason):
    with pytest.raises(InputError, match=reason):
        run(start(), **settings)


def test_weight_decay_draws_the_weights_but_not_the_biases_to_zero():
    progress, before = start(), start().network.weights

    def nothing(network, images, labels):
        return tuple(np.zeros_like(theta) for theta in network.weights)

    run(progress, nothing, steps=1, weight_decay=0.5)
    for theta, old in zip(progress.network.weights, before, strict=True):
        np.testing.assert_array_equal(theta[0], old[0])
        np.testing.assert_allclose(theta[1:], (1 - 0.3 * 0.5) * old[1:])


def test_a_spectral_bound_holds_and_takes_the_nearest_weights_within_it():
    free, bounded = start(), start()
    run(free, steps=1)
    run(bounded, steps=1, spectral_bound=0.9)
    left, values, right = np.linalg.svd(free.network.weights[0][1:])
    assert values[0] > 0.9 > values[-1]
    nearest = left @ np.diag(np.minimum(values, 0.9)) @ np.eye(3, 4) @ right
    np.testing.assert_allclose(bounded.network.weights[0][1:], nearest, rtol=1e-9)
    np.testing.assert_array_equal(bounded.network.weights[0][0], free.network.weights[0][0])
    np.testing.assert_array_equal(bounded.network.weights[1], free.network.weights[1])
    for _ in train(bounded, backprop_gradient, (TRAIN, TEST), order=order, **SETTINGS, spectral_bound=0.9):
        assert np.linalg.norm(bounded.network.weights[0][1:], 2) < 0.9 * (1 + 1e-9)


def test_a_spectral_bound_that_no_weights_reach_changes_nothing():
    free, bounded = start(), start()
    run(free)
    run(bounded, spectral_bound=1e6)
    assert_equal(free.network, bounded.network)


@pytest.mark.parametrize("bound", [0.0, -1.0, float("nan"), "8"])
def test_a_spectral_bound_that_is_not_positive_is_refused(bound):
    with pytest.raises(InputError, match=r"^spectral_bound: found "):
        run(start(), spectral_bound=bound)


def test_a_divergence_within_a_spectral_bound_is_told():
    with pytest.raises(DivergenceError, match="is not finite"):
        run(start("relu"), step_size=1e300, spectral_bound=1.0)


@pytest.mark.parametrize(
    ("name", "value", "allowed"), [("optimizer", "momentum", "sgd, adam"), ("batch_reduction", "max", "mean, sum")]
)
def test_unknown_words_are_refused(name, value, allowed):
    with pytest.raises(InputError, match=f"{name}: found '{value}', but allowed are {allowed}"):
        run(start(), **{name: value})


def test_an_epoch_sees_each_image_once_but_for_what_is_left_over():
    seen = []

    def record(network, images, labels):
        assert len(images) == len(labels) == 3
        np.testing.assert_array_equal(TRAIN.labels[[find(image) for image in images]], labels)
        seen.extend(find(image) for image in images)
        return [np.zeros_like(weights) for weights in network.weights]

    def find(image):
        return int(np.flatnonzero((TRAIN.images == image).all(axis=1))[0])

    run(start(), record)
    assert seen == [index for epoch in range(1, 5) for index in order(epoch)[:9].tolist()]


def test_history_has_the_noise_free_values_after_each_epoch():
    progress, rows = start(), []
    for _ in train(progress, backprop_gradient, (TRAIN, TEST), order=order, **SETTINGS):
        if progress.step % STEPS == 0:
            values = [
                value for part in (TRAIN, TEST) for value in loss_and_accuracy(progress.network, part, "cross_entropy")
            ]
            rows.append(Epoch(progress.step // STEPS, progress.step, *values))
        assert len(progress.history) == progress.step // STEPS
    assert progress.history == rows
    assert len(rows) == 4


def test_loss_and_accuracy_are_means_over_the_part():
    network = Network((np.array([[0.0, 0.0], [4.0, 0.0]]),), ("identity",))
    part = Part(np.array([[0.0], [0.5], [1.0]]), np.array([0, 1, 1]))
    loss, accuracy = loss_and_accuracy(network, part, "cross_entropy")
    assert loss == pytest.approx((np.log(2) + np.log1p(np.exp(2)) + np.log1p(np.exp(4))) / 3)
    assert accuracy == pytest.approx(1 / 3)
    assert loss_and_accuracy(network, part, "zero_one") == (pytest.approx(2 / 3), accuracy)


@pytest.mark.parametrize("stop", range(13))
def test_a_training_goes_on_from_any_step_to_the_same_weights(stop):
    whole, parted = start(), start()
    run(whole)
    run(parted, steps=stop)
    parted = Progress(parted.network, parted.step, list(parted.history))
    assert parted.step == stop
    assert run(parted) == 12 - stop
    assert_equal(parted.network, whole.network)
    assert parted.history == whole.history


def test_training_lowers_the_loss():
    progress = start()
    before = loss_and_accuracy(progress.network, TRAIN, "cross_entropy")[0]
    run(progress, epochs=200)
    assert progress.history[-1].loss_train < before - 0.2


def test_a_gradient_that_diverges_is_told_with_epoch_step_and_step_size():
    def diverge(network, images, labels):
        if len(calls) == 7:
            raise DivergenceError("a loss is not finite.")
        calls.append(1)
        return [np.zeros_like(weights) for weights in network.weights]

    calls, progress = [], start()
    with pytest.raises(
        DivergenceError, match=r"in epoch 3 at step 8: a loss is not finite\. .*0\.3 on the sum"
    ) as caught:
        run(progress, diverge, batch_reduction="sum")
    assert "abs and relu" in str(caught.value)
    assert progress.step == 7


def test_a_loss_that_is_not_finite_at_an_epochs_end_is_told():
    def leap(network, images, labels):
        return [np.full_like(weights, 1e308) for weights in network.weights]

    with pytest.raises(DivergenceError, match=r"in epoch 1 at step 3: the loss is not finite\."):
        run(start(), leap, step_size=1.0)


def test_divergence_gives_no_warnings_on_the_way(recwarn):
    with pytest.raises(DivergenceError, match=r"in epoch 1 at step 2: the gradient of the loss is not finite\."):
        run(start("relu"), step_size=1e300)
    assert not recwarn.list


def test_history_ends_with_the_last_epoch_that_was_finite():
    progress = start()
    with pytest.raises(DivergenceError):
        run(progress, lambda network, *_: [np.full_like(weights, 1e308) for weights in network.weights], step_size=1.0)
    assert progress.history == []
