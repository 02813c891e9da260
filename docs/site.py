"""MkDocs hooks: the site's pages are files of the clone at their own paths, so that their links hold as they stand."""

import html
import os
import re
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "results/reference/default"
FIGURES = ROOT / "results/from_reference/figures"
REPORT = ROOT / "results/report.html"
PAGES = ("*.md", "docs/*.md", "config/*.md")
LINK = re.compile(r"\]\(([^)#:\s]+)[^):]*\)")
# Python makes the class from another one when it is first used.
CLASSIFIER = "::: glr.classifier._Classifier\n    options: {heading: glr.GLRClassifier, toc_label: GLRClassifier}\n"
STYLE = """\
.md-typeset img {height: auto}
.md-typeset math[display=block] {overflow-x: auto; overflow-y: hidden; padding: .5em 0}
.md-typeset h2 .doc-heading, .md-typeset h3 .doc-heading {overflow-wrap: anywhere}
[data-md-color-scheme=slate] .md-typeset img[src$=".svg"] {background: white}
"""


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Take the pages and what they link to from the clone, and add what is made of the code and of the reference."""
    paths = {path for pattern in PAGES for path in ROOT.glob(pattern)}
    for page in tuple(paths):
        text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        targets = [Path(os.path.normpath(page.parent / target)) for target in LINK.findall(text)]
        paths.update(target for target in targets if target.is_file())
    tables = sorted((REFERENCE / "tables").glob("*.csv"))
    figures = sorted(FIGURES.glob("*.svg"))
    made = {
        "site.css": STYLE,
        "api.md": "# API\n\n" + "".join(f"::: {name}\n\n" for name in _modules()) + CLASSIFIER,
        "examples.md": "# Examples\n\n" + "".join(map(_example, sorted((ROOT / "examples").glob("*.py")))),
        "results/tables.md": _tables(),
        "results/figures.md": _figures(figures),
    }
    taken = [File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)) for path in paths]
    taken += [File.generated(config, f"results/tables/{path.name}", abs_src_path=str(path)) for path in tables]
    taken += [File.generated(config, f"results/figures/{path.name}", abs_src_path=str(path)) for path in figures]
    taken += [File.generated(config, path, content=content) for path, content in made.items()]
    if REPORT.is_file():
        taken.append(File.generated(config, "results/report.html", abs_src_path=str(REPORT)))
    theme = [file for file in files if Path(file.src_dir or "") != Path(config.docs_dir)]
    return Files([*theme, *taken])


def on_page_markdown(markdown: str, **_: object) -> str:
    """Show a flow chart as a table of what each rule follows: what draws it would have to come from elsewhere."""
    return re.sub(r"^```mermaid\n(.*?)^```", _chart, markdown, flags=re.MULTILINE | re.DOTALL)


def on_page_content(content: str, page: Page, **_: object) -> str:
    """Turn formulas into MathML, which browsers show by themselves."""
    pattern = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)

    def formula(found: re.Match[str]) -> str:
        return convert(html.unescape(found[3]).strip(), display="block" if found[2] == "[" else "inline")

    return pattern.sub(formula, content)


def _modules() -> list[str]:
    """Return the public modules of glr, the package first."""
    names = [path.relative_to(ROOT / "src").with_suffix("") for path in sorted((ROOT / "src/glr").rglob("*.py"))]
    return [".".join(name.parts) for name in names if name.name not in ("__init__", "checks", "classifier")]


def _title(path: Path) -> str:
    return re.sub(r"(?<=[a-z])(?=\d)", " ", path.stem.replace("_", " ")).capitalize()


def _example(path: Path) -> str:
    return f"## {_title(path)}\n\n`examples/{path.name}`\n\n```python\n{path.read_text('utf-8')}```\n\n"


def _tables() -> str:
    """Return a page of the tables that were kept, the paper's first."""
    paths = sorted((REFERENCE / "tables").glob("*.md"), key=lambda path: (not path.stem.startswith("table"), path.stem))
    text = (
        "# Tables\n\nOf the reference run: `results/reference/default/tables`. The paper's numbers are in brackets.\n\n"
    )
    if REPORT.is_file():
        text += "[The report of the last run](report.html) has them with their captions.\n\n"
    for path in paths:
        text += f"## {_title(path)}\n\n{path.read_text('utf-8')}\n\n"
        if path.with_suffix(".csv").is_file():
            text += f"[{path.stem}.csv](tables/{path.stem}.csv)\n\n"
    return text


def _figures(paths: list[Path]) -> str:
    text = (
        "# Figures\n\nOf the reference run: `snakemake --cores 2 figures --configfile config/from_reference.yaml`.\n\n"
    )
    for path in paths:
        text += f"## {_title(path)}\n\n![{_title(path)}](figures/{path.name})\n\n"
    return text


def _chart(found: re.Match[str]) -> str:
    """Return a flow chart's table: each node's box, and what its arrows come from."""
    boxes: dict[str, str] = {}
    arrows: dict[str, list[str]] = {}
    box = ""
    for line in map(str.strip, found[1].splitlines()):
        if line.startswith("subgraph"):
            box = line.split()[1]
        elif " --> " in line:
            start, end = line.split(" --> ")
            arrows.setdefault(end, []).extend(start.split(" & "))
        elif line.isidentifier() and line != "end":
            boxes[line] = box
    rows = [f"| {where} | {node} | {', '.join(arrows.get(node, []))} |" for node, where in boxes.items()]
    return "\n".join(["| box | rule | arrows from |", "|---|---|---|", *rows, ""])
