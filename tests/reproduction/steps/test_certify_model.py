"""The verbs certify-model, collect-certificates and tabulate-certificates: from a network to its table."""

import numpy as np
import pandas as pd
import pytest

from experiment import TEST, arguments, training, write_data
from glr.certificates import certify
from glr.noise import Gaussian
from glr.streams import stream
from reproduction.__main__ import main
from reproduction.report.columns import CERTIFICATE_COLUMNS
from reproduction.steps.attack import read_attacked
from reproduction.store.files import read_arrays, write_arrays
from reproduction.store.networks import load_network, save_network


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with data and a network trained on it."""
    folder = tmp_path_factory.mktemp("certified")
    write_data(folder)
    write_arrays(folder / "sample.npz", attacks=np.arange(TEST)[::-1])
    main(training(folder, folder, epochs=30))
    return folder


@pytest.fixture
def certified(folder, tmp_path):
    """Return a function that certifies and gives what was written."""

    def run(**settings):
        files = {name: folder / f"{name}.npz" for name in ("weights", "images", "split", "sample")}
        defaults = {
            **{"model": "net", "replicate": 1, "seed": 7, "count": 12, "draws": 200, "alpha": 0.01},
            **{"variances": [1.0, 0.25], "noise_levels": ["first", "all"], "output": tmp_path / "found.npz"},
        }
        main(arguments("certify-model", **(files | defaults | settings)))
        return read_arrays(tmp_path / "found.npz")

    return run


def test_images_are_certified_under_noise_on_the_first_or_on_all_levels(certified, folder):
    found = certified()
    images, truth, _ = read_attacked(folder / "images.npz", folder / "split.npz", folder / "sample.npz", 12)
    network = load_network(folder / "weights.npz")
    np.testing.assert_array_equal(found["truth"], truth)
    np.testing.assert_array_equal(found["clean"], network.predict(images) == truth)
    assert 0 < found["clean"].mean() < 1
    assert found["noise_levels"].tolist() == ["first", "all"] and found["variances"].tolist() == [1.0, 0.25]
    for row, (levels, above) in enumerate([("first", None), ("all", Gaussian(0.25))]):
        rng = stream(7, "certificates", "net", 1, levels, "0.25")
        alone = certify(network, images, noise=[Gaussian(0.25), above], draws=200, alpha=0.01, rng=rng)
        for name in ("labels", "bounds", "radii"):
            np.testing.assert_array_equal(found[name][row, 1], getattr(alone, name))
    assert (found["radii"] > 0).any() and not found["diverged"]


def test_a_noise_beside_and_further_images_change_nothing(certified):
    both, alone = certified(), certified(variances=[0.25], noise_levels=["all"], count=5)
    for name in ("labels", "bounds", "radii"):
        np.testing.assert_array_equal(both[name][1, 1, :5], alone[name][0, 0])


def test_a_diverged_network_is_said_to_be_one(certified, folder, tmp_path):
    network = load_network(folder / "weights.npz")
    network.weights[0][0] = np.inf
    save_network(tmp_path / "diverged.npz", network)
    found = certified(weights=tmp_path / "diverged.npz")
    assert found["diverged"] and (found["labels"] == -1).all() and not found["radii"].any()


def test_more_images_than_were_attacked_are_refused(certified):
    with pytest.raises(SystemExit, match=rf"--count: found {TEST + 1}, but .* has {TEST} attacked images"):
        certified(count=TEST + 1)


FOUND = {
    "noise_levels": np.array(["first"]),
    "variances": np.array([4.0]),
    # Right; right, but no further than 0.1; wrong; none.
    "labels": np.array([[[1, 2, 3, -1]]]),
    "radii": np.array([[[0.4, 0.1, 0.9, 0.0]]]),
    "truth": np.array([1, 2, 4, 5]),
    "clean": np.array([True, True, False, True]),
}


@pytest.fixture
def collected(tmp_path):
    """Return a function that collects the certificates of one network, a replicate for each word of `diverged`."""

    def run(*diverged, **settings):
        paths = [tmp_path / f"{index}.npz" for index, _ in enumerate(diverged)]
        for path, lost in zip(paths, diverged, strict=True):
            write_arrays(path, diverged=lost, **FOUND)
        names = {"models": ["net"] * len(paths), "replicates": [1, 2][: len(paths)], "radii": [0.0, 0.1, 0.3]}
        files = {"certificates": paths, "output": tmp_path / "found.csv"}
        main(arguments("collect-certificates", **(files | names | settings)))
        return pd.read_csv(tmp_path / "found.csv")

    return run


def test_an_image_counts_that_is_right_and_certified_beyond_the_radius(collected):
    table = collected(False)
    assert list(table.columns) == CERTIFICATE_COLUMNS
    assert table["accuracy"].tolist() == [0.5, 0.25, 0.25]
    assert set(table["abstained"]) == {0.25} and set(table["clean"]) == {0.75} and set(table["n"]) == {4}
    assert set(zip(table["model"], table["variance"], table["noise_levels"], table["replicate"], strict=True)) == {
        ("net", 4.0, "first", 1)
    }


def test_a_diverged_network_has_no_certified_accuracy(collected):
    table = collected(False, True).set_index("replicate")
    assert table.loc[1, ["accuracy", "clean", "abstained"]].notna().all(axis=None)
    assert table.loc[2, ["accuracy", "clean", "abstained"]].isna().all(axis=None)


def test_a_name_too_few_is_refused(collected):
    with pytest.raises(SystemExit, match=r"--models, --replicates: found 1, 2, but one for each of 2 files"):
        collected(False, False, models=["net"])


def test_the_table_is_written_as_csv_markdown_and_html_with_what_diverged(collected, tmp_path):
    collected(False, True)
    outputs = [tmp_path / f"table.{suffix}" for suffix in ("csv", "md", "html")]
    main(arguments("tabulate-certificates", accuracies=tmp_path / "found.csv", output=outputs))
    assert len(pd.read_csv(outputs[0])) == 5
    for path in outputs[1:]:
        text = path.read_text(encoding="utf-8")
        assert "Noise of variance 4 on the first level" in text
        assert "net: diverged in 1 of 2 replicates (number 2)." in text
    assert "| net | diverged | diverged |" in outputs[1].read_text(encoding="utf-8")
