"""Gather the few images that figures 3, 6 and 7 show, with their labels and predictions."""

import argparse
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError
from glr.prediction import predict
from glr.streams import stream
from reproduction.steps.words import add_sample, named, prediction_noise
from reproduction.store.files import write_arrays
from reproduction.store.images import load_part, read_images, read_indices, read_raw_of, read_samples
from reproduction.store.networks import load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--raw", type=Path, required=True, help="folder of the raw files")
    add_sample(parser)
    parser.add_argument("--attack", type=Path, required=True, help="adversarial samples (.npz)")
    parser.add_argument("--weights", type=Path, required=True, help="network whose predictions are shown (.npz)")
    parser.add_argument(
        "--corruptions", type=named, nargs="+", required=True, metavar="NAME=FILE", help="corrupted images (.npz)"
    )
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
    attacked = _read_set(settings.attack, pixels, len(sample["attacks"]), 2)
    chosen = _one_a_class(labels[sample["attacks"]], settings.count)
    corrupted = _one_a_class(labels[sample["corruptions"]], 1)[0]
    corruptions = {
        f"corrupted_{name}": _read_set(path, pixels, len(sample["corruptions"]), 3)[:, corrupted].reshape(
            -1, side, side
        )
        for name, path in settings.corruptions
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


def _read_set(path: Path, pixels: int, count: int, dimensions: int) -> NDArray[Any]:
    """Return the images of a set, which has to be of the replicate's `count` images."""
    images, _ = read_samples(path, pixels)
    if images.ndim != dimensions or images.shape[-2] != count:
        raise InputError(
            f"{path}: found images of shape {images.shape}, but {count} in {dimensions} dimensions are needed."
        )
    return images


def _one_a_class(labels: NDArray[Any], count: int) -> NDArray[np.intp]:
    """Return the positions of `count` images: the first of each class in turn, then the second, and so on."""
    rank = np.zeros(len(labels), dtype=int)
    for label in np.unique(labels):
        rank[labels == label] = np.arange(np.count_nonzero(labels == label))
    return np.lexsort((labels, rank))[:count]
