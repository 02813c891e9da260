"""Put together which images fell to which attack, and count the accuracies that each attack and all of them leave."""

import argparse
from pathlib import Path

import numpy as np

from glr.errors import InputError
from reproduction.report.attacks import flags, withstood
from reproduction.report.columns import ALL_ATTACKS, CERTIFIED, VICTIM_COLUMNS
from reproduction.store.files import read_arrays, write_arrays, write_rows, write_text

EACH = ("right", "blind", "unsteady", "diverged")
"""Arrays that every attack has of its own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--victims", type=Path, nargs="+", required=True, help="what attack-victim wrote (.npz)")
    for name in ("models", "attacks", "methods"):
        parser.add_argument(f"--{name}", nargs="+", required=True, help=f"the {name[:-1]} of each file")
    parser.add_argument("--replicates", type=int, nargs="+", required=True, help="the replicate of each file")
    parser.add_argument("--certificates", type=Path, nargs="+", required=True, help="what certify-model wrote (.npz)")
    parser.add_argument("--certified", nargs="+", required=True, help="the model of each file of certificates")
    parser.add_argument(
        "--certified-replicates", type=int, nargs="+", required=True, help="the replicate of each file of certificates"
    )
    parser.add_argument(
        "--variance", type=float, required=True, help="variance of the certificates' noise on the first level"
    )
    parser.add_argument("--images", type=Path, required=True, help="which images withstand each attack (.npz)")
    parser.add_argument("--flags", type=Path, required=True, help="the flags that AutoAttack raises, in words (.md)")
    parser.add_argument("--output", type=Path, required=True, help="accuracies (.csv)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    names = {name: getattr(settings, name) for name in ("models", "attacks", "methods", "replicates")}
    if {len(one) for one in names.values()} != {len(settings.victims)}:
        counts = ", ".join(str(len(one)) for one in names.values())
        raise InputError(
            f"{', '.join(f'--{name}' for name in names)}: found {counts}, but one for each of "
            f"{len(settings.victims)} victims is needed."
        )
    victims = [read_arrays(path, "norms", "epsilons", *EACH) for path in settings.victims]
    first = victims[0]
    for path, arrays in zip(settings.victims, victims, strict=True):
        alike = all(np.array_equal(arrays[name], first[name]) for name in ("norms", "epsilons"))
        if not alike or arrays["right"].shape != first["right"].shape:
            raise InputError(f"{path}: found strengths or images that differ from those of {settings.victims[0]}.")
    found = {name: np.array(values) for name, values in names.items()}
    found |= {name: np.stack([arrays[name] for arrays in victims]) for name in EACH}
    found |= {name: first[name] for name in ("norms", "epsilons")}
    strengths = list(zip(first["norms"].tolist(), first["epsilons"].tolist(), strict=True))
    images, rows = first["right"].shape[1], []
    attacks = {attack: found["attacks"] == attack for attack in dict.fromkeys(settings.attacks)}
    for model in dict.fromkeys(settings.models):
        for attack, chosen in (attacks | {ALL_ATTACKS: np.ones(len(victims), bool)}).items():
            for replicate, shares in withstood(found, model, chosen).iterrows():
                rows += [
                    (model, replicate, attack, *at, share, images) for at, share in zip(strengths, shares, strict=True)
                ]
    for path, model, replicate in zip(
        settings.certificates, settings.certified, settings.certified_replicates, strict=True
    ):
        radii = [epsilon for norm, epsilon in strengths if norm == "l2"]
        proved = _certified(path, settings.variance, radii, images)
        rows += [(model, replicate, CERTIFIED, "l2", *at, images) for at in zip(radii, proved, strict=True)]
    write_arrays(settings.images, **found)
    write_text(settings.flags, flags(found))
    write_rows(settings.output, VICTIM_COLUMNS, rows)


def _certified(path: Path, variance: float, radii: list[float], images: int) -> list[float]:
    """Return the shares of the first images that are right and certified within radii; a network may have diverged."""
    found = read_arrays(path, "noise_levels", "variances", "labels", "radii", "truth", "diverged")
    (row,), (column,) = np.flatnonzero(found["noise_levels"] == "first"), np.flatnonzero(found["variances"] == variance)
    right = (found["labels"][row, column] == found["truth"])[:images]
    lost = float("nan") if found["diverged"] else 0.0
    # The proof holds for changes whose norm is below the radius found.
    return [lost + float((right & (found["radii"][row, column, :images] > radius)).mean()) for radius in radii]
