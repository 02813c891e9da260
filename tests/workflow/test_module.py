"""The workflow as a module of another one, whose Snakefile stands in docs/reuse.md."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from conftest import ROOT, clean_environment

DOCUMENT = (ROOT / "docs" / "reuse.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """Return the document's first block of code in a language."""
    return re.search(rf"^```{language}\n(.*?)^```", DOCUMENT, re.M | re.S)[1]


@pytest.fixture
def study(finished, tmp_path) -> Path:
    """Return the folder of the other workflow, which holds a clone of ours."""
    folder = tmp_path / "a study"
    folder.mkdir()
    (folder / "glr").symlink_to(finished.source)
    (folder / "Snakefile").write_text(block("snakemake"))
    (folder / "config.yaml").write_text(block("yaml"))
    (tmp_path / "run").mkdir()
    return folder


def run(study: Path, *words: str, fails: bool = False, **environment: str) -> str:
    """Run the other workflow in the folder beside it, and return all that it says."""
    command = ["snakemake", *words, "--snakefile", study / "Snakefile", "--directory", study.with_name("run")]
    done = subprocess.run(
        command,
        cwd=study.parent,
        env=clean_environment() | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout


def test_the_documents_ranking_is_of_the_models_that_its_config_names():
    ranking = [line.split(",") for line in block("csv").splitlines()]
    models = yaml.safe_load(block("yaml"))["glr"]["tables"]["table1"]["models"]
    assert sorted(model for model, _ in ranking) == sorted(models)
    assert ranking == sorted(ranking, key=lambda row: -float(row[1]))


def test_module_makes_the_same_bytes_under_its_prefix(finished, study, small):
    (study / "config.yaml").write_text(yaml.safe_dump({"glr": small | {"results": "results"}}))
    run(study, "rank_models", "glr_all", "glr_dataset", "--cores", "2")
    folder = study.with_name("run")
    assert {path.name for path in folder.iterdir()} == {".snakemake", "networks", "ranking.csv"}
    ranking = [line.split(",") for line in (folder / "ranking.csv").read_text().splitlines()]
    assert {model for model, _ in ranking} == {"bp_sigmoid", "glr_threshold_01"}
    assert ranking == sorted(ranking, key=lambda row: -float(row[1]))
    for path in finished.digests():
        if path != "out/manifest.json":
            made = folder / "networks" / re.sub("^out/", "results/", path)
            assert made.read_bytes() == (finished.folder / path).read_bytes(), path
    exported = {path.name for path in (folder / "networks" / "results" / "dataset" / "replicate-1").iterdir()}
    assert {"manifest.json", "lbfgs-images.idx", "contrast-5-images.idx", "train-labels.idx"} <= exported
    assert "Nothing to be done" in run(study, "rank_models", "glr_all", "glr_dataset", "--dry-run")


def test_module_takes_its_config_as_an_overlay_and_leaves_the_others_alone(study):
    (study / "Snakefile").write_text(f"{block('snakemake')}\n\nassert 'models' not in config['glr'], config\n")
    # Twice the same key would be refused in a config of ours.
    (study.parent / "own.yaml").write_text("mine: 1\nmine: 2\n")
    said = run(study, "--dry-run", "--configfile", str(study.parent / "own.yaml"))
    assert set(re.findall(r"^glr_evaluate_model +(\d+)", said, re.M)) == {"3"}


def test_mistake_in_the_modules_config_is_told_in_one_sentence(study):
    (study / "config.yaml").write_text("glr: {replicats: 1}")
    said = run(study, "--dry-run", fails=True)
    assert "config: replicats: found the unknown key 'replicats'" in said and "Traceback" not in said


def test_module_leaves_the_other_workflows_python_path(study):
    rule = '\n\nrule path:\n    output: "path.txt"\n    shell: "printenv PYTHONPATH > {output:q}"\n'
    (study / "Snakefile").write_text(block("snakemake") + rule)
    run(study, "path", "--cores", "1", PYTHONPATH="/elsewhere")
    source, *others = (study.with_name("run") / "path.txt").read_text().strip().split(":")
    assert Path(source) == (study / "glr" / "src") and set(others) >= {"/elsewhere"}
