"""Student's intervals over replicates, and what they decide.

The accuracy of a replicate that diverged is not a number. Then the mean is not a number either: no replicate is left
out, and what is printed tells of it.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

from glr.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
"""Confidence of every interval, unless something else is said beside it."""


class Interval(NamedTuple):
    """A mean with its interval, the replicates that it is over, and how many of them diverged.

    ``format(interval, ".1%")`` writes its numbers so; `str` writes them with a sign and three digits.
    """

    mean: float
    low: float
    high: float
    replicates: int
    diverged: int = 0

    def __format__(self, form: str) -> str:
        if self.diverged:
            return f"diverged in {self.diverged} of {counted(self.replicates)}"
        mean, low, high = (format(number, form or "+.3f") for number in self[:3])
        return f"{mean} (one replicate)" if np.isnan(self.low) else f"{mean} ({low} to {high})"

    def __str__(self) -> str:
        return format(self)

    def within(self, least: float, most: float) -> bool | None:
        """Tell whether the mean lies between bounds: True or False where all of the interval does or none, else None.

        An interval that is not a number decides nothing.
        """
        if least < self.low and self.high < most:
            return True
        return False if self.high < least or most < self.low else None


def counted(*replicates: int) -> str:
    """Return numbers of replicates in words, from the least to the most."""
    least, most = min(replicates), max(replicates)
    return f"{least} to {most} replicates" if least < most else f"{most} replicate{'' if most == 1 else 's'}"


def simultaneous(count: int) -> float:
    """Return the confidence of each of `count` intervals that hold together with `LEVEL` (Bonferroni)."""
    return 1.0 - (1.0 - LEVEL) / count


def half_interval(sd: Any, replicates: Any, level: float = LEVEL) -> Any:
    """Return half of Student's interval of a mean, which is not a number for a single replicate.

    Parameters
    ----------
    sd, replicates : float or array of float, int or array of int
        The replicates' standard deviation and their number; arrays of one shape.
    level : float
        The interval's confidence, between 0 and 1.
    """
    return stdtrit(replicates - 1, 0.5 + level / 2) * sd / replicates**0.5


def half_prediction(sd: float, replicates: int, level: float = LEVEL) -> float:
    """Return half of Student's interval for one more replicate, around the mean of those there are."""
    return half_interval(sd, replicates, level) * (replicates + 1) ** 0.5  # type: ignore[no-any-return]


def interval(values: "pd.Series[float]", level: float = LEVEL) -> Interval:
    """Return the mean over replicates with Student's interval, whose bounds are not numbers for a single replicate."""
    mean, half = values.mean(skipna=False), half_interval(values.std(skipna=False), len(values), level)
    return Interval(mean, mean - half, mean + half, len(values), int(values.isna().sum()))


def paired(one: "pd.Series[float]", other: "pd.Series[float]") -> "pd.Series[float]":
    """Return the differences of two networks by replicate, over the replicates that both have.

    Raises
    ------
    InputError
        If there are none.
    """
    shared = one.index.intersection(other.index)
    if shared.empty:
        raise InputError("accuracies: found no replicate of both networks that are compared, but at least 1 is needed.")
    return one[shared] - other[shared]


def ratio(part: "pd.Series[float]", whole: "pd.Series[float]") -> Interval | None:
    """Return the ratio of two paired means with its 95 % interval by Fieller's theorem.

    None where `whole` is not above 0 with 95 % confidence, since the ratio has no bounds then, or where one diverged.

    References
    ----------
    Fieller: Some problems in interval estimation, J. Royal Statistical Society B 16, 1954.
    """
    if not interval(whole).low > 0 or part.isna().any():
        return None
    squared = half_interval(1.0, len(whole)) ** 2
    # The bounds are the values x for which 0 lies on the edge of the interval of part - x whole.
    quadratic = whole.mean() ** 2 - squared * whole.var()
    linear = part.mean() * whole.mean() - squared * part.cov(whole)
    constant = part.mean() ** 2 - squared * part.var()
    half = np.sqrt(max(linear**2 - quadratic * constant, 0.0))
    low, high = (linear - half) / quadratic, (linear + half) / quadratic
    return Interval(part.mean() / whole.mean(), low, high, len(whole))


def spread(mean: float, sd: float = float("nan")) -> str:
    """Return a mean and standard deviation of accuracies as people read them; one replicate has no deviation."""
    if np.isnan(mean):
        return "diverged"
    return f"{mean:.3f}" if np.isnan(sd) else f"{mean:.3f} ± {sd:.3f}"
