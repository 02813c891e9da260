"""Names: one for each network and set of samples, without the underscores of the config."""

from pathlib import Path

import pytest

from reproduction.config import corruption_sets, load_yaml
from reproduction.report.names import NAMES, Member, family, label_of, sweep_label

ROOT = Path(__file__).resolve().parents[3]


def test_whatever_the_config_names_has_a_label_of_its_own():
    config, more = (load_yaml(ROOT / f"config/{name}.yaml") for name in ("config", "experiments"))
    config["corruptions"]["variants"] = more["corruptions"]["variants"]
    networks = [*config["models"], *more["models"], *more["predictors"]]
    samples = [*config["attacks"]["sets"], *more["attacks"]["sets"], *corruption_sets(config), "average", "orig"]
    for names in (networks, samples, list(more["whitebox"]["attacks"])):
        labels = [label_of(name) for name in names]
        assert len(set(labels)) == len(names)
        assert not [label for label in labels if "_" in label]


@pytest.mark.parametrize(
    ("name", "member", "label", "sweep"),
    [
        ("glr_sigmoid_step_0_05", ("glr_sigmoid", "step", "0.05"), "GLR sigmoid (step size 0.05)", "(step size)"),
        ("bp_noisy_variance_16", ("bp_noisy", "variance", "16"), "BP sigmoid (noise, noise variance 16)", "variance)"),
        ("fgsm_0_05", ("fgsm", "", "0.05"), "FGSM 0.05", "FGSM"),
        ("fgsm_relu_0_1", ("fgsm_relu", "", "0.1"), "FGSM (ReLU source) 0.1", "FGSM (ReLU source)"),
        ("net_step_2", ("net", "step", "2"), "net (step size 2)", "net (step size)"),
    ],
)
def test_a_member_of_a_sweep_is_called_by_its_family_and_value(name, member, label, sweep):
    assert family(name) == Member(*member)
    assert label_of(name) == label
    assert sweep_label(family(name)).endswith(sweep)


@pytest.mark.parametrize("name", ["mine", "model07", "my_net", *NAMES])
def test_what_has_no_relatives_is_its_own_family(name):
    assert family(name) == Member(name)
    assert label_of(name) == NAMES.get(name, name)
