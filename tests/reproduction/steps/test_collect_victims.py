"""The verb collect-victims: an image is lost when any attack succeeds."""

import numpy as np
import pandas as pd
import pytest

from experiment import arguments
from reproduction.__main__ import main
from reproduction.store.files import read_arrays, write_arrays

EPSILONS = [0.0, 0.1]
ONE, OTHER = [[1, 1, 1, 0], [1, 1, 0, 0]], [[1, 1, 1, 0], [0, 1, 1, 0]]


@pytest.fixture
def collect(tmp_path):
    """Return a function that puts the results of attacks together: (model, attack, replicate, right, diverged)."""

    def run(*cases):
        paths = []
        for index, (*_, right, diverged) in enumerate(cases):
            paths.append(tmp_path / f"{index}.npz")
            write_arrays(paths[-1], epsilons=np.array(EPSILONS), right=np.array(right, bool), diverged=diverged)
        models, attacks, replicates = zip(*(case[:3] for case in cases), strict=True)
        files = {"victims": paths, "images": tmp_path / "images.npz", "output": tmp_path / "table.csv"}
        main(arguments("collect-victims", models=models, attacks=attacks, replicates=replicates, **files))
        table = pd.read_csv(files["output"]).set_index(["model", "attack", "replicate", "epsilon"])["accuracy"]
        return table, read_arrays(files["images"])

    return run


def test_an_image_that_falls_to_one_attack_is_lost_to_all(collect):
    table, images = collect(("net", "pgd", 1, ONE, False), ("net", "wide", 1, OTHER, False))
    assert table["net", "pgd", 1].tolist() == [0.75, 0.5] and table["net", "wide", 1].tolist() == [0.75, 0.5]
    # The least of both accuracies would be 0.5: each attack fells another image.
    assert table["net", "all attacks", 1].tolist() == [0.75, 0.25]
    np.testing.assert_array_equal(images["right"], np.array([ONE, OTHER], bool))
    assert images["attacks"].tolist() == ["pgd", "wide"] and images["replicates"].tolist() == [1, 1]


def test_networks_and_replicates_are_counted_apart(collect):
    cases = (("net", 1, ONE), ("net", 2, OTHER), ("other", 1, OTHER))
    table, _ = collect(*((model, "pgd", replicate, right, False) for model, replicate, right in cases))
    assert table["net", "all attacks"].tolist() == [0.75, 0.5, 0.75, 0.5]
    assert set(table.index.get_level_values("model")) == {"net", "other"}


def test_a_diverged_network_has_no_accuracy(collect):
    table, _ = collect(("net", "pgd", 1, ONE, True), ("net", "pgd", 2, ONE, False))
    assert table["net", "pgd", 1].isna().all() and table["net", "all attacks", 1].isna().all()
    assert table["net", "pgd", 2].tolist() == [0.75, 0.5]


def test_other_images_are_refused(collect, tmp_path):
    with pytest.raises(SystemExit, match=r"1\.npz: found other strengths or images than .*0\.npz has\."):
        collect(("net", "pgd", 1, ONE, False), ("net", "wide", 1, [[1, 1], [1, 1]], False))
    assert not (tmp_path / "table.csv").exists()
