"""The verb export-sets: the IDX files hold the very numbers, the manifest says where they come from."""

import hashlib
import json

import numpy as np
import pytest

from experiment import SIDE, TEST, TRAIN, arguments, write_data
from glr.corruptions import gaussian_noise
from glr.idx import read_idx
from glr.streams import stream
from reproduction.__main__ import main
from reproduction.store.files import read_arrays, write_arrays
from reproduction.store.images import load_part

N = 3
SETTINGS = {
    "fgsm": {"method": "fgsm", "source": "source", "epsilon": "calibrated"},
    "lbfgs": {"method": "lbfgs", "source": "source", "c": 8.0, "target": "random"},
}


@pytest.fixture
def words(tmp_path):
    """Return the words of an export of two attacks and a corruption; tests break what they name."""
    write_data(tmp_path)
    rng = np.random.default_rng(0)
    labels = np.array([3, 9, 0], np.uint8)
    for name in ("fgsm", "lbfgs"):
        samples = rng.random((N, SIDE**2), dtype=np.float32)
        write_arrays(tmp_path / f"{name}.npz", images=samples, labels=labels, counted=[True, False, name == "fgsm"])
    (tmp_path / "fgsm.json").write_text('{"epsilon": 0.125}')
    return {
        "images": tmp_path / "images.npz",
        "split": tmp_path / "split.npz",
        "sample": tmp_path / "sample.npz",
        "raw": tmp_path,
        "attacks": [f"{name}={tmp_path / name}.npz" for name in ("fgsm", "lbfgs")],
        "corruptions": ["noise=gaussian_noise,cifar10_c,before"],
        "size": SIDE,
        "filter": "box",
        "strengths": [f"fgsm={tmp_path}/fgsm.json"],
        "settings": json.dumps(SETTINGS),
        "seed": 7,
        "replicate": 2,
        "output": tmp_path / "sets",
    }


def test_files_are_read_back_to_the_same_numbers(words, tmp_path):
    main(arguments("export-sets", **words))
    made = {name: read_arrays(tmp_path / f"{name}.npz") for name in ("fgsm", "lbfgs")}
    batches = {name: arrays["images"] for name, arrays in made.items()}
    labels = {name: arrays["labels"] for name, arrays in made.items()}
    images, truth = load_part(words["images"], words["split"], "test")
    sample = read_arrays(words["sample"])["corruptions"]
    labels["noise"] = truth[sample]
    for severity in range(1, 6):
        rng = stream(7, "corruption", "gaussian_noise", 2, severity)
        corrupted = gaussian_noise(images[sample], severity, constants="cifar10_c", rng=rng)
        batches[f"noise-{severity}"] = corrupted.astype(np.float32)
    for name, batch in batches.items():
        found = read_idx(tmp_path / "sets" / f"{name}-images.idx")
        np.testing.assert_array_equal(found, batch.reshape(-1, SIDE, SIDE), strict=True)
    for name, expected in labels.items():
        np.testing.assert_array_equal(read_idx(tmp_path / "sets" / f"{name}-labels.idx"), expected, strict=True)
    for name, expected in (("fgsm", [1, 0, 1]), ("lbfgs", [1, 0, 0])):
        found = read_idx(tmp_path / "sets" / f"{name}-counted.idx")
        np.testing.assert_array_equal(found, np.array(expected, np.uint8), strict=True)
    for part, count in (("train", TRAIN), ("test", TEST)):
        images, labels = load_part(words["images"], words["split"], part)
        found = read_idx(tmp_path / "sets" / f"{part}-images.idx")
        np.testing.assert_array_equal(found, images.reshape(count, SIDE, SIDE).astype(np.float32), strict=True)
        np.testing.assert_array_equal(read_idx(tmp_path / "sets" / f"{part}-labels.idx"), labels)


def test_header_is_that_of_big_endian_float32(words, tmp_path):
    main(arguments("export-sets", **words))
    content = (tmp_path / "sets" / "fgsm-images.idx").read_bytes()
    assert content[:16].hex() == f"00000d03{N:08x}{SIDE:08x}{SIDE:08x}"
    first = read_arrays(tmp_path / "fgsm.npz")["images"][0, 0]
    assert np.frombuffer(content[16:20][::-1], "<f4")[0] == first


def test_manifest_tells_each_files_origin_and_digest(words, tmp_path):
    main(arguments("export-sets", **words))
    entries = {entry["file"]: entry for entry in json.loads((tmp_path / "sets" / "manifest.json").read_text())}
    named = {entry[key] for entry in entries.values() for key in ("file", "labels", "counted") if key in entry}
    assert named | {"manifest.json"} == {path.name for path in (tmp_path / "sets").iterdir()}
    for entry in entries.values():
        assert ("counted" in entry) == (entry["kind"] == "attack")
        for key, digest in (("file", "sha256"), ("labels", "labels_sha256"), ("counted", "counted_sha256")):
            if key in entry:
                assert entry[digest] == hashlib.sha256((tmp_path / "sets" / entry[key]).read_bytes()).hexdigest()
        assert (entry["seed"], entry["replicate"]) == (7, 2)
    assert entries["fgsm-images.idx"]["settings"] == {**SETTINGS["fgsm"], "epsilon": 0.125}
    assert entries["lbfgs-images.idx"]["settings"] == SETTINGS["lbfgs"]
    # Severity 3 of CIFAR-10-C's Gaussian noise.
    noise = entries["noise-3-images.idx"]
    described = {"corruption": "gaussian_noise", "constants": "cifar10_c", "resize": "before"}
    assert noise["settings"] == described | {"constant": 0.08}
    assert (noise["kind"], noise["samples"], noise["severity"], noise["n"]) == ("corruption", "noise", 3, 7)
    assert (entries["train-images.idx"]["kind"], entries["train-images.idx"]["n"]) == ("clean", TRAIN)


def images(count=N, pixels=SIDE**2, value=0.5, dtype=np.float32):
    return np.full((count, pixels), value, dtype)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (images(dtype=np.float64), "found images of float64 in 2 dimensions"),
        (np.stack([images()] * 5), "found images of float32 in 3 dimensions, but float32 in 2 is needed"),
        (images(count=N + 1), "found images of shape (4, 16), but (3, a square of pixels)"),
        (images(pixels=15), "found images of shape (3, 15)"),
        (images(value=1.5), "found pixels from 1.5 to 1.5, but [0, 1] is needed"),
        (images(value=np.nan), "found pixels from nan"),
    ],
)
def test_what_is_no_set_is_refused(words, tmp_path, array, reason):
    write_arrays(tmp_path / "lbfgs.npz", images=array, labels=np.zeros(N, np.uint8), counted=np.ones(N, bool))
    with pytest.raises(SystemExit, match=r"^export-sets: ") as caught:
        main(arguments("export-sets", **words))
    assert reason in str(caught.value) and "lbfgs" in str(caught.value)
    assert not (tmp_path / "sets" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"strengths": []}, "strengths: found nothing for fgsm"),
        ({"settings": "{}"}, "settings: found nothing for fgsm"),
    ],
)
def test_a_set_of_unknown_origin_is_refused(words, change, reason):
    with pytest.raises(SystemExit, match=reason):
        main(arguments("export-sets", **words | change))
