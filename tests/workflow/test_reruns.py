"""An edit or another setting reruns what it changes, what lies downstream of that, and nothing else."""

import pytest

BY_MODULE = {
    module: {f"draw_figure {name}" for name in names}
    for module, names in {
        "diagrams": ("figure1", "figure2", "figure4"),
        "pictures": ("figure3", "figure6", "figure7", "weights"),
        "curves": ("figure5", "severity"),
        "cells": ("figure8", "comparison", "tradeoff", "confusion"),
    }.items()
}
FIGURES = set.union(*BY_MODULE.values())
EXAMPLES = {"select_examples", "draw_figure figure3", "draw_figure figure6", "draw_figure figure7"}
TABLE1 = {"evaluate_model table1 bp_sigmoid 1", "evaluate_model table1 glr_threshold_01 1", "make_table table1"}
TABLE2 = {
    "evaluate_corruptions table2 bp_sigmoid 1",
    "evaluate_corruptions table2 glr_threshold_01 1",
    "make_table table2",
}
COMPARED = {"draw_figure comparison", "draw_figure tradeoff"}
COLLECTED = {"collect_accuracies", "collect_recall", "draw_figure figure8", "draw_figure severity"} | COMPARED
CONFUSED = {"collect_confusions", "draw_figure confusion"}
ATTACKED = TABLE1 | EXAMPLES | {"attack_fgsm fgsm 1", "write_manifest"} | COLLECTED | CONFUSED
CALIBRATED = ATTACKED | {"calibrate_attack fgsm"}
CORRUPTED = TABLE2 | EXAMPLES | {"write_manifest"} | COLLECTED
GLR = (
    COLLECTED
    | CONFUSED
    | {
        "train_glr glr_threshold_01 1",
        "evaluate_model table1 glr_threshold_01 1",
        "evaluate_corruptions table2 glr_threshold_01 1",
        "collect_histories",
        "draw_figure figure5",
        "make_table table1",
        "make_table table2",
        "write_manifest",
    }
)


@pytest.mark.parametrize(
    ("module", "jobs"),
    [
        *((f"reproduction/figures/{module}", names) for module, names in BY_MODULE.items()),
        ("reproduction/figures/style", FIGURES),
        ("reproduction/figures/registry", FIGURES),
        # Names stand in tables and figures.
        ("reproduction/report/names", FIGURES | {"make_table table1", "make_table table2", "write_manifest"}),
        ("reproduction/report/tables", {"make_table table1", "make_table table2", "write_manifest"} | COMPARED),
        ("reproduction/calibration", CALIBRATED),
        ("glr/attacks", CALIBRATED | {"attack_lbfgs lbfgs 1"}),
        ("glr/corruptions", CORRUPTED),
        ("glr/gradients/likelihood_ratio", GLR),
        ("reproduction/config", set()),
    ],
)
def test_edit_reruns_what_it_changes(finished, module, jobs):
    with finished.edited(f"src/{module}.py"):
        assert finished.planned() == jobs


def test_edit_of_the_optimiser_retrains_all(finished):
    with finished.edited("src/glr/training.py"):
        trained = {job for job in finished.planned() if job.startswith("train")}
    assert trained == {"train_glr glr_threshold_01 1"} | {
        f"train_bp {model} {replicate}" for model in ("bp_sigmoid", "source") for replicate in ("1", "calibration1")
    }


@pytest.mark.parametrize(
    ("overlay", "jobs"),
    [
        ({"attacks": {"sets": {"fgsm": {"epsilon": 0.2}}}}, ATTACKED),
        (
            {"corruptions": {"constants": {"contrast": "cifar10_c"}}},
            CORRUPTED | {"draw_figure figure7", "draw_figure severity"},
        ),
        ({"methods": {"glr": {"variance": 2.0}}}, GLR),
        ({"figures": {"loss_models": ["bp_sigmoid"]}}, {"draw_figure figure5", "write_manifest"}),
        (
            {"models": {"source": {"hidden": [30]}}},
            {"train_bp source 1", "train_bp source calibration1", "attack_lbfgs lbfgs 1", "draw_figure figure4"}
            | CALIBRATED,
        ),
        # Without a model of the 0-1 loss there is no figure 8.
        (
            {"tables": {"table2": {"models": ["bp_sigmoid"]}}},
            {"make_table table2", "collect_accuracies", "draw_figure severity", "write_manifest"} | COMPARED,
        ),
    ],
    ids=["epsilon", "constants", "variance", "loss_models", "hidden", "models"],
)
def test_setting_reruns_what_it_changes(finished, overlay, jobs):
    assert finished.planned(overlay=overlay) == jobs
