"""CPU time of an iteration against K, the mini-batch, the width and the number of levels; peak memory against K.

Draws docs/performance-scaling.svg and .png.
"""

from common import NOISE, ROOT, data, fresh, mini_batches, milliseconds, print_table, show, spend, training_command  # isort: skip

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator

from glr.gradients.likelihood_ratio import likelihood_ratio_gradient, replications_spent
from glr.streams import stream
from reproduction.figures.style import BLUE, FORMATS, VERMILLION, WIDTH, render, style
from reproduction.store.files import read_arrays, replacing, write_arrays

SAMPLINGS = {"plain": (VERMILLION, "s"), "orthogonal": (BLUE, "o")}
AXES: dict[str, tuple[int, ...]] = {
    "K": (128, 640, 3200, 16_000, 100_000),
    "images in the mini-batch": (5, 25, 100, 400),
    "neurons in the hidden level": (10, 40, 160, 640),
    "levels": (1, 2, 4, 6, 8),
}
MEMORY = (256, 10_000, 100_000)


def settings_of(axis: str, value: int) -> tuple[tuple[int, ...], int, int]:
    """Return the network's sizes, the images of the mini-batch and K, where one of them varies."""
    sizes: tuple[int, ...] = (196, 20, 10)
    images, replications = 25, 2560
    match axis:
        case "K":
            replications = value
        case "images in the mini-batch":
            images = value
        case "neurons in the hidden level":
            sizes = (196, value, 10)
        case "levels":
            sizes = (196, *[20] * (value - 1), 10)
    return sizes, images, replications


def measure(axis: str, values: tuple[int, ...]) -> tuple[dict[Any, float], dict[Any, int]]:
    """Return the milliseconds and the replications spent, by sampling and value."""
    steps: dict[Any, Callable[[], Any]] = {}
    spent = {}
    for value in values:
        sizes, images, replications = settings_of(axis, value)
        network, (batch,), rng = fresh(sizes), mini_batches(1, images), stream(0, "bench_scaling")
        for sampling in SAMPLINGS:
            given: dict[str, Any] = {"noise": NOISE, "replications": replications, "sampling": sampling}
            steps[sampling, value] = lambda network=network, batch=batch, rng=rng, given=given: (
                likelihood_ratio_gradient(network, *batch, rng=rng, **given)
            )
            spent[sampling, value] = replications_spent(network, **given)
    return milliseconds(steps, rounds=3, least=0.1), spent


def affine(values: list[int], times: list[float]) -> tuple[float, float, float]:
    """Return a and b of the a + b x that is nearest in relative terms, and its largest relative error."""
    x, y = np.array(values, dtype=float), np.array(times)
    (a, b), *_ = np.linalg.lstsq(np.stack([1 / y, x / y], axis=1), np.ones(len(y)))
    return a, b, np.abs((a + b * x) / y - 1).max()


def peak_memory(sampling: str, replications: int) -> float:
    """Return the peak memory in MB of a training of twenty steps on a whole test set, which is what K can change."""
    _, _, split = data()
    parts = read_arrays(split, "train", "test")
    with tempfile.TemporaryDirectory() as name:
        short = Path(name) / "split.npz"
        write_arrays(short, train=parts["train"][:500], test=parts["test"])
        command = training_command(
            "glr_sigmoid", Path(name), short, epochs=1, sampling=sampling, replications=replications
        )
        return spend(command)[1]


@style()
def draw(times: dict[str, dict[Any, float]]) -> Figure:
    """Return the log-log plots of all times."""
    figure = Figure(figsize=(1.4 * WIDTH, 1.1 * WIDTH), layout="constrained")
    for axes, (axis, values) in zip(figure.subplots(2, 2).flatten(), AXES.items(), strict=True):
        for sampling, (colour, marker) in SAMPLINGS.items():
            y = [times[axis][sampling, value] for value in values]
            axes.plot(values, y, color=colour, marker=marker, label=sampling)
        axes.set(xscale="log", yscale="log", xlabel=axis[0].upper() + axis[1:], ylabel="ms an iteration")
        axes.set_xticks(values)
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.minorticks_off()
        axes.grid(color="0.9")
    figure.axes[0].legend()
    return figure


def main() -> None:
    """Measure, print and draw."""
    times, fits = {}, []
    for axis, values in AXES.items():
        times[axis], spent = measure(axis, values)
        header = [axis, *(f"{sampling}, {what}" for sampling in SAMPLINGS for what in ("K spent", "ms an iteration"))]
        print_table(
            header,
            [
                [
                    f"{value:,}",
                    *(cell for s in SAMPLINGS for cell in (f"{spent[s, value]:,}", show(times[axis][s, value]))),
                ]
                for value in values
            ],
            words=0,
        )
        if axis == "K":
            for s in SAMPLINGS:
                a, b, error = affine([spent[s, value] for value in values], [times[axis][s, value] for value in values])
                fits.append(f"{s} {a:.2f} ms + {1000 * b:.3f} µs x K (at most {error:.0%} off)")
            print(f"Nearest a + b K: {'; '.join(fits)}.\n")
    rows = [[f"{k:,}", *(f"{peak_memory(sampling, k):.0f}" for sampling in SAMPLINGS)] for k in MEMORY]
    print_table(["K", *(f"{sampling}, peak MB of a training" for sampling in SAMPLINGS)], rows, words=0)
    for suffix in FORMATS:
        with replacing(ROOT / f"docs/performance-scaling{suffix}") as temporary:
            temporary.write_bytes(render(draw(times), suffix))


if __name__ == "__main__":
    main()
