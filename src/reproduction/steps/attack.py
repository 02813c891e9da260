"""What attack-fgsm and attack-lbfgs share: the attacked images, the source network and the file of samples."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError
from glr.network import Network
from reproduction.progress import followed
from reproduction.steps.words import add_sample
from reproduction.store.files import write_arrays
from reproduction.store.images import load_part, read_indices

CHUNK = 100
"""Images between two signs of progress."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of every attack."""
    parser.add_argument("--source", type=Path, required=True, help="network from which the samples are made (.npz)")
    add_sample(parser)
    parser.add_argument("--output", type=Path, required=True, help="adversarial samples with their true labels (.npz)")


def read_attacked(
    images: Path, split: Path, sample: Path, count: int | None = None
) -> tuple[NDArray[np.float64], NDArray[Any], NDArray[Any]]:
    """Return the attacked images (n, pixels) with their labels (n,), and all labels that the test images have (k,).

    Of the attacked images, the first `count` are returned where it is given.
    """
    pictures, labels = load_part(images, split, "test")
    positions = read_indices(sample, "attacks", len(labels))
    if count is not None and not 1 <= count <= len(positions):
        raise InputError(f"--count: found {count}, but {sample} has {len(positions)} attacked images.")
    positions = positions[:count]
    return pictures[positions], labels[positions], np.unique(labels)


def count_images(counted: str, source: Network, images: NDArray[np.float64], labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return whether each image (n,) counts: all do, or those that the source network gets right."""
    return np.ones(len(labels), bool) if counted == "all" else source.predict(images) == labels


def followed_search(
    search: Callable[[Network, NDArray[Any], NDArray[Any]], NDArray[np.float64]],
    source: Network,
    images: NDArray[np.float64],
    targets: NDArray[Any],
) -> NDArray[np.float64]:
    """Return the samples of a search that takes each image by itself, and meanwhile show how far it is."""
    chunks = followed([slice(start, start + CHUNK) for start in range(0, len(images), CHUNK)], "L-BFGS")
    return np.concatenate([search(source, images[chunk], targets[chunk]) for chunk in chunks])


def write_samples(
    settings: argparse.Namespace,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    counted: NDArray[np.bool_],
) -> None:
    """Write the adversarial samples, in float32, with their true labels and which of them count."""
    write_arrays(settings.output, images=images.astype(np.float32), labels=labels, counted=counted)
