"""Intervals over replicates."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from glr.errors import InputError
from reproduction.report.statistics import (
    LEVEL,
    Interval,
    counted,
    half_interval,
    half_prediction,
    interval,
    paired,
    ratio,
    simultaneous,
    spread,
)

NAN = float("nan")
SAMPLE = pd.Series([0.41, 0.47, 0.44, 0.52])


@pytest.mark.parametrize("level", [0.95, 0.99])
def test_interval_is_students(level):
    found = interval(SAMPLE, level)
    expected = stats.ttest_1samp(SAMPLE, 0.0).confidence_interval(level)
    assert found == pytest.approx((SAMPLE.mean(), expected.low, expected.high, 4, 0))
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
    share, low, high, replicates, _ = ratio(part, whole)
    assert share == pytest.approx(part.mean() / whole.mean())
    assert (low < share < high) and replicates == 5
    # At each bound x, 0 is the edge of the interval of part - x whole.
    assert interval(part - low * whole).low == pytest.approx(0.0, abs=1e-12)
    assert interval(part - high * whole).high == pytest.approx(0.0, abs=1e-12)
    assert ratio(part, whole - 0.2) is None
    assert ratio(part.where(part.index != 2), whole) is None


def test_a_mean_of_one_replicate_has_no_deviation_and_that_of_none_has_diverged():
    assert [spread(0.5, 0.01), spread(0.5, NAN), spread(NAN, NAN)] == ["0.500 ± 0.010", "0.500", "diverged"]


def test_a_replicate_that_diverged_is_neither_left_out_nor_counted_in():
    """It once counted in n, and was left out of mean and deviation: two of five diverged, and the interval shrank."""
    found = interval(pd.Series([0.1, NAN, 0.3, NAN, 0.2]))
    assert np.isnan(found[:3]).all()
    assert (found.replicates, found.diverged) == (5, 2)
    assert str(found) == "diverged in 2 of 5 replicates"
    assert found.within(-9.0, 9.0) is None


def test_an_interval_is_written_as_asked():
    found = Interval(0.5, 0.25, 0.75, 3)
    assert [str(found), f"{found:.0%}"] == ["+0.500 (+0.250 to +0.750)", "50% (25% to 75%)"]
    assert str(Interval(0.5, NAN, NAN, 1)) == "+0.500 (one replicate)"
    assert [counted(1), counted(3), counted(5, 3, 5)] == ["1 replicate", "3 replicates", "3 to 5 replicates"]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.1, 0.2, True), (-0.1, 0.1, None), (0.3, 0.6, None), (-0.1, 0.6, None), (-0.2, -0.1, False), (0.6, 0.7, False)],
)
def test_a_mean_lies_within_bounds_where_all_of_its_interval_does(low, high, expected):
    assert Interval((low + high) / 2, low, high, 5).within(0.0, 0.5) is expected


def test_simultaneous_intervals_miss_together_as_often_as_one():
    assert 1 - simultaneous(20) == pytest.approx((1 - LEVEL) / 20)
    draws = np.random.default_rng(1).standard_normal((2000, 20, 5))
    half = half_interval(draws.std(axis=2, ddof=1), 5, simultaneous(20))
    missed = (np.abs(draws.mean(axis=2)) > half).any(axis=1).mean()
    assert missed == pytest.approx(0.05, abs=4 * (0.05 * 0.95 / len(draws)) ** 0.5)


def test_differences_are_over_the_replicates_that_both_have():
    one, other = pd.Series([1.0, NAN, 3.0], index=[1, 2, 3]), pd.Series([0.5, 0.5, 0.5], index=[2, 3, 4])
    assert paired(one, other).to_dict() == pytest.approx({2: NAN, 3: 2.5}, nan_ok=True)
    with pytest.raises(InputError, match="found no replicate of both"):
        paired(one[:1], other)
