"""The raw files, the resized images, the split, and the commands that make them."""

import gzip
import os
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from experiment import arguments
from glr.errors import InputError
from glr.idx import read_idx
from reproduction.__main__ import main
from reproduction.store.files import read_arrays, write_arrays
from reproduction.store.images import FILTERS, load_part, read_raw, resize_images, split_indices
from reproduction.store.raw import RAW_FILES, sha256

IMAGES = np.arange(5 * 4 * 4, dtype=np.uint8).reshape(5, 4, 4)
LABELS = np.array([9, 0, 3, 3, 7], np.uint8)


def idx(array, code=None, shape=None):
    """Return the bytes of an IDX file."""
    code = code or {"uint8": 0x08, "float32": 0x0D}[array.dtype.name]
    shape = array.shape if shape is None else shape
    header = struct.pack(f">BBBB{len(shape)}I", 0, 0, code, len(shape), *shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    for part, images, labels in (("train", IMAGES[:3], LABELS[:3]), ("t10k", IMAGES[3:], LABELS[3:])):
        (folder / RAW_FILES[f"{part}_images"]).write_bytes(idx(images))
        (folder / RAW_FILES[f"{part}_labels"]).write_bytes(idx(labels))
    return folder


@pytest.mark.parametrize("array", [IMAGES, LABELS, IMAGES.astype(np.float32) / 3, np.float32([1.5, -2])], ids=str)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
def test_read_idx_returns_what_was_written(tmp_path, array, pack):
    path = tmp_path / "file"
    path.write_bytes(pack(idx(array)))
    found = read_idx(path)
    np.testing.assert_array_equal(found, array, strict=True)
    assert found.dtype.isnative
    assert found.flags.writeable
    np.testing.assert_array_equal(read_idx(str(path)), array)


WHOLE = idx(IMAGES)
PACKED = gzip.compress(WHOLE)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "starts with ''"),
        (b"\0\0\x08", "starts with '00 00 08'"),
        (b"PK\x03\x04 a zip", "starts with '50 4b 03 04'"),
        (idx(LABELS, code=0x0B), "starts with '00 00 0b 01'"),
        (idx(LABELS.reshape(1, 5)), "starts with '00 00 08 02'"),
        (WHOLE[:10], "ends within its header of 3 dimensions"),
        (WHOLE[:-1], r"\(5, 4, 4\), 80 bytes, but only 79 follow"),
        (WHOLE + b"\0", "80 bytes, but more follow"),
        (idx(np.zeros(0, np.uint8)), r"\(0,\), 0 bytes, which does not fit"),
        (idx(LABELS, shape=(0, 2**32 - 1, 2**32 - 1)), "0 bytes, which does not fit"),
        (idx(LABELS, shape=(2**32 - 1,) * 3), "which does not fit a file of 21 bytes"),
        (gzip.compress(idx(LABELS, shape=(2**32 - 1,) * 3)), "which does not fit a file of"),
        (gzip.compress(WHOLE[:-1]), "but only 79 follow"),
        (gzip.compress(WHOLE + b"\0"), "but more follow"),
        (PACKED[:-9], "ended before the end-of-stream"),
        (PACKED[:-8] + bytes(8), "CRC check failed"),
        (PACKED[:30] + b"\xff\xff\xff" + PACKED[33:], "cannot be read as an IDX file"),
        (b"\x1f\x8b", "cannot be read as an IDX file"),
    ],
)
def test_read_idx_refuses(tmp_path, content, reason):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InputError, match=reason) as caught:
        read_idx(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("content", [WHOLE, PACKED], ids=["plain", "gz"])
def test_read_idx_refuses_a_file_that_is_cut_off_anywhere(tmp_path, content):
    path = tmp_path / "file"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(InputError):
            read_idx(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
@pytest.mark.parametrize("shape", [(2**31, 28, 28), (2**31,), (2**31 - 1, 1, 1), (1, 2**31, 2**31)])
def test_read_idx_refuses_a_header_of_two_thousand_million_images(tmp_path, shape, pack):
    path = tmp_path / "file"
    path.write_bytes(pack(idx(LABELS, shape=shape)))
    with pytest.raises(InputError, match="which does not fit a file of"):
        read_idx(path)


def test_read_idx_refuses_what_may_not_be_read(tmp_path, monkeypatch):
    """To root everything may be read, so the refusal is put in its place."""
    path = tmp_path / "file"
    path.write_bytes(WHOLE)

    def denied(*_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(path), "open", denied)
    with pytest.raises(InputError, match=r"file: cannot be read as an IDX file \(Permission denied\)"):
        read_idx(path)


def test_read_idx_refuses_a_dangling_link_and_a_pipe(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(InputError, match="found no file"):
            read_idx(tmp_path / name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_read_idx_takes_or_refuses_a_changed_byte(tmp_path, place, value):
    path = tmp_path / "file"
    path.write_bytes(WHOLE[:place] + bytes([value]) + WHOLE[place + 1 :])
    try:
        assert read_idx(path).size == IMAGES.size
    except InputError as error:
        assert str(error).startswith(f"{path}: ") and place < 16


def test_read_idx_refuses_what_is_no_file(tmp_path):
    with pytest.raises(InputError, match="found a folder"):
        read_idx(tmp_path)
    with pytest.raises(InputError, match="found no file"):
        read_idx(tmp_path / "absent")
    with pytest.raises(InputError, match=r"cannot be read|found no file"):
        read_idx(tmp_path / ("x" * 5000))


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(idx(LABELS, shape=(1 << 24,)) + bytes(1 << 15)),
        # What the header asks for is small, what the stream holds is not.
        gzip.compress(idx(LABELS) + bytes(1 << 26)),
        # The ratio allows what the header asks for; only the content tells.
        gzip.compress(idx(LABELS, shape=(1 << 26,)) + np.random.default_rng(0).bytes(1 << 17)),
    ],
    ids=["header", "bomb", "plausible header"],
)
def test_read_idx_takes_no_more_memory_than_the_content(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(InputError):
            read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(
    st.binary(max_size=64)
    | st.builds(
        lambda kind, shape, rest: b"\0\0" + bytes([kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + rest,
        st.sampled_from([0x08, 0x0D]),
        st.lists(st.integers(0, 4) | st.integers(0, 2**32 - 1), min_size=1, max_size=3),
        st.binary(max_size=64),
    ),
    st.booleans(),
    st.integers(0, 20),
)
@example(idx(LABELS), True, 0)
def test_read_idx_returns_an_array_or_refuses_arbitrary_bytes(tmp_path, content, packed, cut):
    path = tmp_path / "file"
    content = gzip.compress(content) if packed else content
    path.write_bytes(content[: len(content) - cut])
    try:
        array = read_idx(path)
    except InputError as error:
        assert str(path) in str(error)
    else:
        assert array.dtype in (np.uint8, np.float32)
        assert array.ndim in (1, 3)
        assert array.size > 0


def test_read_raw_puts_the_training_images_first(raw):
    images, labels = read_raw(raw)
    np.testing.assert_array_equal(images, IMAGES, strict=True)
    np.testing.assert_array_equal(labels, LABELS, strict=True)


@pytest.mark.parametrize(
    ("key", "array", "reason"),
    [
        ("train_images", LABELS, "found uint8 of shape .5,., but needs square uint8 images"),
        ("train_images", IMAGES[:3].astype(np.float32), "found float32"),
        ("t10k_images", IMAGES[:2, :, :3], r"\(2, 4, 3\), but needs square"),
        ("t10k_labels", IMAGES, "but needs uint8 labels"),
        ("t10k_labels", np.float32([1, 2]), "found float32 of shape"),
        ("t10k_labels", np.uint8([1, 10]), "the label 10, but labels have to be 0 to 9"),
        ("train_labels", LABELS, "found 5 labels, but .* has 3 images"),
        ("t10k_images", np.zeros((2, 6, 6), np.uint8), r"\(4, 4\) pixels, but test images of \(6, 6\)"),
    ],
)
def test_read_raw_refuses(raw, key, array, reason):
    (raw / RAW_FILES[key]).write_bytes(idx(array))
    with pytest.raises(InputError, match=reason):
        read_raw(raw)


def test_box_filter_takes_the_mean_of_its_pixels():
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    means = images.reshape(3, 14, 2, 14, 2).mean(axis=(2, 4))
    resized = resize_images(images, 14, "box")
    assert resized.dtype == np.uint8
    # Pillow rounds after each of its two passes.
    assert np.abs(resized - means).max() <= 1
    floats = resize_images(images / 255, 14, "box")
    assert floats.dtype == np.float64
    np.testing.assert_allclose(floats, means / 255, atol=1e-6)


@pytest.mark.parametrize("filter", FILTERS)
def test_every_filter_keeps_a_flat_image_and_the_range(filter):
    flat = np.full((1, 8, 8), 100, np.uint8)
    np.testing.assert_array_equal(resize_images(flat, 5, filter), np.full((1, 5, 5), 100), strict=False)
    edges = np.zeros((1, 8, 8))
    edges[:, ::4, :] = edges[:, 1::4, :] = 1
    resized = resize_images(edges, 5, filter)
    assert resized.min() >= 0
    assert resized.max() <= 1


def test_filters_differ():
    images = np.random.default_rng(1).integers(0, 256, (1, 9, 9), np.uint8)
    assert len({resize_images(images, 4, filter).tobytes() for filter in FILTERS}) == len(FILTERS)


def test_resize_images_refuses():
    with pytest.raises(InputError, match="filter: found 'boxx', but it has to be one of nearest, box"):
        resize_images(IMAGES, 2, "boxx")
    with pytest.raises(InputError, match="size: found 0"):
        resize_images(IMAGES, 0, "box")


def test_split_draws_without_replacement():
    train, test = split_indices(1000, 500, 0.6, 0.4, np.random.default_rng(0))
    assert (train.dtype, test.dtype) == (np.int64, np.int64)
    assert (train.size, test.size) == (300, 200)
    drawn = np.concatenate([train, test])
    assert np.unique(drawn).size == 500
    assert drawn.min() >= 0
    # Uniform over all 1000, in both parts: the standard error of a mean is at most 1000 / sqrt(12 * 200) = 20.
    assert abs(train.mean() - 499.5) < 90
    assert abs(test.mean() - 499.5) < 90
    again = split_indices(1000, 500, 0.6, 0.4, np.random.default_rng(0))
    np.testing.assert_array_equal(np.concatenate(again), drawn)
    other = split_indices(1000, 500, 0.6, 0.4, np.random.default_rng(1))
    assert not np.array_equal(np.concatenate(other), drawn)


def test_split_rounds_the_training_part():
    train, test = split_indices(10, 7, 0.6, 0.4, np.random.default_rng(0))
    assert (train.size, test.size) == (4, 3)
    train, test = split_indices(10, 8, 0.6, 0.4, np.random.default_rng(0))
    assert (train.size, test.size) == (5, 3)


@pytest.mark.parametrize(
    ("images", "train_fraction", "test_fraction", "reason"),
    [
        (11, 0.6, 0.4, "images: found 11, but there are only 10"),
        (10, 0.6, 0.3, "found 0.6 and 0.3, but they have to add up to 1"),
        (10, float("nan"), 0.4, "have to add up to 1"),
        (10, 1.5, -0.5, "empty"),
        (10, 1.0, 0.0, "empty"),
        (0, 0.6, 0.4, "empty"),
        (-3, 0.6, 0.4, "empty"),
    ],
)
def test_split_refuses(images, train_fraction, test_fraction, reason):
    with pytest.raises(InputError, match=reason):
        split_indices(10, images, train_fraction, test_fraction, np.random.default_rng(0))


def test_load_part_scales_and_selects(tmp_path):
    write_arrays(tmp_path / "images.npz", images=IMAGES.reshape(5, 16) * 3, labels=LABELS)
    write_arrays(tmp_path / "split.npz", train=np.array([4, 0]), test=np.array([2]))
    images, labels = load_part(tmp_path / "images.npz", tmp_path / "split.npz", "train")
    np.testing.assert_array_equal(images, (IMAGES * 3).reshape(5, 16)[[4, 0]] / 255, strict=True)
    np.testing.assert_array_equal(labels, np.uint8([7, 9]), strict=True)
    with pytest.raises(InputError, match="validation is needed"):
        load_part(tmp_path / "images.npz", tmp_path / "split.npz", "validation")
    for index in (5, -1):
        write_arrays(tmp_path / "split.npz", train=np.array([index, 1]))
        with pytest.raises(InputError, match=r"split\.npz: found indices from .* in train, but there are 5 images"):
            load_part(tmp_path / "images.npz", tmp_path / "split.npz", "train")


def command(verb, **flags):
    main(arguments(verb, **flags))


def test_commands_lead_from_raw_files_to_samples(tmp_path, raw):
    images, split = tmp_path / "data" / "images.npz", tmp_path / "data" / "split.npz"
    sums = [sha256(raw / name) for name in RAW_FILES.values()]
    with pytest.raises(
        SystemExit, match=rf"t10k-labels-idx1-ubyte: found the SHA-256 {sums[3]}, but dataset.checksums"
    ):
        command("resize-images", raw=raw, checksums=[*sums[:3], "0" * 64], size=2, filter="box", output=images)
    assert not images.exists()
    command("resize-images", raw=raw, checksums=[*sums[:3], "any"], size=2, filter="box", output=images)
    found = read_arrays(images)
    np.testing.assert_array_equal(found["images"], resize_images(IMAGES, 2, "box").reshape(5, 4), strict=True)
    np.testing.assert_array_equal(found["labels"], LABELS, strict=True)

    command(
        "split-images", images=images, count=5, train_fraction=0.2, test_fraction=0.8, seed=1, replicate=1, output=split
    )
    parts = read_arrays(split)
    assert sorted(np.concatenate([parts["train"], parts["test"]])) == [0, 1, 2, 3, 4]
    assert parts["test"].size == 4

    command("sample-images", split=split, attacks=3, corruptions=0, seed=1, replicate=1, output=tmp_path / "s.npz")
    sample = read_arrays(tmp_path / "s.npz")
    assert sample["attacks"].dtype == np.int64
    assert sample["attacks"].size == 3
    assert (np.diff(sample["attacks"]) > 0).all()
    np.testing.assert_array_equal(sample["corruptions"], np.arange(4), strict=True)


def test_replicates_have_splits_of_their_own_unless_a_seed_is_shared(tmp_path):
    images = tmp_path / "images.npz"
    write_arrays(images, images=np.zeros((20, 4), np.uint8), labels=np.zeros(20, np.uint8))
    settings = {"images": images, "count": 20, "train_fraction": 0.5, "test_fraction": 0.5, "seed": 1}

    def split(replicate, **more):
        output = tmp_path / "split.npz"
        command("split-images", **settings, replicate=replicate, **more, output=output)
        return read_arrays(output)["train"].tolist()

    assert split(1) == split(1) != split(2)
    assert split(1, split_seed=7) == split(2, split_seed=7) != split(1, split_seed=8)


def test_samples_depend_on_the_replicate_alone(tmp_path):
    split = tmp_path / "split.npz"
    write_arrays(split, train=np.arange(3), test=np.arange(100))
    drawn = {}
    for replicate, corruptions in ((1, 20), (1, 30), (2, 20)):
        path = tmp_path / "sample.npz"
        command(
            "sample-images", split=split, attacks=20, corruptions=corruptions, seed=5, replicate=replicate, output=path
        )
        drawn[replicate, corruptions] = read_arrays(path)
    attacks = {key: sample["attacks"].tolist() for key, sample in drawn.items()}
    assert attacks[1, 20] == attacks[1, 30] != attacks[2, 20]
    assert drawn[1, 20]["corruptions"].tolist() != attacks[1, 20]


@pytest.mark.parametrize(
    ("attacks", "corruptions", "reason"),
    [(101, 0, "attacks.images: found 101, but"), (0, 0, "attacks.images: found 0"), (1, 101, "corruptions.images")],
)
def test_sample_images_refuses_more_than_the_test_part(tmp_path, attacks, corruptions, reason):
    split = tmp_path / "split.npz"
    write_arrays(split, train=np.arange(3), test=np.arange(100))
    with pytest.raises(SystemExit, match=f"sample-images: {reason}.*100 images"):
        command(
            "sample-images",
            split=split,
            attacks=attacks,
            corruptions=corruptions,
            seed=5,
            replicate=1,
            output=tmp_path / "sample.npz",
        )
    assert not (tmp_path / "sample.npz").exists()
