"""What docs/fidelity.md compares: ours with the paper, the literal protocol with the default."""

from collections.abc import Mapping

import pandas as pd

from reproduction.report.claims import ATTACKS, BASELINE, CORRUPTIONS
from reproduction.report.markdown import table
from reproduction.report.names import label_of
from reproduction.report.statistics import half_prediction, spread
from reproduction.report.tables import by_replicate

LARGE = 0.05
"""Difference from the paper from which on a cell is listed."""


def distances(cells: pd.DataFrame, gains: pd.DataFrame) -> dict[str, float]:
    """Return the mean absolute differences from the paper, by what they are of; what the paper lacks is left out.

    Parameters
    ----------
    cells : DataFrame
        `reproduction.report.tables.COLUMNS`: the clean accuracies and those under attack count.
    gains : DataFrame
        `reproduction.report.tables.GAIN_COLUMNS` of Table II: the corruptions count.
    """
    means = {label_of(name): cells[cells["samples"] == name]["delta"].abs().mean() for name in ("orig", *ATTACKS)}
    over = gains[gains["samples"].isin(CORRUPTIONS)]
    means["gains over BP in Table II"] = (over["mean"] - over["paper"]).abs().mean()
    return {name: float(mean) for name, mean in means.items() if not pd.isna(mean)}


def nearness(runs: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> str:
    """Return how far from the paper runs are, a column a run, as a Markdown table.

    Parameters
    ----------
    runs : mapping of str to (cells, gains)
        By the run's name, what `distances` takes.
    """
    found = {name: distances(*tables) for name, tables in runs.items()}
    columns = dict.fromkeys(column for own in found.values() for column in own)
    rows = [[name, *(f"{own[name]:.3f}" for own in found.values())] for name in columns]
    return table(["mean absolute difference from the paper", *found], rows)


def differences(cells: pd.DataFrame, gains: pd.DataFrame) -> str:
    """Return the cells that differ from the paper by more than `LARGE`, and the mean absolute differences.

    Parameters
    ----------
    cells : DataFrame
        `reproduction.report.tables.COLUMNS` of Table I, then of Table II.
    gains : DataFrame
        `reproduction.report.tables.GAIN_COLUMNS` of Table II.
    """
    large = cells[cells["delta"].abs() > LARGE]
    rows = []
    for samples, own in large.groupby("samples", sort=False):
        listed = ", ".join(f"{label_of(str(cell.model))} {cell.delta:+.2f}" for cell in own.itertuples())
        rows.append([label_of(str(samples)), listed])
    agree = len(cells) - len(large)
    means = ", ".join(f"{name} {mean:.3f}" for name, mean in distances(cells, gains).items())
    return (
        f"{table(['samples', 'ours - paper'], rows, 'l')}\n"
        f"The other {agree} of the {len(cells)} cells agree within {LARGE:g}. Mean absolute difference: {means}.\n"
    )


def literal(ours: pd.DataFrame, theirs: pd.DataFrame) -> str:
    """Return where one replicate of the literal protocol lies in the spread of the default's, as a Markdown table.

    Parameters
    ----------
    ours, theirs : DataFrame
        `COLUMNS` of the default run, and of the literal one. A cell is outside where it lies beyond the
        95 % prediction interval of one more replicate.
    """
    rows = []
    outside = 0
    models = [model for model in dict.fromkeys(theirs["model"]) if model != BASELINE]
    for samples, original in ((ATTACKS, "orig_attacked"), (CORRUPTIONS, "orig")):
        default, one = (by_replicate(run, models, samples, original, samples == CORRUPTIONS) for run in (ours, theirs))
        for cell, values in default.items():
            value = one[cell].mean()
            far = abs(value - values.mean()) > half_prediction(values.std(), len(values))
            outside += far
            if far or cell[1] == "orig":
                where = f"{label_of(cell[1])}, {label_of('table1' if samples == ATTACKS else 'table2')}"
                default_cell = spread(values.mean(), values.std())
                rows.append([label_of(cell[0]), where, default_cell, f"{value:.3f}", "yes" if far else ""])
    total = len(models) * (len(ATTACKS) + len(CORRUPTIONS) + 3)
    cells = table(["model", "samples", "default, mean ± sd", "literal", "outside"], rows, "llrrl")
    return f"{cells}\n{outside} of {total} cells lie outside; the others are left out, but for the clean ones.\n"
