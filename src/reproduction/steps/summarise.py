"""Say what a run has made, where it lies, and how far it is from the paper."""

import argparse
from pathlib import Path

import pandas as pd

from glr.errors import InputError
from reproduction.console import duration
from reproduction.report.comparisons import distances
from reproduction.report.statistics import spread
from reproduction.report.tables import COLUMNS, GAIN_COLUMNS
from reproduction.store.files import read_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--results", type=Path, required=True, help="folder of the run")
    parser.add_argument("--seconds", type=float, help="how long the run took; it is printed with the results")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb. What is missing is left out: a run may have been of one table or figure only."""
    results = settings.results
    for kind, pattern in (("tables", "*.html"), ("figures", "*.svg"), ("dataset", "replicate-*")):
        names = sorted(path.stem for path in (results / kind).glob(pattern))
        if names:
            print(f"{kind.capitalize()} in {results / kind}: {', '.join(names)}.")
    cells = _table(results / "tables" / "table1.csv", COLUMNS)
    gains = _table(results / "tables" / "table2_gains.csv", GAIN_COLUMNS)
    if words := ", ".join(f"{name} {spread(distance)}" for name, distance in distances(cells, gains).items()):
        print(f"Mean absolute difference from the paper's accuracies: {words}.")
    if settings.seconds is not None:
        print(f"Took {duration(settings.seconds)}.")


def _table(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        return read_table(path, columns)
    except (InputError, OSError):
        return pd.DataFrame(columns=columns)
