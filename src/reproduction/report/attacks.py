"""What attacks on the networks themselves leave, image by image, and the flags that AutoAttack raises, in words.

References
----------
Croce, Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks, 2020.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reproduction.report.names import label_of

MARGIN = 0.002
"""Share of the images that Square alone may fell before AutoAttack warns."""


def withstood(run: Mapping[str, NDArray[Any]], model: str, chosen: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the share of a network's images that withstand every chosen attack.

    Parameters
    ----------
    run : mapping of str to ndarray
        What collect-victims wrote: ``models``, ``attacks``, ``methods``, ``replicates`` and ``diverged`` (k,),
        ``norms`` and ``epsilons`` (m,), ``right`` (k, m, n).
    model : str
        The network.
    chosen : ndarray of shape (k,)
        Whether an attack counts; those of other networks do not.

    Returns
    -------
    DataFrame
        One row per replicate and one column per place in ``epsilons``. The row of a network that diverged has no
        numbers.
    """
    found = {}
    for replicate in np.unique(run["replicates"]):
        rows = chosen & (run["models"] == model) & (run["replicates"] == replicate)
        if rows.any():
            shares = np.logical_and.reduce(run["right"][rows]).mean(axis=1)
            found[int(replicate)] = np.where(run["diverged"][rows].any(), np.nan, shares)
    return pd.DataFrame.from_dict(found, orient="index")


def flags(run: Mapping[str, NDArray[Any]]) -> str:
    """Return a Markdown list of the flags: zero gradients, Square better than gradients, and noise.

    Parameters
    ----------
    run : mapping of str to ndarray
        What `withstood` takes, with ``blind`` and ``unsteady`` (k, n): the images whose gradient is 0 where the search
        begins, and those that get another label when they are predicted again.
    """
    by_square = run["methods"] == "square"
    models = list(dict.fromkeys(map(str, run["models"])))
    blind, square, noise = [], [], []
    for model in models:
        own = run["models"] == model
        for attack in dict.fromkeys(map(str, run["attacks"][own])):
            share = run["blind"][own & (run["attacks"] == attack)].mean()
            if share > 0:
                blind.append(f"{label_of(model)} under {label_of(attack)} ({share:.1%} of the images)")
        if (own & by_square).any() and (own & ~by_square).any():
            others, every = withstood(run, model, ~by_square), withstood(run, model, np.ones(len(own), bool))
            gap = (others - every).mean()
            worst = int(np.nan_to_num(gap.to_numpy()).argmax())
            if gap[worst] > MARGIN:
                place = f"{label_of(str(run['norms'][worst]))} {run['epsilons'][worst]:g}"
                square.append(f"{label_of(model)} (most at {place}: {gap[worst]:.1%} of the images)")
        share = run["unsteady"][own].mean()
        if share > 0:
            noise.append(f"{label_of(model)} ({share:.1%} of the images get another label when predicted again)")
    told = (
        ("Zero gradients", blind, "a search along the gradient does not move there"),
        ("Square better than gradients", square, "gradients miss images that a blind search finds"),
        ("Noise", noise, "the prediction is random, so an attack that succeeds once may fail the next time"),
    )
    return "".join(
        f"- {name}: raised for {'; '.join(found)}. This means that {meaning}.\n"
        if found
        else f"- {name}: not raised.\n"
        for name, found, meaning in told
    )
