"""Train a network by back-propagation, with or without neuronal noise."""

import argparse

from glr.errors import InputError
from glr.gradients.backprop import backprop_gradient
from glr.noise import NOISES, make_noise
from glr.streams import stream
from reproduction.steps import train
from reproduction.store.provenance import code_digest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    train.add_arguments(parser)
    parser.add_argument("--noise", choices=NOISES, help="density of the neurons' noise (default: none)")
    parser.add_argument("--variance", type=float, help="variance of the noise")
    parser.add_argument(
        "--replications", type=int, help="draws of the noise, over which the gradient of each image is averaged"
    )


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    if settings.noise and not (settings.variance and settings.replications):
        raise InputError("--noise: needs --variance and --replications beside it.")
    noise = make_noise(settings.noise, settings.variance) if settings.noise else None
    rng = stream(settings.seed, "neuronal_noise", settings.model, settings.replicate) if noise else None
    train.run(
        settings,
        lambda network, images, labels: backprop_gradient(
            network, images, labels, loss=settings.loss, noise=noise, replications=settings.replications, rng=rng
        ),
        rng,
        code_digest(__name__),
    )
