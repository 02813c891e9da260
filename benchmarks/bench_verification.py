"""How often `snakemake verify` finds fault with a correct run, and the smallest shift that it finds 9 times in 10.

Two runs of five replicates are drawn from one distribution: the normal one with the standard deviations and
correlations of the kept replicates, the same without correlations, and the kept replicates, drawn with replacement.
"""

from common import ROOT, print_table  # isort: skip

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from glr.streams import stream
from reproduction.report.names import label_of
from reproduction.report.paper import ZERO_ONE
from reproduction.report.verification import quantile

RUNS = 20_000
REPLICATES = 5
FOUND = 0.9


def kept() -> pd.DataFrame:
    """Return the kept accuracies less the cells' means, one row per cell and one column per replicate."""
    table = pd.read_csv(ROOT / "results/reference/default/evaluation/accuracies.csv")
    means = table.groupby(["model", "samples", "replicate"], sort=False)["accuracy"].mean().unstack("replicate")
    return means.sub(means.mean(axis=1), axis=0)


def draw(cells: pd.DataFrame, how: str) -> Iterator[Any]:
    """Yield the replicates of one run after the other, (cells, replicates)."""
    rng, replicates = stream(0, "bench_verification", how), cells.shape[1]
    while True:
        if how == "kept replicates":
            yield cells.to_numpy()[:, rng.integers(replicates, size=REPLICATES)]
        elif how == "correlated":
            yield cells.to_numpy() @ rng.standard_normal((replicates, REPLICATES)) / (replicates - 1) ** 0.5
        else:
            yield cells.std(axis=1).to_numpy()[:, None] * rng.standard_normal((len(cells), REPLICATES))


def compared(one: Any, other: Any) -> tuple[Any, Any]:
    """Return the differences of two runs' means and their variances, by cell."""
    squares = [((run - run.mean(axis=1, keepdims=True)) ** 2).sum(axis=1) for run in (one, other)]
    variances = sum(squares) / (2 * REPLICATES - 2) * (2 / REPLICATES)
    return one.mean(axis=1) - other.mean(axis=1), variances


def alarms(cells: pd.DataFrame, pairs: Sequence[tuple[Any, Any]]) -> list[str]:
    """Return the share of pairs of runs that differ, by the project's rule and with more pooled."""
    freedom = 2 * REPLICATES - 2
    models, samples = cells.index.get_level_values("model"), cells.index.get_level_values("samples")
    groups = pd.factorize(pd.MultiIndex.from_arrays([models.isin(ZERO_ONE), samples]))[0]
    sizes = np.bincount(groups)
    found = np.zeros(2)
    for one, other in pairs:
        difference, variance = compared(one, other)
        pooled = (np.bincount(groups, variance) / sizes)[groups]
        found[0] += (np.abs(difference) > quantile(freedom, len(cells)) * variance**0.5).any()
        found[1] += (np.abs(difference) > quantile(freedom * sizes[groups], len(cells)) * pooled**0.5).any()
    return [f"{share:.1%}" for share in found / len(pairs)]


def shifts(cells: pd.DataFrame) -> tuple[float, dict[str, float]]:
    """Return the standard deviations by which one cell has to be shifted, and all cells of each model, to be found."""
    scale = cells.std(axis=1).to_numpy()
    runs = draw(cells, "correlated")
    needed = []
    for _ in range(RUNS):
        difference, variance = compared(next(runs), next(runs))
        needed.append((quantile(2 * REPLICATES - 2, len(cells)) * variance**0.5 - difference) / scale)
    table = pd.DataFrame(needed, columns=cells.index).T
    least = table.groupby("model", sort=False).min()
    return float(np.quantile(table, FOUND)), least.quantile(FOUND, axis=1).to_dict()


def main() -> None:
    """Measure and print."""
    rows = []
    cells = kept()
    for how in ("correlated", "independent", "kept replicates"):
        runs = draw(cells, how)
        rows.append([how, *alarms(cells, [(next(runs), next(runs)) for _ in range(RUNS)])])
    values = cells.to_numpy()
    halves = [list(half) for half in combinations(range(values.shape[1]), REPLICATES) if 0 in half]
    split = [(values[:, half], np.delete(values, half, axis=1)) for half in halves]
    rows.append([f"its {len(halves)} halvings", *alarms(cells, split)])
    print_table(["drawn", "false alarms", "if also pooled over the networks of a loss"], rows, words=1)

    single, together = shifts(cells)
    scatter = cells.std(axis=1).unstack("samples").drop(columns="orig_attacked")
    print("The smallest shift that is found 9 times in 10. Column `all`: all cells of a network shift together, in")
    print("standard deviations of the replicates (sd). Other columns: one cell shifts alone, in accuracy")
    print(f"({single:.1f} sd). `orig_lbfgs` and `orig_fgsm` are on the unchanged images of that attack.\n")
    print_table(
        ["network", "all", *map(label_of, scatter)],
        [
            [label_of(model), f"{together[model]:.1f} sd", *(f"{single * sd:.3f}" for sd in scatter.loc[model])]
            for model in together
        ],
    )


if __name__ == "__main__":
    main()
