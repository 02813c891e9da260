"""Train a network by the generalized likelihood ratio method."""

import argparse

from glr.gradients.likelihood_ratio import SAMPLINGS, likelihood_ratio_gradient
from glr.noise import NOISES, make_noise
from glr.streams import stream
from reproduction.steps import train
from reproduction.store.provenance import code_digest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    train.add_arguments(parser)
    parser.add_argument("--noise", choices=NOISES, required=True, help="density of the neurons' noise")
    parser.add_argument("--variance", type=float, required=True, help="variance of the noise")
    parser.add_argument("--sampling", choices=SAMPLINGS, required=True, help="how the noise is drawn")
    parser.add_argument(
        "--replications", type=int, required=True, help="K, evaluations of the loss for each image and step"
    )


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
    )
