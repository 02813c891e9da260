"""Figures 1, 2 and 4, which show no data: a neuron, activations, and the networks."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from glr.errors import InputError
from reproduction.figures.style import BLACK, BLUE, VERMILLION, WIDTH, style


def _bare(width: float, height: float, unit: float) -> tuple[Figure, Axes]:
    """Return a figure with bare axes of `width` x `height` units, each of `unit` inches."""
    figure = Figure(figsize=(width * unit, height * unit))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
    axes.set_axis_off()
    return figure, axes


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look = {"arrowstyle": "-|>", "color": BLACK, "shrinkA": 0, "shrinkB": 0, "linewidth": 1}
    axes.annotate("", xy=end, xytext=start, arrowprops=look)


@style()
def neuron() -> Figure:
    """Draw Figure 1, a neuron: the weighted sum of its inputs, the noise added to it, and the activation."""
    figure, axes = _bare(10, 4.7, WIDTH / 10)
    across, up, radius = 5.2, 2.3, 0.5
    inputs = {4.1: ("x_0^{(t)} = 1", "0"), 2.9: ("x_1^{(t)}", "1"), 0.5: ("x_{m_t}^{(t)}", "m_t")}
    for height, (symbol, index) in inputs.items():
        axes.text(1.6, height, f"${symbol}$", ha="right", va="center")
        run, rise = across - 1.8, up - height
        shrink = 1 - radius / math.hypot(run, rise)
        _arrow(axes, (1.8, height), (1.8 + shrink * run, height + shrink * rise))
        axes.text(
            2.9,
            height + 1.1 * rise / run,
            rf"$\theta_{{i,{index}}}^{{(t)}}$",
            ha="center",
            va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    axes.text(1.3, 1.7, r"$\vdots$", ha="center", va="center")
    axes.add_patch(Circle((across, up), radius, facecolor="white", edgecolor=BLACK))
    axes.text(across, up, r"$\Sigma$", ha="center", va="center", fontsize=14)
    axes.text(across, 4.3, "$r_i^{(t)}$", ha="center", va="center")
    axes.text(across + 0.4, 4.3, "noise", va="center")
    _arrow(axes, (across, 3.95), (across, up + radius))
    _arrow(axes, (across + radius, up), (7.1, up))
    axes.text(6.4, up + 0.35, "$v_i^{(t)}$", ha="center", va="center")
    axes.add_patch(Rectangle((7.1, up - 0.5), 1, 1, facecolor="white", edgecolor=BLACK))
    axes.text(7.6, up, r"$\varphi$", ha="center", va="center", fontsize=14)
    _arrow(axes, (8.1, up), (8.9, up))
    axes.text(9, up, "$x_i^{(t+1)}$", va="center")
    return figure


@style()
def activations() -> Figure:
    """Draw Figure 2, the sigmoid 1 / (1 + exp(-s v)) for several s and its limit, the threshold."""
    figure = Figure(figsize=(WIDTH, 2.8), layout="constrained")
    axes = figure.subplots()
    signal = np.linspace(-5, 5, 501)
    for slope, dashes in {1: ":", 2: "-.", 5: "--"}.items():
        axes.plot(signal, 1 / (1 + np.exp(-slope * signal)), dashes, color=BLUE, label=f"Sigmoid, $s = {slope}$")
    axes.plot([-5, 0, np.nan, 0, 5], [0, 0, np.nan, 1, 1], color=VERMILLION, label="Threshold")
    axes.plot(0, 0, "o", color=VERMILLION)
    axes.plot(0, 1, "o", color=VERMILLION, markerfacecolor="white")
    axes.set(xlabel="Signal $v$", ylabel=r"Activation $\varphi(v)$", xlim=(-5, 5))
    axes.legend(loc="upper left")
    return figure


def _network(axes: Axes, levels: Sequence[int], left: float, title: str) -> None:
    """Draw the levels, two units each; of more than six neurons the first three and the last are shown."""
    names = ["inputs", *["hidden"] * (len(levels) - 2), "outputs"]
    before: list[tuple[float, float]] = []
    for index, (neurons, name) in enumerate(zip(levels, names, strict=True)):
        x = left + 1 + 2 * index
        places = [*range(neurons)] if neurons <= 6 else [0, 1, 2, 4.5]
        level = [(x, 4 + 0.9 * (places[-1] / 2 - place)) for place in places]
        for start in before:
            for end in level:
                axes.plot(*zip(start, end, strict=True), color="0.6", linewidth=0.5)
        for centre in level:
            axes.add_patch(Circle(centre, 0.3, facecolor="white", edgecolor=BLACK, zorder=3))
        if neurons > 6:
            axes.text(x, level[2][1] - 1.2, r"$\vdots$", ha="center", va="center")
        axes.text(x, 0.7, f"{neurons}\n{name}", ha="center", va="center")
        before = level
    axes.text(left + len(levels), 7, title, ha="center", va="center")


@style()
def networks(layers: Sequence[int], attacker_layers: Sequence[int]) -> Figure:
    """Draw Figure 4, (a) the networks that are compared and (b) the one by which the adversarial samples are made.

    Parameters
    ----------
    layers, attacker_layers : sequence of int
        Neurons of each level, the inputs first.

    Raises
    ------
    InputError
        If a network has no levels between which to draw, or a level without neurons.
    """
    for name, levels in {"layers": layers, "attacker_layers": attacker_layers}.items():
        if len(levels) < 2 or min(levels) < 1:
            raise InputError(f"{name}: found {list(levels)}, but two or more levels of one or more neurons are needed.")
    figure, axes = _bare(2 * (len(layers) + len(attacker_layers)) + 0.5, 7.4, WIDTH / 14.5)
    _network(axes, layers, 0, "(a) Trained by GLR")
    _network(axes, attacker_layers, 2 * len(layers) + 0.5, "(b) Source of the attacks")
    return figure
