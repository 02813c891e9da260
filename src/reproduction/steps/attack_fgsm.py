"""Make adversarial samples by the fast gradient sign method."""

import argparse

from glr.attacks import fgsm
from reproduction.steps import attack
from reproduction.store.networks import load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    attack.add_arguments(parser)
    parser.add_argument(
        "--epsilon",
        type=attack.strength,
        required=True,
        help="largest change of a pixel, or the .json file that calibrate-attack wrote",
    )


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    images, labels = attack.read_attacked(settings.images, settings.split, settings.sample)
    source = load_network(settings.source, images.shape[1])
    attack.write_samples(settings, fgsm(source, images, labels, epsilon=settings.epsilon), labels)
