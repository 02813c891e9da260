"""The names and digests of the raw files."""

import hashlib
import zlib
from collections.abc import Mapping
from pathlib import Path

from glr.errors import InputError

RAW_FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "t10k_images": "t10k-images-idx3-ubyte",
    "t10k_labels": "t10k-labels-idx1-ubyte",
}

MNIST = {
    "train_images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train_labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k_images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k_labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""SHA-256 of the paper's data: its numbers stand beside ours for these only, whatever the data set is called."""


def raw_names(name: str) -> list[str]:
    """Return the names under which a raw file is found: as here or as in other packages, plain or gzipped."""
    return [f"{one}{suffix}" for one in (name, name.replace("-idx", ".idx")) for suffix in ("", ".gz")]


def raw_file(folder: Path, name: str) -> Path | None:
    """Return a raw file of a folder under one of its `raw_names`, None if there is none."""
    return next((folder / one for one in raw_names(name) if (folder / one).is_file()), None)


def sha256(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a plain or gzipped file's content, ``any`` if it cannot be read; `fetch` tells that."""
    from glr.idx import uncompressed  # It loads NumPy, which the check of a config does without.

    try:
        with path.open("rb") as file, uncompressed(file) as content:
            return hashlib.sha256(content.read()).hexdigest()
    except (OSError, EOFError, zlib.error):
        return "any"


def check_digests(folder: Path, checksums: Mapping[str, str | None]) -> None:
    """Refuse raw files that are not those that the config names, by their SHA-256.

    Raises
    ------
    InputError
        If a file has another SHA-256.
    """
    for key, name in RAW_FILES.items():
        needed = checksums[key]
        if needed is not None and (found := sha256(folder / name)) != needed:
            raise InputError(
                f"{folder / name}: found the SHA-256 {found}, but dataset.checksums, or the file in dataset.raw_dir, "
                f"needs {needed}: move the folder away, or give the data set another name."
            )
