"""The table of certified accuracies: one row per network, one column per radius."""

from typing import Any

import pandas as pd

from reproduction.report.names import label_of
from reproduction.report.statistics import interval

COLUMNS = ["model", "variance", "noise_levels", "share", "radius", "mean", "low", "high", "replicates", "n"]

LEVELS = {"first": "the first level", "all": "all levels"}


def summarise(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Return means over the replicates with their 95 % intervals.

    Parameters
    ----------
    accuracies : DataFrame
        `reproduction.report.columns.CERTIFICATE_COLUMNS`.

    Returns
    -------
    DataFrame
        One row per cell, `COLUMNS`. ``share`` is ``clean``, ``certified`` with its ``radius``, or ``abstained``.
    """
    rows = []
    for key, own in accuracies.groupby(["model", "variance", "noise_levels"], sort=False):
        replicates = own.drop_duplicates("replicate")
        cells: dict[tuple[str, Any], pd.Series[float]] = {("clean", None): replicates["clean"]}
        cells |= {("certified", radius): at["accuracy"] for radius, at in own.groupby("radius")}
        cells["abstained", None] = replicates["abstained"]
        images = int(own["n"].iloc[0])
        rows += [(*key, *cell, *interval(values)[:4], images) for cell, values in cells.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def layout(cells: pd.DataFrame) -> dict[str, list[list[list[str]]]]:
    """Return what `summarise` returned as headings with blocks of rows of texts, each block with its head first.

    There is one block for each variance of the noise and the levels that carry it.
    """
    sections = {}
    for (levels, variance), own in cells.groupby(["noise_levels", "variance"], sort=False):
        names = own[["share", "radius"]].drop_duplicates().itertuples(index=False)
        head = ["", *(share if pd.isna(radius) else f"radius {radius:g}" for share, radius in names)]
        rows = [
            [label_of(str(model)), *map(_text, row["mean"], row["high"] - row["mean"])]
            for model, row in own.groupby("model", sort=False)
        ]
        heading = f"Noise of variance {variance:g} on {LEVELS[str(levels)]}: mean ± half of the 95 % interval"
        sections[heading] = [[head, *rows]]
    return sections


def _text(mean: float, half: float) -> str:
    """Return a mean with half of its interval, which a single replicate does not have."""
    if pd.isna(mean):
        return "diverged"
    return f"{mean:.3f}" if pd.isna(half) else f"{mean:.3f} ± {half:.3f}"
