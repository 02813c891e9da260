"""Whether two runs agree: means of accuracies over replicates, cell by cell, within the spread of the replicates."""

from typing import Any

import pandas as pd
from scipy.special import stdtrit

COLUMNS = ["model", "samples", "mean", "reference", "replicates", "diverged", "difference", "allowed", "agrees"]

FALSE_ALARM = 0.0025
"""Chance that a correct run is told to differ in any cell, if accuracies are normal.

Those of the 0-1 rows come in steps, one for each digit that is lost, and give more: up to 1 %, as
benchmarks/bench_verification.py measures.
"""


def quantile(freedom: Any, cells: int) -> Any:
    """Return the standard errors that chance allows between two means of a cell.

    They are those of Student's t-test. The chance of a false alarm is `FALSE_ALARM` at most in all cells together,
    however they depend on each other (Bonferroni).

    Parameters
    ----------
    freedom : int or array of int
        Degrees of freedom of the standard deviation.
    cells : int
        How many cells are compared.
    """
    return stdtrit(freedom, 1.0 - FALSE_ALARM / (2 * cells))


def compare(accuracies: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Compare two long tables of accuracies.

    Parameters
    ----------
    accuracies, reference : DataFrame
        `reproduction.report.columns.COLUMNS`, of the run to judge and of the one to judge by.

    Returns
    -------
    DataFrame
        One row per model and set of samples of the reference, `COLUMNS`. A cell agrees where its means differ by no
        more than is ``allowed``. It does not agree where the run lacks it, where a replicate of either run diverged
        (``diverged`` counts the run's), and where neither run has two replicates, so that nothing tells how they
        scatter.

    Notes
    -----
    The standard deviation is a cell's own, pooled over both runs. Networks scatter too differently to pool more:
    benchmarks/bench_verification.py measures what that would do.
    """
    ours, theirs = _cells(accuracies), _cells(reference)
    both = theirs.add_suffix("_reference").join(ours, how="left")
    freedom = both["replicates"] + both["replicates_reference"] - 2
    squares = both["squares"] + both["squares_reference"]
    error = (squares / freedom * (1.0 / both["replicates"] + 1.0 / both["replicates_reference"])) ** 0.5
    table = both[["mean"]].assign(reference=both["mean_reference"])
    table["replicates"], table["diverged"] = (both[name].fillna(0).astype(int) for name in ("replicates", "diverged"))
    table["difference"] = table["mean"] - table["reference"]
    table["allowed"] = quantile(freedom, len(both)) * error
    table["agrees"] = table["difference"].abs() <= table["allowed"]
    return table.reset_index()[COLUMNS]


def _cells(accuracies: pd.DataFrame) -> pd.DataFrame:
    """Return of each cell the mean, the sum of squares around it, the replicates, and how many of them diverged."""
    cell = ["model", "samples"]
    values = accuracies.groupby([*cell, "replicate"], sort=False)["accuracy"].mean(skipna=False)
    cells = values.groupby(cell, sort=False)
    squares = (values - cells.transform("mean", skipna=False)) ** 2
    return pd.DataFrame({
        "mean": cells.mean(skipna=False),
        "squares": squares.groupby(cell).sum(skipna=False),
        "replicates": cells.size(),
        "diverged": cells.size() - cells.count(),
    })  # fmt: skip
