"""Lay out Table I or Table II as CSV, Markdown and LaTeX."""

import argparse
from pathlib import Path

import pandas as pd

from glr.evaluation import COLUMNS, ORIGINALS
from glr.files import read_table, write_table, write_text
from glr.tables import latex, layout_by_loss, layout_in_threes, markdown, summarise


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--accuracies", type=Path, nargs="+", required=True, help="accuracies (.csv)")
    parser.add_argument("--table", required=True, help="the table's name, table1 or table2 for the paper's numbers")
    parser.add_argument("--kind", choices=ORIGINALS, required=True, help="laid out as Table I or as Table II")
    parser.add_argument("--models", nargs="+", required=True, help="in the table's order")
    parser.add_argument("--losses", nargs="+", required=True, help="one a model")
    parser.add_argument("--samples", nargs="+", required=True, help="in the table's order")
    parser.add_argument("--output", type=Path, nargs=3, required=True, help="the .csv, .md and .tex files")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    corruptions = settings.kind == "corruptions"
    cells = summarise(
        pd.concat([read_table(path, COLUMNS) for path in settings.accuracies]),
        settings.table,
        settings.models,
        settings.samples,
        original=ORIGINALS[settings.kind],
        average=corruptions,
    )
    losses = dict(zip(settings.models, settings.losses, strict=True))
    blocks = layout_in_threes(cells) if corruptions else layout_by_loss(cells, losses)
    write_table(settings.output[0], cells)
    write_text(settings.output[1], markdown(blocks))
    write_text(settings.output[2], latex(blocks))
