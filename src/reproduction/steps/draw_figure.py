"""Draw one figure, each output in the format of its suffix."""

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from glr.errors import InputError
from reproduction.figures.registry import FIGURES, File
from reproduction.figures.style import check_formats, render
from reproduction.store.files import read_arrays, read_table, replacing

KINDS: dict[str, dict[str, Any]] = {
    "name": {},
    "names": {"nargs": "+"},
    "counts": {"nargs": "+", "type": int},
}
TABLE = ".md"
"""The suffix of an output that is no picture, but what is drawn as a table."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags: those of all files and settings in the registry."""
    parser.add_argument("--figure", choices=FIGURES, required=True, help="the figure to draw")
    flags: dict[str, dict[str, Any]] = {}
    users: dict[str, list[str]] = {}
    for figure, entry in FIGURES.items():
        for file in entry.files:
            flags[file.name] = {"type": Path, "nargs": "+" if file.many else None, "help": file.help}
        for setting in entry.settings:
            flags[setting.name] = {**KINDS[setting.kind], "help": setting.help}
        for name in [*(file.name for file in entry.files), *(setting.name for setting in entry.settings)]:
            users.setdefault(name, []).append(figure)
    for name, words in flags.items():
        words["help"] = f"{', '.join(users[name])}: {words['help']}"
        parser.add_argument(f"--{name.replace('_', '-')}", **words)
    parser.add_argument(
        "--output", type=Path, nargs="+", required=True, help="the figure, one file per format (.svg, .png)"
    )


def run(settings: argparse.Namespace) -> None:
    """Draw the figure and write it."""
    entry = FIGURES[settings.figure]
    check_formats([path for path in settings.output if path.suffix != TABLE or not entry.table])
    inputs = read_inputs(settings)
    for path in settings.output:
        if path.suffix == TABLE:
            content = function_of(str(entry.table))(**inputs).encode()
        else:
            content = render(function_of(entry.draw)(**inputs), path.suffix)
        with replacing(path) as temporary:
            temporary.write_bytes(content)


def read_inputs(settings: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments of the figure's function."""

    def given(name: str) -> Any:
        if getattr(settings, name) is None:
            raise InputError(f"--{name.replace('_', '-')}: found nothing, but {settings.figure} needs it.")
        return getattr(settings, name)

    entry = FIGURES[settings.figure]
    inputs = {}
    for file in entry.files:
        found = given(file.name)
        inputs[file.name] = [_read(file, path) for path in found] if file.many else _read(file, found)
    for setting in entry.settings:
        inputs[setting.name] = given(setting.name)
    return inputs


def _read(file: File, path: Path) -> Any:
    """Return a table, or arrays of which those that the registry names are numbers in as many dimensions as it says."""
    if file.columns:
        return read_table(path, list(file.columns))
    arrays = read_arrays(path, *file.arrays) | read_arrays(path)
    for name, dimensions in file.arrays.items():
        array, first = arrays[name], arrays[next(iter(file.arrays))]
        if array.dtype.kind not in "uif" or array.ndim != dimensions or not array.size or len(array) != len(first):
            raise InputError(
                f"{path}: found {name} of type {array.dtype} and shape {array.shape}, but numbers in {dimensions} "
                "dimensions are needed, as many as there are images."
            )
    return arrays


def function_of(name: str) -> Callable[..., Any]:
    """Return the function of a ``module:function``."""
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)  # type: ignore[no-any-return]
