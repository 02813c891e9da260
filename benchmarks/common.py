"""What the benchmarks share: one BLAS thread, the clock, the case that is measured, and Markdown tables."""
# ruff: noqa: E402

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"

import math
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from glr.gradients.likelihood_ratio import likelihood_ratio_gradient
from glr.network import Network
from glr.noise import Gaussian
from glr.streams import stream
from glr.training import Part, Progress, train
from reproduction.config import load_yaml, method_settings
from reproduction.report.markdown import table
from reproduction.store.files import write_arrays
from reproduction.store.images import load_part, read_raw, resize_images, split_indices
from reproduction.store.networks import load_network, save_network
from reproduction.store.raw import RAW_FILES

Key = TypeVar("Key", bound=Hashable)

ROOT = Path(__file__).resolve().parents[1]
NOISE = Gaussian(4.0)
ACTIVATIONS = ("sigmoid", "threshold", "abs")
LOSSES = ("cross_entropy", "zero_one")

# glibc gives the memory of every large array back to the system until it has once seen a larger one freed, and takes it
# page by page the next time, which costs up to a third of an iteration. A training has read its images by then.
np.empty(2**24, dtype=np.uint8)


def milliseconds(steps: Mapping[Key, Callable[[], Any]], rounds: int = 5, least: float = 0.2) -> dict[Key, float]:
    """Return each step's CPU time, the median over rounds that take `least` seconds or one call, in turn for all."""
    calls = {key: max(1, round(least / _seconds(step, 1))) for key, step in steps.items()}
    times = [{key: _seconds(step, calls[key]) for key, step in steps.items()} for _ in range(rounds)]
    return {key: 1000 * float(np.median([times_of[key] for times_of in times])) for key in steps}


def _seconds(step: Callable[[], Any], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        step()
    return max(time.process_time() - start, 1e-6) / calls


def settings(model: str = "glr_sigmoid") -> dict[str, Any]:
    """Return the settings of a model in config/config.yaml."""
    return method_settings(load_yaml(ROOT / "config/config.yaml"), model)


def data(side: int = 14) -> tuple[str, Path, Path]:
    """Return what the images are and the files of the images and their split, as the pipeline makes them; kept.

    They are MNIST where resources/mnist has it, and generated elsewhere. `side` is the number of rows and columns.
    """
    raw = ROOT / "resources/mnist"
    real = all((raw / name).exists() for name in RAW_FILES.values())
    folder = ROOT / f"results/benchmarks/{'mnist' if real else 'generated'}-{side}"
    images, split = folder / "images.npz", folder / "split.npz"
    if not split.exists():
        resized, labels = _mnist(raw, side) if real else _generated(side)
        train_indices, test_indices = split_indices(len(labels), len(labels), 0.6, 0.4, stream(1, "split"))
        write_arrays(images, images=resized, labels=labels)
        write_arrays(split, train=train_indices, test=test_indices)
    return "MNIST" if real else "generated images", images, split


def _mnist(raw: Path, side: int) -> tuple[Any, Any]:
    images, labels = read_raw(raw)
    return resize_images(images, side, "box").reshape(len(images), -1), labels


def _generated(side: int) -> tuple[Any, Any]:
    rng = stream(0, "generated_images")
    labels = rng.integers(10, size=70_000, dtype=np.uint8)
    images = rng.standard_normal((len(labels), side**2), dtype=np.float32) * np.float32(0.2)
    images += rng.random((10, side**2), dtype=np.float32)[labels]
    return (255 * images.clip(0, 1)).astype(np.uint8), labels


def mini_batches(count: int, size: int = 25) -> list[tuple[Any, Any]]:
    """Return mini-batches (images, labels) of the training set, which has 1,680 of 25 images."""
    images, labels = load_part(*data()[1:], "train")
    return [(images[start : start + size], labels[start : start + size]) for start in range(0, count * size, size)]


def fresh(sizes: Sequence[int] = (196, 20, 10), activation: str = "sigmoid", seed: int = 0) -> Network:
    """Return a network with the initial weights of the experiment."""
    hidden = [activation] * (len(sizes) - 2)
    return Network.initialise(sizes, (*hidden, "identity"), stream(seed, "weights"), settings()["initial_weights"])


def trained(activation: str, loss: str) -> Network:
    """Return a network 196-20-10 after two epochs by the default sampling; kept."""
    _, images, split = data()
    path = images.with_name(f"{activation}-{loss}.npz")
    if not path.exists():
        parts = (Part(*load_part(images, split, "train")), Part(*load_part(images, split, "test")))
        progress, rng = Progress(fresh(activation=activation)), stream(0, "noise")
        steps = train(
            progress,
            lambda network, x, y: likelihood_ratio_gradient(
                network, x, y, loss=loss, noise=NOISE, replications=256, rng=rng
            ),
            parts,
            loss=loss,
            epochs=2,
            **{name: settings()[name] for name in ("step_size", "mini_batch", "batch_reduction")},
            order=lambda epoch: stream(0, "mini_batches", epoch).permutation(len(parts[0].labels)),
        )
        for _ in steps:
            pass
        save_network(path, progress.network)
    return load_network(path)


def spend(command: Sequence[str]) -> tuple[float, float]:
    """Run a command, and return the CPU seconds and the peak memory in MB that it took.

    A process between, since a child's peak counts what its parent held at the fork.
    """
    meter = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "usage = resource.getrusage(resource.RUSAGE_CHILDREN); print(usage[0] + usage[1], usage[2])"
    )
    result = subprocess.run([sys.executable, "-c", meter, *command], stdout=subprocess.PIPE, text=True, check=True)
    seconds, peak = map(float, result.stdout.splitlines()[-1].split())
    return seconds, peak / (2**20 if sys.platform == "darwin" else 2**10)


def training_command(model: str, folder: Path, split: Path, **changes: Any) -> list[str]:
    """Return the command that trains a model of config/config.yaml with its settings, some of them changed."""
    flags = settings(model) | changes
    flags["output_activation"] = flags.pop("output")
    del flags["method"]
    flags |= {"images": data()[1], "split": split, "model": model, "replicate": 1, "seed": 2020}
    flags |= {name: folder / f"{name}.npz" for name in ("checkpoint", "output")}
    flags |= {name: folder / f"{name}.csv" for name in ("history", "norms")}
    words = [sys.executable, "-m", "reproduction", "train-glr"]
    for name, value in flags.items():
        words += [f"--{name.replace('_', '-')}", *map(str, value if isinstance(value, list) else [value])]
    return words


def show(value: float) -> str:
    """Return a positive number with three significant digits."""
    return f"{value:,.{max(0, 2 - math.floor(math.log10(value)))}f}"


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> None:
    """Print a Markdown table of which the first `words` columns are words and the others numbers."""
    print(table(header, rows, "l" * words + "r"))
