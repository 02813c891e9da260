"""Draw the images of the experiment and split them into a training and a test part."""

import argparse
from pathlib import Path

from glr.streams import stream
from reproduction.store.files import write_arrays
from reproduction.store.images import read_images, split_indices


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument("--images", type=Path, required=True, help="resized images (.npz)")
    parser.add_argument("--output", type=Path, required=True, help="indices of both sets (.npz)")


def run(settings: argparse.Namespace) -> None:
    """Draw the split and write it."""
    count = len(read_images(settings.images)[1])
    shared = settings.split_seed is not None
    rng = stream(settings.split_seed, "split") if shared else stream(settings.seed, "split", settings.replicate)
    train, test = split_indices(count, settings.count, settings.train_fraction, settings.test_fraction, rng)
    write_arrays(settings.output, train=train, test=test)
