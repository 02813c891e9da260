"""How far from the exact-gradient path the weights go that are trained by plain sampling and by orthogonal at small K.

The exact path is followed by orthogonal sampling at K = 12,000. The row that names it is a second, independent run:
both runs err, so its own distance from the exact path is 1 / sqrt(2) of what the row shows.
"""

from common import NOISE, fresh, mini_batches, print_table, show, settings  # isort: skip

import time
from typing import Any

import numpy as np

from glr.gradients.likelihood_ratio import likelihood_ratio_gradient
from glr.streams import stream

SEEDS = (0, 1, 2)
CHECKS = (100, 300, 1000)
EXACT = ("orthogonal", 12_000)
CANDIDATES = [
    ("plain", 10_000),
    ("orthogonal", 120),
    ("orthogonal", 240),
    ("orthogonal", 480),
    ("orthogonal", 960),
    ("plain", 30),
    ("plain", 100),
    EXACT,
]


def path(sampling: str, replications: int, seed: int, run: str, batches: list[Any]) -> tuple[list[Any], float]:
    """Return the weights at the start and after each of `CHECKS` iterations, and the CPU seconds."""
    network, rng = fresh(seed=seed), stream(seed, "bench_path", run, sampling, replications)
    step = settings()["step_size"] * len(batches[0][1])
    weights = [np.concatenate([theta.ravel() for theta in network.weights])]
    start = time.process_time()
    for iteration, (images, labels) in enumerate(batches, start=1):
        gradient = likelihood_ratio_gradient(
            network, images, labels, noise=NOISE, replications=replications, rng=rng, sampling=sampling
        )
        for theta, slope in zip(network.weights, gradient, strict=True):
            theta -= step * slope
        if iteration in CHECKS:
            weights.append(np.concatenate([theta.ravel() for theta in network.weights]))
    return weights, time.process_time() - start


def main() -> None:
    """Measure and print."""
    batches = mini_batches(1680)
    distances: dict[tuple[str, int], list[list[float]]] = {candidate: [] for candidate in CANDIDATES}
    seconds = dict.fromkeys(CANDIDATES, 0.0)
    for seed in SEEDS:
        order = stream(seed, "bench_path", "order").permutation(len(batches))
        own = [batches[index] for index in order[: CHECKS[-1]]]
        (start, *exact), _ = path(*EXACT, seed, "exact", own)
        for candidate in CANDIDATES:
            (_, *weights), spent = path(*candidate, seed, "candidate", own)
            seconds[candidate] += spent / len(SEEDS)
            distances[candidate].append(
                [float(np.linalg.norm(w - e) / np.linalg.norm(e - start)) for w, e in zip(weights, exact, strict=True)]
            )
    print_table(
        ["sampling", "K", *(f"after {check}" for check in CHECKS), "CPU seconds for all"],
        [
            [f"`{name}`", f"{k:,}", *map(show, np.mean(distances[name, k], axis=0)), show(seconds[name, k])]
            for name, k in CANDIDATES
        ],
    )
    print(f"Distance from the exact path over the exact path's distance from its start; means over {len(SEEDS)} seeds.")


if __name__ == "__main__":
    main()
