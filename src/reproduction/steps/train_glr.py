"""Train a network by the generalized likelihood ratio method."""

import argparse

import numpy as np

from glr.gradients.likelihood_ratio import unchecked_likelihood_ratio_gradient as likelihood_ratio_gradient
from glr.noise import make_noise
from glr.streams import stream
from reproduction.steps import train
from reproduction.steps.train import add_arguments as add_arguments
from reproduction.store.provenance import code_digest


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    noise = make_noise(settings.noise, settings.variance)
    rng = stream(settings.seed, "neuronal_noise", settings.model, settings.replicate)
    train.run(
        settings,
        lambda network, images, labels: likelihood_ratio_gradient(
            network,
            images,
            labels,
            loss=settings.loss,
            noise=noise,
            replications=settings.replications,
            rng=rng,
            sampling=settings.sampling,
        ),
        rng,
        code_digest(__name__),
        np.float64,
    )
