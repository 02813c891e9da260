"""A run that is killed goes on to the same bytes."""

import os
import signal
import subprocess
import time

import numpy as np


def steps_done(checkpoint):
    return int(np.load(checkpoint)["step"]) if checkpoint.exists() else 0


def test_killed_run_goes_on_to_the_same_bytes(finished, fresh, environment):
    checkpoint = fresh.folder / "out" / "checkpoints" / "glr_threshold_01-1.npz"
    deadline = time.monotonic() + 120
    with subprocess.Popen(
        fresh.command("figure5", "--cores", "2"),
        cwd=fresh.folder,
        env=environment,
        process_group=0,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        while steps_done(checkpoint) < 40:
            assert running.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert not (fresh.folder / "out" / "models" / "glr_threshold_01-1" / "weights.npz").exists()

    assert "--unlock" in fresh.run("figure5", "--cores", "2", fails=True)
    fresh.run("--unlock")
    fresh.run("figure5", "--cores", "2")
    log = fresh.folder / "out" / "logs" / "train_glr" / "glr_threshold_01-1.log"
    assert "going on after step" in log.read_text()
    made, undisturbed = fresh.digests(), finished.digests()
    assert {"out/models/glr_threshold_01-1/weights.npz", "out/figures/figure5.svg"} <= made.keys()
    assert made == {path: undisturbed[path] for path in made if path in undisturbed}
