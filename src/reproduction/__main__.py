"""The command line of the pipeline: one verb per step."""

import os

# One BLAS thread a job, whatever the user's environment says: parallelism is over jobs, and bytes must not change.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import importlib
import signal
import sys
from contextlib import nullcontext
from functools import partial
from types import ModuleType
from typing import Any

from glr.errors import DivergenceError, InputError
from reproduction.verbs import VERBS

METAVARS = {
    "Path": "FILE",
    "int": "N",
    "float": "X",
    "loads": "JSON",
    "replicate": "N",
    "strength": "X",
}
"""What stands for a flag's value, by the name of its type; NAME, where it has none."""

EPILOG = """python -m reproduction VERB --help tells what a verb reads, what it writes, and its flags.
snakemake --printshellcmds --quiet host prints the commands of a run; each can be run again as it is."""

Help = partial(argparse.HelpFormatter, max_help_position=32)


class VerbParser(argparse.ArgumentParser):
    """A parser whose help lists a verb's files apart from its settings."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=Help, allow_abbrev=False, **settings)
        self.groups = {title: self.add_argument_group(title) for title in ("files", "settings")}

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """Add a flag to the group that it belongs to."""
        if "-h" in names:
            return super().add_argument(*names, **settings)
        kind = getattr(settings.get("type"), "__name__", "")
        settings = {"metavar": METAVARS.get(kind, "NAME")} | settings
        if settings["metavar"] == "FILE" and "folder" in settings["help"]:
            settings["metavar"] = "FOLDER"
        if "choices" in settings:
            settings["help"] += f"; one of {', '.join(settings['choices'])}"
        return self.groups["files" if kind in ("Path", "named") else "settings"].add_argument(*names, **settings)


def load_verb(verb: str) -> ModuleType:
    """Import the module that carries out a verb, and no other."""
    return importlib.import_module(f"reproduction.steps.{verb.replace('-', '_')}")


def add_settings(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the flags of a verb's settings, if it has some; the others' jobs start sooner without that module."""
    if VERBS[verb].settings:
        settings = importlib.import_module("reproduction.settings")
        settings.add_flags(parser, getattr(settings, VERBS[verb].settings))


def make_parser(verb: str | None) -> argparse.ArgumentParser:
    """Return the parser: complete for `verb`, with a line for each of the others."""
    parser = argparse.ArgumentParser(
        prog="python -m reproduction",
        description=f"{__doc__} A verb reads and writes only files that its flags name.",
        epilog=EPILOG,
        formatter_class=Help,
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=VerbParser)
    for name, (does, reads, writes, _) in VERBS.items():
        child = verbs.add_parser(
            name, help=does, description=f"{does[0].upper()}{does[1:]}. Reads {reads}; writes {writes}."
        )
        if name == verb:
            load_verb(name).add_arguments(child)
            add_settings(child, name)
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Carry out one verb; a user's mistake ends with one sentence and exit status 1."""
    arguments = sys.argv[1:] if arguments is None else arguments
    verb = next((word for word in arguments if word in VERBS), None)
    settings = make_parser(verb).parse_args(arguments)
    module = load_verb(settings.verb)
    from reproduction.store.files import claiming  # NumPy, which it imports, is not needed for --help

    outputs = getattr(settings, "output", None)
    try:
        with claiming(outputs[0] if isinstance(outputs, list) else outputs) if outputs else nullcontext():
            module.run(settings)
    except (InputError, DivergenceError) as error:
        raise SystemExit(f"{settings.verb}: {error}") from None
    except OSError as error:
        path = error.filename2 or error.filename or "a file"
        raise SystemExit(f"{settings.verb}: {path}: {error.strerror or error}.") from None
    except MemoryError as error:
        raise SystemExit(f"{settings.verb}: there is not enough memory ({error or 'no array named'}).") from None


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
