"""Figures of images: digits, adversarial samples, corruptions, and weights of the first level."""

import math
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from glr.errors import InputError
from reproduction.figures.style import VERMILLION, WIDTH, looks_of, style
from reproduction.report.names import label_of

SEVERITIES = 5
"""How many of each corruption Figure 7 shows, without importing the module that makes them."""

CORRUPTED = "corrupted_"
"""What the names of the corrupted images begin with, among the examples."""


def _image_grid(rows: Mapping[str, NDArray[Any]], headed: int) -> tuple[Figure, NDArray[Any]]:
    """Return a figure of named rows of images in [0, 1], with room above `headed` of them, and its axes by row."""
    columns = max(len(images) for images in rows.values())
    cell = min(0.7, (WIDTH - 1) / columns)
    figure = Figure(figsize=(1 + columns * cell, len(rows) * cell + headed * 0.25), layout="constrained")
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for line, (label, images) in zip(grid, rows.items(), strict=True):
        line[0].set_ylabel(label, rotation=0, ha="right", va="center")
        for axes, image in zip(line, images, strict=True):
            axes.imshow(image, vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
    return figure, grid


def _head(line: NDArray[Any], name: str, values: Iterable[object]) -> None:
    """Write above each image of a row its value, and left of them what the values are."""
    above = {"xycoords": "axes fraction", "textcoords": "offset points"}
    line[0].annotate(name, (0, 1), (-5, 4), ha="right", va="baseline", **above)
    for axes, value in zip(line, values, strict=True):
        axes.annotate(str(value), (0.5, 1), (0, 4), ha="center", va="baseline", **above)


@style()
def digits(examples: Mapping[str, NDArray[Any]]) -> Figure:
    """Draw Figure 3, digits as they come and as the networks see them.

    Parameters
    ----------
    examples : mapping of str to ndarray
        The same images in both sizes, ``raw`` and ``resized``: uint8, shapes (m, side, side); their true labels
        ``raw_labels``, shape (m,).
    """
    sizes = [examples[name] for name in ("raw", "resized")]
    figure, grid = _image_grid({f"{images.shape[1]} × {images.shape[2]}": images / 255 for images in sizes}, headed=1)
    _head(grid[0], "Label", examples["raw_labels"])
    return figure


@style()
def adversarial_pairs(examples: Mapping[str, NDArray[Any]], samples: str) -> Figure:
    """Draw Figure 6, originals above their adversarial samples, each with the predicted label; wrong ones stand out.

    Parameters
    ----------
    examples : mapping of str to ndarray
        Images in [0, 1], ``originals`` and ``attacked``: shape (m, side, side). Labels, shape (m,): those predicted for
        either, ``original_predictions`` and ``attacked_predictions``, and the true ones, ``attacked_labels``.
    samples : str
        The name of the set of attacked images.
    """
    rows = {"Original": examples["originals"], textwrap.fill(label_of(samples), 10): examples["attacked"]}
    figure, grid = _image_grid(rows, headed=2)
    for line, name in zip(grid, ("original_predictions", "attacked_predictions"), strict=True):
        _head(line, "Predicted", examples[name])
        for axes in line[examples[name] != examples["attacked_labels"]]:
            axes.texts[-1].set(color=VERMILLION, fontweight="bold")
    return figure


@style()
def severities(examples: Mapping[str, NDArray[Any]]) -> Figure:
    """Draw Figure 7, one digit under each corruption at five severities.

    Parameters
    ----------
    examples : mapping of str to ndarray
        The image ``corrupted_original`` in [0, 1], shape (side, side), and ``corrupted_NAME`` for each corruption,
        shape (5, side, side).

    Raises
    ------
    InputError
        If there are no corrupted images.
    """
    original = examples["corrupted_original"]
    rows = {
        label_of(name.removeprefix(CORRUPTED)).replace(" ", "\n"): np.concatenate([original[np.newaxis], images])
        for name, images in examples.items()
        if name.startswith(CORRUPTED) and images.shape == (SEVERITIES, *original.shape)
    }
    if not rows:
        raise InputError(
            f"examples: found no images of {SEVERITIES} severities named {CORRUPTED}..., but one set is needed."
        )
    figure, grid = _image_grid(rows, headed=1)
    _head(grid[0], "Severity", ("original", *range(1, SEVERITIES + 1)))
    return figure


@style()
def first_weights(weights: Mapping[str, NDArray[Any]]) -> Figure:
    """Draw the weights of the first level as images, one per neuron, ten per row.

    Each model has a scale of its own, symmetric about 0, beyond which one weight in a hundred lies.

    Parameters
    ----------
    weights : mapping of str to ndarray of float, shape (neurons, side, side)
        By the model's name; a weight that is not finite is grey.
    """
    looks = looks_of(weights)
    lines = [math.ceil(len(images) / 10) for images in weights.values()]
    figure = Figure(figsize=(WIDTH, 0.7 + 0.48 * sum(lines) + 0.3 * len(lines)), layout="constrained")
    panels = figure.subplots(len(weights), 1, height_ratios=lines, squeeze=False).flatten()
    colours = matplotlib.colormaps["RdBu_r"].with_extremes(bad="0.7")
    for panel, (model, images), rows in zip(panels, weights.items(), lines, strict=True):
        scale = np.quantile(np.abs(images[np.isfinite(images)]), 0.99) if np.isfinite(images).any() else 1.0
        side = images.shape[1] + 1
        mosaic = np.full((rows * side + 1, min(len(images), 10) * side + 1), np.nan)
        for place, image in enumerate(images):
            top, left = (1 + side * index for index in divmod(place, 10))
            mosaic[top : top + side - 1, left : left + side - 1] = image / scale
        shown = panel.imshow(mosaic, vmin=-1, vmax=1, cmap=colours)
        panel.set_title(f"{looks[model].label} (scale {scale:.2g})")
        panel.set_axis_off()
    bar = figure.colorbar(shown, ax=list(panels), location="bottom", extend="both", fraction=0.05, aspect=40, pad=0.02)
    bar.set_ticks([-1, 0, 1], labels=["$-$scale", "0", "scale"])
    return figure
