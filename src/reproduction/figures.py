"""The figures of the paper and more, drawn from plain data: no model, no file and no random number enters here.

Colours are those of Okabe and Ito, which the colour-blind can tell apart, and a grey; a model has one colour and marker
throughout.
"""

import math
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import EngFormatter, MaxNLocator
from numpy.typing import NDArray
from scipy.special import stdtrit

from glr.errors import InputError
from reproduction.report.columns import ORIGINALS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.typing import RcKeyType

BLACK, GREY, ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE = (
    "#000000",
    "#777777",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)

# Inches; with letters of 10 points a figure can be read at the width of a page and, at 7 points, of a column.
WIDTH = 5.0

STYLE: "dict[RcKeyType, Any]" = {
    "font.family": "DejaVu Sans",  # matplotlib brings it along, so that no machine draws in another
    "font.size": 10,
    "axes.titlesize": 10,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.5,
    "lines.markersize": 4,
    "image.cmap": "gray",
    "image.interpolation": "nearest",
    "savefig.dpi": 300,
    "svg.fonttype": "path",  # letters as outlines: a viewer without the fonts would misplace the formulas
    "svg.hashsalt": "glr",
}

# By suffix, and what each would else tell of the time and the program.
FORMATS: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".png": {"Software": None}}


EPSILON_LABEL = r"Largest change of a pixel, $\epsilon$"

SEVERITIES = 5
"""How many of each corruption Figure 7 shows, without importing the module that makes them."""

NUMBER = re.compile(r"(_\d+)+$")
"""The number at the end of a model's or a set's name: 0_05 is one."""

WORDS = {
    "orig": "clean",
    "average": "all corruptions",
    "fgsm": "FGSM",
    "lbfgs": "L-BFGS",
    "pgd": "PGD",
    "bp": "BP",
    "glr": "GLR",
    "relu": "ReLU",
    "abs": "|x|",
    "01": "0-1 loss",
    "adam": "Adam",
    "laplace": "Laplace",
    "cifar": "CIFAR",
}


def in_words(name: str) -> str:
    """Return a name of the config as people write it: ``FGSM 0.05`` for fgsm_0_05."""
    number = NUMBER.search(name)
    words = [WORDS.get(word, word) for word in NUMBER.sub("", name).split("_")]
    return " ".join([*words, number.group()[1:].replace("_", ".")] if number else words)


def sample_label(name: str) -> str:
    """Return how samples and attacks are called in every figure."""
    label = in_words(name)
    return label[0].upper() + label[1:]


def half_interval(sd: Any, replicates: Any) -> Any:
    """Return half of Student's 95 % interval of a mean, not a number where there is one replicate only."""
    return stdtrit(replicates - 1, 0.975) * sd / np.sqrt(replicates)


class ModelStyle(NamedTuple):
    """How a model looks in every figure."""

    label: str
    colour: str
    marker: str


MODEL_STYLES = {
    "bp_sigmoid": ModelStyle("BP, sigmoid", BLACK, "o"),
    "glr_sigmoid": ModelStyle("GLR, sigmoid", BLUE, "s"),
    "glr_threshold": ModelStyle("GLR, threshold", VERMILLION, "^"),
    "glr_abs": ModelStyle("GLR, |x|", GREEN, "D"),
    "glr_sigmoid_01": ModelStyle("GLR, sigmoid, 0-1 loss", SKY, "v"),
    "glr_threshold_01": ModelStyle("GLR, threshold, 0-1 loss", ORANGE, "<"),
    "bp_noisy": ModelStyle("BP, sigmoid, noise", GREY, "P"),
    "source": ModelStyle("Source network", PURPLE, ">"),
}


def model_styles(models: Iterable[str]) -> dict[str, ModelStyle]:
    """Return the styles of the known models and of `models`: unknown names take spare markers in alphabetical order."""
    unknown = sorted(set(models) - MODEL_STYLES.keys())
    spare = zip(unknown, cycle((PURPLE, GREEN, ORANGE, SKY, VERMILLION, BLUE, GREY)), cycle("X*phdH"), strict=False)
    return MODEL_STYLES | {name: ModelStyle(in_words(name), colour, marker) for name, colour, marker in spare}


@contextmanager
def style() -> Iterator[None]:
    """Draw and save in this module's style, whatever the user's own matplotlib settings are."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def check_formats(paths: Iterable[Path]) -> None:
    """Refuse files whose suffix is not in `FORMATS` with an `InputError`."""
    for path in paths:
        if path.suffix not in FORMATS:
            raise InputError(f"{path}: found the suffix {path.suffix!r}, but {' or '.join(FORMATS)} is needed.")


@style()
def render(figure: Figure, suffix: str) -> bytes:
    """Return a figure as the content of a file in one of ``FORMATS``: the same bytes for the same figure.

    A figure is rendered once only, since its layout starts from where the last rendering left it.
    """
    file = BytesIO()
    figure.savefig(file, format=suffix[1:], metadata=FORMATS[suffix])
    return file.getvalue()


def _diagram(width: float, height: float, unit: float) -> tuple[Figure, Axes]:
    """Return a figure with bare axes of `width` x `height` units, each of `unit` inches."""
    figure = Figure(figsize=(width * unit, height * unit))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    return figure, axes


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look = {"arrowstyle": "-|>", "color": BLACK, "shrinkA": 0, "shrinkB": 0, "linewidth": 1}
    axes.annotate("", xy=end, xytext=start, arrowprops=look)


@style()
def neuron() -> Figure:
    """Draw Figure 1, a neuron: the weighted sum of its inputs, the noise added to it, and the activation."""
    figure, axes = _diagram(10, 4.7, WIDTH / 10)
    across, up, radius = 5.2, 2.3, 0.5
    inputs = {4.1: ("x_0^{(t)} = 1", "0"), 2.9: ("x_1^{(t)}", "1"), 0.5: ("x_{m_t}^{(t)}", "m_t")}
    for height, (symbol, index) in inputs.items():
        axes.text(1.6, height, f"${symbol}$", ha="right", va="center")
        run, rise = across - 1.8, up - height
        shrink = 1 - radius / math.hypot(run, rise)
        _arrow(axes, (1.8, height), (1.8 + shrink * run, height + shrink * rise))
        axes.text(
            2.9,
            height + 1.1 * rise / run,
            rf"$\theta_{{i,{index}}}^{{(t)}}$",
            ha="center",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    axes.text(1.3, 1.7, r"$\vdots$", ha="center", va="center")
    axes.add_patch(Circle((across, up), radius, facecolor="white", edgecolor=BLACK))
    axes.text(across, up, r"$\Sigma$", ha="center", va="center", fontsize=14)
    axes.text(across, 4.3, "$r_i^{(t)}$", ha="center", va="center")
    axes.text(across + 0.4, 4.3, "noise", va="center")
    _arrow(axes, (across, 3.95), (across, up + radius))
    _arrow(axes, (across + radius, up), (7.1, up))
    axes.text(6.4, up + 0.35, "$v_i^{(t)}$", ha="center", va="center")
    axes.add_patch(Rectangle((7.1, up - 0.5), 1, 1, facecolor="white", edgecolor=BLACK))
    axes.text(7.6, up, r"$\varphi$", ha="center", va="center", fontsize=14)
    _arrow(axes, (8.1, up), (8.9, up))
    axes.text(9, up, "$x_i^{(t+1)}$", va="center")
    return figure


@style()
def activations() -> Figure:
    """Draw Figure 2, the sigmoid 1 / (1 + exp(-s v)) for several s and its limit, the threshold."""
    figure = Figure(figsize=(WIDTH, 2.8), layout="constrained")
    axes = figure.subplots()
    signal = np.linspace(-5, 5, 501)
    for slope, dashes in {1: ":", 2: "-.", 5: "--"}.items():
        axes.plot(signal, 1 / (1 + np.exp(-slope * signal)), dashes, color=BLUE, label=f"Sigmoid, $s = {slope}$")
    axes.plot([-5, 0, np.nan, 0, 5], [0, 0, np.nan, 1, 1], color=VERMILLION, label="Threshold")
    axes.plot(0, 0, "o", color=VERMILLION)
    axes.plot(0, 1, "o", color=VERMILLION, markerfacecolor="white")
    axes.set(xlabel="Signal $v$", ylabel=r"Activation $\varphi(v)$", xlim=(-5, 5))
    axes.legend(loc="upper left")
    return figure


def _image_grid(rows: Mapping[str, NDArray[Any]], headed: int) -> tuple[Figure, NDArray[Any]]:
    """Return a figure of named rows of images in [0, 1], with room above `headed` of them, and its axes by row."""
    columns = max(len(images) for images in rows.values())
    cell = min(0.7, (WIDTH - 1) / columns)
    figure = Figure(figsize=(1 + columns * cell, len(rows) * cell + headed * 0.25), layout="constrained")
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for line, (label, images) in zip(grid, rows.items(), strict=True):
        line[0].set_ylabel(label, rotation=0, ha="right", va="center")
        for axes, image in zip(line, images, strict=True):
            axes.imshow(image, vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
    return figure, grid


def _head(line: NDArray[Any], name: str, values: Iterable[object]) -> None:
    """Write above each image of a row its value, and left of them what the values are."""
    above = {"xycoords": "axes fraction", "textcoords": "offset points"}
    line[0].annotate(name, (0, 1), (-5, 4), ha="right", va="baseline", **above)
    for axes, value in zip(line, values, strict=True):
        axes.annotate(str(value), (0.5, 1), (0, 4), ha="center", va="baseline", **above)


@style()
def digits(raw: NDArray[np.uint8], resized: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Figure:
    """Draw Figure 3, digits as they come and as the networks see them.

    Parameters
    ----------
    raw, resized : ndarray of uint8, shapes (m, side, side)
        The same images in both sizes.
    labels : ndarray of uint8, shape (m,)
        Their true labels.
    """
    rows = {f"{images.shape[1]} × {images.shape[2]}": images / 255 for images in (raw, resized)}
    figure, grid = _image_grid(rows, headed=1)
    _head(grid[0], "Label", labels)
    return figure


def _network(axes: Axes, levels: Sequence[int], left: float, title: str) -> None:
    """Draw the levels, two units each; of more than six neurons the first three and the last are shown."""
    names = ["inputs", *["hidden"] * (len(levels) - 2), "outputs"]
    before: list[tuple[float, float]] = []
    for index, (neurons, name) in enumerate(zip(levels, names, strict=True)):
        x = left + 1 + 2 * index
        places = [*range(neurons)] if neurons <= 6 else [0, 1, 2, 4.5]
        level = [(x, 4 + 0.9 * (places[-1] / 2 - place)) for place in places]
        for start in before:
            for end in level:
                axes.plot(*zip(start, end, strict=True), color="0.6", linewidth=0.5)
        for centre in level:
            axes.add_patch(Circle(centre, 0.3, facecolor="white", edgecolor=BLACK, zorder=3))
        if neurons > 6:
            axes.text(x, level[2][1] - 1.2, r"$\vdots$", ha="center", va="center")
        axes.text(x, 0.7, f"{neurons}\n{name}", ha="center", va="center")
        before = level
    axes.text(left + len(levels), 7, title, ha="center", va="center")


@style()
def networks(layers: Sequence[int], attacker_layers: Sequence[int]) -> Figure:
    """Draw Figure 4, (a) the networks that are compared and (b) the one by which the adversarial samples are made.

    Parameters
    ----------
    layers, attacker_layers : sequence of int
        Neurons of each level, the inputs first.

    Raises
    ------
    InputError
        If a network has no levels between which to draw, or a level without neurons.
    """
    for name, levels in {"layers": layers, "attacker_layers": attacker_layers}.items():
        if len(levels) < 2 or min(levels) < 1:
            raise InputError(f"{name}: found {list(levels)}, but two or more levels of one or more neurons are needed.")
    figure, axes = _diagram(2 * (len(layers) + len(attacker_layers)) + 0.5, 7.4, WIDTH / 14.5)
    _network(axes, layers, 0, "(a) Trained by GLR")
    _network(axes, attacker_layers, 2 * len(layers) + 0.5, "(b) Source of the attacks")
    return figure


@style()
def losses(histories: "pd.DataFrame", models: Sequence[str]) -> Figure:
    """Draw Figure 5, the losses in the training and validation sets, a panel a model.

    Lines are means over the replicates, bands reach from the least to the greatest.

    Parameters
    ----------
    histories : pandas.DataFrame
        With columns `model`, `replicate`, `step`, `loss_train` and `loss_test`, one row an evaluation.
    models : sequence of str
        The models to draw, in this order.

    Raises
    ------
    InputError
        If `histories` lacks a model.
    """
    missing = [model for model in models if model not in set(histories["model"])]
    if missing:
        found = ", ".join(sorted(set(histories["model"]))) or "no model"
        raise InputError(f"models: found {', '.join(missing)}, but the histories are those of {found}.")
    styles = model_styles(histories["model"])
    columns = min(len(models), 2)
    rows = math.ceil(len(models) / columns)
    figure = Figure(figsize=(WIDTH, 2.4 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).flatten()
    for index, (panel, model) in enumerate(zip(panels, models, strict=False)):
        runs = histories[histories["model"] == model].groupby("step")
        label, colour, marker = styles[model]
        # Both sets' losses nearly coincide: a thin dashed line over a thick solid one shows either.
        looks: dict[str, dict[str, Any]] = {
            "loss_train": {"label": "Training", "color": colour, "marker": marker, "linewidth": 2.5},
            "loss_test": {"label": "Validation", "color": BLACK, "linestyle": "--", "marker": ".", "linewidth": 1.2},
        }
        for column, look in looks.items():
            spread = runs[column].agg(["mean", "min", "max"])
            panel.fill_between(spread.index, spread["min"], spread["max"], color=look["color"], alpha=0.2, linewidth=0)
            panel.plot(spread.index, spread["mean"], **look)
        panel.set(title=f"({chr(ord('a') + index)}) {label}", xlabel="Iteration")
        panel.xaxis.set_major_formatter(EngFormatter(sep=""))
    panels[0].set_ylim(0, 1.05 * panels[0].get_ylim()[1])
    for panel in panels[: len(models)]:
        panel.legend()
    for panel in panels[::columns]:
        panel.set_ylabel("Mean loss")
    for panel in panels[len(models) :]:
        panel.remove()
    return figure


@style()
def adversarial_pairs(
    originals: NDArray[Any],
    original_predictions: NDArray[Any],
    attacked: NDArray[Any],
    attacked_predictions: NDArray[Any],
    labels: NDArray[Any],
    attack: str,
) -> Figure:
    """Draw Figure 6, originals above their adversarial samples, each with the predicted label; wrong ones stand out.

    Parameters
    ----------
    originals, attacked : ndarray of float, shape (m, side, side)
        Images in [0, 1].
    original_predictions, attacked_predictions, labels : ndarray of int, shape (m,)
        The labels predicted for either, and the true ones.
    attack : str
        The name of the set of attacked images.
    """
    figure, grid = _image_grid({"Original": originals, textwrap.fill(sample_label(attack), 10): attacked}, headed=2)
    for line, predictions in zip(grid, (original_predictions, attacked_predictions), strict=True):
        _head(line, "Predicted", predictions)
        for axes in line[predictions != labels]:
            axes.texts[-1].set(color=VERMILLION, fontweight="bold")
    return figure


@style()
def severities(original: NDArray[Any], corrupted: Mapping[str, NDArray[Any]]) -> Figure:
    """Draw Figure 7, one digit under each corruption at five severities.

    Parameters
    ----------
    original : ndarray of float, shape (side, side)
        The image in [0, 1].
    corrupted : mapping of str to ndarray of float, shape (5, side, side)
        Its corrupted images by the corruption's name.
    """
    rows = {
        name.replace("_", "\n").capitalize(): np.concatenate([original[np.newaxis], images])
        for name, images in corrupted.items()
    }
    figure, grid = _image_grid(rows, headed=1)
    _head(grid[0], "Severity", ("original", *range(1, SEVERITIES + 1)))
    return figure


@style()
def recall_by_class(recall: "pd.DataFrame", models: Sequence[str]) -> Figure:
    """Draw Figure 8 (not in the paper), the recall of each class, a panel a model and a row a replicate.

    A class that a network never predicts is marked with a cross: its recall is not merely low.

    Parameters
    ----------
    recall : pandas.DataFrame
        `reproduction.report.columns.RECALL_COLUMNS`, of one kind of samples.
    models : sequence of str
        The models to draw, in this order.
    """
    styles = model_styles(models)
    figure = Figure(figsize=(WIDTH, 0.55 + (0.45 + 0.22 * recall["replicate"].nunique()) * len(models)))
    figure.set_layout_engine("constrained")
    panels = figure.subplots(len(models), 1, sharex=True, squeeze=False).flatten()
    for panel, model in zip(panels, models, strict=True):
        own = recall[recall["model"] == model]
        shares = own.pivot(index="replicate", columns="label", values="recall")
        dead = own.pivot(index="replicate", columns="label", values="predictions").to_numpy() == 0
        image = panel.imshow(shares.to_numpy(), vmin=0.0, vmax=1.0, cmap="cividis", aspect="auto")
        rows, columns = np.nonzero(dead)
        panel.plot(columns, rows, "x", color=ORANGE, markersize=6, markeredgewidth=2.0)
        panel.set(title=styles[model].label, yticks=range(len(shares)), yticklabels=shares.index)
        panel.set_xticks(range(shares.shape[1]), shares.columns)
    panels[-1].set_xlabel("Digit (cross: never predicted)")
    figure.supylabel("Replicate", fontsize=10)
    figure.colorbar(image, ax=panels, label="Recall")
    return figure


def _shares(limits: tuple[float, float]) -> tuple[float, float]:
    """Return an axis's limits without what no accuracy can be, which wide intervals reach; markers at 0 and 1 stay."""
    return max(limits[0], -0.02), min(limits[1], 1.02)


def _round_ticks(axis: Axis, most: int) -> None:
    """Put at most `most` ticks and one at numbers of few digits, whose labels do not run into each other."""
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10]))


@style()
def comparison(tables: Sequence["pd.DataFrame"], baseline: str) -> Figure:
    """Draw the cells of tables, a panel a column: means with Student's 95 % intervals, and the paper's numbers.

    Parameters
    ----------
    tables : sequence of pandas.DataFrame
        `reproduction.report.tables.COLUMNS`; the clean accuracy is drawn once, from the last table that has it.
    baseline : str
        The model at whose mean a dashed line is drawn.

    Raises
    ------
    InputError
        If the baseline is not among the models.
    """
    columns = {name: table for table in tables for name in dict.fromkeys(table["samples"])}
    models = list(dict.fromkeys(model for table in tables for model in table["model"]))
    if baseline not in models:
        raise InputError(f"baseline: found {baseline!r}, but the tables' models are {', '.join(models)}.")
    styles = model_styles(models)
    across = min(3, len(columns))
    down = math.ceil(len(columns) / across)
    figure = Figure(figsize=(1.9 + 1.3 * across, down * (0.75 + 0.2 * len(models))), layout="constrained")
    panels = figure.subplots(down, across, sharey=True, squeeze=False).flatten()
    for panel, (name, table) in zip(panels, columns.items(), strict=False):
        own = table[table["samples"] == name].set_index("model")
        for place, model in enumerate(models):
            if model not in own.index or np.isnan(own["mean"][model]):
                continue
            cell, (_, colour, marker) = own.loc[model], styles[model]
            half = half_interval(cell["sd"], cell["replicates"])
            panel.errorbar(cell["mean"], place, xerr=half, color=colour, marker=marker, capsize=2)
            # Below our marker and larger, so that either is seen where both coincide.
            panel.plot(cell["paper"], place, "x", color=colour, markersize=8, markeredgewidth=1.2, zorder=1)
        if baseline not in own.index:
            raise InputError(f"baseline: found no cell of {baseline!r} on samples {name}, but the line needs one.")
        panel.axvline(own["mean"][baseline], color="0.6", linestyle="--", linewidth=0.8, zorder=1)
        panel.set(title=textwrap.fill(sample_label(name), 15), yticks=range(len(models)))
        panel.set_yticklabels([styles[model].label for model in models])
        panel.margins(x=0.1)
        panel.set_xlim(_shares(panel.get_xlim()))
        _round_ticks(panel.xaxis, 3)
        panel.grid(axis="x", color="0.9")
    panels[0].set_ylim(len(models) - 0.5, -0.5)
    for panel in panels[len(columns) :]:
        panel.set_visible(False)
    figure.supxlabel(
        "Accuracy (bars: 95 % intervals"
        + ("; crosses: the paper)" if any(table["paper"].notna().any() for table in tables) else ")"),
        fontsize=10,
    )
    return figure


def _accuracy_curves(tables: "Mapping[str, pd.DataFrame]", over: str, label: str) -> Figure:
    """Draw accuracies over a column of tables, a panel a table and a line a model: means and 95 % intervals.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        With columns `model`, `accuracy` and `over`, a row a replicate, by the panel's title.
    over, label : str
        The column that lies across, and what the axis calls it.

    Raises
    ------
    InputError
        If there is no table.
    """
    if not tables:
        raise InputError(f"accuracies: found none over {over}, but the figure needs some.")
    models = list(dict.fromkeys(model for table in tables.values() for model in table["model"]))
    styles = model_styles(models)
    columns = min(len(tables), 2)
    rows = math.ceil(len(tables) / columns)
    height = 0.7 + 0.2 * math.ceil(len(models) / 2) + (1.8 if columns > 1 else 2.4) * rows
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flatten()
    for panel, (title, table) in zip(panels, tables.items(), strict=False):
        for model, own in table.groupby("model", sort=False):
            spread = own.groupby(over)["accuracy"].agg(["mean", "std", "count"])
            mean, half = spread["mean"], half_interval(spread["std"], spread["count"])
            name, colour, marker = styles[str(model)]
            panel.fill_between(mean.index, mean - half, mean + half, color=colour, alpha=0.15, linewidth=0)
            panel.plot(mean.index, mean, color=colour, marker=marker, label=name, clip_on=False, zorder=3)
        panel.set(title=title, ylim=(0, 1))
        _round_ticks(panel.xaxis, 5)
        panel.grid(axis="y", color="0.9")
    for panel in panels[::columns]:
        panel.set_ylabel("Accuracy")
    for panel in panels[max(len(tables) - columns, 0) : len(tables)]:
        panel.set_xlabel(label)
        panel.tick_params(labelbottom=True)
    for panel in panels[len(tables) :]:
        panel.set_visible(False)
    lines = {name: line for panel in panels for line, name in zip(*panel.get_legend_handles_labels(), strict=True)}
    title = "Means, and bands of 95 % intervals"
    figure.legend(lines.values(), lines.keys(), title=title, loc="outside lower center", ncols=2)
    return figure


@style()
def accuracy_by_severity(accuracies: "pd.DataFrame") -> Figure:
    """Draw the accuracy over the severity, a panel a corruption: means and Student's 95 % intervals.

    Parameters
    ----------
    accuracies : pandas.DataFrame
        `reproduction.report.columns.COLUMNS`; samples without severities are left out.
    """
    graded = accuracies[accuracies["severity"] > 0]
    tables = {sample_label(str(name)): own for name, own in graded.groupby("samples", sort=False)}
    return _accuracy_curves(tables, "severity", "Severity")


@style()
def accuracy_by_epsilon(accuracies: "pd.DataFrame", epsilons: Mapping[str, float]) -> Figure:
    """Draw the accuracy over the strength of an attack: means and Student's 95 % intervals.

    Sets whose names differ by the number at their end only are one attack at several strengths, a panel of its own,
    which begins with the unchanged images at 0.

    Parameters
    ----------
    accuracies : pandas.DataFrame
        `reproduction.report.columns.COLUMNS`, of attacks.
    epsilons : mapping of str to float
        The largest change of a pixel of each set that is drawn.

    Raises
    ------
    InputError
        If `accuracies` lacks a set or the unchanged images.
    """
    attacks: dict[str, dict[str, float]] = {}
    for name, epsilon in epsilons.items():
        attacks.setdefault(NUMBER.sub("", name), {ORIGINALS["attacks"]: 0.0})[name] = epsilon
    found = set(accuracies["samples"])
    missing = [name for names in attacks.values() for name in names if name not in found]
    if missing:
        known = ", ".join(sorted(found))
        raise InputError(f"epsilons: found no accuracies of {missing[0]!r}, but of {known}.")
    tables = {
        sample_label(attack): accuracies.assign(epsilon=accuracies["samples"].map(names)).dropna(subset="epsilon")
        for attack, names in attacks.items()
    }
    return _accuracy_curves(tables, "epsilon", EPSILON_LABEL)


@style()
def first_weights(weights: Mapping[str, NDArray[Any]]) -> Figure:
    """Draw the weights of the first level as images, one a neuron, ten a row.

    Each model has a scale of its own, symmetric about 0, beyond which one weight in a hundred lies.

    Parameters
    ----------
    weights : mapping of str to ndarray of float, shape (neurons, side, side)
        By the model's name; a weight that is not finite is grey.
    """
    styles = model_styles(weights)
    lines = [math.ceil(len(images) / 10) for images in weights.values()]
    figure = Figure(figsize=(WIDTH, 0.7 + 0.48 * sum(lines) + 0.3 * len(lines)), layout="constrained")
    panels = figure.subplots(len(weights), 1, height_ratios=lines, squeeze=False).flatten()
    colours = matplotlib.colormaps["RdBu_r"].with_extremes(bad="0.7")
    for panel, (model, images), rows in zip(panels, weights.items(), lines, strict=True):
        scale = np.quantile(np.abs(images[np.isfinite(images)]), 0.99) if np.isfinite(images).any() else 1.0
        side = images.shape[1] + 1
        mosaic = np.full((rows * side + 1, min(len(images), 10) * side + 1), np.nan)
        for place, image in enumerate(images):
            top, left = (1 + side * index for index in divmod(place, 10))
            mosaic[top : top + side - 1, left : left + side - 1] = image / scale
        shown = panel.imshow(mosaic, vmin=-1, vmax=1, cmap=colours)
        panel.set_title(f"{styles[model].label} (scale {scale:.2g})")
        panel.set_axis_off()
    bar = figure.colorbar(shown, ax=list(panels), location="bottom", extend="both", fraction=0.05, aspect=40, pad=0.02)
    bar.set_ticks([-1, 0, 1], labels=["$-$scale", "0", "scale"])
    return figure


@style()
def confusions(counts: "pd.DataFrame", samples: str) -> Figure:
    """Draw confusion matrices, a panel a model: the share of each true digit that is taken for each digit.

    Parameters
    ----------
    counts : pandas.DataFrame
        With columns `model`, `samples`, `label`, `predicted` and `count`.
    samples : str
        The samples to draw.

    Raises
    ------
    InputError
        If `counts` lacks the samples.
    """
    own = counts[counts["samples"] == samples]
    if own.empty:
        raise InputError(
            f"samples: found {samples!r}, but the counts are those of {', '.join(set(counts['samples']))}."
        )
    models = own["model"].unique()
    styles = model_styles(models)
    columns = min(len(models), 3)
    rows = math.ceil(len(models) / columns)
    figure = Figure(figsize=(WIDTH, 0.9 + 1.9 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flatten()
    for panel, model in zip(panels, models, strict=False):
        matrix = own[own["model"] == model].pivot(index="label", columns="predicted", values="count")
        shares = matrix.div(matrix.sum(axis=1), axis=0)
        image = panel.imshow(shares.to_numpy(), vmin=0, vmax=1, cmap="cividis")
        panel.set_xticks(range(len(shares)), shares.columns)
        panel.set_yticks(range(len(shares)), shares.index)
        panel.set_title(styles[model].label.replace(", 0-1", ",\n0-1"))  # too long for one line
    for panel in panels[len(models) :]:
        panel.set_visible(False)
    for panel in panels[max(len(models) - columns, 0) : len(models)]:
        panel.set_xlabel("Predicted digit")
        panel.tick_params(labelbottom=True)
    figure.supylabel("True digit", fontsize=10)
    label = f"Share of the true digit's images, {sample_label(samples)}"
    figure.colorbar(image, ax=list(panels), label=label, location="bottom", fraction=0.05, aspect=40, pad=0.02)
    return figure


def families(models: Iterable[str]) -> list[list[str]]:
    """Return the models whose names differ by nothing but the `NUMBER` at their end, a list each."""
    members: dict[str, list[str]] = {}
    for model in models:
        if number := NUMBER.search(model):
            members.setdefault(model[: number.start()], []).append(model)
    return list(members.values())


@style()
def tradeoff(tables: Sequence["pd.DataFrame"]) -> Figure:
    """Draw robustness against clean accuracy, a point a model: means with Student's 95 % intervals.

    A panel is an attack, or the average of a table of corruptions, three a row. Models of one family (`families`) share
    a colour and a name, and are joined by a line in the tables' order.

    Parameters
    ----------
    tables : sequence of pandas.DataFrame
        `reproduction.report.tables.COLUMNS`.
    """
    columns: dict[str, pd.DataFrame] = {}
    for table in tables:
        names = list(dict.fromkeys(table["samples"]))
        shown = ["average"] if "average" in names else [name for name in names if name != "orig"]
        columns |= dict.fromkeys(shown, table)
    models = list(dict.fromkeys(model for table in tables for model in table["model"]))
    kinds = {model: model for model in models}
    for members in families(models):
        if len(members) > 1:
            kinds |= dict.fromkeys(members, NUMBER.sub("", members[0]))
    styles = model_styles(kinds.values())
    entries = len(set(kinds.values()))
    across = min(3, len(columns))
    down = math.ceil(len(columns) / across)
    height = 0.4 + 2.3 * down + 0.2 * math.ceil(entries / 2)
    figure = Figure(figsize=(1.2 * WIDTH, height), layout="constrained")
    panels = figure.subplots(down, across, squeeze=False).flatten()
    for panel, (name, table) in zip(panels, columns.items(), strict=False):
        clean, robust = (table[table["samples"] == kind].set_index("model") for kind in ("orig", name))
        for members in families(clean.index):
            colour = styles[kinds[members[0]]].colour
            panel.plot(clean["mean"][members], robust["mean"][members], color=colour, linewidth=1, zorder=1)
        for model in clean.index:
            x, y = (cells.loc[model] for cells in (clean, robust))
            label, colour, marker = styles[kinds[model]]
            half = [half_interval(cell["sd"], cell["replicates"]) for cell in (x, y)]
            panel.errorbar(
                x["mean"],
                y["mean"],
                half[1],
                half[0],
                color=colour,
                marker=marker,
                markersize=6,
                linestyle="none",
                elinewidth=1,
                label=label,
            )
        panel.set(title=sample_label(name), xlabel="Clean accuracy")
        panel.set(xlim=_shares(panel.get_xlim()), ylim=_shares(panel.get_ylim()))
        _round_ticks(panel.xaxis, 3)
        panel.grid(color="0.9")
    for panel in panels[::across]:
        panel.set_ylabel("Accuracy (bars: 95 % interval)")
    figure.align_ylabels()
    for panel in panels[len(columns) :]:
        panel.set_visible(False)
    entry = dict(zip(*reversed(panels[0].get_legend_handles_labels()), strict=True))
    figure.legend(entry.values(), entry.keys(), loc="outside lower center", ncols=2)
    return figure


@style()
def robustness(accuracies: "pd.DataFrame") -> Figure:
    """Draw accuracies over the largest change of a pixel, a panel an attack, a line a network.

    Parameters
    ----------
    accuracies : pandas.DataFrame
        `VICTIM_COLUMNS`, of the verb attack-victim. Bands are 95 % intervals over the replicates.
    """
    tables = {sample_label(str(name)): own for name, own in accuracies.groupby("attack", sort=False)}
    return _accuracy_curves(tables, "epsilon", EPSILON_LABEL)


@style()
def sensitivity_dots(cells: "pd.DataFrame") -> Figure:
    """Draw the mean accuracies of BP and GLR under each choice, a panel a column of the tables.

    Parameters
    ----------
    cells : pandas.DataFrame
        What `findings.sensitivity` returns. Lines stand at the accuracies of the choice ``default``, and bars are
        the intervals of GLR's change from there.
    """
    choices = list(dict.fromkeys(cells["choice"]))
    columns = list(dict.fromkeys(cells["samples"]))
    figure = Figure(figsize=(1.5 + 1.05 * len(columns), 0.9 + 0.22 * len(choices)), layout="constrained")
    panels = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
    for panel, name in zip(panels, columns, strict=True):
        own = cells[cells["samples"] == name].set_index("choice")
        places = [choices.index(choice) for choice in own.index]
        for model, column in (("bp_sigmoid", "bp"), ("glr_sigmoid", "glr")):
            label, colour, marker = MODEL_STYLES[model]
            panel.axvline(own[column]["default"], color=colour, linewidth=0.8, alpha=0.5, zorder=1)
            panel.plot(own[column], places, marker, color=colour, label=label, markersize=5, linestyle="none")
        panel.hlines(places, own["glr"]["default"] + own["low"], own["glr"]["default"] + own["high"], color=colour)
        panel.set(title=sample_label(name), yticks=range(len(choices)))
        panel.set_yticklabels(choices)
        panel.title.set_fontsize(9)
        panel.margins(x=0.1)
        _round_ticks(panel.xaxis, 2)
        panel.grid(axis="x", color="0.9")
    panels[0].invert_yaxis()
    figure.supxlabel("Accuracy (bars: 95 % intervals of GLR's change from the default)", fontsize=10)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower right", ncols=2)
    return figure


FIGURES: dict[str, Callable[..., Figure]] = {
    "figure1": neuron,
    "figure2": activations,
    "figure3": digits,
    "figure4": networks,
    "figure5": losses,
    "figure6": adversarial_pairs,
    "figure7": severities,
    "figure8": recall_by_class,
    "comparison": comparison,
    "severity": accuracy_by_severity,
    "weights": first_weights,
    "confusion": confusions,
    "tradeoff": tradeoff,
    "epsilon": accuracy_by_epsilon,
}
