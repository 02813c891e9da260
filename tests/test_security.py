"""Nothing is unpickled or evaluated, and no word of a config or file name is read by a shell."""

import ast
import re
from pathlib import Path

import pytest

from glr.errors import InputError
from reproduction.config import check_config, load_yaml

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
RULES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
FORBIDDEN = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}
READER = {"pickle", "Unpickler", "UnpicklingError"}
"""What `reproduction.store.pickles` may import: an Unpickler, of which it restricts what it calls."""
CALLS = {"eval", "exec", "compile", "system", "popen", "read_pickle", "extractall", "extract", "unpack_archive"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_module_unpickles_evaluates_unpacks_or_starts_a_shell(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
            assert not FORBIDDEN & names or (path.stem == "pickles" and names <= READER)
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            assert name not in CALLS or ast.unparse(node.func) == "re.compile"
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            assert given.get("allow_pickle", "False") == "False"
            assert given.get("shell", "False") == "False"
            assert name != "load" or ast.unparse(node.func) != "np.load" or "allow_pickle" in given
            assert not ast.unparse(node.func).startswith("yaml.") or "load" not in name


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_every_word_that_a_rule_gives_to_the_shell_is_quoted(path):
    for command in re.findall(r"^    shell:\n((?:        .*\n)+)", path.read_text(), re.M):
        for word in re.findall(r"{[^{}]*}", command):
            assert word.endswith(":q}"), word


@pytest.mark.parametrize(
    "word", ["a; touch x", "$(touch x)", "`x`", "a b", "a'b", 'a"b', "a|b", "a\nb", "--help", "{x}"]
)
@pytest.mark.parametrize(
    "place",
    [("results",), ("figures", "data"), ("dataset", "name"), ("dataset", "npm_package"), ("models", None),
     ("predictors", None), ("experiments", None), ("corruptions", "variants", None), ("attacks", "sets", None)],
    ids=lambda place: ".".join(map(str, place)),
)  # fmt: skip
def test_names_that_a_shell_would_read_are_refused(place, word):
    config = load_yaml(ROOT / "config" / "config.yaml")
    node = config
    for name in place[:-1]:
        node = node[name]
    node[place[-1] or word] = {} if place[-1] is None else word
    with pytest.raises(InputError, match=re.escape(place[0])):
        check_config(config, load_yaml(ROOT / "workflow" / "schemas" / "config.schema.yaml"))
