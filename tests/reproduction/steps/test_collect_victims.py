"""The verb collect-victims: an image is lost when any attack succeeds."""

import numpy as np
import pandas as pd
import pytest

from experiment import arguments
from reproduction.__main__ import main
from reproduction.store.files import read_arrays, write_arrays

NORMS, EPSILONS = ["linf", "linf", "l2", "l2"], [0.0, 0.1, 0.0, 0.2]
ONE = [[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0]]
OTHER = [[1, 1, 1, 0], [0, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0]]
CERTIFICATE = {
    "noise_levels": np.array(["all", "first"]),
    "variances": np.array([1.0, 4.0]),
    # Under the noise asked for: right and far; right, but only to 0.2; wrong; right; the fifth was not attacked.
    "labels": np.array([[[9] * 5] * 2, [[9] * 5, [1, 2, 9, 4, 5]]]),
    "radii": np.array([[[9.0] * 5] * 2, [[9.0] * 5, [0.4, 0.2, 0.9, 0.3, 0.9]]]),
    "truth": np.array([1, 2, 3, 4, 5]),
}


@pytest.fixture
def collect(tmp_path):
    """Return a function that puts the results of attacks together: (model, attack, replicate, right, diverged)."""

    def run(*cases):
        paths = []
        for index, (*_, right, diverged) in enumerate(cases):
            paths.append(tmp_path / f"{index}.npz")
            right = np.array(right, bool)
            each = {"right": right, "blind": np.zeros(len(right[0]), bool), "unsteady": np.zeros(len(right[0]), bool)}
            write_arrays(paths[-1], norms=np.array(NORMS), epsilons=np.array(EPSILONS), diverged=diverged, **each)
        models, attacks, replicates = zip(*(case[:3] for case in cases), strict=True)
        names = {"models": models, "attacks": attacks, "methods": attacks, "replicates": replicates}
        write_arrays(tmp_path / "certificate.npz", diverged=cases[0][-1], **CERTIFICATE)
        beside = {"certificates": tmp_path / "certificate.npz", "certified": "net", "certified_replicates": 1}
        files = {"victims": paths, "images": tmp_path / "images.npz", "output": tmp_path / "table.csv"}
        files["flags"] = tmp_path / "flags.md"
        main(arguments("collect-victims", **names, **beside, **files, variance=4.0))
        index = ["model", "attack", "replicate", "threat_model", "epsilon"]
        table = pd.read_csv(files["output"]).set_index(index)["accuracy"]
        return table, read_arrays(files["images"])

    return run


def test_an_image_that_falls_to_one_attack_is_lost_to_all(collect, tmp_path):
    table, images = collect(("net", "apgd", 1, ONE, False), ("net", "wide", 1, OTHER, False))
    assert table["net", "apgd", 1].tolist() == [0.75, 0.5, 0.75, 0.25]
    assert table["net", "wide", 1].tolist() == [0.75, 0.5, 0.75, 0.75]
    # The least of both accuracies would be 0.5: each attack fells another image.
    assert table["net", "all attacks", 1].tolist() == [0.75, 0.25, 0.75, 0.25]
    np.testing.assert_array_equal(images["right"], np.array([ONE, OTHER], bool))
    assert images["attacks"].tolist() == ["apgd", "wide"] and images["replicates"].tolist() == [1, 1]
    assert "Noise: not raised" in (tmp_path / "flags.md").read_text(encoding="utf-8")


def test_what_is_certified_beyond_a_radius_stands_beside_for_the_images_that_were_attacked(collect):
    table, _ = collect(("net", "apgd", 1, ONE, False))
    assert table["net", "certified", 1].to_dict() == {("l2", 0.0): 0.75, ("l2", 0.2): 0.5}


def test_networks_and_replicates_are_counted_apart(collect):
    cases = (("net", 1, ONE), ("net", 2, OTHER), ("other", 1, OTHER))
    table, _ = collect(*((model, "apgd", replicate, right, False) for model, replicate, right in cases))
    found = table.unstack("epsilon").xs("linf", level="threat_model")[0.1]
    assert [
        found[at] for at in (("net", "all attacks", 1), ("net", "all attacks", 2), ("other", "all attacks", 1))
    ] == [0.5] * 3
    assert set(table.index.get_level_values("model")) == {"net", "other"}


def test_a_diverged_network_has_no_accuracy(collect):
    table, _ = collect(("net", "apgd", 1, ONE, True), ("net", "apgd", 2, ONE, False))
    assert table["net", "apgd", 1].isna().all() and table["net", "all attacks", 1].isna().all()
    assert table["net", "certified", 1].isna().all()
    assert table["net", "apgd", 2].tolist() == [0.75, 0.5, 0.75, 0.25]


def test_other_images_are_refused(collect, tmp_path):
    with pytest.raises(SystemExit, match=r"1\.npz: found strengths or images that differ from those of .*0\.npz\."):
        collect(("net", "apgd", 1, ONE, False), ("net", "wide", 1, [[1, 1]] * 4, False))
    assert not (tmp_path / "table.csv").exists()
