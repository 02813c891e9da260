"""What others' checkers read: the catalog of workflows, CODECHECK, the crate of the reference."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml

import glr
from reproduction.__main__ import main
from reproduction.figures.registry import FIGURES

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "results/reference/default"


def test_the_catalog_finds_what_it_asks_for():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["software-stack-deployment"]["conda"] is True
    assert (ROOT / "workflow/Snakefile").is_file() and (ROOT / "config/README.md").is_file()
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme and "workflow" in readme


def test_codecheck_names_the_tables_and_figures_of_a_run():
    text = (ROOT / "codecheck.yml").read_text()
    assert text.startswith("---\n")
    said = yaml.safe_load(text)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())["references"][0]
    assert said["paper"]["title"] == citation["title"]
    assert said["paper"]["reference"].endswith(citation["doi"])
    assert len(said["paper"]["authors"]) == len(citation["authors"])
    assert all(item["comment"] for item in said["manifest"])
    paths = [Path(item["file"]) for item in said["manifest"]]
    tables = {path.name for path in paths if path.parent == Path("results/tables")}
    figures = {path.stem for path in paths if path.parent == Path("results/figures")}
    assert tables == {"table1.csv", "table2.csv"} and all((REFERENCE / "tables" / name).is_file() for name in tables)
    assert figures == {f"figure{number}" for number in range(1, 8)} <= set(FIGURES)
    assert len(paths) == len(tables) + len(figures)


@pytest.fixture(scope="module")
def crate(tmp_path_factory):
    """Return the folder of the reference's crate and its entities by name."""
    folder = tmp_path_factory.mktemp("crate")
    main(["write-crate", "--reference", str(REFERENCE), "--output", str(folder)])
    graph = json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    assert len(entities) == len(graph)
    return folder, entities


def test_the_crate_holds_the_files_that_it_describes_and_no_other(crate):
    folder, entities = crate
    parts = {part["@id"] for part in entities["./"]["hasPart"]}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == parts | {"ro-crate-metadata.json"}
    for name in parts:
        content = (folder / name).read_bytes()
        assert entities[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert entities[name]["contentSize"] == str(len(content))


def test_whatever_the_crate_refers_to_is_described(crate):
    _, entities = crate

    def referred(value):
        if isinstance(value, dict):
            return (
                [value["@id"]]
                if set(value) == {"@id"}
                else [name for part in value.values() for name in referred(part)]
            )
        return [name for part in value for name in referred(part)] if isinstance(value, list) else []

    names = [name for entity in entities.values() for name in referred(entity)]
    assert {name for name in names if name not in entities and not name.startswith("https://")} == set()
    run = entities["#run"]
    assert {"table1.csv", "table2.csv"} <= {Path(result["@id"]).name for result in run["result"]}
    assert entities[run["instrument"]["@id"]]["@type"][-1] == "ComputationalWorkflow"


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(SystemExit, match=r"found no manifest\.json"):
        main(["write-crate", "--reference", str(tmp_path / "none"), "--output", str(tmp_path / "crate")])
    assert not list(tmp_path.rglob("*.json"))


def test_the_change_log_begins_with_the_version():
    versions = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")]
    assert versions[0].startswith(f"## [{glr.__version__}]")
