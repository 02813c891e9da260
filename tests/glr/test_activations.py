"""Activations: their values, their derivatives and what is refused."""

import numpy as np
import pytest
from scipy.special import expit

from glr.activations import ACTIVATIONS, activate, get_activation
from glr.errors import InputError

DEFINITIONS = {
    "sigmoid": expit,
    "threshold": lambda v: np.where(v > 0, 1.0, 0.0),
    "abs": abs,
    "relu": lambda v: np.where(v > 0, v, 0.0),
    "leaky_relu": lambda v: np.where(v > 0, v, v / 100),
    "sign": lambda v: np.where(v > 0, 1.0, np.where(v < 0, -1.0, 0.0)),
    "staircase": lambda v: ((v[..., None] > [-1.5, -0.5, 0.5, 1.5]) / 4).sum(axis=-1),
    "identity": lambda v: v,
}
SIGNALS = np.array([[-30.0, -2.0, -1e-3], [1e-3, 0.7, 30.0]])


def test_every_activation_has_a_definition_here():
    assert set(ACTIVATIONS) == set(DEFINITIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 1e-7), (np.float64, 2e-16)])
def test_values_are_those_of_the_definition(name, dtype, error):
    v = SIGNALS.astype(dtype)
    x = get_activation(name)(v)
    assert x.dtype == dtype
    np.testing.assert_allclose(x, DEFINITIONS[name](v.astype(float)), rtol=0, atol=error)
    np.testing.assert_array_equal(v, SIGNALS.astype(dtype), "the signals were changed in place")


@pytest.mark.parametrize("activation", [*ACTIVATIONS, np.square])
def test_signals_are_replaced_by_their_activations(activation):
    rows = np.vstack([SIGNALS, SIGNALS])
    activate(activation, rows[1:3])
    expected = get_activation(activation)(SIGNALS)
    np.testing.assert_array_equal(rows, [SIGNALS[0], expected[1], expected[0], SIGNALS[1]])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivative_is_the_slope_and_steps_offer_none(name):
    phi = get_activation(name)
    slope = (phi(SIGNALS + 1e-6) - phi(SIGNALS - 1e-6)) / 2e-6
    assert slope.any() or not hasattr(phi, "derivative")
    if hasattr(phi, "derivative"):
        np.testing.assert_allclose(phi.derivative(SIGNALS), slope, rtol=1e-6, atol=1e-9)


def test_values_and_derivatives_at_the_kink():
    zero = np.zeros(1)
    assert get_activation("threshold")(zero) == 0
    assert get_activation("sigmoid")(zero) == 0.5
    assert get_activation("abs").derivative(zero) == 0
    assert get_activation("relu").derivative(zero) == 0
    assert get_activation("leaky_relu").derivative(zero) == 0.01
    assert get_activation("sign")(zero) == 0
    assert get_activation("staircase")(zero) == 0.5


def test_sigmoid_of_large_signals_neither_overflows_nor_leaves_the_unit_interval():
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(get_activation("sigmoid")(np.array([-1e4, 1e4])), [0.0, 1.0])


def test_a_callable_is_its_own_activation():
    assert get_activation(np.tanh) is np.tanh


def test_an_unknown_name_is_refused():
    with pytest.raises(InputError, match=r"activation: found 'tanh', but allowed are sigmoid, .* or a callable\."):
        get_activation("tanh")
