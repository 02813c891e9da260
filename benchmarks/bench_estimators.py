"""The league table of gradient estimators: ``bench_estimators.py gradients``, ``training`` or ``depth``.

Each part can be run by itself, and `make league` puts all of them into docs/performance.md.
"""

from common import ACTIVATIONS, LOSSES, fresh, mini_batches, print_table, show, trained  # isort: skip

import sys
import time
from typing import Any

import numpy as np
from estimators import CONTENDERS, NOISE

from glr.gradients.likelihood_ratio import likelihood_ratio_gradient
from glr.network import Network
from glr.streams import stream

EVALUATIONS, BATCHES, REPEATS = 256, 3, 32
DESIGNS = 10 * 13_056
"""Draws of the exact gradient: whole designs, so that its own noise is far below all others'."""


def flat(gradient: Any) -> Any:
    """Return a gradient as one vector."""
    return np.concatenate([level.ravel() for level in gradient])


def measured(name: str, network: Network, loss: str, batches: Any, exact: Any, rng: Any) -> tuple[float, float, float]:
    """Return a contender's noise-to-signal ratio, CPU seconds and cosine of its mean with GLR's exact gradient.

    The squared norm of the mean comes from products of different repeats, which have no bias from noise.
    """
    seconds, variance, norm, inner, length = np.zeros(5)
    for (images, labels), truth in zip(batches, exact, strict=True):
        start = time.process_time()
        estimates = np.array([
            flat(CONTENDERS[name].estimate(network, images, labels, loss=loss, evaluations=EVALUATIONS, rng=rng))
            for _ in range(REPEATS)
        ])  # fmt: skip
        seconds += (time.process_time() - start) / REPEATS / len(batches)
        own = estimates.var(axis=0, ddof=1).sum()
        mean = estimates.mean(axis=0)
        variance += own
        norm += mean @ mean - own / REPEATS
        inner += mean @ truth
        length += truth @ truth
    cosine = inner / np.sqrt(norm * length) if norm > 0 else np.nan
    return variance / norm if norm > 0 else np.inf, seconds, cosine


def gradients() -> None:
    """Print noise, noise x time and bias of all contenders."""
    rng, batches = stream(0, "bench_estimators"), mini_batches(BATCHES)
    results = {}
    for loss in LOSSES:
        for activation in ACTIVATIONS:
            for state in ("fresh", "trained"):
                network = fresh(activation=activation) if state == "fresh" else trained(activation, loss)
                exact = [
                    flat(likelihood_ratio_gradient(network, *b, loss=loss, noise=NOISE, replications=DESIGNS, rng=rng))
                    for b in batches
                ]
                for name, contender in CONTENDERS.items():
                    if activation in contender.activations and loss in contender.losses:
                        cell = activation, loss, state
                        results[name, cell] = measured(name, network, loss, batches, exact, rng)
    cells = list(dict.fromkeys(cell for _, cell in results))
    products = {key: noise * seconds for key, (noise, seconds, _) in results.items()}
    unbiased = [name for name, contender in CONTENDERS.items() if contender.target != "none"]
    firsts = {
        cell: min((n for n in unbiased if (n, cell) in results), key=lambda n: products[n, cell]) for cell in cells
    }
    jumps = [cell for cell in cells if "threshold" in cell or "zero_one" in cell]
    wins = sum(firsts[cell].startswith("GLR") for cell in jumps)
    print(f"Among the unbiased, GLR is first in time x noise in {wins} of {len(jumps)} cells with a jump.")
    lost = [f"{', '.join(cell)} ({first})" for cell, first in firsts.items() if not first.startswith("GLR")]
    print(f"Cells where another one is first: {'; '.join(lost) or 'none'}.\n")

    def rows(value: Any) -> list[list[str]]:
        return [
            [name, contender.target, *(value(name, cell) if (name, cell) in results else "" for cell in cells)]
            for name, contender in CONTENDERS.items()
        ]

    header = ["estimator", "mean over noise on", *(", ".join(cell).replace("_", "-") for cell in cells)]
    best = {cell: products["GLR orthogonal", cell] for cell in cells}
    for title, value in (
        (f"Noise-to-signal ratio at {EVALUATIONS} loss evaluations per image.", lambda *key: number(results[key][0])),
        (
            "CPU time x noise-to-signal ratio; 1 is GLR orthogonal.",
            lambda name, cell: number(products[name, cell] / best[cell]),
        ),
        ("Cosine of the estimator's mean with GLR's exact gradient.", lambda *key: f"{results[key][2]:.2f}"),
        ("Milliseconds of CPU for a gradient.", lambda *key: number(1000 * results[key][1])),
    ):
        print(f"{title}\n")
        print_table(header, rows(value), words=2)
        print()


def number(value: float) -> str:
    """Return three significant digits, or a dash where noise hides the signal."""
    return show(value) if np.isfinite(value) else "-"


PARTS = {"gradients": gradients}

if __name__ == "__main__":
    if sys.argv[1:] not in [[part] for part in PARTS]:
        sys.exit(f"bench_estimators: found {sys.argv[1:]}, but one of {', '.join(PARTS)} is needed.")
    PARTS[sys.argv[1]]()
