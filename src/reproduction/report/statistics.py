"""Student's intervals over replicates."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
"""Confidence of every interval, unless something else is said beside it."""


class Interval(NamedTuple):
    """A mean with its interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


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
    """Return the mean over replicates with Student's interval, which is not a number for a single replicate."""
    mean, half = values.mean(), half_interval(values.std(), len(values), level)
    return Interval(mean, mean - half, mean + half)


def ratio(part: "pd.Series[float]", whole: "pd.Series[float]") -> Interval | None:
    """Return the ratio of two paired means with its 95 % interval by Fieller's theorem.

    None where `whole` is not above 0 with 95 % confidence, since the ratio has no bounds then.

    References
    ----------
    Fieller: Some problems in interval estimation, J. Royal Statistical Society B 16, 1954.
    """
    if not interval(whole).low > 0:
        return None
    squared = half_interval(1.0, len(whole)) ** 2
    # The bounds are the values x for which 0 lies on the edge of the interval of part - x whole.
    quadratic = whole.mean() ** 2 - squared * whole.var()
    linear = part.mean() * whole.mean() - squared * part.cov(whole)
    constant = part.mean() ** 2 - squared * part.var()
    half = np.sqrt(max(linear**2 - quadratic * constant, 0.0))
    return Interval(part.mean() / whole.mean(), (linear - half) / quadratic, (linear + half) / quadratic)


def spread(mean: float, sd: float) -> str:
    """Return a mean and standard deviation of accuracies as people read them; one replicate has no deviation."""
    if np.isnan(mean):
        return "diverged"
    return f"{mean:.3f}" if np.isnan(sd) else f"{mean:.3f} ± {sd:.3f}"
