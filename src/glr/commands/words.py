"""Words of the command line that several verbs take."""

import argparse
from pathlib import Path


def named(word: str) -> tuple[str, Path]:
    """Return the name and the path of NAME=FILE."""
    name, equals, path = word.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"found {word!r}, but NAME=FILE is needed")
    return name, Path(path)
