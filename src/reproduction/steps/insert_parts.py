"""Put files into a document between the marks of their names."""

import argparse
from pathlib import Path

from reproduction.report.markdown import replace_part
from reproduction.steps.words import named
from reproduction.store.files import read_text, write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument(
        "--parts",
        type=named,
        nargs="+",
        required=True,
        metavar="NAME=FILE",
        help="what to put between the marks of each name (.md)",
    )
    parser.add_argument("--document", type=Path, required=True, help="the document (.md)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    document = read_text(settings.document)
    for name, path in settings.parts:
        document = replace_part(document, name, read_text(path))
    write_text(settings.document, document)
