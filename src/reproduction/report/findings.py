"""What docs/findings.md tells: what lies behind the tables, each answer with its interval."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reproduction.report.attacks import flags
from reproduction.report.certificates import layout, summarise
from reproduction.report.columns import ALL_ATTACKS, CERTIFIED, TRANSFER
from reproduction.report.markdown import table
from reproduction.report.names import label_of
from reproduction.report.paper import ATTACKS, BASELINE, CORRUPTIONS
from reproduction.report.statistics import Interval, counted, interval, paired, ratio, simultaneous, spread
from reproduction.report.tables import markdown, values

GLR, NOISY, EARLY = "glr_sigmoid", "bp_noisy", "bp_early"
COLUMNS = ["orig", *ATTACKS, *CORRUPTIONS]
VARIANCE = 4.0
"""Of the noise that networks are trained with."""
STRENGTHS = (("linf", 0.1), ("l2", 0.2))
"""At which the attacks on networks themselves are told: FGSM's of Table I, and the certificates' radius in the text."""
CLEAN = (0.91, 0.925, 0.935, 0.946)
"""Clean accuracies at which the fronts of the trade-off are compared.

They lie between the accuracies of settings, so that no family just misses one by which the other gains.
"""
CHANGE = ["change", "low", "high", "replicates", "diverged"]
"""Columns of an `Interval`."""


class Choice(NamedTuple):
    """One thing changed: the network or the samples that stand for the default's, or a run of its own."""

    name: str
    network: str = GLR
    samples: Mapping[str, str] = {}
    run: str | None = None


CHOICES = [
    Choice("mini-batch: sum", "glr_sigmoid_sum"),
    Choice("larger initial weights", "glr_sigmoid_fan_in"),
    Choice("step 0.05", "glr_sigmoid_step_0_05"),
    Choice("step 0.2", "glr_sigmoid_step_0_2"),
    Choice("noise variance 1", "glr_sigmoid_variance_1"),
    Choice("noise variance 16", "glr_sigmoid_variance_16"),
    Choice("output weights from 0", "glr_sigmoid_zero_output"),
    Choice("sigmoid output level", "glr_sigmoid_output"),
    Choice("predicts with noise", "glr_sigmoid_averaged"),
    Choice("one split", run="one_split"),
    Choice("10,000 images", run="images_10000"),
    Choice("bilinear filter", run="bilinear"),
    Choice("7:3, 30 epochs", run="authors"),
    Choice("L-BFGS: next label", samples={"lbfgs": "lbfgs_fixed"}),
    Choice("L-BFGS: least likely", samples={"lbfgs": "lbfgs_least_likely"}),
    Choice("L-BFGS: minimal norm", samples={"lbfgs": "lbfgs_minimal"}),
    Choice("all images count", samples={"lbfgs": "lbfgs_all", "fgsm": "fgsm_all"}),
    Choice("FGSM: epsilon calibrated", samples={"fgsm": "fgsm_calibrated"}),
    Choice("FGSM of a sigmoid network", samples={"fgsm": "fgsm_sigmoid"}),
    Choice("glass blur of ImageNet-C", samples={"glass_blur": "glass_blur_imagenet"}),
    Choice(
        "CIFAR-10-C's severities",
        samples={name: f"{name}_cifar" for name in CORRUPTIONS if name != "glass_blur"},
    ),
    Choice("resized after corruption", samples={name: f"{name}_after" for name in CORRUPTIONS}),
]


def _gains_table(head: Sequence[str], rows: Sequence[Sequence["str | pd.Series[float]"]]) -> str:
    """Return a Markdown table of words and of differences by replicate, which become means with their intervals.

    Below it stands over how many replicates the intervals are, and what is bold.
    """
    gains = [cell for row in rows for cell in row if not isinstance(cell, str)]
    level = simultaneous(len(gains))

    def shown(cell: "str | pd.Series[float]") -> str:
        if isinstance(cell, str):
            return cell
        clear = interval(cell, level).within(0.0, inf) is not None
        return f"**{interval(cell)}**" if clear else str(interval(cell))

    return table(head, [[shown(cell) for cell in row] for row in rows]) + _note(map(len, gains))


def _note(replicates: Iterable[int]) -> str:
    """Return what stands below a table of intervals, from the number of replicates of each."""
    counts = list(replicates)
    return f"\nIntervals are over {counted(*counts)}. Bold: excludes 0 even when all {len(counts)} hold at once.\n"


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
    rows: list[list[str | pd.Series[float]]] = []
    for samples in (*COLUMNS, "average"):
        *theirs, ours = (values(accuracies, model, samples) for model in (*others, GLR))
        gains = [paired(ours, other) for other in theirs]
        share = ratio(gains[-1], gains[0])
        means = [spread(mean.mean(skipna=False)) for mean in (*theirs, ours)]
        rows.append([label_of(samples), *means, *gains, f"{share:.0%}" if share else ""])
    return _gains_table(head, rows)


def victims(run: Mapping[str, NDArray[Any]], accuracies: pd.DataFrame) -> str:
    """Return the accuracies under attacks on the networks themselves, as two Markdown tables, and the flags.

    The first table has, at one strength of each norm, the accuracy under the samples of Table I's source network and
    under all attacks together, and the certified accuracy. The second compares networks. An image is lost when any
    attack succeeds.

    Parameters
    ----------
    run : mapping of str to ndarray
        What collect-victims wrote of the images: see `reproduction.report.attacks.flags`.
    accuracies : DataFrame
        `reproduction.report.columns.VICTIM_COLUMNS`.
    """

    def kept(model: str, attack: str, norm: str, epsilon: float) -> "pd.Series[float]":
        own = accuracies[(accuracies["model"] == model) & (accuracies["attack"] == attack)]
        return own[(own["threat_model"] == norm) & (own["epsilon"] == epsilon)].set_index("replicate")["accuracy"]

    left = []
    for model in dict.fromkeys(accuracies["model"]):
        cells = {
            (attack, *at): kept(model, attack, *at)
            for at in STRENGTHS
            for attack in (TRANSFER, ALL_ATTACKS, CERTIFIED)
            if (attack, at[0]) != (CERTIFIED, "linf")
        }
        means = [spread(cell.mean(skipna=False)) for cell in cells.values()]
        shares = [ratio(cells[ALL_ATTACKS, *at], cells[TRANSFER, *at]) for at in STRENGTHS]
        left.append([label_of(model), *means, *(f"{share:.0%}" if share else "" for share in shares)])
    names = [f"{label_of(norm)} {epsilon:g}" for norm, epsilon in STRENGTHS]
    head = ["network", *(f"{label_of(attack)}, {label_of(norm)} {epsilon:g}" for attack, norm, epsilon in cells)]
    shown = table([*head, *(f"share left, {name}" for name in names)], left)
    strengths = [at for at in zip(run["norms"].tolist(), run["epsilons"].tolist(), strict=True) if at[1] > 0]
    pairs = [(GLR, BASELINE), (NOISY, BASELINE), (GLR, NOISY), ("glr_threshold", NOISY)]
    rows: list[list[str | pd.Series[float]]] = [
        [
            label_of(one),
            label_of(other),
            *(paired(kept(one, ALL_ATTACKS, *at), kept(other, ALL_ATTACKS, *at)) for at in strengths),
        ]
        for one, other in pairs
    ]
    head = ["network", "gain over", *(f"{label_of(norm)} {epsilon:g}" for norm, epsilon in strengths)]
    return f"{shown}\n{_gains_table(head, rows)}\n{flags(run)}"


def certificates(accuracies: pd.DataFrame) -> str:
    """Return what is certified under the training's noise, on the first level only, and gains, as two Markdown tables.

    Parameters
    ----------
    accuracies : DataFrame
        `reproduction.report.columns.CERTIFICATE_COLUMNS`.
    """
    own = accuracies[(accuracies["variance"] == VARIANCE) & (accuracies["noise_levels"] == "first")]
    (blocks,) = layout(summarise(own)).values()
    radii = sorted({radius for radius in own["radius"] if radius > 0})

    def shares(model: str, column: str, radius: float) -> "pd.Series[float]":
        cell = own[(own["model"] == model) & (own["radius"] == radius)]
        return cell.set_index("replicate")[column]

    pairs = [(GLR, BASELINE), (NOISY, BASELINE), (GLR, NOISY), ("glr_threshold", NOISY), ("glr_abs", NOISY)]
    bounded = [(f"{GLR}_bounded", GLR), (f"{NOISY}_bounded", NOISY), (f"{GLR}_bounded", f"{NOISY}_bounded")]
    cells = [("clean", radii[0]), *(("accuracy", radius) for radius in radii)]
    rows: list[list[str | pd.Series[float]]] = [
        [label_of(one), label_of(other), *(paired(shares(one, *cell), shares(other, *cell)) for cell in cells)]
        for one, other in [*pairs, *bounded]
    ]
    head = ["network", "gain over", "clean", *(f"radius {radius:g}" for radius in radii)]
    return f"{markdown(blocks)}\n{_gains_table(head, rows)}"


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
    rows: list[list[str | pd.Series[float]]] = [
        [
            label_of(model),
            *(paired(values(accuracies, model, name), values(accuracies, other, name)) for name in columns),
        ]
        for model in models
    ]
    return _gains_table([f"gain over {label_of(other)}", *map(label_of, columns)], rows)


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
    rows: list[list[str | pd.Series[float]]] = []
    for samples in (*ATTACKS, "average"):
        for clean in CLEAN:
            found = {}
            for name, members in families.items():
                means = {model: values(accuracies, model, "orig").mean(skipna=False) for model in members}
                reaching = [model for model, mean in means.items() if mean >= clean]
                robust = pd.DataFrame({model: values(accuracies, model, samples) for model in reaching})
                found[name] = _chosen_by_others(robust)
            robust_means = [spread(own.mean(skipna=False)) if len(own) else "none" for own in found.values()]
            gains = [
                paired(found[GLR], found[other]) if len(found[GLR]) and len(found[other]) else ""
                for other in (BASELINE, NOISY)
            ]
            rows.append([label_of(samples), f"{clean:g}", *robust_means, *gains])
    diverged = dict.fromkeys(accuracies.loc[accuracies["accuracy"].isna(), "model"])
    lost = (
        f"Settings that diverged reach no clean accuracy: {', '.join(map(label_of, diverged))}.\n" if diverged else ""
    )
    return _gains_table(head, rows) + lost


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
        One row per choice and column: ``choice, samples, bp, glr`` (mean accuracies), ``change`` (of GLR from the
        default, paired by replicate) with its 95 % interval from ``low`` to ``high``, its ``replicates`` and how many
        ``diverged``, ``clear`` (whether 0 is left out also where the intervals of all rows hold together), ``gain`` (of
        GLR over BP). What a choice does not touch is left out.
    """
    rows = []
    for choice in [Choice("default"), *CHOICES]:
        run = runs[choice.run] if choice.run else accuracies
        for name in COLUMNS:
            if name in (choice.samples or COLUMNS):
                samples = choice.samples.get(name, name)
                bp, glr = values(run, BASELINE, samples), values(run, choice.network, samples)
                rows.append((choice.name, name, bp, glr, paired(glr, values(accuracies, GLR, name))))
    level = simultaneous(sum(choice != "default" for choice, *_ in rows))
    return pd.DataFrame(
        [
            (
                choice,
                name,
                bp.mean(skipna=False),
                glr.mean(skipna=False),
                *interval(change),
                interval(change, level).within(0.0, inf) is not None,
                paired(glr, bp).mean(skipna=False),
            )
            for choice, name, bp, glr, change in rows
        ],
        columns=["choice", "samples", "bp", "glr", *CHANGE, "clear", "gain"],
    )


def sensitivity_table(cells: pd.DataFrame) -> str:
    """Return `sensitivity` as a Markdown table: the change of GLR with half its 95 % interval, and the gain over BP.

    Parameters
    ----------
    cells : DataFrame
        What `sensitivity` returns. Changes that are ``clear`` are bold.
    """
    rows = []
    for choice, own in cells.groupby("choice", sort=False):
        row = {}
        for cell in own.to_dict("records"):
            change = Interval(*(cell[name] for name in CHANGE))
            if choice == "default":
                text = spread(cell["glr"])
            elif change.diverged:
                text = str(change)
            else:
                text = f"{change.mean:+.3f} ± {change.high - change.mean:.3f}"
                text = f"**{text}**" if cell["clear"] else text
            row[cell["samples"]] = text if pd.isna(cell["gain"]) else f"{text} ({cell['gain']:+.2f})"
        rows.append([str(choice), *(row.get(name, "") for name in COLUMNS)])
    changes = cells[cells["choice"] != "default"]
    return table(["choice", *map(label_of, COLUMNS)], rows) + _note(changes["replicates"])
