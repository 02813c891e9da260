"""Put CSV files of the same columns into one, in the given order."""

import argparse
from pathlib import Path

import pandas as pd

from glr.errors import InputError
from reproduction.store.files import read_table, write_table

COLUMNS: dict[str, tuple[str, type]] = {
    "models": ("model", str),
    "replicates": ("replicate", int),
    "losses": ("loss", str),
    "reductions": ("batch_reduction", str),
    "initial": ("initial_weights", str),
}
"""What may be put before, in this order: the flag, with its column and its type."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--inputs", type=Path, nargs="+", required=True, help="files with the same columns (.csv)")
    for flag, (column, kind) in COLUMNS.items():
        words = f"add a first column {column}, with one value for each file"
        parser.add_argument(f"--{flag}", type=kind, nargs="+", help=words)
    parser.add_argument("--output", type=Path, required=True, help="all rows (.csv)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    tables = [read_table(path) for path in settings.inputs]
    for path, table in zip(settings.inputs, tables, strict=True):
        if list(table.columns) != list(tables[0].columns):
            raise InputError(f"{path}: found other columns than in {settings.inputs[0]}; they have to be the same.")
    for flag, (name, _) in reversed(COLUMNS.items()):
        values = getattr(settings, flag)
        if values is not None:
            if len(values) != len(tables):
                raise InputError(
                    f"--{flag}: found {len(values)}, but one for each of the {len(tables)} inputs is needed."
                )
            if name in tables[0].columns:
                raise InputError(
                    f"--{flag}: found the column {name} in {settings.inputs[0]}; it has to be absent there."
                )
            for table, value in zip(tables, values, strict=True):
                table.insert(0, name, value)
    write_table(settings.output, pd.concat(tables))
