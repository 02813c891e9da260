"""Words of the command line that several verbs take."""

import argparse
import re
from pathlib import Path

from glr.errors import InputError
from glr.noise import Noise, make_noise
from reproduction.store.raw import RAW_FILES


def add_images(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the resized images and their split."""
    parser.add_argument("--images", type=Path, required=True, help="resized images (.npz)")
    parser.add_argument("--split", type=Path, required=True, help="indices of the training and the test set (.npz)")


def add_sample(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the resized images, their split, and a replicate's sample of the test set."""
    add_images(parser)
    parser.add_argument("--sample", type=Path, required=True, help="a replicate's positions in the test set (.npz)")


def add_checksums(parser: argparse.ArgumentParser) -> None:
    """Add the flag of the checksums."""
    parser.add_argument(
        "--checksums",
        nargs=4,
        type=checksum,
        required=True,
        metavar=tuple(key.upper() for key in RAW_FILES),
        help="SHA-256 of each uncompressed raw file, or any for no check",
    )


def checksum(text: str) -> str | None:
    """Return a SHA-256 in small letters, or None for ``any``."""
    if text != "any" and not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError(
            f"found {text!r}, but it has to be the 64 hexadecimal digits of a SHA-256, or any"
        )
    return None if text == "any" else text.lower()


def prediction_noise(settings: argparse.Namespace) -> Noise | None:
    """Return the noise that a job predicts with, if any.

    Raises
    ------
    InputError
        If some of its three flags are given, and others are not.
    """
    given = [settings.predict_noise, settings.predict_variance, settings.predict_replications]
    if given.count(None) not in (0, len(given)):
        raise InputError(
            "--predict-noise, --predict-variance, --predict-replications: found only some, but all or none are needed."
        )
    return None if settings.predict_noise is None else make_noise(settings.predict_noise, settings.predict_variance)


def pair(word: str) -> tuple[str, str]:
    """Return the name and the value of NAME=VALUE."""
    name, equals, value = word.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"found {word!r}, but NAME=VALUE is needed")
    return name, value


def named(word: str) -> tuple[str, Path]:
    """Return the name and the path of NAME=FILE."""
    name, path = pair(word)
    return name, Path(path)
