"""Corrupt the test images that a replicate drew, at all five severities."""

import argparse
from math import isqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glr.corruptions import CORRUPTIONS, SEVERITIES
from glr.streams import stream
from reproduction.progress import followed
from reproduction.steps.words import add_sample
from reproduction.store.files import write_arrays
from reproduction.store.images import load_part, read_indices, read_raw_of, resize_images


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument("--raw", type=Path, required=True, help="with --resize after, the folder of the raw files")
    add_sample(parser)
    parser.add_argument("--output", type=Path, required=True, help="the corrupted images and their labels (.npz)")


def run(settings: argparse.Namespace) -> None:
    """Corrupt the sample and write it, mildest severity first."""
    images, labels = load_part(settings.images, settings.split, "test")
    sample = read_indices(settings.sample, "corruptions", len(labels))
    images = raw_test_images(settings)[sample] if settings.resize == "after" else images[sample]
    corrupted = []
    for severity in followed(SEVERITIES, settings.corruption):
        rng = stream(settings.seed, "corruption", settings.corruption, settings.replicate, severity)
        batch = CORRUPTIONS[settings.corruption](images, severity, constants=settings.constants, rng=rng)
        if settings.resize == "after":
            side = isqrt(batch.shape[1])
            batch = resize_images(batch.reshape(-1, side, side), settings.size, settings.filter)
        corrupted.append(batch.reshape(len(sample), -1).astype(np.float32))
    write_arrays(settings.output, images=np.stack(corrupted), labels=labels[sample])


def raw_test_images(settings: argparse.Namespace) -> NDArray[np.float64]:
    """Return the raw images of the test part, (n, pixels) in [0, 1]."""
    raw = read_raw_of(settings.raw, settings.images)
    test = read_indices(settings.split, "test", len(raw))
    return np.asarray(raw[test].reshape(len(test), -1) / 255.0)
