"""Make adversarial samples by box-constrained L-BFGS."""

import argparse
from functools import partial

from glr.attacks import TARGETS, choose_targets, lbfgs, lbfgs_minimal
from glr.streams import replicate, stream
from reproduction.steps import attack
from reproduction.store.networks import load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    attack.add_arguments(parser)
    parser.add_argument(
        "--c",
        type=weight,
        required=True,
        help="weight of the squared distance, or the .json file that calibrate-attack wrote, or minimal: for each "
        "image the largest that gets it its target",
    )
    parser.add_argument("--target", choices=TARGETS, required=True, help="the wrong label that an image is to get")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--replicate", type=replicate, required=True)


def weight(text: str) -> float | None:
    """Return the weight of the squared distance, none where it is searched for each image."""
    return None if text == "minimal" else attack.strength(text)


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    images, labels = attack.read_attacked(settings.images, settings.split, settings.sample)
    source = load_network(settings.source, images.shape[1])
    rng = stream(settings.seed, "targets", settings.replicate)
    targets = choose_targets(settings.target, source, images, labels, rng)
    search = lbfgs_minimal if settings.c is None else partial(lbfgs, c=settings.c)
    attack.write_samples(settings, attack.followed_search(search, source, images, targets), labels)
