"""How far from the exact-gradient path the weights go that are trained by plain sampling and by orthogonal at small K.

The exact path is followed by orthogonal sampling at K = 13,056, three whole designs. The row that names it is a second,
independent run: both runs err, so its own distance from the exact path is 1 / sqrt(2) of what the row shows.
"""

from common import NOISE, fresh, mini_batches, print_table, show, settings  # isort: skip

import time
from typing import Any

import numpy as np

from glr.errors import DivergenceError
from glr.gradients.likelihood_ratio import likelihood_ratio_gradient
from glr.streams import stream

SEEDS = (0, 1, 2)
CHECKS = (100, 300, 1000)
FAR = 1000
EXACT = ("orthogonal", 13_056)
CANDIDATES = [
    ("plain", 10_000),
    ("orthogonal", 128),
    ("orthogonal", 256),
    ("orthogonal", 512),
    ("orthogonal", 1024),
    ("plain", 30),
    ("plain", 100),
    EXACT,
]


def path(sampling: str, replications: int, seed: int, run: str, batches: list[Any]) -> tuple[list[Any], float]:
    """Return the weights at the start and after each of `CHECKS` iterations reached, and the CPU seconds."""
    network, rng = fresh(seed=seed), stream(seed, "bench_path", run, sampling, replications)
    step = settings()["step_size"]
    weights = [np.concatenate([theta.ravel() for theta in network.weights])]
    start = time.process_time()
    for iteration, (images, labels) in enumerate(batches, start=1):
        try:
            gradient = likelihood_ratio_gradient(
                network, images, labels, noise=NOISE, replications=replications, rng=rng, sampling=sampling
            )
        except DivergenceError:
            break
        for theta, slope in zip(network.weights, gradient, strict=True):
            theta -= step * slope
        if iteration in CHECKS:
            weights.append(np.concatenate([theta.ravel() for theta in network.weights]))
    return weights, time.process_time() - start


def main() -> None:
    """Measure and print."""
    batches = mini_batches(1680)
    distances = {(candidate, check): [] for candidate in CANDIDATES for check in CHECKS}
    seconds = dict.fromkeys(CANDIDATES, 0.0)
    for seed in SEEDS:
        order = stream(seed, "bench_path", "order").permutation(len(batches))
        own = [batches[index] for index in order[: CHECKS[-1]]]
        (start, *exact), _ = path(*EXACT, seed, "exact", own)
        for candidate in CANDIDATES:
            (_, *weights), spent = path(*candidate, seed, "candidate", own)
            seconds[candidate] += spent / len(SEEDS)
            for check, w, e in zip(CHECKS, weights, exact, strict=False):
                distances[candidate, check].append(np.linalg.norm(w - e) / np.linalg.norm(e - start))

    def cell(candidate: tuple[str, int], check: int) -> str:
        reached = distances[candidate, check]
        return show(float(np.mean(reached))) if len(reached) == len(SEEDS) and max(reached) < FAR else "diverged"

    print_table(
        ["sampling", "K", *(f"after {check}" for check in CHECKS), "CPU seconds for all"],
        [
            [f"`{name}`", f"{k:,}", *(cell((name, k), check) for check in CHECKS), show(seconds[name, k])]
            for name, k in CANDIDATES
        ],
    )
    print(f"Distance from the exact path over the exact path's distance from its start, mean over {len(SEEDS)} seeds;")
    print(f"'diverged' where one or more of them went farther than {FAR}, or to a loss that is not finite.")


if __name__ == "__main__":
    with np.errstate(over="ignore", invalid="ignore"):
        main()
