"""Count how often each class is taken for each, over all replicates of a model; one that diverged predicts none."""

import argparse
from pathlib import Path

import numpy as np

from glr.errors import InputError
from reproduction.report.columns import CONFUSION_COLUMNS, DIVERGED
from reproduction.store.files import read_arrays, write_rows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--predictions", type=Path, nargs="+", required=True, help="predicted labels (.npz)")
    parser.add_argument("--models", nargs="+", required=True, help="the model of each file")
    parser.add_argument("--output", type=Path, required=True, help="counts, summed over a model's files (.csv)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    if len(settings.models) != len(settings.predictions):
        raise InputError(
            f"--models: found {len(settings.models)}, but one for each of the {len(settings.predictions)} inputs "
            "is needed."
        )
    counts: dict[tuple[str, str, int, int], int] = {}
    inputs = [read_arrays(path, "labels", "diverged", "counted") | read_arrays(path) for path in settings.predictions]
    classes = 1 + max(int(array.max(initial=0)) for arrays in inputs for array in arrays.values())
    for model, arrays in zip(settings.models, inputs, strict=True):
        labels, diverged, counts_of = arrays.pop("labels"), bool(arrays.pop("diverged")), arrays.pop("counted")
        for (samples, predicted), counted in zip(arrays.items(), counts_of, strict=True):
            # Corrupted images are predicted once a severity.
            predicted = predicted[..., counted]
            truth = np.broadcast_to(labels[counted], predicted.shape).astype(np.intp).ravel()
            if diverged:
                pairs = {(label, DIVERGED): count for label, count in enumerate(np.bincount(truth, minlength=classes))}
            else:
                found = np.bincount(classes * truth + predicted.ravel(), minlength=classes**2)
                pairs = {divmod(pair, classes): count for pair, count in enumerate(found)}
            for pair, count in pairs.items():
                key = (model, samples, *pair)
                counts[key] = counts.get(key, 0) + int(count)
    write_rows(settings.output, CONFUSION_COLUMNS, [(*key, count) for key, count in counts.items()])
