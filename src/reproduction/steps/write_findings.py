"""Tell what lies behind the tables, between the marks of a document, and draw what the paper's open choices do."""

import argparse
from pathlib import Path

import pandas as pd

from reproduction.figures.cells import sensitivity_dots
from reproduction.figures.style import check_formats, render
from reproduction.report.columns import CERTIFICATE_COLUMNS, COLUMNS, SWEEP_COLUMNS, VICTIM_COLUMNS
from reproduction.report.findings import (
    CHOICES,
    GLR,
    NOISY,
    certificates,
    controls,
    fronts,
    gains_over,
    sensitivity,
    sensitivity_table,
    victims,
)
from reproduction.report.markdown import replace_part
from reproduction.store.files import read_arrays, read_table, read_text, replacing, write_text

VICTIM_ARRAYS = (
    "models", "attacks", "methods", "replicates", "diverged", "norms", "epsilons", "right", "blind", "unsteady",
)  # fmt: skip
EXPERIMENTS = ("controls", "extended", "zero_one", "sensitivity")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--reference", type=Path, required=True, help="folder of the kept runs, among them default")
    parser.add_argument("--document", type=Path, required=True, help="where to put them (.md)")
    parser.add_argument("--output", type=Path, required=True, help="the figure of the sensitivity (.svg or .png)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    check_formats([settings.output])
    evaluation = settings.reference / "default/evaluation"
    tables = [read_table(evaluation / f"{name}.csv", COLUMNS) for name in ("accuracies", *EXPERIMENTS)]
    accuracies = pd.concat(tables).drop_duplicates(["model", "replicate", "samples", "severity"])
    # Some networks have more replicates than the controls, from other experiments.
    paired = accuracies[accuracies["replicate"].isin(accuracies[accuracies["model"] == NOISY]["replicate"])]
    runs = [choice.run for choice in CHOICES if choice.run]
    cells = sensitivity(
        paired, {name: read_table(settings.reference / name / "evaluation/accuracies.csv", COLUMNS) for name in runs}
    )
    extended = [f"glr_{name}" for name in ("threshold", "relu", "leaky_relu", "sign", "staircase")]
    extended += [f"glr_{name}_laplace" for name in ("sigmoid", "threshold", "abs")]
    parts = {
        "controls": controls(paired),
        "victims": victims(
            read_arrays(evaluation / "attacks.npz", *VICTIM_ARRAYS),
            read_table(evaluation / "attacks.csv", VICTIM_COLUMNS),
        ),
        "certificates": certificates(read_table(evaluation / "certificates.csv", CERTIFICATE_COLUMNS)),
        "zero_one": gains_over(accuracies, ["glr_sigmoid_01_adam", "glr_threshold_01_adam", "glr_sigmoid_01"], GLR),
        "extended": gains_over(paired, extended, GLR),
        "sensitivity": sensitivity_table(cells),
        "tradeoffs": fronts(
            read_table(evaluation / "tradeoffs.csv", COLUMNS), read_table(evaluation / "sweeps.csv", SWEEP_COLUMNS)
        ),
    }
    document = read_text(settings.document)
    for name, text in parts.items():
        document = replace_part(document, name, text)
    write_text(settings.document, document)
    with replacing(settings.output) as temporary:
        temporary.write_bytes(render(sensitivity_dots(cells), settings.output.suffix))
