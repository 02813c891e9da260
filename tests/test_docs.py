"""The documents' code runs as it stands, in order, passes its own tests, and prints what they show."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", *(f"docs/{name}.md" for name in ("method", "tutorial", "extending", "classifier")))
LINKING = [
    str(path.relative_to(ROOT))
    for folder in (ROOT, ROOT / "docs", ROOT / "config")
    for path in sorted(folder.glob("*.md"))
]
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"-?\d+(?:\.\d*)?")

RUN = """
import contextlib, io, json, sys
scope, printed = {"__name__": "document"}, []
for number, code in enumerate(json.load(sys.stdin), start=1):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, f"block {number}", "exec"), scope)
        for test in [name for name, value in scope.items() if name.startswith("test_") and callable(value)]:
            scope.pop(test)()
    printed.append(out.getvalue())
json.dump(printed, sys.stdout)
"""


def run_blocks(codes):
    """Return what each block prints, all run in one process of their own: documents register names."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN],
        input=json.dumps(codes),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_shown(printed, shown):
    """Compare words exactly, and numbers to 10 %: their last digits are the linear algebra library's."""
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", shown).split(), printed
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (printed, shown)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.1, abs=1e-3), printed


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_code_of_a_document_prints_what_it_shows(document):
    blocks = BLOCK.findall((ROOT / document).read_text(encoding="utf-8"))
    assert blocks
    for printed, (_, shown) in zip(run_blocks([code for code, _ in blocks]), blocks, strict=True):
        assert_shown(printed, shown)


@pytest.mark.parametrize("document", LINKING)
def test_a_document_names_only_files_that_are_there(document):
    text = re.sub(r"^```.*?^```", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.M | re.S)
    links = [target for target in re.findall(r"\]\(([^)#]+)", text) if not target.startswith("https://")]
    paths = re.findall(r"`((?:src|tests|workflow|config|docs|benchmarks)/[\w./-]+\.\w+)`", text)
    missing = [target for target in links if not ((ROOT / document).parent / target).exists()]
    assert missing + [path for path in paths if not (ROOT / path).exists()] == []


def test_the_cluster_page_names_what_each_rule_asks_for():
    rows = re.findall(r"^\| (.+?) \| .+ \| (\d+) \| (\d+) \|$", (ROOT / "docs/cluster.md").read_text("utf-8"), re.M)
    said = {rule: (memory, time) for rules, memory, time in rows for rule in rules.split(", ")}
    asked = {}
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        for name, body in re.findall(
            r"^(?:use rule \w+ as|rule) (\w+)\b(.*?)(?=^\w|\Z)", path.read_text("utf-8"), re.M | re.S
        ):
            found = re.search(r"mem_mb=(\d+),\s+runtime=(\d+),", body)
            if found:
                asked[name] = found.groups()
    assert len(asked) > 15
    assert {rule: said.get(rule, said["all others"]) for rule in asked} == asked
    assert set(said) <= {*asked, "all others"}


def test_a_changed_number_or_word_is_noticed():
    assert_shown("accuracy 0.92\n", "accuracy 0.93\n")
    for other in ("accuracy 0.62\n", "loss 0.92\n", "accuracy 0.92 of 1\n", ""):
        with pytest.raises(AssertionError):
            assert_shown(other, "accuracy 0.92\n")
