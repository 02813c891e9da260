"""Put together which images fell to which attack, and count the accuracies that each attack and all of them leave."""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError
from reproduction.report.columns import ALL_ATTACKS, VICTIM_COLUMNS
from reproduction.store.files import read_arrays, write_arrays, write_rows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--victims", type=Path, nargs="+", required=True, help="what attack-victim wrote (.npz)")
    parser.add_argument("--models", nargs="+", required=True, help="the model of each file")
    parser.add_argument("--attacks", nargs="+", required=True, help="the attack of each file")
    parser.add_argument("--replicates", type=int, nargs="+", required=True, help="the replicate of each file")
    parser.add_argument("--images", type=Path, required=True, help="which images each attack left right (.npz)")
    parser.add_argument("--output", type=Path, required=True, help="accuracies (.csv)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    names = (settings.models, settings.attacks, settings.replicates)
    if {len(one) for one in names} != {len(settings.victims)}:
        counts = ", ".join(str(len(one)) for one in names)
        raise InputError(
            f"--models, --attacks, --replicates: found {counts}, but one for each of "
            f"{len(settings.victims)} victims is needed."
        )
    victims = [read_arrays(path, "epsilons", "right", "diverged") for path in settings.victims]
    first = victims[0]
    for path, arrays in zip(settings.victims, victims, strict=True):
        alike = np.array_equal(arrays["epsilons"], first["epsilons"]) and arrays["right"].shape == first["right"].shape
        if not alike:
            raise InputError(f"{path}: found other strengths or images than {settings.victims[0]} has.")
    epsilons = first["epsilons"].tolist()
    right = np.stack([arrays["right"] for arrays in victims])
    diverged = np.array([bool(arrays["diverged"]) for arrays in victims])
    keys = list(zip(*names, strict=True))
    groups = {(model, attack, replicate): [index] for index, (model, attack, replicate) in enumerate(keys)}
    for index, (model, _, replicate) in enumerate(keys):
        groups.setdefault((model, ALL_ATTACKS, replicate), []).append(index)
    rows = []
    for (model, attack, replicate), members in groups.items():
        kept: NDArray[np.bool_] = np.logical_and.reduce(right[members])
        for epsilon, images in zip(epsilons, list(kept), strict=True):
            share = float("nan") if diverged[members].any() else float(images.mean())
            rows.append((model, replicate, attack, epsilon, share, images.size))
    write_arrays(
        settings.images,
        models=np.array(settings.models),
        attacks=np.array(settings.attacks),
        replicates=np.array(settings.replicates),
        epsilons=first["epsilons"],
        right=right,
        diverged=diverged,
    )
    write_rows(settings.output, VICTIM_COLUMNS, rows)
