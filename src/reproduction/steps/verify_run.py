"""Compare a run's accuracies with the reference's, cell by cell, and fail with a list of those that do not agree."""

import argparse
from pathlib import Path

from glr.errors import InputError
from reproduction.report.columns import COLUMNS
from reproduction.report.verification import compare
from reproduction.store.files import read_table, write_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--accuracies", type=Path, required=True, help="accuracies of the run (.csv)")
    parser.add_argument("--reference", type=Path, required=True, help="accuracies of the reference (.csv)")
    parser.add_argument("--output", type=Path, required=True, help="the comparison (.csv)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    table = compare(read_table(settings.accuracies, COLUMNS), read_table(settings.reference, COLUMNS))
    outside = table[~table["agrees"]]
    if len(outside):
        lines = [
            f"{row.model} on {row.samples}: {row.mean:.4f}, reference {row.reference:.4f} ± {row.allowed:.4f}"
            for row in outside.itertuples()
        ]
        raise InputError(
            f"{settings.accuracies}: found {len(outside)} of {len(table)} cells outside the reference's spread: "
            f"{'; '.join(lines)}."
        )
    write_table(settings.output, table)
    print(f"All {len(table)} cells agree with {settings.reference}.")
