"""The table of the authors' own networks: their accuracies beside the paper's and those in the names of their files."""

from typing import Any

import pandas as pd

from reproduction.report.names import label_of
from reproduction.report.paper import AUTHORS, AUTHORS_EPSILON, paper_accuracy

KEYS = ["model", "samples", "strength", "constants", "resize"]

NOTE = """Square brackets: the paper's numbers. Round brackets: the numbers in the names of the authors' files.
Attacks are on test images that the authors' source network gets right, with samples made from that network.
The strength c is searched so that the authors' BP falls to the paper's number.
Corruptions are of all test images, and each number is the mean over five severities.
The last column is the mean absolute difference from the paper.
Norms are Frobenius norms, biases included. Unlit pixels are 0 in all images, so no step changes their weights.
"""


def summarise(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Return the table's cells: `KEYS`, ``accuracy`` (the mean over severities), ``n``, ``paper`` and ``named``.

    Parameters
    ----------
    accuracies : DataFrame
        `reproduction.report.columns.AUTHORS_COLUMNS`.
    """
    groups = accuracies.groupby(KEYS, sort=False, dropna=False, as_index=False)
    cells = groups.agg(accuracy=("accuracy", "mean"), n=("n", "first"))
    said = [_said(*row) for row in cells[["model", "samples", "strength"]].itertuples(index=False)]
    return cells.join(pd.DataFrame(said, columns=["paper", "named"], dtype=float))


def _said(model: str, samples: str, strength: float) -> tuple[float | None, float | None]:
    """Return what the paper and the names of files say of a cell."""
    known = AUTHORS[model]
    if samples == "orig_attacked":
        return None, known.orig_attacked
    if samples == "fgsm" and strength != AUTHORS_EPSILON:
        return None, None
    found = [paper_accuracy(table, known.row, samples, ()) for table in ("table1", "table2") if known.row]
    return next((value for value in found if value is not None), None), known.fgsm if samples == "fgsm" else None


def layout(cells: pd.DataFrame) -> dict[str, list[list[list[str]]]]:
    """Return the table's two blocks under their headings: one row per network, and one row per kind of corruption.

    Parameters
    ----------
    cells : DataFrame
        What `summarise` returned.
    """
    graded = cells["constants"].notna()
    groups = cells[~graded].groupby(["samples", "strength"], sort=False, dropna=False)
    attacks = {_column(str(samples), strength): own for (samples, strength), own in groups}
    models = list(dict.fromkeys(cells["model"]))
    rows = [[label_of(model), *(_text(own, model) for own in attacks.values())] for model in models]
    corruptions = [["", *map(label_of, models), "difference"]]
    for (samples, constants, resize), own in cells[graded].groupby(["samples", "constants", "resize"], sort=False):
        name = f"{label_of(str(samples))} ({label_of(str(constants))}, resized {resize})"
        difference = (own["accuracy"] - own["paper"]).abs().mean()
        corruptions.append([name, *(_text(own, model) for model in models), f"{difference:.3f}"])
    return {"Clean and adversarial samples": [[["", *attacks], *rows]], "Corrupted images": [corruptions]}


def layout_weights(weights: pd.DataFrame) -> dict[str, list[list[list[str]]]]:
    """Return a block of the sizes of the weights under its heading, one row per network.

    Parameters
    ----------
    weights : DataFrame
        `reproduction.report.columns.AUTHORS_WEIGHTS_COLUMNS`.
    """
    levels = sorted(weights["level"].unique())
    rows = []
    for model, own in weights.groupby("model", sort=False):
        norms = own.set_index("level")["norm"]
        first = own[own["level"] == 1].iloc[0]
        cells = [f"{norms[level]:.1f}" if level in norms else "" for level in levels]
        rows.append([label_of(str(model)), *cells, f"{first['unseen']:.0f}", f"{first['sd_unseen']:.3f}"])
    head = ["", *(f"Norm, level {level}" for level in levels), "Weights of unlit pixels", "their sd"]
    return {"Weights": [[head, *rows]]}


def _column(samples: str, strength: Any) -> str:
    name = {"orig": "Orig", "orig_attacked": "Orig, attacked images"}.get(samples, label_of(samples))
    return name if pd.isna(strength) else f"{name}, {'c' if samples == 'lbfgs' else 'epsilon'} {strength:g}"


def _text(cells: pd.DataFrame, model: str) -> str:
    cell = cells[cells["model"] == model].iloc[0]
    paper = "" if pd.isna(cell["paper"]) else f" [{cell['paper']:g}]"
    named = "" if pd.isna(cell["named"]) else f" ({cell['named']:g})"
    return f"{cell['accuracy']:.3f}{paper}{named}"
