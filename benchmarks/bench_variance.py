"""Variance of a gradient by every sampling at equal K, and time x variance, relative to plain with ziggurat normals.

Draws docs/performance-variance.svg and .png; given a page that holds its first table, draws that without measuring.
"""

from common import ACTIVATIONS, LOSSES, NOISE, ROOT, fresh, mini_batches, print_table, show, trained  # isort: skip

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glr.gradients.likelihood_ratio import likelihood_ratio_gradient
from glr.gradients.sampling import SAMPLINGS
from glr.network import Network
from glr.noise import Gaussian
from glr.streams import stream
from reproduction.figures.style import BLACK, BLUE, FORMATS, GREEN, ORANGE, VERMILLION, WIDTH, render, style
from reproduction.store.files import replacing

K = 10_000
SMALL = (128, 256, 512, 1024, 4352)
BATCHES, REPEATS = 20, 2
REFERENCE = "plain, ziggurat"
STYLES = {
    "plain": (VERMILLION, "s"),
    "leave_one_out": (ORANGE, "^"),
    "antithetic": (GREEN, "D"),
    "orthogonal": (BLUE, "o"),
}


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


@style()
def draw(rows: list[list[str]]) -> Figure:
    """Return the plots of the table's variances and of time x variance, a line an activation and a loss."""
    cases = list(dict.fromkeys((activation, loss) for activation, loss, *_ in rows))
    figure = Figure(figsize=(1.2 * WIDTH, 0.65 * WIDTH), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for panel, title, first in zip(panels, ("Variance", "Time × variance"), (3, 4), strict=True):
        for sampling, (colour, marker) in STYLES.items():
            own = [row for row in rows if row[2] == sampling]
            places = np.array([cases.index((activation, loss)) for activation, loss, *_ in own])
            for weights, column, face, shift in (
                ("fresh", first, "white", -0.15),
                ("trained", first + 3, colour, 0.15),
            ):
                values = [float(row[column]) for row in own]
                look = {"color": colour, "marker": marker, "markerfacecolor": face, "linestyle": "none"}
                panel.plot(values, places + shift, **look, label=f"{sampling}, {weights}", markersize=5)
        panel.axvline(1, color=BLACK, linestyle="--", linewidth=0.8, zorder=0)
        panel.set(title=title, xscale="log", xlabel="Relative to Algorithm 1", yticks=range(len(cases)))
        panel.set_yticklabels([f"{activation}, {loss.replace('_', ' ')}" for activation, loss in cases])
        panel.grid(axis="x", color="0.9")
        panel.minorticks_off()
    panels[0].invert_yaxis()
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def write(rows: list[list[str]]) -> None:
    """Draw the table's rows and write the figure."""
    for suffix in FORMATS:
        with replacing(ROOT / f"docs/performance-variance{suffix}") as temporary:
            temporary.write_bytes(render(draw(rows), suffix))


def rows_of(page: Path) -> list[list[str]]:
    """Return the rows of the first table that stands between the benchmark's marks in a Markdown page."""
    part = page.read_text("utf-8").split("<!-- bench_variance -->")[1].strip()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.split("\n\n")[0].splitlines()[2:]]


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
    write(rows)
    print(f"Orthogonal sampling at small K: variance relative to plain sampling at K = {K:,}.\n")
    header = [f"K = {replications}, {weights}" for weights in ("fresh", "trained") for replications in SMALL]
    print_table(["activation", "loss", *header], small_rows, words=2)


if __name__ == "__main__":
    if sys.argv[1:]:
        write(rows_of(Path(sys.argv[1])))
    else:
        main()
