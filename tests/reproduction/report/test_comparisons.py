"""Comparisons: what they list, and what they leave out."""

import numpy as np
import pandas as pd

from reproduction.report import claims
from reproduction.report.columns import COLUMNS
from reproduction.report.comparisons import differences, literal, nearness


def test_differences_list_the_large_ones_and_their_means():
    rows = [
        ("glr_abs", "orig", 0.01),
        ("glr_abs", "lbfgs", -0.2),
        ("glr_abs", "fgsm", 0.04),
        ("bp_sigmoid", "fgsm", 0.06),
    ]
    cells = pd.DataFrame(rows, columns=["model", "samples", "delta"])
    gains = pd.DataFrame(
        {"samples": ["contrast", "contrast", "average"], "mean": [0.1, 0.2, 0.9], "paper": [0.2, 0.1, 0.1]}
    )
    text = differences(cells, gains)
    assert "| L-BFGS | GLR \\|x\\| -0.20 |" in text
    assert "| FGSM | BP sigmoid +0.06 |" in text
    assert "Orig |" not in text
    assert "The other 2 of the 4 cells" in text
    assert "Orig 0.010, L-BFGS 0.200, FGSM 0.050, gains over BP in Table II 0.100." in text


def test_nearness_has_a_column_a_run():
    cells = pd.DataFrame([("orig", 0.01), ("orig", -0.03), ("fgsm", -0.1)], columns=["samples", "delta"])
    gains = pd.DataFrame({"samples": ["contrast"], "mean": [0.1], "paper": [0.2]})
    nearer = cells.assign(delta=cells["delta"] / 2)
    rows = nearness({"one": (cells, gains), "other": (nearer, gains)}).splitlines()
    assert rows[0] == "| mean absolute difference from the paper | one | other |"
    assert rows[2:] == [
        "| Orig | 0.020 | 0.010 |",
        "| FGSM | 0.100 | 0.050 |",
        "| gains over BP in Table II | 0.100 | 0.100 |",
    ]


def test_the_literal_run_is_outside_where_one_more_replicate_would_hardly_be():
    def table(values):
        samples = ["orig_attacked", *claims.ATTACKS, "orig", *claims.CORRUPTIONS]
        rows = [("glr_abs", i + 1, name, 0, value, 10) for name in samples for i, value in enumerate(values)]
        return pd.DataFrame(rows, columns=COLUMNS)

    spread = 0.5 + 0.01 * np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    assert literal(table(spread), table([0.52])).endswith(
        "0 of 9 cells lie outside; the others are left out, but for the clean ones.\n"
    )
    far = literal(table(spread), table([0.53]))
    assert "9 of 9 cells" in far
    assert "| GLR \\|x\\| | Contrast, Table II | 0.500 ± 0.008 | 0.530 | yes |" in far
