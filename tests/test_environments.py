"""The environments agree with pyproject.toml: conda's for the steps, pip's pinned with hashes."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUN_TIME = {requirement.name: requirement for requirement in map(Requirement, PROJECT["dependencies"])}
EXTRAS = {name: list(map(Requirement, words)) for name, words in PROJECT["optional-dependencies"].items()}


def pins(name):
    """Return (version, marker, hashes) of every pin of a file in envs, by package."""
    found = {}
    text = (ROOT / "envs" / name).read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            pin, *hashes = line.split(" --hash=")
            requirement = Requirement(pin)
            (exact,) = requirement.specifier
            assert exact.operator == "==", line
            pinned = (exact.version, str(requirement.marker or ""), frozenset(map(str.strip, hashes)))
            found.setdefault(canonicalize_name(requirement.name), set()).add(pinned)
    return found


def test_conda_environment_has_the_bounds_of_the_project():
    environment = yaml.safe_load((ROOT / "envs" / "glr.yaml").read_text())
    conda = {requirement.name: requirement.specifier for requirement in map(Requirement, environment["dependencies"])}
    # The rules' steps do not run Snakemake themselves; matplotlib-base is matplotlib without a window system.
    needed = {name: requirement.specifier for name, requirement in RUN_TIME.items() if name != "snakemake"}
    needed["matplotlib-base"] = needed.pop("matplotlib")
    assert conda == needed | {"python": Requirement(f"python{PROJECT['requires-python']}").specifier}


@pytest.mark.parametrize(
    ("name", "requirements"),
    [
        ("requirements.txt", [*RUN_TIME.values(), *EXTRAS["build"]]),
        ("requirements-dev.txt", [*RUN_TIME.values(), *EXTRAS["build"], *EXTRAS["dev"]]),
    ],
)
def test_every_dependency_is_pinned_within_its_bounds(name, requirements):
    pinned = pins(name)
    for requirement in requirements:
        versions = [version for version, _, _ in pinned[canonicalize_name(requirement.name)]]
        assert versions and all(map(requirement.specifier.contains, versions)), requirement


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_hashes(name):
    for package, pinned in pins(name).items():
        for _, _, hashes in pinned:
            assert hashes and all(re.fullmatch("sha256:[0-9a-f]{64}", digest) for digest in hashes), package


def test_development_has_the_pins_of_the_run():
    development = pins("requirements-dev.txt")
    assert {package: development.get(package) for package in pins("requirements.txt")} == pins("requirements.txt")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_torch_is_for_benchmarks_only(name):
    assert "torch" not in pins(name)
    assert [requirement.name for requirement in EXTRAS["bench"]] == ["torch"]


@pytest.mark.parametrize("path", sorted((ROOT / "envs").iterdir()), ids=lambda path: path.name)
def test_no_host_is_named(path):
    hosts = re.findall(r"\S*://\S*|--(?:extra-)?index-url\S*|\b[\w.-]+\.(?:org|com|net|io|dev)\b", path.read_text())
    assert hosts == []
