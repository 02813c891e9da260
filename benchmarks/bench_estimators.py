"""The league table of gradient estimators: ``bench_estimators.py PART``, and ``--help`` lists the parts.

Each part can be run by itself, and `make league` puts all of them into docs/performance.md.
"""

from common import ACTIVATIONS, LOSSES, ROOT, data, fresh, mini_batches, print_table, show, trained  # isort: skip

import os
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import isqrt
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


def measured(
    estimate: Any, network: Network, loss: str, batches: Any, exact: Any, rng: Any
) -> tuple[float, float, float]:
    """Return a contender's noise-to-signal ratio, CPU seconds and cosine of its mean with GLR's exact gradient."""
    seconds, variance, norm, inner, length = np.zeros(5)
    estimate(network, *batches[0], loss=loss, evaluations=EVALUATIONS, rng=rng)  # compiles, where a library does
    for (images, labels), truth in zip(batches, exact, strict=True):
        start = time.process_time()
        estimates = np.array([
            flat(estimate(network, images, labels, loss=loss, evaluations=EVALUATIONS, rng=rng))
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
    """Print noise, noise x time and bias of all contenders, those of the peers' libraries included."""
    from peers import CONTENDERS as PEERS  # here, since the other parts run in forks, which jax does not bear

    contenders = CONTENDERS | PEERS
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
                for name, contender in contenders.items():
                    if activation in contender.activations and loss in contender.losses:
                        cell = activation, loss, state
                        results[name, cell] = measured(contender.estimate, network, loss, batches, exact, rng)
    cells = list(dict.fromkeys(cell for _, cell in results))
    products = {key: noise * seconds for key, (noise, seconds, _) in results.items()}
    unbiased = [name for name, contender in contenders.items() if contender.target != "none"]
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
            [name, *(value(name, cell) if (name, cell) in results else "" for cell in cells)] for name in contenders
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
        for name, contender in contenders.items()
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
    "DisARM": CONTENDERS["DisARM"].estimate,
    "BP": partial(CONTENDERS["BP with noise"].estimate, noise=None),
    "BP with noise": CONTENDERS["BP with noise"].estimate,
    "forward gradient, signals": CONTENDERS["forward gradient, signals"].estimate,
    "ES ranked": partial(CONTENDERS["ES ranked"].estimate, sd=0.1),
    "BlackBoxGradient": partial(CONTENDERS["BlackBoxGradient"].estimate, sd=0.1),
}
LOOKS = {
    "GLR orthogonal": (BLUE, "o"),
    "straight-through": (GREEN, "s"),
    "REINFORCE leave-one-out": (ORANGE, "D"),
    "DisARM": (VERMILLION, "^"),
    "BP": (GREEN, "v"),
    "BP with noise": (ORANGE, "P"),
    "forward gradient, signals": (VERMILLION, "X"),
    "ES ranked": (PURPLE, "<"),
    "BlackBoxGradient": (GREY, ">"),
}
"""Colours are different in each panel, markers in all of them."""
WEIGHTS_ONLY = ("ES ranked", "BlackBoxGradient")
RACES = {
    ("threshold", "cross_entropy"): (
        "GLR orthogonal",
        "straight-through",
        "REINFORCE leave-one-out",
        "DisARM",
        *WEIGHTS_ONLY,
    ),
    ("threshold", "zero_one"): ("GLR orthogonal", "REINFORCE leave-one-out", "DisARM", *WEIGHTS_ONLY),
    ("sigmoid", "cross_entropy"): ("GLR orthogonal", "BP", "BP with noise", "forward gradient, signals", *WEIGHTS_ONLY),
}


def train_for(
    estimate: Any, network: Network, part: Any, loss: str, seed: int, step: float, evaluations: int, checkpoints: Any
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
            gradient = estimate(network, images[batch], labels[batch], loss=loss, evaluations=evaluations, rng=rng)
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


def parts(side: int = 14) -> tuple[Any, Any, Any]:
    """Return images with labels to train on, 5,000 to tune on, and the test set."""
    images, labels = load_part(*data(side)[1:], "train")
    return (images[5000:], labels[5000:]), (images[:5000], labels[:5000]), load_part(*data(side)[1:], "test")


def in_processes(work: Any, arguments: Any) -> list[Any]:
    """Return the results of calls, one per core at a time: each counts the CPU seconds of its own process."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, *zip(*arguments, strict=True)))


TUNING_SEEDS = {"cross_entropy": (99,), "zero_one": (97, 98, 99)}
"""With the 0-1 loss a training can lose a class by chance, so that one run says little about a step."""


def tuned(activation: str, loss: str, name: str, seconds: float) -> float:
    """Return the step that is best on the validation set after so many CPU seconds each."""
    part, validation, _ = parts()
    scores = dict.fromkeys(STEPS, 0.0)
    for step in STEPS:
        for seed in TUNING_SEEDS[loss]:
            network = fresh(activation=activation, seed=seed)
            (mean,) = train_for(RUNNERS[name], network, part, loss, seed, step, EVALUATIONS, [seconds])
            scores[step] += accuracy(mean, validation) / len(TUNING_SEEDS[loss])
    print(activation, loss, name, scores, file=sys.stderr, flush=True)
    return max(scores, key=lambda step: scores[step])


def race(activation: str, loss: str, name: str, step: float, seed: int, checkpoints: Any) -> list[float]:
    """Return a contender's test accuracy at each checkpoint."""
    part, _, test = parts()
    network = fresh(activation=activation, seed=seed)
    means = train_for(RUNNERS[name], network, part, loss, seed, step, EVALUATIONS, checkpoints)
    found = [accuracy(mean, test) for mean in means]
    print(activation, loss, name, step, seed, found, file=sys.stderr, flush=True)
    return found


def training(options: Namespace) -> None:
    """Print and draw the test accuracy against CPU seconds."""
    parts()  # made once, before the processes ask for them
    entries = [(*case, name) for case, names in RACES.items() for name in names]
    steps = in_processes(tuned, [(*entry, options.tuning) for entry in entries])
    runs = in_processes(
        race,
        [
            (*entry, step, seed, options.seconds)
            for entry, step in zip(entries, steps, strict=True)
            for seed in range(options.seeds)
        ],
    )
    found = np.reshape(runs, (len(entries), options.seeds, len(options.seconds)))
    curves: dict[tuple[str, str], dict[str, Any]] = {case: {} for case in RACES}
    rows = []
    for (activation, loss, name), step, accuracies in zip(entries, steps, found, strict=True):
        curves[activation, loss][name] = accuracies
        cells = (f"{mean:.3f} ± {sd:.3f}" for mean, sd in zip(*_spread(accuracies), strict=True))
        rows.append([activation, loss.replace("_", "-"), name, f"{step:g}", *cells])
    header = ["activation", "loss", "estimator", "step", *(f"after {seconds:g} s" for seconds in options.seconds)]
    print_table(header, rows, words=3)
    print(
        f"Test accuracy without noise, mean ± sd over {options.seeds} seeds, after so many CPU seconds of training. "
        f"Each step is the best of {len(STEPS)} on 5,000 other images after {options.tuning:g} CPU seconds: in one run "
        f"each, or for the 0-1 loss in the mean of {len(TUNING_SEEDS['zero_one'])}."
    )
    for suffix in FORMATS:
        with replacing(ROOT / f"docs/performance-league{suffix}") as temporary:
            temporary.write_bytes(render(draw(curves, options.seconds), suffix))


def _spread(runs: Any) -> tuple[Any, Any]:
    """Return the mean and the standard deviation over seeds, 0 for one."""
    return np.mean(runs, axis=0), np.std(runs, axis=0, ddof=min(1, len(runs) - 1))


@style()
def draw(curves: dict[tuple[str, str], dict[str, Any]], checkpoints: Any) -> Figure:
    """Return the plot of the errors against CPU seconds, one panel per activation and loss."""
    figure = Figure(figsize=(WIDTH, 0.9 * WIDTH), layout="constrained")
    panels = figure.subplots(1, len(curves), sharey=True)
    errors = [0.05, 0.1, 0.2, 0.4]
    for axes, (case, contenders) in zip(panels, curves.items(), strict=True):
        for place, (name, runs) in enumerate(contenders.items()):
            mean, sd = _spread(1 - runs)
            shifted = np.array(checkpoints) * 1.04**place  # side by side where they are equal
            colour, marker = LOOKS[name]
            axes.errorbar(shifted, mean, sd, color=colour, marker=marker, markersize=5, capsize=2, label=name)
        axes.set(title=",\n".join(case).replace("_", "-"), xscale="log", yscale="log", xlabel="CPU seconds")
        axes.set_xticks(checkpoints, [f"{seconds:g}" for seconds in checkpoints])
        axes.set_yticks(errors, [f"{error:g}" for error in errors])
        axes.minorticks_off()
        axes.grid(color="0.9")
    panels[0].set_ylabel("Test error")
    entries = {
        label: handle for axes in panels for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(entries.values(), entries, loc="outside lower center", ncols=2)
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
    (784, 512, 512, 10),
)
TRAINED = ((196, 50, 20, 10), (196, 100, 50, 10), (784, 256, 10))
DEEP_STEPS, DEPTH_REPEATS = (0.003, 0.01, 0.03), 16


def deep(sizes: tuple[int, ...], seed: int = 0) -> Network:
    """Return a network of thresholds with the package's own initial weights, which fit every width."""
    return Network.initialise(sizes, ("threshold",) * (len(sizes) - 2) + ("identity",), stream(seed, "weights"))


def depth(_: Namespace) -> None:
    """Print GLR's noise against K, width and depth: of the whole gradient and of the first level's, with a law."""
    rng = stream(0, "bench_depth")
    header = ["network", *(f"K = {k:,}" for k in DEPTH_K), "exponent of K", "K for 1", "K for 0.1"]
    noises = []
    for sizes in NETWORKS:
        images, labels = parts(isqrt(sizes[0]))[0]
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


DEEP = {f"GLR, K = {EVALUATIONS}": ("GLR orthogonal", EVALUATIONS), "straight-through": ("straight-through", 1)}


def deep_race(sizes: tuple[int, ...], contender: str, tuning: float, minutes: float) -> tuple[float, float]:
    """Return the step that is best on the validation set after `tuning` CPU minutes, and the test accuracy with it."""
    part, validation, test = parts(isqrt(sizes[0]))
    name, k = DEEP[contender]

    def trained_for(step: float, length: float) -> Network:
        return next(train_for(RUNNERS[name], deep(sizes), part, "cross_entropy", 0, step, k, [60 * length]))

    scores = {step: accuracy(trained_for(step, tuning), validation) for step in DEEP_STEPS}
    step = max(scores, key=lambda step: scores[step])
    found = accuracy(trained_for(step, minutes), test)
    print(sizes, contender, scores, found, file=sys.stderr, flush=True)
    return step, found


def deep_training(options: Namespace) -> None:
    """Print the accuracies of wider and deeper networks by GLR and by the straight-through estimator."""
    for sizes in TRAINED:
        parts(isqrt(sizes[0]))  # made once, before the processes ask for them
    entries = [(sizes, contender) for sizes in TRAINED for contender in DEEP]
    found = in_processes(deep_race, [(*entry, options.minutes / 20, options.minutes) for entry in entries])
    cells = dict(zip(entries, (f"{score:.3f} (step {step:g})" for step, score in found), strict=True))
    print_table(
        ["network", *DEEP], [["-".join(map(str, sizes)), *(cells[sizes, name] for name in DEEP)] for sizes in TRAINED]
    )
    print(
        f"Test accuracy after {options.minutes:g} CPU minutes, one seed. Adam's step is the best of "
        f"{len(DEEP_STEPS)} on 5,000 other images after {options.minutes / 20:g} CPU minutes."
    )


PARTS = {"gradients": gradients, "training": training, "depth": depth, "deep_training": deep_training}


def main() -> None:
    """Run one part."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--seeds", type=int, default=5, help="training: repetitions")
    parser.add_argument(
        "--seconds", type=float, nargs="+", default=[1.0, 5.0, 15.0, 60.0], help="training: checkpoints"
    )
    parser.add_argument("--tuning", type=float, default=5.0, help="training: CPU seconds for each step that is tried")
    parser.add_argument("--minutes", type=float, default=10.0, help="deep_training: CPU minutes of each training")
    options = parser.parse_args()
    PARTS[options.part](options)


if __name__ == "__main__":
    main()
