"""Corrupt the test images of a replicate, predict them by one model, and write the predictions and the accuracies."""

import argparse
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reproduction.steps import corrupt, evaluate
from reproduction.steps.evaluate import Samples


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    evaluate.add_arguments(parser)
    corrupt.add_arguments(parser)


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""

    def corrupted(images: NDArray[Any], labels: NDArray[Any]) -> list[Samples]:
        sets = corrupt.corrupted_sets(settings, images)
        every = np.ones(len(labels), bool)
        return [Samples(name, labels, severities, every) for name, severities in sets.items()]

    evaluate.run(settings, "corruptions", corrupted)
