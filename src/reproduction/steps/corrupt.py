"""Corrupted test images, made anew wherever they are used.

A replicate's sets are larger than all other files of a run, and are read only a few times.
"""

import argparse
from collections.abc import Iterator
from math import isqrt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glr.corruptions import CORRUPTIONS, SEVERITIES
from glr.prediction import CHUNK
from glr.streams import stream
from reproduction.steps.words import add_sample, pair
from reproduction.store.images import read_indices, read_raw_of, resize_images

RESIZE = ("before", "after")


class Corruption(NamedTuple):
    """How the images of a set are corrupted: by what, with whose constants, and before or after they are resized."""

    name: str
    corruption: str
    constants: str
    resize: str


def corruption(word: str) -> Corruption:
    """Return the set that NAME=CORRUPTION,CONSTANTS,RESIZE stands for."""
    name, value = pair(word)
    given = Corruption(name, *value.split(",")) if value.count(",") == 2 else None
    if given is None or given.corruption not in CORRUPTIONS or given.resize not in RESIZE:
        raise argparse.ArgumentTypeError(
            f"found {word!r}, but NAME=CORRUPTION,CONSTANTS,RESIZE is needed, with a corruption of "
            f"{', '.join(CORRUPTIONS)}, and {' or '.join(RESIZE)}"
        )
    return given


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the images that are corrupted and of the sets."""
    add_sample(parser)
    parser.add_argument("--raw", type=Path, required=True, help="folder of the raw files, for sets resized after")
    parser.add_argument(
        "--corruptions",
        type=corruption,
        nargs="*",
        default=[],
        metavar="NAME=CORRUPTION,CONSTANTS,RESIZE",
        help="corrupted sets, for example blur=glass_blur,imagenet_c,before",
    )


def corrupted_sets(
    settings: argparse.Namespace, images: NDArray[np.float64]
) -> dict[str, dict[int, Iterator[NDArray[np.float32]]]]:
    """Return the sets by name, each as chunks of images (at most `CHUNK`, pixels) by severity.

    Parameters
    ----------
    settings : argparse.Namespace
        The flags of `add_arguments`, `seed`, `replicate`, and `size` and `filter` of the resizing.
    images : ndarray of float64 in [0, 1], shape (n, pixels)
        The sampled test images, resized.

    Returns
    -------
    dict of str to dict of int to iterator of ndarray
        Chunks are float32, in [0, 1] and in the sample's order; each is made when it is asked for.
    """
    originals = {"before": images}
    if any(entry.resize == "after" for entry in settings.corruptions):
        originals["after"] = raw_sample(settings)
    return {
        entry.name: {severity: _chunks(settings, entry, severity, originals[entry.resize]) for severity in SEVERITIES}
        for entry in settings.corruptions
    }


def _chunks(
    settings: argparse.Namespace, entry: Corruption, severity: int, originals: NDArray[Any]
) -> Iterator[NDArray[np.float32]]:
    rng = stream(settings.seed, "corruption", entry.corruption, settings.replicate, severity)
    for start in range(0, len(originals), CHUNK):
        batch = originals[start : start + CHUNK]
        batch = CORRUPTIONS[entry.corruption](batch, severity, constants=entry.constants, rng=rng)
        if entry.resize == "after":
            side = isqrt(batch.shape[1])
            batch = resize_images(batch.reshape(-1, side, side), settings.size, settings.filter)
        yield batch.reshape(len(batch), -1).astype(np.float32)


def raw_sample(settings: argparse.Namespace) -> NDArray[np.float64]:
    """Return the raw images of the sample, (n, pixels) in [0, 1]."""
    raw = read_raw_of(settings.raw, settings.images)
    test = read_indices(settings.split, "test", len(raw))
    chosen = test[read_indices(settings.sample, "corruptions", len(test))]
    return np.asarray(raw[chosen].reshape(len(chosen), -1) / 255.0)
