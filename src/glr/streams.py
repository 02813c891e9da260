"""Random streams by name, so that no result depends on the order in which things are drawn or run."""

import hashlib
import json

import numpy as np


def stream(seed: int, purpose: str, *names: str | int) -> np.random.Generator:
    """Return the generator that belongs to a seed, a purpose and the names of what it is drawn for.

    Parameters
    ----------
    seed : int
        The experiment's seed.
    purpose : str
        What is drawn, for example ``"mini_batches"``.
    *names : str or int
        For whom, for example the model's name and the replicate's number.

    Returns
    -------
    numpy.random.Generator
        An SFC64 generator whose seed is the SHA-256 of all of the above: different names give independent streams.
    """
    digest = hashlib.sha256(json.dumps([seed, purpose, *names]).encode()).digest()
    return np.random.Generator(np.random.SFC64(int.from_bytes(digest, "big")))
