"""Predict sets of images by one model, and write the predictions and the accuracies."""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError
from glr.prediction import predict, recalls
from glr.streams import stream
from reproduction.report.columns import COLUMNS, ORIGINALS, RECALL_COLUMNS, originals_of
from reproduction.steps.words import add_sample, named, prediction_noise
from reproduction.store.files import write_arrays, write_rows
from reproduction.store.images import load_part, read_counted, read_indices, read_samples
from reproduction.store.networks import load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--weights", type=Path, required=True, help="the trained network (.npz)")
    add_sample(parser)
    parser.add_argument(
        "--sets", type=named, nargs="+", required=True, metavar="NAME=FILE", help="attacked or corrupted images (.npz)"
    )
    parser.add_argument("--predictions", type=Path, required=True, help="predicted labels (.npz)")
    parser.add_argument("--recall", type=Path, required=True, help="recall of each class of unchanged images (.csv)")
    parser.add_argument("--output", type=Path, required=True, help="accuracies (.csv)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    noise = prediction_noise(settings)
    images, labels = load_part(settings.images, settings.split, "test")
    network = load_network(settings.weights, images.shape[1])
    diverged = not all(np.isfinite(weights).all() for weights in network.weights)
    sample = read_indices(settings.sample, settings.kind, len(labels))
    original = ORIGINALS[settings.kind]
    sets = {name: read_samples(path, images.shape[1]) for name, path in settings.sets}
    sets = {original: (images[sample], labels[sample])} | sets
    counted = {original: np.ones(len(sample), bool)}
    for name, path in settings.sets:
        if len(sets[name][1]) != len(sample):
            raise InputError(
                f"{path}: found {len(sets[name][1])} images, but {settings.sample} has {len(sample)} of the kind "
                f"{settings.kind}."
            )
        counted[name] = read_counted(path, len(sample)) if settings.kind == "attacks" else counted[original]
    predictions, rows = {}, []

    def add_row(name: str, severity: int, right: NDArray[np.bool_], counts: NDArray[np.bool_]) -> None:
        share = float("nan") if diverged else float(right[counts].mean())
        rows.append((settings.model, settings.replicate, name, severity, share, int(counts.sum())))

    for name, (pictures, truth) in sets.items():
        severities = pictures if pictures.ndim == 3 else pictures[None]
        predicted = []
        for severity, pictured in enumerate(severities, start=1 if pictures.ndim == 3 else 0):
            rng = stream(settings.seed, "prediction", settings.model, settings.replicate, name, severity)
            predicted.append(predict(network, pictured, noise, settings.predict_replications, rng))
            add_row(name, severity, predicted[-1] == truth, counted[name])
        predictions[name] = np.array(predicted) if pictures.ndim == 3 else predicted[0]
    for name, counts in counted.items():
        if not counts.all():
            add_row(originals_of(name), 0, predictions[original] == labels[sample], counts)
    found = recalls(predictions[original], labels[sample], network.sizes[-1])
    recall = [(label, float("nan") if diverged else share, count) for label, share, count in found]
    names = (settings.model, settings.replicate, original)
    write_rows(settings.recall, RECALL_COLUMNS, [(*names, *row) for row in recall])
    write_arrays(
        settings.predictions,
        labels=labels[sample],
        diverged=diverged,
        counted=np.array([*counted.values()]),
        **predictions,
    )
    write_rows(settings.output, COLUMNS, rows)
