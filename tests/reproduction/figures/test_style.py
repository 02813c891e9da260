"""What all figures have in common: looks, letters, panels and ticks."""

import numpy as np
import pytest
from matplotlib.text import Text

from drawings import TABLES, accuracies, attacked, draw, victims
from reproduction.figures.registry import FIGURES
from reproduction.figures.style import BLACK, COLOURS_AND_MARKERS, looks_of, panels_of, render, style


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_cut_off_and_letters_are_large_enough(name: str) -> None:
    figure = draw(name)
    with style():
        figure.draw_without_rendering()
        page = figure.get_tightbbox().padded(-0.01)
    assert page.x0 >= 0
    assert page.y0 >= 0
    assert page.x1 <= figure.get_figwidth()
    assert page.y1 <= figure.get_figheight()
    assert all(text.get_fontsize() >= 9 for text in figure.findobj(Text))


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("comparison", {"tables": [cells.assign(replicates=1, sd=np.nan) for cells in TABLES]}),
        ("tradeoff", {"tables": [cells.assign(replicates=1, sd=np.nan) for cells in TABLES]}),
        ("severity", {"accuracies": accuracies()[accuracies()["replicate"] == 1]}),
        ("epsilon", {"accuracies": attacked()[attacked()["replicate"] == 1]}),
        ("robustness", {"accuracies": victims()[victims()["replicate"] == 1]}),
    ],
)
def test_a_single_replicate_has_no_interval(name: str, inputs) -> None:
    figure = draw(name, **inputs)
    render(figure, ".png")
    assert all(np.isfinite(axes.get_xlim()).all() and np.isfinite(axes.get_ylim()).all() for axes in figure.axes)


def test_each_model_has_a_look_of_its_own_which_hangs_on_the_unknown_names_only() -> None:
    names = [f"model{number:02}" for number in range(42)]
    looks = looks_of([*reversed(names), *COLOURS_AND_MARKERS])
    assert len({(look.colour, look.marker) for look in looks.values()}) == len(looks)
    assert {name: looks[name] for name in names} == looks_of([*names, *names])
    assert BLACK not in {looks[name].colour for name in names}
    assert all(looks[name][1:] == own for name, own in COLOURS_AND_MARKERS.items())


def test_figure5_draws_a_model_in_its_own_look() -> None:
    lines = [axes.lines for axes in draw("figure5").axes]
    looks = [COLOURS_AND_MARKERS[model] for model in ("glr_sigmoid", "glr_threshold")]
    assert [(own.get_color(), own.get_marker()) for own, _ in lines] == looks
    assert all(other.get_color() == BLACK for _, other in lines)


@pytest.mark.parametrize(
    ("count", "shared", "named"), [(5, True, [2, 3, 4]), (5, False, [0, 1, 2, 3, 4]), (2, True, [0, 1])]
)
def test_panels_are_labelled_at_the_edges_and_spare_ones_hidden(count: int, shared: bool, named: list[int]) -> None:
    figure, panels = panels_of(count, 3, (1.0, 0.5), (2.0, 3.0), xlabel="x", ylabel="y", sharex=shared)
    assert [panel for panel in figure.axes if panel.get_visible()] == panels
    assert len(panels) == count
    assert [index for index, panel in enumerate(panels) if panel.get_xlabel()] == named
    assert [index for index, panel in enumerate(panels) if panel.get_ylabel()] == [*range(0, count, 3)]
    rows, columns = (2, 3) if count == 5 else (1, 2)
    assert tuple(figure.get_size_inches()) == (1.0 + 2.0 * columns, 0.5 + 3.0 * rows)
