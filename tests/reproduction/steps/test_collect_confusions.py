"""The verb collect-confusions."""

import numpy as np
import pytest

from experiment import arguments
from reproduction.__main__ import main
from reproduction.report.columns import DIVERGED
from reproduction.store.files import read_arrays, read_table, write_arrays


@pytest.fixture
def predictions(tmp_path):
    """Return the predictions of two replicates of a model and one of another, the latter at two severities."""
    labels = np.array([0, 1, 2, 2], np.uint8)
    write_arrays(
        tmp_path / "a-1.npz", labels=labels, diverged=False, counted=[[True] * 4], fgsm=np.array([0, 1, 2, 0], np.uint8)
    )
    write_arrays(
        tmp_path / "a-2.npz", labels=labels, diverged=False, counted=[[True] * 4], fgsm=np.array([0, 0, 2, 0], np.uint8)
    )
    write_arrays(
        tmp_path / "b-1.npz",
        labels=labels,
        diverged=False,
        counted=[[True] * 4],
        contrast=np.array([[0, 1, 2, 1], [1, 1, 2, 2]], np.uint8),
    )
    return [tmp_path / f"{name}.npz" for name in ("a-1", "a-2", "b-1")]


def test_counts_are_summed_over_replicates_and_severities(tmp_path, predictions):
    output = tmp_path / "confusions.csv"
    main(arguments("collect-confusions", predictions=predictions, models=["a", "a", "b"], output=output))
    table = read_table(output, ["model", "samples", "label", "predicted", "count"])
    found = {
        key: part.pivot(index="label", columns="predicted", values="count")
        for key, part in table.groupby(["model", "samples"])
    }
    assert set(found) == {("a", "fgsm"), ("b", "contrast")}
    np.testing.assert_array_equal(found["a", "fgsm"], [[2, 0, 0], [1, 1, 0], [2, 0, 2]])
    np.testing.assert_array_equal(found["b", "contrast"], [[1, 1, 0], [0, 2, 0], [0, 1, 3]])


def test_a_network_that_diverged_predicts_no_class(tmp_path, predictions):
    """What is not a number is predicted as the first class, by a network's outputs."""
    output = tmp_path / "confusions.csv"
    arrays = read_arrays(predictions[1])
    write_arrays(predictions[1], **(arrays | {"diverged": np.array(True), "fgsm": np.zeros(4, np.uint8)}))
    main(arguments("collect-confusions", predictions=predictions, models=["a", "a", "b"], output=output))
    table = read_table(output, ["model", "samples", "label", "predicted", "count"])
    found = table[table["model"] == "a"].pivot(index="label", columns="predicted", values="count")
    assert found.columns.tolist() == [DIVERGED, 0, 1, 2]
    np.testing.assert_array_equal(found, [[1, 1, 0, 0], [1, 0, 1, 0], [2, 1, 0, 1]])


def test_images_that_do_not_count_are_not_counted(tmp_path, predictions):
    output = tmp_path / "confusions.csv"
    write_arrays(predictions[0], **(read_arrays(predictions[0]) | {"counted": np.array([[True, True, True, False]])}))
    main(arguments("collect-confusions", predictions=predictions[:1], models=["a"], output=output))
    table = read_table(output, ["model", "samples", "label", "predicted", "count"])
    np.testing.assert_array_equal(table.pivot(index="label", columns="predicted", values="count"), np.eye(3))


def test_mistakes_end_with_one_sentence(tmp_path, predictions):
    output = tmp_path / "confusions.csv"
    with pytest.raises(SystemExit, match=r"--models: found 1, but one for each of the 3 inputs is needed\.$"):
        main(arguments("collect-confusions", predictions=predictions, models="a", output=output))
    write_arrays(predictions[1], fgsm=np.zeros(4, np.uint8))
    with pytest.raises(SystemExit, match=r"a-2\.npz: holds fgsm, but labels, diverged, counted is needed\.$"):
        main(arguments("collect-confusions", predictions=predictions, models=["a", "a", "b"], output=output))
    assert not output.exists()
