"""Lay out certified accuracies as CSV, Markdown and HTML."""

import argparse
from pathlib import Path

from reproduction.report.certificates import layout, summarise
from reproduction.report.columns import CERTIFICATE_COLUMNS
from reproduction.report.tables import divergences, html, markdown
from reproduction.store.files import read_table, write_table, write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--accuracies", type=Path, required=True, help="what collect-certificates wrote (.csv)")
    parser.add_argument("--output", type=Path, nargs=3, required=True, help="the table (.csv, .md, .html)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    accuracies = read_table(settings.accuracies, CERTIFICATE_COLUMNS)
    cells = summarise(accuracies)
    sections = layout(cells)
    note = divergences(accuracies, list(dict.fromkeys(accuracies["model"])))
    write_table(settings.output[0], cells)
    text = "\n".join(f"{heading}\n\n{markdown(blocks)}" for heading, blocks in sections.items())
    write_text(settings.output[1], f"{text}\n{note}" if note else text)
    write_text(settings.output[2], html(sections, note))
