"""Each example runs, and prints what its docstring shows."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from test_docs import assert_shown

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_what_its_docstring_shows(path, tmp_path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        for name in [alias.name for alias in node.names] if isinstance(node, ast.Import) else []:
            pytest.importorskip(name.partition(".")[0])
        if isinstance(node, ast.ImportFrom):
            pytest.importorskip(node.module.partition(".")[0])
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-W", "error", str(path)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown = re.findall(r"^    (.*)$", ast.get_docstring(tree), re.MULTILINE)
    assert done.stdout
    if shown:
        assert_shown(done.stdout, "\n".join(shown))


def test_there_are_examples():
    assert len(EXAMPLES) >= 4
