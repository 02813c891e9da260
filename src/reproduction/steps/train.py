"""What train-bp and train-glr share: flags, checkpoints, progress and the files that they write."""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from glr.errors import DivergenceError, InputError
from glr.network import Network
from glr.streams import stream
from glr.training import Epoch, Gradient, Part, Progress, train
from reproduction.progress import open_bar, say
from reproduction.report.columns import NORM_COLUMNS
from reproduction.steps.words import add_images
from reproduction.store.files import read_arrays, write_arrays, write_rows
from reproduction.store.images import load_part
from reproduction.store.networks import save_network

CHECKPOINT_SECONDS = 60.0
FILES = ("output", "history", "checkpoint")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of every training."""
    add_images(parser)
    parser.add_argument("--checkpoint", type=Path, required=True, help="the state, kept until the training ends (.npz)")
    parser.add_argument("--history", type=Path, required=True, help="losses and accuracies after each epoch (.csv)")
    parser.add_argument(
        "--norms", type=Path, required=True, help="norms of the weights before training and after each epoch (.csv)"
    )
    parser.add_argument("--output", type=Path, required=True, help="the trained network (.npz)")


def run(
    settings: argparse.Namespace,
    gradient: Gradient,
    rng: np.random.Generator | None,
    code: str,
    dtype: type[np.floating[Any]],
) -> None:
    """Train from the start or from a checkpoint, and write the network, its history and the norms of its weights.

    Parameters
    ----------
    settings : argparse.Namespace
        The flags.
    gradient : callable
        ``gradient(network, images, labels)``.
    rng : numpy.random.Generator or None
        What `gradient` draws from, if anything; its state is part of a checkpoint.
    code : str
        Digest of the code. A checkpoint of other code, settings or images is not used.
    dtype : type
        Precision of the images and weights during training. The file holds float64.
    """
    names = (settings.model, settings.replicate)
    loaded = (load_part(settings.images, settings.split, part) for part in ("train", "test"))
    training, test = parts = tuple(Part(images.astype(dtype), labels) for images, labels in loaded)
    sizes = (training.images.shape[1], *settings.hidden, 10)
    activations = (*[settings.activation] * len(settings.hidden), settings.output_activation)
    start = Network.initialise(sizes, activations, stream(settings.seed, "weights", *names), settings.initial_weights)
    progress = Progress(_cast(start, dtype))
    norms = [norms_of(start)]
    fingerprint = _fingerprint(settings, parts, code)
    _resume(settings.checkpoint, fingerprint, progress, rng, norms)
    steps = train(
        progress,
        gradient,
        (training, test),
        loss=settings.loss,
        step_size=settings.step_size,
        epochs=settings.epochs,
        mini_batch=settings.mini_batch,
        batch_reduction=settings.batch_reduction,
        optimizer=settings.optimizer,
        momentum=settings.momentum,
        weight_decay=settings.weight_decay,
        spectral_bound=settings.spectral_bound,
        order=lambda epoch: stream(settings.seed, "mini_batches", *names, epoch).permutation(len(training.labels)),
    )
    total = settings.epochs * (len(training.labels) // max(1, settings.mini_batch))
    saved, shown = time.monotonic(), len(progress.history)
    with open_bar(total, settings.model, progress.step) as bar:
        try:
            for _ in steps:
                bar.update()
                if len(progress.history) > shown:
                    norms.append(norms_of(progress.network))
                if len(progress.history) > shown or time.monotonic() - saved > CHECKPOINT_SECONDS:
                    _save(settings.checkpoint, fingerprint, progress, rng, norms)
                    saved = time.monotonic()
                if len(progress.history) > shown:
                    shown = len(progress.history)
                    _show(bar, progress.history[-1], settings.epochs)
        except DivergenceError as error:
            if settings.on_divergence == "stop":
                raise
            print(f"{settings.model}: {error} Recorded as diverged.", file=sys.stderr)
            for weights in progress.network.weights:
                weights.fill(np.nan)
            epoch = len(progress.history) + 1
            progress.history.append(Epoch(epoch, progress.step, *[float("nan")] * 4))
            norms.append(norms_of(progress.network))
    write_rows(settings.history, Epoch._fields, progress.history)
    rows = [(epoch, level, norm) for epoch, row in enumerate(norms) for level, norm in enumerate(row, start=1)]
    write_rows(settings.norms, NORM_COLUMNS, rows)
    save_network(settings.output, _cast(progress.network, np.float64))
    settings.checkpoint.unlink(missing_ok=True)


def _cast(network: Network, dtype: type[np.floating[Any]]) -> Network:
    return Network(tuple(weights.astype(dtype) for weights in network.weights), network.activations)


def norms_of(network: Network) -> list[float]:
    """Return the Frobenius norm of each level's weights, biases included."""
    return [float(np.linalg.norm(weights)) for weights in network.weights]


def _show(bar: Any, row: Epoch, epochs: int) -> None:
    if bar.disable:
        say(
            f"epoch {row.epoch}/{epochs}: training loss {row.loss_train:.4f}, accuracy {row.accuracy_train:.4f}; "
            f"test loss {row.loss_test:.4f}, accuracy {row.accuracy_test:.4f}"
        )
    else:
        bar.set_postfix_str(f"epoch {row.epoch}/{epochs}, loss {row.loss_test:.3f}, accuracy {row.accuracy_test:.3f}")


def _fingerprint(settings: argparse.Namespace, parts: tuple[Part, ...], code: str) -> str:
    """Return what a checkpoint has to share with a training to be used by it."""
    given = {name: value for name, value in vars(settings).items() if not isinstance(value, Path)}
    digest = hashlib.sha256(json.dumps([code, given], sort_keys=True).encode())
    for part in parts:
        digest.update(part.images.tobytes())
        digest.update(part.labels.tobytes())
    return digest.hexdigest()


def _save(
    path: Path, fingerprint: str, progress: Progress, rng: np.random.Generator | None, norms: list[list[float]]
) -> None:
    state = json.dumps(rng.bit_generator.state if rng else None, default=lambda array: array.tolist())
    weights = {f"weights_{level}": weights for level, weights in enumerate(progress.network.weights)}
    moments = {f"moments_{index:02}": moments for index, moments in enumerate(progress.moments)}
    history = np.array(progress.history, dtype=np.float64).reshape(-1, len(Epoch._fields))
    arrays = {"fingerprint": fingerprint, "generator": state, "step": progress.step, "history": history, "norms": norms}
    write_arrays(path, **arrays, **weights, **moments)


def _resume(
    path: Path, fingerprint: str, progress: Progress, rng: np.random.Generator | None, norms: list[list[float]]
) -> None:
    """Bring `progress`, `rng` and `norms` to where a checkpoint of the same training left them, if there is one."""
    if not path.exists():
        return
    try:
        state = read_arrays(path)
        if state["fingerprint"] != fingerprint:
            print(f"{path}: belongs to other settings, images or code; not used.", file=sys.stderr)
            return
        for level, weights in enumerate(progress.network.weights):
            weights[:] = state[f"weights_{level}"]
        progress.moments = [state[name] for name in sorted(state) if name.startswith("moments_")]
        progress.step = int(state["step"])
        progress.history = [Epoch(int(row[0]), int(row[1]), *row[2:].tolist()) for row in state["history"]]
        norms[:] = state["norms"].tolist()
        if rng:
            rng.bit_generator.state = _restored(json.loads(str(state["generator"])))
    except (InputError, KeyError) as error:
        print(f"{path}: not a whole checkpoint ({error}); not used.", file=sys.stderr)
        return
    print(f"{path}: continues after step {progress.step}.", file=sys.stderr)


def _restored(state: dict[str, Any]) -> dict[str, Any]:
    """Return a generator's state with its words as the array that NumPy wants."""
    return state | {"state": {name: np.array(words, dtype=np.uint64) for name, words in state["state"].items()}}
