"""Networks in pickles: read without torch, and without calling anything that a pickle names."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from pickle import Unpickler, UnpicklingError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.errors import InputError
from glr.network import Network


def read_network(path: Path, sizes: Sequence[int], activations: Sequence[str]) -> Network:
    """Read a network from a pickled mapping of names to NumPy's arrays or torch's tensors.

    Arrays are ``layer1_weights``, ..., each of shape (1 + n_in, n_out) with the bias in row 0. Tensors are
    ``fc1.weight`` of shape (n_out, n_in), ``fc1.bias`` of shape (n_out,), ..., and their storages are lists of floats.

    Parameters
    ----------
    path : Path
        The file.
    sizes : sequence of int
        Numbers of inputs and of each level's neurons, which the file has to have.
    activations : sequence of str
        One for each level; the file does not hold them.

    Raises
    ------
    InputError
        If the file is not a complete pickle, names anything but `STAND_INS`, or does not hold such a network.
    """
    arrays = _read_arrays(path)
    levels = range(1, len(sizes))
    rows: dict[str, tuple[int, ...]] = {}
    columns: dict[str, tuple[int, ...]] = {}
    for level, (n_in, n_out) in zip(levels, pairwise(sizes), strict=True):
        rows[f"layer{level}_weights"] = (1 + n_in, n_out)
        columns |= {f"fc{level}.weight": (n_out, n_in), f"fc{level}.bias": (n_out,)}
    found = {name: array.shape for name, array in arrays.items()}
    if found == rows:
        weights = [arrays[f"layer{level}_weights"] for level in levels]
    elif found == columns:
        weights = [np.vstack([arrays[f"fc{level}.bias"], arrays[f"fc{level}.weight"].T]) for level in levels]
    else:
        raise InputError(f"{path}: found {_listed(found)}, but {_listed(rows)}, or {_listed(columns)}, are needed.")
    if not all(np.isfinite(level).all() for level in weights):
        raise InputError(f"{path}: found weights that are not finite, but finite ones are needed.")
    return Network(tuple(weights), tuple(activations))


def _listed(shapes: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "nothing"


def _read_arrays(path: Path) -> dict[str, NDArray[np.float64]]:
    """Return the arrays of a pickle by their names."""
    try:
        with path.open("rb") as file:
            content = _Unpickler(file, encoding="latin1").load()
        return {str(name): _plain(value) for name, value in content.items()}
    except (InputError, OSError):
        raise
    except Exception as error:  # a broken pickle raises whatever its wrong bytes lead to
        raise InputError(f"{path}: found no complete pickle of arrays by name ({error}).") from error


class _Unpickler(Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for a name that the networks need; refuse all others, which might run code."""
        try:
            return STAND_INS[module, name]
        except KeyError:
            allowed = ", ".join(".".join(names) for names in STAND_INS)
            raise UnpicklingError(f"it names {module}.{name}, but allowed are {allowed}") from None


class _Dtype:
    """Stands for NumPy's dtype."""

    def __init__(self, name: str, *_: Any) -> None:
        if name not in ("f4", "f8"):
            raise UnpicklingError(f"it has numbers of type {name!r}, but f4 or f8 is needed")
        self.name, self.order = name, "<"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1]


class _Array:
    """Stands for NumPy's ndarray, whose content a pickle gives as bytes after it has made the array."""

    plain: NDArray[np.float64] | None = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, by_columns, data = state
        content = data.encode("latin1") if isinstance(data, str) else data  # Python 2 had no bytes
        numbers = np.frombuffer(content, np.dtype(kind.order + kind.name)).astype(np.float64)
        self.plain = numbers.reshape(shape, order="F" if by_columns else "C")


def _tensor(storage: NDArray[np.float64], offset: int, shape: Any, strides: Any, *_: Any) -> NDArray[np.float64]:
    """Return a tensor that fills its storage row by row, as trained weights do."""
    array = storage.reshape(shape)
    if offset or tuple(stride // array.itemsize for stride in array.strides) != strides:
        raise UnpicklingError(f"it has a tensor with offset {offset} and strides {strides}, but 0 and rows are needed")
    return array


def _plain(value: Any) -> NDArray[np.float64]:
    array = value.plain if isinstance(value, _Array) else value
    if not isinstance(array, np.ndarray):
        raise UnpicklingError(f"it holds a {type(value).__name__.strip('_')}, but arrays of floats are needed")
    return array


STAND_INS: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy.core.multiarray", "_reconstruct"): lambda *_: _Array(),
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch", "FloatStorage"): lambda values: np.array(values, dtype=np.float64),
}
"""What a pickle may name, and what is called in its place: the pickled code itself never is."""
