"""Predictions with and without noise, accuracies, and the commands that write them."""

import numpy as np
import pandas as pd
import pytest

from experiment import corrupted_evaluation, evaluation, training, write_data
from glr import prediction as module
from glr.corruptions import CORRUPTIONS
from glr.network import Network
from glr.noise import Gaussian
from glr.prediction import accuracy, predict, recalls
from glr.streams import stream
from reproduction.__main__ import main
from reproduction.report.columns import COLUMNS, RECALL_COLUMNS
from reproduction.steps import corrupt
from reproduction.store.files import read_arrays, read_table, write_arrays
from reproduction.store.images import load_part
from reproduction.store.networks import load_network, save_network

IDENTITY = Network((np.vstack([np.zeros(3), np.eye(3)]),), ("identity",))


class Given:
    """Noise that returns given rows of output noise in turn, and nothing elsewhere."""

    symmetric = True

    def __init__(self, *rows):
        self.rows = iter(rows)
        self.shapes = []

    def sample(self, rng, shape):
        self.shapes.append(shape)
        return np.broadcast_to(next(self.rows), shape)

    def score(self, r):
        raise AssertionError("prediction needs no score")


def test_without_noise_the_network_predicts():
    network = Network.initialise((4, 6, 5), ("sigmoid", "identity"), np.random.default_rng(1))
    images = np.random.default_rng(2).random((50, 4))
    labels = predict(network, images)
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels, network.predict(images))


@pytest.mark.parametrize(
    ("rows", "label"),
    [
        # The mean output is largest for 0, and so is the softmax of the first draw; the mean softmax is not.
        ([(100, 0, 0), (0, 1, 0), (0, 1, 0), (0, 1, 0)], 1),
        # Two draws of three vote for 1, but each by little.
        ([(100, 0, 0), (0, 0.1, 0), (0, 0.1, 0)], 0),
        # Draws that cancel leave a tie, which the first index wins.
        ([(5, 0, -5), (-5, 0, 5)], 0),
    ],
)
def test_with_noise_the_softmax_is_averaged(rows, label):
    noise = Given(*np.array(rows, float))
    labels = predict(IDENTITY, np.zeros((2, 3)), noise, len(rows), np.random.default_rng(1))
    np.testing.assert_array_equal(labels, [label, label])


def test_every_neuron_of_every_level_is_noisy():
    network = Network.initialise((4, 6, 5), ("sigmoid", "identity"), np.random.default_rng(1))
    hidden, output = np.linspace(-3, 3, 6), np.linspace(1, -1, 5)
    noise = Given(hidden, output)
    images = np.random.default_rng(2).random((7, 4))
    labels = predict(network, images, noise, 1, np.random.default_rng(1))
    assert noise.shapes == [(7, 6), (7, 5)]
    x = 1 / (1 + np.exp(-(network.weights[0][0] + images @ network.weights[0][1:] + hidden)))
    np.testing.assert_array_equal(labels, (network.weights[1][0] + x @ network.weights[1][1:] + output).argmax(axis=1))


def test_images_are_worked_on_in_chunks(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)
    noise = Given(*np.zeros((6, 3)))
    labels = predict(IDENTITY, np.eye(3)[[2, 0, 1, 1, 2]], noise, 2, np.random.default_rng(1))
    np.testing.assert_array_equal(labels, [2, 0, 1, 1, 2])
    assert noise.shapes == [(2, 3)] * 4 + [(1, 3)] * 2


def test_noise_draws_are_independent_of_each_other():
    """With many draws the average nears the expected softmax, so that an even chance is seen."""
    images = np.tile([0.1, 0.0, 0.0], (200, 1))
    shares = [
        np.mean(predict(IDENTITY, images, Gaussian(4.0), draws, np.random.default_rng(3)) == 0) for draws in (1, 500)
    ]
    assert 0.2 < shares[0] < 0.55
    assert shares[1] > 0.6


def test_noise_without_a_generator_is_not_left_out():
    with pytest.raises((TypeError, ValueError)):
        predict(IDENTITY, np.zeros((2, 3)), Gaussian(4.0), 5)


def test_accuracy_is_the_share_of_equal_labels():
    assert accuracy(np.array([1, 2, 3, 3], np.uint8), np.array([1, 2, 3, 4])) == 0.75


def test_recall_is_the_share_of_a_class_and_a_dead_class_has_no_predictions():
    labels, predictions = np.array([0, 0, 0, 1, 1, 2], np.uint8), np.array([0, 0, 1, 0, 0, 1], np.uint8)
    assert recalls(predictions, labels, 3) == [(0, pytest.approx(2 / 3), 4), (1, 0.0, 2), (2, 0.0, 0)]


@pytest.mark.filterwarnings("error")
def test_recall_of_a_class_without_images_is_empty():
    (_, row) = recalls(np.array([0, 1]), np.array([0, 0]), 2)
    assert (row[0], row[2]) == (1, 1)
    assert np.isnan(row[1])


@pytest.fixture
def trained(tmp_path, capsys):
    """Return a folder with a small trained network and sets to predict."""
    write_data(tmp_path)
    main(training(tmp_path, tmp_path, epochs=10))
    capsys.readouterr()
    images, labels = load_part(tmp_path / "images.npz", tmp_path / "split.npz", "test")
    noisy = np.clip(images[:10] + np.random.default_rng(1).normal(0.0, 0.3, (10, 16)), 0.0, 1.0).astype(np.float32)
    write_arrays(tmp_path / "fgsm.npz", images=noisy, labels=labels[:10], counted=np.arange(10) != 3)
    return tmp_path


def test_evaluate_model_writes_accuracies_of_originals_and_attacks(trained):
    main(evaluation(trained, trained, {"fgsm": trained / "fgsm.npz"}))
    network, fgsm = load_network(trained / "weights.npz"), read_arrays(trained / "fgsm.npz")
    images, labels = load_part(trained / "images.npz", trained / "split.npz", "test")
    sample = read_arrays(trained / "sample.npz")["attacks"]
    predicted = read_arrays(trained / "predictions.npz")
    counted = fgsm["counted"]
    assert set(predicted) == {"labels", "diverged", "counted", "orig_attacked", "fgsm"}
    np.testing.assert_array_equal(predicted["counted"], [np.ones(10, bool), counted])
    assert not predicted["diverged"]
    np.testing.assert_array_equal(predicted["labels"], labels[sample], strict=True)
    np.testing.assert_array_equal(predicted["orig_attacked"], network.predict(images[sample]))
    np.testing.assert_array_equal(predicted["fgsm"], network.predict(fgsm["images"].astype(float)))
    right = network.predict(images[sample]) == labels[sample]
    expected = pd.DataFrame(
        [
            ("net", 1, "orig_attacked", 0, np.mean(right), 10),
            ("net", 1, "fgsm", 0, np.mean((predicted["fgsm"] == fgsm["labels"])[counted]), 9),
            ("net", 1, "orig_fgsm", 0, np.mean(right[counted]), 9),
        ],
        columns=COLUMNS,
    )
    pd.testing.assert_frame_equal(read_table(trained / "accuracies.csv", COLUMNS), expected, check_exact=True)


def test_where_all_images_count_there_is_no_row_of_the_counted_ones(trained):
    write_arrays(trained / "fgsm.npz", **(read_arrays(trained / "fgsm.npz") | {"counted": np.ones(10, bool)}))
    main(evaluation(trained, trained, {"fgsm": trained / "fgsm.npz"}))
    assert read_table(trained / "accuracies.csv", COLUMNS)["samples"].tolist() == ["orig_attacked", "fgsm"]


@pytest.mark.parametrize("counted", [np.ones(9, bool), np.zeros(10, bool), np.ones(10)])
def test_broken_counts_are_refused(trained, counted):
    write_arrays(trained / "fgsm.npz", **(read_arrays(trained / "fgsm.npz") | {"counted": counted}))
    with pytest.raises(SystemExit, match=r"fgsm.npz: found counted of type .* but truth values for 10 images"):
        main(evaluation(trained, trained, {"fgsm": trained / "fgsm.npz"}))


@pytest.mark.parametrize("chunk", [1000, 2])
def test_evaluate_corruptions_writes_accuracies_of_each_severity(trained, monkeypatch, chunk):
    monkeypatch.setattr(corrupt, "CHUNK", chunk)
    main(corrupted_evaluation(trained, trained, "gaussian_noise", "contrast", replicate=2))
    table = read_table(trained / "accuracies.csv", COLUMNS)
    assert table["samples"].tolist() == ["orig"] + ["gaussian_noise"] * 5 + ["contrast"] * 5
    assert table["severity"].tolist() == [0, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5]
    assert table["replicate"].tolist() == [2] * 11
    assert table["n"].tolist() == [7] * 11
    predicted, network = read_arrays(trained / "predictions.npz"), load_network(trained / "weights.npz")
    images, labels = load_part(trained / "images.npz", trained / "split.npz", "test")
    sample = read_arrays(trained / "sample.npz")["corruptions"]
    np.testing.assert_array_equal(predicted["orig"], network.predict(images[sample]))
    for name in ("gaussian_noise", "contrast"):
        for severity, found in enumerate(predicted[name], start=1):
            rng = stream(7, "corruption", name, 2, severity)
            corrupted = CORRUPTIONS[name](images[sample], severity, rng=rng).astype(np.float32)
            np.testing.assert_array_equal(found, network.predict(corrupted.astype(float)))
        shares = (predicted[name] == labels[sample]).mean(axis=1)
        np.testing.assert_array_equal(table["accuracy"][table["samples"] == name], shares)


def test_evaluations_write_the_recall_of_each_class_of_the_originals(trained):
    main(corrupted_evaluation(trained, trained, "contrast", sample=whole_test(trained)))
    table, predicted = read_table(trained / "recall.csv", RECALL_COLUMNS), read_arrays(trained / "predictions.npz")
    assert table["samples"].tolist() == ["orig"] * 10
    assert table["label"].tolist() == list(range(10))
    np.testing.assert_array_equal(table["predictions"], np.bincount(predicted["orig"], minlength=10))
    counts = np.bincount(predicted["labels"], minlength=10)
    assert np.nansum(table["recall"] * counts) == pytest.approx((predicted["orig"] == predicted["labels"]).sum())


def whole_test(folder):
    write_arrays(folder / "whole.npz", corruptions=np.arange(20))
    return folder / "whole.npz"


def test_a_set_of_other_images_than_the_sample_is_refused(trained):
    write_arrays(trained / "sample.npz", attacks=np.arange(20))
    with pytest.raises(SystemExit, match=r"fgsm.npz: found 10 images, but the replicate's sample has 20"):
        main(evaluation(trained, trained, {"fgsm": trained / "fgsm.npz"}))


def test_a_network_that_diverged_has_no_recall(trained):
    network = load_network(trained / "weights.npz")
    for weights in network.weights:
        weights.fill(np.nan)
    save_network(trained / "weights.npz", network)
    main(evaluation(trained, trained, {"fgsm": trained / "fgsm.npz"}))
    assert read_table(trained / "accuracies.csv", COLUMNS)["accuracy"].isna().all()
    assert read_table(trained / "recall.csv", RECALL_COLUMNS)["recall"].isna().all()
    assert read_arrays(trained / "predictions.npz")["diverged"]


def test_noisy_predictions_of_a_set_do_not_depend_on_the_sets_beside_it(trained):
    noise = {"predict_noise": "gaussian", "predict_variance": 4.0, "predict_replications": 3}
    sets = dict.fromkeys(("one", "other"), trained / "fgsm.npz")
    main(evaluation(trained, trained, sets, **noise))
    both = read_arrays(trained / "predictions.npz")
    assert (both["one"] != both["other"]).any()
    main(evaluation(trained, trained, {"other": sets["other"]}, **noise))
    np.testing.assert_array_equal(read_arrays(trained / "predictions.npz")["other"], both["other"])
    main(evaluation(trained, trained, {"other": sets["other"]}, **noise, replicate=2))
    assert (read_arrays(trained / "predictions.npz")["other"] != both["other"]).any()


def test_images_of_another_size_are_refused(trained):
    write_arrays(trained / "large.npz", images=np.zeros((2, 25)), labels=np.zeros(2, np.uint8), counted=[True, True])
    with pytest.raises(
        SystemExit,
        match=r"large.npz: found images of type float64 and shape \(2, 25\), but floats of 16 values per image",
    ):
        main(evaluation(trained, trained, {"large": trained / "large.npz"}))
    assert not (trained / "accuracies.csv").exists()


def test_unknown_constants_of_a_corruption_are_refused(trained):
    words = corrupted_evaluation(trained, trained, corruptions=["x=contrast,imagenet,before"])
    with pytest.raises(SystemExit, match=r"^evaluate-corruptions: constants: found 'imagenet', but imagenet_c or "):
        main(words)
    assert not (trained / "accuracies.csv").exists()


@pytest.mark.parametrize("mistake", ["sample", "no name", "no variance", "no replications"])
def test_mistakes_end_with_one_sentence(trained, mistake):
    words = evaluation(trained, trained, {"fgsm": trained / "fgsm.npz"})
    if mistake == "sample":
        write_arrays(trained / "sample.npz", attacks=np.array([0, 20]))
    elif mistake == "no name":
        words[words.index("--sets") + 1] = str(trained / "fgsm.npz")
    elif mistake == "no variance":
        words += ["--noise", "gaussian", "--noise-replications", "3"]
    else:
        words += ["--noise", "gaussian", "--variance", "4.0"]
    with pytest.raises(SystemExit):
        main(words)
