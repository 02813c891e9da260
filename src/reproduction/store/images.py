"""The images: raw IDX files, resized, split into a training and a test part."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError
from glr.idx import read_idx
from reproduction.store.files import read_arrays
from reproduction.store.raw import RAW_FILES

FILTERS = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")


def read_raw(folder: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read the four raw files of a data set.

    Parameters
    ----------
    folder : Path
        Where the files named in `RAW_FILES` are.

    Returns
    -------
    images : ndarray of uint8, shape (n, rows, rows)
        The training images, then the test images.
    labels : ndarray of uint8, shape (n,)
        Their labels, 0 to 9.

    Raises
    ------
    InputError
        If a file cannot be read, or the files are not images and labels that belong together.
    """
    parts = [
        _read_part(folder / RAW_FILES[f"{part}_images"], folder / RAW_FILES[f"{part}_labels"])
        for part in ("train", "t10k")
    ]
    (train, train_labels), (test, test_labels) = parts
    if train.shape[1:] != test.shape[1:]:
        raise InputError(
            f"{folder}: found training images of {train.shape[1:]} pixels, but test images of {test.shape[1:]}."
        )
    return np.concatenate([train, test]), np.concatenate([train_labels, test_labels])


def _read_part(images_path: Path, labels_path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1] != images.shape[2]:
        raise InputError(f"{images_path}: found {images.dtype} of shape {images.shape}, but needs square uint8 images.")
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise InputError(f"{labels_path}: found {labels.dtype} of shape {labels.shape}, but needs uint8 labels.")
    if labels.max() > 9:
        raise InputError(f"{labels_path}: found the label {labels.max()}, but labels have to be 0 to 9.")
    if len(images) != len(labels):
        raise InputError(f"{labels_path}: found {len(labels)} labels, but {images_path} has {len(images)} images.")
    return images, labels


def resize_images(images: NDArray[Any], size: int, filter: str) -> NDArray[Any]:
    """Resize images with Pillow, in its mode L for uint8 and its mode F for floats.

    Parameters
    ----------
    images : ndarray of uint8, or of float in [0, 1], shape (n, rows, columns)
        The images.
    size : int
        Rows and columns of the result.
    filter : str
        ``"nearest"``, ``"box"``, ``"bilinear"``, ``"hamming"``, ``"bicubic"`` or ``"lanczos"``.

    Returns
    -------
    ndarray of uint8, or of float64 in [0, 1], shape (n, size, size)
        The resized images; where a filter overshoots, clipped to the range.

    Raises
    ------
    InputError
        If the filter has another name or the size is not positive.
    """
    if filter not in FILTERS:
        raise InputError(f"filter: found {filter!r}, but it has to be one of {', '.join(FILTERS)}.")
    if size < 1:
        raise InputError(f"size: found {size}, but it has to be at least 1.")
    from PIL import Image  # jobs that resize nothing start sooner without it

    eight_bit = images.dtype == np.uint8
    stacks = images if eight_bit else images.astype(np.float32)
    if filter == "box" and images.shape[1] % size == 0 and not eight_bit:
        # No pixel of the result covers two images, so all are resized as one, in a fifth of the time. In
        # mode L this would round some halves the other way.
        stacks = stacks.reshape(1, -1, images.shape[2])
    high = size * len(images) // max(1, len(stacks))
    resized = [
        np.asarray(Image.fromarray(stack).resize((size, high), Image.Resampling[filter.upper()])) for stack in stacks
    ]
    found = np.concatenate(resized).reshape(len(images), size, size)
    return found if eight_bit else found.astype(np.float64).clip(0, 1)


def split_indices(
    count: int, images: int, train_fraction: float, test_fraction: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw images without replacement and split them into a training and a test part.

    Parameters
    ----------
    count : int
        Number of images there are.
    images : int
        Number of images drawn.
    train_fraction, test_fraction : float
        Shares of the drawn images, each above 0, which add up to 1.
    rng : numpy.random.Generator
        The source of the permutation.

    Returns
    -------
    train, test : ndarray of int64
        Disjoint indices below `count`; ``round(train_fraction * images)`` in `train`, the rest in `test`.

    Raises
    ------
    InputError
        If more images are asked for than there are, the fractions do not add up, or a part would be empty.
    """
    if images > count:
        raise InputError(f"images: found {images}, but there are only {count}.")
    if not math.isclose(train_fraction + test_fraction, 1):
        raise InputError(
            f"train_fraction, test_fraction: found {train_fraction} and {test_fraction}, but they have to add up to 1."
        )
    size = round(train_fraction * images)
    if not 0 < size < images:
        raise InputError(f"train_fraction: found {train_fraction}, which leaves a part of {images} images empty.")
    drawn = rng.permutation(count)[:images]
    return drawn[:size], drawn[size:]


def read_images(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read the resized images (n, pixels) and their labels (n,), 0 to 9, that ``resize-images`` wrote.

    Raises
    ------
    InputError
        If the file holds anything else.
    """
    images, labels = read_arrays(path, "images", "labels").values()
    square = images.ndim == 2 and math.isqrt(images.shape[1]) ** 2 == images.shape[1]
    if images.dtype != np.uint8 or not square or not images.size:
        raise InputError(
            f"{path}: found images of type {images.dtype} and shape {images.shape}, but uint8 (n, pixels) is needed, "
            "with a square of pixels."
        )
    _check_labels(path, labels, len(images))
    return images, labels


def read_raw_of(raw: Path, images: Path) -> NDArray[np.uint8]:
    """Read the raw images (n, rows, columns) from which a file of resized images was made, in its order.

    Raises
    ------
    InputError
        If a file is broken, or the labels of both are not the same.
    """
    pictures, labels = read_raw(raw)
    if not np.array_equal(labels, read_images(images)[1]):
        raise InputError(f"{raw}: found other labels than in {images}, but both have to be one data set.")
    return pictures


def read_samples(path: Path, pixels: int) -> tuple[NDArray[np.floating[Any]], NDArray[np.uint8]]:
    """Read attacked images (n, pixels) with their labels (n,), 0 to 9.

    Raises
    ------
    InputError
        If the file holds anything else, or the images are not in [0, 1].
    """
    images, labels = read_arrays(path, "images", "labels").values()
    if images.dtype.kind != "f" or images.ndim != 2 or not images.size or images.shape[1] != pixels:
        raise InputError(
            f"{path}: found images of type {images.dtype} and shape {images.shape}, but floats of {pixels} values per "
            "image are needed."
        )
    if not 0 <= images.min() <= images.max() <= 1:
        raise InputError(f"{path}: found values from {images.min():g} to {images.max():g}, but [0, 1] is needed.")
    _check_labels(path, labels, len(images))
    return images, labels


def read_counted(path: Path, count: int) -> NDArray[np.bool_]:
    """Read which of `count` attacked images count, of which there is at least one.

    Raises
    ------
    InputError
        If the file holds anything else.
    """
    counted = read_arrays(path, "counted")["counted"]
    if counted.dtype != np.bool_ or counted.shape != (count,) or not counted.any():
        raise InputError(
            f"{path}: found counted of type {counted.dtype} and shape {counted.shape}, but truth values for {count} "
            "images are needed, of which one or more are true."
        )
    return counted


def _check_labels(path: Path, labels: NDArray[Any], count: int) -> None:
    if labels.dtype != np.uint8 or labels.shape != (count,) or labels.max() > 9:
        raise InputError(
            f"{path}: found labels of type {labels.dtype} and shape {labels.shape}"
            f"{f' up to {labels.max()}' if labels.dtype.kind in 'iuf' and labels.size else ''}, but uint8 from 0 to 9 "
            f"is needed, one for each of {count} images."
        )


def read_indices(path: Path, name: str, count: int | None = None) -> NDArray[np.int64]:
    """Read indices (n,) of a part of a split, or positions (n,) of a sample, of `count` images.

    Raises
    ------
    InputError
        If there are none, or they are not whole numbers from 0 to ``count - 1``.
    """
    indices = read_arrays(path, name)[name]
    if indices.dtype.kind not in "iu" or indices.ndim != 1 or not indices.size:
        raise InputError(
            f"{path}: found {name} of type {indices.dtype} and shape {indices.shape}, but integers (n,) are needed."
        )
    if indices.min() < 0 or (count is not None and indices.max() >= count):
        raise InputError(
            f"{path}: found indices from {indices.min()} to {indices.max()} in {name}, but there are {count} images."
        )
    return indices


def load_part(images_path: Path, split_path: Path, part: str) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Load the training or the test part of the resized images.

    Parameters
    ----------
    images_path : Path
        What ``resize-images`` wrote.
    split_path : Path
        What ``split-images`` wrote.
    part : {"train", "test"}
        Which part.

    Returns
    -------
    images : ndarray of float64 in [0, 1], shape (n, pixels)
        Square images, row by row.
    labels : ndarray of uint8, shape (n,)
        Their labels.

    Raises
    ------
    InputError
        If a file is not what it should be, or the split is not one of these images.
    """
    images, labels = read_images(images_path)
    indices = read_indices(split_path, part, len(labels))
    return images[indices] / 255.0, labels[indices]
