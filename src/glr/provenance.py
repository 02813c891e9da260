"""What a result was made with: a digest of the code behind each step, the versions and the repository's state."""

import ast
import hashlib
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).parent


def code_digest(module: str) -> str:
    """Return a digest of a module of this package and of all package modules that it imports, directly or not.

    Parameters
    ----------
    module : str
        Dotted name, for example ``"glr.commands.train_bp"``.

    Returns
    -------
    str
        16 hexadecimal digits, which change with the source of any of these modules and with nothing else.
    """
    digest = hashlib.sha256()
    for name in sorted(imported_modules(module)):
        digest.update(f"{name}\0".encode() + _source(name).read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def imported_modules(module: str) -> set[str]:
    """Return `module` and the names of all package modules that it imports, directly or not."""
    found, waiting = {module}, [module]
    while waiting:
        new = _direct_imports(waiting.pop()) - found
        found |= new
        waiting.extend(new)
    return found


@lru_cache
def _direct_imports(module: str) -> frozenset[str]:
    names = set()
    for node in ast.walk(ast.parse(_source(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(name for name in names if name.startswith("glr.") and _source(name).is_file())


def _source(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")
