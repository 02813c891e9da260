"""Markdown: tables, and generated parts of hand-written documents."""

from collections.abc import Iterable, Sequence

from glr.errors import InputError


def table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str = "lr") -> str:
    """Return a GitHub Markdown table.

    Parameters
    ----------
    head : sequence of str
        The columns' names.
    rows : iterable of sequence of str
        The cells, as many in each row as in `head`. Bars are escaped here, and nowhere else.
    align : str
        One letter per column, ``l`` or ``r``, as in LaTeX; the last letter holds for all columns that follow.
    """
    letters = align.ljust(len(head), align[-1])[: len(head)]
    rule = ["---" if letter == "l" else "---:" for letter in letters]
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in (head, rule, *rows)]
    return "".join(f"| {' | '.join(row)} |\n" for row in escaped)


def replace_part(document: str, name: str, part: str) -> str:
    """Return a Markdown document with the text between ``<!-- name -->`` and ``<!-- end name -->`` replaced.

    Raises
    ------
    InputError
        If the document does not have both marks, once and in this order.
    """
    start, end = f"<!-- {name} -->", f"<!-- end {name} -->"
    if document.count(start) != 1 or document.count(end) != 1 or document.index(start) > document.index(end):
        raise InputError(f"document: needs the marks {start} and {end} once each, in this order.")
    head, rest = document.split(start)
    return f"{head}{start}\n{part.strip()}\n{end}{rest.split(end)[1]}"
