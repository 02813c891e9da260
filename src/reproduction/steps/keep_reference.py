"""Keep what a finished run found, small enough to be committed, and the CPU seconds of its trainings."""

import argparse
from pathlib import Path

import pandas as pd

from glr.errors import InputError
from reproduction.store.files import read_table, replacing, write_table

KEPT = ("manifest.json", "evaluation/*.csv", "evaluation/*.npz", "tables/*", "calibration/*")
LARGEST = 2**20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--results", type=Path, required=True, help="folder of the finished run")
    parser.add_argument("--output", type=Path, required=True, help="folder of the reference")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    paths = [path for pattern in KEPT for path in sorted(settings.results.glob(pattern))]
    if not paths:
        raise InputError(f"{settings.results}: found no finished run, but {KEPT[0]} and more are needed.")
    rows = []
    for path in sorted(settings.results.glob("benchmarks/train_*/*-*.tsv")):
        model, replicate = path.stem.rsplit("-", 1)
        if replicate.isdigit():
            rows.append((model, int(replicate), _cpu_seconds(path)))
    for path in paths:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path}: found {path.stat().st_size} bytes, but a reference's file may have {LARGEST}.")
        with replacing(settings.output / path.relative_to(settings.results)) as temporary:
            temporary.write_bytes(path.read_bytes())
    write_table(settings.output / "timings.csv", pd.DataFrame(rows, columns=["model", "replicate", "cpu_seconds"]))


def _cpu_seconds(path: Path) -> float:
    """Return the CPU seconds that Snakemake measured."""
    table = read_table(path, delimiter="\t")
    if "cpu_time" not in table or table["cpu_time"].dtype.kind not in "iuf":
        raise InputError(f"{path}: found no numbers in a column cpu_time, but they are needed.")
    return float(table["cpu_time"].sum())
