"""The verb select-weights."""

import numpy as np

from experiment import arguments
from glr.network import Network
from reproduction.__main__ import main
from reproduction.store.files import read_arrays
from reproduction.store.networks import save_network


def test_first_neurons_are_shown_without_their_bias(tmp_path):
    networks = {}
    for name, sizes in {"wide": (9, 5, 3), "narrow": (9, 2, 3)}.items():
        networks[name] = Network.initialise(sizes, ("sigmoid", "identity"), np.random.default_rng(1))
        save_network(tmp_path / f"{name}.npz", networks[name])
    files = [f"{name}={tmp_path / name}.npz" for name in networks]
    main(arguments("select-weights", networks=files, count=3, output=tmp_path / "weights.npz"))
    images = read_arrays(tmp_path / "weights.npz")
    assert {name: array.shape for name, array in images.items()} == {"wide": (3, 3, 3), "narrow": (2, 3, 3)}
    for name, network in networks.items():
        for neuron, image in enumerate(images[name]):
            np.testing.assert_allclose(image.ravel(), network.weights[0][1:, neuron], rtol=1e-6)
