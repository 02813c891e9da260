"""Certify how far images may move without changing a network's most likely label under Gaussian noise."""

import argparse
from itertools import product
from pathlib import Path

import numpy as np

from glr.certificates import certify
from glr.noise import Gaussian
from glr.streams import stream
from reproduction.progress import followed
from reproduction.steps.attack import read_attacked
from reproduction.steps.words import add_sample
from reproduction.store.files import write_arrays
from reproduction.store.networks import load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--weights", type=Path, required=True, help="the trained network (.npz)")
    add_sample(parser)
    parser.add_argument(
        "--output", type=Path, required=True, help="labels, bounds and radii, for each noise and image (.npz)"
    )


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    images, truth, _ = read_attacked(settings.images, settings.split, settings.sample, settings.count)
    network = load_network(settings.weights, images.shape[1])
    diverged = not all(np.isfinite(weights).all() for weights in network.weights)
    shape = (len(settings.noise_levels), len(settings.variances), len(truth))
    # A network that diverged has no certificate: it abstains.
    labels, bounds, radii = np.full(shape, -1, np.int8), np.zeros(shape), np.zeros(shape)
    noises = list(product(enumerate(settings.noise_levels), enumerate(settings.variances)))
    for (row, levels), (column, variance) in followed([] if diverged else noises, settings.model):
        density = Gaussian(variance)
        above = density if levels == "all" else None
        found = certify(
            network,
            images,
            noise=[density, *[above] * (len(network.weights) - 1)],
            draws=settings.draws,
            alpha=settings.alpha,
            rng=stream(settings.seed, "certificates", settings.model, settings.replicate, levels, str(variance)),
        )
        labels[row, column], bounds[row, column], radii[row, column] = found.labels, found.bounds, found.radii
    write_arrays(
        settings.output,
        noise_levels=np.array(settings.noise_levels),
        variances=np.array(settings.variances),
        labels=labels,
        bounds=bounds,
        radii=radii,
        truth=truth,
        clean=network.predict(images) == truth,
        diverged=diverged,
    )
