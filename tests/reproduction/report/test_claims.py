"""The verdicts on the paper's claims follow from intervals, by one rule."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from reproduction.report.claims import (
    CLAIMS,
    EPOCHS,
    HOLDS,
    IN_PART,
    NOT,
    UNTESTED,
    Claim,
    Inequality,
    Judged,
    Measured,
    judge,
    verdict,
)
from reproduction.report.columns import COLUMNS
from reproduction.report.paper import ATTACKS, BASELINE, CORRUPTIONS, ENTROPY, MODELS, ZERO_ONE
from reproduction.report.statistics import Interval, interval, simultaneous

HISTORIES = ["model", "replicate", "epoch", "step", "loss_train", "accuracy_train", "loss_test", "accuracy_test"]
LAPLACE = [f"{model}_laplace" for model in ENTROPY]
IDS = [claim.quote[:40] for claim in CLAIMS]
NARROW, WIDE = 0.001, 0.8


def world(true):
    """Return the means of all cells where every claim is true, or where every one is false."""
    gains = {BASELINE: 0.0} | dict.fromkeys(ENTROPY, 0.2 if true else -0.1)
    gains |= dict.fromkeys(ZERO_ONE, 0.25 if true else -0.15) | dict.fromkeys(LAPLACE, 0.23 if true else -0.2)
    clean = {BASELINE: 0.96} | dict.fromkeys([*ENTROPY, *LAPLACE], 0.94 if true else 0.91)
    clean |= dict.fromkeys(ZERO_ONE, 0.84 if true else 0.95)
    cells = {(model, name): share for model, share in clean.items() for name in ("orig", "orig_attacked")}
    for model, gain in gains.items():
        cells |= {(model, name): (0.5 if true else 0.8) + gain for name in ATTACKS}
        cells |= {(model, name): 0.4 + gain for name in CORRUPTIONS}
    return cells


def measured(true=True, scatter=NARROW, replicates=5, diverged=(), epochs=2 * EPOCHS):
    """Return a run whose means are exactly those of a world, and whose replicates scatter as told.

    Of the replicates in `diverged` every accuracy and loss is not a number.
    """
    rng = np.random.default_rng(1)
    names = range(1, replicates + 1)

    def around(mean, scale=1.0):
        draws = rng.standard_normal(replicates)
        own = draws - draws.mean()
        own = mean + scale * scatter * own / own.std(ddof=1) if replicates > 1 else np.array([mean])
        return zip(names, np.where(np.isin(names, diverged), np.nan, own), strict=True)

    rows = [
        (model, name, samples, 0, value, 100)
        for (model, samples), mean in world(true).items()
        for name, value in around(mean)
    ]
    histories, seconds = [], []
    for model in MODELS:
        for epoch in range(1, epochs + 1):
            # A training that diverges goes on to losses that are not finite.
            loss, lost = (0.3 if true else 0.2, np.inf) if epoch > EPOCHS else (0.3, 0.3)
            losses = [(name, lost if np.isnan(own) else own) for name, own in around(loss)]
            histories += [(model, name, epoch, 10 * epoch, 0.3, 0.9, own, 0.9) for name, own in losses]
        quick = (model == BASELINE) is not true
        own = around(0.1 if quick else 0.3)
        seconds += [(model, name, value) for name, value in own]
    return Measured(
        pd.DataFrame(rows, columns=COLUMNS),
        pd.DataFrame(histories, columns=HISTORIES),
        pd.DataFrame(seconds, columns=["model", "replicate", "cpu_seconds"]),
    )


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_every_claim_is_judged_by_its_intervals(claim):
    assert claim.judge(measured())[1] == HOLDS
    assert claim.judge(measured(true=False))[1] == NOT
    # The same means, whose intervals are wide, earn no verdict.
    assert claim.judge(measured(scatter=WIDE))[1] == "undecided at 5 replicates"
    assert claim.judge(measured(true=False, scatter=WIDE))[1] == "undecided at 5 replicates"
    assert claim.judge(measured(replicates=1))[1] == "undecided at 1 replicate"


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
@pytest.mark.parametrize("true", [True, False])
def test_a_replicate_that_diverged_decides_nothing_and_is_told(claim, true):
    text, found = claim.judge(measured(true=true, diverged=[2, 4]))
    assert found == "undecided at 5 replicates"
    assert "diverged in 2 of 5 replicates" in text


@pytest.mark.parametrize("claim", CLAIMS, ids=IDS)
def test_what_no_run_tests_is_not_tested(claim):
    nothing = Measured(*(table[:0] for table in measured()))
    assert claim.judge(nothing)[1] == UNTESTED


def test_convergence_after_twelve_epochs_needs_a_run_that_goes_on():
    (claim,) = (claim for claim in CLAIMS if "converge" in claim.quote)
    assert claim.judge(measured(epochs=EPOCHS))[1] == UNTESTED
    text, found = claim.judge(measured(true=False, epochs=EPOCHS + 1))
    assert found == NOT
    assert "does not hold for GLR sigmoid -0.333 (" in text


def test_a_change_of_one_cell_makes_a_claim_hold_in_part():
    run = measured()
    cell = (run.accuracies["model"] == "glr_abs") & (run.accuracies["samples"] == "contrast")
    run.accuracies.loc[cell, "accuracy"] -= 0.5
    text, found = CLAIMS[0].judge(run)
    assert found == IN_PART
    assert text.startswith(
        "Gain over BP sigmoid is above 0: holds for 29 of 30; does not hold for GLR |x| on Contrast -0.300"
    )


class Sample(NamedTuple):
    """A quantity that is known, or that no run tests."""

    values: list[float] | None

    def by_replicate(self, measured):
        return None if self.values is None else pd.Series(self.values)


RUN = Measured(pd.DataFrame(), pd.DataFrame(), pd.DataFrame())
SAMPLE = [0.02, 0.05, 0.03, 0.06]


def test_the_intervals_of_a_claim_hold_together():
    alone = interval(pd.Series(SAMPLE))
    assert alone.low > 0

    def claim(count):
        return Claim("", [Inequality("Gain", {f"{i}": [Sample(SAMPLE)]}, least=0.0) for i in range(count)])

    assert claim(1).judge(RUN) == (f"Gain is above 0: holds for 0 {alone}.", HOLDS)
    text, found = claim(20).judge(RUN)
    assert found == "undecided at 4 replicates"
    together = interval(pd.Series(SAMPLE), simultaneous(20))
    assert together.low < 0
    assert f"19 {together}" in text


def test_of_several_options_the_largest_counts_and_of_several_quantities_the_least():
    small, large = [0.10, 0.11, 0.12], [0.30, 0.31, 0.32]
    options = {"one": [Sample(large), Sample(small)], "other": [Sample([0.20, 0.21, 0.22])]}
    (found,) = Claim("", [Inequality("Gain", options, least=0.15)]).inequalities
    judged = found.judge(RUN, 0.95)
    assert found.intervals() == 3
    assert (judged.name, judged.found.mean) == ("other", pytest.approx(0.21))
    assert judged.state == HOLDS
    assert found._replace(options={"one": options["one"]}).judge(RUN, 0.95).state == NOT


def test_the_largest_of_means_lies_in_its_interval_as_often_as_said():
    rng = np.random.default_rng(1)
    missed = 0
    for _ in range(1000):
        options = {str(i): [Sample(rng.standard_normal(4).tolist())] for i in range(5)}
        found = Inequality("", options).judge(RUN, simultaneous(5)).found
        missed += not found.low <= 0.0 <= found.high
    assert missed <= 50 + 3 * (1000 * 0.05 * 0.95) ** 0.5


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([HOLDS, HOLDS], HOLDS),
        ([NOT, NOT], NOT),
        ([HOLDS, NOT], IN_PART),
        ([HOLDS, "undecided"], IN_PART),
        ([HOLDS, UNTESTED], IN_PART),
        ([NOT, "undecided"], "undecided at 3 to 5 replicates"),
        (["undecided", "undecided"], "undecided at 3 to 5 replicates"),
        ([UNTESTED, UNTESTED], UNTESTED),
    ],
)
def test_the_rule(states, expected):
    counts = (5, 3)
    found = [
        Judged(None, "", None if state == UNTESTED else Interval(0.0, 0.0, 0.0, count), state)
        for state, count in zip(states, counts, strict=True)
    ]
    assert verdict(found) == expected


def test_every_claim_has_its_row_and_the_other_run_its_verdict():
    ours, theirs = measured(), measured(true=False, epochs=EPOCHS)
    rows = [line.strip("| ").split(" | ") for line in judge(ours, theirs).replace("\\|", "/").splitlines()[2:]]
    assert [row[0] for row in rows] == [claim.quote for claim in CLAIMS]
    assert [row[2] for row in rows] == [f"**{HOLDS}**"] * len(CLAIMS)
    for row, claim in zip(rows, CLAIMS, strict=True):
        assert row[3:] == ([] if "converge" in claim.quote else [NOT])
