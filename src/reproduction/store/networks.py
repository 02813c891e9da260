"""A trained network in a file."""

from pathlib import Path

import numpy as np

from glr.errors import InputError
from glr.network import Network
from reproduction.store.files import read_arrays, write_arrays


def save_network(path: Path, network: Network) -> None:
    """Write a network with named activations to a .npz file: ``weights_0``, ``weights_1``, ..., ``activations``."""
    weights = {f"weights_{level}": weights for level, weights in enumerate(network.weights)}
    write_arrays(path, activations=np.array(network.activations, dtype=np.str_), **weights)


def load_network(path: Path, pixels: int | None = None) -> Network:
    """Read a network from a file that `save_network` wrote.

    Parameters
    ----------
    path : Path
        The file.
    pixels : int, optional
        Values of an image that the network has to take, and to tell ten labels apart.

    Raises
    ------
    InputError
        If the file does not hold a network, or not such a one.
    """
    activations = read_arrays(path, "activations")["activations"]
    if activations.ndim != 1 or not activations.size:
        raise InputError(f"{path}: found no network (activations of shape {activations.shape}).")
    names = [f"weights_{level}" for level in range(activations.size)]
    weights = read_arrays(path, *names)
    for name, array in weights.items():
        if array.ndim != 2 or array.dtype != np.float64:
            raise InputError(f"{path}: found no network ({name} of shape {array.shape} and type {array.dtype}).")
    try:
        network = Network(tuple(weights[name] for name in names), tuple(str(name) for name in activations))
    except InputError as error:
        raise InputError(f"{path}: found no network ({error}).") from error
    inputs, outputs = network.sizes[0], network.sizes[-1]
    if pixels is not None and (inputs, outputs) != (pixels, 10):
        raise InputError(
            f"{path}: found a network of {inputs} inputs and {outputs} outputs, but {pixels} and 10 are needed."
        )
    return network
