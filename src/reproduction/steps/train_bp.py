"""Train a network by back-propagation, with or without neuronal noise."""

import argparse

import numpy as np

from glr.errors import InputError
from glr.gradients.backprop import unchecked_backprop_gradient as backprop_gradient
from glr.noise import make_noise
from glr.streams import stream
from reproduction.steps import train
from reproduction.steps.train import add_arguments as add_arguments
from reproduction.store.provenance import code_digest


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
        np.float32,  # PyTorch's default, in which the authors trained; twice as fast
    )
