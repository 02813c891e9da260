"""The smoke experiment on another real data set."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path("/usr/share/datasets/fashion-mnist")


@pytest.mark.slow
@pytest.mark.mnist
@pytest.mark.skipif(not FOLDER.is_dir(), reason="Debian's package dataset-fashion-mnist is not installed")
def test_smoke_runs_on_fashion_mnist(fresh):
    workflow = replace(fresh, overlay=fresh.source / "config" / "smoke.yaml")
    dataset = {"name": "fashion_mnist", "raw_dir": str(FOLDER), "checksums": None}
    workflow.run("--cores", "2", overlay={"dataset": dataset})
    for table in ("table1", "table2"):
        print((workflow.folder / "results" / "smoke" / "tables" / f"{table}.md").read_text())
    accuracies = pd.read_csv(workflow.folder / "results" / "smoke" / "evaluation" / "accuracies.csv")
    clean = accuracies[accuracies["samples"] == "orig"].set_index("model")["accuracy"]
    # A tenth is chance.
    assert clean["bp_sigmoid"] > 0.4 and clean["glr_sigmoid"] > 0.4
