"""What is built is the library alone; the environments agree with pyproject.toml."""

import email
import re
import shutil
import tomllib
import zipfile
from pathlib import Path

import flit_core.buildapi
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import glr

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = SETTINGS["project"]
LIBRARY = list(map(Requirement, PROJECT["dependencies"]))
EXTRAS = {name: list(map(Requirement, words)) for name, words in PROJECT["optional-dependencies"].items()}
EXPERIMENT = [*LIBRARY, *EXTRAS["workflow"]]


@pytest.fixture
def clone(tmp_path):
    """Return a copy of what a build reads."""
    shutil.copytree(ROOT / "src", tmp_path / "clone/src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / "clone")
    return tmp_path / "clone"


def test_a_wheel_holds_the_library_alone_and_leaves_nothing_in_the_clone(clone, tmp_path, monkeypatch):
    before = set(clone.rglob("*"))
    monkeypatch.chdir(clone)
    wheel = zipfile.ZipFile(tmp_path / flit_core.buildapi.build_wheel(str(tmp_path)))
    assert set(clone.rglob("*")) == before
    information = f"glr-{glr.__version__}.dist-info"
    modules = {name for name in wheel.namelist() if not name.startswith(f"{information}/")}
    assert modules == {
        path.relative_to(clone / "src").as_posix() for path in (clone / "src/glr").rglob("*") if path.is_file()
    }
    assert "glr/py.typed" in modules
    metadata = email.message_from_bytes(wheel.read(f"{information}/METADATA"))
    needed = [line for line in metadata.get_all("Requires-Dist") if "extra" not in line]
    assert {Requirement(line).name for line in needed} == {"numpy", "scipy"}
    assert set(metadata.get_all("Provides-Extra")) == set(EXTRAS)


def test_the_version_to_cite_is_that_of_the_library():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == glr.__version__


def test_what_builds_is_what_the_pinned_environments_hold():
    assert SETTINGS["build-system"]["requires"] == PROJECT["optional-dependencies"]["build"]


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
    needed = {requirement.name: requirement.specifier for requirement in EXPERIMENT if requirement.name != "snakemake"}
    needed["matplotlib-base"] = needed.pop("matplotlib")
    assert conda == needed | {"python": Requirement(f"python{PROJECT['requires-python']}").specifier}


@pytest.mark.parametrize(
    ("name", "requirements"),
    [
        ("requirements.txt", [*EXPERIMENT, *EXTRAS["build"]]),
        ("requirements-dev.txt", [*EXPERIMENT, *EXTRAS["build"], *EXTRAS["dev"]]),
        ("requirements-slurm.txt", [*EXPERIMENT, *EXTRAS["build"], *EXTRAS["slurm"]]),
        ("requirements-docs.txt", [*EXPERIMENT, *EXTRAS["build"], *EXTRAS["docs"]]),
        ("requirements-marks.txt", [*EXPERIMENT, *EXTRAS["build"], *EXTRAS["marks"]]),
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
def test_peers_are_for_benchmarks_only(name):
    peers = {requirement.name for requirement in EXTRAS["bench"]}
    assert peers == {"evosax", "jax", "optax", "torch"}
    assert not peers & set(pins(name))


@pytest.mark.parametrize("path", sorted((ROOT / "envs").iterdir()), ids=lambda path: path.name)
def test_no_host_is_named(path):
    hosts = re.findall(r"\S*://\S*|--(?:extra-)?index-url\S*|\b[\w.-]+\.(?:org|com|net|io|dev)\b", path.read_text())
    assert hosts == []
