"""What evaluate-model and evaluate-corruptions share: the network, the unchanged images, and what is written."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glr.prediction import predict, recalls
from glr.streams import stream
from reproduction.report.columns import COLUMNS, ORIGINALS, RECALL_COLUMNS, originals_of
from reproduction.steps.words import prediction_noise
from reproduction.store.files import write_arrays, write_rows
from reproduction.store.images import load_part, read_indices
from reproduction.store.networks import load_network


class Samples(NamedTuple):
    """A set of images: its name, its labels (n,), by severity the images in chunks (k, pixels), and which count (n,).

    What has no severities has only severity 0.
    """

    name: str
    labels: NDArray[np.uint8]
    severities: Mapping[int, Iterable[NDArray[Any]]]
    counted: NDArray[np.bool_]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the network and of the files that are written."""
    parser.add_argument("--weights", type=Path, required=True, help="the trained network (.npz)")
    parser.add_argument("--predictions", type=Path, required=True, help="predicted labels (.npz)")
    parser.add_argument("--recall", type=Path, required=True, help="recall of each class of unchanged images (.csv)")
    parser.add_argument("--output", type=Path, required=True, help="accuracies (.csv)")


def run(
    settings: argparse.Namespace,
    kind: str,
    sets_of: Callable[[NDArray[np.float64], NDArray[np.uint8]], Iterable[Samples]],
) -> None:
    """Predict the unchanged images and all sets, and write the predictions, the recall and the accuracies.

    Parameters
    ----------
    settings : argparse.Namespace
        The flags of the verb.
    kind : {"attacks", "corruptions"}
        What the sets are, and whose sample of the test images the unchanged ones are.
    sets_of : callable
        Returns the sets for the sampled test images (n, pixels) and their labels (n,).
    """
    noise = prediction_noise(settings)
    images, labels = load_part(settings.images, settings.split, "test")
    network = load_network(settings.weights, images.shape[1])
    diverged = not all(np.isfinite(weights).all() for weights in network.weights)
    sample = read_indices(settings.sample, kind, len(labels))
    original, images, truth = ORIGINALS[kind], images[sample], labels[sample]
    predictions, rows = {}, []

    def add_row(name: str, severity: int, right: NDArray[np.bool_]) -> None:
        share = float("nan") if diverged else float(right.mean())
        rows.append((settings.model, settings.replicate, name, severity, share, len(right)))

    sets = [Samples(original, truth, {0: [images]}, np.ones(len(truth), bool)), *sets_of(images, truth)]
    for name, true, severities, counted in sets:
        predicted = []
        for severity, chunks in severities.items():
            rng = stream(settings.seed, "prediction", settings.model, settings.replicate, name, severity)
            parts = [predict(network, chunk, noise, settings.predict_replications, rng) for chunk in chunks]
            predicted.append(np.concatenate(parts))
            add_row(name, severity, (predicted[-1] == true)[counted])
        predictions[name] = predicted[0] if 0 in severities else np.array(predicted)
        if not counted.all():
            add_row(originals_of(name), 0, (predictions[original] == truth)[counted])
    found = recalls(predictions[original], truth, network.sizes[-1])
    recall = [(label, float("nan") if diverged else share, count) for label, share, count in found]
    names = (settings.model, settings.replicate, original)
    write_rows(settings.recall, RECALL_COLUMNS, [(*names, *row) for row in recall])
    write_arrays(
        settings.predictions, labels=truth, diverged=diverged, counted=[one.counted for one in sets], **predictions
    )
    write_rows(settings.output, COLUMNS, rows)
