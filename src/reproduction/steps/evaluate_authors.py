"""Put the authors' own networks to the paper's tests, on MNIST's own test images."""

import argparse
from collections.abc import Iterator
from functools import partial
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.attacks import STRENGTHS, choose_targets, fgsm, lbfgs
from glr.corruptions import CORRUPTIONS, GAUSSIAN_NOISE, SEVERITIES
from glr.errors import InputError
from glr.network import Network
from glr.prediction import accuracy, predict
from glr.streams import stream
from reproduction.calibration import calibrate
from reproduction.progress import followed, say
from reproduction.report.columns import AUTHORS_COLUMNS, AUTHORS_WEIGHTS_COLUMNS
from reproduction.report.paper import AUTHORS_EPSILON, BASELINE, MODELS, TABLE1
from reproduction.steps.attack import followed_search
from reproduction.store.authors import read_authors
from reproduction.store.files import write_rows
from reproduction.store.images import read_raw, resize_images
from reproduction.store.raw import MNIST, RAW_FILES, sha256

TEST_IMAGES = 10_000
"""Of MNIST, which come last."""
EPSILONS = (AUTHORS_EPSILON, 0.2)
"""Of FGSM; the second one is that of the authors' uploaded script."""

Images = NDArray[np.float64]
Labels = NDArray[Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument("--raw", type=Path, required=True, help="folder of the raw files")
    parser.add_argument("--networks", type=Path, required=True, help="folder of the authors' weight files")
    parser.add_argument("--weights", type=Path, required=True, help="the sizes of the weights (.csv)")
    parser.add_argument("--output", type=Path, required=True, help="accuracies (.csv)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    for key, name in RAW_FILES.items():
        if (found := sha256(settings.raw / name)) != MNIST[key]:
            raise InputError(
                f"{settings.raw / name}: found the SHA-256 {found}, but the authors' networks were trained on MNIST, "
                f"whose file has {MNIST[key]}."
            )
    networks = read_authors(settings.networks)
    raw, labels = read_raw(settings.raw)
    images = resize_images(raw, settings.size, settings.filter).reshape(len(raw), -1)
    inputs = networks["authors_source"].sizes[0]
    if images.shape[1] != inputs:
        raise InputError(f"--size: found {settings.size}, but the authors' networks need {isqrt(inputs)}.")
    write_rows(settings.weights, AUTHORS_WEIGHTS_COLUMNS, weight_rows(networks, images.max(axis=0) == 0))
    test, test_labels = images[-TEST_IMAGES:] / 255.0, labels[-TEST_IMAGES:]
    right = networks["authors_source"].predict(test) == test_labels
    rows = [
        *rows_of(networks, test, test_labels, "orig"),
        *attacked(networks, test[right], test_labels[right]),
        *searched(networks, test[right], test_labels[right], settings.count, settings.seed),
        *corrupted(networks, raw[-TEST_IMAGES:] / 255.0, test, test_labels, settings),
    ]
    write_rows(settings.output, AUTHORS_COLUMNS, rows)


def weight_rows(networks: dict[str, Network], unseen: NDArray[np.bool_]) -> Iterator[tuple[Any, ...]]:
    """Yield `AUTHORS_WEIGHTS_COLUMNS`; `unseen` (pixels,) tells which pixels are 0 in all images."""
    for name, network in networks.items():
        for level, weights in enumerate(network.weights, start=1):
            still = weights[1:][unseen] if level == 1 else np.empty(0)
            yield name, level, np.linalg.norm(weights), still.size, still.std() if still.size else float("nan")


def rows_of(
    networks: dict[str, Network],
    images: Images,
    labels: Labels,
    samples: str,
    *,
    strength: float = float("nan"),
    constants: str = "",
    resize: str = "",
    severity: int = 0,
) -> Iterator[tuple[Any, ...]]:
    """Yield `AUTHORS_COLUMNS` of all networks on images (n, pixels) with their labels (n,)."""
    for name, network in networks.items():
        share = accuracy(predict(network, images), labels)
        yield name, samples, strength, constants, resize, severity, share, len(labels)


def attacked(networks: dict[str, Network], images: Images, labels: Labels) -> Iterator[tuple[Any, ...]]:
    """Yield the accuracies on images that the source gets right, and on their FGSM samples."""
    source = networks["authors_source"]
    yield from rows_of(networks, images, labels, "orig_attacked")
    for epsilon in EPSILONS:
        samples = fgsm(source, images, labels, epsilon=epsilon)
        yield from rows_of(networks, samples, labels, "fgsm", strength=epsilon)


def searched(
    networks: dict[str, Network], images: Images, labels: Labels, count: int, seed: int
) -> Iterator[tuple[Any, ...]]:
    """Yield the accuracies on L-BFGS samples of `count` of the images, at the c that brings BP to the paper's."""
    source = networks["authors_source"]
    if count > len(labels):
        raise InputError(f"--count: found {count}, but the source network gets {len(labels)} test images right.")
    # MNIST's first test images are easier than its last.
    drawn = stream(seed, "authors_images").permutation(len(labels))[:count]
    images, labels = images[drawn], labels[drawn]
    targets = choose_targets("random", source, images, labels, stream(seed, "targets", "authors"))

    def baseline(c: float) -> tuple[float, ...]:
        samples = followed_search(partial(lbfgs, c=c), source, images, targets)
        share = accuracy(predict(networks["authors_bp"], samples), labels)
        say(f"c {c:.4g}: accuracy {share:.3f}")
        return (share,)

    c, _ = calibrate(baseline, TABLE1["lbfgs"][MODELS.index(BASELINE)], STRENGTHS["lbfgs"][1])
    samples = followed_search(partial(lbfgs, c=c), source, images, targets)
    yield from rows_of(networks, samples, labels, "lbfgs", strength=c)


def corrupted(
    networks: dict[str, Network], raw: NDArray[Any], images: Images, labels: Labels, settings: argparse.Namespace
) -> Iterator[tuple[Any, ...]]:
    """Yield the accuracies under each corruption with each published set of constants, before and after the resize."""
    pictures = {"before": images, "after": raw.reshape(len(raw), -1)}
    for kind in followed(list(CORRUPTIONS), "corruptions"):
        for constants in GAUSSIAN_NOISE:
            for resize, clean in pictures.items():
                for severity in SEVERITIES:
                    rng = stream(settings.seed, "corruption", kind, "authors", severity)
                    batch = CORRUPTIONS[kind](clean, severity, constants=constants, rng=rng)
                    if resize == "after":
                        batch = resize_images(batch.reshape(raw.shape), settings.size, settings.filter)
                    yield from rows_of(
                        networks,
                        batch.reshape(images.shape),
                        labels,
                        kind,
                        constants=constants,
                        resize=resize,
                        severity=severity,
                    )
