"""The verb attack-victim: its rows, through which noise it goes, and what it refuses."""

import importlib.util

import numpy as np
import pytest

from experiment import TEST, arguments, training, write_data
from glr.attacks import fgsm
from glr.network import Network
from reproduction.__main__ import main
from reproduction.steps.attack import read_attacked
from reproduction.store.files import read_arrays, write_arrays
from reproduction.store.networks import load_network, save_network

NOISE = {"noise": "gaussian", "variance": 1.0, "replications": 64}
GRADIENTS = {
    "plain": {"gradient": "pathwise"},
    "pathwise": {"gradient": "pathwise", **NOISE},
    "likelihood_ratio": {"gradient": "likelihood_ratio", **NOISE},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with data, a network trained on it, and one of jumps with the same weights."""
    folder = tmp_path_factory.mktemp("victim")
    write_data(folder)
    write_arrays(folder / "sample.npz", attacks=np.arange(TEST))
    main(training(folder, folder, epochs=200))
    network = load_network(folder / "weights.npz")
    save_network(folder / "threshold.npz", Network(network.weights, ("threshold", "identity")))
    return folder


@pytest.fixture
def attack(folder, tmp_path):
    """Return a function that attacks and gives what was written."""

    def run(**settings):
        defaults = {
            "model": "net",
            "replicate": 1,
            "seed": 7,
            "weights": folder / "weights.npz",
            "images": folder / "images.npz",
            "split": folder / "split.npz",
            "sample": folder / "sample.npz",
            "count": 12,
            "name": "mine",
            "method": "apgd",
            "loss": "cross_entropy",
            "steps": 5,
            "linf": [0.05, 0.4],
            "l2": [0.1, 1.5],
            "output": tmp_path / "victim.npz",
        }
        main(arguments("attack-victim", **(defaults | settings)))
        return read_arrays(tmp_path / "victim.npz", "norms", "epsilons", "right", "blind", "unsteady", "diverged")

    return run


SETTINGS = {
    **GRADIENTS,
    "dlr": {"loss": "dlr"},
    "targeted": {"loss": "targeted_dlr", "restarts": 9},
    "transfer": {"method": "fgsm"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_images_fall_that_were_right(attack, folder, name):
    source = {"source": folder / "weights.npz"} if name == "transfer" else {}
    found = attack(**SETTINGS[name], **source)
    assert found["norms"].tolist() == ["linf"] * 3 + ["l2"] * 3
    assert found["epsilons"].tolist() == [0.0, 0.05, 0.4, 0.0, 0.1, 1.5]
    assert not found["diverged"] and not found["blind"].any() and not found["unsteady"].any()
    images, labels, _ = read_attacked(folder / "images.npz", folder / "split.npz", folder / "sample.npz")
    clean = load_network(folder / "weights.npz").predict(images[:12]) == labels[:12]
    np.testing.assert_array_equal(found["right"][[0, 3]], [clean, clean])
    for norm in (slice(0, 3), slice(3, 6)):
        shares = found["right"][norm].mean(axis=1)
        assert shares[0] > 0.8 > 0.4 > shares[2] and (np.diff(shares) <= 0.0).all()


def test_samples_of_another_network_are_put_to_this_one(attack, folder):
    network = load_network(folder / "weights.npz")
    images, labels, _ = read_attacked(folder / "images.npz", folder / "split.npz", folder / "sample.npz", 12)
    found = attack(method="fgsm", source=folder / "weights.npz", weights=folder / "threshold.npz")
    jumps = load_network(folder / "threshold.npz")
    for place, norm in ((2, "linf"), (5, "l2")):
        samples = fgsm(network, images, labels, epsilon=found["epsilons"][place], norm=norm)
        np.testing.assert_array_equal(found["right"][place], jumps.predict(samples) == labels)


def test_a_network_that_is_flat_has_no_gradient(attack, folder, tmp_path):
    network = load_network(folder / "weights.npz")
    network.weights[0][0] = -1e5
    save_network(tmp_path / "flat.npz", network)
    assert attack(weights=tmp_path / "flat.npz", **GRADIENTS["plain"])["blind"].all()
    assert attack(weights=tmp_path / "flat.npz", loss="targeted_dlr", restarts=1)["blind"].all()


def test_jumps_are_attacked_by_the_likelihood_ratio_alone(attack, folder):
    settings = {"weights": folder / "threshold.npz", "linf": [0.4]}
    clean, attacked = attack(**settings, **GRADIENTS["likelihood_ratio"])["right"].mean(axis=1)[:2]
    assert attacked < clean - 0.3
    with pytest.raises(SystemExit, match="activation: found 'threshold', which has no derivative"):
        attack(**settings, **GRADIENTS["pathwise"])


@pytest.mark.parametrize("gradient", ["pathwise", "likelihood_ratio"])
def test_a_strength_beside_changes_nothing(attack, gradient):
    settings = GRADIENTS[gradient] | {"replications": 24, "count": TEST, "l2": [0.2]}
    alone = attack(linf=[0.1], **settings)["right"]
    np.testing.assert_array_equal(attack(linf=[0.02, 0.1], **settings)["right"][[0, 2, 3, 4]], alone)


PREDICTING = {"predict_noise": "gaussian", "predict_variance": 400.0, "predict_replications": 1}


def test_prediction_may_average_over_noise_that_is_not_the_attacks(attack):
    plain = attack(**GRADIENTS["plain"])["right"][0]
    noisy = attack(**GRADIENTS["pathwise"], **PREDICTING)
    assert noisy["right"][0].mean() < 0.6 < plain.mean() and noisy["unsteady"].any()
    quiet = PREDICTING | {"predict_variance": 1e-12}
    np.testing.assert_array_equal(attack(**GRADIENTS["pathwise"], **quiet)["right"][0], plain)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_diverged_network_is_said_to_be_one(attack, folder, tmp_path, value):
    network = load_network(folder / "weights.npz")
    network.weights[0][0] = value
    save_network(tmp_path / "diverged.npz", network)
    found = attack(weights=tmp_path / "diverged.npz")
    assert found["diverged"] and not found["right"].any()


@pytest.mark.filterwarnings("ignore:PyTorch not found")
def test_square_sees_the_outputs_alone(attack, folder, tmp_path):
    """Of images of 4 x 4 pixels the square attack has none, and in L2 they have to be 10 x 10."""
    if not importlib.util.find_spec("art"):
        pytest.skip("needs the extra 'attacks'")
    rng = np.random.default_rng(4)
    network = Network.initialise((100, 10), ("identity",), rng)
    write_arrays(
        tmp_path / "images.npz", images=(pixels := rng.integers(256, size=(TEST, 100), dtype=np.uint8)),
        labels=network.predict(pixels / 255.0).astype(np.uint8),
    )  # fmt: skip
    write_arrays(tmp_path / "split.npz", test=np.arange(TEST))
    save_network(tmp_path / "weights.npz", network)
    paths = {name: tmp_path / f"{name}.npz" for name in ("images", "split", "weights")}
    clean, attacked = attack(method="square", steps=100, linf=[0.3], l2=[0.5], **paths)["right"].mean(axis=1)[:2]
    assert clean == 1.0 and attacked < 0.5
    noisy = PREDICTING | {"predict_replications": 20, "predict_variance": 0.01}
    assert attack(method="square", steps=100, linf=[0.3], l2=[0.5], **paths, **noisy)["right"][1].mean() < 0.6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"count": TEST + 1}, f"--count: found {TEST + 1}, but .* has {TEST} attacked images"),
        ({"count": 0}, "--count: found 0"),
        ({"steps": None}, "--steps: found nothing, but --method apgd needs it"),
        ({"loss": None}, "--loss: found nothing, but --method apgd needs it"),
        ({"method": "fgsm"}, "--source: found nothing, but --method fgsm needs it"),
        ({"method": "square", "steps": None}, "--steps: found nothing, but --method square needs it"),
        ({"gradient": "likelihood_ratio"}, "--noise: found nothing, but likelihood_ratio needs it"),
        ({"predict_replications": 5}, "--predict-replications: found only some, but all or none are needed"),
        ({"noise": "gaussian"}, "--variance: found nothing, but --noise needs it"),
        (NOISE, "--gradient: found nothing, but apgd through noise needs it"),
        (NOISE | {"gradient": "pathwise", "replications": None}, "--replications: found nothing, but apgd through"),
        (PREDICTING | {"predict_replications": 0}, "1 or more replications, but found .* and 0"),
        ({"linf": [0.1, 1.5]}, "epsilon: found 1.5, but allowed are numbers from 0 to 1"),
    ],
)
def test_mistakes_end_with_one_sentence_and_no_file(attack, tmp_path, change, message):
    with pytest.raises(SystemExit, match=f"attack-victim: .*{message}"):
        attack(**change)
    assert not (tmp_path / "victim.npz").exists()
