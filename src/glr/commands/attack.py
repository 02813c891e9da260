"""What attack-fgsm and attack-lbfgs share: the attacked images, the source network and the file of samples."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.data import load_part
from glr.files import read_arrays, write_arrays
from glr.models import load_network
from glr.network import Network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of every attack."""
    parser.add_argument("--source", type=Path, required=True, help="network from which the samples are made (.npz)")
    parser.add_argument("--images", type=Path, required=True, help="resized images (.npz)")
    parser.add_argument("--split", type=Path, required=True, help="indices of the training and the test set (.npz)")
    parser.add_argument(
        "--sample", type=Path, required=True, help="positions of the attacked images in the test set (.npz)"
    )
    parser.add_argument("--output", type=Path, required=True, help="adversarial samples with their true labels (.npz)")


def read_inputs(settings: argparse.Namespace) -> tuple[Network, NDArray[np.float64], NDArray[Any]]:
    """Return the source network and the attacked images with their labels."""
    images, labels = load_part(settings.images, settings.split, "test")
    sample = read_arrays(settings.sample, "attacks")["attacks"]
    return load_network(settings.source), images[sample], labels[sample]


def write_samples(settings: argparse.Namespace, images: NDArray[np.float64], labels: NDArray[Any]) -> None:
    """Write the adversarial samples, in float32."""
    write_arrays(settings.output, images=images.astype(np.float32), labels=labels)
