"""Figures of curves: lines are means, bands are the intervals or ranges that they are said to be."""

import numpy as np
import pandas as pd
import pytest

from drawings import (
    ATTACKS,
    AUTHORS_WEIGHTS,
    EPSILONS,
    INPUTS,
    RADII,
    SWEEPS,
    accuracies,
    attacked,
    certificates,
    draw,
    histories,
    shown,
    victims,
)
from glr.errors import InputError
from reproduction.figures.curves import (
    accuracy_by_epsilon,
    accuracy_by_severity,
    losses,
    norms,
    norms_table,
    robustness_table,
)
from reproduction.figures.style import looks_of, render


@pytest.mark.parametrize("replicates", [1, 3])
def test_figure5_draws_the_mean_and_the_range_of_the_replicates(replicates: int) -> None:
    figure = losses(histories(replicates), ["glr_threshold", "mine"])
    steps = 1680 * np.arange(13)
    squares = np.arange(1, replicates + 1) ** 2
    assert [axes.get_title() for axes in figure.axes] == ["(a) GLR threshold", "(b) mine"]
    for axes, scale in zip(figure.axes, (3, 7), strict=True):
        for line, band, factor in zip(axes.lines, axes.collections, (scale, 2 * scale), strict=True):
            curve = factor * np.exp(-steps / 9000)
            np.testing.assert_array_equal(line.get_xdata(), steps)
            np.testing.assert_allclose(line.get_ydata(), squares.mean() * curve)
            corners = {tuple(point) for point in band.get_paths()[0].vertices.round(9)}
            lower, upper = squares.min() * curve, squares.max() * curve
            assert corners == {*zip(steps, lower.round(9), strict=True), *zip(steps, upper.round(9), strict=True)}
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Training", "Validation"]
        low, high = axes.get_ylim()
        assert low == 0 and high > max(band.get_paths()[0].vertices[:, 1].max() for band in axes.collections)


def test_figure5_draws_as_many_panels_as_models_and_leaves_gaps_where_a_loss_is_not_finite() -> None:
    table = histories()
    table.loc[(table["model"] == "mine") & (table["step"] > 5000), ["loss_train", "loss_test"]] = np.inf
    for models in (["mine"], ["mine", "bp_sigmoid", "glr_sigmoid"]):
        figure = losses(table, models)
        assert len(shown(figure)) == len(models)
        assert figure.axes[0].get_title() == "(a) mine, diverged"
        assert np.isfinite(figure.axes[0].lines[0].get_ydata()).sum() == 3
        render(figure, ".png")
        assert np.isfinite(figure.axes[0].get_ylim()).all()


def test_figure5_shows_both_losses_of_a_single_epoch() -> None:
    first = histories(1)[histories(1)["epoch"] == 1]
    for axes in losses(first, ["glr_threshold", "mine"]).axes:
        assert all(line.get_marker() not in ("None", "") for line in axes.lines)
        assert axes.get_xlim()[0] <= 0
        assert axes.get_ylim()[1] > 1.04 * max(line.get_ydata()[0] for line in axes.lines)


def test_figure5_refuses_a_model_without_history() -> None:
    with pytest.raises(
        InputError, match=r"^models: found glr_abs, but .* bp_sigmoid, glr_sigmoid, glr_threshold, mine"
    ):
        losses(histories(), ["glr_sigmoid", "glr_abs"])


def test_severity_shows_means_and_intervals_of_what_has_severities() -> None:
    (panel,) = (axes for axes in draw("severity").axes if axes.get_visible())
    assert panel.get_title() == "Contrast"
    mean, half = 0.92 - 0.1 * np.arange(1, 6), 4.302652729749464 * 0.01 / 3**0.5
    assert panel.get_xticks().tolist() == [1, 2, 3, 4, 5]
    lines = [bars.lines[0] for bars in panel.containers]
    for line, bars, shift in zip(lines, panel.containers, (-0.3, 0.3), strict=True):
        np.testing.assert_allclose(line.get_xdata(), np.arange(1, 6) + shift)
        np.testing.assert_allclose(line.get_ydata(), mean)
        spans = [segment[:, 1] for segment in bars.lines[2][0].get_segments()]
        np.testing.assert_allclose(spans, np.stack([mean - half, mean + half], axis=1))
    looks = looks_of(["bp_sigmoid", "glr_abs"])
    assert [line.get_color() for line in lines] == [looks[m].colour for m in ("bp_sigmoid", "glr_abs")]


def test_severity_refuses_accuracies_without_severities() -> None:
    clean = accuracies()[accuracies()["severity"] == 0]
    with pytest.raises(InputError, match=r"^accuracies: found none over severity, but the figure needs some\.$"):
        accuracy_by_severity(clean)


def test_epsilon_shows_each_attack_from_the_unchanged_images_on() -> None:
    panels = draw("epsilon").axes
    assert [panel.get_title() for panel in panels] == ["FGSM", "FGSM (sigmoid source)"]
    half = 4.302652729749464 * 0.01 / 3**0.5
    for panel, epsilons, unchanged in zip(panels, ([0, 0.05, 0.2], [0, 0.1]), (0.92, 0.97), strict=True):
        mean = np.array([unchanged, *(0.92 - epsilon for epsilon in epsilons[1:])])
        for line, band in zip(panel.lines, panel.collections, strict=True):
            np.testing.assert_array_equal(line.get_xdata(), epsilons)
            np.testing.assert_allclose(line.get_ydata(), mean)
            heights = {round(float(y), 9) for _, y in band.get_paths()[0].vertices}
            assert heights == {*(mean - half).round(9), *(mean + half).round(9)}
        drawn = [(line.get_color(), line.get_marker()) for line in panel.lines]
        looks = looks_of(["bp_sigmoid", "glr_abs"])
        assert drawn == [(looks[m].colour, looks[m].marker) for m in ("bp_sigmoid", "glr_abs")]


@pytest.mark.parametrize("lacking", [list(EPSILONS), ["orig_attacked"]])
def test_epsilon_refuses_accuracies_that_lack_all_sets_or_the_unchanged_images(lacking: list[str]) -> None:
    table = attacked()
    with pytest.raises(InputError, match=r"^accuracies: found those of .*, but orig_attacked and sets of a sweep over"):
        accuracy_by_epsilon(table[~table["samples"].isin(lacking)], SWEEPS)


def test_robustness_shows_what_is_certified_attacked_and_transferred_for_each_network() -> None:
    panels = shown(draw("robustness"))
    assert [panel.get_title() for panel in panels] == ["BP sigmoid", "GLR |x|"]
    for panel in panels:
        found = {line.get_label(): tuple(line.get_ydata()) for line in panel.lines}
        labels = {"FGSM of the source": "transfer", "All attacks": "all attacks", "Certified": "certified"}
        assert found == {label: ATTACKS[name] for label, name in labels.items()}


def test_the_table_of_robustness_has_a_row_per_attack_and_network_and_a_column_per_norm_and_strength() -> None:
    lines = robustness_table(victims()).splitlines()
    names = [f"{norm} {epsilon:g}" for norm in ("L-infinity", "L2") for epsilon in (0, 0.1, 0.2)]
    assert lines[0] == f"| attack | network | {' | '.join(names)} |"
    every = ["0.850", "0.350", "0.150", "0.900", "0.400", "0.200"]
    assert f"| All attacks | BP sigmoid | {' | '.join(f'{cell} ± 0.000' for cell in every)} |" in lines
    (certified,) = [line for line in lines if line.startswith(r"| Certified | GLR \|x\|")]
    assert certified.endswith("|  |  |  | 0.800 ± 0.000 | 0.300 ± 0.000 | 0.100 ± 0.000 |")
    assert len(lines) == 2 + 2 * len(ATTACKS)


def test_certificates_shows_a_panel_for_each_variance_of_the_noise_that_is_named_first() -> None:
    panels = shown(draw("certificates"))
    assert len(panels) == 2
    assert [panel.get_title() for panel in panels] == ["Noise variance 1", "Noise variance 16"]
    for panel, variance in zip(panels, (1, 16), strict=True):
        for line, start in zip(panel.lines, (0.6, 0.7), strict=True):
            np.testing.assert_array_equal(line.get_xdata(), RADII)
            np.testing.assert_allclose(line.get_ydata(), start - variance / 100 + 0.02 - np.array(RADII))


def test_certificates_shows_the_first_network_in_each_row_and_four_others_at_most() -> None:
    own = certificates()
    more = [own[own["model"] == "glr_abs"].assign(model=f"other_{number}") for number in range(4)]
    panels = shown(draw("certificates", accuracies=pd.concat([own, *more])))
    first, second = ["BP sigmoid", "GLR |x|", "other_0", "other_1", "other_2"], ["BP sigmoid", "other_3"]
    assert [panel.get_legend_handles_labels()[1] for panel in panels] == [first, first, second, second]
    assert [panel.get_title() for panel in panels] == 2 * ["Noise variance 1", "Noise variance 16"]


def test_a_line_has_a_gap_where_a_replicate_diverged_and_says_so() -> None:
    table = accuracies()
    lost = (table["model"] == "glr_abs") & (table["replicate"] == 2) & (table["severity"] == 3)
    table.loc[lost, "accuracy"] = np.nan
    figure = accuracy_by_severity(table)
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "GLR |x|, diverged" in words and "BP sigmoid" in words
    (line,) = (bars.lines[0] for bars in shown(figure)[0].containers if bars.get_label() == "GLR |x|, diverged")
    np.testing.assert_array_equal(np.isnan(line.get_ydata()), [False, False, True, False, False])


def test_the_table_of_robustness_tells_which_network_diverged() -> None:
    table = victims()
    table.loc[(table["model"] == "glr_abs") & (table["replicate"] == 1), "accuracy"] = np.nan
    rows = [line for line in robustness_table(table).splitlines() if "GLR" in line]
    assert rows and all("| diverged |" in line and "0." not in line for line in rows)


def test_norms_stand_beside_those_of_the_authors_network_of_the_same_loss_and_level() -> None:
    panels = draw("norms").axes
    assert [panel.get_title() for panel in panels] == [
        "cross-entropy, level 1",
        "cross-entropy, level 2",
        "0-1 loss, level 1",
        "0-1 loss, level 2",
    ]
    for panel, theirs, level in zip(panels, (10.0, 5.0, 12.0, 6.0), (1, 2, 1, 2), strict=True):
        mean, total, line = panel.lines
        np.testing.assert_array_equal(mean.get_xdata(), range(4))
        np.testing.assert_allclose(mean.get_ydata(), 4.0 * np.arange(1, 5) / level)
        np.testing.assert_allclose(total.get_ydata(), 9.0 * np.arange(1, 5) / level)
        assert set(line.get_ydata()) == {theirs}
    (legend,) = draw("norms").legends
    assert [text.get_text() for text in legend.get_texts()] == [
        r"mean, initial weights $N(0,\ 0.1^2)$",
        "sum, initial weights fan-in",
        "the authors' network",
    ]


def test_the_table_of_norms_tells_when_each_training_passes_the_authors_network() -> None:
    # Level 1: 4 (1 + e) is 10 at 1.5 and 12 at 2; 9 (1 + e) is 10 at 1 / 9 and 12 at 1 / 3. Level 2 has half of all.
    assert norms_table(INPUTS["norms"]["norms"], AUTHORS_WEIGHTS).splitlines()[2:] == [
        "| cross-entropy | mean | 0.1 | 1.5 | 1.5 |",
        "| cross-entropy | sum | fan_in | 0.1 | 0.1 |",
        "| 0-1 loss | mean | 0.1 | 2.0 | 2.0 |",
        "| 0-1 loss | sum | fan_in | 0.3 | 0.3 |",
    ]
    others = AUTHORS_WEIGHTS.assign(norm=[3.0, 99.0, 16.0, 8.0])
    assert norms_table(INPUTS["norms"]["norms"], others).splitlines()[2:5:2] == [
        "| cross-entropy | mean | 0.1 | 0.0 | not by 3 |",
        "| 0-1 loss | mean | 0.1 | 3.0 | 3.0 |",
    ]


def test_norms_refuse_a_loss_that_the_authors_did_not_train_on() -> None:
    table = INPUTS["norms"]["norms"]
    with pytest.raises(InputError, match=r"^norms: found the loss hinge, but cross_entropy or zero_one is needed\.$"):
        norms(table.assign(loss=table["loss"].replace("zero_one", "hinge")), AUTHORS_WEIGHTS)
