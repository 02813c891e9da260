"""The registry: what a run can draw, from which files, and that everything named there is there."""

import inspect
import sys
from pathlib import Path

import pytest

from experiment import python
from reproduction.config import Swept, load_yaml
from reproduction.figures.registry import FIGURES, Drawn, Part, figures_of
from reproduction.steps.draw_figure import function_of

ROOT = Path(__file__).resolve().parents[3]
MAIN = [f"figure{number}" for number in range(1, 9)]


@pytest.fixture
def config():
    """Return the config of the full experiment, with one experiment."""
    config = load_yaml(ROOT / "config/config.yaml")
    sets = config["attacks"]["sets"]
    sets["fgsm_0_1"] = sets["fgsm"] | {"epsilon": 0.1}
    config["experiments"]["mine"] = {
        "models": ["bp_sigmoid"],
        "attacks": ["fgsm", "fgsm_0_1"],
        "corruptions": [],
        "replicates": 3,
    }
    config["swept"] = {"fgsm_0_1": Swept("fgsm", "epsilon", 0.1)}
    return config


@pytest.mark.parametrize("name", FIGURES)
def test_a_drawing_function_takes_the_files_and_settings_of_its_entry(name: str) -> None:
    entry = FIGURES[name]
    given = [*(file.name for file in entry.files), *(setting.name for setting in entry.settings)]
    for function in filter(None, (entry.draw, entry.table)):
        assert sorted(inspect.signature(function_of(function)).parameters) == sorted(given)


def test_a_part_of_a_run_has_the_figures_that_its_config_gives_it(config) -> None:
    drawn = figures_of(config)
    own = {name for name, figure in drawn.items() if figure.part.name is None}
    assert {*MAIN, "comparison", "tradeoff", "severity", "weights", "confusion"} <= own
    assert {"epsilon", "robustness"}.isdisjoint(own)
    others = {name: figure.figure for name, figure in drawn.items() if figure.part.name}
    assert others == {
        "mine": "comparison",
        "mine_tradeoff": "tradeoff",
        "mine_epsilon": "epsilon",
        "attacks": "robustness",
        "certificates": "certificates",
    }
    config["authors"]["models"] = ["glr_threshold"]
    assert figures_of(config).keys() - drawn.keys() == {"authors_networks"}
    del config["authors"]["models"]
    config["tables"]["table1"] |= {"models": ["glr_sigmoid_01"], "samples": ["lbfgs"]}
    config["tables"]["table2"] |= {"models": ["bp_sigmoid"], "samples": ["gaussian_noise_after"]}
    config["experiments"]["mine"]["attacks"] = ["fgsm"]
    lost = {"figure8", "severity", "weights", "confusion", "mine_epsilon"}
    assert drawn.keys() - figures_of(config).keys() == lost


def test_files_are_those_of_the_run_or_of_the_one_that_the_config_names(config) -> None:
    drawn = figures_of(config)
    assert drawn["severity"].inputs == {"accuracies": "results/evaluation/accuracies.csv"}
    assert drawn["figure3"].inputs == {"examples": "results/evaluation/examples.npz"}
    assert drawn["comparison"].inputs == {"tables": ["results/tables/table1.csv", "results/tables/table2.csv"]}
    assert drawn["mine"].inputs == {"tables": ["results/tables/mine_attacks.csv"]}
    sweeps = {"sweeps": "results/evaluation/sweeps.csv"}
    assert drawn["mine_epsilon"].inputs == {"accuracies": "results/evaluation/mine.csv"} | sweeps
    assert drawn["attacks"].inputs == {"accuracies": "results/evaluation/attacks.csv"}
    config["authors"]["models"] = ["glr_threshold"]
    weights = {"authors_weights": "results/evaluation/authors_weights.csv"}
    assert figures_of(config)["authors_networks"].inputs == {"norms": "results/evaluation/norms.csv"} | weights
    config["figures"]["data"] = "kept/evaluation"
    assert drawn["severity"].inputs == {"accuracies": "kept/evaluation/accuracies.csv"}
    assert drawn["comparison"].inputs == {"tables": ["kept/tables/table1.csv", "kept/tables/table2.csv"]}
    assert drawn["tradeoff"].inputs["sweeps"] == "kept/evaluation/sweeps.csv"
    assert drawn["mine"].inputs == {"tables": ["results/tables/mine_attacks.csv"]}


def test_settings_follow_the_config(config) -> None:
    drawn = figures_of(config)
    assert drawn["mine_epsilon"].settings == {"figure": "epsilon"}
    config["models"]["source"]["hidden"] = [7, 5]
    config["dataset"]["size"] = 10
    layers = {"layers": [100, 20, 10], "attacker_layers": [100, 7, 5, 10]}
    assert drawn["figure4"].settings == {"figure": "figure4", **layers}


def test_captions_say_how_many_replicates_and_from_where_samples_are(config) -> None:
    drawn = figures_of(config)
    assert "n = 10 replicate(s)" in drawn["comparison"].caption
    assert drawn["mine"].caption.startswith("mine: ") and "n = 3 replicate(s)" in drawn["mine"].caption
    assert "from Source network, epsilon 0.1." in drawn["figure6"].caption
    assert drawn["mine_epsilon"].caption.endswith("from Source network, epsilon 0.1.")
    assert "over 3 replicate(s)" in drawn["attacks"].caption
    assert "over 10 replicate(s)" in drawn["certificates"].caption
    config["certificates"] |= {"replicates": 2, "noise_levels": ["all", "first"]}
    caption = figures_of(config)["certificates"].caption
    assert "over 2 replicate(s)" in caption and caption.endswith("Noise in the figure: all levels.")
    config["figures"] |= {"attack": "lbfgs", "loss_models": ["glr_abs"]}
    drawn = figures_of(config)
    assert "from Source network, c calibrated (results/calibration/lbfgs.json)" in drawn["figure6"].caption
    assert r"losses of GLR \|x\|;" in drawn["figure5"].caption  # |x| would be a substitution


def test_the_report_tells_figures_of_the_paper_from_those_of_experiments(config) -> None:
    part = Part(config)
    assert (Drawn("figure1", part).category, Drawn("figure1", part).labels) == (
        "Figures",
        {"figure": "figure1: a neuron with noise"},
    )
    mine = figures_of(config)["mine_tradeoff"]
    assert (mine.category, mine.labels) == ("Experiments", {"result": "mine: clean accuracy and robustness"})


def test_the_workflow_reads_the_registry_without_what_draws() -> None:
    loaded = "import sys, reproduction.figures.registry; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    with python("-c", loaded) as process:
        said, errors = process.communicate(timeout=60)
    assert errors == ""
    assert {"matplotlib", "numpy", "pandas", "scipy"}.isdisjoint(said.split()), sys.executable
