"""How every figure looks: colours, style, formats, grids of panels and ticks.

Colours are those of Okabe and Ito, which the colour-blind can tell apart, and a grey; a model has one colour and marker
throughout.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from glr.errors import InputError
from reproduction.report.names import label_of

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

BLACK, GREY, ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE = (
    "#000000",
    "#777777",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)

# Inches; with letters of 10 points a figure can be read at the width of a page and, at 7 points, of a column.
WIDTH = 5.0

STYLE: "dict[RcKeyType, Any]" = {
    "font.family": "DejaVu Sans",  # matplotlib brings it along, so that no machine draws in another
    "font.size": 10,
    "axes.titlesize": 10,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.5,
    "lines.markersize": 4,
    "image.cmap": "gray",
    "image.interpolation": "nearest",
    "savefig.dpi": 300,
    "svg.fonttype": "path",  # letters as outlines: a viewer without the fonts would misplace the formulas
    "svg.hashsalt": "glr",
}

# By suffix, and what each would else tell of the time and the program.
FORMATS: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".png": {"Software": None}}


class Look(NamedTuple):
    """How a model is drawn in every figure, and what it is called."""

    label: str
    colour: str
    marker: str


COLOURS_AND_MARKERS = {
    "bp_sigmoid": (BLACK, "o"),
    "glr_sigmoid": (BLUE, "s"),
    "glr_threshold": (VERMILLION, "^"),
    "glr_abs": (GREEN, "D"),
    "glr_sigmoid_01": (SKY, "v"),
    "glr_threshold_01": (ORANGE, "<"),
    "bp_noisy": (GREY, "P"),
    "source": (PURPLE, ">"),
}


def looks_of(models: Iterable[str]) -> dict[str, Look]:
    """Return the looks of models: those that have none of their own take spare ones in alphabetical order."""
    names = set(models)
    spare = zip(cycle((PURPLE, GREEN, ORANGE, SKY, VERMILLION, BLUE, GREY)), cycle("X*phdH"), strict=False)
    looks = COLOURS_AND_MARKERS | dict(zip(sorted(names - COLOURS_AND_MARKERS.keys()), spare, strict=False))
    return {name: Look(label_of(name), *looks[name]) for name in names}


@contextmanager
def style() -> Iterator[None]:
    """Draw and save in this module's style, whatever the user's own matplotlib settings are."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def check_formats(paths: Iterable[Path]) -> None:
    """Refuse files whose suffix is not in `FORMATS` with an `InputError`."""
    for path in paths:
        if path.suffix not in FORMATS:
            raise InputError(f"{path}: found the suffix {path.suffix!r}, but {' or '.join(FORMATS)} is needed.")


@style()
def render(figure: Figure, suffix: str) -> bytes:
    """Return a figure as the content of a file in one of ``FORMATS``: the same bytes for the same figure.

    A figure is rendered once only, since its layout starts from where the last rendering left it.
    """
    file = BytesIO()
    figure.savefig(file, format=suffix[1:], metadata=FORMATS[suffix])
    return file.getvalue()


def panels_of(
    count: int,
    most: int,
    margins: tuple[float, float],
    panel: tuple[float, float],
    *,
    xlabel: str = "",
    ylabel: str = "",
    sharex: bool = False,
    sharey: bool = False,
) -> tuple[Figure, list[Axes]]:
    """Return a figure of equal panels in rows, the spare ones of the last row hidden, and the panels by rows.

    Parameters
    ----------
    count, most : int
        How many panels there are, and how many of them stand in a row at most.
    margins, panel : (float, float)
        Width and height in inches: of what stands beside the panels and above and below them, and of each panel.
    xlabel : str
        Below each panel; where `sharex`, below the lowest of each column only.
    ylabel : str
        Left of each row.
    sharex, sharey : bool
        Whether all panels have the same axis.
    """
    columns = min(count, most)
    rows = math.ceil(count / columns)
    size = (margins[0] + panel[0] * columns, margins[1] + panel[1] * rows)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(rows, columns, sharex=sharex, sharey=sharey, squeeze=False).flatten().tolist()
    for spare in panels[count:]:
        spare.set_visible(False)
    for lowest in panels[max(count - columns, 0) if sharex else 0 : count]:
        lowest.set_xlabel(xlabel)
        lowest.tick_params(labelbottom=True)
    for first in panels[:count:columns]:
        first.set_ylabel(ylabel)
    return figure, panels[:count]


def accuracy_limits(limits: tuple[float, float]) -> tuple[float, float]:
    """Return an axis's limits without what no accuracy can be, which wide intervals reach; markers at 0 and 1 stay."""
    return max(limits[0], -0.02), min(limits[1], 1.02)


def round_ticks(axis: Axis, most: int) -> None:
    """Put at most `most` ticks and one at numbers of few digits, whose labels do not run into each other."""
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10]))
