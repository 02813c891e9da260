"""Find the strength of an attack at which the baseline falls to a given accuracy."""

import argparse
import json
from functools import partial
from pathlib import Path

import numpy as np

from glr.attacks import STRENGTHS, choose_targets, fgsm, lbfgs
from glr.errors import InputError
from glr.prediction import accuracy, predict
from glr.streams import stream
from reproduction.calibration import calibrate
from reproduction.progress import say
from reproduction.steps.attack import count_images, followed_search, read_attacked
from reproduction.steps.words import prediction_noise
from reproduction.store.files import write_rows, write_text
from reproduction.store.networks import load_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument(
        "--weights", type=Path, nargs="+", required=True, help="networks of the baseline, one per replicate (.npz)"
    )
    parser.add_argument(
        "--sources", type=Path, nargs="+", required=True, help="source networks, one per replicate (.npz)"
    )
    parser.add_argument(
        "--samples",
        type=Path,
        nargs="+",
        required=True,
        help="positions in the test set, one file per replicate (.npz)",
    )
    parser.add_argument("--images", type=Path, required=True, help="resized images (.npz)")
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="splits, one per replicate (.npz)")
    parser.add_argument("--search", type=Path, required=True, help="strengths tried and their accuracies (.csv)")
    parser.add_argument("--output", type=Path, required=True, help="the strength found (.json)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    if settings.method == "lbfgs" and not settings.target:
        raise InputError("--target: found nothing, but lbfgs needs it.")
    given = [getattr(settings, name) for name in ("replicates", "weights", "sources", "splits", "samples")]
    counts = [len(words) for words in given]
    if len(set(counts)) > 1:
        raise InputError(
            f"--replicates, --weights, --sources, --splits, --samples: found {counts}, but as many of each are needed."
        )
    cases = []
    for name, weights, source_path, split, sample in zip(*given, strict=True):
        images, labels, classes = read_attacked(settings.images, split, sample)
        images, labels = images[: settings.count], labels[: settings.count]
        source = load_network(source_path, images.shape[1])
        rng = stream(settings.seed, "targets", name)
        targets = choose_targets(settings.target, source, images, labels, rng, classes) if settings.target else labels
        counted = count_images(settings.counted, source, images, labels)
        images, labels, targets = images[counted], labels[counted], targets[counted]
        cases.append((name, load_network(weights, images.shape[1]), source, images, labels, targets))

    noise = prediction_noise(settings)
    parameter, bounds = STRENGTHS[settings.method]

    def accuracies(strength: float) -> tuple[float, ...]:
        found = []
        for name, network, source, images, labels, targets in cases:
            if settings.method == "fgsm":
                adversarial = fgsm(source, images, labels, epsilon=strength)
            else:
                adversarial = followed_search(partial(lbfgs, c=strength), source, images, targets)
            rng = stream(settings.seed, "calibrated_prediction", name, str(strength))
            predicted = predict(network, adversarial.astype(np.float32), noise, settings.predict_replications, rng)
            found.append(accuracy(predicted, labels))
        say(f"{parameter} {strength:.4g}: accuracies {', '.join(f'{share:.3f}' for share in found)}")
        return tuple(found)

    strength, trials = calibrate(accuracies, settings.accuracy, bounds)
    rows = [
        (trial.strength, replicate, value)
        for trial in trials
        for replicate, value in zip(settings.replicates, trial.accuracies, strict=True)
    ]
    write_rows(settings.search, [parameter, "replicate", "accuracy"], rows)
    write_text(settings.output, json.dumps({parameter: strength}) + "\n")
