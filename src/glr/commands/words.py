"""Words of the command line that several verbs take."""

import argparse
from pathlib import Path


def pair(word: str) -> tuple[str, str]:
    """Return the name and the value of NAME=VALUE."""
    name, equals, value = word.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"found {word!r}, but NAME=VALUE is needed")
    return name, value


def named(word: str) -> tuple[str, Path]:
    """Return the name and the path of NAME=FILE."""
    name, path = pair(word)
    return name, Path(path)
