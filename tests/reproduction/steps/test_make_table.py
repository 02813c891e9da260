"""The verb make-table: the three files of a table."""

import pandas as pd
import pytest

from experiment import arguments
from reproduction.__main__ import main
from reproduction.report.columns import COLUMNS as ACCURACIES
from reproduction.report.columns import RECALL_COLUMNS
from reproduction.report.tables import COLUMNS, GAIN_COLUMNS

MODELS = {"bp_sigmoid": "cross_entropy", "glr_threshold_01": "zero_one"}


@pytest.fixture
def make(tmp_path):
    """Return a function that makes a table of accuracies in two files, and the paths of the table."""
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    recall = [tmp_path / "recall_one.csv", tmp_path / "recall_other.csv"]
    table = [tmp_path / name for name in ("table.csv", "table.md", "table.tex", "table_gains.csv", "table.html")]
    for path, model, orig in ((one, "bp_sigmoid", 0.95), (other, "glr_threshold_01", 0.75)):
        rows = [(model, 1, "orig", 0, orig, 60), (model, 1, "orig_attacked", 0, orig + 0.01, 50)]
        rows += [(model, 1, "fgsm", 0, orig - 0.25, 50)]
        rows += [(model, 1, "contrast", severity, orig - severity / 10, 60) for severity in range(1, 6)]
        pd.DataFrame(rows, columns=ACCURACIES).to_csv(path, index=False)
    for path, model, counts in zip(recall, MODELS, ((30, 20), (50, 0)), strict=True):
        rows = [(model, 1, "orig", label, 0.9 * (count > 0), count) for label, count in enumerate(counts)]
        pd.DataFrame(rows, columns=RECALL_COLUMNS).to_csv(path, index=False)

    def run(**settings):
        defaults = {"accuracies": [one, other], "table": "table1", "kind": "attacks", "models": list(MODELS)}
        defaults |= {"recall": recall, "baseline": "bp_sigmoid"}
        defaults |= {"losses": list(MODELS.values()), "samples": "fgsm", "output": table}
        main(arguments("make-table", **(defaults | settings)))
        return table

    return run


def test_table_one(make):
    csv, md, tex, _, _ = make()
    cells = pd.read_csv(csv)
    assert list(cells.columns) == COLUMNS
    assert cells["mean"].tolist() == pytest.approx([0.96, 0.70, 0.76, 0.50])
    assert cells["paper"].tolist() == [0.96, 0.28, 0.83, 0.57]
    assert cells["delta"].tolist() == pytest.approx([0.0, 0.42, -0.07, -0.07])
    assert cells["n"].tolist() == [50] * 4
    assert md.read_text().split("\n\n") == [
        "| Activations + cross-entropy | Orig | FGSM |\n| --- | ---: | ---: |\n"
        "| BP sigmoid | 0.960 [0.96] | 0.700 [0.28] |",
        "| Activations + 0-1 loss | Orig | FGSM |\n| --- | ---: | ---: |\n"
        "| GLR threshold (0-1 loss) | 0.760 [0.83] | 0.500 [0.57] |",
        "GLR threshold (0-1 loss): in each replicate, 1 of the 2 classes are never predicted; "
        "the mean recall of the others is 0.900.\n",
    ]
    assert tex.read_text().startswith("\\begin{tabular}{lcc}\n")


def test_table_two(make):
    csv, md, tex, _, html = make(table="table2", kind="corruptions", samples="contrast")
    cells = pd.read_csv(csv)
    assert cells["samples"].tolist() == ["orig", "contrast", "average"] * 2
    assert cells["mean"].tolist() == pytest.approx([0.95, 0.65, 0.65, 0.75, 0.45, 0.45])
    assert cells["n"].tolist() == [60] * 6
    assert md.read_text().startswith(
        "|  | BP sigmoid | GLR threshold (0-1 loss) |\n| --- | ---: | ---: |\n"
        "| Orig | 0.950 [0.96] | 0.750 [0.83] |\n"
        "| Contrast | 0.650 [0.25] | 0.450 [0.41] |\n"
        "| Average | 0.650 | 0.450 |\n\n"
        "|  | mCE relative to BP sigmoid |\n| --- | ---: |\n"
        "| GLR threshold (0-1 loss) | 157.1% (one replicate) |\n"
    )
    assert "<tr><td>GLR threshold (0-1 loss)</td><td>157.1% (one replicate)</td></tr>" in html.read_text()
    assert "Contrast & 0.650 {[0.25]} & 0.450 {[0.41]} \\\\" in tex.read_text()


def test_a_replicate_that_diverged_is_told_below_the_table(make, tmp_path):
    path = tmp_path / "other.csv"
    lost = pd.read_csv(path).assign(accuracy=None)
    pd.concat([pd.read_csv(path), lost.assign(replicate=2)]).to_csv(path, index=False)
    _, md, _, _, html = make()
    assert "| GLR threshold (0-1 loss) | diverged [0.83] | diverged [0.57] |\n\n" in md.read_text()
    told = "GLR threshold (0-1 loss): diverged in 1 of 2 replicates (number 2)."
    assert f"\n{told}\n\nGLR threshold (0-1 loss): in each replicate, 1 of the 2 classes" in md.read_text()
    assert f"<p>{told}</p>" in html.read_text()


def test_gains_are_those_over_the_baseline(make):
    gains = pd.read_csv(make()[3])
    assert list(gains.columns) == GAIN_COLUMNS
    assert gains["model"].tolist() == ["glr_threshold_01"] * 2
    assert gains["mean"].tolist() == pytest.approx([-0.20, -0.20])
    assert gains["paper"].tolist() == pytest.approx([0.83 - 0.96, 0.57 - 0.28])


def test_page_shows_cells_gains_and_note(make):
    page = make()[4].read_text()
    assert "<tr><td>GLR threshold (0-1 loss)</td><td>0.760 [0.83]</td><td>0.500 [0.57]</td></tr>" in page
    assert "<tr><td>GLR threshold (0-1 loss)</td><td>-0.200 [-0.13]</td><td>-0.200 [+0.29]</td></tr>" in page
    assert "1 of the 2 classes are never predicted" in page


def test_a_missing_cell_ends_with_one_sentence_and_no_file(make, tmp_path):
    with pytest.raises(SystemExit, match="make-table: accuracies: found none of model bp_sigmoid on samples lbfgs"):
        make(samples="lbfgs")
    assert not list(tmp_path.glob("table.*"))


def test_a_table_of_other_columns_is_refused(make, tmp_path):
    (tmp_path / "other.csv").write_text("model,accuracy\na,1\n")
    with pytest.raises(SystemExit, match=r"other\.csv: found the columns model, accuracy, but needs model, replicate"):
        make()


@pytest.mark.parametrize("mistake", ["too few losses", "words"])
def test_mistakes_end_with_one_sentence(make, tmp_path, mistake):
    settings = {}
    if mistake == "too few losses":
        settings["losses"] = "zero_one"
    else:
        path = tmp_path / "other.csv"
        path.write_text(path.read_text().replace("0.5,50", "half,50"))
    with pytest.raises(SystemExit):
        make(**settings)
