"""The verb select-examples: the few images that the figures show."""

import struct

import numpy as np
import pytest

from experiment import SIDE, TEST, TRAIN, arguments, training, write_data
from glr.corruptions import CORRUPTIONS, SEVERITIES
from glr.streams import stream
from reproduction.__main__ import main
from reproduction.steps import corrupt, select_examples
from reproduction.steps.select_examples import _one_a_class
from reproduction.store.files import read_arrays, write_arrays
from reproduction.store.images import load_part
from reproduction.store.networks import load_network
from reproduction.store.raw import RAW_FILES

CORRUPTED = ("contrast", "gaussian_noise")


@pytest.fixture
def folder(tmp_path):
    """Return a folder with all that the verb reads; a raw image is filled with its index."""
    write_data(tmp_path)
    labels = read_arrays(tmp_path / "images.npz")["labels"]
    raw = np.broadcast_to(np.arange(TRAIN + TEST, dtype=np.uint8)[:, None, None], (TRAIN + TEST, 6, 6))
    for part, rows in (("train", slice(0, 45)), ("t10k", slice(45, None))):
        for kind, array in (("images", raw[rows]), ("labels", labels[rows])):
            header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (tmp_path / RAW_FILES[f"{part}_{kind}"]).write_bytes(header + array.tobytes())
    main(training(tmp_path, tmp_path))
    rng = np.random.default_rng(2)
    write_arrays(tmp_path / "fgsm.npz", images=rng.random((10, SIDE**2), np.float32), labels=labels[:10])
    return tmp_path


def select(folder, count):
    main(
        arguments(
            "select-examples", raw=folder, images=folder / "images.npz", split=folder / "split.npz",
            sample=folder / "sample.npz", attack=folder / "fgsm.npz", weights=folder / "weights.npz",
            corruptions=[f"{name}={name},imagenet_c,before" for name in CORRUPTED],
            count=count, size=SIDE, filter="box", seed=1, replicate=1, output=folder / "examples.npz",
        )
    )  # fmt: skip
    return read_arrays(folder / "examples.npz")


def test_one_image_of_each_class_comes_first_then_a_second():
    labels = np.array([3, 1, 1, 3, 2, 1], np.uint8)
    assert _one_a_class(labels, 6).tolist() == [1, 4, 0, 2, 3, 5]
    assert _one_a_class(labels, 2).tolist() == [1, 4]
    assert _one_a_class(labels, 9).tolist() == [1, 4, 0, 2, 3, 5]


def test_all_that_is_shown_of_an_image_belongs_together(folder):
    examples = select(folder, 4)
    images, labels = load_part(folder / "images.npz", folder / "split.npz", "test")
    test, sample = read_arrays(folder / "split.npz")["test"], read_arrays(folder / "sample.npz")["attacks"]
    attacked, network = read_arrays(folder / "fgsm.npz")["images"], load_network(folder / "weights.npz")
    rows = _one_a_class(labels[sample], 4)
    assert examples["raw"].shape == (4, 6, 6)
    np.testing.assert_array_equal(examples["raw"][:, 0, 0], test[sample[rows]])
    np.testing.assert_array_equal(examples["raw_labels"], labels[sample[rows]])
    np.testing.assert_array_equal(examples["attacked_labels"], labels[sample[rows]])
    np.testing.assert_array_equal(
        examples["resized"], read_arrays(folder / "images.npz")["images"][test[sample[rows]]].reshape(4, SIDE, SIDE)
    )
    np.testing.assert_array_equal(examples["originals"], np.float32(examples["resized"] / 255.0), strict=True)
    np.testing.assert_array_equal(examples["attacked"], attacked[rows].reshape(4, SIDE, SIDE), strict=True)
    np.testing.assert_array_equal(examples["original_predictions"], network.predict(images[sample[rows]]))
    np.testing.assert_array_equal(examples["attacked_predictions"], network.predict(attacked[rows].astype(float)))


@pytest.mark.parametrize("chunk", [1000, 2])
def test_the_corrupted_image_is_shown_at_all_severities_beside_its_original(folder, monkeypatch, chunk):
    for module in (corrupt, select_examples):
        monkeypatch.setattr(module, "CHUNK", chunk)
    examples = select(folder, 2)
    images, labels = load_part(folder / "images.npz", folder / "split.npz", "test")
    sample = read_arrays(folder / "sample.npz")["corruptions"]
    row = int(_one_a_class(labels[sample], 1)[0])
    assert examples["corrupted_label"] == labels[sample[row]] == labels[sample].min()
    np.testing.assert_array_equal(
        examples["corrupted_original"], images[sample[row]].reshape(SIDE, SIDE).astype(np.float32), strict=True
    )
    for name in CORRUPTED:
        expected = [
            CORRUPTIONS[name](images[sample], severity, rng=stream(1, "corruption", name, 1, severity))[row]
            for severity in SEVERITIES
        ]
        expected = np.float32(expected).reshape(5, SIDE, SIDE)
        np.testing.assert_array_equal(examples[f"corrupted_{name}"], expected, strict=True)


def test_a_missing_file_ends_with_one_sentence(folder):
    (folder / "fgsm.npz").unlink()
    with pytest.raises(SystemExit, match=r"select-examples: .*fgsm\.npz: No such file or directory\."):
        select(folder, 4)
    assert not (folder / "examples.npz").exists()
