"""Compare a run's accuracies with the reference's, cell by cell, and fail with a list of those that do not agree."""

import argparse
from collections.abc import Hashable
from math import isnan
from pathlib import Path
from typing import Any

from glr.errors import InputError
from reproduction.report.columns import COLUMNS
from reproduction.report.statistics import counted
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
        raise InputError(
            f"{settings.accuracies}: found {len(outside)} of {len(table)} cells outside the reference's spread: "
            f"{'; '.join(map(told, outside.to_dict('records')))}."
        )
    write_table(settings.output, table)
    print(
        f"All {len(table)} cells agree with {settings.reference} as far as {counted(*table['replicates'])} can tell: "
        f"differences of {table['allowed'].min():.4f} to {table['allowed'].max():.4f}, by cell, are allowed."
    )


def told(cell: dict[Hashable, Any]) -> str:
    """Return what is wrong with a cell."""
    name = f"{cell['model']} on {cell['samples']}"
    if cell["replicates"] == 0:
        return f"{name}: absent"
    if cell["diverged"]:
        return f"{name}: diverged in {cell['diverged']} of {counted(cell['replicates'])}"
    if isnan(cell["reference"]):
        return f"{name}: the reference diverged"
    if isnan(cell["allowed"]):
        return f"{name}: one replicate of each run does not tell how they scatter"
    return f"{name}: {cell['mean']:.4f}, reference {cell['reference']:.4f} ± {cell['allowed']:.4f}"
