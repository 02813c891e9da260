"""What docs/fidelity.md compares: ours with the paper, the literal protocol with the default."""

from collections.abc import Mapping

import pandas as pd

from reproduction.report.columns import ORIGINALS
from reproduction.report.markdown import table
from reproduction.report.names import label_of
from reproduction.report.paper import ATTACKS, BASELINE, CORRUPTIONS, ENTROPY
from reproduction.report.statistics import LEVEL, Interval, half_interval, half_prediction, interval, spread
from reproduction.report.tables import by_replicate

LARGE = 0.05
"""Difference from the paper up to which a cell agrees."""


def distances(cells: pd.DataFrame, gains: pd.DataFrame) -> dict[str, float]:
    """Return the mean absolute differences from the paper, by what they are of; what the paper lacks is left out.

    A difference with a cell that diverged is not a number.

    Parameters
    ----------
    cells : DataFrame
        `reproduction.report.tables.COLUMNS`: the clean accuracies and those under attack count.
    gains : DataFrame
        `reproduction.report.tables.GAIN_COLUMNS` of Table II: the corruptions count.
    """
    parts = {label_of(name): cells[cells["samples"] == name] for name in ("orig", *ATTACKS)}
    parts[GAINS] = gains[gains["samples"].isin(CORRUPTIONS)]
    return _means(parts)


GAINS = f"gains over BP in {label_of('table2')}"


def _means(parts: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    known = {name: part[part["paper"].notna()] for name, part in parts.items()}
    return {
        name: float((part["mean"] - part["paper"]).abs().mean(skipna=False))
        for name, part in known.items()
        if len(part)
    }


def nearness(runs: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> str:
    """Return how far from the paper runs are, one column per run, as a Markdown table.

    Parameters
    ----------
    runs : mapping of str to (cells, gains)
        By the run's name, what `distances` takes.
    """
    found = {name: distances(*tables) | _of_parts(*tables) for name, tables in runs.items()}
    columns = dict.fromkeys(column for own in found.values() for column in own)
    rows = [[name, *(spread(own[name]) for own in found.values())] for name in columns]
    return table(["mean absolute difference from the paper", *found], rows)


def _of_parts(cells: pd.DataFrame, gains: pd.DataFrame) -> dict[str, float]:
    """Return the same means without the rows and columns that the paper leaves most in doubt."""
    clean, fgsm = (cells[cells["samples"] == name] for name in ("orig", "fgsm"))
    known = gains[gains["samples"].isin(set(CORRUPTIONS) - {"impulse_noise"})]
    return _means(
        {
            "Orig, rows with cross-entropy": clean[clean["model"].isin([BASELINE, *ENTROPY])],
            "FGSM, GLR's rows": fgsm[fgsm["model"] != BASELINE],
            f"{GAINS}, without impulse noise": known,
        }
    )


def differences(cells: pd.DataFrame, gains: pd.DataFrame) -> str:
    """Return the cells that do not agree with the paper within `LARGE`, and the mean absolute differences.

    A cell agrees where all of the 95 % interval of its difference lies within `LARGE`, differs where none of it does,
    and is undecided otherwise.

    Parameters
    ----------
    cells : DataFrame
        `reproduction.report.tables.COLUMNS` of Table I, then of Table II.
    gains : DataFrame
        `reproduction.report.tables.GAIN_COLUMNS` of Table II.
    """
    agree, differ, undecided, diverged = "agree", f"differ by more than {LARGE:g}", "are undecided", "diverged"
    states = {True: agree, False: differ, None: undecided}
    counts = dict.fromkeys((agree, differ, undecided, diverged), 0)
    listed: dict[str, dict[str, list[str]]] = {}
    known = cells[cells["paper"].notna()]
    for cell in known.to_dict("records"):
        half = half_interval(cell["sd"], cell["replicates"])
        found = Interval(cell["delta"], cell["delta"] - half, cell["delta"] + half, cell["replicates"])
        state = diverged if pd.isna(cell["mean"]) else states[found.within(-LARGE, LARGE)]
        counts[state] += 1
        if state != agree:
            shown = label_of(cell["model"]) if state == diverged else f"{label_of(cell['model'])} {cell['delta']:+.2f}"
            listed.setdefault(label_of(cell["samples"]), {}).setdefault(state, []).append(shown)
    kinds = [kind for kind in (differ, undecided, diverged) if counts[kind]]
    rows = [[name, *(", ".join(own.get(kind, [])) for kind in kinds)] for name, own in listed.items()]
    means = ", ".join(f"{name} {spread(mean)}" for name, mean in distances(cells, gains).items())
    words = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    return (
        f"{table(['ours - paper', *kinds], rows, 'l')}\n"
        f"Of the {len(known)} cells {words}, each judged by its own 95 % interval. Mean absolute difference: {means}.\n"
    )


def literal(ours: pd.DataFrame, theirs: pd.DataFrame) -> str:
    """Return where one replicate of the literal protocol lies in the spread of the default's, as a Markdown table.

    Parameters
    ----------
    ours, theirs : DataFrame
        `COLUMNS` of the default run, and of the literal one. A cell is outside where it lies beyond the
        95 % prediction interval of one more replicate.
    """
    rows = []
    total = outside = 0
    models = [model for model in dict.fromkeys(theirs["model"]) if model != BASELINE]
    for kind, samples, name in (("attacks", ATTACKS, "table1"), ("corruptions", CORRUPTIONS, "table2")):
        default, one = (
            by_replicate(run, models, samples, ORIGINALS[kind], kind == "corruptions") for run in (ours, theirs)
        )
        for cell, values in default.items():
            there, value = interval(values), one[cell].mean(skipna=False)
            # What diverged lies outside: it is no number that could lie within.
            inside = abs(value - there.mean) <= half_prediction(values.std(skipna=False), there.replicates)
            total, outside = total + 1, outside + (not inside)
            if not inside or cell[1] == "orig":
                where = f"{label_of(cell[1])}, {label_of(name)}"
                shown = spread(there.mean, values.std())
                rows.append([label_of(cell[0]), where, shown, spread(value), "" if inside else "yes"])
    cells = table(["model", "samples", "default, mean ± sd", "literal", "outside"], rows, "llrrl")
    return (
        f"{cells}\nCells outside the range: {outside} of {total}; expected by chance: {(1 - LEVEL) * total:.0f}. Cells "
        "inside it are shown only for clean images.\n"
    )
