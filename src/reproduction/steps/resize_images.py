"""Resize the raw images, training images first, to the size that the networks see."""

import argparse
from pathlib import Path

from reproduction.steps.words import add_checksums
from reproduction.store.files import write_arrays
from reproduction.store.images import read_raw, resize_images
from reproduction.store.raw import RAW_FILES, check_digests


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument("--raw", type=Path, required=True, help="folder of the raw files")
    add_checksums(parser)
    parser.add_argument("--output", type=Path, required=True, help="all images and labels (.npz)")


def run(settings: argparse.Namespace) -> None:
    """Resize all images and write them with their labels."""
    check_digests(settings.raw, dict(zip(RAW_FILES, settings.checksums, strict=True)))
    images, labels = read_raw(settings.raw)
    resized = resize_images(images, settings.size, settings.filter)
    write_arrays(settings.output, images=resized.reshape(len(resized), -1), labels=labels)
