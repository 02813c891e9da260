"""Random streams by name, so that no result depends on the order of draws or jobs."""

import hashlib
import json

import numpy as np

from glr.checks import check_whole, is_whole, shown
from glr.errors import InputError


def stream(seed: int, purpose: str, *names: str | int) -> np.random.Generator:
    """Return the generator that belongs to a seed, a purpose and the names of what it is drawn for.

    Parameters
    ----------
    seed : int
        The experiment's seed.
    purpose : str
        What is drawn, for example ``"mini_batches"``.
    *names : str or int
        What it is drawn for, for example the model's name and the replicate's number.

    Returns
    -------
    numpy.random.Generator
        An SFC64 generator. Its seed is the SHA-256 of all the arguments, so different names give independent streams.

    Raises
    ------
    InputError
        If the seed is not a whole number, the purpose is not a str, or a name is neither a str nor a whole number.
    """
    check_whole("seed", seed)
    if not isinstance(purpose, str):
        raise InputError(f"purpose: found {shown(purpose)}, but a str is needed.")
    for name in names:
        if not (isinstance(name, str) or is_whole(name)):
            raise InputError(f"names: found {shown(name)}, but each has to be a str or a whole number.")
    # As int: JSON does not know NumPy's integers.
    words = [name if isinstance(name, str) else int(name) for name in (seed, purpose, *names)]
    digest = hashlib.sha256(json.dumps(words).encode()).digest()
    return np.random.Generator(np.random.SFC64(int.from_bytes(digest, "big")))
