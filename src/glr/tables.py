"""Tables I and II: means and standard deviations over the replicates, with the paper's numbers beside ours."""

import pandas as pd

from glr.errors import InputError
from glr.paper import paper_accuracy

COLUMNS = ["model", "samples", "mean", "sd", "replicates", "n", "paper", "delta"]

MODEL_LABELS = {
    "bp_sigmoid": "Sigmoid (trained by BP)",
    "glr_sigmoid": "Sigmoid",
    "glr_threshold": "Threshold",
    "glr_abs": "y = |x|",
    "glr_sigmoid_01": "Sigmoid (0-1 loss)",
    "glr_threshold_01": "Threshold (0-1 loss)",
}
LOSS_LABELS = {"cross_entropy": "Entropy", "zero_one": "0-1 loss"}
SAMPLE_LABELS = {
    "orig": "Orig",
    "lbfgs": "Adv.L.BFGS",
    "fgsm": "Adv.FGSM",
    "gaussian_noise": "Gaussian",
    "impulse_noise": "Impulse",
    "glass_blur": "Glass",
    "contrast": "Contrast",
    "average": "Average",
}


def summarise(
    accuracies: pd.DataFrame, table: str, models: list[str], samples: list[str], original: str, average: bool
) -> pd.DataFrame:
    """Return the cells of a table.

    Parameters
    ----------
    accuracies : DataFrame
        The long table of accuracies (`glr.evaluation.COLUMNS`).
    table : str
        The table's name, for the paper's numbers.
    models, samples : list of str
        What the table shows, in its order.
    original : str
        The `samples` of `accuracies` that the column ``orig`` shows.
    average : bool
        Whether to end with the mean over `samples`.

    Returns
    -------
    DataFrame
        One row a cell: `COLUMNS`. A corruption's accuracy is its mean over the severities (Eq. 6), taken in each
        replicate; ``mean`` and ``sd`` are over replicates, ``sd`` empty for a single one. A model that diverged has no
        mean.

    Raises
    ------
    InputError
        If the accuracies lack a cell.
    """
    rows = []
    for model in models:
        own = accuracies[accuracies["model"] == model]
        values = {
            shown: own[own["samples"] == name].groupby("replicate")["accuracy"].mean()
            for shown, name in [("orig", original), *((name, name) for name in samples)]
        }
        for shown, value in values.items():
            if value.empty:
                raise InputError(f"accuracies: found none of model {model} on samples {shown}, which {table} needs.")
        if average:
            values["average"] = pd.concat([values[name] for name in samples], axis=1).mean(axis=1)
        images = own.groupby("samples")["n"].first()
        for shown, value in values.items():
            mean = value.mean(skipna=False)
            paper = paper_accuracy(table, model, shown)
            delta = None if paper is None else mean - paper
            count = images[original] if shown in ("orig", "average") else images[shown]
            rows.append((model, shown, mean, value.std(skipna=False), len(value), count, paper, delta))
    return pd.DataFrame(rows, columns=COLUMNS)


def cell_text(cells: pd.DataFrame, model: str, samples: str) -> str:
    """Return a cell as people read it: mean, standard deviation if there is one, the paper's number in brackets."""
    cell = cells[(cells["model"] == model) & (cells["samples"] == samples)].iloc[0]
    if pd.isna(cell["mean"]):
        ours = "diverged"
    elif pd.isna(cell["sd"]):
        ours = f"{cell['mean']:.3f}"
    else:
        ours = f"{cell['mean']:.3f} ± {cell['sd']:.3f}"
    return ours if pd.isna(cell["paper"]) else f"{ours} [{cell['paper']:g}]"


def label_of(name: str) -> str:
    """Return the paper's label of a model or samples, or the name where the paper has none."""
    return MODEL_LABELS.get(name) or SAMPLE_LABELS.get(name) or name


def layout_by_loss(cells: pd.DataFrame, losses: dict[str, str]) -> list[list[list[str]]]:
    """Return Table I as the paper lays it out: a row a model, a block a loss.

    Parameters
    ----------
    cells : DataFrame
        What `summarise` returned.
    losses : dict of str to str
        Each model's loss.

    Returns
    -------
    list of list of list of str
        Blocks of rows of texts, each with its head first.
    """
    samples = list(dict.fromkeys(cells["samples"]))
    blocks = []
    for loss in dict.fromkeys(losses.values()):
        head = [f"Activations + {LOSS_LABELS.get(loss, loss)}", *map(label_of, samples)]
        models = [model for model in dict.fromkeys(cells["model"]) if losses[model] == loss]
        blocks.append(
            [head, *([label_of(model), *(cell_text(cells, model, name) for name in samples)] for model in models)]
        )
    return blocks


def layout_in_threes(cells: pd.DataFrame) -> list[list[list[str]]]:
    """Return Table II as the paper lays it out: a column a model, three a block; blocks as in `layout_by_loss`."""
    models, samples = list(dict.fromkeys(cells["model"])), list(dict.fromkeys(cells["samples"]))
    blocks = []
    for group in (models[start : start + 3] for start in range(0, len(models), 3)):
        rows = [[label_of(name), *(cell_text(cells, model, name) for model in group)] for name in samples]
        blocks.append([["", *map(label_of, group)], *rows])
    return blocks


def markdown(blocks: list[list[list[str]]]) -> str:
    """Return the blocks as GitHub Markdown tables."""
    texts = []
    for head, *rows in blocks:
        rule = ["---", *["---:"] * (len(head) - 1)]
        escaped = [[text.replace("|", "\\|") for text in row] for row in (head, rule, *rows)]
        texts.append("".join(f"| {' | '.join(row)} |\n" for row in escaped))
    return "\n".join(texts)


def latex(blocks: list[list[list[str]]]) -> str:
    """Return the blocks as one LaTeX tabular."""
    width = max(len(row) for block in blocks for row in block)
    lines = [f"\\begin{{tabular}}{{l{'c' * (width - 1)}}}", "\\hline"]
    for head, *rows in blocks:
        lines += [_latex_row(head), "\\hline", *map(_latex_row, rows), "\\hline"]
    return "\n".join([*lines, "\\end{tabular}", ""])


def _latex_row(texts: list[str]) -> str:
    escaped = [
        text.replace("_", "\\_")
        .replace("±", "$\\pm$")
        .replace("y = |x|", "$y = |x|$")
        .replace("[", "{[")
        .replace("]", "]}")
        for text in texts
    ]
    return " & ".join(escaped) + " \\\\"
