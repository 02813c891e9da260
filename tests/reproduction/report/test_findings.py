"""What docs/findings.md tells: the arithmetic behind its tables."""

import numpy as np
import pandas as pd
import pytest

from glr.errors import InputError
from reproduction.report.claims import ATTACKS, CORRUPTIONS
from reproduction.report.columns import COLUMNS, SWEEP_COLUMNS, VICTIM_COLUMNS
from reproduction.report.findings import (
    CHOICES,
    controls,
    fronts,
    gains_over,
    sensitivity,
    sensitivity_table,
    values,
    victims,
)

NOISE = np.array([-0.01, 0.0, 0.01])


def accuracies(cells):
    """Return three replicates of each (model, samples): the given accuracy with a spread that all share."""
    rows = [(*cell, i + 1, value + noise) for cell, value in cells.items() for i, noise in enumerate(NOISE)]
    return pd.DataFrame(
        [(model, replicate, samples, 0, value, 10) for model, samples, replicate, value in rows], columns=COLUMNS
    )


def everywhere(levels):
    """Return cells of the same accuracy on all samples, by model."""
    return {(model, name): level for model, level in levels.items() for name in ("orig", *ATTACKS, *CORRUPTIONS)}


def cells_of(text):
    """Return the words of a Markdown table's rows, without head and rule."""
    return [[word.strip() for word in line.strip("|").split("|")] for line in text.splitlines()[2:]]


def test_controls_tell_the_share_of_the_gain_that_noise_does_not_explain():
    table = accuracies(everywhere({"bp_sigmoid": 0.5, "bp_early": 0.6, "bp_noisy": 0.65, "glr_sigmoid": 0.7}))
    rows = cells_of(controls(table))
    assert [row[0] for row in rows][-1] == "Average"
    for row in rows:
        assert row[1:5] == ["0.500", "0.600", "0.650", "0.700"]
        assert row[5].startswith("+0.200")
        assert row[-1] == "25% (25% to 25%)"


def test_a_share_of_no_gain_is_left_empty():
    table = accuracies(everywhere({"bp_sigmoid": 0.7, "bp_early": 0.6, "bp_noisy": 0.65, "glr_sigmoid": 0.7}))
    assert all(row[-1] == "" for row in cells_of(controls(table)))


def test_the_average_of_corruptions_is_paired_by_replicate():
    table = accuracies(everywhere({"a": 0.5}))
    table.loc[table["samples"] == "contrast", "accuracy"] += 0.4
    np.testing.assert_allclose(values(table, "a", "average"), 0.6 + NOISE)


def test_a_cell_that_is_missing_is_refused():
    table = accuracies(everywhere({"a": 0.5}))
    with pytest.raises(InputError, match=r"accuracies: found none of model b on samples contrast\."):
        values(table, "b", "contrast")
    with pytest.raises(InputError, match=r"accuracies: found none of model a on samples contrast\."):
        values(table[table["samples"] != "contrast"], "a", "average")


def test_victims_keep_the_least_that_any_attack_leaves():
    models = {"bp_sigmoid": 0.1, "bp_noisy": 0.2, "glr_sigmoid": 0.3, "glr_threshold": 0.4, "glr_abs": 0.5}
    rows = [
        (model, i + 1, attack, epsilon, level + more + noise, 10)
        for model, level in models.items()
        for attack, more in (("pgd", 0.5 - level), ("square", 0.0))
        for epsilon in (0.0, 0.1)
        for i, noise in enumerate(NOISE)
    ]
    found = cells_of(victims(pd.DataFrame(rows, columns=VICTIM_COLUMNS)))
    assert found[0] == ["GLR sigmoid", "BP sigmoid", "+0.200 (+0.200 to +0.200)"]
    assert found[1][2].startswith("+0.100")


def test_gains_have_intervals_over_paired_replicates():
    (row,) = cells_of(gains_over(accuracies(everywhere({"glr_sigmoid": 0.5, "b": 0.6})), ["b"], "glr_sigmoid"))
    assert row == ["b", *["+0.100 (+0.100 to +0.100)"] * 4]


def swept(names):
    """Return the table of a sweep of GLR over the step size."""
    return pd.DataFrame([(name, "glr_sigmoid", "step_size", 0.1) for name in names], columns=SWEEP_COLUMNS)


def test_a_family_does_not_gain_by_having_more_settings():
    rng = np.random.default_rng(1)
    names = ["bp_sigmoid", "bp_noisy", *(f"glr_sigmoid_step_{number}" for number in range(60))]
    rows = [
        (name, replicate, samples, 0, 0.96 if samples == "orig" else 0.5 + 0.1 * rng.standard_normal(), 10)
        for name in names
        for replicate in range(1, 41)
        for samples in ("orig", *ATTACKS, *CORRUPTIONS)
    ]
    found = cells_of(fronts(pd.DataFrame(rows, columns=COLUMNS), swept(names[2:])))
    assert all(abs(float(row[4]) - 0.5) < 0.06 for row in found)


def test_settings_below_the_clean_accuracy_do_not_count():
    cells = everywhere({"bp_sigmoid": 0.6, "bp_noisy": 0.6, "glr_sigmoid": 0.6, "glr_sigmoid_step_0_01": 0.9})
    cells |= {(model, "orig"): 0.947 for model in ("bp_sigmoid", "glr_sigmoid")}
    cells |= {("bp_noisy", "orig"): 0.96, ("glr_sigmoid_step_0_01", "orig"): 0.942}
    found = {(row[0], row[1]): row[2:] for row in cells_of(fronts(accuracies(cells), swept(["glr_sigmoid_step_0_01"])))}
    assert found["FGSM", "0.94"][:3] == ["0.600", "0.600", "0.900"]
    assert found["FGSM", "0.945"][:3] == ["0.600", "0.600", "0.600"]
    assert found["FGSM", "0.95"] == ["none", "0.600", "none", "", ""]


@pytest.fixture
def choices():
    """Return what `sensitivity` takes, in which each choice has a level of its own."""
    levels = {choice.network: 0.7 for choice in CHOICES} | {"bp_sigmoid": 0.5, "glr_sigmoid": 0.6}
    cells = everywhere(levels)
    for choice in CHOICES:
        for name in choice.samples.values():
            cells |= {("bp_sigmoid", name): 0.2, ("glr_sigmoid", name): 0.4}
    run = accuracies(everywhere({"bp_sigmoid": 0.8, "glr_sigmoid": 0.9}))
    return accuracies(cells), {choice.run: run for choice in CHOICES if choice.run}


def test_each_choice_changes_what_it_touches_and_nothing_else(choices):
    cells = sensitivity(*choices).set_index(["choice", "samples"])
    assert cells.loc["default", "lbfgs"].tolist() == pytest.approx([0.5, 0.6, 0.0, 0.0, 0.0, 0.1])
    assert cells.loc["mini-batch: mean", "contrast"].tolist() == pytest.approx([0.5, 0.7, 0.1, 0.1, 0.1, 0.2])
    assert cells.loc["10,000 images", "orig"].tolist() == pytest.approx([0.8, 0.9, 0.3, 0.3, 0.3, 0.1])
    assert cells.loc["L-BFGS: minimal norm"].index.tolist() == ["lbfgs"]
    assert cells.loc["L-BFGS: minimal norm", "lbfgs"].tolist() == pytest.approx([0.2, 0.4, -0.2, -0.2, -0.2, 0.2])
    assert cells.loc["CIFAR-10-C's severities"].index.tolist() == CORRUPTIONS


def test_changes_whose_interval_leaves_out_zero_are_bold(choices):
    accuracies, runs = choices
    rows = {row[0]: row for row in cells_of(sensitivity_table(sensitivity(accuracies, runs)))}
    assert rows["default"][1] == "0.600 (+0.10)"
    assert rows["mini-batch: mean"][1] == "**+0.100 ± 0.000** (+0.20)"
    assert rows["10,000 images"][1] == "**+0.300 ± 0.000** (+0.10)"
    assert rows["L-BFGS: minimal norm"][1:4] == ["", "**-0.200 ± 0.000** (+0.20)", ""]
    # Student's 95 % interval of 0.1 with replicates 0.09, 0.1 and 0.11 less, 4.303 / sqrt(3) * 0.1, has 0 in it.
    mean = accuracies["model"] == "glr_sigmoid_mean"
    accuracies.loc[mean, "accuracy"] += 10 * np.tile(NOISE, mean.sum() // 3)
    rows = {row[0]: row for row in cells_of(sensitivity_table(sensitivity(accuracies, runs)))}
    assert rows["mini-batch: mean"][1] == "+0.100 ± 0.248 (+0.20)"
