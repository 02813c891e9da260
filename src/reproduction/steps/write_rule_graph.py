"""Show the workflow's rules as a diagram, between the marks of a document."""

import argparse
import re
from functools import cache
from pathlib import Path

from glr.errors import InputError
from reproduction.report.markdown import replace_part
from reproduction.store.files import read_text, write_text

NODE = re.compile(r"^\s*(\w+)\[(\w+)\]$", re.M)
EDGE = re.compile(r"^\s*(\w+) --> (\w+)$", re.M)
RULE = re.compile(r"^(?:use rule \w+ as|rule) (\w+)\b", re.M)

Edge = tuple[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--graph", type=Path, required=True, help="what snakemake --rulegraph mermaid-js prints (.mmd)")
    parser.add_argument("--rules", type=Path, nargs="+", required=True, help="rule files to show, in order (.smk)")
    parser.add_argument("--document", type=Path, required=True, help="the document (.md)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    graph = read_text(settings.graph)
    names = dict(NODE.findall(graph))
    if not names:
        raise InputError(f"{settings.graph}: found no rules, but snakemake --rulegraph mermaid-js prints some.")
    edges = {(names[start], names[end]) for start, end in EDGE.findall(graph)}
    shown = set(names.values())
    steps = {path.stem: [name for name in RULE.findall(read_text(path)) if name in shown] for path in settings.rules}
    write_text(settings.document, replace_part(read_text(settings.document), "workflow", diagram(steps, edges)))


def diagram(steps: dict[str, list[str]], edges: set[Edge]) -> str:
    """Return a Mermaid flowchart in Markdown: a box a step, and an arrow where no longer way says the same.

    Parameters
    ----------
    steps : dict of str to list of str
        The rules of each step, both in the order in which they are shown; rules of no step are left out.
    edges : set of (str, str)
        From a rule to one that reads what it makes. Snakemake gives them in an order that changes.
    """
    rules = [rule for names in steps.values() for rule in names]
    lines = ["```mermaid", "flowchart TB"]
    for step, names in steps.items():
        lines += [f"  subgraph {step}", *(f"    {name}" for name in names), "  end"]
    kept = shortest(edges)
    for rule in rules:
        if before := [name for name in rules if (name, rule) in kept]:
            lines.append(f"  {' & '.join(before)} --> {rule}")
    return "\n".join([*lines, "```"])


def shortest(edges: set[Edge]) -> set[Edge]:
    """Return the edges without those that a longer way stands for."""
    after: dict[str, set[str]] = {}
    for start, end in edges:
        after.setdefault(start, set()).add(end)

    @cache
    def reached(start: str) -> set[str]:
        return {rule for next_rule in after.get(start, ()) for rule in {next_rule} | reached(next_rule)}

    return {(start, end) for start, end in edges if not any(end in reached(rule) for rule in after[start])}
