"""Noise on the neurons' signals against noise on the weights: relative variance of both gradients at equal evaluations.

Draws docs/method-activity.svg; given a page that holds the tables, draws them without measuring.
"""

from common import ROOT, fresh, mini_batches, print_table, show  # isort: skip

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from glr.black_box import BlackBoxGradient
from glr.gradients.likelihood_ratio import likelihood_ratio_gradient
from glr.losses import get_loss
from glr.network import Network
from glr.noise import Gaussian
from glr.streams import stream
from reproduction.figures.style import BLUE, VERMILLION, WIDTH, render, style
from reproduction.store.files import replacing

REPLICATIONS, WIDTHS = (128, 512, 2048), (5, 20, 80)
AT_WIDTH = 512
VARIANCE, REPEATS = 4.0, 8


def relative_variance(estimate: Callable[[], Any]) -> float:
    """Return the trace of the covariance of the estimates divided by the squared length of their mean.

    The squared length is that of products of different estimates: that of the mean of all would hold their variance.
    """
    estimates = np.array([estimate() for _ in range(REPEATS)])
    variance = np.var(estimates, axis=0, ddof=1).sum()
    return float(variance / ((estimates.mean(axis=0) ** 2).sum() - variance / REPEATS))


def both(network: Network, batch: tuple[Any, Any], replications: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return the relative variances with noise on the signals and on the weights."""
    images, labels = batch
    inputs = np.column_stack([np.ones(len(images)), images]).astype(np.float32)
    shapes = [weights.shape for weights in network.weights]
    theta = np.concatenate([weights.ravel() for weights in network.weights]).astype(np.float32)
    # As much noise on the first level's signals, on average over the images, as the signals' own noise is.
    noise = Gaussian(VARIANCE / float((inputs**2).sum(axis=1).mean()))
    estimator, loss = BlackBoxGradient(len(theta), noise, replications), get_loss("cross_entropy")

    def mean_loss(weights: Any) -> float:
        split = shapes[0][0] * shapes[0][1]
        hidden = 1.0 / (1.0 + np.exp(-(inputs @ weights[:split].reshape(shapes[0]))))
        second = weights[split:].reshape(shapes[1])
        return float(loss(second[0] + hidden @ second[1:], labels).mean())

    def of_signals() -> Any:
        gradient = likelihood_ratio_gradient(
            network, images, labels, noise=Gaussian(VARIANCE), replications=replications, rng=rng
        )
        return np.concatenate([level.ravel() for level in gradient])

    def of_weights() -> Any:
        perturbed = estimator.ask(rng)
        perturbed += theta
        return estimator.tell([mean_loss(weights) for weights in perturbed])

    return relative_variance(of_signals), relative_variance(of_weights)


@style()
def draw(by_k: list[list[str]], by_width: list[list[str]]) -> Figure:
    """Return the plots of both tables."""
    figure = Figure(figsize=(1.2 * WIDTH, 0.55 * WIDTH), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for panel, rows, title in zip(panels, (by_k, by_width), ("Replications K", "Hidden neurons"), strict=True):
        numbers = np.array([[float(cell.replace(",", "")) for cell in row] for row in rows])
        panel.plot(numbers[:, 0], numbers[:, -3], color=BLUE, marker="o", label="noise on signals")
        panel.plot(numbers[:, 0], numbers[:, -2], color=VERMILLION, marker="s", label="noise on weights")
        panel.set(xlabel=title, xscale="log", yscale="log", xticks=numbers[:, 0])
        panel.set_xticklabels([row[0] for row in rows])
        panel.minorticks_off()
        panel.grid(color="0.9")
    panels[0].set_ylabel("Relative variance")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def write(by_k: list[list[str]], by_width: list[list[str]]) -> None:
    """Draw the tables' rows and write the figure."""
    with replacing(ROOT / "docs/method-activity.svg") as temporary:
        temporary.write_bytes(render(draw(by_k, by_width), ".svg"))


def tables_of(page: Path) -> list[list[list[str]]]:
    """Return the rows of the tables that stand between the benchmark's marks in a Markdown page."""
    parts = page.read_text("utf-8").split("<!-- bench_activity -->")[1].split("<!-- end")[0].strip().split("\n\n")
    tables = [part.splitlines()[2:] for part in parts if part.startswith("|")]
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in rows] for rows in tables]


def main() -> None:
    """Measure and print."""
    rng, batches = stream(0, "bench_activity"), mini_batches(4)

    def measure(width: int, replications: int) -> list[str]:
        network = fresh((196, width, 10))
        signals, weights = np.mean([both(network, batch, replications, rng) for batch in batches], axis=0)
        return [show(float(value)) for value in (signals, weights, weights / signals)]

    by_k = [[f"{replications:,}", *measure(20, replications)] for replications in REPLICATIONS]
    by_width = [
        [str(width), str(width + 10), f"{197 * width + 10 * (width + 1):,}", *measure(width, AT_WIDTH)]
        for width in WIDTHS
    ]
    columns = ["noise on signals", "noise on weights", "ratio"]
    print_table(["K", *columns], by_k, words=0)
    print(f"Over the width of the hidden level, K = {AT_WIDTH}.\n")
    print_table(["hidden neurons", "noisy neurons", "weights", *columns], by_width, words=0)
    write(by_k, by_width)


if __name__ == "__main__":
    if sys.argv[1:]:
        write(*tables_of(Path(sys.argv[1])))
    else:
        main()
