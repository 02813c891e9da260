"""The command line: ``python -m glr VERB``, one verb a step of the pipeline."""

import os

# One BLAS thread a job, whatever the user's environment says: parallelism is over jobs, and bytes must not change.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import importlib
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

from glr.errors import DivergenceError, InputError

VERBS = {
    "fetch-data": "get the four raw IDX files and check them",
    "resize-images": "resize the raw images for the networks",
    "split-images": "split the images into a training and a test set",
    "sample-images": "draw the test images that a replicate attacks or corrupts",
    "train-bp": "train a network by back-propagation",
    "train-glr": "train a network by the generalized likelihood ratio method",
    "calibrate-attack": "find the strength at which the baseline falls to a given accuracy",
    "attack-fgsm": "make adversarial samples by the fast gradient sign method",
    "attack-lbfgs": "make adversarial samples by box-constrained L-BFGS",
    "attack-victim": "attack a trained network itself and give its accuracies",
    "corrupt-images": "corrupt test images at five severities",
    "export-sets": "export images and a replicate's attacked and corrupted sets as IDX files",
    "evaluate-model": "predict sets of images by one model and give its accuracies",
    "collect-tables": "put CSV files of the same columns into one",
    "collect-confusions": "count how often each class is taken for each",
    "make-table": "lay out Table I or Table II as CSV, Markdown, LaTeX and HTML",
    "select-examples": "gather the few images that the figures show",
    "select-weights": "gather the first neurons' weights that a figure shows",
    "draw-robustness": "draw and tabulate the accuracies of networks that were attacked themselves",
    "draw-figure": "draw one figure as SVG and PNG",
    "summarise": "say what a run has made and how far it is from the paper",
    "verify-run": "compare a run's accuracies with the reference's, cell by cell",
    "keep-reference": "keep a finished run's tables, histories and examples as a reference",
    "insert-parts": "put files into a document between the marks of their names",
    "write-claims": "judge the paper's claims by the tables, in docs/fidelity.md",
    "write-findings": "tell in docs/findings.md what lies behind the tables, with intervals",
    "write-rule-graph": "show the workflow's rules as a diagram in README.md",
    "write-manifest": "record the config, code and versions behind a run",
}


HELP = {
    "--attack": "method of the attack",
    "--epochs": "passes through the training set",
    "--initial-weights": "how weights are drawn at the start",
    "--loss": "loss that is minimised",
    "--method": "method of the attack",
    "--replicate": "number of the replicate, of which random streams are made",
    "--seed": "the experiment's seed, of which all random streams are made",
    "--step-size": "step along the gradient",
}
"""What a flag is for, where its verb does not say it: the same words for every verb."""


class VerbParser(argparse.ArgumentParser):
    """A parser whose help lists a verb's files apart from its settings."""

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """Add a flag to the group that it belongs to."""
        if "-h" in names:
            return super().add_argument(*names, **settings)
        settings.setdefault("help", HELP.get(names[0]))
        title = "files" if settings.get("type") is Path or settings.get("metavar") == "NAME=FILE" else "settings"
        group = next((group for group in self._action_groups if group.title == title), None)
        return (group or self.add_argument_group(title)).add_argument(*names, **settings)


def load_verb(verb: str) -> ModuleType:
    """Import the module that carries out a verb, and no other."""
    return importlib.import_module(f"glr.commands.{verb.replace('-', '_')}")


def make_parser(verb: str | None) -> argparse.ArgumentParser:
    """Return the parser: complete for `verb`, with a line for each of the others."""
    parser = argparse.ArgumentParser(prog="python -m glr", description=__doc__, allow_abbrev=False)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=VerbParser)
    for name, help_text in VERBS.items():
        child = verbs.add_parser(name, help=help_text, description=f"{help_text.capitalize()}.", allow_abbrev=False)
        if name == verb:
            load_verb(name).add_arguments(child)
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Carry out one verb; a user's mistake ends with one sentence and exit status 1."""
    arguments = sys.argv[1:] if arguments is None else arguments
    verb = next((word for word in arguments if word in VERBS), None)
    settings = make_parser(verb).parse_args(arguments)
    module = load_verb(settings.verb)
    from glr.files import claiming  # NumPy, which it imports, is not needed for --help

    outputs = getattr(settings, "output", None)
    try:
        with claiming(outputs[0] if isinstance(outputs, list) else outputs) if outputs else nullcontext():
            module.run(settings)
    except (InputError, DivergenceError) as error:
        raise SystemExit(f"glr {settings.verb}: {error}") from None
    except OSError as error:
        path = error.filename2 or error.filename or "a file"
        raise SystemExit(f"glr {settings.verb}: {path}: {error.strerror or error}.") from None
    except MemoryError as error:
        raise SystemExit(f"glr {settings.verb}: the memory does not suffice ({error or 'no array named'}).") from None


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    main()
