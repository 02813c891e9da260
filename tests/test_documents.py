"""Generated parts of documents, and that those in the repository are in step with the reference."""

from pathlib import Path

import pytest

from glr.documents import replace_part
from glr.errors import InputError

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "results/reference/default"


def test_only_what_is_between_the_marks_changes():
    document = "a\n<!-- x -->\nold\n<!-- end x -->\nb\n"
    assert replace_part(document, "x", "new\nlines\n\n") == "a\n<!-- x -->\nnew\nlines\n<!-- end x -->\nb\n"
    assert replace_part(replace_part(document, "x", "new"), "x", "old") == document


@pytest.mark.parametrize(
    "document", ["", "<!-- x -->", "<!-- end x --> <!-- x -->", "<!-- x --><!-- x --><!-- end x -->"]
)
def test_missing_marks_are_refused(document):
    with pytest.raises(InputError, match="<!-- x --> and <!-- end x --> once each"):
        replace_part(document, "x", "new")


@pytest.mark.parametrize("table", ["table1", "table2"])
def test_the_readme_shows_the_tables_of_the_reference(table):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert replace_part(readme, table, (REFERENCE / f"tables/{table}.md").read_text(encoding="utf-8")) == readme


def test_the_verdicts_are_those_of_the_reference():
    from glr.claims import Measured, judge
    from glr.evaluation import COLUMNS
    from glr.files import read_table
    from glr.training import Epoch

    measured = Measured(
        read_table(REFERENCE / "evaluation/accuracies.csv", COLUMNS),
        read_table(REFERENCE / "evaluation/histories.csv", ["model", "replicate", *Epoch._fields]),
        read_table(REFERENCE / "timings.csv", ["model", "replicate", "cpu_seconds"]),
    )
    fidelity = (ROOT / "docs/fidelity.md").read_text(encoding="utf-8")
    assert replace_part(fidelity, "claims", judge(measured)) == fidelity
