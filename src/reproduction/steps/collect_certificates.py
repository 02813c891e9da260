"""Count the images that are right and certified within each radius, over networks and replicates."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glr.errors import InputError
from reproduction.report.columns import CERTIFICATE_COLUMNS
from reproduction.store.files import read_arrays, write_rows

ARRAYS = ("noise_levels", "variances", "labels", "radii", "truth", "clean", "diverged")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--certificates", type=Path, nargs="+", required=True, help="what certify-model wrote (.npz)")
    parser.add_argument("--models", nargs="+", required=True, help="the model of each file")
    parser.add_argument("--replicates", type=int, nargs="+", required=True, help="the replicate of each file")
    parser.add_argument("--radii", type=float, nargs="+", required=True, help="radii in L2")
    parser.add_argument("--output", type=Path, required=True, help="certified accuracies (.csv)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    names = (settings.models, settings.replicates)
    if {len(one) for one in names} != {len(settings.certificates)}:
        counts = ", ".join(str(len(one)) for one in names)
        raise InputError(
            f"--models, --replicates: found {counts}, but one for each of {len(settings.certificates)} files is needed."
        )
    files = zip(settings.certificates, *names, strict=True)
    write_rows(settings.output, CERTIFICATE_COLUMNS, (row for file in files for row in _rows(*file, settings.radii)))


def _rows(path: Path, model: str, replicate: int, radii: list[float]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of one network and replicate; the shares of one that diverged are not numbers."""
    found = read_arrays(path, *ARRAYS)
    lost = float("nan") if found["diverged"] else 0.0
    for row, levels in enumerate(found["noise_levels"]):
        for column, variance in enumerate(found["variances"]):
            labels = found["labels"][row, column]
            abstained, clean = lost + float((labels < 0).mean()), lost + float(found["clean"].mean())
            for radius in radii:
                # The proof holds for changes whose norm is below the radius found.
                right = (labels == found["truth"]) & (found["radii"][row, column] > radius)
                accuracy = lost + float(right.mean())
                yield model, variance, levels, replicate, radius, accuracy, abstained, len(labels), clean
