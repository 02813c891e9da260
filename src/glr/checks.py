"""What more than one public function asks of its arguments.

Each check refuses in one sentence. Functions that are called in every step of a training or a search are split: the
public one checks, and the inner one does not check again.
"""

import operator
from math import inf, isfinite
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError


def shown(value: Any) -> str:
    """Return what a sentence says was found: one line, not too long."""
    words = " ".join(repr(value).split())
    return words if len(words) <= 100 else f"{words[:97]}..."


def is_number(value: Any) -> bool:
    """Return whether a value is one real number, and neither text nor a truth value."""
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "iuf"
    return isinstance(value, Real) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Return whether a value is an integer of any type; 4.0 and True are none."""
    try:
        return operator.index(value) is not None and not isinstance(value, bool)
    except TypeError:
        return False


def check_number(name: str, value: Any, least: float = -inf, allowed: str = "a finite number") -> None:
    """Refuse what is not a finite number of `least` or more."""
    if not (is_number(value) and isfinite(value) and value >= least):
        raise InputError(f"{name}: found {shown(value)}, but {allowed} is allowed.")


def check_positive(name: str, value: Any) -> None:
    """Refuse what is not a positive finite number."""
    if not (is_number(value) and 0.0 < value < inf):
        raise InputError(f"{name}: found {shown(value)}, but a positive finite number is allowed.")


def check_whole(name: str, value: Any, least: int | None = None) -> None:
    """Refuse what is not a whole number, or one below `least`."""
    if not is_whole(value) or (least is not None and value < least):
        bound = "" if least is None else f" of {least} or more"
        raise InputError(f"{name}: found {shown(value)}, but a whole number{bound} is needed.")


def check_generator(rng: Any, name: str = "rng") -> None:
    """Refuse what is not a generator of NumPy."""
    if not isinstance(rng, np.random.Generator):
        raise InputError(f"{name}: found {shown(rng)}, but a numpy.random.Generator is needed.")


def check_callable(name: str, value: Any) -> None:
    """Refuse what cannot be called."""
    if not callable(value):
        raise InputError(f"{name}: found {shown(value)}, but a callable is needed.")


def check_network(network: Any) -> None:
    """Refuse what has no weights and activations."""
    if not (hasattr(network, "weights") and hasattr(network, "activations")):
        raise InputError(f"network: found {shown(network)}, but a glr.Network is needed.")


def check_noise(noise: Any) -> None:
    """Refuse what is not a density of the noise, for example a number or a class."""
    if isinstance(noise, type) or not all(hasattr(noise, name) for name in ("sample", "score", "symmetric")):
        raise InputError(
            f"noise: found {shown(noise)}, but an object with sample, score and symmetric is needed, such as "
            "glr.Gaussian(variance=4.0)."
        )


def check_draws(noise: Any, replications: Any, rng: Any) -> None:
    """Refuse a density that cannot be drawn from, or without a generator or replications."""
    check_noise(noise)
    if rng is None or (is_whole(replications) and replications < 1):
        raise InputError(f"noise: needs a generator and 1 or more replications, but found {rng} and {replications}.")
    check_whole("replications", replications, 1)
    check_generator(rng)


def as_numbers(name: str, values: Any) -> NDArray[Any]:
    """Return an array of numbers: floats of any width as they are, all others as float64."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{name}: found rows of different lengths, but an array of numbers is needed.") from None
    if array.dtype.kind == "f":
        return array
    if array.dtype.kind not in "iub":
        raise InputError(f"{name}: found values of type {array.dtype}, but numbers are needed.")
    return array.astype(np.float64)


def check_images(
    images: Any, pixels: int | None = None, *, unit: bool = False, empty: bool = True, name: str = "images"
) -> NDArray[Any]:
    """Return images (n, pixels) as an array of finite floats, or refuse them.

    Parameters
    ----------
    images : array_like of shape (n, pixels)
        The images.
    pixels : int, optional
        How many values each of them has to have; by default any number.
    unit : bool
        Whether all values have to lie in [0, 1].
    empty : bool
        Whether there may be no image.
    name : str
        What the sentence calls them.
    """
    array = as_numbers(name, images)
    if array.ndim != 2 or (pixels is not None and array.shape[1] != pixels):
        needed = "n_in" if pixels is None else pixels
        raise InputError(f"{name}: found shape {array.shape}, but (n, {needed}) is needed.")
    if not (empty or len(array)):
        raise InputError(f"{name}: found none, but 1 or more are needed.")
    if unit:
        if array.size and not (array.min() >= 0.0 and array.max() <= 1.0):
            raise InputError(f"{name}: found values from {array.min():g} to {array.max():g}, but [0, 1] is allowed.")
    else:
        # The sum of squares is the fastest of all sums; where it overflows, the values themselves decide.
        flat = array.ravel()
        if not (isfinite(flat.dot(flat)) or np.isfinite(array).all()):
            raise InputError(f"{name}: found values that are not finite, but only finite numbers are allowed.")
    return array


def check_labels(labels: Any, count: int | None, classes: int | None = None, name: str = "labels") -> NDArray[Any]:
    """Return `count` integers from 0 to classes - 1, one for each image, or refuse them.

    Without `count`, any number of them; without `classes`, integers of 0 or more.
    """
    try:
        array = np.asarray(labels)
    except ValueError:
        raise InputError(f"{name}: found rows of different lengths, but one integer per image is needed.") from None
    if array.dtype.kind not in "iu" and array.size:
        raise InputError(f"{name}: found values of type {array.dtype}, but {_integers(classes)} are allowed.")
    if array.ndim != 1 or (count is not None and len(array) != count):
        needed = "(n,)" if count is None else f"one for each of {count} images"
        raise InputError(f"{name}: found shape {array.shape}, but {needed} is needed.")
    # A list's extremes are found faster than an array's where there are as few labels as in a mini-batch.
    values = array.tolist()
    if values and not (min(values) >= 0 and max(values) < (2**63 if classes is None else classes)):
        raise InputError(f"{name}: found {min(values)} to {max(values)}, but {_integers(classes)} are allowed.")
    # uint64 is none of the types that become indices by themselves.
    return array.astype(np.intp) if array.dtype.kind != "i" and array.dtype.itemsize == 8 else array


def _integers(classes: int | None) -> str:
    return "integers of 0 or more" if classes is None else f"integers from 0 to {classes - 1}"
