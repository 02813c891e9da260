"""Figures of curves: losses over the training, accuracies over severities and strengths of attacks."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from itertools import cycle, product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from glr.errors import InputError
from reproduction.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    VERMILLION,
    WIDTH,
    Look,
    looks_of,
    panels_of,
    round_ticks,
    style,
)
from reproduction.report.columns import ALL_ATTACKS, CERTIFIED, ORIGINALS, TRANSFER, originals_of
from reproduction.report.markdown import table
from reproduction.report.names import label_of
from reproduction.report.statistics import half_interval, spread

DIVERGED = ", diverged"
"""What is put behind the name of a network some of whose replicates diverged: its line has gaps where they did."""
DRAWN = (TRANSFER, ALL_ATTACKS, CERTIFIED)
"""What the figure of attacks shows, from above."""
EPSILON_LABEL = r"Largest change of a pixel, $\epsilon$"


@style()
def losses(histories: pd.DataFrame, models: Sequence[str]) -> Figure:
    """Draw Figure 5, the losses in the training and validation sets, one panel per model.

    Lines are means over the replicates, bands reach from the least to the greatest.

    Parameters
    ----------
    histories : pandas.DataFrame
        With columns `model`, `replicate`, `step`, `loss_train` and `loss_test`, one row per evaluation.
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
    looks = looks_of(histories["model"])
    figure, panels = panels_of(
        len(models), 2, (WIDTH, 0.0), (0.0, 2.4), xlabel="Iteration", ylabel="Mean loss", sharey=True
    )
    for index, (panel, model) in enumerate(zip(panels, models, strict=True)):
        runs = histories[histories["model"] == model].groupby("step")
        label, colour, marker = looks[model]
        # Both sets' losses nearly coincide: a thin dashed line over a thick solid one shows either.
        lines: dict[str, dict[str, Any]] = {
            "loss_train": {"label": "Training", "color": colour, "marker": marker, "linewidth": 2.5},
            "loss_test": {"label": "Validation", "color": BLACK, "linestyle": "--", "marker": ".", "linewidth": 1.2},
        }
        for column, line in lines.items():
            mean, least, most = (getattr(runs[column], name)(skipna=False) for name in ("mean", "min", "max"))
            panel.fill_between(mean.index, least, most, color=line["color"], alpha=0.2, linewidth=0)
            panel.plot(mean.index, mean, **line)
        label += "" if np.isfinite(runs[column].mean(skipna=False)).all() else DIVERGED
        panel.set(title=f"({chr(ord('a') + index)}) {label}", xlim=(min(0, panel.get_xlim()[0]), None))
        panel.xaxis.set_major_formatter(EngFormatter(sep=""))
    panels[0].set_ylim(0, 1.05 * panels[0].get_ylim()[1])
    for panel in panels:
        panel.legend()
    return figure


def _draw_means(panel: Axes, own: pd.DataFrame, over: str, look: Look, shift: float | None = None) -> None:
    """Draw a model's mean accuracies over a column, with 95 % intervals: a band, or bars where a shift is given."""
    cells = own.groupby(over)["accuracy"]
    mean, half = cells.mean(skipna=False), half_interval(cells.std(skipna=False), cells.size())
    line: dict[str, Any] = {"color": look.colour, "marker": look.marker, "clip_on": False, "zorder": 3}
    line["label"] = look.label + (DIVERGED if mean.isna().any() else "")
    if shift is None:
        panel.fill_between(mean.index, mean - half, mean + half, color=look.colour, alpha=0.15, linewidth=0)
        panel.plot(mean.index, mean, **line)
    else:
        places = mean.index.to_numpy(float) + shift
        panel.errorbar(places, mean.to_numpy(), half, linewidth=0.8, elinewidth=1, capsize=1.5, **line)
    panel.grid(axis="y", color="0.9")


def _accuracy_curves(tables: Mapping[str, pd.DataFrame], over: str, label: str, apart: float = 0.0) -> Figure:
    """Draw accuracies over a column of tables, one panel per table and one line per model: means and 95 % intervals.

    Intervals are bands. With `apart` they are bars.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        With columns `model`, `accuracy` and `over`, one row per replicate, by the panel's title.
    over, label : str
        The column of the horizontal axis, and the name of this axis.
    apart : float
        How far apart the first and the last model stand at each value, so that equal accuracies are all seen.

    Raises
    ------
    InputError
        If there is no table.
    """
    if not tables:
        raise InputError(f"accuracies: found none over {over}, but the figure needs some.")
    models = list(dict.fromkeys(model for shown in tables.values() for model in shown["model"]))
    looks = looks_of(models)
    legend = 0.7 + 0.2 * math.ceil(len(models) / 2)
    height = 1.8 if len(tables) > 1 else 2.4
    figure, panels = panels_of(
        len(tables), 2, (WIDTH, legend), (0.0, height), xlabel=label, ylabel="Accuracy", sharex=True, sharey=True
    )
    for panel, (title, shown) in zip(panels, tables.items(), strict=True):
        for model, own in shown.groupby("model", sort=False):
            shift = apart * (models.index(model) / max(len(models) - 1, 1) - 0.5) if apart else None
            _draw_means(panel, own, over, looks[str(model)], shift)
        panel.set(title=title, ylim=(0, 1))
        if apart:
            panel.set_xticks(shown[over].unique())
        else:
            round_ticks(panel.xaxis, 5)
    lines = {name: line for panel in panels for line, name in zip(*panel.get_legend_handles_labels(), strict=True)}
    title = f"Means, and {'bars' if apart else 'bands'} of 95 % intervals"
    figure.legend(lines.values(), lines.keys(), title=title, loc="outside lower center", ncols=2)
    return figure


@style()
def accuracy_by_severity(accuracies: pd.DataFrame) -> Figure:
    """Draw the accuracy over the severity, one panel per corruption: means and Student's 95 % intervals.

    Parameters
    ----------
    accuracies : pandas.DataFrame
        `reproduction.report.columns.COLUMNS`; samples without severities are omitted. At each severity the models stand
        side by side.
    """
    graded = accuracies[accuracies["severity"] > 0]
    tables = {label_of(str(name)): own for name, own in graded.groupby("samples", sort=False)}
    return _accuracy_curves(tables, "severity", "Severity", apart=0.6)


@style()
def accuracy_by_epsilon(accuracies: pd.DataFrame, sweeps: pd.DataFrame) -> Figure:
    """Draw the accuracy over the strength of an attack: means and Student's 95 % intervals.

    Each attack that a sweep takes at several epsilons has a panel of its own, whose lines begin at 0 with the unchanged
    images: those that count, where the attack does not count all.

    Parameters
    ----------
    accuracies : pandas.DataFrame
        `reproduction.report.columns.COLUMNS`, of attacks.
    sweeps : pandas.DataFrame
        `reproduction.report.columns.SWEEP_COLUMNS`; those sets are drawn that `accuracies` has.

    Raises
    ------
    InputError
        If `accuracies` has no such set, or lacks the unchanged images.
    """
    original, found = ORIGINALS["attacks"], set(accuracies["samples"])
    shown = sweeps[(sweeps["key"] == "epsilon") & sweeps["name"].isin(found)]
    if shown.empty or original not in found:
        known = ", ".join(sorted(found))
        raise InputError(
            f"accuracies: found those of {known}, but {original} and sets of a sweep over epsilon are needed."
        )
    attacks = {}
    for family, own in shown.groupby("family", sort=False):
        counted = originals_of(own["name"].iloc[0])
        unchanged = counted if counted in found else original
        attacks[str(family)] = {unchanged: 0.0, **dict(zip(own["name"], own["value"], strict=True))}
    tables = {
        label_of(attack): accuracies.assign(epsilon=accuracies["samples"].map(names)).dropna(subset="epsilon")
        for attack, names in attacks.items()
    }
    return _accuracy_curves(tables, "epsilon", EPSILON_LABEL)


@style()
def robustness(accuracies: pd.DataFrame) -> Figure:
    """Draw certified accuracy, and accuracy under attacks and transferred samples, over the L2 norm, by network.

    Parameters
    ----------
    accuracies : pandas.DataFrame
        `VICTIM_COLUMNS`, of the verb collect-victims. Bands are 95 % intervals over the replicates.
    """
    shown = [accuracies[(accuracies["threat_model"] == "l2") & (accuracies["attack"] == name)] for name in DRAWN]
    networks = pd.concat(shown).groupby("model", sort=False)
    tables = {label_of(str(name)): own.assign(model=own["attack"]) for name, own in networks}
    return _accuracy_curves(tables, "epsilon", "L2 norm of the change")


@style()
def certified_accuracy(accuracies: pd.DataFrame) -> Figure:
    """Draw certified accuracies over the radius, one column of panels per variance of the noise.

    Each row of panels shows the first network and at most four others, one line each.

    Parameters
    ----------
    accuracies : pandas.DataFrame
        `CERTIFICATE_COLUMNS`, of the verb collect-certificates. Those of the first ``noise_levels`` in it are drawn;
        bands are 95 % intervals over the replicates.
    """
    shown = accuracies[accuracies["noise_levels"].isin(accuracies["noise_levels"][:1])]
    variances, (first, *others) = shown["variance"].unique(), shown["model"].unique()
    looks = looks_of([first, *others])
    rows = [[first, *others[start : start + 4]] for start in range(0, max(len(others), 1), 4)]
    figure, panels = panels_of(
        len(rows) * len(variances),
        len(variances),
        (2.4, 0.3),
        (1.6, 1.7),
        xlabel="Radius, L2",
        ylabel="Certified accuracy",
        sharex=True,
        sharey=True,
    )
    for panel, (row, variance) in zip(panels, product(rows, variances), strict=True):
        for model in row:
            own = shown[(shown["model"] == model) & (shown["variance"] == variance)]
            _draw_means(panel, own, "radius", looks[model])
        panel.set(title=f"Noise variance {variance:g}", ylim=(0, 1))
        round_ticks(panel.xaxis, 3)
    for last in panels[len(variances) - 1 :: len(variances)]:
        lines, names = last.get_legend_handles_labels()
        words, title = [textwrap.fill(name, 24) for name in names], "Bands: 95 % intervals"
        last.legend(lines, words, title=title, loc="upper left", bbox_to_anchor=(1, 1.1))
    return figure


def robustness_table(accuracies: pd.DataFrame) -> str:
    """Return the accuracies under attack as a Markdown table: mean ± sd, one column per norm and strength."""
    strengths = list(dict.fromkeys(zip(accuracies["threat_model"], accuracies["epsilon"], strict=True)))
    rows = []
    for names, own in accuracies.groupby(["attack", "model"], sort=False):
        found = own.groupby(["threat_model", "epsilon"])["accuracy"]
        cells = pd.DataFrame({"mean": found.mean(skipna=False), "sd": found.std(skipna=False)})
        texts = [spread(*cells.loc[at]) if at in cells.index else "" for at in strengths]
        rows.append([*(label_of(str(name)) for name in names), *texts])
    head = [f"{label_of(norm)} {epsilon:g}" for norm, epsilon in strengths]
    return table(["attack", "network", *head], rows, "llr")


def _law(initial: str) -> str:
    """Return what a law of initial weights is called: a number is the standard deviation of a normal one."""
    return initial.replace("_", "-") if initial[0].isalpha() else rf"$N(0,\ {initial}^2)$"


AUTHORS = {"cross_entropy": "authors_threshold", "zero_one": "authors_threshold_01"}
"""The authors' network that was trained on each loss."""


@style()
def norms(norms: pd.DataFrame, authors_weights: pd.DataFrame) -> Figure:
    """Draw the norms of weights over a training, one panel per loss and level, with those of the authors' networks.

    Parameters
    ----------
    norms : pandas.DataFrame
        `reproduction.report.columns.NORMS_COLUMNS`, of networks of two levels. A line for each reduction and law of the
        initial weights.
    authors_weights : pandas.DataFrame
        `reproduction.report.columns.AUTHORS_WEIGHTS_COLUMNS`.

    Raises
    ------
    InputError
        If a loss is not one that the authors trained such a network on.
    """
    unknown = set(norms["loss"]) - AUTHORS.keys()
    if unknown:
        raise InputError(f"norms: found the loss {', '.join(sorted(unknown))}, but {' or '.join(AUTHORS)} is needed.")
    losses = list(dict.fromkeys(norms["loss"]))
    figure, panels = panels_of(
        2 * len(losses), 2, (WIDTH, 0.8), (0.0, 2.0), xlabel="Epoch", ylabel="Norm of the weights", sharex=True
    )
    styles = {"mean": "-", "sum": ":"}
    colours = dict(zip(dict.fromkeys(norms["initial_weights"]), cycle((VERMILLION, BLUE, GREEN, ORANGE)), strict=False))
    own = authors_weights.set_index(["model", "level"])["norm"]
    places = [(loss, level) for loss in losses for level in (1, 2)]
    for panel, (loss, level) in zip(panels, places, strict=True):
        shown = norms[(norms["loss"] == loss) & (norms["level"] == level)]
        for (reduction, initial), line in shown.groupby(["batch_reduction", "initial_weights"], sort=False):
            panel.plot(
                line["epoch"],
                line["norm"],
                linestyle=styles[str(reduction)],
                color=colours[initial],
                label=f"{reduction}, initial weights {_law(str(initial))}",
            )
        norm = own[AUTHORS[loss], level]
        panel.axhline(norm, color=BLACK, linestyle="--", linewidth=1.0, label="the authors' network")
        panel.set(title=f"{label_of(loss)}, level {level}", ylim=(0, None))
    lines = dict(zip(*reversed(panels[0].get_legend_handles_labels()), strict=True))
    figure.legend(lines.values(), lines.keys(), loc="outside lower center", ncols=2)
    return figure


def norms_table(norms: pd.DataFrame, authors_weights: pd.DataFrame) -> str:
    """Return as a Markdown table when each training passes the norms of the authors' network, by linear interpolation.

    Parameters are those of `norms`.
    """
    own = authors_weights.set_index(["model", "level"])["norm"]
    rows = []
    for (loss, reduction, initial), runs in norms.groupby(["loss", "batch_reduction", "initial_weights"], sort=False):
        cells = []
        for level, line in runs.groupby("level"):
            theirs, values, epochs = own[AUTHORS[str(loss)], level], line["norm"].to_numpy(), line["epoch"].to_numpy()
            place = int(np.argmax(values >= theirs))
            if values[place] < theirs:
                cells.append(f"not by {epochs[-1]}")
            else:
                around = slice(max(place - 1, 0), place + 1)
                cells.append(f"{np.interp(theirs, values[around], epochs[around]):.1f}")
        rows.append([label_of(str(loss)), str(reduction), str(initial), *cells])
    head = ["loss", "mini-batch", "initial weights", *(f"epoch, level {level}" for level in (1, 2))]
    return table(head, rows, "lllr")
