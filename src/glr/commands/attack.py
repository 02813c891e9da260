"""What attack-fgsm and attack-lbfgs share: the attacked images, the source network and the file of samples."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.commands.words import add_sample
from glr.data import load_part, read_indices
from glr.files import write_arrays


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of every attack."""
    parser.add_argument("--source", type=Path, required=True, help="network from which the samples are made (.npz)")
    add_sample(parser)
    parser.add_argument("--output", type=Path, required=True, help="adversarial samples with their true labels (.npz)")


def read_attacked(images: Path, split: Path, sample: Path) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Return the attacked images (n, pixels) with their labels (n,)."""
    pictures, labels = load_part(images, split, "test")
    positions = read_indices(sample, "attacks", len(labels))
    return pictures[positions], labels[positions]


def strength(text: str) -> float:
    """Return a strength given as a number, or as a JSON file that calibrate-attack wrote."""
    if not text.endswith(".json"):
        return float(text)
    try:
        (value,) = json.loads(Path(text).read_text(encoding="utf-8")).values()
    except (OSError, ValueError, AttributeError) as error:
        raise argparse.ArgumentTypeError(f"{text}: found no calibrated strength ({error})") from None
    return float(value)


def write_samples(settings: argparse.Namespace, images: NDArray[np.float64], labels: NDArray[Any]) -> None:
    """Write the adversarial samples, in float32."""
    write_arrays(settings.output, images=images.astype(np.float32), labels=labels)
