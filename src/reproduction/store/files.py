"""Files between steps: whole or absent, without pickle, the same bytes for the same content."""

import csv
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


TEXT_COLUMNS = {
    *("model", "samples", "attack", "name", "family", "key", "constants", "resize"),
    *("loss", "batch_reduction", "initial_weights", "noise_levels", "threat_model"),
}
"""Columns of the tables that hold names; all others hold numbers."""


class Claim(NamedTuple):
    """A file that names the job which makes an output, the name of this process's job, and when it began."""

    mark: Path
    name: str
    begun: int

    def holds(self) -> bool:
        """Tell whether no later job has begun to make the output."""
        try:
            return self.mark.read_text(encoding="ascii") == self.name
        except FileNotFoundError:
            return False


_claim: Claim | None = None


@contextmanager
def claiming(path: Path) -> Iterator[None]:
    """Let no job that began earlier to make `path` put any file in place from now on.

    A job outlives a Snakemake that is killed, and would else overwrite what the next run has made, perhaps by other
    settings.

    Parameters
    ----------
    path : Path
        The job's output, a file or folder, or one of them. Where its folder does not exist, there is no such job.
    """
    global _claim
    mark, name = path / ".job" if path.is_dir() else path.with_name(f".{path.name}.job"), uuid4().hex
    if not mark.parent.is_dir():
        yield
        return
    try:
        mark.write_text(name, encoding="ascii")
    except OSError as error:
        with suppress(OSError):
            mark.unlink()
        error.filename, error.filename2 = str(path), None
        raise
    _claim = Claim(mark, name, mark.stat().st_mtime_ns)
    try:
        yield
    finally:
        if _claim.holds():
            mark.unlink(missing_ok=True)
        _claim = None


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

    Raises
    ------
    InputError
        If another job has claimed this one's output.
    OSError
        With the final name, where the temporary file cannot be written or moved.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        if _claim and not _claim.holds():
            raise InputError(f"{path}: found a later job that makes this file, so this job stops.")
        temporary.replace(path)
        if _claim:
            _remove_older(path, _claim.begun)
    except OSError as error:
        # A full disk names no file, and the temporary name tells a user nothing.
        if error.errno is not None and error.filename in (None, str(temporary), temporary):
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _remove_older(path: Path, begun: int) -> None:
    """Remove what writers of `path` that were killed before this job began have left beside it."""
    temporary = re.compile(rf"\.{re.escape(path.stem)}\.\d+\.part{re.escape(path.suffix)}")
    for left in path.parent.iterdir():
        with suppress(FileNotFoundError):
            if temporary.fullmatch(left.name) and left.stat().st_mtime_ns < begun:
                left.unlink()


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_arrays(path: Path, **arrays: Any) -> None:
    """Write named arrays to an uncompressed .npz file, whole or not at all."""
    # Into an open file: NumPy puts .npz behind a name that has no such suffix.
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


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
        If the file is not a whole .npz file without pickled objects, lacks an array, or is too large for the memory.
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
    except MemoryError as error:
        raise InputError(f"{path}: found arrays that are too large for the memory ({error}).") from error
    except (ValueError, TypeError, RuntimeError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path}: found no complete .npz file of plain arrays ({error}).") from error


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


def read_text(path: Path) -> str:
    """Read text in UTF-8, or refuse a file that is none with an `InputError`."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: found no text in UTF-8 ({error}).") from error


def read_table(path: Path, columns: list[str] | None = None, delimiter: str = ",") -> "pd.DataFrame":
    """Read a CSV file, which has to have `columns` in this order where they are given.

    Raises
    ------
    InputError
        If the file cannot be read as CSV, is cut off, has other columns, or text in one of `columns` that is not named
        in `TEXT_COLUMNS`.
    """
    import pandas as pd

    text = read_text(path)
    try:
        widths = {len(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)}
        table = pd.read_csv(io.StringIO(text), delimiter=delimiter)
    except (csv.Error, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{path}: found no CSV table ({str(error).strip()}).") from error
    if columns is not None and list(table.columns) != columns:
        raise InputError(f"{path}: found the columns {', '.join(table.columns)}, but needs {', '.join(columns)}.")
    if len(widths) > 1 or not text.endswith("\n"):
        raise InputError(
            f"{path}: found no complete CSV table (a row differs in length from the first, or the file is cut off)."
        )
    for name in set(columns or ()) - TEXT_COLUMNS:
        if len(table) and table[name].dtype.kind not in "iuf":
            raise InputError(f"{path}: found text in the column {name}, but numbers are needed.")
    return table
