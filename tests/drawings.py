"""What figures are drawn from, small and known, and how they are drawn in tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reproduction.figures.registry import FIGURES
from reproduction.report.columns import (
    ALL_ATTACKS,
    AUTHORS_WEIGHTS_COLUMNS,
    CERTIFICATE_COLUMNS,
    CERTIFIED,
    NORMS_COLUMNS,
    SWEEP_COLUMNS,
    TRANSFER,
    VICTIM_COLUMNS,
)
from reproduction.steps.draw_figure import function_of

M = 4
RNG = np.random.default_rng(0)
EXAMPLES = {
    "raw": RNG.integers(0, 256, (M, 28, 28), dtype=np.uint8),
    "resized": RNG.integers(0, 256, (M, 14, 14), dtype=np.uint8),
    "raw_labels": np.array([7, 2, 1, 0], np.uint8),
    "originals": RNG.random((M, 14, 14), np.float32),
    "original_predictions": np.array([7, 2, 1, 8], np.uint8),
    "attacked": RNG.random((M, 14, 14), np.float32),
    "attacked_predictions": np.array([3, 2, 9, 0], np.uint8),
    "attacked_labels": np.array([7, 2, 1, 0], np.uint8),
    "corrupted_original": RNG.random((14, 14), np.float32),
    "corrupted_label": np.uint8(5),
    "corrupted_gaussian_noise": RNG.random((5, 14, 14), np.float32),
    "corrupted_contrast": RNG.random((5, 14, 14), np.float32),
}
CORRUPTED = {name: EXAMPLES[f"corrupted_{name}"] for name in ("gaussian_noise", "contrast")}


def recall() -> pd.DataFrame:
    """Return the recall of two models, of which each replicate never predicts some of the digits."""
    rows = [
        (model, replicate, "orig", label, 0.0 if label in dead else 0.9 + label / 100, 0 if label in dead else 50)
        for model, replicate, dead in (
            ("glr_sigmoid_01", 1, [9]),
            ("glr_sigmoid_01", 2, []),
            ("glr_threshold_01", 1, [5, 7]),
            ("glr_threshold_01", 2, [3]),
        )
        for label in range(10)
    ]
    return pd.DataFrame(rows, columns=["model", "replicate", "samples", "label", "recall", "predictions"])


def histories(replicates: int = 3) -> pd.DataFrame:
    """Return histories of four models; the replicates' losses are known multiples of each other."""
    steps = 1680 * np.arange(13)
    rows = [
        pd.DataFrame(
            {
                "model": model,
                "replicate": replicate,
                "epoch": np.arange(13),
                "step": steps,
                "loss_train": scale * replicate**2 * np.exp(-steps / 9000),
                "accuracy_train": 0.9,
                "loss_test": 2 * scale * replicate**2 * np.exp(-steps / 9000),
                "accuracy_test": 0.9,
            }
        )
        for model, scale in (("glr_sigmoid", 1.0), ("glr_threshold", 3.0), ("bp_sigmoid", 5.0), ("mine", 7.0))
        for replicate in range(1, replicates + 1)
    ]
    return pd.concat(rows, ignore_index=True)


def table(samples: Sequence[str], models: Sequence[str] = ("bp_sigmoid", "glr_abs", "mine")) -> pd.DataFrame:
    """Return the cells of a table; the paper has no numbers of `mine`."""
    rows = [
        (model, name, 0.9 - 0.1 * column - 0.02 * row, 0.01, 4, 50, np.nan if model == "mine" else 0.5, np.nan)
        for row, model in enumerate(models)
        for column, name in enumerate(samples)
    ]
    return pd.DataFrame(rows, columns=["model", "samples", "mean", "sd", "replicates", "n", "paper", "delta"])


TABLES = [table(["orig", "lbfgs", "fgsm"]), table(["orig", "contrast", "average"])]
HALF = 3.182446305284263 * 0.01 / 2  # Student's t with 3 degrees of freedom, from its tables


def accuracies() -> pd.DataFrame:
    """Return accuracies of two models at five severities in three replicates, and clean ones."""
    rows = [
        (model, replicate, name, severity, 0.9 - 0.1 * severity + 0.01 * replicate, 50)
        for model in ("bp_sigmoid", "glr_abs")
        for replicate in (1, 2, 3)
        for name, severity in [("orig", 0), *(("contrast", severity) for severity in range(1, 6))]
    ]
    return pd.DataFrame(rows, columns=["model", "replicate", "samples", "severity", "accuracy", "n"])


SWEEPS = pd.DataFrame(
    [
        ("fgsm_0_2", "fgsm", "epsilon", 0.2),
        ("fgsm_0_05", "fgsm", "epsilon", 0.05),
        ("fgsm_sigmoid_0_1", "fgsm_sigmoid", "epsilon", 0.1),
        ("absent", "absent", "epsilon", 0.3),
        ("model_9", "glr_abs", "variance", 9.0),
    ],
    columns=SWEEP_COLUMNS,
)
EPSILONS = {"fgsm_0_2": 0.2, "fgsm_0_05": 0.05, "fgsm_sigmoid_0_1": 0.1}
"""And the unchanged images: all of them for the first attack, those that count for the second."""


def attacked() -> pd.DataFrame:
    """Return accuracies of two models in three replicates under attacks of known strengths and another one."""
    rows = [
        (model, replicate, name, 0, 0.9 - epsilon + 0.01 * replicate, 50)
        for model in ("bp_sigmoid", "glr_abs")
        for replicate in (1, 2, 3)
        for name, epsilon in {"orig_attacked": 0.0, "orig_fgsm_sigmoid_0_1": -0.05, "lbfgs": 0.5, **EPSILONS}.items()
    ]
    return pd.DataFrame(rows, columns=["model", "replicate", "samples", "severity", "accuracy", "n"])


WEIGHTS = {"bp_sigmoid": RNG.normal(size=(12, 4, 4)), "glr_abs": 9 * RNG.normal(size=(3, 4, 4))}


def confusions() -> pd.DataFrame:
    """Return counts of two models on two kinds of samples."""
    rows = [
        (model, name, label, predicted, 7 + 3 * (label == predicted) + place)
        for model in ("bp_sigmoid", "glr_abs")
        for place, name in enumerate(("orig_attacked", "fgsm"))
        for label in range(3)
        for predicted in range(3)
    ]
    return pd.DataFrame(rows, columns=["model", "samples", "label", "predicted", "count"])


ATTACKS = {
    TRANSFER: (0.9, 0.7, 0.6),
    "square": (0.9, 0.7, 0.3),
    ALL_ATTACKS: (0.9, 0.4, 0.2),
    CERTIFIED: (0.8, 0.3, 0.1),
}


def victims() -> pd.DataFrame:
    """Return accuracies of two networks under two attacks, both, and what is certified, in two replicates."""
    rows = [
        (model, replicate, attack, norm, epsilon, accuracy - 0.05 * (norm == "linf"), 10)
        for model in ("bp_sigmoid", "glr_abs")
        for norm in ("linf", "l2")
        for attack, values in ATTACKS.items()
        for replicate in (1, 2)
        if (norm, attack) != ("linf", CERTIFIED)
        for epsilon, accuracy in zip((0.0, 0.1, 0.2), values, strict=True)
    ]
    return pd.DataFrame(rows, columns=VICTIM_COLUMNS)


RADII = (0.0, 0.1, 0.3)


def certificates() -> pd.DataFrame:
    """Return certified accuracies of two networks under four noises in three replicates."""
    rows = [
        (model, variance, levels, replicate, radius, most - variance / 100 - radius + 0.01 * replicate, 0.1, 50, 0.9)
        for model, gain in (("bp_sigmoid", 0.0), ("glr_abs", 0.1))
        for levels, most in (("first", 0.6 + gain), ("all", 0.4 + gain))
        for variance in (1.0, 16.0)
        for replicate in (1, 2, 3)
        for radius in RADII
    ]
    return pd.DataFrame(rows, columns=CERTIFICATE_COLUMNS)


def norms() -> pd.DataFrame:
    """Return norms of the weights of two trainings on each loss, level 2 with half the norms of level 1."""
    rows = [
        (f"{loss}_{reduction}", loss, reduction, initial, epoch, level, factor * (1 + epoch) / level)
        for loss in ("cross_entropy", "zero_one")
        for reduction, initial, factor in (("mean", "0.1", 4.0), ("sum", "fan_in", 9.0))
        for epoch in range(4)
        for level in (1, 2)
    ]
    return pd.DataFrame(rows, columns=NORMS_COLUMNS)


AUTHORS_WEIGHTS = pd.DataFrame(
    [
        ("authors_threshold", 1, 10.0, 20, 0.1),
        ("authors_threshold", 2, 5.0, 0, np.nan),
        ("authors_threshold_01", 1, 12.0, 20, 0.1),
        ("authors_threshold_01", 2, 6.0, 0, np.nan),
    ],
    columns=AUTHORS_WEIGHTS_COLUMNS,
)


INPUTS: dict[str, Mapping[str, Any]] = {
    "figure3": {"examples": EXAMPLES},
    "figure4": {"layers": [196, 20, 10], "attacker_layers": [196, 100, 50, 10]},
    "figure5": {"histories": histories(), "models": ["glr_sigmoid", "glr_threshold"]},
    "figure6": {"examples": EXAMPLES, "samples": "fgsm"},
    "figure7": {"examples": EXAMPLES},
    "figure8": {"recall": recall(), "models": ["glr_sigmoid_01", "glr_threshold_01"]},
    "comparison": {"tables": TABLES, "baseline": "bp_sigmoid"},
    "tradeoff": {"tables": TABLES, "sweeps": SWEEPS},
    "severity": {"accuracies": accuracies()},
    "weights": {"weights": WEIGHTS},
    "confusion": {"confusions": confusions(), "samples": "fgsm"},
    "epsilon": {"accuracies": attacked(), "sweeps": SWEEPS},
    "robustness": {"accuracies": victims()},
    "norms": {"norms": norms(), "authors_weights": AUTHORS_WEIGHTS},
    "certificates": {"accuracies": certificates()},
}
"""The arguments of the drawing functions that have any."""


def draw(name: str, **changes: Any) -> Figure:
    """Return a figure of these inputs, some of them changed."""
    return function_of(FIGURES[name].draw)(**{**INPUTS.get(name, {}), **changes})


def shown(figure: Figure) -> list[Any]:
    """Return the panels that can be seen."""
    return [axes for axes in figure.axes if axes.get_visible()]
