"""Make adversarial samples by box-constrained L-BFGS."""

import argparse
from functools import partial

from glr.attacks import choose_targets, lbfgs, lbfgs_minimal
from glr.streams import stream
from reproduction.steps import attack
from reproduction.steps.attack import add_arguments as add_arguments
from reproduction.store.networks import load_network


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    images, labels, classes = attack.read_attacked(settings.images, settings.split, settings.sample)
    source = load_network(settings.source, images.shape[1])
    rng = stream(settings.seed, "targets", settings.replicate)
    targets = choose_targets(settings.target, source, images, labels, rng, classes)
    search = lbfgs_minimal if settings.c == "minimal" else partial(lbfgs, c=settings.c)
    counted = attack.count_images(settings.counted, source, images, labels)
    attack.write_samples(settings, attack.followed_search(search, source, images, targets), labels, counted)
