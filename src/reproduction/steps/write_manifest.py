"""Record the config, code and versions behind a run."""

import argparse
import hashlib
import json
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from reproduction.steps.words import pair
from reproduction.store.files import write_text
from reproduction.store.provenance import SOURCES

PACKAGES = ("numpy", "scipy", "pandas", "pillow", "matplotlib", "snakemake")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--config", type=json.loads, required=True, help="the run's config")
    parser.add_argument("--raw", type=Path, nargs="+", required=True, help="the raw files")
    parser.add_argument(
        "--digests", type=pair, nargs="+", required=True, metavar="STEP=DIGEST", help="digest of each step's code"
    )
    parser.add_argument("--output", type=Path, required=True, help="the manifest (.json)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    changes = _git("status", "--porcelain")
    manifest = {
        "config": settings.config,
        "code": dict(settings.digests),
        "git": {"commit": _git("rev-parse", "HEAD"), "dirty": None if changes is None else bool(changes)},
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        "raw": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in settings.raw},
    }
    write_text(settings.output, json.dumps(manifest, indent=2, sort_keys=True) + "\n")


def _version(package: str) -> str | None:
    """Return a package's version, None where it is not installed: a rule's own environment has no Snakemake."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git(*words: str) -> str | None:
    """Return what git says of the repository that this package lies in, None where there is none."""
    try:
        answer = subprocess.run(["git", *words], cwd=SOURCES, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()
