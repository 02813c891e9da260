"""Tables: averages, standard deviations, the paper's numbers and the layout."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from glr.errors import InputError
from reproduction.report import paper
from reproduction.report.columns import COLUMNS as ACCURACIES
from reproduction.report.columns import RECALL_COLUMNS
from reproduction.report.paper import paper_accuracy
from reproduction.report.tables import (
    COLUMNS,
    GAIN_COLUMNS,
    covers,
    dead_classes,
    divergences,
    latex,
    layout_by_loss,
    layout_errors,
    layout_in_threes,
    markdown,
    mean_corruption_errors,
    summarise,
    summarise_gains,
    values,
)

CORRUPTIONS = paper.CORRUPTIONS


def accuracies(models=("bp_sigmoid", "glr_abs"), replicates=(1, 2, 3), seed=1):
    """Return a long table: originals of both kinds, two attacks and four corruptions at five severities."""
    rng, rows = np.random.default_rng(seed), []
    for model in models:
        for replicate in replicates:
            for samples, severities, n in (
                ("orig", [0], 28_000),
                ("orig_attacked", [0], 5000),
                ("lbfgs", [0], 5000),
                ("fgsm", [0], 5000),
                *((name, range(1, 6), 900) for name in CORRUPTIONS),
            ):
                rows += [(model, replicate, samples, severity, rng.random(), n) for severity in severities]
    return pd.DataFrame(rows, columns=ACCURACIES)


def table1(long, models=("bp_sigmoid", "glr_abs"), **settings):
    settings = {"original": "orig_attacked", "average": False} | settings
    return summarise(long, "table1", list(models), ["lbfgs", "fgsm"], **settings)


def table2(long, models=("bp_sigmoid", "glr_abs")):
    return summarise(long, "table2", list(models), CORRUPTIONS, original="orig", average=True)


PAPER = {table1: paper.ATTACKS, table2: CORRUPTIONS}


def cell(cells, model, samples):
    (row,) = cells[(cells["model"] == model) & (cells["samples"] == samples)].itertuples()
    return row


def accuracy_of(long, model, samples, replicate, severity=0):
    one = long.query("model == @model and samples == @samples and replicate == @replicate and severity == @severity")
    return one["accuracy"].item()


def test_cells_are_in_the_order_asked_for():
    cells = table1(accuracies(), models=("glr_abs", "bp_sigmoid"))
    assert list(cells.columns) == COLUMNS
    assert cells["model"].tolist() == ["glr_abs"] * 3 + ["bp_sigmoid"] * 3
    assert cells["samples"].tolist() == ["orig", "lbfgs", "fgsm"] * 2
    assert table2(accuracies())["samples"].tolist() == ["orig", *CORRUPTIONS, "average"] * 2


def test_a_corruption_is_averaged_over_its_severities_in_each_replicate():
    long = accuracies()
    cells = table2(long.sample(frac=1.0, random_state=1))
    by_replicate = {
        name: np.array(
            [
                np.mean([accuracy_of(long, "glr_abs", name, replicate, s) for s in range(1, 6)])
                for replicate in (1, 2, 3)
            ]
        )
        for name in CORRUPTIONS
    }
    by_replicate["average"] = np.mean(list(by_replicate.values()), axis=0)
    for name, value in by_replicate.items():
        found = cell(cells, "glr_abs", name)
        assert found.mean == pytest.approx(value.mean(), rel=1e-12)
        assert found.sd == pytest.approx(value.std(ddof=1), rel=1e-12)
        assert found.replicates == 3


def test_the_original_is_that_of_the_images_attacked_or_corrupted():
    long = accuracies()
    for cells, samples, n in ((table1(long), "orig_attacked", 5000), (table2(long), "orig", 28_000)):
        value = [accuracy_of(long, "bp_sigmoid", samples, replicate) for replicate in (1, 2, 3)]
        found = cell(cells, "bp_sigmoid", "orig")
        assert (found.mean, found.sd) == (pytest.approx(np.mean(value)), pytest.approx(np.std(value, ddof=1)))
        assert found.n == n
    assert cell(table2(long), "bp_sigmoid", "contrast").n == 900


def test_a_single_replicate_has_no_standard_deviation():
    cells = table1(accuracies(replicates=(4,)))
    assert cells["sd"].isna().all()
    assert (cells["replicates"] == 1).all()


@pytest.mark.parametrize("make", [table1, table2])
def test_the_papers_number_stands_beside_each_with_the_difference(make):
    cells = make(accuracies())
    name = make.__name__
    assert cells["paper"].tolist() == [
        paper_accuracy(name, row.model, row.samples, PAPER[make]) for row in cells.itertuples()
    ]
    assert not cells["paper"].isna().any()
    np.testing.assert_allclose(cells["delta"], cells["mean"] - cells["paper"], rtol=1e-12)


@pytest.mark.parametrize(
    ("table", "model", "samples", "expected"),
    [
        ("table1", "bp_sigmoid", "orig", 0.96),
        ("table1", "glr_threshold", "lbfgs", 0.73),
        ("table1", "glr_abs", "fgsm", 0.53),
        ("table1", "glr_sigmoid_01", "fgsm", 0.58),
        ("table2", "glr_threshold_01", "orig", 0.83),
        ("table2", "glr_abs", "glass_blur", 0.42),
        ("table2", "glr_sigmoid_01", "impulse_noise", 0.55),
        ("table2", "glr_threshold", "contrast", 0.39),
        ("table2", "bp_sigmoid", "average", 0.418),
        ("table1", "glr_relu", "fgsm", None),
        ("table1", "glr_abs", "contrast", None),
        ("table3", "glr_abs", "fgsm", None),
    ],
)
def test_numbers_of_the_paper(table, model, samples, expected):
    assert paper_accuracy(table, model, samples, paper.CORRUPTIONS) == expected


@pytest.mark.parametrize("columns", [paper.CORRUPTIONS[:3], [*paper.CORRUPTIONS, "brightness"], ["fgsm"]])
def test_the_papers_average_stands_beside_the_mean_of_the_same_columns_only(columns):
    assert paper_accuracy("table2", "glr_abs", "average", columns) is None
    assert paper_accuracy("table2", "glr_abs", "average", [*reversed(paper.CORRUPTIONS)]) == 0.513
    assert paper_accuracy("table2", "glr_abs", "contrast", columns) == 0.38


def test_an_average_over_other_corruptions_has_no_number_of_the_paper():
    long = accuracies()
    more = pd.concat([long, *(long[long["samples"] == "contrast"].assign(samples=name) for name in ("fog", "snow"))])
    layout = (["glr_abs", "bp_sigmoid"], [*CORRUPTIONS, "fog"], "orig", True)
    cells = summarise(more, "table2", *layout).set_index(["model", "samples"])
    gains = summarise_gains(more, "table2", *layout, "bp_sigmoid").set_index("samples")
    assert cells.loc[("glr_abs", "average"), ["paper", "delta"]].isna().all()
    assert np.isnan(gains["paper"]["average"])
    assert cells["paper"]["glr_abs", "contrast"] == 0.38
    assert gains["paper"]["contrast"] == pytest.approx(0.38 - 0.25)
    texts = [
        text for block in layout_in_threes(cells.reset_index()) for row in block if "Average" in row for text in row
    ]
    assert not any("[" in text for text in texts)


def test_the_papers_averages_are_those_of_its_numbers():
    assert paper.TABLE1["orig"] == paper.TABLE2["orig"]
    names = ("gaussian_noise", "impulse_noise", "glass_blur", "contrast")
    means = np.mean([paper.TABLE2[name] for name in names], axis=0)
    np.testing.assert_allclose(paper.TABLE2["average"], means, atol=0.000501)
    assert {*paper.TABLE1, *paper.TABLE2} == {"orig", *paper.ATTACKS, *paper.CORRUPTIONS, "average"}


def test_what_the_paper_does_not_have_is_empty():
    cells = summarise(accuracies(("mine",)), "table1", ["mine"], ["fgsm"], original="orig_attacked", average=False)
    assert cells[["paper", "delta"]].isna().all(axis=None)
    (rows,) = layout_by_loss(cells, {"mine": "zero_one"})
    assert "[" not in rows[1][1]


@pytest.mark.parametrize(
    ("column", "value", "model", "samples"),
    [
        ("model", "glr_abs", "glr_abs", "orig_attacked"),
        ("samples", "fgsm", "bp_sigmoid", "fgsm"),
        ("samples", "orig_attacked", "bp_sigmoid", "orig_attacked"),
    ],
)
def test_a_missing_cell_is_refused(column, value, model, samples):
    long = accuracies()
    with pytest.raises(InputError, match=rf"^accuracies: found none of model {model} on samples {samples}\.$"):
        table1(long[long[column] != value])


@pytest.mark.parametrize("make", [table1, table2])
def test_a_replicate_without_all_samples_is_refused(make):
    long = accuracies()
    lost = (long["replicate"] == 2) & long["samples"].isin(["fgsm", "contrast"]) & (long["model"] == "glr_abs")
    with pytest.raises(InputError):
        make(long[~lost])


@pytest.mark.parametrize("make", [table1, table2])
def test_one_replicate_that_diverged_leaves_no_mean(make):
    long = accuracies()
    long.loc[(long["model"] == "glr_abs") & (long["replicate"] == 2), "accuracy"] = np.nan
    cells = make(long)
    gone = cells["model"] == "glr_abs"
    assert cells.loc[gone, ["mean", "sd", "delta"]].isna().all(axis=None)
    assert cells.loc[~gone, ["mean", "sd", "delta"]].notna().all(axis=None)
    texts = [text for block in layout_in_threes(cells) for row in block for text in row]
    assert sum("diverged [" in text for text in texts) == gone.sum()


def test_a_severity_without_accuracy_leaves_no_mean_over_severities():
    long = accuracies()
    lost = (long["samples"] == "contrast") & (long["severity"] == 4) & (long["replicate"] == 2)
    long.loc[lost, "accuracy"] = np.nan
    for name in ("contrast", "average"):
        assert values(long, "glr_abs", name).isna().tolist() == [False, True, False]
    gone = table2(long)["samples"].isin(["contrast", "average"])
    np.testing.assert_array_equal(table2(long)["mean"].isna(), gone)


def test_which_replicates_diverged_is_told():
    long = accuracies()
    long.loc[(long["model"] == "glr_abs") & long["replicate"].isin([1, 3]), "accuracy"] = np.nan
    assert divergences(long, ["bp_sigmoid", "glr_abs"]) == "GLR |x|: diverged in 2 of 3 replicates (number 1, 3).\n"
    assert divergences(long, ["bp_sigmoid"]) == ""


def test_a_network_has_the_mean_of_the_papers_corruptions_where_it_has_all_of_them():
    long = accuracies()
    found = values(long, "glr_abs", "average")
    parts = [values(long, "glr_abs", name) for name in CORRUPTIONS]
    np.testing.assert_allclose(found, np.mean(parts, axis=0))
    assert covers(long, "glr_abs", "average")
    assert not covers(long[long["samples"] != "contrast"], "glr_abs", "average")
    assert not covers(long, "mine", "fgsm")


def test_gains_are_paired_by_replicate_with_their_interval():
    long = accuracies(("glr_abs", "glr_sigmoid", "bp_sigmoid"), replicates=(1, 2, 3, 4))
    gains = summarise_gains(
        long.sample(frac=1.0, random_state=1),
        "table2",
        ["glr_abs", "bp_sigmoid"],
        CORRUPTIONS,
        "orig",
        True,
        "bp_sigmoid",
    )
    assert list(gains.columns) == GAIN_COLUMNS
    assert gains["model"].tolist() == ["glr_abs"] * 6
    assert gains["samples"].tolist() == ["orig", *CORRUPTIONS, "average"]
    ours, theirs = (
        np.array(
            [[accuracy_of(long, model, "contrast", replicate, s) for s in range(1, 6)] for replicate in (1, 2, 3, 4)]
        )
        for model in ("glr_abs", "bp_sigmoid")
    )
    difference = (ours - theirs).mean(axis=1)
    found = cell(gains, "glr_abs", "contrast")
    interval = stats.ttest_1samp(difference, 0.0).confidence_interval(0.95)
    assert (found.mean, found.sd) == (pytest.approx(difference.mean()), pytest.approx(difference.std(ddof=1)))
    assert (found.low, found.high) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert found.replicates == 4
    assert found.paper == pytest.approx(0.38 - 0.25)


def test_gains_of_a_single_replicate_have_no_interval():
    long = accuracies(replicates=(1,))
    gains = summarise_gains(long, "table1", ["glr_abs"], ["fgsm"], "orig_attacked", False, "bp_sigmoid")
    assert gains["mean"].notna().all()
    assert gains[["sd", "low", "high"]].isna().all(axis=None)


def test_gains_of_a_model_that_diverged_are_empty():
    long = accuracies()
    long.loc[(long["model"] == "glr_abs") & (long["replicate"] == 2), "accuracy"] = np.nan
    gains = summarise_gains(long, "table1", ["glr_abs"], ["fgsm"], "orig_attacked", False, "bp_sigmoid")
    assert gains[["mean", "sd", "low", "high"]].isna().all(axis=None)


def recall(model, *replicates):
    """Return the recall of three classes in each replicate, from (recall, predictions) of each."""
    rows = [
        (model, number, "orig", label, *cells)
        for number, replicate in enumerate(replicates, start=1)
        for label, cells in enumerate(replicate)
    ]
    return pd.DataFrame(rows, columns=RECALL_COLUMNS)


def test_dead_classes_are_those_never_predicted_and_not_those_predicted_wrongly():
    table = pd.concat([
        recall("glr_abs", [(0.5, 9), (0.0, 0), (0.0, 3)], [(0.7, 9), (0.0, 0), (0.0, 0)]),
        recall("mine", [(1.0, 9), (0.8, 9), (0.9, 9)]),
    ])  # fmt: skip
    assert dead_classes(table, ["glr_abs", "mine"]) == (
        "GLR |x|: in each replicate, 1 to 2 of the 3 classes are never predicted; "
        "the mean recall of the others is 0.400.\n\n"
        "mine: in each replicate, 0 of the 3 classes are never predicted; the mean recall of the others is 0.900.\n"
    )
    assert dead_classes(table, []) == ""


def test_classes_without_images_are_no_dead_classes():
    """Of labels 0 to 4 the network never predicts one; a network that diverged has no recall at all."""
    nothing = float("nan")
    table = pd.concat([
        recall("mine", [(0.5, 9), (0.0, 0), (nothing, 0), (nothing, 0)]),
        recall("lost", [(nothing, 4), (nothing, 0), (nothing, 0), (nothing, 0)]),
    ])  # fmt: skip
    lines = dead_classes(table, ["mine", "lost"]).splitlines()
    assert lines[0].startswith("mine: in each replicate, 1 of the 2 classes")
    assert len(lines) == 1


def fixed(models, samples, sd=0.0125):
    rows = [
        (model, name, 0.5 + i / 10 + j / 1000, sd, 3, 100, paper_accuracy("table1", model, name, samples), 0.0)
        for i, model in enumerate(models)
        for j, name in enumerate(samples)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_table_one_has_a_row_a_model_and_a_block_a_loss():
    cells = fixed(["bp_sigmoid", "glr_sigmoid_01", "glr_abs"], ["orig", "lbfgs", "fgsm"])
    losses = {"bp_sigmoid": "cross_entropy", "glr_sigmoid_01": "zero_one", "glr_abs": "cross_entropy"}
    assert layout_by_loss(cells, losses) == [
        [
            ["Activations + cross-entropy", "Orig", "L-BFGS", "FGSM"],
            ["BP sigmoid", "0.500 ± 0.013 [0.96]", "0.501 ± 0.013 [0.57]", "0.502 ± 0.013 [0.28]"],
            ["GLR |x|", "0.700 ± 0.013 [0.94]", "0.701 ± 0.013 [0.78]", "0.702 ± 0.013 [0.53]"],
        ],
        [
            ["Activations + 0-1 loss", "Orig", "L-BFGS", "FGSM"],
            ["GLR sigmoid (0-1 loss)", "0.600 ± 0.013 [0.84]", "0.601 ± 0.013 [0.76]", "0.602 ± 0.013 [0.58]"],
        ],
    ]


def test_table_two_has_a_column_a_model_and_three_a_block():
    cells = fixed(["bp_sigmoid", "glr_sigmoid", "mine_too", "glr_abs"], ["orig", "contrast"], sd=np.nan)
    assert layout_in_threes(cells) == [
        [
            ["", "BP sigmoid", "GLR sigmoid", "mine_too"],
            ["Orig", "0.500 [0.96]", "0.600 [0.94]", "0.700"],
            ["Contrast", "0.501", "0.601", "0.701"],
        ],
        [["", "GLR |x|"], ["Orig", "0.800 [0.94]"], ["Contrast", "0.801"]],
    ]


BLOCKS = [[["", "GLR |x|", "my_net"], ["Orig", "0.9 ± 0.1 [0.94]", "1"]], [["", "Last"], ["Orig", "diverged"]]]


def test_markdown_escapes_bars_and_keeps_blocks_apart():
    assert markdown(BLOCKS) == (
        "|  | GLR \\|x\\| | my_net |\n| --- | ---: | ---: |\n| Orig | 0.9 ± 0.1 [0.94] | 1 |\n"
        "\n|  | Last |\n| --- | ---: |\n| Orig | diverged |\n"
    )


def test_latex_is_one_tabular_as_wide_as_its_widest_block():
    assert latex(BLOCKS).splitlines() == [
        r"\begin{tabular}{lcc}",
        r"\hline",
        r" & GLR $|x|$ & my\_net \\",
        r"\hline",
        r"Orig & 0.9 $\pm$ 0.1 {[0.94]} & 1 \\",
        r"\hline",
        r" & Last \\",
        r"\hline",
        r"Orig & diverged \\",
        r"\hline",
        r"\end{tabular}",
    ]


def test_the_mean_corruption_error_is_that_of_hendrycks_and_dietterich():
    long = accuracies(models=("bp_sigmoid", "glr_abs", "glr_sigmoid"))
    found = mean_corruption_errors(long, ["bp_sigmoid", "glr_abs", "glr_sigmoid"], CORRUPTIONS, "bp_sigmoid")
    assert list(found) == ["glr_abs", "glr_sigmoid"]
    for model, own in found.items():
        by_replicate = []
        for replicate in (1, 2, 3):
            errors = {
                one: [sum(1 - accuracy_of(long, one, name, replicate, s) for s in range(1, 6)) for name in CORRUPTIONS]
                for one in (model, "bp_sigmoid")
            }
            by_replicate.append(np.mean(np.divide(errors[model], errors["bp_sigmoid"])))
        assert own.mean == pytest.approx(np.mean(by_replicate))
        low, high = stats.t.interval(0.95, 2, np.mean(by_replicate), stats.sem(by_replicate))
        assert (own.low, own.high) == (pytest.approx(low), pytest.approx(high))


def test_the_mean_corruption_error_is_of_replicates_that_both_have_and_tells_of_a_divergence():
    long = accuracies()
    both = mean_corruption_errors(long, ["glr_abs"], CORRUPTIONS, "bp_sigmoid")["glr_abs"]
    more = pd.concat([long, accuracies(models=["glr_abs"], replicates=[4])])
    assert mean_corruption_errors(more, ["glr_abs"], CORRUPTIONS, "bp_sigmoid")["glr_abs"] == both
    long.loc[(long["model"] == "glr_abs") & (long["replicate"] == 2), "accuracy"] = np.nan
    lost = mean_corruption_errors(long, ["glr_abs"], CORRUPTIONS, "bp_sigmoid")
    assert layout_errors(lost, "bp_sigmoid") == [
        [["", "mCE relative to BP sigmoid"], ["GLR |x|", "diverged in 1 of 3 replicates"]]
    ]
    assert layout_errors({}, "bp_sigmoid") == []
