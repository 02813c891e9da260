"""Whether two runs agree: cells inside and outside the replicates' spread."""

import pandas as pd
import pytest

from reproduction.report.columns import COLUMNS
from reproduction.report.verification import COLUMNS as COMPARED
from reproduction.report.verification import FACTOR, FLOOR, compare


def accuracies(values, model="glr_sigmoid", samples="contrast"):
    return pd.DataFrame([(model, i + 1, samples, 1, value, 100) for i, value in enumerate(values)], columns=COLUMNS)


def test_a_run_agrees_with_itself():
    table = compare(accuracies([0.5, 0.6]), accuracies([0.5, 0.6]))
    assert list(table.columns) == COMPARED
    assert table["agrees"].all()
    assert table["difference"].tolist() == [0.0]


def test_allowed_is_the_standard_error_of_the_difference():
    reference = accuracies([0.40, 0.50, 0.60, 0.70])
    table = compare(accuracies([0.5]), reference)
    sd = reference["accuracy"].std()
    assert table["allowed"].item() == pytest.approx(FACTOR * sd * (1 + 1 / 4) ** 0.5)


@pytest.mark.parametrize(("shift", "agrees"), [(0.9, True), (1.1, False), (-0.9, True), (-1.1, False)])
def test_a_cell_is_inside_or_outside(shift, agrees):
    reference = accuracies([0.5, 0.5, 0.5])
    assert compare(accuracies([0.5 + shift * FLOOR]), reference)["agrees"].item() == agrees


def test_severities_are_averaged_before_replicates_are_compared():
    both = pd.concat([accuracies([0.5, 0.6]), accuracies([0.7, 0.8]).assign(severity=2)])
    assert compare(both, accuracies([0.6, 0.7]))["difference"].item() == pytest.approx(0.0)


@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_cell_that_is_missing_or_diverged_does_not_agree(value):
    run = accuracies([0.5], model="glr_abs") if value is None else accuracies([value])
    assert not compare(run, accuracies([0.5, 0.5]))["agrees"].any()
