"""Comparisons: what they list, and what they leave out."""

import numpy as np
import pandas as pd

from reproduction.report.columns import CELL_COLUMNS as COLUMNS
from reproduction.report.columns import COLUMNS as ACCURACIES
from reproduction.report.comparisons import differences, literal, nearness
from reproduction.report.paper import ATTACKS, CORRUPTIONS


def cells_of(rows):
    """Return cells of a table from (model, samples, difference from the paper, sd), over five replicates."""
    return pd.DataFrame(
        [(model, samples, 0.5 + delta, sd, 5, 100, 0.5, delta) for model, samples, delta, sd in rows], columns=COLUMNS
    )


GAINS = pd.DataFrame(
    {"samples": ["contrast", "contrast", "average"], "mean": [0.1, 0.2, 0.9], "paper": [0.2, 0.1, 0.1]}
)


def test_differences_are_told_by_their_intervals():
    # Half an interval over five replicates is 1.24 standard deviations.
    cells = cells_of([
        ("glr_abs", "orig", 0.01, 0.01),
        ("glr_abs", "lbfgs", -0.20, 0.01),
        ("bp_sigmoid", "lbfgs", -0.06, 0.01),
        ("glr_abs", "fgsm", 0.04, 0.01),
        ("bp_sigmoid", "fgsm", 0.10, 0.20),
        ("glr_relu", "fgsm", np.nan, np.nan),
    ])  # fmt: skip
    unknown = cells.assign(model="mine", paper=np.nan, delta=np.nan)
    text = differences(pd.concat([cells, unknown]), GAINS)
    assert "| L-BFGS | GLR \\|x\\| -0.20 | BP sigmoid -0.06 |  |" in text
    assert "| FGSM |  | GLR \\|x\\| +0.04, BP sigmoid +0.10 | GLR ReLU |" in text
    assert "| Orig |" not in text
    assert "Of the 6 cells 1 agree, 1 differ by more than 0.05, 3 are undecided, 1 diverged" in text
    assert "Orig 0.010, L-BFGS 0.130, FGSM diverged, gains over BP in Table II 0.100." in text


def test_nearness_has_a_column_a_run():
    cells = cells_of([("a", "orig", 0.01, 0.1), ("b", "orig", -0.03, 0.1), ("a", "fgsm", -0.1, 0.1)])
    cells = cells.replace({"model": {"a": "bp_sigmoid", "b": "glr_sigmoid_01"}})
    nearer = cells.assign(mean=0.5 + cells["delta"] / 2)
    lost = cells.assign(mean=cells["mean"].where(cells["model"] == "bp_sigmoid"))
    rows = nearness({"one": (cells, GAINS), "other": (nearer, GAINS), "lost": (lost, GAINS)}).splitlines()
    assert rows[0] == "| mean absolute difference from the paper | one | other | lost |"
    assert rows[2:] == [
        "| Orig | 0.020 | 0.010 | diverged |",
        "| FGSM | 0.100 | 0.050 | 0.100 |",
        "| gains over BP in Table II | 0.100 | 0.100 | 0.100 |",
        # The 0-1 loss is left out of the first; BP, whose FGSM is the only one here, of FGSM's.
        "| Orig, rows with cross-entropy | 0.010 | 0.005 | 0.010 |",
        "| gains over BP in Table II, without impulse noise | 0.100 | 0.100 | 0.100 |",
    ]


def test_the_literal_run_is_outside_where_one_more_replicate_would_hardly_be():
    def table(values):
        samples = ["orig_attacked", *ATTACKS, "orig", *CORRUPTIONS]
        rows = [("glr_abs", i + 1, name, 0, value, 10) for name in samples for i, value in enumerate(values)]
        return pd.DataFrame(rows, columns=ACCURACIES)

    spread = 0.5 + 0.01 * np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    assert literal(table(spread), table([0.52])).endswith(
        "Cells outside the range: 0 of 9; expected by chance: 0. Cells inside it are shown only for clean images.\n"
    )
    far = literal(table(spread), table([0.53]))
    assert "range: 9 of 9;" in far
    assert "| GLR \\|x\\| | Contrast, Table II | 0.500 ± 0.008 | 0.530 | yes |" in far
    assert "range: 9 of 9;" in literal(table(spread), table([np.nan]))
    assert "range: 9 of 9;" in literal(table(np.append(spread, np.nan)), table([0.5]))
