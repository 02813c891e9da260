"""Figures of cells: points, bars and shades stand where the tables' numbers are."""

import itertools

import numpy as np
import pandas as pd
import pytest

from drawings import HALF, TABLES, confusions, draw, recall, shown, table
from glr.errors import InputError
from reproduction.figures.cells import comparison, confusion_matrices, sensitivity_dots, tradeoff
from reproduction.figures.style import style
from reproduction.report.columns import DIVERGED, SWEEP_COLUMNS


def test_figure8_shows_the_recall_and_marks_what_is_never_predicted() -> None:
    panels = draw("figure8").axes
    for panel, model in zip(panels, ("glr_sigmoid_01", "glr_threshold_01"), strict=False):
        own = recall()[recall()["model"] == model]
        (image,) = panel.get_images()
        np.testing.assert_array_equal(image.get_array(), own["recall"].to_numpy().reshape(2, 10))
        (crosses,) = panel.lines
        dead = own[own["predictions"] == 0]
        assert list(zip(crosses.get_xdata(), crosses.get_ydata() + 1, strict=True)) == list(
            zip(dead["label"], dead["replicate"], strict=True)
        )


def test_comparison_shows_means_intervals_and_the_papers_numbers() -> None:
    panels = draw("comparison").axes
    titles = [panel.get_title() for panel in shown(draw("comparison"))]
    assert titles == ["Orig", "L-BFGS", "FGSM", "Contrast", "Average"]
    for mean, panel in zip((0.9, 0.8, 0.7, 0.8, 0.7), panels, strict=False):
        ours = [bars.lines[0].get_xdata()[0] for bars in panel.containers]
        np.testing.assert_allclose(ours, [mean, mean - 0.02, mean - 0.04])
        spans = [bars.lines[2][0].get_segments()[0][:, 0] for bars in panel.containers]
        np.testing.assert_allclose(spans, [[x - HALF, x + HALF] for x in ours])
        crosses = [line.get_xdata()[0] for line in panel.lines if line.get_marker() == "x"]
        np.testing.assert_array_equal(crosses, [0.5, 0.5, np.nan])


def test_comparison_says_which_model_diverged() -> None:
    cells = table(["orig", "fgsm"]).assign(mean=lambda own: own["mean"].where(own["model"] != "glr_abs"))
    for panel in shown(comparison([cells], "bp_sigmoid")):
        (text,) = panel.texts
        assert (text.get_text(), text.get_position()[1]) == ("diverged", 1)
        assert len(panel.containers) == 2


MANY = [
    "orig",
    "gaussian_noise_after",
    "impulse_noise_after",
    "lbfgs_least_likely",
    "fgsm",
    "fgsm_sigmoid",
    "glass_blur_imagenet",
]


@pytest.mark.parametrize("name", ["comparison", "tradeoff"])
def test_many_columns_leave_room_for_their_words(name: str) -> None:
    tables = [table(MANY, ("bp_sigmoid", "glr_threshold_01"))]
    figure = draw(name, tables=tables)
    panels = shown(figure)
    with style():
        figure.draw_without_rendering()
        page = figure.get_tightbbox()
        words = [word for panel in panels for word in (panel.title, panel.xaxis.label)]
        for panel in panels:
            low, high = panel.get_xlim()
            words += [word for word in panel.get_xticklabels() if low <= word.get_position()[0] <= high]
        boxes = [word.get_window_extent() for word in words if word.get_text()]
    assert len(panels) == len(MANY) - (name == "tradeoff")
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    assert page.x0 >= 0 and page.x1 <= figure.get_figwidth()


@pytest.mark.parametrize("name", ["comparison", "tradeoff"])
def test_no_axis_goes_on_to_what_no_accuracy_can_be(name: str) -> None:
    wide = [cells.assign(sd=2.0, replicates=2) for cells in TABLES]
    for panel in shown(draw(name, tables=wide)):
        limits = [*panel.get_xlim(), *(panel.get_ylim() if name == "tradeoff" else ())]
        assert min(limits) == -0.02 and max(limits) == 1.02


def test_comparison_shows_ours_above_the_papers_number_in_its_row() -> None:
    for panel in draw("comparison").axes:
        crosses = [line.get_ydata()[0] for line in panel.lines if line.get_marker() == "x"]
        ours = [bars.lines[0].get_ydata()[0] for bars in panel.containers]
        pairs = enumerate(zip(ours, crosses, strict=True))
        assert all(row - 0.5 < own < row < cross < row + 0.5 for row, (own, cross) in pairs)


def test_comparison_shows_both_markers_above_the_grid() -> None:
    for panel in draw("comparison").axes:
        ours = [bars.lines[0].get_zorder() for bars in panel.containers]
        crosses = [line.get_zorder() for line in panel.lines if line.get_marker() == "x"]
        assert all(panel.xaxis.get_zorder() < cross < min(ours) for cross in crosses)


def test_comparison_refuses_a_baseline_without_cells() -> None:
    with pytest.raises(InputError, match=r"^baseline: found 'source', but .* bp_sigmoid, glr_abs, mine\.$"):
        comparison(TABLES, "source")


def test_tradeoff_sets_each_robustness_against_the_clean_accuracy_of_its_table() -> None:
    panels = draw("tradeoff").axes
    assert [panel.get_title() for panel in panels] == ["L-BFGS", "FGSM", "Average"]
    for mean, panel in zip((0.8, 0.7, 0.7), panels, strict=True):
        points = [bars.lines[0].get_xydata()[0] for bars in panel.containers]
        np.testing.assert_allclose(points, [[0.9 - lost, mean - lost] for lost in (0, 0.02, 0.04)])
        for point, bars in zip(points, panel.containers, strict=True):
            across, up = (lines.get_segments()[0] for lines in bars.lines[2])
            np.testing.assert_allclose(across[:, 0], [point[0] - HALF, point[0] + HALF])
            np.testing.assert_allclose(up[:, 1], [point[1] - HALF, point[1] + HALF])
        assert [line.get_xydata().shape for line in panel.lines] == [(1, 2)] * 3


def swept(**families: list[str]) -> pd.DataFrame:
    """Return the table of sweeps over the step size, by family."""
    rows = [(name, family, "step_size", 0.1) for family, names in families.items() for name in names]
    return pd.DataFrame(rows, columns=SWEEP_COLUMNS)


def test_tradeoff_joins_the_models_of_a_sweep_in_the_tables_order() -> None:
    names = ["glr_sigmoid", "one", "two", "alone", "three", "one_0_5"]
    (panel,) = tradeoff([table(["orig", "fgsm"], names)], swept(net=["three", "one", "two"], other=["absent"])).axes
    joined = [line.get_xdata().tolist() for line in panel.lines if line.get_linestyle() == "-"]
    assert joined == [pytest.approx([0.88, 0.86, 0.82])]


def test_tradeoff_gives_a_sweep_one_colour_and_one_name() -> None:
    names = ["glr_sigmoid", "one", "two", "b_step_1"]
    figure = tradeoff([table(["orig", "fgsm"], names)], swept(net=["one", "two"]))
    colours = [bars.lines[0].get_color() for bars in figure.axes[0].containers]
    assert colours[1] == colours[2]
    assert len(set(colours)) == 3
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["GLR sigmoid", "net (step size)", "b_step_1"]


def test_sensitivity_dots_stand_at_the_accuracies_of_their_choice() -> None:
    rows = [
        ("default", "orig", 0.9, 0.8, 0, 0),
        ("default", "fgsm", 0.2, 0.3, 0, 0),
        ("other", "fgsm", 0.4, 0.5, 0.1, 0.3),
    ]
    figure = sensitivity_dots(pd.DataFrame(rows, columns=["choice", "samples", "bp", "glr", "low", "high"]))
    clean, fgsm = figure.axes
    assert [label.get_text() for label in clean.get_yticklabels()] == ["default", "other"]
    points = [line.get_xydata().tolist() for line in fgsm.lines if line.get_linestyle() == "None"]
    assert points == [[[0.2, 0], [0.4, 1]], [[0.3, 0], [0.5, 1]]]
    assert [line.get_xdata()[0] for line in fgsm.lines if line.get_linestyle() != "None"] == [0.2, 0.3]
    _, bar = fgsm.collections[0].get_segments()
    np.testing.assert_allclose(bar, [[0.4, 1], [0.6, 1]])


def test_confusion_shows_the_shares_of_each_true_digit() -> None:
    panels = draw("confusion").axes
    for panel in panels[:2]:
        np.testing.assert_allclose(panel.images[0].get_array(), (8 + 3 * np.eye(3)) / 27)
    assert [panel.get_title() for panel in panels[:2]] == ["BP sigmoid", "GLR |x|"]
    with pytest.raises(InputError, match=r"^samples: found 'lbfgs', but the counts are those of "):
        confusion_matrices(confusions(), "lbfgs")


def test_confusion_gives_small_shares_a_colour_of_their_own() -> None:
    norm = draw("confusion").axes[0].images[0].norm
    np.testing.assert_allclose(norm([0, 0.01, 0.25, 1]), [0, 0.1, 0.5, 1])


def test_confusion_shows_what_diverged_as_no_digit() -> None:
    table = confusions()
    own = table[table["label"] == table["predicted"]].assign(predicted=DIVERGED, count=7)
    first = shown(confusion_matrices(pd.concat([table, own]), "fgsm"))[0]
    assert [text.get_text() for text in first.get_xticklabels()][:2] == ["none", "0"]
    assert first.get_images()[0].get_array()[:, 0].min() > 0


def test_recall_marks_no_digit_of_a_replicate_that_diverged() -> None:
    table = recall().assign(predictions=0)
    lost = table["replicate"] == 2
    panels = draw("figure8", recall=table.assign(recall=table["recall"].where(~lost))).axes
    (crosses,) = panels[0].lines
    assert set(crosses.get_ydata()) == {0}
