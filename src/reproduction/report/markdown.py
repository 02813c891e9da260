"""Generated parts of hand-written documents."""

from glr.errors import InputError


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
