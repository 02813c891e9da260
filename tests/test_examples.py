"""Each example runs, and prints what its docstring shows, or the document that quotes it."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from test_docs import BLOCK, assert_shown

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
QUOTED = dict(BLOCK.findall((ROOT / "docs/black-box.md").read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_what_it_shows(path, tmp_path):
    code = path.read_text(encoding="utf-8")
    tree = ast.parse(code)
    for node in ast.walk(tree):
        for name in [alias.name for alias in node.names] if isinstance(node, ast.Import) else []:
            pytest.importorskip(name.partition(".")[0])
        if isinstance(node, ast.ImportFrom):
            pytest.importorskip(node.module.partition(".")[0])
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-W", "error", str(path)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown = QUOTED.get(code) or "\n".join(re.findall(r"^    (.*)$", ast.get_docstring(tree), re.MULTILINE))
    assert_shown(done.stdout, shown)


def test_there_are_examples():
    assert len(EXAMPLES) >= 4
