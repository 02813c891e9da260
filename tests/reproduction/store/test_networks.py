"""Networks in files."""

import numpy as np
import pytest

from glr.errors import InputError
from glr.network import Network
from reproduction.store.files import write_arrays
from reproduction.store.networks import load_network, save_network

FIRST, SECOND = np.arange(12.0).reshape(4, 3) / 7, np.arange(8.0).reshape(4, 2) / 3


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.npz"


def test_a_network_is_read_as_it_was_written(path):
    network = Network((FIRST, SECOND), ("sigmoid", "identity"))
    save_network(path, network)
    found = load_network(path)
    assert found.activations == ("sigmoid", "identity")
    assert all(type(name) is str for name in found.activations)
    for weights, expected in zip(found.weights, network.weights, strict=True):
        np.testing.assert_array_equal(weights, expected, strict=True)
    images = np.random.default_rng(1).random((5, 3))
    np.testing.assert_array_equal(found.outputs(images), network.outputs(images))


def test_more_than_ten_levels_keep_their_order(path):
    network = Network(tuple(np.full((2, 1), float(level)) for level in range(12)), ("identity",) * 12)
    save_network(path, network)
    assert [weights[0, 0] for weights in load_network(path).weights] == list(range(12))


def test_a_network_of_a_training_that_diverged_can_be_read(path):
    save_network(path, Network((np.full((3, 2), np.nan),), ("abs",)))
    assert np.isnan(load_network(path).weights[0]).all()


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"weights_0": FIRST}, "but activations is needed"),
        ({"activations": np.array(["abs", "abs"]), "weights_0": FIRST}, "but weights_1 is needed"),
        ({"activations": np.array(["tanh"]), "weights_0": FIRST}, "found no network .*'tanh'"),
        ({"activations": np.array([1.0]), "weights_0": FIRST}, "found no network .*'1.0'"),
        (
            {"activations": np.array(["abs", "abs"]), "weights_0": FIRST, "weights_1": SECOND[:3]},
            r"found no network .*found 3 rows, but 1 \+ 3 are needed",
        ),
        ({"activations": np.array(["abs", "abs"]), "weights_0": FIRST[0], "weights_1": SECOND}, "found no network"),
    ],
)
def test_a_file_without_a_network_is_refused(path, arrays, reason):
    write_arrays(path, **arrays)
    with pytest.raises(InputError, match=reason) as caught:
        load_network(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "arrays",
    [
        {"activations": np.array([], dtype="<U1")},
        {"activations": np.array(["abs"]), "weights_0": FIRST[0]},
        {"activations": np.array(["abs"]), "weights_0": FIRST[:, :, None]},
        {"activations": np.array(["abs", "abs"]), "weights_0": FIRST, "weights_1": SECOND[:, :, None]},
        {"activations": np.array(["abs"]), "weights_0": np.array([["a"], ["b"]])},
        {"activations": np.array("abs"), "weights_0": FIRST},
    ],
    ids=["no level", "vector", "cube", "cube after a level", "words", "one word"],
)
def test_a_file_with_other_arrays_is_refused(path, arrays):
    write_arrays(path, **arrays)
    with pytest.raises(InputError, match="found no network"):
        load_network(path)
