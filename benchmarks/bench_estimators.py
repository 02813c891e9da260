"""The league table of gradient estimators: ``bench_estimators.py gradients``, ``training`` or ``depth``.

Each part can be run by itself, and `make league` puts all of them into docs/performance.md.
"""

from common import ACTIVATIONS, LOSSES, ROOT, data, fresh, mini_batches, print_table, show, trained  # isort: skip

import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from estimators import CONTENDERS, NOISE
from glr.gradients.likelihood_ratio import likelihood_ratio_gradient
from glr.network import Network
from glr.streams import stream
from reproduction.figures.style import BLUE, FORMATS, GREEN, GREY, ORANGE, PURPLE, VERMILLION, WIDTH, render, style
from reproduction.store.files import replacing
from reproduction.store.images import load_part

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


TUNING, CHECKPOINTS, SEEDS = 5.0, (5.0, 15.0, 60.0), 3
STEPS, FEWER = (0.003, 0.01, 0.03), 64
RUNNERS = {
    "GLR orthogonal": CONTENDERS["GLR orthogonal"].estimate,
    "REINFORCE leave-one-out": CONTENDERS["REINFORCE leave-one-out"].estimate,
    "DisARM": CONTENDERS["DisARM"].estimate,
    "ES ranked": partial(CONTENDERS["ES ranked"].estimate, sd=0.1),
    "BlackBoxGradient": partial(CONTENDERS["BlackBoxGradient"].estimate, sd=0.1),
    "straight-through": partial(CONTENDERS["straight-through"].estimate, noise=None),
}


def train_for(
    estimate: Any, network: Network, part: Any, seed: int, step: float, evaluations: int, checkpoints: Any
) -> Iterator[Network]:
    """Train with Adam, and yield at each number of CPU seconds the mean network of about the last fifth of the steps.

    The mean takes the place of a decaying step, so that one run serves all checkpoints.
    """
    images, labels = part
    order, rng = stream(seed, "mini_batches"), stream(seed, "noise")
    moments = [np.zeros((2, *w.shape)) for w in network.weights]
    mean = Network(tuple(w.copy() for w in network.weights), network.activations)
    spent, steps = 0.0, 0
    for seconds in checkpoints:
        begun = time.process_time()
        while spent + time.process_time() - begun < seconds:
            steps += 1
            batch = order.integers(len(labels), size=25)
            gradient = estimate(
                network, images[batch], labels[batch], loss="cross_entropy", evaluations=evaluations, rng=rng
            )
            for w, average, (first, second), slope in zip(
                network.weights, mean.weights, moments, gradient, strict=True
            ):
                first += 0.1 * (slope - first)
                second += 0.001 * (slope**2 - second)
                w -= step * first / (1 - 0.9**steps) / (np.sqrt(second / (1 - 0.999**steps)) + 1e-8)
                average += min(1.0, 5 / steps) * (w - average)
        spent += time.process_time() - begun
        yield mean


def accuracy(network: Network, part: Any) -> float:
    """Return the accuracy without noise."""
    return float((network.predict(part[0]) == part[1]).mean())


def parts() -> tuple[Any, Any, Any]:
    """Return images with labels to train on, 5,000 to tune on, and the test set."""
    images, labels = load_part(*data()[1:], "train")
    return (images[5000:], labels[5000:]), (images[:5000], labels[:5000]), load_part(*data()[1:], "test")


def tuned(estimate: Any, training: Any, validation: Any) -> tuple[float, int]:
    """Return the step and the loss evaluations per image that are best on the validation set after 5 CPU seconds.

    Four trials: three steps, and then fewer evaluations with the best of them.
    """

    def trial(step: float, evaluations: int) -> float:
        (network,) = train_for(
            estimate, fresh(activation="threshold", seed=99), training, 99, step, evaluations, [TUNING]
        )
        return accuracy(network, validation)

    scores = {(step, EVALUATIONS): trial(step, EVALUATIONS) for step in STEPS}
    best = max(scores, key=lambda key: scores[key])[0]
    scores[best, FEWER] = trial(best, FEWER)
    print(scores, file=sys.stderr, flush=True)
    return max(scores, key=lambda key: scores[key])


def training() -> None:
    """Print and draw the test accuracy against CPU seconds, thresholds and cross-entropy."""
    part, validation, test = parts()
    rows, curves = [], {}
    for name, estimate in RUNNERS.items():
        step, evaluations = tuned(estimate, part, validation)
        runs = []
        for seed in range(SEEDS):
            network = fresh(activation="threshold", seed=seed)
            steps = train_for(estimate, network, part, seed, step, evaluations, CHECKPOINTS)
            runs.append([accuracy(mean, test) for mean in steps])
            print(name, step, evaluations, seed, runs[-1], file=sys.stderr, flush=True)
        curves[name] = np.array(runs)
        cells = [f"{mean:.3f} ± {sd:.3f}" for mean, sd in zip(*_mean_and_sd(curves[name]), strict=True)]
        spent = "1" if name == "straight-through" else str(evaluations)
        rows.append([name, f"{step:g}", spent, *cells])
    header = ["estimator", "step", "K", *(f"after {seconds:g} s" for seconds in CHECKPOINTS)]
    print_table(header, rows)
    print(f"Test accuracy, mean ± sd over {SEEDS} seeds; networks 196-20-10 of thresholds, cross-entropy, one thread.")
    for suffix in FORMATS:
        with replacing(ROOT / f"docs/performance-league{suffix}") as temporary:
            temporary.write_bytes(render(draw(curves), suffix))


def _mean_and_sd(runs: Any) -> tuple[Any, Any]:
    return runs.mean(axis=0), runs.std(axis=0, ddof=1)


@style()
def draw(curves: dict[str, Any]) -> Figure:
    """Return the plot of the accuracies against CPU seconds."""
    figure = Figure(figsize=(WIDTH, 0.6 * WIDTH), layout="constrained")
    axes = figure.subplots()
    looks = zip((BLUE, GREEN, ORANGE, VERMILLION, PURPLE, GREY), "osD^vP", strict=True)
    for (name, runs), (colour, marker) in zip(curves.items(), looks, strict=True):
        mean, sd = _mean_and_sd(runs)
        axes.errorbar(CHECKPOINTS, mean, sd, color=colour, marker=marker, markersize=5, capsize=2, label=name)
    axes.set(xscale="log", xlabel="CPU seconds", ylabel="Test accuracy", xticks=CHECKPOINTS)
    axes.set_xticklabels([f"{seconds:g}" for seconds in CHECKPOINTS])
    axes.minorticks_off()
    axes.grid(color="0.9")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


MINUTES = 2.0
DEPTH_K = (256, 1024, 4352)
NETWORKS = (
    (196, 10, 10),
    (196, 20, 10),
    (196, 80, 10),
    (196, 50, 20, 10),
    (196, 100, 50, 10),
    (196, 20, 20, 20, 10),
    (784, 256, 10),
)
TRAINED = ((196, 50, 20, 10), (196, 100, 50, 10), (784, 256, 10))
DEEP_STEP, DEPTH_REPEATS = 0.003, 8


def deep(sizes: tuple[int, ...], seed: int = 0) -> Network:
    """Return a network of thresholds with the package's own initial weights, which fit every width."""
    return Network.initialise(sizes, ("threshold",) * (len(sizes) - 2) + ("identity",), stream(seed, "weights"))


def enlarged(part: Any, pixels: int) -> Any:
    """Return a part with images of so many pixels: as they are, or each pixel four times for 28 x 28."""
    images, labels = part
    if pixels == images.shape[1]:
        return part
    return np.repeat(np.repeat(images.reshape(-1, 14, 14), 2, axis=1), 2, axis=2).reshape(len(images), -1), labels


def depth() -> None:
    """Print GLR's noise against K, width and depth with a fitted law, and accuracies beside straight-through's."""
    rng, part = stream(0, "bench_depth"), parts()[0]
    rows, points = [], []
    for sizes in NETWORKS:
        images, labels = enlarged((part[0][:50], part[1][:50]), sizes[0])
        noises = []
        for k in DEPTH_K:
            variance, norm = 0.0, 0.0
            for half in (slice(0, 25), slice(25, 50)):
                estimates = np.array([
                    flat(
                        likelihood_ratio_gradient(
                            deep(sizes), images[half], labels[half], noise=NOISE, replications=k, rng=rng
                        )
                    )
                    for _ in range(DEPTH_REPEATS)
                ])  # fmt: skip
                own = estimates.var(axis=0, ddof=1).sum()
                variance += own
                norm += (estimates.mean(axis=0) ** 2).sum() - own / DEPTH_REPEATS
            noises.append(variance / norm)
            points.append([np.log(k), np.log(sum(sizes[1:])), len(sizes) - 3, np.log(noises[-1])])
        slope, start = np.polyfit(np.log(DEPTH_K), np.log(noises), 1)
        needed = [np.exp((np.log(level) - start) / slope) for level in (1.0, 0.1)]
        rows.append(["-".join(map(str, sizes)), *map(show, noises), f"{slope:.2f}", *(f"{k:,.0f}" for k in needed)])
    header = ["network", *(f"K = {k:,}" for k in DEPTH_K), "exponent of K", "K for 1", "K for 0.1"]
    print("Noise-to-signal ratio of GLR orthogonal, thresholds, cross-entropy, fresh weights.\n")
    print_table(header, rows)
    x = np.array([[1.0, *point[:-1]] for point in points])
    y = np.array([point[-1] for point in points])
    law, rest = np.linalg.lstsq(x, y)[:2]
    spread = rest[0] / (len(y) - len(law))
    errors = np.sqrt(spread * np.diag(np.linalg.inv(x.T @ x)))
    names = ("", "ln K", "ln neurons", "(hidden levels - 1)")
    terms = [f"{c:+.2f} (± {e:.2f}) {name}".strip() for c, e, name in zip(law, errors, names, strict=True)]
    print(
        f"\nFitted: ln(noise-to-signal) = {' '.join(terms)}; a point is off by a factor of {np.exp(spread**0.5):.1f}.\n"
    )
    _deep_trainings()


def _deep_trainings() -> None:
    training_part, _, test = parts()
    runners = {
        f"GLR, K = {EVALUATIONS}": (RUNNERS["GLR orthogonal"], EVALUATIONS),
        "GLR, K = 1,024": (RUNNERS["GLR orthogonal"], 1024),
        "straight-through": (RUNNERS["straight-through"], 1),
    }
    rows = []
    for sizes in TRAINED:
        part, own_test = enlarged(training_part, sizes[0]), enlarged(test, sizes[0])
        cells = []
        for estimate, k in runners.values():
            (mean,) = train_for(estimate, deep(sizes), part, 0, DEEP_STEP, k, [60 * MINUTES])
            cells.append(f"{accuracy(mean, own_test):.3f}")
            print(sizes, k, cells[-1], file=sys.stderr, flush=True)
        rows.append(["-".join(map(str, sizes)), *cells])
    print_table(["network", *runners], rows)
    print(f"Test accuracy after {MINUTES:g} CPU minutes, one seed, Adam's step {DEEP_STEP:g} for all, not tuned.")


def number(value: float) -> str:
    """Return three significant digits, or a dash where noise hides the signal."""
    return show(value) if np.isfinite(value) else "-"


PARTS = {"gradients": gradients, "training": training, "depth": depth}

if __name__ == "__main__":
    if sys.argv[1:] not in [[part] for part in PARTS]:
        sys.exit(f"bench_estimators: found {sys.argv[1:]}, but one of {', '.join(PARTS)} is needed.")
    PARTS[sys.argv[1]]()
