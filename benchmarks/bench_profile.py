"""Where an iteration's time goes: the parts that no implementation of the sampling could do without, each by itself."""

from common import NOISE, fresh, mini_batches, milliseconds, print_table, show  # isort: skip

from collections.abc import Callable
from typing import Any

import numpy as np

from glr.activations import get_activation
from glr.gradients.frames import Frames
from glr.gradients.likelihood_ratio import likelihood_ratio_gradient
from glr.gradients.sampling import COLUMNS
from glr.streams import stream

CASES = (("plain", 10_000), ("orthogonal", 256), ("orthogonal", 10_112))
IMAGES, HIDDEN, OUTPUTS = 25, 20, 10


def parts(sampling: str, replications: int, rng: np.random.Generator) -> tuple[dict[str, Callable[[], Any]], float]:
    """Return the work of each part (random numbers: of an iteration, others: of a chunk) and the number of chunks."""
    states, runs = (2, 4) if sampling == "orthogonal" else (1, 1)
    draws = replications // runs
    images = min(IMAGES, max(1, COLUMNS // draws))
    each = -(-draws // -(-draws // COLUMNS))
    columns = images * each
    hidden = rng.standard_normal((HIDDEN, states * columns), dtype=np.float32)
    outputs = rng.standard_normal((OUTPUTS, runs * columns), dtype=np.float32)
    theta = rng.standard_normal((OUTPUTS, HIDDEN), dtype=np.float32)
    weighted = rng.standard_normal((OUTPUTS, states * columns), dtype=np.float32)
    score = rng.standard_normal((images, HIDDEN, each), dtype=np.float32)
    effects = rng.standard_normal((images, each, 1), dtype=np.float32)
    sigmoid, scratch = get_activation("sigmoid"), np.empty_like(outputs)
    chunks = IMAGES * draws / columns

    def noise() -> None:
        if sampling == "orthogonal":
            frames = Frames(HIDDEN + OUTPUTS, IMAGES, draws, rng, spherical=True)
            for start in range(0, IMAGES, images):
                frames.sample(slice(start, start + images), slice(0, each))
        else:
            for _ in range(round(chunks)):
                NOISE.sample(rng, (HIDDEN + OUTPUTS, columns))

    return {
        "random numbers": noise,
        "activation": lambda: sigmoid(hidden),
        "exp of the loss": lambda: np.exp(outputs, out=scratch),
        "matrix products": lambda: (theta @ hidden, hidden @ weighted.T, score @ effects),
    }, chunks


def main() -> None:
    """Measure and print."""
    network, (batch,), rng = fresh(), mini_batches(1), stream(0, "bench_profile")
    rows: list[list[str]] = []
    for sampling, k in CASES:
        steps, chunks = parts(sampling, k, rng)
        given = {"noise": NOISE, "replications": k, "sampling": sampling}
        steps["iteration"] = lambda given=given: likelihood_ratio_gradient(network, *batch, rng=rng, **given)
        times = milliseconds(steps, rounds=9)
        total = times.pop("iteration")
        shares = [(1 if name == "random numbers" else chunks) * time / total for name, time in times.items()]
        rows.append([sampling, f"{k:,}", show(total), *(f"{share:.0%}" for share in (*shares, sum(shares)))])
    print_table(["sampling", "K", "ms an iteration", *times, "all of these"], rows)


if __name__ == "__main__":
    main()
