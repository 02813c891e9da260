"""Record by which value of which setting the models and sets of sweeps differ."""

import argparse
from pathlib import Path

from glr.errors import InputError
from reproduction.report.columns import SWEEP_COLUMNS
from reproduction.store.files import write_rows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--names", nargs="*", required=True, help="the models and sets that sweeps made")
    parser.add_argument("--families", nargs="*", required=True, help="the model or set that each of them varies")
    parser.add_argument("--keys", nargs="*", required=True, help="the setting in which each of them differs")
    parser.add_argument("--values", type=float, nargs="*", required=True, help="the value of this setting")
    parser.add_argument("--output", type=Path, required=True, help="one row for each of them (.csv)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    columns = (settings.names, settings.families, settings.keys, settings.values)
    if len({len(column) for column in columns}) > 1:
        counts = ", ".join(str(len(column)) for column in columns)
        raise InputError(f"--names, --families, --keys, --values: found {counts}, but as many of each are needed.")
    write_rows(settings.output, SWEEP_COLUMNS, zip(*columns, strict=True))
