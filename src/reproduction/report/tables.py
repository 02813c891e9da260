"""Tables I and II: means and standard deviations over the replicates, with the paper's numbers beside ours."""

from html import escape

import pandas as pd

from glr.errors import InputError
from reproduction.report.columns import CELL_COLUMNS
from reproduction.report.markdown import table as markdown_table
from reproduction.report.names import label_of
from reproduction.report.paper import CORRUPTIONS, paper_accuracy
from reproduction.report.statistics import Interval, counted, interval, paired, spread

COLUMNS = CELL_COLUMNS

GAIN_COLUMNS = ["model", "samples", "mean", "sd", "replicates", "low", "high", "paper"]

PAGE_HEAD = """<!doctype html>
<meta charset="utf-8">
<style>
.tables {font: 15px/1.5 sans-serif; margin: 2em; color: #222}
.tables h2 {font-size: 1.1em; margin: 1.5em 0 0.5em}
.tables table {border-collapse: collapse; margin-bottom: 1.2em}
.tables :is(th, td) {padding: 0.25em 0.9em; text-align: right; white-space: nowrap; border-bottom: 1px solid #ddd}
.tables :is(th, td):first-child {text-align: left}
.tables th {border-bottom: 1px solid #222}
</style>
<div class="tables">
"""
"""The styles hold inside the page's ``div`` only, because the report's front page includes the page of Table I."""


def over_severities(accuracies: pd.DataFrame, model: str, samples: str) -> "pd.Series[float]":
    """Return a model's accuracies by replicate; a corruption's is the mean over its severities (Eq. 6).

    Parameters
    ----------
    accuracies : DataFrame
        The long table of accuracies (`reproduction.report.columns.COLUMNS`).
    model, samples : str
        Which of them.

    Raises
    ------
    InputError
        If there are none.
    """
    own = accuracies[(accuracies["model"] == model) & (accuracies["samples"] == samples)]
    if own.empty:
        raise InputError(f"accuracies: found none of model {model} on samples {samples}.")
    return own.groupby("replicate")["accuracy"].mean(skipna=False)


def covers(accuracies: pd.DataFrame, model: str, samples: str) -> bool:
    """Tell whether there are accuracies of a model on samples, or on all corruptions of the paper's ``average``."""
    names = CORRUPTIONS if samples == "average" else [samples]
    return set(names) <= set(accuracies.loc[accuracies["model"] == model, "samples"])


def values(accuracies: pd.DataFrame, model: str, samples: str) -> "pd.Series[float]":
    """Return a model's accuracies by replicate; the samples ``average`` are the mean over the paper's corruptions.

    Parameters and errors are those of `over_severities`.
    """
    if samples == "average":
        parts = [over_severities(accuracies, model, name) for name in CORRUPTIONS]
        return pd.concat(parts, axis=1).mean(axis=1, skipna=False)
    return over_severities(accuracies, model, samples)


def by_replicate(
    accuracies: pd.DataFrame, models: list[str], samples: list[str], original: str, average: bool
) -> dict[tuple[str, str], "pd.Series[float]"]:
    """Return each cell's accuracies by replicate.

    Parameters
    ----------
    accuracies : DataFrame
        The long table of accuracies (`reproduction.report.columns.COLUMNS`).
    models, samples : list of str
        What a table shows, in its order.
    original : str
        The `samples` of `accuracies` that the cells ``orig`` show.
    average : bool
        Whether to end with the mean over `samples`.

    Returns
    -------
    dict of (model, samples) to Series
        A corruption's accuracy is its mean over the severities (Eq. 6).

    Raises
    ------
    InputError
        If the accuracies lack a cell.
    """
    found = {}
    for model in models:
        own = accuracies[accuracies["model"] == model]
        for shown, name in [("orig", original), *((name, name) for name in samples)]:
            found[model, shown] = over_severities(own, model, name)
        replicates = {tuple(found[model, name].index) for name in ("orig", *samples)}
        if len(replicates) > 1:
            raise InputError(f"accuracies: model {model} does not have the same replicates on all samples.")
        if average:
            parts = [found[model, name] for name in samples]
            found[model, "average"] = pd.concat(parts, axis=1).mean(axis=1, skipna=False)
    return found


def summarise(
    accuracies: pd.DataFrame, table: str, models: list[str], samples: list[str], original: str, average: bool
) -> pd.DataFrame:
    """Return the cells of a table, one row per cell: `COLUMNS`.

    ``mean`` and ``sd`` are over replicates, ``sd`` empty for a single one; a model that diverged has no mean.
    Parameters and errors are those of `by_replicate`, and `table` is the table's name, for the paper's numbers.
    """
    # Attacks may count another number of images in each replicate.
    images = accuracies.groupby("samples")["n"].mean().round().astype(int)
    rows = []
    for (model, shown), value in by_replicate(accuracies, models, samples, original, average).items():
        mean, paper = value.mean(skipna=False), paper_accuracy(table, model, shown, samples)
        count = images[original if shown in ("orig", "average") else shown]
        delta = None if paper is None else mean - paper
        rows.append((model, shown, mean, value.std(skipna=False), len(value), count, paper, delta))
    return pd.DataFrame(rows, columns=COLUMNS)


def summarise_gains(
    accuracies: pd.DataFrame,
    table: str,
    models: list[str],
    samples: list[str],
    original: str,
    average: bool,
    baseline: str,
) -> pd.DataFrame:
    """Return each model's gain over `baseline`, paired by replicate, one row per cell: `GAIN_COLUMNS`.

    ``low`` and ``high`` are the 95 % interval of the mean difference (Student's t), empty for a single replicate.
    Parameters and errors are those of `summarise`.
    """
    found = by_replicate(accuracies, [baseline, *models], samples, original, average)
    rows = []
    for (model, shown), value in found.items():
        if model == baseline:
            continue
        difference = paired(value, found[baseline, shown])
        gain, sd = interval(difference), difference.std(skipna=False)
        ours, theirs = (paper_accuracy(table, name, shown, samples) for name in (model, baseline))
        paper = None if ours is None or theirs is None else ours - theirs
        rows.append((model, shown, gain.mean, sd, gain.replicates, gain.low, gain.high, paper))
    return pd.DataFrame(rows, columns=GAIN_COLUMNS)


def mean_corruption_errors(
    accuracies: pd.DataFrame, models: list[str], samples: list[str], baseline: str
) -> dict[str, Interval]:
    """Return each other model's mean corruption error (mCE) relative to the baseline, with its 95 % interval.

    In each replicate, a corruption's error is summed over its severities and divided by the baseline's sum; the mCE is
    the mean over the corruptions. Below 1 the model makes fewer errors than the baseline.

    Parameters
    ----------
    accuracies : DataFrame
        The long table of accuracies (`reproduction.report.columns.COLUMNS`).
    models, samples : list of str
        The models and the corruptions, in their order.
    baseline : str
        The model whose errors are the unit.

    Raises
    ------
    InputError
        If the accuracies lack a cell.

    References
    ----------
    Hendrycks, Dietterich: Benchmarking neural network robustness to common corruptions and perturbations, 2019.
    """

    def errors(model: str) -> pd.DataFrame:
        # The means over the severities have the ratio of the sums.
        return pd.concat([1.0 - over_severities(accuracies, model, name) for name in samples], axis=1, keys=samples)

    unit = errors(baseline)
    found = {}
    for model in models:
        if model != baseline:
            # Only replicates that both networks have give a ratio; missing ones are not divergences.
            shared = errors(model).loc[lambda own: own.index.isin(unit.index)]
            found[model] = interval((shared / unit.loc[shared.index]).mean(axis=1, skipna=False))
    return found


def layout_errors(errors: dict[str, Interval], baseline: str) -> list[list[list[str]]]:
    """Return the results of `mean_corruption_errors` as blocks of rows of texts, as in `layout_by_loss`."""
    head = ["", f"mCE relative to {label_of(baseline)}"]
    return [[head, *([label_of(model), f"{own:.1%}"] for model, own in errors.items())]] if errors else []


def divergences(accuracies: pd.DataFrame, models: list[str]) -> str:
    """Return one line for each model that diverged, with the numbers of its diverged replicates.

    Parameters
    ----------
    accuracies : DataFrame
        The long table of accuracies (`reproduction.report.columns.COLUMNS`).
    models : list of str
        The models to tell of.
    """
    lost = accuracies[accuracies["accuracy"].isna()]
    lines = []
    for model in models:
        names = sorted(set(lost.loc[lost["model"] == model, "replicate"]))
        total = accuracies.loc[accuracies["model"] == model, "replicate"].nunique()
        if names:
            numbers = ", ".join(map(str, names))
            lines.append(f"{label_of(model)}: diverged in {len(names)} of {counted(total)} (number {numbers}).\n")
    return "\n".join(lines)


def dead_classes(recall: pd.DataFrame, models: list[str]) -> str:
    """Return one line per model with the number of classes that it never predicts in each replicate.

    Classes without images and replicates that diverged do not count: they have no recall.

    Parameters
    ----------
    recall : DataFrame
        The recall of each class (`reproduction.report.columns.RECALL_COLUMNS`).
    models : list of str
        The models to tell of.
    """
    tested = recall.dropna(subset="recall")["label"].unique()
    recall = recall[recall["label"].isin(tested)] if len(tested) else recall
    lines = []
    for model in models:
        own = recall[recall["model"] == model]
        dead = [(one["predictions"] == 0).sum() for _, one in own.groupby("replicate") if one["recall"].notna().any()]
        if not dead:
            continue
        number = f"{min(dead)} to {max(dead)}" if min(dead) < max(dead) else str(dead[0])
        alive = own[own["predictions"] > 0]["recall"].mean()
        lines.append(
            f"{label_of(model)}: in each replicate, {number} of the {own['label'].nunique()} classes are never "
            f"predicted; the mean recall of the others is {alive:.3f}.\n"
        )
    return "\n".join(lines)


def cell_text(cells: pd.DataFrame, model: str, samples: str) -> str:
    """Return a cell as text: mean, standard deviation if there is one, and the paper's number in brackets."""
    cell = cells[(cells["model"] == model) & (cells["samples"] == samples)].iloc[0]
    ours = spread(cell["mean"], cell["sd"])
    return ours if pd.isna(cell["paper"]) else f"{ours} [{cell['paper']:g}]"


def layout_by_loss(cells: pd.DataFrame, losses: dict[str, str]) -> list[list[list[str]]]:
    """Return Table I in the paper's layout: one row per model, one block per loss.

    Parameters
    ----------
    cells : DataFrame
        What `summarise` returned.
    losses : dict of str to str
        Each model's loss.

    Returns
    -------
    list of list of list of str
        Blocks of rows of texts; the head of each block is its first row.
    """
    samples = list(dict.fromkeys(cells["samples"]))
    blocks = []
    for loss in dict.fromkeys(losses.values()):
        head = [f"Activations + {label_of(loss)}", *map(label_of, samples)]
        models = [model for model in dict.fromkeys(cells["model"]) if losses[model] == loss]
        blocks.append(
            [head, *([label_of(model), *(cell_text(cells, model, name) for name in samples)] for model in models)]
        )
    return blocks


def layout_in_threes(cells: pd.DataFrame) -> list[list[list[str]]]:
    """Return Table II in the paper's layout: one column per model, three per block; blocks as in `layout_by_loss`."""
    models, samples = list(dict.fromkeys(cells["model"])), list(dict.fromkeys(cells["samples"]))
    blocks = []
    for group in (models[start : start + 3] for start in range(0, len(models), 3)):
        rows = [[label_of(name), *(cell_text(cells, model, name) for model in group)] for name in samples]
        blocks.append([["", *map(label_of, group)], *rows])
    return blocks


def markdown(blocks: list[list[list[str]]]) -> str:
    """Return the blocks as GitHub Markdown tables."""
    return "\n".join(markdown_table(head, rows) for head, *rows in blocks)


def latex(blocks: list[list[list[str]]]) -> str:
    """Return the blocks as one LaTeX tabular."""
    width = max(len(row) for block in blocks for row in block)
    lines = [f"\\begin{{tabular}}{{l{'c' * (width - 1)}}}", "\\hline"]
    for head, *rows in blocks:
        lines += [_latex_row(head), "\\hline", *map(_latex_row, rows), "\\hline"]
    return "\n".join([*lines, "\\end{tabular}", ""])


def layout_gains(gains: pd.DataFrame) -> list[list[list[str]]]:
    """Return the gains as text, one row per model: gains, 95 % intervals, and the paper's gains in brackets."""
    cells: dict[str, dict[str, str]] = {}
    for row in gains.to_dict("records"):
        interval = "" if pd.isna(row["low"]) else f" ({row['low']:+.3f} to {row['high']:+.3f})"
        paper = "" if pd.isna(row["paper"]) else f" [{row['paper']:+.3g}]"
        ours = "diverged" if pd.isna(row["mean"]) else f"{row['mean']:+.3f}"
        cells.setdefault(row["model"], {})[row["samples"]] = f"{ours}{interval}{paper}"
    head = ["", *map(label_of, dict.fromkeys(gains["samples"]))]
    return [[head, *([label_of(model), *row.values()] for model, row in cells.items())]] if cells else []


def html(sections: dict[str, list[list[list[str]]]], note: str) -> str:
    """Return an HTML page: headings with their blocks, and a note at the end."""
    parts = [PAGE_HEAD]
    for heading, blocks in sections.items():
        parts.append(f"<h2>{escape(heading)}</h2>\n")
        for head, *rows in blocks:
            lines = [_html_row("th", head), *(_html_row("td", row) for row in rows)]
            parts.append(f"<table>\n{''.join(lines)}</table>\n")
    return "".join([*parts, *(f"<p>{escape(line)}</p>\n" for line in note.splitlines() if line), "</div>\n"])


def _html_row(tag: str, texts: list[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(text)}</{tag}>' for text in texts)}</tr>\n"


def _latex_row(texts: list[str]) -> str:
    escaped = [
        text.replace("_", "\\_").replace("±", "$\\pm$").replace("|x|", "$|x|$").replace("[", "{[").replace("]", "]}")
        for text in texts
    ]
    return " & ".join(escaped) + " \\\\"
