"""Draw one figure, each output in the format of its suffix."""

import argparse
from pathlib import Path
from typing import Any

from glr.errors import InputError
from reproduction.figures import FIGURES, SEVERITIES, check_formats, render
from reproduction.report.columns import CELL_COLUMNS, COLUMNS, CONFUSION_COLUMNS, RECALL_COLUMNS
from reproduction.steps.words import measured
from reproduction.store.files import read_arrays, read_table, replacing

HISTORIES = ["model", "replicate", "epoch", "step", "loss_train", "accuracy_train", "loss_test", "accuracy_test"]
EXAMPLES = {
    "figure3": ("raw", "resized", "raw_labels"),
    "figure6": ("originals", "original_predictions", "attacked", "attacked_predictions", "attacked_labels"),
    "figure7": ("corrupted_original",),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's flags."""
    parser.add_argument("--figure", choices=FIGURES, required=True, help="the figure to draw")
    parser.add_argument("--examples", type=Path, help="figures 3, 6 and 7: the images that they show (.npz)")
    parser.add_argument("--layers", type=int, nargs="+", help="figure 4: neurons of each level of the GLR networks")
    parser.add_argument(
        "--attacker-layers", type=int, nargs="+", help="figure 4: neurons of each level of the attacks' source"
    )
    parser.add_argument("--histories", type=Path, help="figure 5: losses of all models and replicates (.csv)")
    parser.add_argument("--recall", type=Path, help="figure 8: the recall of each class (.csv)")
    parser.add_argument("--models", nargs="+", help="figures 5 and 8: the models, a panel each")
    parser.add_argument("--tables", type=Path, nargs="+", help="comparison and tradeoff: tables (.csv)")
    parser.add_argument("--baseline", help="comparison: the model at whose mean a line is drawn")
    parser.add_argument("--accuracies", type=Path, help="severity and epsilon: the long table of accuracies (.csv)")
    parser.add_argument(
        "--epsilons",
        type=measured,
        nargs="+",
        metavar="NAME=X",
        help="epsilon: each set's largest change of a pixel",
    )
    parser.add_argument("--weights", type=Path, help="weights: what select-weights wrote (.npz)")
    parser.add_argument("--confusions", type=Path, help="confusion: what collect-confusions wrote (.csv)")
    parser.add_argument("--samples", help="figure 6 and confusion: the name of the set that is shown")
    parser.add_argument(
        "--output", type=Path, nargs="+", required=True, help="the figure, a file a format (.svg, .png)"
    )


def run(settings: argparse.Namespace) -> None:
    """Draw the figure and write it."""
    check_formats(settings.output)
    inputs = read_inputs(settings)
    for path in settings.output:
        with replacing(path) as temporary:
            temporary.write_bytes(render(FIGURES[settings.figure](*inputs), path.suffix))


def read_inputs(settings: argparse.Namespace) -> list[Any]:
    """Return what the figure's function takes, in its order."""

    def given(name: str) -> Any:
        if getattr(settings, name) is None:
            raise InputError(f"--{name.replace('_', '-')}: found nothing, but {settings.figure} needs it.")
        return getattr(settings, name)

    if settings.figure == "figure4":
        return [given("layers"), given("attacker_layers")]
    if settings.figure == "figure5":
        return [read_table(given("histories"), HISTORIES), given("models")]
    if settings.figure == "figure8":
        recall = read_table(given("recall"), RECALL_COLUMNS)
        return [recall[recall["samples"] == "orig"], given("models")]
    if settings.figure in ("comparison", "tradeoff"):
        tables = [read_table(path, CELL_COLUMNS) for path in given("tables")]
        return [tables, given("baseline")] if settings.figure == "comparison" else [tables]
    if settings.figure == "severity":
        return [read_table(given("accuracies"), COLUMNS)]
    if settings.figure == "epsilon":
        return [read_table(given("accuracies"), COLUMNS), dict(given("epsilons"))]
    if settings.figure == "weights":
        return [read_arrays(given("weights"))]
    if settings.figure == "confusion":
        return [read_table(given("confusions"), CONFUSION_COLUMNS), given("samples")]
    if settings.figure not in EXAMPLES:
        return []
    inputs: list[Any] = list(read_arrays(given("examples"), *EXAMPLES[settings.figure]).values())
    check_examples(settings.examples, settings.figure, inputs)
    if settings.figure == "figure6":
        inputs.append(given("samples"))
    if settings.figure == "figure7":
        arrays = read_arrays(settings.examples)
        prefix = "corrupted_"
        corrupted = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        inputs.append(
            {name: images for name, images in corrupted.items() if images.shape == (SEVERITIES, *inputs[0].shape)}
        )
        if not inputs[-1]:
            raise InputError(f"{settings.examples}: found no corrupted images, but {settings.figure} needs some.")
    return inputs


def check_examples(path: Path, figure: str, arrays: list[Any]) -> None:
    """Refuse what are not images, as many labels and predictions, and all of them numbers."""
    for name, array in zip(EXAMPLES[figure], arrays, strict=True):
        words = name.endswith(("labels", "predictions"))
        dimensions = 1 if words else 2 if figure == "figure7" else 3
        fits = array.dtype.kind in "uif" and array.ndim == dimensions and array.size
        if not fits or (figure != "figure7" and len(array) != len(arrays[0])):
            raise InputError(
                f"{path}: found {name} of type {array.dtype} and shape {array.shape}, but numbers in {dimensions} "
                "dimensions are needed, as many as there are images."
            )
