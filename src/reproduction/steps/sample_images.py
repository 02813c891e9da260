"""Draw the test images that one replicate attacks, and those that it corrupts."""

import argparse
from pathlib import Path

import numpy as np

from glr.errors import InputError
from glr.streams import stream
from reproduction.store.files import write_arrays
from reproduction.store.images import read_indices


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument("--split", type=Path, required=True, help="indices of the training and the test set (.npz)")
    parser.add_argument("--output", type=Path, required=True, help="positions of both samples in the test set (.npz)")


def run(settings: argparse.Namespace) -> None:
    """Draw both samples and write them."""
    count = len(read_indices(settings.split, "test"))
    write_arrays(
        settings.output,
        attacks=draw("attacks", settings.attacks, count, stream(settings.seed, "attacked_images", settings.replicate)),
        corruptions=draw(
            "corruptions",
            settings.corruptions or count,
            count,
            stream(settings.seed, "corrupted_images", settings.replicate),
        ),
    )


def draw(name: str, images: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return `images` sorted positions out of `count`, drawn without replacement."""
    if not 1 <= images <= count:
        raise InputError(f"{name}.images: found {images}, but the test part has {count} images.")
    return np.sort(rng.choice(count, images, replace=False))
