"""The real Snakemake, run on a copy of the workflow and on generated images."""

import contextlib
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SOURCE = {"epochs": 2, "mini_batch": 25, "step_size": 0.1}
"""A source network that learns enough from few images to be right on some, which then count."""
SOURCES = ("Snakefile", "config", "envs", "profiles", "src", "workflow")


@dataclass(frozen=True)
class Workflow:
    """A copy of the workflow, an overlay, and the folder that it is run in."""

    source: Path
    overlay: Path
    folder: Path

    def command(self, *words: str, overlay: dict | None = None) -> list[str]:
        """Return the command that runs Snakemake with words (targets first) and, behind ours, a further overlay."""
        overlays = [self.overlay]
        if overlay is not None:
            overlays.append(self.folder.with_name("overlay.yaml"))
            overlays[-1].write_text(yaml.safe_dump(overlay))
        elsewhere = ["--snakefile", self.source / "Snakefile", "--directory", self.folder]
        place = elsewhere if self.folder != self.source else []
        # Tests read what the default profile leaves out.
        said = ["--quiet", "host", "--printshellcmds"]
        return ["snakemake", *words, *said, *map(str, [*place, "--configfile", *overlays])]

    def run(self, *words: str, overlay: dict | None = None, fails: bool = False, **environment: str) -> str:
        """Run Snakemake to its end, and return all that it says."""
        done = subprocess.run(
            self.command(*words, overlay=overlay),
            cwd=self.folder,
            env=clean_environment() | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    def planned(self, *targets: str, overlay: dict | None = None) -> set[str]:
        """Return the jobs that Snakemake would run, each as its rule and wildcards: ``train_glr glr_abs 1``."""
        said = self.run(*targets, "--dry-run", overlay=overlay)
        jobs = {
            " ".join([rule, *re.findall(r"\w+=(\w+)", "".join(re.findall(r"^    wildcards: (.*)", block, re.M)))])
            for rule, block in re.findall(r"^rule (\w+):\n((?:    .*\n)+)", said, re.M)
            if "    output: " in block
        }
        assert jobs or "Nothing to be done" in said, said
        return jobs

    @contextlib.contextmanager
    def edited(self, name: str, line: str = "EDITED = True") -> Iterator[None]:
        """Append a line to a file of the copy for the time of a block."""
        path = self.source / name
        text = path.read_text()
        path.write_text(f"{text}{line}\n")
        try:
            yield
        finally:
            path.write_text(text)

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of every file that was made, but of logs, benchmarks and what a killed job left behind."""
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for made in ("out", "resources")
            for path in sorted((self.folder / made).rglob("*"))
            if path.is_file() and path.name[0] != "." and not {"logs", "benchmarks"} & set(path.parts)
        }


def clean_environment() -> dict[str, str]:
    """Return this process's environment without what would change Snakemake's settings or where it finds modules."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SNAKEMAKE_")}
    environment.pop("PYTHONPATH", None)
    return environment | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def write_idx(path: Path, array: np.ndarray) -> None:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


@pytest.fixture(scope="session")
def raw_dir(tmp_path_factory) -> Path:
    """Return a folder, hard to quote, with the raw files of 300 small images: noise over a pattern for each label."""
    folder = tmp_path_factory.mktemp("raw") / "it's {raw} $(touch hacked)"
    folder.mkdir()
    rng = np.random.default_rng(1)
    patterns = np.kron(rng.integers(0, 2, (10, 7, 7)) * 200, np.ones((4, 4), int))
    for part, count in (("train", 240), ("t10k", 60)):
        labels = np.arange(count) % 10
        write_idx(folder / f"{part}-images-idx3-ubyte", patterns[labels] + rng.integers(0, 56, (count, 28, 28)))
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels)
    return folder


@pytest.fixture(scope="session")
def small(raw_dir) -> dict:
    """Return the overlay of an experiment that takes seconds; one attack has a given strength, one is calibrated."""
    models = ["bp_sigmoid", "glr_threshold_01"]
    experiments = yaml.safe_load((ROOT / "config" / "experiments.yaml").read_text())["experiments"]
    return {
        "results": "out",
        "replicates": 1,
        "dataset": {
            "name": "generated",
            "raw_dir": str(raw_dir),
            "checksums": None,
            "images": 200,
        },
        # Larger initial weights, with which few steps are enough to learn something.
        "methods": {"bp": {"epochs": 2, "initial_weights": "fan_in"}, "glr": {"replications": 24}},
        # Enough epochs of the one, each with its checkpoint, to be killed amid them.
        "models": {"glr_threshold_01": {"epochs": 100}, "source": SOURCE},
        "attacks": {"images": 20, "sets": {"lbfgs": {"c": 8.0}, "fgsm": {"epsilon": "calibrated", "counted": "all"}}},
        "calibration": {"replicates": 1, "images": 20, "accuracy": {"fgsm": 0.5}},
        "corruptions": {"images": 20, "sets": ["gaussian_noise", "contrast"]},
        "tables": {
            "table1": {"models": models},
            "table2": {"models": models, "samples": ["gaussian_noise", "contrast"]},
        },
        # Theirs are sets that are left out here.
        "experiments": {name: {"corruptions": ["contrast"]} for name in experiments},
        "figures": {"loss_models": ["glr_threshold_01"]},
        "adaptive": {"images": 20},
    }


@pytest.fixture(scope="session")
def finished(tmp_path_factory, small) -> Workflow:
    """Return a copy of the workflow that has been run to its end; dry runs leave it as it is."""
    folder = tmp_path_factory.mktemp("workflow")
    source = folder / "a clone"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, source)
    (folder / "generated.yaml").write_text(yaml.safe_dump(small))
    workflow = Workflow(source, folder / "generated.yaml", source)
    workflow.run("--cores", "2")
    return workflow


@pytest.fixture
def fresh(finished, tmp_path) -> Workflow:
    """Return the same copy, to be run in a folder of the test's own."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    return replace(finished, folder=folder)


@pytest.fixture
def environment() -> dict[str, str]:
    """Return the environment that Snakemake is run in."""
    return clean_environment()
