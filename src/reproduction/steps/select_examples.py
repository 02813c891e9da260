"""Gather the few images that figures 3, 6 and 7 show, with their labels and predictions."""

import argparse
from itertools import islice
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError
from glr.prediction import CHUNK, predict
from glr.streams import stream
from reproduction.steps import corrupt
from reproduction.steps.words import prediction_noise
from reproduction.store.files import write_arrays
from reproduction.store.images import load_part, read_images, read_indices, read_raw_of, read_samples
from reproduction.store.networks import load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    corrupt.add_arguments(parser)
    parser.add_argument("--attack", type=Path, required=True, help="adversarial samples (.npz)")
    parser.add_argument("--weights", type=Path, required=True, help="network whose predictions are shown (.npz)")
    parser.add_argument("--output", type=Path, required=True, help="the images (.npz)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    raw = read_raw_of(settings.raw, settings.images)
    resized, raw_labels = read_images(settings.images)
    pixels = resized.shape[1]
    side = isqrt(pixels)
    images, labels = load_part(settings.images, settings.split, "test")
    test = read_indices(settings.split, "test", len(resized))
    sample = {kind: read_indices(settings.sample, kind, len(labels)) for kind in ("attacks", "corruptions")}
    network = load_network(settings.weights, pixels)
    attacked = _read_set(settings.attack, pixels, len(sample["attacks"]))
    chosen = _one_a_class(labels[sample["attacks"]], settings.count)
    corrupted = _one_a_class(labels[sample["corruptions"]], 1)[0]
    chunk, place = divmod(int(corrupted), CHUNK)
    corruptions = {
        f"corrupted_{name}": np.stack(
            [next(islice(chunks, chunk, None))[place].reshape(side, side) for chunks in severities.values()]
        )
        for name, severities in corrupt.corrupted_sets(settings, images[sample["corruptions"]]).items()
    }
    originals = images[sample["attacks"][chosen]]
    shown = test[sample["attacks"][chosen]]
    noise = prediction_noise(settings)

    def predicted(name: str, pictures: NDArray[Any]) -> NDArray[np.int64]:
        rng = stream(settings.seed, "example_prediction", name, settings.replicate)
        return predict(network, pictures, noise, settings.predict_replications, rng).astype(np.int64)

    write_arrays(
        settings.output,
        raw=raw[shown],
        resized=resized[shown].reshape(-1, side, side),
        raw_labels=raw_labels[shown],
        originals=originals.reshape(-1, side, side).astype(np.float32),
        original_predictions=predicted("original", originals),
        attacked=attacked[chosen].reshape(-1, side, side),
        attacked_predictions=predicted("attacked", attacked[chosen]),
        attacked_labels=labels[sample["attacks"]][chosen],
        corrupted_original=images[sample["corruptions"][corrupted]].reshape(side, side).astype(np.float32),
        corrupted_label=labels[sample["corruptions"]][corrupted],
        **corruptions,
    )


def _read_set(path: Path, pixels: int, count: int) -> NDArray[Any]:
    """Return the images of a set, which has to be of the replicate's `count` images."""
    images, _ = read_samples(path, pixels)
    if len(images) != count:
        raise InputError(f"{path}: found {len(images)} images, but {count} are needed.")
    return images


def _one_a_class(labels: NDArray[Any], count: int) -> NDArray[np.intp]:
    """Return the positions of `count` images: the first of each class in turn, then the second, and so on."""
    rank = np.zeros(len(labels), dtype=int)
    for label in np.unique(labels):
        rank[labels == label] = np.arange(np.count_nonzero(labels == label))
    return np.lexsort((labels, rank))[:count]
