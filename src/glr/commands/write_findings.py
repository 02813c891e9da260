"""Tell what lies behind the tables, between the marks of a document, and draw what the paper's open choices do."""

import argparse
from pathlib import Path

import pandas as pd

from glr.commands.words import named
from glr.documents import replace_part
from glr.evaluation import COLUMNS, VICTIM_COLUMNS
from glr.figures import check_formats, render, sensitivity_dots
from glr.files import read_table, read_text, replacing, write_text
from glr.findings import GLR, NOISY, controls, fronts, gains_over, sensitivity, sensitivity_table, values, victims


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument(
        "--accuracies",
        type=Path,
        nargs="+",
        required=True,
        help="long tables of all experiments (.csv)",
    )
    parser.add_argument(
        "--victims", type=Path, nargs="+", required=True, help="accuracies of networks attacked themselves (.csv)"
    )
    parser.add_argument("--tradeoffs", type=Path, required=True, help="the long table of the trade-off (.csv)")
    parser.add_argument(
        "--runs",
        type=named,
        nargs="+",
        required=True,
        metavar="NAME=FILE",
        help="accuracies of runs of other data (.csv)",
    )
    parser.add_argument("--document", type=Path, required=True, help="where to put them (.md)")
    parser.add_argument("--output", type=Path, required=True, help="the figure of the sensitivity (.svg or .png)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    check_formats([settings.output])
    tables = [read_table(path, COLUMNS) for path in settings.accuracies]
    accuracies = pd.concat(tables).drop_duplicates(["model", "replicate", "samples", "severity"])
    # Some networks have more replicates than the controls, from other experiments.
    paired = accuracies[accuracies["replicate"].isin(accuracies[accuracies["model"] == NOISY]["replicate"])]
    attacked = pd.concat([read_table(path, VICTIM_COLUMNS) for path in settings.victims])
    cells = sensitivity(paired, {name: read_table(path, COLUMNS) for name, path in settings.runs})
    spread = {name: float(values(paired, GLR, name).std()) for name in cells["samples"].unique()}
    extended = [f"glr_{name}" for name in ("relu", "leaky_relu", "sign", "staircase")]
    extended += [f"glr_{name}_laplace" for name in ("sigmoid", "threshold", "abs")]
    parts = {
        "controls": controls(paired),
        "victims": victims(attacked),
        "zero_one": gains_over(accuracies, ["glr_sigmoid_01_adam", "glr_threshold_01_adam", "glr_sigmoid_01"], GLR),
        "extended": gains_over(paired, extended, GLR),
        "sensitivity": sensitivity_table(cells, spread),
        "tradeoffs": fronts(read_table(settings.tradeoffs, COLUMNS)),
    }
    document = read_text(settings.document)
    for name, text in parts.items():
        document = replace_part(document, name, text)
    write_text(settings.document, document)
    with replacing(settings.output) as temporary:
        temporary.write_bytes(render(sensitivity_dots(cells), settings.output.suffix))
