"""Train a network by back-propagation."""

import argparse

from glr.commands import train
from glr.gradients.backprop import backprop_gradient
from glr.provenance import code_digest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    train.add_arguments(parser)


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    train.run(
        settings,
        lambda network, images, labels: backprop_gradient(network, images, labels, loss=settings.loss),
        None,
        code_digest(__name__),
    )
