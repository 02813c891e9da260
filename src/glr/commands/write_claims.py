"""Judge the paper's claims by a run's tables, and compare the run with others, between the marks of a document."""

import argparse
from pathlib import Path

import pandas as pd

from glr.claims import Measured, judge
from glr.comparisons import differences, literal
from glr.documents import replace_part
from glr.evaluation import COLUMNS
from glr.files import read_table, read_text, write_text
from glr.training import Epoch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument(
        "--accuracies", type=Path, nargs="+", required=True, help="long tables of accuracies, of experiments too (.csv)"
    )
    parser.add_argument("--histories", type=Path, required=True, help="losses after each epoch (.csv)")
    parser.add_argument("--timings", type=Path, required=True, help="CPU seconds of each training (.csv)")
    parser.add_argument(
        "--tables", type=Path, nargs=2, help="Tables I and II, for the differences from the paper (.csv)"
    )
    parser.add_argument("--gains", type=Path, help="the gains of Table II, for the same (.csv)")
    parser.add_argument("--literal", type=Path, help="accuracies of the literal protocol, to compare with (.csv)")
    parser.add_argument("--document", type=Path, required=True, help="where to put them (.md)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    tables = [read_table(path, COLUMNS) for path in settings.accuracies]
    measured = Measured(
        pd.concat(tables).drop_duplicates(["model", "replicate", "samples", "severity"]),
        read_table(settings.histories, ["model", "replicate", *Epoch._fields]),
        read_table(settings.timings, ["model", "replicate", "cpu_seconds"]),
    )
    document = replace_part(read_text(settings.document), "claims", judge(measured))
    if settings.tables and settings.gains:
        cells = pd.concat([read_table(path) for path in settings.tables])
        document = replace_part(document, "differences", differences(cells, read_table(settings.gains)))
    if settings.literal:
        document = replace_part(
            document, "literal", literal(measured.accuracies, read_table(settings.literal, COLUMNS))
        )
    write_text(settings.document, document)
