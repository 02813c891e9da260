"""Intervals over replicates."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reproduction.report.statistics import half_interval, half_prediction, interval, ratio, spread

SAMPLE = pd.Series([0.41, 0.47, 0.44, 0.52])


@pytest.mark.parametrize("level", [0.95, 0.99])
def test_interval_is_students(level):
    found = interval(SAMPLE, level)
    expected = stats.ttest_1samp(SAMPLE, 0.0).confidence_interval(level)
    assert found == pytest.approx((SAMPLE.mean(), expected.low, expected.high))
    assert half_interval(SAMPLE.std(), 4, level) == pytest.approx(found.high - found.mean)


def test_a_single_replicate_has_no_interval():
    found = interval(SAMPLE[:1])
    assert found.mean == SAMPLE[0]
    assert np.isnan([found.low, found.high]).all()


def test_one_more_replicate_lies_in_its_interval_as_often_as_said():
    draws = np.random.default_rng(1).standard_normal((20_000, 4))
    there, more = draws[:, :3], draws[:, 3]
    half = half_prediction(there.std(axis=1, ddof=1), 3, 0.9)
    covered = (np.abs(more - there.mean(axis=1)) <= half).mean()
    assert covered == pytest.approx(0.9, abs=4 * (0.9 * 0.1 / len(draws)) ** 0.5)


def test_the_ratio_of_means_has_fiellers_interval():
    rng = np.random.default_rng(1)
    whole = pd.Series(0.2 + 0.02 * rng.standard_normal(5))
    part = 0.5 * whole + 0.01 * rng.standard_normal(5)
    share, low, high = ratio(part, whole)
    assert share == pytest.approx(part.mean() / whole.mean())
    assert low < share < high
    # At each bound x, 0 is the edge of the interval of part - x whole.
    assert interval(part - low * whole).low == pytest.approx(0.0, abs=1e-12)
    assert interval(part - high * whole).high == pytest.approx(0.0, abs=1e-12)
    assert ratio(part, whole - 0.2) is None


def test_a_mean_of_one_replicate_has_no_deviation_and_that_of_none_has_diverged():
    nan = float("nan")
    assert [spread(0.5, 0.01), spread(0.5, nan), spread(nan, nan)] == ["0.500 ± 0.010", "0.500", "diverged"]
