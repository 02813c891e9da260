"""Figures without data: what is drawn is what the paper's formulas and the networks' levels say."""

import itertools

import numpy as np
import pytest

from drawings import draw
from glr.errors import InputError
from reproduction.figures.diagrams import networks
from reproduction.figures.style import VERMILLION


def test_figure2_draws_sigmoids_and_the_threshold_with_its_value_at_0() -> None:
    axes = draw("figure2").axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["Sigmoid, $s = 1$", "Sigmoid, $s = 2$", "Sigmoid, $s = 5$", "Threshold"]
    for line, slope in zip(axes.lines[:3], (1, 2, 5), strict=True):
        signal, value = line.get_data()
        np.testing.assert_allclose(value, np.exp(slope * signal / 2) / 2 / np.cosh(slope * signal / 2))
    signal, value = axes.lines[3].get_data()
    drawn = np.isfinite(value)
    np.testing.assert_array_equal(np.asarray(value)[drawn], [0, 0, 1, 1])
    np.testing.assert_array_equal(np.asarray(signal)[drawn], [-5, 0, 0, 5])
    closed, hollow = axes.lines[4:]
    assert (closed.get_xydata().tolist(), closed.get_markerfacecolor()) == ([[0, 0]], VERMILLION)
    assert (hollow.get_xydata().tolist(), hollow.get_markerfacecolor()) == ([[0, 1]], "white")


@pytest.mark.parametrize(("levels", "neurons"), [([196, 20, 10], 12), ([6, 5, 1], 12), ([7, 3], 7)])
def test_figure4_shows_each_level_and_joins_all_neurons_of_neighbours(levels: list[int], neurons: int) -> None:
    axes = networks(levels, [2, 2]).axes[0]
    assert len(axes.patches) == neurons + 4
    shown = [size if size <= 6 else 4 for size in levels]
    assert len(axes.lines) == sum(a * b for a, b in itertools.pairwise(shown)) + 4
    texts = [text.get_text() for text in axes.texts]
    assert [text for text in texts if text[0].isdigit()] == [
        f"{size}\n{name}"
        for size, name in zip(
            [*levels, 2, 2], ["inputs", *["hidden"] * (len(levels) - 2), "outputs", "inputs", "outputs"], strict=True
        )
    ]


@pytest.mark.parametrize("levels", [[196], [196, 0, 10]])
def test_figure4_refuses_what_is_no_network(levels: list[int]) -> None:
    with pytest.raises(InputError, match=r"^attacker_layers: found \[196.*needed\.$"):
        networks([196, 20, 10], levels)
