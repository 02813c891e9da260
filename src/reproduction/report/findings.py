"""What docs/findings.md tells: what lies behind the tables, each answer with its interval."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from reproduction.report.claims import ATTACKS, BASELINE, CORRUPTIONS
from reproduction.report.markdown import table
from reproduction.report.names import label_of
from reproduction.report.statistics import Interval, interval, ratio
from reproduction.report.tables import over_severities

GLR, NOISY, EARLY = "glr_sigmoid", "bp_noisy", "bp_early"
COLUMNS = ["orig", *ATTACKS, *CORRUPTIONS]
CLEAN = (0.94, 0.945, 0.95)
"""Clean accuracies at which the fronts of the trade-off are compared."""


class Choice(NamedTuple):
    """One thing changed: the network or the samples that stand for the default's, or a run of its own."""

    name: str
    network: str = GLR
    samples: Mapping[str, str] = {}
    run: str | None = None


def _corruptions(variant: str) -> dict[str, str]:
    return {name: f"{name}_{variant}" for name in CORRUPTIONS}


CHOICES = [
    Choice("mini-batch: mean", "glr_sigmoid_mean"),
    Choice("step 0.05", "glr_sigmoid_step_0_05"),
    Choice("step 0.2", "glr_sigmoid_step_0_2"),
    Choice("noise variance 1", "glr_sigmoid_variance_1"),
    Choice("noise variance 16", "glr_sigmoid_variance_16"),
    Choice("output weights from 0", "glr_sigmoid_zero_output"),
    Choice("sigmoid output level", "glr_sigmoid_output"),
    Choice("predicts with noise", "glr_sigmoid_averaged"),
    Choice("10,000 images", run="images_10000"),
    Choice("bilinear filter", run="bilinear"),
    Choice("mean, 30 epochs", run="authors"),
    Choice("L-BFGS: next label", samples={"lbfgs": "lbfgs_fixed"}),
    Choice("L-BFGS: least likely", samples={"lbfgs": "lbfgs_least_likely"}),
    Choice("L-BFGS: minimal norm", samples={"lbfgs": "lbfgs_minimal"}),
    Choice("FGSM of a ReLU network", samples={"fgsm": "fgsm_relu"}),
    Choice("CIFAR-10-C's severities", samples=_corruptions("cifar")),
    Choice("resized after corruption", samples=_corruptions("after")),
]


def values(accuracies: pd.DataFrame, model: str, samples: str) -> "pd.Series[float]":
    """Return a network's accuracies by replicate; the samples ``average`` are all of `CORRUPTIONS`.

    Parameters and errors are those of `reproduction.report.tables.over_severities`.
    """
    if samples == "average":
        return pd.concat([over_severities(accuracies, model, name) for name in CORRUPTIONS], axis=1).mean(axis=1)
    return over_severities(accuracies, model, samples)


def _share(found: Interval | None) -> str:
    return f"{found.mean:.0%} ({found.low:.0%} to {found.high:.0%})" if found else ""


def controls(accuracies: pd.DataFrame) -> str:
    """Return what the controls leave of the gain of GLR over BP, as a Markdown table.

    The controls are BP stopped at the clean accuracy of GLR, and BP with GLR's noise, steps and epochs. The last column
    is the share of GLR's gain over BP that is left over BP with noise, where there is a gain (`ratio`).

    Parameters
    ----------
    accuracies : DataFrame
        `reproduction.report.columns.COLUMNS`, the same replicates of all four networks.
    """
    others = (BASELINE, EARLY, NOISY)
    names = [label_of(model) for model in (*others, GLR)]
    head = ["samples", *names, *(f"gain over {name}" for name in names[:-1]), "share"]
    rows = []
    for samples in (*COLUMNS, "average"):
        *theirs, ours = (values(accuracies, model, samples) for model in (*others, GLR))
        gains = [str(interval(ours - other)) for other in theirs]
        share = _share(ratio(ours - theirs[-1], ours - theirs[0]))
        means = [f"{mean.mean():.3f}" for mean in (*theirs, ours)]
        rows.append([label_of(samples), *means, *gains, share])
    return table(head, rows)


def victims(accuracies: pd.DataFrame) -> str:
    """Return what networks that are attacked themselves keep over BP, as a Markdown table, a column an epsilon.

    Parameters
    ----------
    accuracies : DataFrame
        `VICTIM_COLUMNS`. In each replicate the least that any attack leaves of a network counts.
    """
    least = accuracies.groupby(["model", "epsilon", "replicate"])["accuracy"].min()
    epsilons = [epsilon for epsilon in sorted(accuracies["epsilon"].unique()) if epsilon > 0]
    pairs = [(GLR, BASELINE), (GLR, NOISY), ("glr_threshold", BASELINE), ("glr_abs", BASELINE), (NOISY, BASELINE)]
    rows = []
    for one, other in pairs:
        gains = [interval(least[one, epsilon] - least[other, epsilon]) for epsilon in epsilons]
        rows.append([label_of(one), label_of(other), *map(str, gains)])
    return table(["network", "gain over", *(f"epsilon {epsilon:g}" for epsilon in epsilons)], rows)


def gains_over(accuracies: pd.DataFrame, models: list[str], other: str) -> str:
    """Return how much better than another network each model is, with its interval, as a Markdown table.

    Parameters
    ----------
    accuracies : DataFrame
        `reproduction.report.columns.COLUMNS`.
    models : list of str
        The rows.
    other : str
        What they are compared with, paired by replicate.
    """
    columns = ["orig", *ATTACKS, "average"]
    rows = [
        [
            label_of(model),
            *(str(interval(values(accuracies, model, name) - values(accuracies, other, name))) for name in columns),
        ]
        for model in models
    ]
    return table([f"gain over {label_of(other)}", *map(label_of, columns)], rows)


def _chosen_by_others(robust: pd.DataFrame) -> "pd.Series[float]":
    """Return from each row, a replicate, the column that is best in the mean of the other rows."""
    if robust.empty:
        return pd.Series(dtype=float)
    best = (robust.sum() - robust).to_numpy().argmax(axis=1)
    return pd.Series(robust.to_numpy()[np.arange(len(robust)), best], index=robust.index)


def fronts(accuracies: pd.DataFrame, sweeps: pd.DataFrame) -> str:
    """Return how robust BP, BP with noise and GLR can be at a clean accuracy, as a Markdown table.

    Parameters
    ----------
    accuracies : DataFrame
        `reproduction.report.columns.COLUMNS` of the experiment ``tradeoffs``, the same replicates of every network.
    sweeps : DataFrame
        `reproduction.report.columns.SWEEP_COLUMNS`.

    Notes
    -----
    Of each family those settings count whose mean clean accuracy reaches the given one. In each replicate the setting
    is taken that is best in the mean of the *other* replicates, so that no family gains by having more settings.
    """
    models = list(dict.fromkeys(accuracies["model"]))
    family = {model: model for model in models} | dict(zip(sweeps["name"], sweeps["family"], strict=True))
    families = {name: [model for model in models if family[model] == name] for name in (BASELINE, NOISY, GLR)}
    head = ["samples", "clean at least", *map(label_of, families)]
    head += [f"gain over {label_of(other)}" for other in (BASELINE, NOISY)]
    rows = []
    for samples in (*ATTACKS, "average"):
        for clean in CLEAN:
            found = {}
            for name, members in families.items():
                reaching = [model for model in members if values(accuracies, model, "orig").mean() >= clean]
                robust = pd.DataFrame({model: values(accuracies, model, samples) for model in reaching})
                found[name] = _chosen_by_others(robust)
            means = [f"{own.mean():.3f}" if len(own) else "none" for own in found.values()]
            gains = [found[GLR] - found[other] for other in (BASELINE, NOISY)]
            rows.append(
                [
                    label_of(samples),
                    f"{clean:g}",
                    *means,
                    *("" if gain.isna().all() else str(interval(gain)) for gain in gains),
                ]
            )
    return table(head, rows)


def sensitivity(accuracies: pd.DataFrame, runs: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what each choice that the paper leaves open does to each column.

    Parameters
    ----------
    accuracies : DataFrame
        `reproduction.report.columns.COLUMNS`, of the default run and of the experiment ``sensitivity``.
    runs : mapping of str to DataFrame
        The same of runs that change the data, by the name of their overlay.

    Returns
    -------
    DataFrame
        A row a choice and column: ``choice, samples, bp, glr`` (mean accuracies), ``change`` (of GLR from the default,
        paired by replicate) with its 95 % interval from ``low`` to ``high``, ``gain`` (of GLR over BP). What a choice
        does not touch is left out.
    """
    rows = []
    for choice in [Choice("default"), *CHOICES]:
        run = runs[choice.run] if choice.run else accuracies
        touched = choice.samples or COLUMNS
        for name in COLUMNS:
            if name in touched:
                samples = choice.samples.get(name, name)
                bp, glr = values(run, BASELINE, samples), values(run, choice.network, samples)
                change = interval((glr - values(accuracies, GLR, name)).dropna())
                rows.append((choice.name, name, bp.mean(), glr.mean(), *change, (glr - bp).dropna().mean()))
    return pd.DataFrame(rows, columns=["choice", "samples", "bp", "glr", "change", "low", "high", "gain"])


def sensitivity_table(cells: pd.DataFrame) -> str:
    """Return `sensitivity` as a Markdown table: the change of GLR with half its 95 % interval, and the gain over BP.

    Changes whose interval leaves out 0 are bold.

    Parameters
    ----------
    cells : DataFrame
        What `sensitivity` returns.
    """
    rows = []
    for choice, own in cells.groupby("choice", sort=False):
        row = {}
        for name, *numbers in own[["samples", "glr", "change", "low", "high", "gain"]].to_numpy().tolist():
            glr, change, low, high, gain = numbers
            text = f"{glr:.3f}" if choice == "default" else f"{change:+.3f} ± {(high - low) / 2:.3f}"
            row[name] = f"**{text}** ({gain:+.2f})" if low * high > 0 else f"{text} ({gain:+.2f})"
        rows.append([str(choice), *(row.get(name, "") for name in COLUMNS)])
    return table(["choice", *map(label_of, COLUMNS)], rows)
