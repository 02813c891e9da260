"""Draw and tabulate the accuracies of networks that were attacked themselves, over the largest change of a pixel."""

import argparse
from pathlib import Path

import pandas as pd

from reproduction.figures import check_formats, render, robustness
from reproduction.report.columns import VICTIM_COLUMNS
from reproduction.store.files import read_table, replacing, write_text

WORST = "strongest"
"""The least accuracy that any of the attacks leaves, in each replicate and at each epsilon."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--accuracies", type=Path, required=True, help="what attack-victim wrote, put together (.csv)")
    parser.add_argument("--table", type=Path, required=True, help="means and standard deviations (.md)")
    parser.add_argument(
        "--output", type=Path, nargs="+", required=True, help="the figure, a file a format (.svg, .png)"
    )


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    check_formats(settings.output)
    accuracies = read_table(settings.accuracies, VICTIM_COLUMNS)
    if accuracies["attack"].nunique() > 1:
        least = accuracies.groupby(["model", "replicate", "epsilon"], sort=False).min(numeric_only=True)
        accuracies = pd.concat([accuracies, least.reset_index().assign(attack=WORST)])
    write_text(settings.table, table(accuracies))
    for path in settings.output:
        with replacing(path) as temporary:
            temporary.write_bytes(render(robustness(accuracies), path.suffix))


def table(accuracies: pd.DataFrame) -> str:
    """Return a Markdown table, a row a model and attack and a column an epsilon: mean ± standard deviation."""
    epsilons = sorted(accuracies["epsilon"].unique())
    lines = [["attack", "model", *(f"epsilon {epsilon:g}" for epsilon in epsilons)]]
    lines.append(["---"] * 2 + ["---:"] * len(epsilons))
    for names, own in accuracies.groupby(["attack", "model"], sort=False):
        spread = own.groupby("epsilon")["accuracy"].agg(["mean", "std"])
        lines.append([*map(str, names), *(f"{spread['mean'][e]:.3f} ± {spread['std'][e]:.3f}" for e in epsilons)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
