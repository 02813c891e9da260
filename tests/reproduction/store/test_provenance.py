"""Digests of code: they change with what a step imports, and with nothing else."""

import ast
import json
import shutil

import pytest

from experiment import python
from reproduction.__main__ import VERBS
from reproduction.store import provenance
from reproduction.store.provenance import code_digest, imported_modules

COMMANDS = {verb: f"reproduction.steps.{verb.replace('-', '_')}" for verb in VERBS}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a copy of both packages, which the digests are then taken from."""
    shutil.copytree(provenance.SOURCES, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "SOURCES", tmp_path / "src")
    forget()
    yield tmp_path / "src"
    forget()


def forget():
    provenance._direct_imports.cache_clear()
    provenance._code.cache_clear()


def edit(path, line="EDITED = True"):
    path.write_text(f"{path.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")
    forget()


@pytest.mark.parametrize(
    ("edited", "changed", "unchanged"),
    [
        ("reproduction/steps/train_bp.py", ["train-bp"], ["train-glr", "attack-fgsm", "evaluate-model"]),
        ("reproduction/steps/train.py", ["train-bp", "train-glr"], ["evaluate-model"]),
        ("glr/gradients/backprop.py", ["train-bp", "attack-fgsm", "attack-lbfgs"], ["train-glr", "evaluate-model"]),
        ("glr/gradients/likelihood_ratio.py", ["train-glr"], ["train-bp", "attack-fgsm", "evaluate-model"]),
        ("glr/gradients/frames.py", ["train-glr"], ["train-bp"]),
        (
            "glr/losses.py",
            ["train-bp", "train-glr", "attack-fgsm", "evaluate-model", "evaluate-corruptions"],
            ["collect-tables"],
        ),
        ("reproduction/figures/registry.py", ["draw-figure"], ["train-bp", "train-glr", "make-table"]),
        ("reproduction/figures/curves.py", [], list(VERBS)),
        ("reproduction/report/paper.py", ["make-table"], ["train-bp", "train-glr", "evaluate-model"]),
        (
            "glr/corruptions.py",
            ["evaluate-corruptions", "export-sets"],
            ["train-bp", "train-glr", "evaluate-model", "attack-fgsm"],
        ),
        ("glr/__init__.py", [], list(VERBS)),
        ("reproduction/__main__.py", [], list(VERBS)),
    ],
)
def test_an_edit_changes_the_digests_of_what_imports_it(package, edited, changed, unchanged):
    before = {verb: code_digest(module) for verb, module in COMMANDS.items()}
    edit(package / edited)
    after = {verb: code_digest(module) for verb, module in COMMANDS.items()}
    assert [verb for verb in changed if before[verb] == after[verb]] == []
    assert [verb for verb in unchanged if before[verb] != after[verb]] == []


def test_a_digest_is_taken_back_with_the_edit(package):
    path = package / "glr/losses.py"
    before, text = code_digest("glr.training"), path.read_bytes()
    edit(path)
    assert code_digest("glr.training") != before
    path.write_bytes(text)
    forget()
    assert code_digest("glr.training") == before
    assert len(before) == 16
    assert int(before, 16)


def test_back_propagation_does_not_contain_the_likelihood_ratio_nor_the_other_way_round():
    bp, glr = (imported_modules(COMMANDS[verb]) for verb in ("train-bp", "train-glr"))
    assert bp & {"glr.gradients.likelihood_ratio", "glr.gradients.frames", "reproduction.figures.style"} == set()
    assert glr & {"glr.gradients.backprop", "glr.attacks", "reproduction.figures.style"} == set()
    assert {
        "reproduction.steps.train",
        "glr.training",
        "glr.network",
        "reproduction.store.images",
        "reproduction.store.files",
        "glr.streams",
    } <= bp & glr


def test_comments_and_docstrings_do_not_count(package):
    path = package / "glr/losses.py"
    before = code_digest("glr.training")
    edit(path, '"""A text that stands alone."""  # A comment.')
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"""', '"""More: ', 1).replace("\n\n\n", "\n\n\n\n"), encoding="utf-8")
    forget()
    assert code_digest("glr.training") == before


@pytest.mark.parametrize("verb", VERBS)
def test_no_digest_contains_the_package_itself(verb):
    names = imported_modules(COMMANDS[verb])
    assert names & {"glr.__init__", "reproduction.__main__"} == set()
    assert all(provenance._source(name).is_file() for name in names)


@pytest.mark.parametrize("path", sorted(provenance.SOURCES.rglob("*.py")), ids=lambda path: path.stem)
def test_modules_import_each_other_by_names_that_the_digest_understands(path):
    """Neither relative imports nor names of the package's ``__init__`` would be found."""
    if path.name == "__init__.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {"glr", "reproduction"}.isdisjoint(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            folder = provenance.SOURCES / str(node.module).replace(".", "/")
            if folder.is_dir():
                assert [alias.name for alias in node.names if not (folder / f"{alias.name}.py").is_file()] == []


LOADED = """
import importlib, json, sys
for verb in sys.argv[1:]:
    for name in [name for name in sys.modules if name.split(".")[0] in ("glr", "reproduction")]:
        del sys.modules[name]
    importlib.import_module(verb)
    names = [name for name in sys.modules if name.startswith(("glr.", "reproduction."))]
    names = [name for name in names if not hasattr(sys.modules[name], "__path__")]
    print(json.dumps([verb, names]))
"""


def test_digests_contain_all_that_is_really_loaded():
    with python("-c", LOADED, *COMMANDS.values()) as process:
        output, errors = process.communicate(timeout=60)
    assert errors == ""
    loaded = dict(map(json.loads, output.splitlines()))
    assert set(loaded) == set(COMMANDS.values())
    for module, names in loaded.items():
        assert set(names) - imported_modules(module) == set()
