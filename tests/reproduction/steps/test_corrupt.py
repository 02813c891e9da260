"""Corrupted sets that steps make where they use them."""

import argparse
import struct

import numpy as np
import pytest

from glr.corruptions import CORRUPTIONS, SEVERITIES
from glr.errors import InputError
from glr.streams import stream
from reproduction.steps import corrupt
from reproduction.steps.corrupt import corrupted_sets, corruption
from reproduction.store.files import write_arrays
from reproduction.store.images import resize_images


@pytest.fixture
def files(tmp_path):
    """Write what a step reads: 12 raw images of 6 x 6 in two parts, resized to 3 x 3, a split and a sample."""
    raw = np.random.default_rng(8).integers(0, 256, (12, 6, 6), dtype=np.uint8)
    labels = np.arange(12, dtype=np.uint8) % 10
    for part, images in (("train", slice(0, 8)), ("t10k", slice(8, 12))):
        for kind, array in (("images-idx3", raw[images]), ("labels-idx1", labels[images])):
            header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (tmp_path / f"{part}-{kind}-ubyte").write_bytes(header + array.tobytes())
    resized = resize_images(raw, 3, "box").reshape(12, -1)
    write_arrays(tmp_path / "images.npz", images=resized, labels=labels)
    test = np.array([11, 2, 5, 7, 0])
    write_arrays(tmp_path / "split.npz", train=np.array([1, 3, 4]), test=test)
    write_arrays(tmp_path / "sample.npz", attacks=np.array([0]), corruptions=np.array([1, 2, 4]))
    return tmp_path, raw, resized, test[[1, 2, 4]]


def made(folder, images, *words: str) -> dict[str, list[np.ndarray]]:
    """Return the images of the sets by name, one array for each severity."""
    files = {name: folder / f"{name}.npz" for name in ("images", "split", "sample")}
    given = {"raw": folder, "size": 3, "filter": "box", "seed": 9, "replicate": 2}
    settings = argparse.Namespace(**files, **given, corruptions=[corruption(word) for word in words])
    sets = corrupted_sets(settings, images)
    assert all(list(severities) == list(SEVERITIES) for severities in sets.values())
    return {name: [np.concatenate(list(chunks)) for chunks in severities.values()] for name, severities in sets.items()}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_sample_is_corrupted_at_all_severities_before_or_after_resizing(files, name: str) -> None:
    folder, raw, resized, chosen = files
    sets = made(folder, resized[chosen] / 255, *(f"{place}={name},cifar10_c,{place}" for place in ("before", "after")))
    for place in ("before", "after"):
        for severity, images in zip(SEVERITIES, sets[place], strict=True):
            rng = stream(9, "corruption", name, 2, severity)
            flat = (resized if place == "before" else raw.reshape(12, -1))[chosen] / 255
            expected = CORRUPTIONS[name](flat, severity, constants="cifar10_c", rng=rng)
            if place == "after":
                expected = resize_images(expected.reshape(-1, 6, 6), 3, "box").reshape(3, 9)
            np.testing.assert_array_equal(images, expected.astype(np.float32), strict=True)


def test_chunks_go_on_with_the_stream_of_their_severity(files, monkeypatch) -> None:
    folder, _, resized, chosen = files
    word = "noise=gaussian_noise,imagenet_c,before"
    whole = made(folder, resized[chosen] / 255, word)
    monkeypatch.setattr(corrupt, "CHUNK", 2)
    for once, chunked in zip(whole["noise"], made(folder, resized[chosen] / 255, word)["noise"], strict=True):
        np.testing.assert_array_equal(once, chunked, strict=True)


def test_files_that_do_not_belong_together_are_refused(files) -> None:
    folder, _, resized, chosen = files
    write_arrays(folder / "images.npz", images=resized, labels=np.zeros(12, np.uint8))
    with pytest.raises(InputError, match=r"found other labels than in .*images\.npz, but .*\.$"):
        made(folder, resized[chosen] / 255, "x=contrast,imagenet_c,after")


@pytest.mark.parametrize(
    "word",
    ["contrast", "x=contrast,imagenet_c", "x=sharpen,imagenet_c,before", "x=contrast,imagenet_c,during", "x=a,b,c,d"],
)
def test_a_word_that_describes_no_set_is_refused(word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"^found '{word}', but NAME="):
        corruption(word)
