"""The paper's claims as data, and the one rule that judges them; what is told follows from the numbers.

A claim is one or more inequalities, each on a mean over replicates. An inequality holds where all of its interval lies
within its bounds, fails where none of it does, and is undecided otherwise. The intervals of a claim are simultaneous
(Bonferroni): each of n has a confidence of 1 - 0.05 / n.
"""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from reproduction.report.columns import ORIGINALS
from reproduction.report.markdown import table
from reproduction.report.names import label_of
from reproduction.report.paper import ATTACKS, BASELINE, CORRUPTIONS, ENTROPY, ZERO_ONE
from reproduction.report.statistics import Interval, counted, interval, paired, simultaneous
from reproduction.report.tables import covers, values

HOLDS, IN_PART, NOT, UNDECIDED, UNTESTED = "holds", "holds in part", "does not hold", "undecided", "not tested"
EPOCHS = 12
"""After which the paper says that errors have converged."""
LISTED = 6
"""Inequalities that hold are counted, and not listed, where there are more."""


class Measured(NamedTuple):
    """What a run gave: long tables of accuracies and histories, and the CPU seconds of each training."""

    accuracies: pd.DataFrame
    histories: pd.DataFrame
    timings: pd.DataFrame


class Quantity(Protocol):
    """What a run measures in each replicate."""

    def by_replicate(self, measured: Measured) -> "pd.Series[float] | None":
        """Return its values, not a number where a replicate diverged; None where the run does not test it."""


class Cell(NamedTuple):
    """A network's accuracy on samples; ``average`` is the mean over the paper's corruptions."""

    model: str
    samples: str

    def by_replicate(self, measured: Measured) -> "pd.Series[float] | None":
        """Return its values."""
        if not covers(measured.accuracies, self.model, self.samples):
            return None
        return values(measured.accuracies, self.model, self.samples)


class Less(NamedTuple):
    """How much larger one quantity is than another, paired by replicate."""

    one: Quantity
    other: Quantity

    def by_replicate(self, measured: Measured) -> "pd.Series[float] | None":
        """Return its values."""
        one, other = self.one.by_replicate(measured), self.other.by_replicate(measured)
        return None if one is None or other is None else paired(one, other)


class Mean(NamedTuple):
    """The mean of quantities in each replicate that all of them have."""

    of: Sequence[Quantity]

    def by_replicate(self, measured: Measured) -> "pd.Series[float] | None":
        """Return its values."""
        found = [quantity.by_replicate(measured) for quantity in self.of]
        known = [one for one in found if one is not None]
        if len(known) < len(found):
            return None
        return pd.concat(known, axis=1, join="inner").mean(axis=1, skipna=False)


class LossChange(NamedTuple):
    """The change of a network's test loss from epoch `EPOCHS` to the last one, as a share; needs later epochs."""

    model: str

    def by_replicate(self, measured: Measured) -> "pd.Series[float] | None":
        """Return its values."""
        own = measured.histories[measured.histories["model"] == self.model]
        losses = {epoch: part.set_index("replicate")["loss_test"] for epoch, part in own.groupby("epoch")}
        last = own["epoch"].max()
        if EPOCHS not in losses or last == EPOCHS:
            return None
        change = losses[last] / losses[EPOCHS] - 1.0
        return change.where(np.isfinite(change))


class Milliseconds(NamedTuple):
    """CPU milliseconds of a network's training, start and evaluations included, per iteration."""

    model: str

    def by_replicate(self, measured: Measured) -> "pd.Series[float] | None":
        """Return its values."""
        tables = (measured.timings, measured.histories)
        times, losses = (part[part["model"] == self.model].groupby("replicate") for part in tables)
        seconds, steps = times["cpu_seconds"].sum(skipna=False), losses["step"].max()
        shared = seconds.index.intersection(steps.index)
        return None if shared.empty else 1000.0 * seconds[shared] / steps[shared]


class Inequality(NamedTuple):
    """A mean that has to lie between bounds.

    Where there are several `options`, the largest of them counts ("as high as"); where an option has several
    quantities, the least of them ("better than all others").
    """

    what: str
    options: Mapping[str, Sequence[Quantity]]
    least: float = -inf
    most: float = inf
    form: str = "+.3f"

    def intervals(self) -> int:
        """Return the number of intervals that it takes."""
        return sum(len(quantities) for quantities in self.options.values())

    def bounds(self) -> str:
        """Return the bounds in words."""
        if self.most == inf:
            return f"above {self.least:g}"
        return f"below {self.most:g}" if self.least == -inf else f"between {self.least:g} and {self.most:g}"

    def judge(self, measured: Measured, level: float) -> "Judged":
        """Return what was measured, by intervals of a confidence of `level` each, and whether it holds."""
        found = {}
        for name, quantities in self.options.items():
            parts = [quantity.by_replicate(measured) for quantity in quantities]
            known = [interval(part, level) for part in parts if part is not None]
            if len(known) < len(parts):
                return Judged(self, name, None, UNTESTED)
            found[name] = _bound(known, np.min)
        largest = _bound(list(found.values()), np.max)
        name = next(name for name, one in found.items() if one.diverged or one.mean >= largest.mean)
        state = {True: HOLDS, False: NOT, None: UNDECIDED}[largest.within(self.least, self.most)]
        return Judged(self, name, largest, state)


class Judged(NamedTuple):
    """An inequality, the option that counts, its interval if the run tests it, and whether it holds."""

    inequality: Inequality
    name: str
    found: Interval | None
    state: str

    def __str__(self) -> str:
        return self.name if self.found is None else f"{self.name} {self.found:{self.inequality.form}}"


class Claim(NamedTuple):
    """A claim in the paper's words, what has to be true for it to hold, and a remark."""

    quote: str
    inequalities: Sequence[Inequality]
    remark: str = ""

    def judge(self, measured: Measured) -> tuple[str, str]:
        """Return what was measured, and the verdict."""
        level = simultaneous(sum(one.intervals() for one in self.inequalities))
        found = [one.judge(measured, level) for one in self.inequalities]
        return " ".join([*told(found), *([self.remark] if self.remark else [])]), verdict(found)


def _bound(intervals: Sequence[Interval], choose: Callable[..., Any]) -> Interval:
    """Return the least or the largest of means with its interval, which holds where all of theirs do."""
    for one in intervals:
        if one.diverged:
            return one
    mean, low, high = choose([one[:3] for one in intervals], axis=0).tolist()
    return Interval(mean, low, high, min(one.replicates for one in intervals))


def verdict(found: Sequence[Judged]) -> str:
    """Return the verdict on a claim from its inequalities."""
    states = {one.state for one in found}
    if len(states) == 1 and UNDECIDED not in states:
        return states.pop()
    if HOLDS in states:
        return IN_PART
    return f"{UNDECIDED} at {counted(*(one.found.replicates for one in found if one.found))}"


def told(found: Sequence[Judged]) -> list[str]:
    """Return one sentence for each kind of inequality: for what it holds, and for what it does not."""
    kinds: dict[str, list[Judged]] = {}
    for one in found:
        kinds.setdefault(f"{one.inequality.what} is {one.inequality.bounds()}", []).append(one)
    sentences = []
    for kind, members in kinds.items():
        parts = []
        for state in (HOLDS, NOT, UNDECIDED, UNTESTED):
            own = [str(one) for one in members if one.state == state]
            if own:
                many = state == HOLDS and len(own) > LISTED
                parts.append(f"{state} for {f'{len(own)} of {len(members)}' if many else ', '.join(own)}")
        sentences.append(f"{kind}: {'; '.join(parts)}.")
    return sentences


def _gain(model: str, samples: str, over: str = BASELINE) -> Less:
    return Less(Cell(model, samples), Cell(over, samples))


def _each(what: str, cells: Mapping[str, Quantity], **bounds: Any) -> list[Inequality]:
    """Return one inequality for each quantity."""
    return [Inequality(what, {name: [quantity]}, **bounds) for name, quantity in cells.items()]


def _on(model: str, samples: str) -> str:
    return f"{label_of(model)} on {label_of(samples)}"


SAME_ACTIVATION = list(zip(ZERO_ONE, ENTROPY, strict=False))
BP = label_of(BASELINE)

CLAIMS = [
    Claim(
        "The robustness of all ANNs trained by the GLR method is significantly improved compared with the ANN with the "
        "Sigmoid activation function and cross-entropy loss function trained by the BP method.",
        _each(
            f"Gain over {BP}",
            {
                _on(model, samples): _gain(model, samples)
                for model in ENTROPY + ZERO_ONE
                for samples in ATTACKS + CORRUPTIONS
            },
            least=0.0,
        ),
    ),
    Claim(
        "The ANNs trained by the GLR method have much higher accuracies (about 20% increase) in predicting adversarial "
        "samples.",
        _each(
            f"Gain over {BP}",
            {
                "the mean over GLR's rows with cross-entropy and both attacks": Mean(
                    [_gain(model, samples) for model in ENTROPY for samples in ATTACKS]
                )
            },
            least=0.15,
            most=0.25,
        ),
    ),
    Claim(
        "It can also bring as high as 13% performance improvement with corruption noises attack.",
        [
            Inequality(
                f"Largest gain over {BP} in the average over corruptions",
                {label_of(model): [_gain(model, "average")] for model in ENTROPY + ZERO_ONE},
                least=0.125,
            )
        ],
        "The bound is the paper's own largest gain, which it rounds to 13%.",
    ),
    Claim(
        "The improvement can be further increased to 21% when we use Laplacian instead of Gaussian as neuronal noises.",
        [
            Inequality(
                f"Largest gain with Laplace noise over {BP} in the average over corruptions",
                {label_of(model): [_gain(f"{model}_laplace", "average")] for model in ENTROPY},
                least=0.205,
            ),
            Inequality(
                "Largest gain with Laplace noise over Gaussian noise in the same average",
                {label_of(model): [_gain(f"{model}_laplace", "average", model)] for model in ENTROPY},
                least=0.0,
            ),
        ],
        "The paper has no table for it; values above the bound round to 21% or more. "
        "Both noises have the same variance.",
    ),
    Claim(
        "The performance of the ANN with 0-1 loss is worse than that with a cross-entropy loss [on original samples].",
        _each(
            "Gain over cross-entropy on clean images",
            {label_of(model): _gain(model, "orig", other) for model, other in SAME_ACTIVATION},
            most=0.0,
        ),
    ),
    Claim(
        "An ANN with 0-1 loss achieves the best performance in predicting the images corrupted by the natural noises.",
        [
            Inequality(
                "Smallest gain over any row without the 0-1 loss in the average over corruptions",
                {
                    label_of(model): [_gain(model, "average", other) for other in (BASELINE, *ENTROPY)]
                    for model in ZERO_ONE
                },
                least=0.0,
            ),
        ],
    ),
    Claim(
        "The ANNs with 0-1 loss might lead to even higher accuracies in predicting the adversarial samples than the "
        "ANNs with the cross-entropy loss.",
        _each(
            "Gain over cross-entropy",
            {
                _on(model, samples): _gain(model, samples, other)
                for model, other in SAME_ACTIVATION
                for samples in ATTACKS
            },
            least=0.0,
        ),
    ),
    Claim(
        "All ANNs with the cross-entropy loss function trained by the GLR method achieve accuracies in predicting "
        "original samples comparable to the ANN trained by the BP method (above 93% in accuracy).",
        _each(
            "Accuracy on clean images",
            {label_of(model): Cell(model, "orig") for model in ENTROPY},
            least=0.93,
            form=".3f",
        ),
    ),
    Claim(
        "The errors of ANNs converge fast after 12 epochs.",
        _each(
            f"Relative change of the test loss from epoch {EPOCHS} to the last",
            {label_of(model): LossChange(model) for model in ENTROPY[:2]},
            least=-0.05,
            most=0.05,
        ),
    ),
    Claim(
        "The same adversarial samples can effectively attack ANNs under different architectures.",
        _each(
            f"Fall of the accuracy of {BP} under samples made from the two-hidden-layer network",
            {label_of(name): Less(Cell(BASELINE, ORIGINALS["attacks"]), Cell(BASELINE, name)) for name in ATTACKS},
            least=0.2,
        ),
        "Calibrated strengths are tuned to reach these accuracies, so the finding is only that such strengths exist.",
    ),
    Claim(
        "The GLR method is even faster than BP, since its computation only contains one forward function propagation.",
        _each(
            f"Difference to {BP} in CPU milliseconds per training iteration",
            {label_of(ENTROPY[0]): Less(Milliseconds(ENTROPY[0]), Milliseconds(BASELINE))},
            most=0.0,
        ),
        "An iteration is one training step: all replications for GLR, one pass for BP.",
    ),
]


def judge(measured: Measured, other: Measured) -> str:
    """Return the claims with what was measured and a verdict each, as a Markdown table.

    Parameters
    ----------
    measured : Measured
        The run that is judged.
    other : Measured
        A run by the authors' own training, of which only the verdicts are told, none where it cannot test a claim.
    """
    rows = []
    for claim in CLAIMS:
        (text, ours), (_, theirs) = claim.judge(measured), claim.judge(other)
        rows.append([claim.quote, text, f"**{ours}**", "" if theirs == UNTESTED else theirs])
    head = ["the paper says", "measured (mean, simultaneous 95 % interval)", "verdict", "by the authors' training"]
    return table(head, rows, "l")
