"""How far a long step is: a bar on a terminal, and lines elsewhere, as in the logs of a run."""

import sys
import time
from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")

BAR = "{desc} {percentage:3.0f}% |{bar}| {remaining} left{postfix}"
"""Fits 80 columns with a loss and an accuracy behind it."""

LINE_SECONDS = 10.0
"""Between lines where there is no terminal."""


def open_bar(total: int, name: str, done: int = 0) -> Any:
    """Return a bar that is updated by hand; on no terminal it is disabled, and its owner says lines instead."""
    return tqdm(total=total, initial=done, desc=name, bar_format=BAR, disable=None, mininterval=0.5)


def say(line: str) -> None:
    """Print a line of progress, above a bar if there is one."""
    tqdm.write(line, file=sys.stderr)
    sys.stderr.flush()


def followed(items: Collection[Item], name: str) -> Iterator[Item]:
    """Yield the items, and meanwhile show how many are done."""
    said = time.monotonic()
    with tqdm(items, desc=name, bar_format=BAR, disable=None, leave=False) as bar:
        for done, item in enumerate(bar):
            if bar.disable and time.monotonic() - said > LINE_SECONDS:
                say(f"{name}: {done} of {len(items)} done")
                said = time.monotonic()
            yield item
