"""What docs/findings.md tells: the arithmetic behind its tables."""

import numpy as np
import pandas as pd
import pytest

from glr.errors import InputError
from reproduction.report.columns import CERTIFICATE_COLUMNS, COLUMNS, SWEEP_COLUMNS, VICTIM_COLUMNS
from reproduction.report.findings import (
    CHOICES,
    certificates,
    controls,
    fronts,
    gains_over,
    sensitivity,
    sensitivity_table,
    victims,
)
from reproduction.report.names import label_of
from reproduction.report.paper import ATTACKS, CORRUPTIONS
from reproduction.report.statistics import interval, simultaneous
from reproduction.report.tables import values

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
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[word.strip() for word in line.replace("\\|", "/").strip("|").split("|")] for line in lines[2:]]


def test_controls_tell_the_share_of_the_gain_that_noise_does_not_explain():
    table = accuracies(everywhere({"bp_sigmoid": 0.5, "bp_early": 0.6, "bp_noisy": 0.65, "glr_sigmoid": 0.7}))
    text = controls(table)
    rows = cells_of(text)
    assert text.endswith("\nIntervals are over 3 replicates. Bold: excludes 0 even when all 24 hold at once.\n")
    assert [row[0] for row in rows][-1] == "Average"
    for row in rows:
        assert row[1:5] == ["0.500", "0.600", "0.650", "0.700"]
        assert row[5].startswith("**+0.200")
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


def test_attacks_are_told_beside_transfer_and_certificates_and_networks_are_compared_on_all_attacks():
    level = {"bp_sigmoid": 0.1, "bp_noisy": 0.3, "glr_sigmoid": 0.4, "glr_threshold": 0.35, "glr_abs": 0.2}
    less = {"transfer": -0.4, "all attacks": 0.0, "certified": 0.05}
    rows = [
        (model, i + 1, attack, norm, epsilon, own + NOISE[i] - less[attack], 10)
        for model, own in level.items()
        for attack in less
        for norm, epsilon in (("linf", 0.1), ("l2", 0.2))
        for i in range(3)
        if (attack, norm) != ("certified", "linf")
    ]
    every = np.array([[[True]] * 2])
    run = {
        **{"models": np.array(["bp_sigmoid"]), "attacks": np.array(["apgd"]), "methods": np.array(["apgd"])},
        **{"replicates": np.array([1]), "norms": np.array(["linf", "l2"]), "epsilons": np.array([0.1, 0.2])},
        **{"right": every, "blind": ~every[:, 0], "unsteady": ~every[:, 0], "diverged": np.array([False])},
    }
    text = victims(run, pd.DataFrame(rows, columns=VICTIM_COLUMNS))
    left, gains = text.split("\n\n")[:2]
    found = {row[0]: row[1:] for row in cells_of(left)}
    assert found["GLR sigmoid"][:5] == ["0.800", "0.400", "0.800", "0.400", "0.350"]
    assert all(share.startswith("50%") for share in found["GLR sigmoid"][5:])
    found = {tuple(row[:2]): row[2:] for row in cells_of(gains)}
    assert found["GLR sigmoid", "BP sigmoid (noise)"] == ["**+0.100 (+0.100 to +0.100)**"] * 2
    assert "Noise: not raised" in text


CERTIFIED = {
    **{"bp_sigmoid": 0.5, "bp_noisy": 0.6, "glr_sigmoid": 0.7, "glr_threshold": 0.65, "glr_abs": 0.8},
    **{"bp_noisy_bounded": 0.75, "glr_sigmoid_bounded": 0.85},
}


def certified():
    """Return certified accuracies of three replicates, which fall with the radius and are lower under other noise."""
    rows = [
        (model, variance, levels, i + 1, radius, level + NOISE[i] - radius - less, 0.1, 10, 0.9 + level / 10)
        for model, level in CERTIFIED.items()
        for variance, levels, less in ((1.0, "first", 0.3), (4.0, "first", 0.0), (4.0, "all", 0.2))
        for i in range(3)
        for radius in (0.0, 0.1, 0.2)
    ]
    return pd.DataFrame(rows, columns=CERTIFICATE_COLUMNS)


def test_certificates_are_compared_under_the_trainings_noise_on_the_first_level():
    text = certificates(certified())
    shares, gains = text.split("\n\n")[:2]
    found = {row[0]: row[1:] for row in cells_of(shares)}
    assert found.keys() == {label_of(model).replace("|", "/") for model in CERTIFIED}
    assert found["GLR threshold"] == ["0.965 ± 0.000", *(f"{level} ± 0.025" for level in ("0.650", "0.550", "0.450")),
                                      "0.100 ± 0.000"]  # fmt: skip
    found = {tuple(row[:2]): row[2:] for row in cells_of(gains)}
    gain = "**+0.100 (+0.100 to +0.100)**"
    assert found["GLR sigmoid", "BP sigmoid (noise)"] == ["**+0.010 (+0.010 to +0.010)**", gain, gain]
    assert found["GLR sigmoid (bounded weights)", "BP sigmoid (noise, bounded weights)"][1:] == [gain, gain]
    assert text.endswith("Bold: excludes 0 even when all 24 hold at once.\n")


def test_a_network_without_certificates_is_refused():
    table = certified()
    with pytest.raises(InputError, match="found no replicate of both networks"):
        certificates(table[table["model"] != "bp_noisy_bounded"])


def test_gains_have_intervals_over_paired_replicates():
    (row,) = cells_of(gains_over(accuracies(everywhere({"glr_sigmoid": 0.5, "b": 0.6})), ["b"], "glr_sigmoid"))
    assert row == ["b", *["**+0.100 (+0.100 to +0.100)**"] * 4]


def test_a_gain_is_bold_where_all_intervals_of_the_table_together_leave_out_zero():
    table = accuracies(everywhere({"glr_sigmoid": 0.5, "b": 0.6}))
    own = (table["model"] == "b") & (table["samples"] == "fgsm")
    table.loc[own, "accuracy"] = 0.6 + 3 * NOISE
    (row,) = cells_of(gains_over(table, ["b"], "glr_sigmoid"))
    alone = interval(pd.Series(0.1 + 2 * NOISE))
    assert alone.low > 0 > interval(pd.Series(0.1 + 2 * NOISE), simultaneous(4)).low
    assert row[1:4] == ["**+0.100 (+0.100 to +0.100)**", "**+0.100 (+0.100 to +0.100)**", str(alone)]


def test_a_replicate_that_diverged_is_told_in_every_table():
    table = accuracies(everywhere({"bp_sigmoid": 0.5, "bp_early": 0.6, "bp_noisy": 0.65, "glr_sigmoid": 0.7}))
    table.loc[(table["model"] == "bp_sigmoid") & (table["replicate"] == 2), "accuracy"] = np.nan
    for row in cells_of(controls(table)):
        assert (row[1], row[5], row[-1]) == ("diverged", "diverged in 1 of 3 replicates", "")
        assert row[6].startswith("**+0.100")
    (row,) = cells_of(gains_over(table, ["bp_sigmoid"], "glr_sigmoid"))
    assert row[1:] == ["diverged in 1 of 3 replicates"] * 4
    table["accuracy"] += 0.46
    text = fronts(table, swept([]))
    assert all((row[2], row[5]) == ("none", "") for row in cells_of(text))
    assert text.endswith("Settings that diverged reach no clean accuracy: BP sigmoid.\n")


def test_gains_are_over_the_replicates_that_both_networks_have():
    table = accuracies(everywhere({"glr_sigmoid": 0.5, "b": 0.6, "c": 0.6}))
    table = table[(table["model"] != "b") | (table["replicate"] > 1)]
    text = gains_over(table, ["b", "c"], "glr_sigmoid")
    assert "Intervals are over 2 to 3 replicates." in text
    assert "diverged" not in text


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
    cells |= {(model, "orig"): 0.94 for model in ("bp_sigmoid", "glr_sigmoid")}
    cells |= {("bp_noisy", "orig"): 0.96, ("glr_sigmoid_step_0_01", "orig"): 0.92}
    found = {(row[0], row[1]): row[2:] for row in cells_of(fronts(accuracies(cells), swept(["glr_sigmoid_step_0_01"])))}
    assert found["FGSM", "0.91"][:3] == ["0.600", "0.600", "0.900"]
    assert found["FGSM", "0.925"][:3] == ["0.600", "0.600", "0.600"]
    assert found["FGSM", "0.946"] == ["none", "0.600", "none", "", ""]


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
    assert cells.loc["default", "lbfgs"].tolist() == pytest.approx([0.5, 0.6, 0.0, 0.0, 0.0, 3, 0, False, 0.1])
    assert cells.loc["mini-batch: sum", "contrast"].tolist() == pytest.approx(
        [0.5, 0.7, 0.1, 0.1, 0.1, 3, 0, True, 0.2]
    )
    assert cells.loc["10,000 images", "orig"].tolist() == pytest.approx([0.8, 0.9, 0.3, 0.3, 0.3, 3, 0, True, 0.1])
    assert cells.loc["L-BFGS: minimal norm"].index.tolist() == ["lbfgs"]
    assert cells.loc["L-BFGS: minimal norm", "lbfgs"].tolist() == pytest.approx(
        [0.2, 0.4, -0.2, -0.2, -0.2, 3, 0, True, 0.2]
    )
    assert cells.loc["resized after corruption"].index.tolist() == CORRUPTIONS


def test_changes_whose_simultaneous_interval_leaves_out_zero_are_bold(choices):
    accuracies, runs = choices
    rows = {row[0]: row for row in cells_of(sensitivity_table(sensitivity(accuracies, runs)))}
    assert rows["default"][1] == "0.600 (+0.10)"
    assert rows["mini-batch: sum"][1] == "**+0.100 ± 0.000** (+0.20)"
    assert rows["10,000 images"][1] == "**+0.300 ± 0.000** (+0.10)"
    assert rows["L-BFGS: minimal norm"][1:4] == ["", "**-0.200 ± 0.000** (+0.20)", ""]
    # Student's 95 % interval of 0.1 with replicates 0.09, 0.1 and 0.11 less, 4.303 / sqrt(3) * 0.1, has 0 in it.
    mean = accuracies["model"] == "glr_sigmoid_sum"
    accuracies.loc[mean, "accuracy"] += 10 * np.tile(NOISE, mean.sum() // 3)
    rows = {row[0]: row for row in cells_of(sensitivity_table(sensitivity(accuracies, runs)))}
    assert rows["mini-batch: sum"][1] == "+0.100 ± 0.248 (+0.20)"
    # A fifth of that spread leaves out 0 alone, but not where the intervals of all changes hold together.
    accuracies.loc[mean, "accuracy"] -= 8 * np.tile(NOISE, mean.sum() // 3)
    rows = {row[0]: row for row in cells_of(sensitivity_table(sensitivity(accuracies, runs)))}
    assert rows["mini-batch: sum"][1] == "+0.100 ± 0.050 (+0.20)"


def test_a_choice_under_which_a_replicate_diverges_is_told(choices):
    accuracies, runs = choices
    lost = (accuracies["model"] == "glr_sigmoid_sum") & (accuracies["replicate"] == 3)
    accuracies.loc[lost, "accuracy"] = np.nan
    rows = {row[0]: row for row in cells_of(sensitivity_table(sensitivity(accuracies, runs)))}
    assert rows["mini-batch: sum"][1:] == ["diverged in 1 of 3 replicates"] * len(rows["default"][1:])
    assert rows["10,000 images"][1] == "**+0.300 ± 0.000** (+0.10)"
