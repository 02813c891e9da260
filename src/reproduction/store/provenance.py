"""The code behind a step, as a digest."""

import ast
import hashlib
from functools import lru_cache
from pathlib import Path

SOURCES = Path(__file__).parents[2]
"""The folder of both packages."""

PACKAGES = ("glr.", "reproduction.")


def code_digest(module: str) -> str:
    """Return a digest of a module and of all modules of both packages that it imports, directly or not.

    Parameters
    ----------
    module : str
        Dotted name, for example ``"reproduction.steps.train_bp"``.

    Returns
    -------
    str
        16 hexadecimal digits, which change with the code of any of these modules. Comments, docstrings and layout do
        not count.
    """
    digest = hashlib.sha256()
    for name in sorted(imported_modules(module)):
        digest.update(f"{name}\0{_code(name)}\0".encode())
    return digest.hexdigest()[:16]


def imported_modules(module: str) -> set[str]:
    """Return `module` and the names of all modules of both packages that it imports, directly or not."""
    found, waiting = {module}, [module]
    while waiting:
        new = _direct_imports(waiting.pop()) - found
        found |= new
        waiting.extend(new)
    return found


@lru_cache
def _code(module: str) -> str:
    """Return the code of a module without comments and docstrings."""
    return ast.unparse(_WithoutDocstrings().visit(_parsed(module)))


class _WithoutDocstrings(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Leave out a text that stands alone, as docstrings do."""
        alone = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if alone else node


@lru_cache
def _direct_imports(module: str) -> frozenset[str]:
    names = set()
    for node in ast.walk(_parsed(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(name for name in names if name.startswith(PACKAGES) and _source(name).is_file())


def _parsed(module: str) -> ast.Module:
    return ast.parse(_source(module).read_text(encoding="utf-8"))


def _source(module: str) -> Path:
    path = SOURCES.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
