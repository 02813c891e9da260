"""The verdicts on the paper's claims follow from the numbers."""

import numpy as np
import pandas as pd
import pytest

from reproduction.report import claims
from reproduction.report.claims import HOLDS, IN_PART, NOT, UNTESTED, Measured, judge
from reproduction.report.columns import COLUMNS
from reproduction.report.paper import MODELS, TABLE1, TABLE2


def measured(changes=(), seconds=1.0, replicates=5):
    """Return the paper's own numbers as replicates that hardly scatter, with some cells (model, samples) changed."""
    rows, histories = [], []
    cells = {
        (model, name): value
        for name, row in (TABLE2 | TABLE1).items()
        for model, value in zip(MODELS, row, strict=True)
    }
    cells |= dict(changes)
    for (model, samples), value in cells.items():
        if samples != "average":
            scatter = 0.001 * np.random.default_rng(len(rows)).normal(size=replicates)
            rows += [(model, i + 1, samples, 0, value + scatter[i], 100) for i in range(replicates)]
    for model in MODELS:
        histories += [(model, 1, epoch, 10 * epoch, 0.3, 0.9, 0.3 + 0.5**epoch, 0.9) for epoch in range(1, 13)]
    names = ["model", "replicate", "epoch", "step", "loss_train", "accuracy_train", "loss_test", "accuracy_test"]
    timings = pd.DataFrame([(model, 1, seconds if model != "bp_sigmoid" else 1.0) for model in MODELS])
    return Measured(
        pd.DataFrame(rows, columns=COLUMNS),
        pd.DataFrame(histories, columns=names),
        timings.set_axis(["model", "replicate", "cpu_seconds"], axis=1),
    )


def laplace(model, cells):
    """Return a row with Laplace noise; the clean accuracy is needed, and not looked at."""
    return {(f"{model}_laplace", name): value for name, value in ({"orig": 0.9} | cells).items()}


LAPLACE_BETTER = laplace("glr_sigmoid", {name: TABLE2[name][0] + 0.25 for name in claims.CORRUPTIONS})


@pytest.mark.parametrize(
    ("claim", "changes", "verdict"),
    [
        (claims.robustness, {}, HOLDS),
        (claims.robustness, {("glr_abs", "contrast"): 0.24}, IN_PART),
        (claims.robustness, {(m, s): 0.1 for m in MODELS[1:] for s in (*claims.ATTACKS, *claims.CORRUPTIONS)}, NOT),
        (claims.twenty_percent, {}, HOLDS),
        (claims.twenty_percent, {("glr_sigmoid", "fgsm"): 0.28, ("glr_abs", "fgsm"): 0.28}, IN_PART),
        (claims.twenty_percent, {(m, s): 0.1 for m in MODELS[1:] for s in claims.ATTACKS}, NOT),
        (claims.thirteen_percent, {("glr_sigmoid_01", "contrast"): 0.6}, HOLDS),
        (claims.thirteen_percent, {("bp_sigmoid", "contrast"): 0.4}, IN_PART),
        (claims.thirteen_percent, {("bp_sigmoid", "contrast"): 0.99}, NOT),
        (claims.zero_one_best, {("glr_threshold_01", "contrast"): 0.5}, HOLDS),
        (claims.zero_one_best, {("glr_abs", "contrast"): 0.9}, IN_PART),
        (claims.zero_one_best, {(m, "contrast"): 0.1 for m in claims.ZERO_ONE}, NOT),
        (claims.zero_one_attacked, {}, IN_PART),
        (claims.clean_accuracy, {("glr_threshold", "orig"): 0.935}, HOLDS),
        (claims.clean_accuracy, {("glr_threshold", "orig"): 0.92}, IN_PART),
        (claims.convergence, {}, HOLDS),
        (claims.transfer, {}, HOLDS),
        (claims.transfer, {("bp_sigmoid", "lbfgs"): 0.9}, IN_PART),
        (claims.laplace, {}, UNTESTED),
        (claims.laplace, LAPLACE_BETTER, HOLDS),
        (claims.laplace, laplace("glr_abs", dict.fromkeys(claims.CORRUPTIONS, 0.53)), IN_PART),
        (claims.laplace, laplace("glr_abs", dict.fromkeys(claims.CORRUPTIONS, 0.2)), NOT),
    ],
)
def test_verdicts_follow_from_the_numbers(claim, changes, verdict):
    assert claim(measured(changes))[1] == verdict


@pytest.mark.parametrize(("seconds", "verdict"), [(0.5, HOLDS), (7.0, NOT)])
def test_cost_is_compared_an_iteration(seconds, verdict):
    assert claims.cheaper(measured(seconds=seconds))[1] == verdict


def test_convergence_is_judged_after_the_twelve_epochs_of_the_paper_where_there_are_more():
    run = measured()
    longer = pd.concat([run.histories.assign(epoch=run.histories["epoch"] + 12 * part) for part in (0, 1)])
    assert claims.convergence(run._replace(histories=longer))[1] == HOLDS
    falling = longer.assign(loss_test=longer["loss_test"] - 0.01 * (longer["epoch"] - 12).clip(lower=0))
    text, verdict = claims.convergence(run._replace(histories=falling))
    assert verdict == NOT
    assert "after epoch 12: GLR sigmoid -40.0%" in text


def test_every_claim_has_its_row_and_the_other_run_its_verdict():
    other = measured({("glr_threshold", "orig"): 0.92})
    table = judge(measured({("glr_threshold", "orig"): 0.935}), other).splitlines()[2:]
    assert len(table) == len(claims.CLAIMS)
    for line, (quote, claim) in zip(table, claims.CLAIMS, strict=True):
        *_, verdict, theirs = (word.strip() for word in line.strip("|").split(" | "))
        assert quote in line
        assert verdict == f"**{claim(measured({('glr_threshold', 'orig'): 0.935}))[1]}**"
        assert theirs == {UNTESTED: ""}.get(claim(other)[1], claim(other)[1])
    assert sum(f"**{HOLDS}** | {IN_PART}" in line for line in table) == 1
