"""Gather the first neurons' weights of trained networks, as images."""

import argparse
from pathlib import Path

import numpy as np

from reproduction.steps.words import named
from reproduction.store.files import write_arrays
from reproduction.store.networks import load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument(
        "--networks", type=named, nargs="+", required=True, metavar="NAME=FILE", help="trained networks (.npz)"
    )
    parser.add_argument("--count", type=int, required=True, help="how many neurons of the first level to show")
    parser.add_argument("--output", type=Path, required=True, help="the images, one array per network (.npz)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    images = {}
    for name, path in settings.networks:
        weights = load_network(path).weights[0][1:, : settings.count]
        side = round(len(weights) ** 0.5)
        images[name] = weights.T.reshape(-1, side, side).astype(np.float32)
    write_arrays(settings.output, **images)
