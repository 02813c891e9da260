"""The paper's claims, each judged by what was measured; the text follows from the numbers and cannot go stale."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from reproduction.report.markdown import table
from reproduction.report.names import label_of
from reproduction.report.statistics import interval
from reproduction.report.tables import by_replicate

HOLDS, IN_PART, NOT, UNTESTED = "holds", "holds in part", "does not hold", "cannot be tested"
BASELINE = "bp_sigmoid"
ENTROPY = ["glr_sigmoid", "glr_threshold", "glr_abs"]
ZERO_ONE = ["glr_sigmoid_01", "glr_threshold_01"]
ATTACKS = ["lbfgs", "fgsm"]
CORRUPTIONS = ["gaussian_noise", "impulse_noise", "glass_blur", "contrast"]
EPOCHS = 12
"""After which the paper says that errors have converged."""


class Measured(NamedTuple):
    """What a run gave: long tables of accuracies and histories, and the CPU seconds of each training."""

    accuracies: pd.DataFrame
    histories: pd.DataFrame
    timings: pd.DataFrame

    def values(self, model: str, samples: str) -> "pd.Series[float]":
        """Return a cell's accuracies by replicate; ``orig`` are all test images, ``average`` is over corruptions."""
        names = CORRUPTIONS if samples in (*CORRUPTIONS, "average") else ATTACKS
        cells = by_replicate(self.accuracies, [model], names, "orig", average=names == CORRUPTIONS)
        return cells[model, samples]

    def gain(self, model: str, samples: str) -> "pd.Series[float]":
        """Return how much better than the baseline a model is, by replicate."""
        return self.values(model, samples) - self.values(BASELINE, samples)


def robustness(measured: Measured) -> tuple[str, str]:
    """Judge that all GLR rows are more robust than BP."""
    gains = {
        (model, samples): interval(measured.gain(model, samples))
        for model in ENTROPY + ZERO_ONE
        for samples in ATTACKS + CORRUPTIONS
    }
    better = [cell for cell, gain in gains.items() if gain.low > 0]
    rest = [
        f"{label_of(model)} on {label_of(samples)} {gains[model, samples]}" for model, samples in gains.keys() - better
    ]
    text = f"{len(better)} of {len(gains)} gains over BP are above 0 with 95 % confidence"
    text += f"; not so: {'; '.join(sorted(rest))}." if rest else "."
    return text, HOLDS if not rest else IN_PART if better else NOT


def twenty_percent(measured: Measured) -> tuple[str, str]:
    """Judge the size of the gain under attack."""
    gain = interval(
        pd.concat([measured.gain(model, name) for model in ENTROPY for name in ATTACKS], axis=1).mean(axis=1)
    )
    each = ", ".join(
        f"{label_of(model)} {label_of(name)} {measured.gain(model, name).mean():+.3f}"
        for model in ENTROPY
        for name in ATTACKS
    )
    verdict = HOLDS if 0.15 <= gain.mean <= 0.25 else IN_PART if gain.low > 0 else NOT
    return f"Mean gain of the three cross-entropy rows on both sets {gain}: {each}.", verdict


def thirteen_percent(measured: Measured) -> tuple[str, str]:
    """Judge the largest gain under corruption."""
    gains = {model: interval(measured.gain(model, "average")) for model in ENTROPY + ZERO_ONE}
    best = max(gains, key=lambda model: gains[model].mean)
    verdict = HOLDS if gains[best].high >= 0.125 else IN_PART if gains[best].low > 0 else NOT
    return f"The largest gain of the average over corruptions is {label_of(best)}'s, {gains[best]}.", verdict


def zero_one_best(measured: Measured) -> tuple[str, str]:
    """Judge the 0-1 loss against cross-entropy, on corrupted and on clean images."""
    pairs = list(zip(ZERO_ONE, ENTROPY[:2], strict=True))
    corrupted = [
        interval(measured.values(ours, "average") - measured.values(theirs, "average")) for ours, theirs in pairs
    ]
    clean = [interval(measured.values(ours, "orig") - measured.values(theirs, "orig")) for ours, theirs in pairs]
    text = "; ".join(
        f"{label_of(ours)} against {label_of(theirs)}: corrupted {a}, clean {b}"
        for (ours, theirs), a, b in zip(pairs, corrupted, clean, strict=True)
    )
    means = {model: measured.values(model, "average").mean() for model in ENTROPY + ZERO_ONE}
    best = max(means, key=lambda model: means[model])
    significant = [gain.low > 0 for gain in corrupted]
    verdict = (
        HOLDS if best in ZERO_ONE and all(significant) else IN_PART if best in ZERO_ONE or any(significant) else NOT
    )
    return f"{text}. The best average is {label_of(best)}'s, {means[best]:.3f}.", verdict


def zero_one_attacked(measured: Measured) -> tuple[str, str]:
    """Judge the 0-1 loss against cross-entropy under attack."""
    gains = {
        (ours, name): interval(measured.values(ours, name) - measured.values(theirs, name))
        for ours, theirs in zip(ZERO_ONE, ENTROPY[:2], strict=True)
        for name in ATTACKS
    }
    text = "; ".join(f"{label_of(model)} on {label_of(name)} {gain}" for (model, name), gain in gains.items())
    better = sum(gain.low > 0 for gain in gains.values())
    return f"{text}.", HOLDS if better == len(gains) else IN_PART if better else NOT


def clean_accuracy(measured: Measured) -> tuple[str, str]:
    """Judge the clean accuracies of the cross-entropy rows."""
    means = {model: measured.values(model, "orig").mean() for model in ENTROPY}
    above = [model for model, mean in means.items() if mean > 0.93]
    text = ", ".join(f"{label_of(model)} {mean:.3f}" for model, mean in means.items())
    baseline = measured.values(BASELINE, "orig").mean()
    return f"{text}; BP {baseline:.3f}.", HOLDS if len(above) == 3 else IN_PART if above else NOT


def convergence(measured: Measured) -> tuple[str, str]:
    """Judge whether losses have settled after 12 epochs: by what changes after them, or else over the last quarter."""
    changes = {}
    for model in ENTROPY[:2]:
        own = measured.histories[measured.histories["model"] == model]
        losses = own.groupby("epoch")["loss_test"].mean()
        last = losses.index.max()
        changes[model] = losses[last] / losses[EPOCHS if last > EPOCHS else last * 3 // 4] - 1.0
    since = f"after epoch {EPOCHS}" if last > EPOCHS else "over the last quarter of the epochs"
    text = ", ".join(f"{label_of(model)} {change:+.1%}" for model, change in changes.items())
    settled = sum(abs(change) < 0.05 for change in changes.values())
    return f"Change of the test loss {since}: {text}.", (NOT, IN_PART, HOLDS)[settled]


def transfer(measured: Measured) -> tuple[str, str]:
    """Judge whether samples made from one network attack another."""
    falls = {name: measured.values(BASELINE, name).mean() for name in ATTACKS}
    clean = measured.values(BASELINE, "orig").mean()
    text = ", ".join(f"{label_of(name)} {value:.3f}" for name, value in falls.items())
    return (
        f"The baseline falls from {clean:.3f} to {text} on samples made from the two-hidden-layer network. The "
        "strengths were searched for just these values; that there are such strengths is the finding.",
        HOLDS if all(value < clean - 0.2 for value in falls.values()) else IN_PART,
    )


def cheaper(measured: Measured) -> tuple[str, str]:
    """Judge the cost of an iteration."""
    steps = measured.histories.groupby("model")["step"].max()
    seconds = measured.timings.groupby("model")["cpu_seconds"].median()
    per_step = {model: 1000.0 * seconds[model] / steps[model] for model in (BASELINE, "glr_sigmoid")}
    ratio = per_step["glr_sigmoid"] / per_step[BASELINE]
    return (
        f"{per_step['glr_sigmoid']:.3f} ms of CPU an iteration against BP's {per_step[BASELINE]:.3f} ms, {ratio:.1f} "
        "times as much, although the sampling is far cheaper than the paper's.",
        HOLDS if ratio < 1 else NOT,
    )


def laplace(measured: Measured) -> tuple[str, str]:
    """Judge what the introduction says of Laplace noise, by rows with it where the experiment `extended` was run."""
    models = [model for model in ENTROPY if f"{model}_laplace" in set(measured.accuracies["model"])]
    if not models:
        return "The paper has no table for it; the default run has no row with Laplace noise.", UNTESTED
    gains = {model: interval(measured.gain(f"{model}_laplace", "average")) for model in models}
    more = {
        model: interval(measured.values(f"{model}_laplace", "average") - measured.values(model, "average"))
        for model in models
    }
    text = "; ".join(
        f"{label_of(model)} with Laplace noise of the same variance {gains[model]} over BP, {more[model]} over Gaussian"
        for model in models
    )
    best = max(gains.values())
    further = any(gain.low > 0 for gain in more.values())
    verdict = HOLDS if best.high >= 0.205 and further else IN_PART if further else NOT
    return f"On the average over corruptions: {text}. The paper has no table for it.", verdict


CLAIMS: list[tuple[str, Callable[[Measured], tuple[str, str]]]] = [
    (
        "The robustness of all ANNs trained by the GLR method is significantly improved compared with the ANN with the "
        "Sigmoid activation function and cross-entropy loss function trained by the BP method.",
        robustness,
    ),
    (
        "The ANNs trained by the GLR method have much higher accuracies (about 20% increase) in predicting adversarial "
        "samples.",
        twenty_percent,
    ),
    ("It can also bring as high as 13% performance improvement with corruption noises attack.", thirteen_percent),
    (
        "The improvement can be further increased to 21% when we use Laplacian instead of Gaussian as neuronal noises.",
        laplace,
    ),
    (
        "Although the performance of the ANN with 0-1 loss is worse than that with a cross-entropy loss, an ANN with "
        "0-1 loss achieves the best performance in predicting the images corrupted by the natural noises.",
        zero_one_best,
    ),
    (
        "The ANNs with 0-1 loss might lead to even higher accuracies in predicting the adversarial samples than the "
        "ANNs with the cross-entropy loss.",
        zero_one_attacked,
    ),
    (
        "All ANNs with the cross-entropy loss function trained by the GLR method achieve accuracies in predicting "
        "original samples comparable to the ANN trained by the BP method (above 93% in accuracy).",
        clean_accuracy,
    ),
    ("The errors of ANNs converge fast after 12 epochs.", convergence),
    ("The same adversarial samples can effectively attack ANNs under different architectures.", transfer),
    (
        "The GLR method is even faster than BP, since its computation only contains one forward function propagation.",
        cheaper,
    ),
]


def judge(measured: Measured, other: Measured) -> str:
    """Return the claims with what was measured and a verdict each, as a Markdown table.

    Parameters
    ----------
    measured : Measured
        The run that is judged.
    other : Measured
        A run by the authors' own training, of which only the verdicts are told, none where it cannot test a claim.
    """
    rows = []
    for quote, claim in CLAIMS:
        (text, verdict), (_, theirs) = claim(measured), claim(other)
        shown = "" if theirs == UNTESTED else theirs
        rows.append([quote, text, f"**{verdict}**", shown])
    head = ["the paper says", "measured (mean, 95 % interval)", "verdict", "by the authors' training"]
    return table(head, rows, "l")
