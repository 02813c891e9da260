"""The command line: its verbs, their help, mistakes, and the number of BLAS threads."""

import argparse
import importlib
import inspect
import json
import re
from pathlib import Path

import pytest

import glr
from experiment import arguments, python
from glr.errors import DivergenceError, InputError
from reproduction import __main__
from reproduction.__main__ import VERBS, main, make_parser

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def flags(verb):
    """Return the actions of a verb's parser."""
    (verbs,) = (action for action in make_parser(verb)._actions if isinstance(action, argparse._SubParsersAction))
    return [action for action in verbs.choices[verb]._actions if action.dest != "help"]


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_every_verb(verb, capsys):
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: python -m reproduction {verb} ")
    does, reads, writes, _ = VERBS[verb]
    assert f" {does[0].upper()}{does[1:]}. Reads {reads}; writes {writes}. " in " ".join(text.split())
    assert flags(verb)
    for action in flags(verb):
        assert action.option_strings == [f"--{action.dest.replace('_', '-')}"]
        assert action.option_strings[0] in text


@pytest.mark.parametrize("verb", VERBS)
def test_help_says_what_a_verb_reads_and_writes_and_of_what_kind_each_file_is(verb):
    for words in VERBS[verb][:3]:
        assert len(words.split()) > 1 and words[-1].isalpha(), words
    kinds = {}
    for action in flags(verb):
        assert action.help, action
        if action.container.title == "files":
            kinds[action.dest] = re.search(r"\(.*?\.[a-z]+.*\)$|\bfolder\b|\braw files\b", action.help)
        assert (action.metavar in ("FILE", "FOLDER", "NAME=FILE")) == (action.container.title == "files"), action
    assert kinds and [name for name, kind in kinds.items() if not kind] == []


def test_help_of_a_choice_lists_what_can_be_chosen(capsys):
    with pytest.raises(SystemExit):
        main(["train-glr", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "--loss NAME loss that is minimised; one of cross_entropy, zero_one" in text


def test_verbs_are_the_modules_that_can_be_run():
    """What verbs share has no ``run`` of the settings alone."""
    runnable = set()
    for path in (Path(__main__.__file__).parent / "steps").glob("*.py"):
        run = getattr(importlib.import_module(f"reproduction.steps.{path.stem}"), "run", None)
        if run and len(inspect.signature(run).parameters) == 1:
            runnable.add(path.stem.replace("_", "-"))
    assert runnable == set(VERBS)


def test_help_lists_every_verb(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert [name for name, verb in VERBS.items() if f" {name} {verb.does}" not in text] == []


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["trian-bp"], "invalid choice: 'trian-bp'"),
        ([], "required: VERB"),
        (["collect-tables"], "required: --inputs, --output"),
        (["collect-tables", "--input", "a.csv", "--output", "b.csv"], "required: --inputs"),
        (["collect-tables", "--inputs", "a.csv", "--output", "b.csv", "--seed", "1"], "unrecognized arguments: --seed"),
        (["collect-tables", "--inputs", "a", "--replicates", "one", "--output", "b"], "invalid int value: 'one'"),
    ],
)
def test_words_that_are_not_understood_end_with_status_two(words, reason, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert reason in capsys.readouterr().err


class Verb:
    """A verb that fails."""

    def __init__(self, error):
        self.error = error

    def add_arguments(self, parser):
        """Add no flags."""

    def run(self, settings):
        raise self.error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InputError("a.npz: found nothing."), "summarise: a.npz: found nothing."),
        (DivergenceError("training diverged."), "summarise: training diverged."),
        (FileNotFoundError(2, "No such file or directory", "a.npz"), "summarise: a.npz: No such file or directory."),
        (PermissionError(13, "Permission denied", "a.npz"), "summarise: a.npz: Permission denied."),
        (OSError("disk on fire"), "summarise: a file: disk on fire."),
    ],
)
def test_mistakes_are_told_in_one_sentence(monkeypatch, error, sentence):
    monkeypatch.setattr(__main__, "load_verb", lambda verb: Verb(error))
    with pytest.raises(SystemExit) as caught:
        main(["summarise"])
    assert caught.value.code == sentence
    assert caught.value.__suppress_context__


def test_errors_of_the_program_keep_their_traceback(monkeypatch):
    monkeypatch.setattr(__main__, "load_verb", lambda verb: Verb(ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError):
        main(["summarise"])


@pytest.mark.parametrize("name", ["absent.npz", "folder", "text.npz"])
def test_a_file_that_cannot_be_read_ends_with_status_one_and_no_traceback(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.npz").write_text("no archive")
    words = arguments(
        "split-images", images=tmp_path / name, count=2, train_fraction=0.5, test_fraction=0.5, seed=1, replicate=1
    )
    with python("-m", "reproduction", *words, "--output", tmp_path / "split.npz") as process:
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output == ""
    assert errors.startswith(f"split-images: {tmp_path / name}: ")
    assert errors.count("\n") == 1


WATCH = """
import json, os, runpy, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            print(json.dumps(dict(os.environ)), flush=True)
            sys.meta_path.remove(self)

sys.meta_path.insert(0, Watch())
sys.argv = ["reproduction", "train-bp", "--help"]
try:
    runpy.run_module("reproduction", run_name="__main__", alter_sys=True)
finally:
    threads = "/proc/self/task"
    print(len(os.listdir(threads)) if os.path.isdir(threads) else 1)
"""


def test_blas_has_one_thread_before_numpy_is_imported_whatever_the_environment_says():
    with python("-c", WATCH, **dict.fromkeys(THREADS, "7")) as process:
        output, _ = process.communicate(timeout=60)
    lines = output.splitlines()
    environment = json.loads(lines[0])
    assert {name: environment[name] for name in THREADS} == dict.fromkeys(THREADS, "1")
    assert lines[-1] == "1", "BLAS started threads"


def test_public_names_are_found_where_they_are_defined():
    for name in glr.__all__:
        assert getattr(glr, name) is not None
    assert set(dir(glr)) == {*glr.__all__, "GLRClassifier", "__version__"}
    assert glr.Network is importlib.import_module("glr.network").Network
    assert glr.attacks is importlib.import_module("glr.attacks")
    with pytest.raises(AttributeError, match="module 'glr' has no attribute 'nothing'"):
        glr.nothing  # noqa: B018


def test_importing_the_package_loads_nothing():
    code = (
        "import glr, sys; print([name for name in sys.modules if name.split('.')[0] in ('numpy', 'scipy', 'pandas')])"
    )
    with python("-c", code) as process:
        assert process.communicate(timeout=60) == ("[]\n", "")
