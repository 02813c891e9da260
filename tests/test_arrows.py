"""Imports run one way: the steps import all else, and the method imports nothing but NumPy and SciPy."""

from graphlib import TopologicalSorter

import pytest

from experiment import python
from reproduction.store.provenance import SOURCES, _direct_imports

MODULES = [
    ".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(SOURCES.rglob("*.py"))
]
IMPORTS = {module: _direct_imports(module) for module in MODULES}
ALLOWED = {
    "glr": ("glr",),
    "reproduction.report": ("reproduction.report", "glr.errors"),
    "reproduction.figures": ("reproduction.figures", "reproduction.report", "glr.errors"),
    "reproduction.store": ("reproduction.store", "reproduction.progress", "glr"),
    "reproduction": ("reproduction", "glr"),
}
"""What each package may import; a module's own package is the first one here that it lies in."""


def lies_in(module, packages):
    """Return the first of the packages that a module is, or is a part of."""
    return next((name for name in packages if f"{module}.".startswith(f"{name}.")), None)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_its_package_may(module):
    allowed = ALLOWED[lies_in(module, ALLOWED)]
    assert [name for name in IMPORTS[module] if not lies_in(name, allowed)] == []


def test_only_steps_import_steps():
    """And ``__main__``, which imports by name the one step that it carries out."""
    steps = {name: lies_in(name, ["reproduction.steps"]) for name in MODULES}
    others = [name for name in MODULES if not steps[name]]
    assert {name: found for name in others if (found := [used for used in IMPORTS[name] if steps[used]])} == {}


def test_no_module_imports_itself_by_way_of_others():
    assert set(TopologicalSorter(IMPORTS).static_order()) == set(MODULES)


WATCH = """
import builtins, importlib, json, sys
original, names = builtins.__import__, set()

def watch(name, importer=None, *others):
    # Only what the method asks for: NumPy may load more, where that is installed.
    if (importer or {}).get("__name__", "").partition(".")[0] == "glr":
        names.add(name.partition(".")[0])
    return original(name, importer, *others)

builtins.__import__ = watch
for module in sys.argv[1:]:
    importlib.import_module(module)
print(json.dumps(sorted(names - sys.stdlib_module_names)))
"""


def test_the_method_loads_nothing_but_numpy_and_scipy():
    with python("-c", WATCH, *(module for module in MODULES if lies_in(module, ["glr"]))) as process:
        assert process.communicate(timeout=60) == ('["glr", "numpy", "scipy"]\n', "")
