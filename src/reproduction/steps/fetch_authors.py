"""Get the weight files of the authors' own networks, and check them."""

import argparse
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from glr.errors import InputError
from reproduction.progress import say
from reproduction.store.authors import NETWORKS, UPLOAD, authors_file, check_authors_file, find_authors_file
from reproduction.store.fetch import Files, open_mirror
from reproduction.store.files import replacing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument("--output", type=Path, required=True, help="folder for the files")


def run(settings: argparse.Namespace) -> None:
    """Fetch the files and say where they came from."""
    source = fetch_authors(settings.output, Path(settings.folder) if settings.folder else None)
    for name in NETWORKS:
        print(f"{authors_file(settings.output, name)}: {f'from {source}' if source else 'already there'}")


def fetch_authors(destination: Path, folder: Path | None = None, upload: str = UPLOAD) -> str | None:
    """Put the authors' weight files, checked, into a folder.

    Parameters
    ----------
    destination : Path
        The folder for the files, each as `authors_file` names it.
    folder : Path, optional
        A clone of their repository, or a folder with the files; where it is given, nothing is downloaded.
    upload : str
        The URL below which their files lie.

    Returns
    -------
    str or None
        Where the files came from; None if all of them were there.

    Raises
    ------
    InputError
        If a file is missing, cannot be had or is not the authors' own. One that is there is never replaced.
    """
    missing = [name for name in NETWORKS if not authors_file(destination, name).is_file()]
    for name in NETWORKS.keys() - missing:
        check_authors_file(authors_file(destination, name), name)
    if not missing:
        return None
    source = f"the folder {folder}" if folder else upload
    say(f"Trying {source}.")
    files = open_authors(folder, missing) if folder else open_mirror(upload, [NETWORKS[name].path for name in missing])
    try:
        with closing(files):
            for name, file in zip(missing, files, strict=True):
                with file, replacing(authors_file(destination, name)) as temporary:
                    with temporary.open("wb") as target:
                        shutil.copyfileobj(file, target)
                    check_authors_file(temporary, name)
    except (InputError, OSError) as error:
        reason = str(error).rstrip(".")
        raise InputError(
            f"{destination}: could not get the authors' networks from {source} ({reason}); name a clone of "
            "github.com/LX-doctorAI1/GLR_ADV, or a folder with its four weight files, by the key authors.folder."
        ) from error
    return source


def open_authors(folder: Path, names: Sequence[str]) -> Files:
    """Open weight files of the authors in a folder, in the order of their names."""
    for name in names:
        path = find_authors_file(folder, name)
        if path is None:
            raise InputError(f"found neither {NETWORKS[name].path} nor {NETWORKS[name].short}")
        yield path.open("rb")
