"""Predict attacked images by one model, and write the predictions and the accuracies."""

import argparse
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from glr.errors import InputError
from reproduction.steps import evaluate
from reproduction.steps.evaluate import Samples
from reproduction.steps.words import add_sample, named
from reproduction.store.images import read_counted, read_samples


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    evaluate.add_arguments(parser)
    add_sample(parser)
    parser.add_argument(
        "--sets", type=named, nargs="+", required=True, metavar="NAME=FILE", help="attacked images (.npz)"
    )


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""

    def attacked(images: NDArray[Any], labels: NDArray[Any]) -> list[Samples]:
        return [_read(name, path, images.shape[1], len(labels)) for name, path in settings.sets]

    evaluate.run(settings, "attacks", attacked)


def _read(name: str, path: Path, pixels: int, count: int) -> Samples:
    pictures, labels = read_samples(path, pixels)
    if len(labels) != count:
        raise InputError(f"{path}: found {len(labels)} images, but the replicate's sample has {count}.")
    return Samples(name, labels, {0: [pictures]}, read_counted(path, count))
