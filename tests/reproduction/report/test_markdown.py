"""Generated parts of documents, and that those in the repository are in step with the reference."""

import subprocess
import sys
from pathlib import Path

import pytest

from experiment import arguments
from glr.errors import InputError
from reproduction.__main__ import main
from reproduction.report.markdown import replace_part, table
from reproduction.steps.write_rule_graph import diagram, shortest

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "results/reference/default"
STEPS = ("data", "models", "attacks", "evaluation", "tables", "figures")
DRAWN = {
    "docs/readme-neuron.svg": {"figure": "figure1"},
    "docs/readme-comparison.svg": {
        "figure": "comparison",
        "baseline": "bp_sigmoid",
        "tables": [REFERENCE / "tables/table1.csv", REFERENCE / "tables/table2.csv"],
    },
    "docs/findings-attacks.svg": {"figure": "robustness", "accuracies": REFERENCE / "evaluation/attacks.csv"},
    "docs/findings-certificates.svg": {
        "figure": "certificates",
        "accuracies": REFERENCE / "evaluation/certificates.csv",
    },
    "docs/findings-strengths.svg": {
        "figure": "epsilon",
        "accuracies": REFERENCE / "evaluation/strengths.csv",
        "sweeps": REFERENCE / "evaluation/sweeps.csv",
    },
}


def test_a_table_has_its_bars_escaped_and_its_columns_aligned():
    assert table(["", "|x|", "b"], [["one", "1", "2"]]) == (
        "|  | \\|x\\| | b |\n| --- | ---: | ---: |\n| one | 1 | 2 |\n"
    )
    assert table(["a", "b", "c", "d"], [], "llr").splitlines()[1] == "| --- | --- | ---: | ---: |"


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


@pytest.mark.parametrize("shown", DRAWN)
def test_the_figures_that_documents_show_are_of_the_reference(tmp_path, shown):
    """As `make readme` draws them."""
    document = ROOT / ("README.md" if "readme" in shown else "docs/findings.md")
    link = (ROOT / shown).relative_to(document.parent).as_posix()
    assert f"]({link})" in document.read_text(encoding="utf-8")
    main(arguments("draw-figure", **DRAWN[shown], output=tmp_path / "drawn.svg"))
    assert (tmp_path / "drawn.svg").read_bytes() == (ROOT / shown).read_bytes()


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_workflow_page_shows_the_rules_as_snakemake_joins_them(tmp_path, monkeypatch, hash_seed):
    """As `make readme` puts them there, in whatever order Snakemake prints them."""
    monkeypatch.setenv("PYTHONHASHSEED", hash_seed)
    document, graph = tmp_path / "workflow.md", tmp_path / "graph"
    document.write_bytes((ROOT / "docs/workflow.md").read_bytes())
    words = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        ROOT / "Snakefile",
        "--directory",
        tmp_path,
        "--rulegraph",
        "mermaid-js",
    ]
    graph.write_bytes(subprocess.run(words, capture_output=True, check=True).stdout)
    rules = [ROOT / f"workflow/rules/{step}.smk" for step in STEPS]
    main(arguments("write-rule-graph", graph=graph, rules=rules, document=document))
    assert document.read_text(encoding="utf-8") == (ROOT / "docs/workflow.md").read_text(encoding="utf-8")


def test_a_diagram_has_a_box_a_step_and_leaves_out_what_a_longer_way_says():
    edges = {("a", "b"), ("b", "c"), ("a", "c"), ("x", "c"), ("c", "all")}
    assert shortest(edges) == edges - {("a", "c")}
    assert diagram({"one": ["a", "b"], "two": ["x", "c"]}, edges).splitlines() == [
        "```mermaid", "flowchart TB",
        "  subgraph one", "    a", "    b", "  end",
        "  subgraph two", "    x", "    c", "  end",
        "  a --> b", "  b & x --> c",
        "```",
    ]  # fmt: skip


@pytest.mark.parametrize("printed", ["", "digraph snakemake_dag {\n}\n"])
def test_what_is_no_rule_graph_is_refused(tmp_path, printed):
    (tmp_path / "graph").write_text(printed)
    with pytest.raises(SystemExit, match="graph: found no rules, but snakemake --rulegraph mermaid-js prints some"):
        main(arguments("write-rule-graph", graph=tmp_path / "graph", rules=ROOT / "Snakefile", document="absent.md"))


def test_what_docs_fidelity_compares_is_the_reference(tmp_path):
    """As `make readme` puts it there."""
    document = tmp_path / "fidelity.md"
    document.write_bytes((ROOT / "docs/fidelity.md").read_bytes())
    main(arguments("write-claims", reference=REFERENCE.parent, document=document))
    assert document.read_text(encoding="utf-8") == (ROOT / "docs/fidelity.md").read_text(encoding="utf-8")


def test_what_docs_findings_tells_is_the_reference(tmp_path):
    """As `make readme` puts it there."""
    document, figure = tmp_path / "findings.md", tmp_path / "sensitivity.svg"
    document.write_bytes((ROOT / "docs/findings.md").read_bytes())
    main(arguments("write-findings", reference=REFERENCE.parent, document=document, output=figure))
    assert document.read_text(encoding="utf-8") == (ROOT / "docs/findings.md").read_text(encoding="utf-8")
    assert figure.read_bytes() == (ROOT / "docs/findings-sensitivity.svg").read_bytes()
