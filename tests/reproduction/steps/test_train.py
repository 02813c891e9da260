"""The verbs train-bp and train-glr: what they write, checkpoints, and divergence."""

import re
import signal
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiment import TRAIN, arguments, evaluation, python, training, write_data
from glr import training as training_module
from glr.errors import DivergenceError
from glr.gradients.backprop import backprop_gradient
from glr.network import Network
from glr.streams import stream
from glr.training import Epoch, Part, Progress, loss_and_accuracy
from reproduction.__main__ import main
from reproduction.report.columns import COLUMNS, NORM_COLUMNS
from reproduction.steps import train, train_bp
from reproduction.store.files import read_arrays, read_table, write_arrays
from reproduction.store.images import load_part
from reproduction.store.networks import load_network

STEPS = TRAIN // 6
TRAININGS = {
    "bp": ("train-bp", {}),
    "bp with noise": ("train-bp", {"noise": "gaussian", "variance": 1.0, "replications": 3}),
    "bp by adam": ("train-bp", {"optimizer": "adam", "step_size": 0.01, "weight_decay": 0.001}),
    "adam": ("train-glr", {"optimizer": "adam", "step_size": 0.01}),
    "plain": ("train-glr", {"sampling": "plain"}),
    "leave_one_out": ("train-glr", {"sampling": "leave_one_out"}),
    "antithetic": ("train-glr", {"sampling": "antithetic"}),
    "orthogonal": ("train-glr", {"sampling": "orthogonal"}),
    "laplace": ("train-glr", {"noise": "laplace"}),
    "plain laplace": ("train-glr", {"noise": "laplace", "sampling": "plain"}),
    "zero_one": ("train-glr", {"loss": "zero_one", "activation": "threshold", "batch_reduction": "sum"}),
    "two hidden levels": ("train-glr", {"hidden": [4, 3], "activation": "abs", "step_size": 0.01}),
}
BOTH = pytest.mark.parametrize("verb", ["train-bp", "train-glr"])


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    write_data(folder)
    return folder


def single(network):
    """Return the network in float32, the precision of trainings by back-propagation."""
    return Network(tuple(weights.astype(np.float32) for weights in network.weights), network.activations)


def part_of(data, name, dtype):
    images, labels = load_part(data / "images.npz", data / "split.npz", name)
    return Part(images.astype(dtype), labels)


def written(folder):
    """Return the bytes of what a training wrote, after which nothing else may be left."""
    names = ["history.csv", "norms.csv", "weights.npz"]
    assert sorted(path.name for path in folder.iterdir()) == names
    return [(folder / name).read_bytes() for name in names]


@pytest.fixture
def whole(data, tmp_path_factory):
    """Return a function that gives the bytes of an uninterrupted training."""

    def run(verb, **settings):
        folder = tmp_path_factory.mktemp("whole")
        main(training(data, folder, verb, **settings))
        return written(folder)

    return run


@pytest.fixture
def interrupted(data, tmp_path, monkeypatch):
    """Return a function that trains until so many checkpoints, one after each step, have been written."""

    def run(verb, steps, **settings):
        save, left = train._save, iter(range(steps - 1, -1, -1))

        def save_and_stop(*state):
            save(*state)
            if next(left) == 0:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(train, "CHECKPOINT_SECONDS", -1.0)
            patch.setattr(train, "_save", save_and_stop)
            main(training(data, tmp_path, verb, **settings))
        assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]
        return tmp_path / "checkpoint.npz"

    return run


@pytest.mark.parametrize("name", TRAININGS)
def test_history_and_network_belong_together(data, tmp_path, name):
    verb, settings = TRAININGS[name]
    main(training(data, tmp_path, verb, **settings))
    history = read_table(tmp_path / "history.csv", list(Epoch._fields))
    assert list(history.columns) == ["epoch", "step", "loss_train", "accuracy_train", "loss_test", "accuracy_test"]
    assert history["epoch"].tolist() == [1, 2, 3]
    assert history["step"].tolist() == [STEPS, 2 * STEPS, 3 * STEPS]
    network = load_network(tmp_path / "weights.npz")
    hidden = settings.get("hidden", [5])
    assert network.sizes == (16, *hidden, 10)
    assert network.activations == (*[settings.get("activation", "sigmoid")] * len(hidden), "identity")
    trained, dtype = (single(network), np.float32) if verb == "train-bp" else (network, np.float64)
    values = [
        value
        for part in ("train", "test")
        for value in loss_and_accuracy(trained, part_of(data, part, dtype), settings.get("loss", "cross_entropy"))
    ]
    np.testing.assert_allclose(history.iloc[-1, 2:].to_numpy(float), values, rtol=1e-12)
    norms = read_table(tmp_path / "norms.csv", NORM_COLUMNS).pivot_table(index="epoch", columns="level", values="norm")
    assert norms.index.tolist() == [0, 1, 2, 3]
    assert norms.loc[3].tolist() == pytest.approx([np.sqrt((weights**2).sum()) for weights in network.weights])


def test_norms_begin_with_those_of_the_initial_weights(data, tmp_path):
    main(training(data, tmp_path, initial_weights="fan_in_zero_output", epochs=1))
    first, second = read_table(tmp_path / "norms.csv", NORM_COLUMNS)["norm"][:2]
    # 85 weights of N(0, 4 / 17).
    assert first == pytest.approx(np.sqrt(85 * 4 / 17), rel=0.3)
    assert second == 0


@BOTH
def test_training_learns_and_says_so(data, tmp_path, capsys, verb):
    main(training(data, tmp_path, verb, epochs=60))
    history = pd.read_csv(tmp_path / "history.csv")
    assert history["accuracy_train"].iloc[-1] > 0.4
    assert history["loss_train"].iloc[-1] < history["loss_train"].iloc[0] - 0.3
    last = history.iloc[-1]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 60
    assert captured.err.splitlines()[-1] == (
        f"epoch 60/60: training loss {last.loss_train:.4f}, accuracy {last.accuracy_train:.4f}; "
        f"test loss {last.loss_test:.4f}, accuracy {last.accuracy_test:.4f}"
    )


@BOTH
def test_a_training_keeps_its_spectral_bound(data, tmp_path, verb):
    main(training(data, tmp_path, verb, spectral_bound=0.25))
    first = load_network(tmp_path / "weights.npz").weights[0]
    assert np.linalg.norm(first[1:], 2) == pytest.approx(0.25)


@pytest.mark.parametrize("name", TRAININGS)
def test_the_same_training_writes_the_same_bytes(whole, name):
    verb, settings = TRAININGS[name]
    assert whole(verb, **settings) == whole(verb, **settings)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_weights_and_mini_batches_come_from_their_streams(data, tmp_path, reduction):
    main(training(data, tmp_path, batch_reduction=reduction, step_size=0.2))
    training_part, test_part = (part_of(data, part, np.float32) for part in ("train", "test"))
    start = single(Network.initialise((16, 5, 10), ("sigmoid", "identity"), stream(7, "weights", "net", 1)))
    steps = training_module.train(
        Progress(start), backprop_gradient, (training_part, test_part), loss="cross_entropy", step_size=0.2, epochs=3,
        mini_batch=6, batch_reduction=reduction,
        order=lambda epoch: stream(7, "mini_batches", "net", 1, epoch).permutation(TRAIN),
    )  # fmt: skip
    assert sum(1 for _ in steps) == 3 * STEPS
    for weights, expected in zip(load_network(tmp_path / "weights.npz").weights, start.weights, strict=True):
        np.testing.assert_allclose(weights, expected, rtol=1e-12)


@BOTH
@pytest.mark.parametrize(
    "change", [{"seed": 8}, {"replicate": 2}, {"model": "other"}, {"initial_weights": "fan_in_zero_output"}]
)
def test_another_seed_replicate_or_model_is_another_network(whole, verb, change):
    assert not set(whole(verb)) & set(whole(verb, **change))


@pytest.mark.parametrize(
    "change",
    [{"loss": "zero_one"}, {"noise": "laplace"}, {"variance": 1.0}, {"sampling": "plain"}, {"replications": 96}],
    ids=str,
)
def test_every_setting_of_the_likelihood_ratio_is_followed(whole, change):
    assert not set(whole("train-glr")) & set(whole("train-glr", **change))


@pytest.mark.parametrize("name", TRAININGS)
@pytest.mark.parametrize("stops", [(3, 5), (STEPS,), (3 * STEPS,)], ids=["mid-epoch twice", "epoch's end", "last step"])
def test_an_interrupted_training_goes_on_to_the_same_bytes(data, tmp_path, whole, interrupted, capsys, name, stops):
    verb, settings = TRAININGS[name]
    for stop in stops:
        checkpoint = interrupted(verb, stop, **settings)
    assert read_arrays(checkpoint)["step"] == sum(stops)
    capsys.readouterr()
    main(training(data, tmp_path, verb, **settings))
    assert f"{checkpoint}: continues after step {sum(stops)}." in capsys.readouterr().err
    assert written(tmp_path) == whole(verb, **settings)


KILLS = """
import os, random, signal, sys, time
from pathlib import Path

from reproduction.__main__ import main
from reproduction.steps import train, train_glr


def start(folder):
    child = os.fork()
    if child == 0:
        try:
            main([word.replace("FOLDER", folder) for word in sys.argv[1:]])
            os._exit(0)
        finally:
            os._exit(1)
    return child


def changed():
    return checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0


checkpoint = Path("killed/checkpoint.npz")
train.CHECKPOINT_SECONDS = -1.0
for _ in range(6):
    before, child = changed(), start("killed")
    while changed() == before:
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "the training ended before it was killed"
        time.sleep(0.001)
    time.sleep(random.uniform(0.0, 0.02))
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL, "the training ended before it was killed"
    assert not {"weights.npz", "history.csv"} & set(os.listdir("killed"))
train.CHECKPOINT_SECONDS = 60.0
for folder in ("killed", "whole"):
    assert os.waitpid(start(folder), 0)[1] == 0
"""


def test_a_training_killed_at_random_moments_goes_on_to_the_same_bytes(data, tmp_path, monkeypatch):
    """Each of the 1600 steps writes a checkpoint until the last kill, so that kills fall into writing as well."""
    monkeypatch.chdir(tmp_path)
    words = training(data, Path("FOLDER"), "train-glr", epochs=40, mini_batch=1, step_size=0.05)
    with python("-c", KILLS, *words) as process:
        errors = process.communicate(timeout=60)[1]
    assert process.returncode == 0, errors
    assert errors.count("continues after step") == 6
    assert written(tmp_path / "killed") == written(tmp_path / "whole")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_training_that_is_asked_to_end_leaves_its_checkpoint_and_no_traceback(data, tmp_path, number):
    with python("-m", "reproduction", *training(data, tmp_path, epochs=1_000_000)) as process:
        while not (tmp_path / "checkpoint.npz").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        errors = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + number
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_a_training_left_behind_ends_once_another_has_begun_and_spoils_nothing(data, tmp_path, whole):
    """As after Snakemake alone was killed: the training goes on while the next run makes it by other settings."""
    with python("-m", "reproduction", *training(data, tmp_path, epochs=1_000_000)) as process:
        while not (tmp_path / "checkpoint.npz").exists():
            assert process.poll() is None
            time.sleep(0.01)
        (tmp_path / "checkpoint.npz").unlink()
        main(training(data, tmp_path, step_size=0.4))
        errors = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert errors.splitlines()[-1].startswith(f"train-bp: {tmp_path / 'checkpoint.npz'}: found a later job that")
    assert written(tmp_path) == whole("train-bp", step_size=0.4)


@BOTH
@pytest.mark.parametrize("change", [{"step_size": 0.4}, {"epochs": 4}, {"seed": 8}, {"batch_reduction": "sum"}])
def test_a_checkpoint_of_other_settings_is_not_used(data, tmp_path, whole, interrupted, capsys, verb, change):
    checkpoint = interrupted(verb, 8)
    capsys.readouterr()
    main(training(data, tmp_path, verb, **change))
    assert f"{checkpoint}: belongs to other settings, images or code; not used.\n" in capsys.readouterr().err
    assert written(tmp_path) == whole(verb, **change)


@BOTH
def test_a_checkpoint_of_other_code_is_not_used(data, tmp_path, whole, interrupted, capsys, monkeypatch, verb):
    expected, checkpoint = whole(verb), interrupted(verb, 8)
    capsys.readouterr()
    monkeypatch.setattr(f"reproduction.steps.{verb.replace('-', '_')}.code_digest", lambda module: "0123456789abcdef")
    main(training(data, tmp_path, verb))
    assert f"{checkpoint}: belongs to other settings, images or code; not used.\n" in capsys.readouterr().err
    assert written(tmp_path) == expected


@pytest.mark.parametrize("changed", ["images", "labels", "split"])
def test_a_checkpoint_of_other_images_is_not_used(data, tmp_path, interrupted, capsys, changed):
    checkpoint, other = interrupted("train-bp", 8), tmp_path / "other"
    capsys.readouterr()
    images, split = read_arrays(data / "images.npz"), read_arrays(data / "split.npz")
    if changed == "images":
        images["images"][split["test"][0], 0] ^= 1
    elif changed == "labels":
        images["labels"][split["train"][0]] ^= 1
    else:
        split["train"][:2] = split["train"][1::-1]
    write_arrays(other / "images.npz", **images)
    write_arrays(other / "split.npz", **split)
    main(training(other, tmp_path))
    assert f"{checkpoint}: belongs to other settings, images or code; not used.\n" in capsys.readouterr().err


@BOTH
@pytest.mark.parametrize("keep", [0, 10, 700, -1])
def test_a_truncated_checkpoint_is_not_used(data, tmp_path, whole, interrupted, capsys, verb, keep):
    checkpoint = interrupted(verb, 8)
    checkpoint.write_bytes(checkpoint.read_bytes()[:keep])
    capsys.readouterr()
    main(training(data, tmp_path, verb))
    errors = capsys.readouterr().err
    assert f"{checkpoint}: not a whole checkpoint (" in errors
    assert "not used.\n" in errors
    assert written(tmp_path) == whole(verb)


def test_checkpoints_are_kept_after_each_epoch(data, tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(train, "_save", lambda path, fingerprint, progress, *others: saved.append(progress.step))
    main(training(data, tmp_path))
    assert saved == [STEPS, 2 * STEPS, 3 * STEPS]


DIVERGENT = [
    pytest.param("train-bp", {"activation": "relu", "step_size": 1e200}, id="bp relu"),
    pytest.param("train-bp", {"activation": "abs", "step_size": 1e200}, id="bp abs"),
    pytest.param("train-glr", {"activation": "relu", "step_size": 1e30}, id="glr relu"),
    pytest.param("train-glr", {"activation": "abs", "step_size": 1e30, "sampling": "plain"}, id="glr abs"),
]


@pytest.mark.parametrize(("verb", "settings"), DIVERGENT)
def test_divergence_stops_with_one_sentence(data, tmp_path, verb, settings):
    with pytest.raises(SystemExit) as caught:
        main(training(data, tmp_path, verb, **settings))
    sentence = caught.value.code
    assert re.match(rf"{verb}: training diverged in epoch 1 at step [1-6]: .* is not finite\. ", sentence)
    assert f"({settings['step_size']:g} on the mean of the mini-batch)" in sentence
    assert "\n" not in sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("verb", "settings"), DIVERGENT)
def test_divergence_is_recorded_down_to_the_table(data, tmp_path, capsys, verb, settings):
    main(training(data, tmp_path, verb, on_divergence="record", **settings))
    step = int(re.search(r"net: training diverged in epoch 1 at step ([1-6]): ", capsys.readouterr().err)[1])
    history = read_table(tmp_path / "history.csv", list(Epoch._fields))
    assert history[["epoch", "step"]].to_numpy().tolist() == [[1, step - 1]]
    assert history.iloc[:, 2:].isna().all(axis=None)
    network = load_network(tmp_path / "weights.npz")
    assert all(np.isnan(weights).all() for weights in network.weights)
    assert not (tmp_path / "checkpoint.npz").exists()

    write_arrays(
        tmp_path / "fgsm.npz", images=np.zeros((10, 16)), labels=np.zeros(10, np.uint8), counted=np.ones(10, bool)
    )
    main(evaluation(data, tmp_path, {"fgsm": tmp_path / "fgsm.npz"}))
    accuracies = read_table(tmp_path / "accuracies.csv", COLUMNS)
    assert accuracies["samples"].tolist() == ["orig_attacked", "fgsm"]
    assert accuracies["accuracy"].isna().all()

    table = [tmp_path / name for name in ("table1.csv", "table1.md", "table1.tex", "table1_gains.csv")]
    main(
        arguments(
            "make-table", accuracies=tmp_path / "accuracies.csv", recall=tmp_path / "recall.csv", table="table1",
            kind="attacks", models="net", baseline="net", losses="cross_entropy", samples="fgsm",
            output=[*table, tmp_path / "table.html"],
        )
    )  # fmt: skip
    assert "| net | diverged | diverged |" in table[1].read_text().splitlines()
    assert table[2].read_text().splitlines()[-3] == r"net & diverged & diverged \\"
    assert pd.read_csv(table[0])["mean"].isna().all()


def test_divergence_after_some_epochs_keeps_what_was_learnt_before(data, tmp_path, capsys, monkeypatch):
    calls = []

    def diverge(network, images, labels, **settings):
        calls.append(1)
        if len(calls) == 2 * STEPS + 3:
            raise DivergenceError("a loss is not finite.")
        return [np.zeros_like(weights) for weights in network.weights]

    monkeypatch.setattr(train_bp, "backprop_gradient", diverge)
    main(training(data, tmp_path, on_divergence="record"))
    assert "training diverged in epoch 3 at step 15: a loss is not finite." in capsys.readouterr().err
    history = pd.read_csv(tmp_path / "history.csv")
    assert history["epoch"].tolist() == [1, 2, 3]
    assert history["loss_test"].notna().tolist() == [True, True, False]
    norms = read_table(tmp_path / "norms.csv", NORM_COLUMNS)
    assert norms.groupby("epoch")["norm"].count().tolist() == [2, 2, 2, 0]


def test_divergence_seen_at_an_epochs_end_has_one_row(data, tmp_path):
    settings = {"activation": "relu", "step_size": 1e300, "mini_batch": TRAIN, "epochs": 1}
    main(training(data, tmp_path, on_divergence="record", **settings))
    history = pd.read_csv(tmp_path / "history.csv")
    assert history["epoch"].tolist() == [1]
    assert history.iloc[:, 2:].isna().all(axis=None)


@pytest.mark.parametrize(
    ("verb", "settings", "reason"),
    [
        ("train-bp", {"hidden": 0}, r"sizes: found \(16, 0, 10\)"),
        ("train-glr", {"replications": 0}, "replications: found 0"),
        (
            "train-glr",
            {"sampling": "leave_one_out", "replications": 1},
            "replications: found 1, but leave_one_out needs",
        ),
        ("train-glr", {"variance": 0.0}, "variance: found 0.0, but a positive"),
        ("train-bp", {"split": "absent.npz"}, "absent.npz: No such file or directory"),
    ],
)
def test_settings_that_cannot_be_used_end_with_one_sentence(data, tmp_path, verb, settings, reason):
    with pytest.raises(SystemExit, match=f"^{verb}: {reason}"):
        main(training(data, tmp_path, verb, **settings))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "settings", [{"mini_batch": TRAIN + 1}, {"mini_batch": 0}, {"mini_batch": -1}, {"epochs": -1}], ids=str
)
def test_numbers_out_of_range_end_with_one_sentence(data, tmp_path, settings):
    (name,) = settings
    with pytest.raises(SystemExit, match=f"^train-bp: {name}: found"):
        main(training(data, tmp_path, **settings))
