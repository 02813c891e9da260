"""A run that is struck goes on to the same bytes."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from random import Random

import numpy as np
import psutil
import pytest

from reliability.kills import FAULTS, Fault, go_on, jobs, start, strike

CHECKPOINT = "out/checkpoints/glr_threshold_01-1.npz"


def steps_done(checkpoint):
    return int(np.load(checkpoint)["step"]) if checkpoint.exists() else 0


@contextlib.contextmanager
def amid_training(command, workflow, environment):
    """Start Snakemake, and yield it once a training has reached step 40."""
    deadline = time.monotonic() + 120
    running = start(command, workflow.folder, environment)
    try:
        while steps_done(workflow.folder / CHECKPOINT) < 40:
            assert running.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)


def assert_same_as_undisturbed(made, finished):
    undisturbed = finished.digests()
    assert {"out/models/glr_threshold_01-1/weights.npz", "out/figures/figure5.svg"} <= made.keys()
    assert made == {path: undisturbed[path] for path in made if path in undisturbed}


def test_killed_run_goes_on_to_the_same_bytes(finished, fresh, environment):
    with amid_training(fresh.command("figure5", "--cores", "2"), fresh, environment) as running:
        strike(running, Fault(signal.SIGKILL, "group"), Random(1))
    assert running.returncode == -signal.SIGKILL
    assert not (fresh.folder / "out" / "models" / "glr_threshold_01-1" / "weights.npz").exists()

    assert "--unlock" in fresh.run("figure5", "--cores", "2", fails=True)
    fresh.run("--unlock")
    fresh.run("figure5", "--cores", "2")
    log = fresh.folder / "out" / "logs" / "train_glr" / "glr_threshold_01-1.log"
    assert "continues after step" in log.read_text()
    assert_same_as_undisturbed(fresh.digests(), finished)


def test_job_that_outlives_snakemake_does_not_spoil_the_next_run(finished, fresh, environment):
    """Nor by other settings: it ends once the next run's job has begun."""
    longer = fresh.command("figure5", "--cores", "2", overlay={"models": {"glr_threshold_01": {"epochs": 100_000}}})
    with amid_training(longer, fresh, environment) as running:
        (left,) = [job for job in jobs(running) if "train-glr" in job.cmdline()]
        strike(running, Fault(signal.SIGKILL, "Snakemake"), Random(1))
        assert left.is_running()
        fresh.run("--unlock")
        fresh.run("figure5", "--cores", "2")
        assert psutil.wait_procs([left], timeout=60)[1] == []
    assert_same_as_undisturbed(fresh.digests(), finished)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_run_that_is_asked_to_end_does_so_in_seconds_and_keeps_its_checkpoint(fresh, environment, number):
    with amid_training(fresh.command("figure5", "--cores", "2"), fresh, environment) as running:
        found = jobs(running)
        assert strike(running, Fault(number, "group"), Random(1)) < 20
        assert psutil.wait_procs(found, timeout=20)[1] == []
    assert running.returncode > 0
    assert steps_done(fresh.folder / CHECKPOINT) >= 40
    assert not list((fresh.folder / "out").rglob(".*"))


def test_run_that_is_asked_to_end_while_it_selects_jobs_does_so(fresh, environment):
    """Snakemake's own handler of SIGTERM then waits for a lock that is held by the code which it interrupts."""
    running = start(fresh.command("figure5", "--cores", "2"), fresh.folder, environment)
    try:
        while True:
            if running.poll() is not None:
                pytest.skip("Snakemake was not seen to start a solver")
            with contextlib.suppress(psutil.NoSuchProcess, StopIteration):
                children = psutil.Process(running.pid).children()
                next(child for child in children if child.name() == "cbc").suspend()
                break
        os.killpg(running.pid, signal.SIGTERM)
        assert running.wait(20) > 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("seed", range(5))
def test_struck_run_goes_on_to_the_same_bytes(finished, fresh, environment, name, seed):
    def command(folder):
        return replace(fresh, folder=folder).command("figure5", "--cores", "2")

    rng = Random(seed)
    running = start(command(fresh.folder), fresh.folder, environment)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(rng.uniform(0.0, 8.0))
    strike(running, FAULTS[name], rng)
    running, folder = go_on(command, fresh.folder, FAULTS[name], environment)
    assert running.wait(120) == 0, fresh.folder.with_name("said").read_text()
    assert_same_as_undisturbed(replace(fresh, folder=folder).digests(), finished)
    shutil.rmtree(folder)
