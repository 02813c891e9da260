"""Make adversarial samples by the fast gradient sign method."""

import argparse

from glr.attacks import fgsm
from reproduction.steps import attack
from reproduction.steps.attack import add_arguments as add_arguments
from reproduction.store.networks import load_network


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    images, labels, _ = attack.read_attacked(settings.images, settings.split, settings.sample)
    source = load_network(settings.source, images.shape[1])
    counted = attack.count_images(settings.counted, source, images, labels)
    attack.write_samples(settings, fgsm(source, images, labels, epsilon=settings.epsilon), labels, counted)
