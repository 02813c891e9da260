"""A small experiment: images of ten separable classes, and the arguments of the commands that use them."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import reproduction.store.files
from reproduction.store.files import write_arrays

SIDE = 4
TRAIN, TEST = 40, 20


def write_data(folder, seed=1):
    """Write images.npz, split.npz and sample.npz."""
    rng = np.random.default_rng(seed)
    labels = np.arange(TRAIN + TEST) % 10
    images = rng.integers(0, 256, (10, SIDE * SIDE))[labels] + rng.normal(0.0, 20.0, (TRAIN + TEST, SIDE * SIDE))
    write_arrays(folder / "images.npz", images=images.clip(0, 255).astype(np.uint8), labels=labels.astype(np.uint8))
    order = rng.permutation(TRAIN + TEST)
    write_arrays(folder / "split.npz", train=order[:TRAIN], test=order[TRAIN:])
    write_arrays(folder / "sample.npz", attacks=np.arange(0, TEST, 2), corruptions=np.arange(0, TEST, 3))


def arguments(verb, **settings):
    """Return the words of a command, one flag a setting; a setting of None is left out."""
    words = [verb]
    for name, value in settings.items():
        if value is not None:
            values = value if isinstance(value, (list, tuple)) else [value]
            words += [f"--{name.replace('_', '-')}", *map(str, values)]
    return words


def training(data, out, verb="train-bp", **settings):
    """Return the words of a short training of the data in a folder, which writes to another."""
    defaults = {
        "images": data / "images.npz",
        "split": data / "split.npz",
        "hidden": 5,
        "activation": "sigmoid",
        "output_activation": "identity",
        "loss": "cross_entropy",
        "mini_batch": 6,
        "batch_reduction": "mean",
        "optimizer": "sgd",
        "momentum": 0.0,
        "step_size": 0.5,
        "weight_decay": 0.0,
        "epochs": 3,
        "initial_weights": "fan_in",
        "on_divergence": "stop",
        "model": "net",
        "replicate": 1,
        "seed": 7,
        "checkpoint": out / "checkpoint.npz",
        "history": out / "history.csv",
        "norms": out / "norms.csv",
        "output": out / "weights.npz",
    }
    if verb == "train-glr":
        defaults |= {"noise": "gaussian", "variance": 4.0, "sampling": "orthogonal", "replications": 8}
    return arguments(verb, **(defaults | settings))


def evaluation(data, out, sets, **settings):
    """Return the words of an evaluation of out/weights.npz on a dict of attacked sets."""
    sets = [f"{name}={path}" for name, path in sets.items()]
    return _evaluation("evaluate-model", data, out, {"sets": sets} | settings)


def corrupted_evaluation(data, out, *corruptions, **settings):
    """Return the words of an evaluation of out/weights.npz on corruptions, with their own names as sets."""
    sets = [f"{name}={name},imagenet_c,before" for name in corruptions]
    given = {"corruptions": sets, "raw": data, "size": SIDE, "filter": "box"}
    return _evaluation("evaluate-corruptions", data, out, given | settings)


def _evaluation(verb, data, out, settings):
    defaults = {
        "model": "net",
        "replicate": 1,
        "seed": 7,
        "weights": out / "weights.npz",
        "images": data / "images.npz",
        "split": data / "split.npz",
        "sample": data / "sample.npz",
        "predictions": out / "predictions.npz",
        "recall": out / "recall.csv",
        "output": out / "accuracies.csv",
    }
    return arguments(verb, **(defaults | settings))


@contextmanager
def python(*words, **environment):
    """Start the interpreter on the package that is under test, and end it with the block."""
    source = str(Path(reproduction.store.files.__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, *map(str, words)],
        env=os.environ | {"PYTHONPATH": source} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
