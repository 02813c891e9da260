"""Make adversarial samples by the fast gradient sign method."""

import argparse

from glr.attacks import fgsm
from glr.commands import attack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    attack.add_arguments(parser)
    parser.add_argument("--epsilon", type=float, required=True, help="largest change of a pixel, in [0, 1]")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    source, images, labels = attack.read_inputs(settings)
    attack.write_samples(settings, fgsm(source, images, labels, epsilon=settings.epsilon), labels)
