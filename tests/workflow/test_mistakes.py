"""A user's mistake ends a run before anything is made, in one sentence and without a traceback."""

import gzip
import hashlib
import re
import shutil
from dataclasses import replace

import pytest


def sentences(said):
    """Return what our own code says among Snakemake's words, which may tell it twice: in a log and from it."""
    assert "Traceback" not in said, said
    return {line for line in said.splitlines() if re.match(r"(config|[a-z]+-[a-z]+): ", line)}


def made(workflow):
    return [path for path in workflow.folder.rglob("*") if path.is_file() and ".snakemake" not in path.parts]


def assert_refused(workflow, said, words):
    (sentence,) = sentences(said)
    assert sentence.startswith(f"config: {words[0]}"), sentence
    assert sentence.endswith((" is needed.", "?)."))
    for word in words[1:]:
        assert word in sentence
    assert made(workflow) == []


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        ({"sed": 1}, ["sed: found the unknown key 'sed'", "did you mean 'seed'?"]),
        ({"replicates": "two"}, ["replicates: found 'two'", "a whole number from 1"]),
        ({"methods": {"glr": {"variance": -1.0}}}, ["methods.glr.variance: found -1.0", "at least 1e-12"]),
        ({"models": {"glr_abs": {"activation": "tanh"}}}, ["models.glr_abs.activation: found 'tanh'", "sigmoid"]),
        ({"tables": {"table1": {"models": ["glr"]}}}, ["tables.table1.models[0]: found 'glr'", "glr_threshold"]),
        ({"dataset": {"train_fraction": 0.7}}, ["dataset.test_fraction: found 0.4", "0.3"]),
        ({"results": "out; touch hacked"}, ["results: found 'out; touch hacked'", "letters, digits"]),
        ({"attacks": None}, ["attacks: found null", "a mapping with the keys images, sets"]),
    ],
    ids=lambda value: value[0].partition(":")[0] if isinstance(value, list) else "",
)
def test_mistake_in_an_overlay_is_told_in_one_sentence(fresh, overlay, words):
    assert_refused(fresh, fresh.run("--cores", "1", overlay=overlay, fails=True), words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed: 1\nmethods: {glr: {variance: 4\n", ["overlay.yaml: line 3", "'}'"]),
        ("seed: 1\n\treplicates: 1\n", ["overlay.yaml: line 2", "cannot start any token"]),
        ("- seed\n", ["overlay.yaml: found ['seed']", "a mapping"]),
        ("", ["overlay.yaml: found an empty file", "a mapping"]),
        (None, ["--configfile: found no file", "targets stand first"]),
    ],
    ids=["flow", "tab", "list", "empty", "absent"],
)
def test_overlay_that_is_no_yaml_is_told_with_its_file_and_line(fresh, tmp_path, text, words):
    overlay = tmp_path / "overlay.yaml"
    if text is not None:
        overlay.write_text(text)
    # The package as it is installed may be another clone's.
    broken, source = replace(fresh, overlay=overlay), str(fresh.source / "src")
    said = broken.run("table1", "--cores", "1", fails=True, PYTHONPATH=source)
    assert_refused(fresh, said, ["", *words])


def test_key_given_twice_in_the_shipped_config_is_told_with_its_line(fresh):
    with fresh.edited("config/config.yaml", "seed: 1"):
        said = fresh.run("--cores", "1", fails=True)
    assert_refused(fresh, said, [str(fresh.source / "config/config.yaml"), "line", "'seed' again"])


def test_mistake_on_the_command_line_is_told_in_one_sentence(fresh):
    said = fresh.run("--cores", "1", "--config", "seed=first", fails=True)
    assert_refused(fresh, said, ["seed: found 'first'", "a whole number"])


@pytest.mark.parametrize(
    ("dataset", "log", "words"),
    [
        ({"raw_dir": "nowhere"}, "fetch_data", ["raw_dir nowhere: found none of train-images", "dataset.raw_dir"]),
        ({"images": 301}, "split_images-1", ["images: found 301, but there are only 300"]),
    ],
)
def test_raw_files_that_do_not_serve_are_told_in_one_sentence(fresh, dataset, log, words):
    said = fresh.run("table1", "--cores", "2", overlay={"dataset": dataset}, fails=True)
    told = fresh.folder / "out" / "logs" / f"{log}.log"
    assert str(told.relative_to(fresh.folder)) in said
    (sentence,) = sentences(said + told.read_text())
    for word in words:
        assert word in sentence
    assert not [path for path in made(fresh) if path.parent.name not in ("logs", "generated", "data")]


def test_raw_files_that_were_put_there_by_hand_survive_everything(fresh, raw_dir):
    folder = fresh.folder / "resources" / "mine"
    shutil.copytree(raw_dir, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    mine = {"dataset": {"name": "mine", "raw_dir": None, "sources": ["npm"], "checksums": None}}
    fresh.run("resize_images", "--cores", "1", "--forceall", overlay=mine)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    other = fresh.folder / "other"
    shutil.copytree(raw_dir, other)
    (other / "t10k-labels-idx1-ubyte").write_bytes((raw_dir / "t10k-labels-idx1-ubyte").read_bytes()[:-1] + b"\x05")
    mine["dataset"]["raw_dir"] = "other"
    said = fresh.run("resize_images", "--cores", "1", overlay=mine, fails=True)
    assert "which was put there by hand and stays" in said
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_raw_files_that_the_folder_does_not_hold_any_more_are_not_taken_for_its_own(fresh, raw_dir):
    folder, kept = fresh.folder / "named", "resources/mine/t10k-labels-idx1-ubyte"
    shutil.copytree(raw_dir, folder)
    overlay = {"dataset": {"name": "mine", "raw_dir": "named", "checksums": None}}
    fresh.run("resize_images", "--cores", "1", overlay=overlay)
    assert fresh.planned("resize_images", overlay=overlay) == set()
    labels = (folder / "t10k-labels-idx1-ubyte").read_bytes()[:-1] + b"\x05"
    (folder / "t10k-labels-idx1-ubyte").unlink()
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    assert fresh.planned("resize_images", overlay=overlay) == {"fetch_data", "resize_images"}
    # Without this folder Snakemake does not know that the files were others.
    shutil.rmtree(fresh.folder / ".snakemake")
    (fresh.folder / "out" / "data" / "images.npz").unlink()
    said = fresh.run("resize_images", "--cores", "1", overlay=overlay, fails=True)
    assert f"{kept}: found the SHA-256" in said and hashlib.sha256(labels).hexdigest() in said
