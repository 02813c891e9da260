"""Figures: what is drawn equals the data, the bytes stay the same, and missing data are refused."""

import io
import itertools
import re
from collections.abc import Sequence

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from glr.errors import InputError
from reproduction import figures
from reproduction.__main__ import main
from reproduction.figures import BLACK, FIGURES, MODEL_STYLES, VERMILLION, model_styles, render
from reproduction.store.files import write_arrays, write_table

M = 4
RNG = np.random.default_rng(0)
EXAMPLES = {
    "raw": RNG.integers(0, 256, (M, 28, 28), dtype=np.uint8),
    "resized": RNG.integers(0, 256, (M, 14, 14), dtype=np.uint8),
    "raw_labels": np.array([7, 2, 1, 0], np.uint8),
    "originals": RNG.random((M, 14, 14), np.float32),
    "original_predictions": np.array([7, 2, 1, 8], np.uint8),
    "attacked": RNG.random((M, 14, 14), np.float32),
    "attacked_predictions": np.array([3, 2, 9, 0], np.uint8),
    "attacked_labels": np.array([7, 2, 1, 0], np.uint8),
    "corrupted_original": RNG.random((14, 14), np.float32),
    "corrupted_label": np.uint8(5),
    "corrupted_gaussian_noise": RNG.random((5, 14, 14), np.float32),
    "corrupted_contrast": RNG.random((5, 14, 14), np.float32),
}
CORRUPTED = {name: EXAMPLES[f"corrupted_{name}"] for name in ("gaussian_noise", "contrast")}


def recall() -> pd.DataFrame:
    """Return the recall of two models, of which each replicate never predicts some of the digits."""
    rows = [
        (model, replicate, "orig", label, 0.0 if label in dead else 0.9 + label / 100, 0 if label in dead else 50)
        for model, replicate, dead in (
            ("glr_sigmoid_01", 1, [9]),
            ("glr_sigmoid_01", 2, []),
            ("glr_threshold_01", 1, [5, 7]),
            ("glr_threshold_01", 2, [3]),
        )
        for label in range(10)
    ]
    return pd.DataFrame(rows, columns=["model", "replicate", "samples", "label", "recall", "predictions"])


def histories(replicates: int = 3) -> pd.DataFrame:
    """Return histories of four models; the replicates' losses are known multiples of each other."""
    steps = 1680 * np.arange(13)
    rows = [
        pd.DataFrame(
            {
                "model": model,
                "replicate": replicate,
                "epoch": np.arange(13),
                "step": steps,
                "loss_train": scale * replicate**2 * np.exp(-steps / 9000),
                "accuracy_train": 0.9,
                "loss_test": 2 * scale * replicate**2 * np.exp(-steps / 9000),
                "accuracy_test": 0.9,
            }
        )
        for model, scale in (("glr_sigmoid", 1.0), ("glr_threshold", 3.0), ("bp_sigmoid", 5.0), ("mine", 7.0))
        for replicate in range(1, replicates + 1)
    ]
    return pd.concat(rows, ignore_index=True)


def table(samples: Sequence[str], models: Sequence[str] = ("bp_sigmoid", "glr_abs", "mine")) -> pd.DataFrame:
    """Return the cells of a table; the paper has no numbers of `mine`."""
    rows = [
        (model, name, 0.9 - 0.1 * column - 0.02 * row, 0.01, 4, 50, np.nan if model == "mine" else 0.5, np.nan)
        for row, model in enumerate(models)
        for column, name in enumerate(samples)
    ]
    return pd.DataFrame(rows, columns=["model", "samples", "mean", "sd", "replicates", "n", "paper", "delta"])


TABLES = [table(["orig", "lbfgs", "fgsm"]), table(["orig", "contrast", "average"])]
HALF = 3.182446305284263 * 0.01 / 2  # Student's t with 3 degrees of freedom, from its tables


def accuracies() -> pd.DataFrame:
    """Return accuracies of two models at five severities in three replicates, and clean ones."""
    rows = [
        (model, replicate, name, severity, 0.9 - 0.1 * severity + 0.01 * replicate, 50)
        for model in ("bp_sigmoid", "glr_abs")
        for replicate in (1, 2, 3)
        for name, severity in [("orig", 0), *(("contrast", severity) for severity in range(1, 6))]
    ]
    return pd.DataFrame(rows, columns=["model", "replicate", "samples", "severity", "accuracy", "n"])


EPSILONS = {"fgsm_0_2": 0.2, "fgsm_0_05": 0.05, "fgsm_relu_0_1": 0.1}


def attacked() -> pd.DataFrame:
    """Return accuracies of two models in three replicates under attacks of known strengths and another one."""
    rows = [
        (model, replicate, name, 0, 0.9 - epsilon + 0.01 * replicate, 50)
        for model in ("bp_sigmoid", "glr_abs")
        for replicate in (1, 2, 3)
        for name, epsilon in {"orig_attacked": 0.0, "lbfgs": 0.5, **EPSILONS}.items()
    ]
    return pd.DataFrame(rows, columns=["model", "replicate", "samples", "severity", "accuracy", "n"])


WEIGHTS = {"bp_sigmoid": RNG.normal(size=(12, 4, 4)), "glr_abs": 9 * RNG.normal(size=(3, 4, 4))}


def confusions() -> pd.DataFrame:
    """Return counts of two models on two kinds of samples."""
    rows = [
        (model, name, label, predicted, 7 + 3 * (label == predicted) + place)
        for model in ("bp_sigmoid", "glr_abs")
        for place, name in enumerate(("orig_attacked", "fgsm"))
        for label in range(3)
        for predicted in range(3)
    ]
    return pd.DataFrame(rows, columns=["model", "samples", "label", "predicted", "count"])


INPUTS: dict[str, Sequence[object]] = {
    "figure1": (),
    "figure2": (),
    "figure3": (EXAMPLES["raw"], EXAMPLES["resized"], EXAMPLES["raw_labels"]),
    "figure4": ([196, 20, 10], [196, 100, 50, 10]),
    "figure5": (histories(), ["glr_sigmoid", "glr_threshold"]),
    "figure6": (
        *(EXAMPLES[name] for name in ("originals", "original_predictions", "attacked", "attacked_predictions")),
        *(EXAMPLES["attacked_labels"], "fgsm"),
    ),
    "figure7": (EXAMPLES["corrupted_original"], CORRUPTED),
    "figure8": (recall(), ["glr_sigmoid_01", "glr_threshold_01"]),
    "comparison": (TABLES, "bp_sigmoid"),
    "tradeoff": (TABLES,),
    "severity": (accuracies(),),
    "weights": (WEIGHTS,),
    "confusion": (confusions(), "fgsm"),
    "epsilon": (attacked(), EPSILONS),
}


def draw(name: str) -> Figure:
    return FIGURES[name](*INPUTS[name])


def images_of(figure: Figure) -> list[np.ndarray]:
    return [np.asarray(axes.images[0].get_array()) for axes in figure.axes]


def heads_of(figure: Figure) -> list[str]:
    return [axes.texts[-1].get_text() for axes in figure.axes if axes.texts]


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_cut_off_and_letters_are_large_enough(name: str) -> None:
    figure = draw(name)
    with figures.style():
        figure.draw_without_rendering()
        page = figure.get_tightbbox().padded(-0.01)
    assert page.x0 >= 0
    assert page.y0 >= 0
    assert page.x1 <= figure.get_figwidth()
    assert page.y1 <= figure.get_figheight()
    assert all(text.get_fontsize() >= 9 for text in figure.findobj(Text))


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


def test_figure3_shows_both_sizes_under_their_labels() -> None:
    figure = draw("figure3")
    for shown, image in zip(images_of(figure), [*EXAMPLES["raw"], *EXAMPLES["resized"]], strict=True):
        np.testing.assert_allclose(shown, image / 255)
    assert heads_of(figure) == ["7", "2", "1", "0"]
    assert [axes.get_ylabel() for axes in figure.axes[::M]] == ["28 × 28", "14 × 14"]
    assert all(axes.images[0].get_clim() == (0, 1) for axes in figure.axes)


@pytest.mark.parametrize(("levels", "neurons"), [([196, 20, 10], 12), ([6, 5, 1], 12), ([7, 3], 7)])
def test_figure4_shows_each_level_and_joins_all_neurons_of_neighbours(levels: list[int], neurons: int) -> None:
    axes = FIGURES["figure4"](levels, [2, 2]).axes[0]
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
        FIGURES["figure4"]([196, 20, 10], levels)


@pytest.mark.parametrize("replicates", [1, 3])
def test_figure5_draws_the_mean_and_the_range_of_the_replicates(replicates: int) -> None:
    figure = FIGURES["figure5"](histories(replicates), ["glr_threshold", "mine"])
    steps = 1680 * np.arange(13)
    squares = np.arange(1, replicates + 1) ** 2
    assert [axes.get_title() for axes in figure.axes] == ["(a) GLR, threshold", "(b) mine"]
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
        figure = FIGURES["figure5"](table, models)
        assert len(figure.axes) == len(models)
        assert np.isfinite(figure.axes[0].lines[0].get_ydata()).sum() == 3
        render(figure, ".png")
        assert np.isfinite(figure.axes[0].get_ylim()).all()


def test_figure5_shows_both_losses_of_a_single_epoch() -> None:
    first = histories(1)[histories(1)["epoch"] == 0]
    for axes in FIGURES["figure5"](first, ["glr_threshold", "mine"]).axes:
        assert all(line.get_marker() not in ("None", "") for line in axes.lines)
        assert axes.get_ylim()[1] > 1.04 * max(line.get_ydata()[0] for line in axes.lines)


def test_figure5_refuses_a_model_without_history() -> None:
    with pytest.raises(
        InputError, match=r"^models: found glr_abs, but .* bp_sigmoid, glr_sigmoid, glr_threshold, mine"
    ):
        FIGURES["figure5"](histories(), ["glr_sigmoid", "glr_abs"])


def test_figure6_shows_pairs_and_marks_wrong_predictions() -> None:
    figure = draw("figure6")
    for shown, image in zip(images_of(figure), [*EXAMPLES["originals"], *EXAMPLES["attacked"]], strict=True):
        np.testing.assert_array_equal(shown, image)
    assert heads_of(figure) == ["7", "2", "1", "8", "3", "2", "9", "0"]
    assert [axes.get_ylabel() for axes in figure.axes[::M]] == ["Original", "FGSM"]
    other = FIGURES["figure6"](*INPUTS["figure6"][:-1], "lbfgs_least_likely")
    assert other.axes[M].get_ylabel() == "L-BFGS\nleast\nlikely"
    colours = [axes.texts[-1].get_color() for axes in figure.axes]
    assert [colour == VERMILLION for colour in colours] == [False, False, False, True, True, False, True, False]


def test_figure7_shows_the_original_and_five_severities_of_each_corruption() -> None:
    figure = draw("figure7")
    expected = [image for images in CORRUPTED.values() for image in (EXAMPLES["corrupted_original"], *images)]
    for shown, image in zip(images_of(figure), expected, strict=True):
        np.testing.assert_array_equal(shown, image)
    assert heads_of(figure) == ["original", "1", "2", "3", "4", "5"]
    assert [axes.get_ylabel() for axes in figure.axes[::6]] == ["Gaussian\nnoise", "Contrast"]


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
    titles = [panel.get_title() for panel in panels if panel.get_visible()]
    assert titles == ["Clean", "L-BFGS", "FGSM", "Contrast", "All corruptions"]
    for mean, panel in zip((0.9, 0.8, 0.7, 0.8, 0.7), panels, strict=False):
        ours = [bars.lines[0].get_xdata()[0] for bars in panel.containers]
        np.testing.assert_allclose(ours, [mean, mean - 0.02, mean - 0.04])
        spans = [bars.lines[2][0].get_segments()[0][:, 0] for bars in panel.containers]
        np.testing.assert_allclose(spans, [[x - HALF, x + HALF] for x in ours])
        crosses = [line.get_xdata()[0] for line in panel.lines if line.get_marker() == "x"]
        np.testing.assert_array_equal(crosses, [0.5, 0.5, np.nan])


MANY = [
    "orig",
    "gaussian_noise_after",
    "impulse_noise_after",
    "lbfgs_least_likely",
    "fgsm",
    "fgsm_relu",
    "glass_blur_cifar",
]


@pytest.mark.parametrize("name", ["comparison", "tradeoff"])
def test_many_columns_leave_room_for_their_words(name: str) -> None:
    tables = [table(MANY, ("bp_sigmoid", "glr_threshold_01"))]
    figure = FIGURES[name](tables, "bp_sigmoid") if name == "comparison" else FIGURES[name](tables)
    panels = [panel for panel in figure.axes if panel.get_visible()]
    with figures.style():
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
    figure = FIGURES[name](wide, "bp_sigmoid") if name == "comparison" else FIGURES[name](wide)
    for panel in (panel for panel in figure.axes if panel.get_visible()):
        limits = [*panel.get_xlim(), *(panel.get_ylim() if name == "tradeoff" else ())]
        assert min(limits) == -0.02 and max(limits) == 1.02


def test_comparison_shows_ours_above_the_papers_and_both_above_the_grid() -> None:
    for panel in draw("comparison").axes:
        ours = [bars.lines[0].get_zorder() for bars in panel.containers]
        crosses = [line.get_zorder() for line in panel.lines if line.get_marker() == "x"]
        assert all(panel.xaxis.get_zorder() < cross < min(ours) for cross in crosses)


def test_comparison_refuses_a_baseline_without_cells() -> None:
    with pytest.raises(InputError, match=r"^baseline: found 'source', but .* bp_sigmoid, glr_abs, mine\.$"):
        FIGURES["comparison"](TABLES, "source")


def test_tradeoff_sets_each_robustness_against_the_clean_accuracy_of_its_table() -> None:
    panels = draw("tradeoff").axes
    assert [panel.get_title() for panel in panels] == ["L-BFGS", "FGSM", "All corruptions"]
    for mean, panel in zip((0.8, 0.7, 0.7), panels, strict=True):
        points = [bars.lines[0].get_xydata()[0] for bars in panel.containers]
        np.testing.assert_allclose(points, [[0.9 - lost, mean - lost] for lost in (0, 0.02, 0.04)])
        for point, bars in zip(points, panel.containers, strict=True):
            across, up = (lines.get_segments()[0] for lines in bars.lines[2])
            np.testing.assert_allclose(across[:, 0], [point[0] - HALF, point[0] + HALF])
            np.testing.assert_allclose(up[:, 1], [point[1] - HALF, point[1] + HALF])
        assert len(panel.lines) == 3


def test_tradeoff_joins_models_that_differ_by_the_number_at_their_end() -> None:
    names = ["glr_sigmoid", "a_step_0_5", "a_step_2", "b_step_1", "a_step_0_05", "glr_sigmoid_01"]
    assert figures.families(names) == [["a_step_0_5", "a_step_2", "a_step_0_05"], ["b_step_1"], ["glr_sigmoid_01"]]
    (panel,) = FIGURES["tradeoff"]([table(["orig", "fgsm"], names)]).axes
    joined = [line.get_xdata().tolist() for line in panel.lines if line.get_linestyle() == "-"]
    assert joined[0] == pytest.approx([0.88, 0.86, 0.82])


def test_tradeoff_gives_a_family_one_colour_and_one_name() -> None:
    names = ["glr_sigmoid", "a_step_0_5", "a_step_2", "b_step_1"]
    figure = FIGURES["tradeoff"]([table(["orig", "fgsm"], names)])
    colours = [bars.lines[0].get_color() for bars in figure.axes[0].containers]
    assert colours[1] == colours[2]
    assert len(set(colours)) == 3
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["GLR, sigmoid", "a step", "b step 1"]


def test_sensitivity_dots_stand_at_the_accuracies_of_their_choice() -> None:
    rows = [
        ("default", "orig", 0.9, 0.8, 0, 0),
        ("default", "fgsm", 0.2, 0.3, 0, 0),
        ("other", "fgsm", 0.4, 0.5, 0.1, 0.3),
    ]
    figure = figures.sensitivity_dots(pd.DataFrame(rows, columns=["choice", "samples", "bp", "glr", "low", "high"]))
    clean, fgsm = figure.axes
    assert [label.get_text() for label in clean.get_yticklabels()] == ["default", "other"]
    points = [line.get_xydata().tolist() for line in fgsm.lines if line.get_linestyle() == "None"]
    assert points == [[[0.2, 0], [0.4, 1]], [[0.3, 0], [0.5, 1]]]
    assert [line.get_xdata()[0] for line in fgsm.lines if line.get_linestyle() != "None"] == [0.2, 0.3]
    _, bar = fgsm.collections[0].get_segments()
    np.testing.assert_allclose(bar, [[0.4, 1], [0.6, 1]])


def test_severity_shows_means_and_intervals_of_what_has_severities() -> None:
    (panel,) = (axes for axes in draw("severity").axes if axes.get_visible())
    assert panel.get_title() == "Contrast"
    mean, half = 0.92 - 0.1 * np.arange(1, 6), 4.302652729749464 * 0.01 / 3**0.5
    for line, band in zip(panel.lines, panel.collections, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 6))
        np.testing.assert_allclose(line.get_ydata(), mean)
        heights = {round(float(y), 9) for _, y in band.get_paths()[0].vertices}
        assert heights == {*(mean - half).round(9), *(mean + half).round(9)}
    assert [line.get_color() for line in panel.lines] == [MODEL_STYLES[m].colour for m in ("bp_sigmoid", "glr_abs")]


def test_severity_refuses_accuracies_without_severities() -> None:
    clean = accuracies()[accuracies()["severity"] == 0]
    with pytest.raises(InputError, match=r"^accuracies: found none over severity, but the figure needs some\.$"):
        FIGURES["severity"](clean)


def test_epsilon_shows_each_attack_from_the_unchanged_images_on() -> None:
    panels = draw("epsilon").axes
    assert [panel.get_title() for panel in panels] == ["FGSM", "FGSM ReLU"]
    half = 4.302652729749464 * 0.01 / 3**0.5
    for panel, epsilons in zip(panels, ([0, 0.05, 0.2], [0, 0.1]), strict=True):
        mean = 0.92 - np.array(epsilons)
        for line, band in zip(panel.lines, panel.collections, strict=True):
            np.testing.assert_array_equal(line.get_xdata(), epsilons)
            np.testing.assert_allclose(line.get_ydata(), mean)
            heights = {round(float(y), 9) for _, y in band.get_paths()[0].vertices}
            assert heights == {*(mean - half).round(9), *(mean + half).round(9)}
        looks = [(line.get_color(), line.get_marker()) for line in panel.lines]
        assert looks == [(MODEL_STYLES[m].colour, MODEL_STYLES[m].marker) for m in ("bp_sigmoid", "glr_abs")]


@pytest.mark.parametrize("lacking", ["fgsm_0_05", "orig_attacked"])
def test_epsilon_refuses_accuracies_that_lack_a_set(lacking: str) -> None:
    table = attacked()
    with pytest.raises(InputError, match=rf"^epsilons: found no accuracies of '{lacking}', but of fgsm_0_"):
        FIGURES["epsilon"](table[table["samples"] != lacking], EPSILONS)


def test_samples_and_models_are_called_by_words() -> None:
    names = ["orig", "lbfgs_least_likely", "fgsm_relu", "fgsm_0_05", "gaussian_noise_cifar", "average"]
    called = ["Clean", "L-BFGS least likely", "FGSM ReLU", "FGSM 0.05", "Gaussian noise CIFAR", "All corruptions"]
    assert [figures.sample_label(name) for name in names] == called
    styles = model_styles(["bp_early", "glr_sigmoid_step_0_05", "mine"])
    assert [styles[name].label for name in ("bp_early", "glr_sigmoid_step_0_05", "mine")] == [
        "BP early",
        "GLR sigmoid step 0.05",
        "mine",
    ]


def test_weights_are_shown_on_a_symmetric_scale_for_each_model() -> None:
    panels = draw("weights").axes
    for panel, images in zip(panels, WEIGHTS.values(), strict=False):
        scale = np.quantile(np.abs(images), 0.99)
        assert panel.get_title().endswith(f"(scale {scale:.2g})")
        assert panel.images[0].get_clim() == (-1, 1)
        mosaic = np.asarray(panel.images[0].get_array().filled(np.nan))
        for place, image in enumerate(images):
            top, left = (1 + 5 * index for index in divmod(place, 10))
            np.testing.assert_allclose(mosaic[top : top + 4, left : left + 4] * scale, image)
        assert np.isfinite(mosaic).sum() == images.size
    FIGURES["weights"]({"diverged": np.full((2, 4, 4), np.nan)})


def test_confusion_shows_the_shares_of_each_true_digit() -> None:
    panels = draw("confusion").axes
    for panel in panels[:2]:
        np.testing.assert_allclose(panel.images[0].get_array(), (8 + 3 * np.eye(3)) / 27)
    assert [panel.get_title() for panel in panels[:2]] == ["BP, sigmoid", "GLR, |x|"]
    with pytest.raises(InputError, match=r"^samples: found 'lbfgs', but the counts are those of "):
        FIGURES["confusion"](confusions(), "lbfgs")


@pytest.mark.parametrize("name", ["comparison", "tradeoff", "severity", "epsilon"])
def test_a_single_replicate_has_no_interval(name: str) -> None:
    single = [cells.assign(replicates=1, sd=np.nan) for cells in TABLES]
    one = accuracies()[accuracies()["replicate"] == 1]
    inputs = {"comparison": (single, "bp_sigmoid"), "tradeoff": (single,), "severity": (one,)}
    inputs["epsilon"] = (attacked()[attacked()["replicate"] == 1], EPSILONS)
    figure = FIGURES[name](*inputs[name])
    render(figure, ".png")
    assert all(np.isfinite(axes.get_xlim()).all() and np.isfinite(axes.get_ylim()).all() for axes in figure.axes)


def test_each_model_has_one_look_and_unknown_ones_take_it_by_name() -> None:
    looks = [(known.colour, known.marker) for known in MODEL_STYLES.values()]
    assert len(set(looks)) == len({colour for colour, _ in looks}) == len({marker for _, marker in looks}) == 8
    names = [f"model{number:02}" for number in range(42)]
    styles = model_styles([*reversed(names), "source"])
    assert styles == model_styles([*names, *names])
    assert len({(styles[name].colour, styles[name].marker) for name in styles}) == 50
    assert BLACK not in {styles[name].colour for name in names}
    assert all(styles[name] == known for name, known in MODEL_STYLES.items())
    figure = draw("figure5")
    assert [axes.lines[0].get_color() for axes in figure.axes] == [
        MODEL_STYLES["glr_sigmoid"].colour,
        MODEL_STYLES["glr_threshold"].colour,
    ]
    assert [axes.lines[0].get_marker() for axes in figure.axes] == ["s", "^"]
    assert all(axes.lines[1].get_color() == BLACK for axes in figure.axes)


@pytest.fixture
def folder(tmp_path):
    """Write the files that the command reads."""
    write_table(tmp_path / "histories.csv", histories())
    write_table(tmp_path / "recall.csv", recall())
    write_arrays(tmp_path / "examples.npz", **EXAMPLES)
    for number, cells in enumerate(TABLES, start=1):
        write_table(tmp_path / f"table{number}.csv", cells)
    write_table(tmp_path / "accuracies.csv", accuracies())
    write_table(tmp_path / "attacked.csv", attacked())
    write_table(tmp_path / "confusions.csv", confusions())
    write_arrays(tmp_path / "weights.npz", **WEIGHTS)
    return tmp_path


def flags_of(name: str, folder) -> list[str]:
    examples = ["--examples", str(folder / "examples.npz")]
    tables = ["--tables", str(folder / "table1.csv"), str(folder / "table2.csv")]
    return {
        "figure3": examples,
        "figure4": ["--layers", "196", "20", "10", "--attacker-layers", "196", "100", "50", "10"],
        "figure5": ["--histories", str(folder / "histories.csv"), "--models", "glr_sigmoid", "glr_threshold"],
        "figure6": [*examples, "--samples", "fgsm"],
        "figure7": examples,
        "figure8": ["--recall", str(folder / "recall.csv"), "--models", "glr_sigmoid_01", "glr_threshold_01"],
        "comparison": [*tables, "--baseline", "bp_sigmoid"],
        "tradeoff": tables,
        "severity": ["--accuracies", str(folder / "accuracies.csv")],
        "weights": ["--weights", str(folder / "weights.npz")],
        "epsilon": [
            *("--accuracies", str(folder / "attacked.csv")),
            *("--epsilons", *(f"{name}={epsilon}" for name, epsilon in EPSILONS.items())),
        ],
        "confusion": ["--confusions", str(folder / "confusions.csv"), "--samples", "fgsm"],
    }.get(name, [])


@pytest.mark.parametrize("name", FIGURES)
def test_two_draws_give_the_same_bytes_whatever_the_settings_and_the_other_outputs(folder, name: str) -> None:
    outputs = [folder / f"{name}.png", folder / f"{name}.svg"]
    before_drawing = set(folder.iterdir())
    settings = {
        "svg.hashsalt": "mine",
        "svg.fonttype": "none",
        "savefig.dpi": 50,
        "savefig.bbox": "tight",
        "font.size": 20,
        "font.family": "serif",
        "lines.linewidth": 9,
        "image.cmap": "jet",
        "axes.grid": True,
    }
    with matplotlib.rc_context(settings):
        before = dict(matplotlib.rcParams)
        main(["draw-figure", "--figure", name, *flags_of(name, folder), "--output", *map(str, outputs)])
        assert dict(matplotlib.rcParams) == before
    for output in outputs:
        assert output.read_bytes() == render(draw(name), output.suffix)
    assert set(folder.iterdir()) == before_drawing | set(outputs)

    svg = outputs[1].read_text()
    assert "<dc:date>" not in svg
    assert "<text" not in svg
    with Image.open(io.BytesIO(outputs[0].read_bytes())) as picture:
        assert "Software" not in picture.info
        assert picture.width == pytest.approx(300 * draw(name).get_figwidth(), abs=1)


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("figure3", "--examples"),
        ("figure4", "--layers"),
        ("figure4", "--attacker-layers"),
        ("figure5", "--histories"),
        ("figure5", "--models"),
        ("figure6", "--examples"),
        ("figure6", "--samples"),
        ("figure7", "--examples"),
        ("figure8", "--recall"),
        ("comparison", "--tables"),
        ("comparison", "--baseline"),
        ("tradeoff", "--tables"),
        ("severity", "--accuracies"),
        ("epsilon", "--accuracies"),
        ("epsilon", "--epsilons"),
        ("weights", "--weights"),
        ("confusion", "--confusions"),
        ("confusion", "--samples"),
    ],
)
def test_command_refuses_a_missing_input_and_writes_nothing(folder, name: str, flag: str) -> None:
    flags = flags_of(name, folder)
    start = flags.index(flag)
    end = next((index for index in range(start + 1, len(flags)) if flags[index].startswith("--")), len(flags))
    output = folder / "out.svg"
    with pytest.raises(SystemExit, match=rf"^draw-figure: {flag}: found nothing, but {name} needs it\.$"):
        main(["draw-figure", "--figure", name, *flags[:start], *flags[end:], "--output", str(output)])
    assert not output.exists()


@pytest.mark.parametrize("word", ["fgsm_0_1=strong", "fgsm_0_1", "=0.1"])
def test_command_refuses_an_epsilon_that_is_no_number_of_a_set(folder, capsys, word: str) -> None:
    output = folder / "out.svg"
    flags = ["--accuracies", str(folder / "attacked.csv"), "--epsilons", word, "--output", str(output)]
    with pytest.raises(SystemExit):
        main(["draw-figure", "--figure", "epsilon", *flags])
    assert re.search(
        rf"--epsilons: found '{word}', but NAME=(NUMBER|VALUE) is needed$", capsys.readouterr().err.strip()
    )
    assert not output.exists()


def test_command_refuses_other_formats_and_incomplete_files(folder) -> None:
    with pytest.raises(SystemExit, match=r"a\.pdf: found the suffix '\.pdf', but \.svg or \.png is needed\.$"):
        main(["draw-figure", "--figure", "figure1", "--output", str(folder / "a.svg"), str(folder / "a.pdf")])
    assert not (folder / "a.svg").exists()
    part = {name: array for name, array in EXAMPLES.items() if name in ("raw", "corrupted_original", "corrupted_label")}
    write_arrays(folder / "examples.npz", **part)
    for name, found in (("figure3", "resized, raw_labels is needed"), ("figure7", "found no corrupted images")):
        with pytest.raises(SystemExit, match=found):
            main(["draw-figure", "--figure", name, *flags_of(name, folder), "--output", str(folder / "a.svg")])
    write_table(folder / "histories.csv", histories().drop(columns="epoch"))
    with pytest.raises(SystemExit, match=r"histories\.csv: found the columns model, replicate, step"):
        main(["draw-figure", "--figure", "figure5", *flags_of("figure5", folder), "--output", str(folder / "a.svg")])
