"""Names: one for each network and set of samples, without the underscores of the config."""

from pathlib import Path

import pytest

from reproduction.config import corruption_sets, load_yaml
from reproduction.report.names import label_of, sweep_label

ROOT = Path(__file__).resolve().parents[3]


def test_whatever_the_config_names_has_a_label_of_its_own():
    config, more = (load_yaml(ROOT / f"config/{name}.yaml") for name in ("config", "experiments"))
    config["corruptions"]["variants"] = more["corruptions"]["variants"]
    networks = [*config["models"], *more["models"], *more["predictors"]]
    samples = [*config["attacks"]["sets"], *more["attacks"]["sets"], *corruption_sets(config), "average", "orig"]
    for names in (networks, samples, list(more["adaptive"]["attacks"])):
        labels = [label_of(name) for name in names]
        assert len(set(labels)) == len(names)
        assert not [label for label in labels if "_" in label]


@pytest.mark.parametrize(
    ("family", "key", "label"),
    [
        ("glr_sigmoid", "step_size", "GLR sigmoid (step size)"),
        ("bp_noisy", "variance", "BP sigmoid (noise, noise variance)"),
        ("mine", "epochs", "mine (epochs)"),
    ],
)
def test_a_sweep_is_called_by_its_family_and_setting(family, key, label):
    assert sweep_label(family, key) == label


def test_an_unknown_name_is_its_own_label():
    assert label_of("model_07_step_2") == "model_07_step_2"
