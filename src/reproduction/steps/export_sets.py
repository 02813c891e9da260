"""Export the images and one replicate's adversarial and corrupted sets as IDX files, for models that are not ours."""

import argparse
import hashlib
import json
import struct
from collections.abc import Iterator
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr import corruptions
from glr.errors import InputError
from glr.idx import IDX_TYPES
from reproduction.settings import read_strength
from reproduction.steps import corrupt
from reproduction.steps.words import named
from reproduction.store.files import read_arrays, replacing, write_text
from reproduction.store.images import load_part, read_counted, read_indices

CODES = {dtype: code for code, dtype in IDX_TYPES.items()}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    corrupt.add_arguments(parser)
    parser.add_argument(
        "--attacks", type=named, nargs="*", default=[], metavar="NAME=FILE", help="adversarial samples (.npz)"
    )
    parser.add_argument(
        "--strengths",
        type=named,
        nargs="*",
        default=[],
        metavar="NAME=FILE",
        help="strengths of calibrated attacks (.json)",
    )
    parser.add_argument("--settings", type=json.loads, required=True, help="each attack's settings in the config")
    parser.add_argument("--output", type=Path, required=True, help="folder of the IDX files and their manifest.json")


def run(settings: argparse.Namespace) -> None:
    """Write each set's images, a file a severity, and its labels; the manifest last."""
    entries = []
    for kind, name, parameters, images, labels, counted in sets_of(settings):
        labels_file = f"{name}-labels.idx"
        labels_digest = write_idx(settings.output / labels_file, labels)
        corrupted = images.ndim == 3
        for severity, batch in enumerate(images, start=1) if corrupted else [(0, images)]:
            own = parameters | ({"constant": constant_of(parameters, severity)} if corrupted else {})
            file = f"{name}-{severity}-images.idx" if corrupted else f"{name}-images.idx"
            digest = write_idx(settings.output / file, as_squares(name, batch, labels))
            entry: dict[str, Any] = {
                "file": file,
                "sha256": digest,
                "labels": labels_file,
                "labels_sha256": labels_digest,
            }
            if counted is not None:
                entry["counted"] = f"{name}-counted.idx"
                entry["counted_sha256"] = write_idx(settings.output / entry["counted"], counted.astype(np.uint8))
            entry |= {"kind": kind, "samples": name, "severity": severity, "settings": own, "n": len(labels)}
            entries.append(entry | {"seed": settings.seed, "replicate": settings.replicate})
    write_text(settings.output / "manifest.json", json.dumps(entries, indent=2) + "\n")


def sets_of(
    settings: argparse.Namespace,
) -> Iterator[tuple[str, str, dict[str, Any], NDArray[np.float32], NDArray[np.uint8], NDArray[np.bool_] | None]]:
    """Yield kind, name, settings, images, labels and, of attacks, which images count, of each set.

    The images are (n, pixels) or (5, n, pixels).
    """
    for part in ("train", "test"):
        clean, labels = load_part(settings.images, settings.split, part)
        yield "clean", part, {}, clean.astype(np.float32), labels, None
    strengths = {name: read_strength(str(path)) for name, path in settings.strengths}
    for name, path in settings.attacks:
        if name not in settings.settings:
            raise InputError(f"settings: found nothing for {name}, but each attack's settings are needed.")
        parameters = dict(settings.settings[name])
        if "calibrated" in parameters.values():
            if name not in strengths:
                raise InputError(f"strengths: found nothing for {name}, but its strength is a calibrated one.")
            parameters = {key: strengths[name] if value == "calibrated" else value for key, value in parameters.items()}
        arrays = read_arrays(path, "images", "labels")
        images = arrays["images"]
        if images.dtype != np.float32 or images.ndim != 2:
            raise InputError(
                f"{path}: found images of {images.dtype} in {images.ndim} dimensions, but float32 in 2 is needed."
            )
        yield "attack", name, parameters, images, arrays["labels"], read_counted(path, len(arrays["labels"]))
    test, labels = load_part(settings.images, settings.split, "test")
    sample = read_indices(settings.sample, "corruptions", len(labels))
    made = corrupt.corrupted_sets(settings, test[sample])
    for entry in settings.corruptions:
        images = np.stack([np.concatenate(list(chunks)) for chunks in made[entry.name].values()])
        parameters = {key: value for key, value in entry._asdict().items() if key != "name"}
        yield "corruption", entry.name, parameters, images, labels[sample], None


def constant_of(parameters: dict[str, Any], severity: int) -> Any:
    """Return the published constant behind a severity; each corruption's table bears its name in capitals."""
    table = getattr(corruptions, parameters["corruption"].upper())
    return table[parameters["constants"]][severity - 1]


def as_squares(name: str, images: NDArray[np.float32], labels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (n, pixels) images as (n, rows, rows), or refuse what is no set of labelled images in [0, 1]."""
    side = isqrt(images.shape[1])
    if images.shape != (len(labels), side**2):
        raise InputError(
            f"{name}: found images of shape {images.shape}, but ({len(labels)}, a square of pixels) fits its labels."
        )
    if not np.all((images >= 0) & (images <= 1)):
        raise InputError(f"{name}: found pixels from {images.min():g} to {images.max():g}, but [0, 1] is needed.")
    return images.reshape(-1, side, side)


def write_idx(path: Path, array: NDArray[Any]) -> str:
    """Write an array of uint8 or float32 to an IDX file, whole or not at all, and return the file's SHA-256."""
    dtype = array.dtype.newbyteorder(">")
    content = struct.pack(f">HBB{array.ndim}I", 0, CODES[dtype], array.ndim, *array.shape)
    content += array.astype(dtype).tobytes()
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return hashlib.sha256(content).hexdigest()
