"""The league table of gradient estimators: ``bench_estimators.py PART``, and ``--help`` lists the parts.

Each part can be run by itself, and `make league` puts all of them into docs/performance.md.
"""

from common import ACTIVATIONS, LOSSES, ROOT, data, fresh, mini_batches, print_table, show, trained  # isort: skip

import sys
import time
from argparse import ArgumentParser, Namespace
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

EVALUATIONS, BATCHES, REPEATS = 256, 3, 16
DESIGNS = 10 * 13_056
"""Draws of the exact gradient: whole designs, so that its own noise is far below all others'."""


def flat(gradient: Any) -> Any:
    """Return a gradient as one vector."""
    return np.concatenate([level.ravel() for level in gradient])


def noise_and_signal(estimates: Any) -> tuple[float, float]:
    """Return the trace of the covariance of estimates (repeats, weights) and the squared norm of their mean.

    Both are without bias: the norm counts products of different repeats only.
    """
    variance = estimates.var(axis=0, ddof=1).sum()
    return variance, (estimates.mean(axis=0) ** 2).sum() - variance / len(estimates)


def measured(name: str, network: Network, loss: str, batches: Any, exact: Any, rng: Any) -> tuple[float, float, float]:
    """Return a contender's noise-to-signal ratio, CPU seconds and cosine of its mean with GLR's exact gradient."""
    seconds, variance, norm, inner, length = np.zeros(5)
    for (images, labels), truth in zip(batches, exact, strict=True):
        start = time.process_time()
        estimates = np.array([
            flat(CONTENDERS[name].estimate(network, images, labels, loss=loss, evaluations=EVALUATIONS, rng=rng))
            for _ in range(REPEATS)
        ])  # fmt: skip
        seconds += (time.process_time() - start) / REPEATS / len(batches)
        own_variance, own_norm = noise_and_signal(estimates)
        variance += own_variance
        norm += own_norm
        inner += estimates.mean(axis=0) @ truth
        length += truth @ truth
    cosine = inner / np.sqrt(norm * length) if norm > 0 else np.nan
    return variance / norm if norm > 0 else np.inf, seconds, cosine


def gradients(_: Namespace) -> None:
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
    orthogonal = sum(firsts[cell] == "GLR orthogonal" for cell in jumps)
    print(
        f"Among the unbiased, a sampling of GLR is first in time x noise in {wins} of {len(jumps)} cells with a jump, "
        f"the default one (orthogonal) in {orthogonal}."
    )
    lost = [f"{', '.join(cell)} ({first})" for cell, first in firsts.items() if not first.startswith("GLR")]
    print(f"Cells where another one is first: {'; '.join(lost) or 'none'}.\n")

    def rows(value: Any) -> list[list[str]]:
        return [
            [name, *(value(name, cell) if (name, cell) in results else "" for cell in cells)] for name in CONTENDERS
        ]

    header = ["estimator", *(", ".join(cell).replace("_", "-") for cell in cells)]
    best = {cell: products["GLR orthogonal", cell] for cell in cells}
    print("CPU time x noise-to-signal ratio; 1 is GLR orthogonal.\n")
    print_table(header, rows(lambda name, cell: number(products[name, cell] / best[cell])))
    print(f"\nNoise-to-signal ratio at {EVALUATIONS} loss evaluations per image.\n")
    print_table(header, rows(lambda *key: number(results[key][0])))
    print("\nWhat the mean is taken over, median CPU time, and the cosine of the mean with GLR's exact gradient.\n")
    kinds = [
        [
            contender.target,
            number(1000 * np.median([seconds for (own, _), (_, seconds, _) in results.items() if own == name])),
        ]
        for name, contender in CONTENDERS.items()
    ]
    cosines = rows(lambda *key: f"{results[key][2]:.2f}".replace("nan", "-"))
    print_table(
        ["estimator", "noise on", "ms", *header[1:]],
        [[row[0], *kind, *row[1:]] for row, kind in zip(cosines, kinds, strict=True)],
        words=2,
    )


def number(value: float) -> str:
    """Return three significant digits, or a dash where noise hides the signal."""
    return show(value) if np.isfinite(value) else "-"


STEPS = 0.003, 0.01, 0.03, 0.1
RUNNERS = {
    "GLR orthogonal": CONTENDERS["GLR orthogonal"].estimate,
    "straight-through": partial(CONTENDERS["straight-through"].estimate, noise=None),
    "REINFORCE leave-one-out": CONTENDERS["REINFORCE leave-one-out"].estimate,
    "ES ranked": partial(CONTENDERS["ES ranked"].estimate, sd=0.1),
    "BlackBoxGradient": partial(CONTENDERS["BlackBoxGradient"].estimate, sd=0.1),
    "DisARM": CONTENDERS["DisARM"].estimate,
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


def tuned(estimate: Any, training: Any, validation: Any, seconds: float) -> float:
    """Return the step that is best on the validation set after so many CPU seconds each."""
    scores = {}
    for step in STEPS:
        network = fresh(activation="threshold", seed=99)
        (mean,) = train_for(estimate, network, training, 99, step, EVALUATIONS, [seconds])
        scores[step] = accuracy(mean, validation)
    print(scores, file=sys.stderr, flush=True)
    return max(scores, key=lambda step: scores[step])


def training(options: Namespace) -> None:
    """Print and draw the test accuracy against CPU seconds, thresholds and cross-entropy."""
    part, validation, test = parts()
    rows, curves = [], {}
    for name, estimate in RUNNERS.items():
        step = tuned(estimate, part, validation, options.tuning)
        runs = []
        for seed in range(options.seeds):
            network = fresh(activation="threshold", seed=seed)
            means = train_for(estimate, network, part, seed, step, EVALUATIONS, options.seconds)
            runs.append([accuracy(mean, test) for mean in means])
            print(name, step, seed, runs[-1], file=sys.stderr, flush=True)
        curves[name] = np.array(runs)
        rows.append([name, f"{step:g}", *(f"{mean:.3f} ± {sd:.3f}" for mean, sd in zip(*_spread(runs), strict=True))])
    print_table(["estimator", "step", *(f"after {seconds:g} s" for seconds in options.seconds)], rows)
    print(
        f"Test accuracy without noise, mean ± sd over {options.seeds} seeds, after so many CPU seconds of training. "
        f"Each step is the best of {len(STEPS)} on 5,000 other images after {options.tuning:g} CPU seconds."
    )
    for suffix in FORMATS:
        with replacing(ROOT / f"docs/performance-league{suffix}") as temporary:
            temporary.write_bytes(render(draw(curves, options.seconds), suffix))


def _spread(runs: Any) -> tuple[Any, Any]:
    """Return the mean and the standard deviation over seeds, 0 for one."""
    return np.mean(runs, axis=0), np.std(runs, axis=0, ddof=min(1, len(runs) - 1))


@style()
def draw(curves: dict[str, Any], checkpoints: Any) -> Figure:
    """Return the plot of the errors against CPU seconds."""
    figure = Figure(figsize=(WIDTH, 0.6 * WIDTH), layout="constrained")
    axes = figure.subplots()
    looks = zip((BLUE, GREEN, ORANGE, VERMILLION, PURPLE, GREY), "osD^vP", strict=True)
    for place, ((name, runs), (colour, marker)) in enumerate(zip(curves.items(), looks, strict=False)):
        mean, sd = _spread(1 - runs)
        shifted = np.array(checkpoints) * 1.04**place  # side by side where they are equal
        axes.errorbar(shifted, mean, sd, color=colour, marker=marker, markersize=5, capsize=2, label=name)
    axes.set(xscale="log", yscale="log", xlabel="CPU seconds", ylabel="Test error", xticks=checkpoints)
    errors = [0.05, 0.1, 0.2]
    axes.set_yticks(errors, [f"{error:g}" for error in errors])
    axes.set_xticklabels([f"{seconds:g}" for seconds in checkpoints])
    axes.minorticks_off()
    axes.grid(color="0.9")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


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
DEEP_STEPS, DEPTH_REPEATS = (0.003, 0.01, 0.03), 16


def deep(sizes: tuple[int, ...], seed: int = 0) -> Network:
    """Return a network of thresholds with the package's own initial weights, which fit every width."""
    return Network.initialise(sizes, ("threshold",) * (len(sizes) - 2) + ("identity",), stream(seed, "weights"))


def enlarged(part: Any, pixels: int) -> Any:
    """Return a part with images of so many pixels: as they are, or each pixel four times for 28 x 28."""
    images, labels = part
    if pixels == images.shape[1]:
        return part
    return np.repeat(np.repeat(images.reshape(-1, 14, 14), 2, axis=1), 2, axis=2).reshape(len(images), -1), labels


def depth(_: Namespace) -> None:
    """Print GLR's noise against K, width and depth: of the whole gradient and of the first level's, with a law."""
    rng, part = stream(0, "bench_depth"), parts()[0]
    header = ["network", *(f"K = {k:,}" for k in DEPTH_K), "exponent of K", "K for 1", "K for 0.1"]
    noises = []
    for sizes in NETWORKS:
        images, labels = enlarged((part[0][:50], part[1][:50]), sizes[0])
        network, first = deep(sizes), (1 + sizes[0]) * sizes[1]
        for k in DEPTH_K:
            sums = np.zeros((2, 2))
            for half in (slice(0, 25), slice(25, 50)):
                estimates = np.array([
                    flat(
                        likelihood_ratio_gradient(
                            network, images[half], labels[half], noise=NOISE, replications=k, rng=rng
                        )
                    )
                    for _ in range(DEPTH_REPEATS)
                ])  # fmt: skip
                sums += [noise_and_signal(estimates), noise_and_signal(estimates[:, :first])]
            noises.append(sums[:, 0] / sums[:, 1])
    logs = np.log(noises).reshape(len(NETWORKS), len(DEPTH_K), 2)
    print("Noise-to-signal ratio of GLR orthogonal, thresholds, cross-entropy, fresh weights.")
    for title, log in (("The whole gradient", logs[:, :, 0]), ("The first level's gradient", logs[:, :, 1])):
        slopes, starts = np.polyfit(np.log(DEPTH_K), log.T, 1)
        rows = [
            [
                "-".join(map(str, sizes)),
                *map(show, np.exp(own)),
                f"{slope:.2f}",
                *(f"{np.exp((np.log(level) - start) / slope):,.0f}" for level in (1.0, 0.1)),
            ]
            for sizes, own, slope, start in zip(NETWORKS, log, slopes, starts, strict=True)
        ]
        print(f"\n{title}:\n")
        print_table(header, rows)
        x = np.array([[1.0, np.log(sum(sizes[1:])), len(sizes) - 3] for sizes in NETWORKS])
        y = log[:, 1]  # one value per network: the three K of a network share its weights
        law, rest = np.linalg.lstsq(x, y)[:2]
        spread = rest[0] / (len(y) - len(law))
        errors = np.sqrt(spread * np.diag(np.linalg.inv(x.T @ x)))
        terms = zip(law, errors, ("", " x ln neurons", " x (hidden levels - 1)"), strict=True)
        print(
            f"\nExponent of K: {slopes.mean():.2f} (sd over networks {slopes.std(ddof=1):.2f}). At K = {DEPTH_K[1]:,}, "
            f"ln(noise-to-signal) = {' '.join(f'{c:+.2f} (± {e:.2f}){name}' for c, e, name in terms)}; "
            f"a network is off by a factor of {np.exp(spread**0.5):.1f}."
        )


def deep_training(options: Namespace) -> None:
    """Print the accuracies of wider and deeper networks by GLR and by the straight-through estimator."""
    training_part, validation, test = parts()
    runners = {
        f"GLR, K = {EVALUATIONS}": (RUNNERS["GLR orthogonal"], EVALUATIONS),
        "straight-through": (RUNNERS["straight-through"], 1),
    }
    rows = []
    for sizes in TRAINED:
        part, own_validation, own_test = (enlarged(one, sizes[0]) for one in (training_part, validation, test))
        cells = []
        for estimate, k in runners.values():
            found = []
            for step in DEEP_STEPS:
                (mean,) = train_for(estimate, deep(sizes), part, 0, step, k, [60 * options.minutes])
                found.append((accuracy(mean, own_validation), accuracy(mean, own_test), step))
            print(sizes, k, found, file=sys.stderr, flush=True)
            cells.append(f"{max(found)[1]:.3f} (step {max(found)[2]:g})")
        rows.append(["-".join(map(str, sizes)), *cells])
    print_table(["network", *runners], rows)
    print(
        f"Test accuracy after {options.minutes:g} CPU minutes, one seed. Adam's step is the best of {len(DEEP_STEPS)} "
        "on 5,000 other images."
    )


PARTS = {"gradients": gradients, "training": training, "depth": depth, "deep_training": deep_training}


def main() -> None:
    """Run one part."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--seeds", type=int, default=5, help="training: repetitions")
    parser.add_argument("--seconds", type=float, nargs="+", default=[5.0, 15.0, 60.0], help="training: checkpoints")
    parser.add_argument("--tuning", type=float, default=5.0, help="training: CPU seconds for each step that is tried")
    parser.add_argument("--minutes", type=float, default=10.0, help="deep_training: CPU minutes of each training")
    options = parser.parse_args()
    PARTS[options.part](options)


if __name__ == "__main__":
    main()
