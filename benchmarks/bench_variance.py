"""Variance of a gradient by every sampling at equal K, and time x variance, relative to plain with ziggurat normals."""

from common import ACTIVATIONS, LOSSES, NOISE, fresh, mini_batches, print_table, show, trained  # isort: skip

import time
from typing import Any

import numpy as np

from glr.gradients.likelihood_ratio import SAMPLINGS, likelihood_ratio_gradient
from glr.network import Network
from glr.noise import Gaussian
from glr.streams import stream

K = 10_000
SMALL = (128, 256, 512, 1024, 4352)
BATCHES, REPEATS = 20, 2
REFERENCE = "plain, ziggurat"


class Ziggurat(Gaussian):
    """Normal noise by NumPy's own method."""

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
        """Return independent draws, float32."""
        r = rng.standard_normal(shape, dtype=np.float32)
        r *= np.float32(self.variance**0.5)
        return r


def cost(network: Network, batches: list[Any], rng: np.random.Generator, **given: Any) -> tuple[float, float]:
    """Return the CPU seconds of an estimate and the trace of its covariance, both means over the mini-batches."""
    seconds = variance = 0.0
    for images, labels in batches:
        start = time.process_time()
        estimates = [likelihood_ratio_gradient(network, images, labels, rng=rng, **given) for _ in range(REPEATS)]
        seconds += time.process_time() - start
        flat = [np.concatenate([level.ravel() for level in estimate]) for estimate in estimates]
        variance += np.var(flat, axis=0, ddof=1).sum()
    return seconds / REPEATS / len(batches), variance / len(batches)


def main() -> None:
    """Measure and print."""
    rng = stream(0, "bench_variance")
    batches, many = mini_batches(BATCHES), mini_batches(10 * BATCHES)
    rows, small_rows = [], []
    for activation in ACTIVATIONS:
        for loss in LOSSES:
            cells: dict[str, list[str]] = {name: [] for name in (REFERENCE, *SAMPLINGS)}
            small_cells = []
            for network in (fresh(activation=activation), trained(activation, loss)):
                costs = {
                    REFERENCE: cost(
                        network, batches, rng, loss=loss, noise=Ziggurat(4.0), replications=K, sampling="plain"
                    )
                }
                for sampling in SAMPLINGS:
                    costs[sampling] = cost(
                        network, batches, rng, loss=loss, noise=NOISE, replications=K, sampling=sampling
                    )
                seconds, variance = costs[REFERENCE]
                for name, (own_seconds, own_variance) in costs.items():
                    relative = own_variance / variance
                    product = own_seconds / seconds * relative
                    cells[name] += [show(relative), show(product), show(1 / product)]
                for replications in SMALL:
                    own = cost(network, many, rng, loss=loss, noise=NOISE, replications=replications)
                    small_cells.append(show(own[1] / variance))
            rows += [[activation, loss, name, *cells[name]] for name in cells]
            small_rows.append([activation, loss, *small_cells])
    columns = ["variance", "time x variance", "1 in"]
    print_table(
        [
            "activation",
            "loss",
            "sampling",
            *(f"{name}, {weights}" for weights in ("fresh", "trained") for name in columns),
        ],
        rows,
        words=3,
    )
    print(f"Orthogonal sampling at small K: variance relative to plain sampling at K = {K:,}.\n")
    header = [f"K = {replications}, {weights}" for weights in ("fresh", "trained") for replications in SMALL]
    print_table(["activation", "loss", *header], small_rows, words=2)


if __name__ == "__main__":
    main()
