"""Count how often each class is taken for each, over all replicates of a model."""

import argparse
from pathlib import Path

import numpy as np

from glr.errors import InputError
from reproduction.report.columns import CONFUSION_COLUMNS
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
    inputs = [read_arrays(path) for path in settings.predictions]
    classes = 1 + max(int(array.max(initial=0)) for arrays in inputs for array in arrays.values())
    for path, model, arrays in zip(settings.predictions, settings.models, inputs, strict=True):
        if "labels" not in arrays:
            raise InputError(f"{path}: holds {', '.join(arrays) or 'nothing'}, but labels is needed.")
        labels = arrays.pop("labels")
        for samples, predicted in arrays.items():
            # Corrupted images are predicted once a severity.
            pairs = classes * np.broadcast_to(labels, predicted.shape).astype(np.intp) + predicted
            for pair, count in enumerate(np.bincount(pairs.ravel(), minlength=classes**2)):
                key = (model, samples, *divmod(pair, classes))
                counts[key] = counts.get(key, 0) + int(count)
    write_rows(settings.output, CONFUSION_COLUMNS, [(*key, count) for key, count in counts.items()])
