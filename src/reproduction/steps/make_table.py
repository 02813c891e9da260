"""Lay out Table I or Table II as CSV, Markdown, LaTeX and HTML."""

import argparse
from pathlib import Path

import pandas as pd

from glr.errors import InputError
from reproduction.report.columns import COLUMNS, ORIGINALS, RECALL_COLUMNS
from reproduction.report.names import label_of
from reproduction.report.tables import (
    dead_classes,
    divergences,
    html,
    latex,
    layout_by_loss,
    layout_errors,
    layout_gains,
    layout_in_threes,
    markdown,
    mean_corruption_errors,
    summarise,
    summarise_gains,
)
from reproduction.store.files import read_table, write_table, write_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--accuracies", type=Path, nargs="+", required=True, help="long tables of accuracies (.csv)")
    parser.add_argument("--recall", type=Path, nargs="+", required=True, help="recall of each class (.csv)")
    parser.add_argument(
        "--table", required=True, help="the table's name; table1 and table2 have the paper's numbers beside ours"
    )
    parser.add_argument("--kind", choices=ORIGINALS, required=True, help="lay it out as Table I or as Table II")
    parser.add_argument("--models", nargs="+", required=True, help="the rows, in order")
    parser.add_argument("--baseline", required=True, help="the model that the others are compared with")
    parser.add_argument("--losses", nargs="+", required=True, help="the loss of each model")
    parser.add_argument("--samples", nargs="+", required=True, help="the columns, in order")
    parser.add_argument(
        "--output",
        type=Path,
        nargs=5,
        required=True,
        help="the table (.csv, .md, .tex), the gains (.csv), both (.html)",
    )


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    corruptions = settings.kind == "corruptions"
    accuracies = pd.concat([read_table(path, COLUMNS) for path in settings.accuracies])
    recall = pd.concat([read_table(path, RECALL_COLUMNS) for path in settings.recall])
    if len(settings.losses) != len(settings.models):
        raise InputError(
            f"--losses: found {len(settings.losses)}, but one per model, {len(settings.models)}, is needed."
        )
    losses = dict(zip(settings.models, settings.losses, strict=True))
    layout = (settings.table, settings.models, settings.samples, ORIGINALS[settings.kind], corruptions)
    cells = summarise(accuracies, *layout)
    blocks = layout_in_threes(cells) if corruptions else layout_by_loss(cells, losses)
    dead = dead_classes(recall, [model for model, loss in losses.items() if loss == "zero_one"])
    note = "\n".join(part for part in (divergences(accuracies, settings.models), dead) if part)
    gains = summarise_gains(accuracies, *layout, settings.baseline)
    errors = []
    if corruptions:
        found = mean_corruption_errors(accuracies, settings.models, settings.samples, settings.baseline)
        errors = layout_errors(found, settings.baseline)
    write_table(settings.output[0], cells)
    write_text(settings.output[1], f"{markdown([*blocks, *errors])}\n{note}")
    write_text(settings.output[2], latex(blocks))
    write_table(settings.output[3], gains)
    sections = {
        "Accuracy: mean ± standard deviation [paper]": blocks,
        f"Gain over {label_of(settings.baseline)}: mean (95 % interval) [paper]": layout_gains(gains),
        "Mean corruption error (mCE): mean (95 % interval)": errors,
    }
    write_text(settings.output[4], html({heading: part for heading, part in sections.items() if part}, note))
