"""Figures of a table's cells: means and intervals, trade-offs, recall, confusions and what open choices do."""

import math
import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from glr.errors import InputError
from reproduction.figures.style import (
    ORANGE,
    WIDTH,
    accuracy_limits,
    looks_of,
    panels_of,
    round_ticks,
    style,
)
from reproduction.report.columns import DIVERGED
from reproduction.report.names import label_of, sweep_label
from reproduction.report.statistics import half_interval

APART = 0.19
"""How far from the middle of a row our mean and the paper's number stand, in heights of the row."""


@style()
def comparison(tables: Sequence[pd.DataFrame], baseline: str) -> Figure:
    """Draw the cells of tables, one panel per column: means with Student's 95 % intervals, and the paper's numbers.

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
    looks = looks_of(models)
    words = 1.9 + 0.1 * max(0, *(len(looks[model].label) - 24 for model in models))
    figure, panels = panels_of(len(columns), 3, (words, 0.0), (1.3, 0.75 + 0.25 * len(models)), sharey=True)
    for panel, (name, table) in zip(panels, columns.items(), strict=True):
        own = table[table["samples"] == name].set_index("model")
        for place, model in enumerate(models):
            if model not in own.index:
                continue
            if np.isnan(own["mean"][model]):
                panel.text(0.05, place, "diverged", transform=panel.get_yaxis_transform(), va="center", fontsize=9)
                continue
            cell, (_, colour, marker) = own.loc[model], looks[model]
            half = half_interval(cell["sd"], cell["replicates"])
            # One above the other, so that both are seen where the numbers coincide.
            panel.errorbar(cell["mean"], place - APART, xerr=half, color=colour, marker=marker, capsize=2)
            panel.plot(cell["paper"], place + APART, "x", color=colour, markersize=5, markeredgewidth=1.2, zorder=1)
        if baseline not in own.index:
            raise InputError(f"baseline: found no cell of {baseline!r} on samples {name}, but the line needs one.")
        panel.axvline(own["mean"][baseline], color="0.6", linestyle="--", linewidth=0.8, zorder=1)
        panel.set(title=textwrap.fill(label_of(name), 15), yticks=range(len(models)))
        panel.set_yticklabels([looks[model].label for model in models])
        panel.margins(x=0.1)
        panel.set_xlim(accuracy_limits(panel.get_xlim()))
        round_ticks(panel.xaxis, 3)
        panel.grid(axis="x", color="0.9")
    panels[0].set_ylim(len(models) - 0.5, -0.5)
    figure.supxlabel(
        "Accuracy (bars: 95 % intervals"
        + ("; crosses: the paper)" if any(table["paper"].notna().any() for table in tables) else ")"),
        fontsize=10,
    )
    return figure


@style()
def recall_by_class(recall: pd.DataFrame, models: Sequence[str]) -> Figure:
    """Draw Figure 8 (not in the paper), the recall of each class, one panel per model and one row per replicate.

    A class that a network never predicts is marked with a cross: its recall is not merely low.

    Parameters
    ----------
    recall : pandas.DataFrame
        `reproduction.report.columns.RECALL_COLUMNS`; the samples ``orig`` are drawn.
    models : sequence of str
        The models to draw, in this order.
    """
    recall = recall[recall["samples"] == "orig"]
    looks = looks_of(models)
    height = 0.45 + 0.22 * recall["replicate"].nunique()
    figure, panels = panels_of(
        len(models), 1, (WIDTH, 0.55), (0.0, height), xlabel="Label (cross: never predicted)", sharex=True
    )
    for panel, model in zip(panels, models, strict=True):
        own = recall[recall["model"] == model]
        shares = own.pivot(index="replicate", columns="label", values="recall")
        dead = own.pivot(index="replicate", columns="label", values="predictions").to_numpy() == 0
        image = panel.imshow(shares.to_numpy(), vmin=0.0, vmax=1.0, cmap="cividis", aspect="auto")
        # A replicate that diverged has no recall: its row stays empty.
        rows, columns = np.nonzero(dead & shares.notna().to_numpy())
        panel.plot(columns, rows, "x", color=ORANGE, markersize=6, markeredgewidth=2.0)
        panel.set(title=looks[model].label, yticks=range(len(shares)), yticklabels=shares.index)
        panel.set_xticks(range(shares.shape[1]), shares.columns)
    figure.supylabel("Replicate", fontsize=10)
    figure.colorbar(image, ax=panels, label="Recall")
    return figure


@style()
def tradeoff(tables: Sequence[pd.DataFrame], sweeps: pd.DataFrame) -> Figure:
    """Draw robustness against clean accuracy, one point per model: means with Student's 95 % intervals.

    A panel is an attack, or the average of a table of corruptions, three per row. Models of one sweep share a colour
    and a name, and are joined by a line in the tables' order.

    Parameters
    ----------
    tables : sequence of pandas.DataFrame
        `reproduction.report.columns.CELL_COLUMNS`.
    sweeps : pandas.DataFrame
        `reproduction.report.columns.SWEEP_COLUMNS`.
    """
    columns: dict[str, pd.DataFrame] = {}
    for table in tables:
        names = list(dict.fromkeys(table["samples"]))
        graded = ["average"] if "average" in names else [name for name in names if name != "orig"]
        columns |= dict.fromkeys(graded, table)
    models = list(dict.fromkeys(model for table in tables for model in table["model"]))
    shown = sweeps[sweeps["name"].isin(models)].groupby(["family", "key"], sort=False)["name"]
    members = {sweep_label(*map(str, by)): [name for name in models if name in set(own)] for by, own in shown}
    kinds = {name: label for label, names in members.items() for name in names}
    looks = looks_of(kinds.get(model, model) for model in models)
    figure, panels = panels_of(
        len(columns),
        3,
        (1.2 * WIDTH, 0.4 + 0.2 * math.ceil(len(looks) / 2)),
        (0.0, 2.3),
        xlabel="Clean accuracy",
        ylabel="Accuracy (bars: 95 % interval)",
    )
    for panel, (name, table) in zip(panels, columns.items(), strict=True):
        clean, robust = (table[table["samples"] == kind].set_index("model") for kind in ("orig", name))
        for sweep, names in members.items():
            panel.plot(clean["mean"][names], robust["mean"][names], color=looks[sweep].colour, linewidth=1, zorder=1)
        for model in clean.index:
            x, y = (cells.loc[model] for cells in (clean, robust))
            label, colour, marker = looks[kinds.get(model, model)]
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
        panel.set(title=textwrap.fill(label_of(name), 20))
        panel.set(xlim=accuracy_limits(panel.get_xlim()), ylim=accuracy_limits(panel.get_ylim()))
        round_ticks(panel.xaxis, 3)
        panel.grid(color="0.9")
    figure.align_ylabels()
    entry = dict(zip(*reversed(panels[0].get_legend_handles_labels()), strict=True))
    figure.legend(entry.values(), entry.keys(), loc="outside lower center", ncols=2)
    return figure


@style()
def confusion_matrices(confusions: pd.DataFrame, samples: str) -> Figure:
    """Draw confusion matrices, one panel per model: the share of each true label that is predicted as each label.

    The colours follow the square root of the share, so that small shares differ too.

    Parameters
    ----------
    confusions : pandas.DataFrame
        `reproduction.report.columns.CONFUSION_COLUMNS`; replicates that diverged predict none.
    samples : str
        The samples to draw.

    Raises
    ------
    InputError
        If `confusions` lacks the samples.
    """
    own = confusions[confusions["samples"] == samples]
    if own.empty:
        raise InputError(
            f"samples: found {samples!r}, but the counts are those of {', '.join(set(confusions['samples']))}."
        )
    models = own["model"].unique()
    looks = looks_of(models)
    figure, panels = panels_of(
        len(models), 3, (WIDTH, 0.9), (0.0, 1.9), xlabel="Predicted label", sharex=True, sharey=True
    )
    for panel, model in zip(panels, models, strict=True):
        matrix = own[own["model"] == model].pivot(index="label", columns="predicted", values="count")
        shares = matrix.div(matrix.sum(axis=1), axis=0)
        image = panel.imshow(shares.to_numpy(), norm=PowerNorm(0.5, 0, 1), cmap="viridis")
        panel.set_xticks(range(shares.shape[1]), ["none" if name == DIVERGED else name for name in shares.columns])
        panel.set_yticks(range(len(shares)), shares.index)
        panel.set_title(looks[model].label.replace(" (", "\n("))  # too long for one line
    figure.supylabel("True label", fontsize=10)
    label = f"Share of the true label's images, {label_of(samples)}"
    bar = figure.colorbar(image, ax=panels, label=label, location="bottom", fraction=0.05, aspect=40, pad=0.02)
    ticks = (0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1)
    bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
    return figure


@style()
def sensitivity_dots(cells: pd.DataFrame) -> Figure:
    """Draw the mean accuracies of BP and GLR under each choice, one panel per column of the tables.

    Parameters
    ----------
    cells : pandas.DataFrame
        What `findings.sensitivity` returns. Lines stand at the accuracies of the choice ``default``, and bars are
        the intervals of GLR's change from there.
    """
    choices = list(dict.fromkeys(cells["choice"]))
    columns = list(dict.fromkeys(cells["samples"]))
    looks = looks_of(("bp_sigmoid", "glr_sigmoid"))
    height = 0.9 + 0.22 * len(choices)
    figure, panels = panels_of(len(columns), len(columns), (1.5, 0.0), (1.05, height), sharey=True)
    for panel, name in zip(panels, columns, strict=True):
        own = cells[cells["samples"] == name].set_index("choice")
        places = [choices.index(choice) for choice in own.index]
        for model, column in (("bp_sigmoid", "bp"), ("glr_sigmoid", "glr")):
            label, colour, marker = looks[model]
            panel.axvline(own[column]["default"], color=colour, linewidth=0.8, alpha=0.5, zorder=1)
            panel.plot(own[column], places, marker, color=colour, label=label, markersize=5, linestyle="none")
        panel.hlines(places, own["glr"]["default"] + own["low"], own["glr"]["default"] + own["high"], color=colour)
        panel.set(title=label_of(name), yticks=range(len(choices)))
        panel.set_yticklabels(choices)
        panel.title.set_fontsize(9)
        panel.margins(x=0.1)
        round_ticks(panel.xaxis, 2)
        panel.grid(axis="x", color="0.9")
    panels[0].invert_yaxis()
    figure.supxlabel("Accuracy (bars: 95 % intervals of GLR's change from the default)", fontsize=10)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower right", ncols=2)
    return figure
