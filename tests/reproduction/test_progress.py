"""What long steps say while they run: a bar on a terminal, plain lines in a log."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pandas as pd
import pytest

import reproduction.store.files
from experiment import arguments, python, training, write_data
from glr.network import Network
from glr.streams import stream
from reproduction import progress
from reproduction.__main__ import main
from reproduction.store.files import write_arrays
from reproduction.store.networks import save_network

COLUMNS = 80


def on_a_terminal(*words):
    """Return what the interpreter writes to a terminal of 80 columns: frames of a bar and lines, in their order."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    source = str(Path(reproduction.store.files.__file__).parents[2])
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, *map(str, words)], env=environment | {"PYTHONPATH": source}, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 4096):
            said += part
    except OSError:  # Linux's word for a terminal that nobody writes to any more
        pass
    finally:
        os.close(ours)
        process.kill()
    frames = [frame.strip() for frame in re.split(r"[\r\n]|\x1b\[A", said.decode()) if frame.strip()]
    assert process.wait() == 0, said.decode()
    return frames


@pytest.mark.parametrize("verb", ["train-bp", "train-glr"])
def test_a_training_on_a_terminal_shows_time_left_loss_and_accuracy_in_one_line(tmp_path, verb):
    write_data(tmp_path)
    frames = on_a_terminal("-m", "reproduction", *training(tmp_path, tmp_path, verb, model="glr_threshold_01"))
    row = pd.read_csv(tmp_path / "history.csv").iloc[-1]
    shown = f"left, epoch 3/3, loss {row.loss_test:.3f}, accuracy {row.accuracy_test:.3f}"
    assert re.fullmatch(rf"glr_threshold_01 100% \|█+\| \d\d:\d\d {shown}", frames[-1])
    for frame in frames:
        assert re.match(r"glr_threshold_01 +\d+% \|.*\| (\d\d:\d\d|\?) left", frame), frame
        assert len(frame) <= COLUMNS


def test_a_training_in_a_pipe_says_plain_lines(tmp_path):
    write_data(tmp_path)
    with python("-m", "reproduction", *training(tmp_path, tmp_path, "train-glr")) as process:
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (0, "")
    line = r"epoch %d/3: training loss \d\.\d{4}, accuracy \d\.\d{4}; test loss \d\.\d{4}, accuracy \d\.\d{4}\n"
    assert re.fullmatch("".join(line % epoch for epoch in (1, 2, 3)), errors)


@pytest.fixture
def calibration(tmp_path):
    """Return the words of a calibration on a network that nobody has trained."""
    write_data(tmp_path)
    network = Network.initialise((16, 5, 10), ("sigmoid", "identity"), stream(1, "weights"))
    save_network(tmp_path / "weights.npz", network)
    write_arrays(tmp_path / "sample.npz", attacks=range(20), corruptions=range(20))
    files = {name: tmp_path / f"{name}.npz" for name in ("images", "weights")}
    return arguments(
        "calibrate-attack", **files, sources=files["weights"], splits=tmp_path / "split.npz",
        samples=tmp_path / "sample.npz", method="lbfgs", target="random", counted="all",
        replicates="calibration1", count=20, accuracy=0.12, seed=1, search=tmp_path / "search.csv",
        output=tmp_path / "strength.json",
    )  # fmt: skip


def test_a_calibration_says_each_strength_and_shows_its_samples_on_a_terminal(calibration, capsys, tmp_path):
    main(calibration)
    trials = [
        f"c {row.c:.4g}: accuracies {row.accuracy:.3f}" for row in pd.read_csv(tmp_path / "search.csv").itertuples()
    ]
    assert capsys.readouterr().err.splitlines() == trials
    frames = on_a_terminal("-m", "reproduction", *calibration)
    assert [frame for frame in frames if not frame.startswith("L-BFGS ")] == trials
    assert [frame for frame in frames if re.match(r"L-BFGS +\d+% \|", frame)]


def test_without_a_terminal_a_line_now_and_then_says_how_many_are_done(capsys, monkeypatch):
    assert list(progress.followed("abc", "letters")) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress, "LINE_SECONDS", -1.0)
    assert list(progress.followed("abc", "letters")) == ["a", "b", "c"]
    assert capsys.readouterr().err.splitlines() == [f"letters: {done} of 3 done" for done in (0, 1, 2)]
