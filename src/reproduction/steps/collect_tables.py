"""Put CSV files of the same columns into one, in the given order."""

import argparse
from pathlib import Path

import pandas as pd

from glr.errors import InputError
from reproduction.store.files import read_table, write_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--inputs", type=Path, nargs="+", required=True, help="files of the same columns (.csv)")
    parser.add_argument("--models", nargs="+", help="put a column model before, with a name for each file")
    parser.add_argument(
        "--replicates", type=int, nargs="+", help="put a column replicate before, with a number for each file"
    )
    parser.add_argument("--output", type=Path, required=True, help="all rows (.csv)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    tables = [read_table(path) for path in settings.inputs]
    for path, table in zip(settings.inputs, tables, strict=True):
        if list(table.columns) != list(tables[0].columns):
            raise InputError(f"{path}: found other columns than in {settings.inputs[0]}; they have to be the same.")
    for name, values in (("replicate", settings.replicates), ("model", settings.models)):
        if values is not None:
            if len(values) != len(tables):
                raise InputError(
                    f"--{name}s: found {len(values)}, but one for each of the {len(tables)} inputs is needed."
                )
            if name in tables[0].columns:
                raise InputError(
                    f"--{name}s: found the column {name} in {settings.inputs[0]}; it has to be absent there."
                )
            for table, value in zip(tables, values, strict=True):
                table.insert(0, name, value)
    write_table(settings.output, pd.concat(tables))
