"""Whether two runs agree: cells inside and outside the spread of both runs' replicates."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reproduction.report.columns import COLUMNS
from reproduction.report.verification import COLUMNS as COMPARED
from reproduction.report.verification import FALSE_ALARM, compare
from reproduction.store.files import read_table

ROOT = Path(__file__).parents[3]
NAN = float("nan")
REFERENCE = [0.40, 0.50, 0.60, 0.70]


def accuracies(values, model="glr_sigmoid", samples="contrast"):
    return pd.DataFrame([(model, i + 1, samples, 1, value, 100) for i, value in enumerate(values)], columns=COLUMNS)


def test_a_run_agrees_with_itself():
    table = compare(accuracies([0.5, 0.6]), accuracies([0.5, 0.6]))
    assert list(table.columns) == COMPARED
    assert table["agrees"].all()
    assert table["difference"].tolist() == [0.0]


@pytest.mark.parametrize("run", [[0.5], [0.3, 0.5, 0.9]])
@pytest.mark.parametrize("cells", [1, 7])
def test_what_is_allowed_is_students_of_two_samples_for_all_cells_together(run, cells):
    reference = pd.concat([accuracies(REFERENCE, samples=str(i)) for i in range(cells)])
    (found,) = set(compare(pd.concat([accuracies(run, samples=str(i)) for i in range(cells)]), reference)["allowed"])
    # At the edge of what is allowed the t-test's p is the share of the false alarms that falls to the cell.
    edge = np.array(run) - np.mean(run) + np.mean(REFERENCE) + found
    freedom = len(run) + len(REFERENCE) - 2
    if len(run) > 1:
        assert stats.ttest_ind(edge, REFERENCE).pvalue == pytest.approx(FALSE_ALARM / cells)
    else:
        error = np.std(REFERENCE, ddof=1) * (1 + 1 / len(REFERENCE)) ** 0.5
        assert found == pytest.approx(stats.t.isf(FALSE_ALARM / cells / 2, freedom) * error)


@pytest.mark.parametrize(("factor", "agrees"), [(0.99, True), (1.01, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_cell_is_inside_or_outside(factor, agrees, sign):
    allowed = compare(accuracies(REFERENCE), accuracies(REFERENCE))["allowed"].item()
    run = np.array(REFERENCE) + sign * factor * allowed
    assert compare(accuracies(run), accuracies(REFERENCE))["agrees"].item() == agrees


def test_correct_runs_give_few_false_alarms():
    rng = np.random.default_rng(1)

    def run():
        return pd.concat([accuracies(rng.standard_normal(5), samples=str(i)) for i in range(10)])

    # Expected are 0.75 of 300.
    assert sum(not compare(run(), run())["agrees"].all() for _ in range(300)) <= 4


def test_kept_replicates_agree_with_each_other():
    kept = read_table(ROOT / "results/reference/default/evaluation/accuracies.csv", COLUMNS)
    first, last = kept[kept["replicate"] <= 5], kept[kept["replicate"] > 5]
    assert compare(first, last)["agrees"].all()
    assert compare(last, first)["agrees"].all()


def test_severities_are_averaged_before_replicates_are_compared():
    both = pd.concat([accuracies([0.5, 0.6]), accuracies([0.7, 0.8]).assign(severity=2)])
    assert compare(both, accuracies([0.6, 0.7]))["difference"].item() == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("run", "reference", "replicates", "diverged"),
    [
        (accuracies([0.5], model="glr_abs"), [0.5, 0.5], 0, 0),
        (accuracies([0.5, NAN, NAN]), [0.5, 0.5], 3, 2),
        (accuracies([0.5, 0.5]), [0.5, NAN], 2, 0),
        (accuracies([0.5]), [0.5], 1, 0),
    ],
    ids=["absent", "diverged", "reference diverged", "nothing tells the spread"],
)
def test_what_cannot_be_compared_does_not_agree(run, reference, replicates, diverged):
    cell = compare(run, accuracies(reference)).iloc[0]
    assert not cell["agrees"]
    assert (cell["replicates"], cell["diverged"]) == (replicates, diverged)
    assert np.isnan(cell["mean"]) == (diverged > 0 or replicates == 0)
