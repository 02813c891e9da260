"""Judge the paper's claims by a run's tables, in a document between the marks of `claims`."""

import argparse
from pathlib import Path

import pandas as pd

from glr.claims import Measured, controls, judge
from glr.documents import replace_part
from glr.evaluation import COLUMNS
from glr.files import read_table, write_text
from glr.training import Epoch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument(
        "--accuracies", type=Path, nargs="+", required=True, help="long tables of accuracies, of experiments too (.csv)"
    )
    parser.add_argument("--histories", type=Path, required=True, help="losses after each epoch (.csv)")
    parser.add_argument("--timings", type=Path, required=True, help="CPU seconds of each training (.csv)")
    parser.add_argument("--document", type=Path, required=True, help="where to put them (.md)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    tables = [read_table(path, COLUMNS) for path in settings.accuracies]
    measured = Measured(
        pd.concat(tables).drop_duplicates(["model", "replicate", "samples", "severity"]),
        read_table(settings.histories, ["model", "replicate", *Epoch._fields]),
        read_table(settings.timings, ["model", "replicate", "cpu_seconds"]),
    )
    document = replace_part(settings.document.read_text(encoding="utf-8"), "claims", judge(measured))
    if "bp_noisy" in set(measured.accuracies["model"]):
        document = replace_part(document, "controls", controls(measured))
    write_text(settings.document, document)
