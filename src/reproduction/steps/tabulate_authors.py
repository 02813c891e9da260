"""Lay out what the authors' own networks do beside the paper's numbers, as CSV, Markdown and HTML."""

import argparse
from pathlib import Path

from reproduction.report.authors import NOTE, layout, layout_weights, summarise
from reproduction.report.columns import AUTHORS_COLUMNS, AUTHORS_WEIGHTS_COLUMNS
from reproduction.report.tables import html, markdown
from reproduction.store.files import read_table, write_table, write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--accuracies", type=Path, required=True, help="what evaluate-authors found (.csv)")
    parser.add_argument("--weights", type=Path, required=True, help="the sizes of the weights (.csv)")
    parser.add_argument("--output", type=Path, nargs=3, required=True, help="the table (.csv, .md, .html)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    cells = summarise(read_table(settings.accuracies, AUTHORS_COLUMNS))
    sections = layout(cells) | layout_weights(read_table(settings.weights, AUTHORS_WEIGHTS_COLUMNS))
    write_table(settings.output[0], cells)
    write_text(
        settings.output[1], markdown([block for blocks in sections.values() for block in blocks]) + f"\n{NOTE}\n"
    )
    write_text(settings.output[2], html(sections, NOTE))
