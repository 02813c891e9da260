"""The smoke experiment on a real Slurm: jobs run there, to the bytes of a local run, and a cancelled one is retried."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from cluster import cluster, obstacle, scheduler

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("Snakefile", "config", "envs", "profiles", "src", "workflow")
SLURM = ("--workflow-profile", "profiles/slurm", "--jobs", "4", "--slurm-init-seconds-before-status-checks", "2")
WHY_NOT = obstacle()
pytestmark = [pytest.mark.slurm, pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))]


@dataclass(frozen=True)
class Clone:
    """A copy of the repository in which the smoke experiment is run."""

    folder: Path

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start Snakemake on two cores."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SNAKEMAKE_")}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        return subprocess.Popen(
            ["snakemake", *words, "--cores", "2", "--configfile", "config/smoke.yaml"],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of every result, but of logs, benchmarks and reports."""
        results = self.folder / "results" / "smoke"
        return {
            str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(results.rglob("*"))
            if path.is_file() and path.suffix != ".html" and not {"logs", "benchmarks"} & set(path.parts)
        }


def clone(folder: Path, resources: Path) -> Clone:
    """Return a copy of the repository in a new folder, with what has been fetched."""
    folder.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    if resources.is_dir():
        shutil.copytree(resources, folder / "resources")
    return Clone(folder)


def end(running: subprocess.Popen[str]) -> str:
    """Wait for Snakemake, and return all that it says."""
    said, _ = running.communicate(timeout=1800)
    assert running.returncode == 0, said
    return said


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> Clone:
    """Return a copy with the experiment run without Slurm."""
    made = clone(tmp_path_factory.mktemp("local") / "clone", ROOT / "resources")
    end(made.start())
    return made


@pytest.fixture
def fresh(local, tmp_path) -> Clone:
    """Return a copy in which nothing has been run, with the raw data."""
    return clone(tmp_path / "clone", local.folder / "resources")


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Start the cluster; return a function that tells the state of each job that has ended there, by its number."""
    with cluster(tmp_path_factory.mktemp("cluster")) as record:
        yield lambda: dict(re.findall(r"^JobId=(\d+) .* JobState=(\w+) ", record.read_text(), re.M))


def submitted(said: str) -> list[str]:
    """Return the numbers that Slurm gave to the jobs, from the plugin's words."""
    return re.findall(r"SLURM jobid (\d+)", said)


def show(said: str) -> None:
    """Print what the plugin and the scheduler say of the jobs."""
    print(*re.findall(r"^.*(?:SLURM run ID|SLURM jobid|SLURM-job|CANCELLED|restart).*$", said, re.M), sep="\n")
    print(scheduler("squeue", "--states=all", "--Format=JobID:6,Comment:70,State:12,NumCPUs:5,MinMemory:9,TimeUsed"))


def test_jobs_run_on_slurm_to_the_bytes_of_a_local_run(local, fresh, ended):
    before = ended().keys()
    said = end(fresh.start(*SLURM))
    jobs = {job: state for job, state in ended().items() if job not in before}
    show(said)
    assert jobs == dict.fromkeys(submitted(said), "COMPLETED")
    # A group, or eight trainings, are one job.
    assert len(jobs) == 5
    assert fresh.digests() == local.digests()


def test_cancelled_job_is_retried(local, fresh, ended):
    target = "results/smoke/evaluation/histories.csv"
    running = fresh.start(target, *SLURM)
    try:
        deadline = time.monotonic() + 600
        while not list(fresh.folder.glob("results/smoke/logs/train_*/*.log")):
            assert running.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        job, *_ = scheduler("squeue", "--noheader", "--states=RUNNING", "--format=%i").split()
        scheduler("scancel", job)
        said = end(running)
    finally:
        running.kill()
    print(
        *re.findall(r"^.*(?:SLURM jobid|CANCELLED|restart).*$", said, re.M),
        scheduler("squeue", "--states=all"),
        sep="\n",
    )
    states = {number: ended()[number] for number in submitted(said)}
    assert states == dict.fromkeys(submitted(said), "COMPLETED") | {job: "CANCELLED"}
    made = fresh.digests()
    assert "evaluation/histories.csv" in made
    assert made == {path: local.digests()[path] for path in made}
