"""The verbs attack-fgsm and attack-lbfgs: strengths that are numbers, calibrated or searched, and images that count."""

import numpy as np
import pytest

from experiment import arguments, training, write_data
from glr.attacks import choose_targets, lbfgs, lbfgs_minimal
from glr.network import Network
from glr.streams import stream
from reproduction.__main__ import main
from reproduction.steps.attack import read_attacked
from reproduction.store.files import read_arrays
from reproduction.store.networks import load_network, save_network


def attack(folder, c):
    """Return the samples that the verb makes, and what it makes them from."""
    write_data(folder)
    rng = np.random.default_rng(2)
    save_network(folder / "source.npz", Network.initialise((16, 5, 10), ("sigmoid", "identity"), rng))
    files = {name: folder / f"{name}.npz" for name in ("source", "images", "split", "sample")}
    output = folder / "samples.npz"
    main(arguments("attack-lbfgs", **files, c=c, target="random", counted="all", seed=1, replicate=1, output=output))
    images, labels, classes = read_attacked(files["images"], files["split"], files["sample"])
    network = load_network(files["source"], 16)
    targets = choose_targets("random", network, images, labels, stream(1, "targets", 1), classes)
    return read_arrays(output)["images"], (network, images, targets)


def test_minimal_searches_the_weight_of_each_image(tmp_path):
    found, case = attack(tmp_path, "minimal")
    np.testing.assert_array_equal(found, lbfgs_minimal(*case).astype(np.float32))
    assert not np.array_equal(found, lbfgs(*case, c=0.05).astype(np.float32))


def test_a_number_or_a_calibrated_one_is_the_weight_of_all(tmp_path):
    (tmp_path / "lbfgs.json").write_text('{"c": 0.5}')
    for c in ("0.5", tmp_path / "lbfgs.json"):
        found, case = attack(tmp_path, c)
        np.testing.assert_array_equal(found, lbfgs(*case, c=0.5).astype(np.float32))


@pytest.mark.parametrize("verb", ["attack-fgsm", "attack-lbfgs"])
def test_the_images_that_the_source_gets_right_may_count_alone(tmp_path, verb):
    write_data(tmp_path)
    main(training(tmp_path, tmp_path, epochs=20, output=tmp_path / "source.npz"))
    source = load_network(tmp_path / "source.npz", 16)
    files = {name: tmp_path / f"{name}.npz" for name in ("source", "images", "split", "sample")}
    strength = {"epsilon": 0.1} if verb == "attack-fgsm" else {"c": 0.5, "target": "random", "seed": 1, "replicate": 1}
    images, labels, _ = read_attacked(files["images"], files["split"], files["sample"])
    right, found = source.predict(images) == labels, {}
    assert 0 < right.sum() < len(right)
    for counted, expected in (("all", np.ones(len(labels), bool)), ("source_right", right)):
        output = tmp_path / f"{counted}.npz"
        main(arguments(verb, **files, **strength, counted=counted, output=output))
        found[counted] = read_arrays(output)
        np.testing.assert_array_equal(found[counted]["counted"], expected, strict=True)
    np.testing.assert_array_equal(found["all"]["images"], found["source_right"]["images"])


def test_another_word_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        attack(tmp_path, "smallest")
    assert "argument --c: invalid strength value: 'smallest'" in capsys.readouterr().err
    assert not (tmp_path / "samples.npz").exists()
