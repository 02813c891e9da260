"""Judge the paper's claims by a run's tables, in a document between the marks of `claims`."""

import argparse
from pathlib import Path

from glr.claims import Measured, judge
from glr.documents import replace_part
from glr.evaluation import COLUMNS
from glr.files import read_table, read_text, write_text
from glr.training import Epoch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--accuracies", type=Path, required=True, help="the long table of accuracies (.csv)")
    parser.add_argument("--histories", type=Path, required=True, help="losses after each epoch (.csv)")
    parser.add_argument("--timings", type=Path, required=True, help="CPU seconds of each training (.csv)")
    parser.add_argument("--document", type=Path, required=True, help="where to put them (.md)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    measured = Measured(
        read_table(settings.accuracies, COLUMNS),
        read_table(settings.histories, ["model", "replicate", *Epoch._fields]),
        read_table(settings.timings, ["model", "replicate", "cpu_seconds"]),
    )
    document = read_text(settings.document)
    write_text(settings.document, replace_part(document, "claims", judge(measured)))
