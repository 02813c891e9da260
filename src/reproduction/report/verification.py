"""Whether two runs agree: means of accuracies over replicates, cell by cell, within the spread of the replicates."""

import numpy as np
import pandas as pd

COLUMNS = ["model", "samples", "mean", "reference", "difference", "allowed", "agrees"]

FACTOR = 4.0
"""Standard errors that two means may differ by: with about seventy cells, a correct run exceeds it once in 200."""

FLOOR = 0.01
"""Smallest difference allowed: the sampling error of 5,000 images, and processors that round otherwise."""


def compare(accuracies: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Compare two long tables of accuracies.

    Parameters
    ----------
    accuracies, reference : DataFrame
        `reproduction.report.columns.COLUMNS`, of the run to judge and of the one to judge by.

    Returns
    -------
    DataFrame
        One row a model and set of samples of the reference, `COLUMNS`. ``allowed`` is `FACTOR` standard errors of the
        difference of the two means, from the replicates' pooled standard deviation in the reference, and at least
        `FLOOR`. A cell that the run lacks does not agree.
    """
    ours, theirs = _cells(accuracies), _cells(reference)
    both = theirs.add_suffix("_reference").join(ours, how="left")
    spread = both["sd_reference"].fillna(0.0)
    allowed = FACTOR * spread * np.sqrt(1.0 / both["replicates"] + 1.0 / both["replicates_reference"])
    table = pd.DataFrame({"mean": both["mean"], "reference": both["mean_reference"]})
    table["difference"] = table["mean"] - table["reference"]
    table["allowed"] = allowed.clip(lower=FLOOR)
    table["agrees"] = table["difference"].abs() <= table["allowed"]
    return table.reset_index()[COLUMNS]


def _cells(accuracies: pd.DataFrame) -> pd.DataFrame:
    values = accuracies.groupby(["model", "samples", "replicate"], sort=False)["accuracy"].mean()
    cells = values.groupby(["model", "samples"], sort=False).agg(["mean", "std", "count"])
    return cells.rename(columns={"std": "sd", "count": "replicates"})
