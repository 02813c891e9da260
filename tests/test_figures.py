"""Figures: what is drawn equals the data, the bytes stay the same, and missing data are refused."""

import io
import itertools
from collections.abc import Sequence

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from glr import figures
from glr.__main__ import main
from glr.errors import InputError
from glr.figures import BLACK, FIGURES, MODEL_STYLES, VERMILLION, model_styles, render
from glr.files import write_arrays, write_table

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


INPUTS: dict[str, Sequence[object]] = {
    "figure1": (),
    "figure2": (),
    "figure3": (EXAMPLES["raw"], EXAMPLES["resized"], EXAMPLES["raw_labels"]),
    "figure4": ([196, 20, 10], [196, 100, 50, 10]),
    "figure5": (histories(), ["glr_sigmoid", "glr_threshold"]),
    "figure6": tuple(
        EXAMPLES[name]
        for name in ("originals", "original_predictions", "attacked", "attacked_predictions", "attacked_labels")
    ),
    "figure7": (EXAMPLES["corrupted_original"], CORRUPTED),
    "figure8": (recall(), ["glr_sigmoid_01", "glr_threshold_01"]),
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


def test_figure5_draws_as_many_panels_as_models_and_leaves_gaps_where_a_loss_is_not_finite() -> None:
    table = histories()
    table.loc[(table["model"] == "mine") & (table["step"] > 5000), ["loss_train", "loss_test"]] = np.inf
    for models in (["mine"], ["mine", "bp_sigmoid", "glr_sigmoid"]):
        figure = FIGURES["figure5"](table, models)
        assert len(figure.axes) == len(models)
        assert np.isfinite(figure.axes[0].lines[0].get_ydata()).sum() == 3
        render(figure, ".png")
        assert np.isfinite(figure.axes[0].get_ylim()).all()


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


def test_each_model_has_one_look_and_unknown_ones_take_it_by_name() -> None:
    looks = [(known.colour, known.marker) for known in MODEL_STYLES.values()]
    assert len(set(looks)) == len({colour for colour, _ in looks}) == len({marker for _, marker in looks}) == 7
    names = [f"model{number:02}" for number in range(42)]
    styles = model_styles([*reversed(names), "source"])
    assert styles == model_styles([*names, *names])
    assert len({(styles[name].colour, styles[name].marker) for name in styles}) == 49
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
    return tmp_path


def flags_of(name: str, folder) -> list[str]:
    examples = ["--examples", str(folder / "examples.npz")]
    return {
        "figure3": examples,
        "figure4": ["--layers", "196", "20", "10", "--attacker-layers", "196", "100", "50", "10"],
        "figure5": ["--histories", str(folder / "histories.csv"), "--models", "glr_sigmoid", "glr_threshold"],
        "figure6": examples,
        "figure7": examples,
        "figure8": ["--recall", str(folder / "recall.csv"), "--models", "glr_sigmoid_01", "glr_threshold_01"],
    }.get(name, [])


@pytest.mark.parametrize("name", FIGURES)
def test_two_draws_give_the_same_bytes_whatever_the_settings_and_the_other_outputs(folder, name: str) -> None:
    outputs = [folder / f"{name}.png", folder / f"{name}.svg"]
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
    assert set(folder.iterdir()) == {
        *(folder / name for name in ("histories.csv", "recall.csv", "examples.npz")),
        *outputs,
    }

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
        ("figure7", "--examples"),
        ("figure8", "--recall"),
    ],
)
def test_command_refuses_a_missing_input_and_writes_nothing(folder, name: str, flag: str) -> None:
    flags = flags_of(name, folder)
    start = flags.index(flag)
    end = next((index for index in range(start + 1, len(flags)) if flags[index].startswith("--")), len(flags))
    output = folder / "out.svg"
    with pytest.raises(SystemExit, match=rf"^glr draw-figure: {flag}: found nothing, but {name} needs it\.$"):
        main(["draw-figure", "--figure", name, *flags[:start], *flags[end:], "--output", str(output)])
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
