"""Judge the paper's claims by a run's tables, and compare the run with others, between the marks of a document."""

import argparse
from pathlib import Path

import pandas as pd

from glr.training import Epoch
from reproduction.report.claims import Measured, judge
from reproduction.report.columns import COLUMNS
from reproduction.report.comparisons import differences, literal, nearness
from reproduction.report.markdown import replace_part
from reproduction.store.files import read_table, read_text, write_text

EXPERIMENTS = ("extended",)
"""Those of whose rows a claim speaks: Laplace noise."""


NOT_KEPT = "No run of this protocol is kept.\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument(
        "--reference",
        type=Path,
        required=True,
        help="folder of the kept runs; default, authors and paper are used",
    )
    parser.add_argument("--document", type=Path, required=True, help="where to put them (.md)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    default, authors = settings.reference / "default", settings.reference / "authors"
    paper = settings.reference / "paper/evaluation/accuracies.csv"
    measured, tables = _measured(default), _tables(default)
    parts = {
        "claims": judge(measured, _measured(authors)),
        "differences": differences(*tables),
        "nearness": nearness({"default": tables, "authors' training": _tables(authors)}),
        "literal": literal(measured.accuracies, read_table(paper, COLUMNS)) if paper.exists() else NOT_KEPT,
    }
    document = read_text(settings.document)
    for name, text in parts.items():
        document = replace_part(document, name, text)
    write_text(settings.document, document)


def _measured(folder: Path) -> Measured:
    """Return what a run found, and what its experiments did that a claim speaks of."""
    paths = [folder / f"evaluation/{name}.csv" for name in ("accuracies", *EXPERIMENTS)]
    accuracies = pd.concat([read_table(path, COLUMNS) for path in paths if path == paths[0] or path.exists()])
    return Measured(
        accuracies.drop_duplicates(["model", "replicate", "samples", "severity"]),
        read_table(folder / "evaluation/histories.csv", ["model", "replicate", *Epoch._fields]),
        read_table(folder / "timings.csv", ["model", "replicate", "cpu_seconds"]),
    )


def _tables(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cells of Tables I and II, and the gains of Table II."""
    cells = [read_table(folder / f"tables/{name}.csv") for name in ("table1", "table2")]
    return pd.concat(cells), read_table(folder / "tables/table2_gains.csv")
