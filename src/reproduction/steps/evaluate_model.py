"""Predict sets of images by one model, and write the predictions and the accuracies."""

import argparse
from pathlib import Path

import numpy as np

from glr.prediction import accuracy, predict, recalls
from glr.streams import stream
from reproduction.report.columns import COLUMNS, ORIGINALS, RECALL_COLUMNS
from reproduction.steps.words import add_sample, named, prediction_noise
from reproduction.store.files import write_arrays, write_rows
from reproduction.store.images import load_part, read_indices, read_samples
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
    sets = {name: read_samples(path, images.shape[1]) for name, path in settings.sets}
    sets = {ORIGINALS[settings.kind]: (images[sample], labels[sample])} | sets
    predictions, rows = {}, []
    for name, (pictures, truth) in sets.items():
        severities = pictures if pictures.ndim == 3 else pictures[None]
        predicted = []
        for severity, pictured in enumerate(severities, start=1 if pictures.ndim == 3 else 0):
            rng = stream(settings.seed, "prediction", settings.model, settings.replicate, name, severity)
            predicted.append(predict(network, pictured, noise, settings.predict_replications, rng))
            share = float("nan") if diverged else accuracy(predicted[-1], truth)
            rows.append((settings.model, settings.replicate, name, severity, share, len(truth)))
        predictions[name] = np.array(predicted) if pictures.ndim == 3 else predicted[0]
    original = ORIGINALS[settings.kind]
    found = recalls(predictions[original], labels[sample], network.sizes[-1])
    recall = [(label, float("nan") if diverged else share, count) for label, share, count in found]
    names = (settings.model, settings.replicate, original)
    write_rows(settings.recall, RECALL_COLUMNS, [(*names, *row) for row in recall])
    write_arrays(settings.predictions, labels=labels[sample], diverged=diverged, **predictions)
    write_rows(settings.output, COLUMNS, rows)
