"""Files between steps: whole or absent, without pickle, the same bytes for the same content."""

import csv
import io
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which takes its place only when the block has ended well.

    Parameters
    ----------
    path : Path
        The final name. Its folder is made where it does not exist.

    Yields
    ------
    Path
        The name to write to, in the same folder and with the same suffix.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_arrays(path: Path, **arrays: Any) -> None:
    """Write named arrays to an uncompressed .npz file, whole or not at all."""
    with replacing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)


def read_arrays(path: Path, *names: str) -> dict[str, NDArray[Any]]:
    """Read arrays from a .npz file.

    Parameters
    ----------
    path : Path
        The file.
    *names : str
        The arrays that have to be there; with no names, all that the file holds.

    Returns
    -------
    dict of str to ndarray
        The arrays by name.

    Raises
    ------
    InputError
        If the file is not a whole .npz file without pickled objects, or lacks an array.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [name for name in names if name not in archive.files]
            if missing:
                raise InputError(
                    f"{path}: holds {', '.join(archive.files) or 'nothing'}, but {', '.join(missing)} is needed."
                )
            return {name: archive[name] for name in names or archive.files}
    except InputError:
        raise
    except (ValueError, TypeError, RuntimeError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path}: found no whole .npz file of plain arrays ({error}).") from error


def write_rows(path: Path, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write rows to a CSV file as `write_table` does; what is not a number is left empty.

    Without pandas, whose import takes as long as many a job that writes such rows.
    """
    lines = [columns, *(["" if value != value else value for value in row] for row in rows)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    write_text(path, text.getvalue())


def write_table(path: Path, table: "pd.DataFrame") -> None:
    """Write a table to a CSV file, whole or not at all; numbers keep all their digits."""
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def read_table(path: Path, columns: list[str] | None = None) -> "pd.DataFrame":
    """Read a CSV file, which has to have `columns` in this order where they are given.

    Raises
    ------
    InputError
        If the file cannot be read as CSV or has other columns.
    """
    import pandas as pd

    try:
        table = pd.read_csv(path)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: found no CSV table ({str(error).strip()}).") from error
    if columns is not None and list(table.columns) != columns:
        raise InputError(f"{path}: found the columns {', '.join(table.columns)}, but needs {', '.join(columns)}.")
    return table
