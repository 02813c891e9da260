"""The strength of an attack that brings a baseline's accuracy to a given value."""

from collections.abc import Callable
from math import exp, log
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from glr.errors import InputError


class Trial(NamedTuple):
    """A strength that was tried, with the baseline's accuracy in each replicate."""

    strength: float
    accuracies: tuple[float, ...]


def calibrate(
    accuracies: Callable[[float], tuple[float, ...]],
    target: float,
    bounds: tuple[float, float],
    precision: float = 0.01,
) -> tuple[float, list[Trial]]:
    """Return the strength at which the mean accuracy is `target`, and what was tried on the way.

    Parameters
    ----------
    accuracies : callable
        Accuracies of the replicates at a strength; their mean has to be monotone, but for sampling error.
    target : float
        Wanted mean accuracy, in [0, 1].
    bounds : tuple of float
        Smallest and largest strength, both positive.
    precision : float
        Of the strength, relative.

    Returns
    -------
    strength : float
        Rounded to four significant digits.
    trials : list of Trial
        In the order of the search (Brent's method on the logarithm of the strength).

    Raises
    ------
    InputError
        If the accuracies at the bounds do not enclose the target.
    """
    trials: list[Trial] = []

    def excess(logarithm: float) -> float:
        trials.append(Trial(exp(logarithm), accuracies(exp(logarithm))))
        return float(np.mean(trials[-1].accuracies)) - target

    ends = [excess(log(bound)) for bound in bounds]
    if ends[0] * ends[1] > 0:
        raise InputError(
            f"calibration.accuracy: found {target:g}, but between the strengths {bounds[0]:g} and {bounds[1]:g} the "
            f"baseline's accuracy only goes from {ends[0] + target:.3f} to {ends[1] + target:.3f}."
        )
    known = dict(zip(map(log, bounds), ends, strict=True))
    root = brentq(lambda x: known[x] if x in known else excess(x), log(bounds[0]), log(bounds[1]), xtol=precision)
    return float(f"{exp(root):.4g}"), trials
