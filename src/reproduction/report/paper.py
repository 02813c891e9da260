"""The rows, columns and numbers of the paper's Tables I and II."""

from collections.abc import Collection
from typing import NamedTuple

BASELINE = "bp_sigmoid"
ENTROPY = ["glr_sigmoid", "glr_threshold", "glr_abs"]
"""GLR's rows with cross-entropy; those with the 0-1 loss, `ZERO_ONE`, have the first two's activations."""
ZERO_ONE = ["glr_sigmoid_01", "glr_threshold_01"]
MODELS = (BASELINE, *ENTROPY, *ZERO_ONE)

ATTACKS = ["lbfgs", "fgsm"]
CORRUPTIONS = ["gaussian_noise", "impulse_noise", "glass_blur", "contrast"]

TABLE1 = {
    "orig": (0.96, 0.94, 0.93, 0.94, 0.84, 0.83),
    "lbfgs": (0.57, 0.77, 0.73, 0.78, 0.76, 0.72),
    "fgsm": (0.28, 0.45, 0.52, 0.53, 0.58, 0.57),
}

TABLE2 = {
    "orig": (0.96, 0.94, 0.93, 0.94, 0.84, 0.83),
    "gaussian_noise": (0.64, 0.75, 0.75, 0.74, 0.72, 0.72),
    "impulse_noise": (0.40, 0.51, 0.51, 0.51, 0.55, 0.51),
    "glass_blur": (0.38, 0.44, 0.44, 0.42, 0.44, 0.43),
    "contrast": (0.25, 0.45, 0.39, 0.38, 0.46, 0.41),
    "average": (0.418, 0.538, 0.523, 0.513, 0.543, 0.518),
}


class Named(NamedTuple):
    """What is known of a network of the authors' first upload."""

    row: str | None
    """The paper's row that it belongs to."""
    orig_attacked: float
    """In the name of the folder with its results: the accuracy on the images that the source network gets right."""
    fgsm: float
    """In the same name: the accuracy on the FGSM samples of these images."""


AUTHORS = {
    "authors_bp": Named("bp_sigmoid", 0.99, 0.28),
    "authors_threshold": Named("glr_threshold", 0.95, 0.52),
    "authors_threshold_01": Named("glr_threshold_01", 0.86, 0.56),
    "authors_source": Named(None, 1.0, 0.23),
}
"""By the names that `reproduction.store.authors` gives the networks."""
AUTHORS_EPSILON = 0.1
"""Of the FGSM behind the accuracies in the names of their files, and behind the paper's."""


def paper_accuracy(table: str, model: str, samples: str, columns: Collection[str]) -> float | None:
    """Return the paper's accuracy of a model on samples in ``table1`` or ``table2``, None where it gives none.

    Parameters
    ----------
    table, model, samples : str
        Which of them.
    columns : collection of str
        The samples that our table shows: the paper's average is one of `CORRUPTIONS`, and of no other columns.
    """
    column = {"table1": TABLE1, "table2": TABLE2}.get(table, {}).get(samples)
    if column is None or model not in MODELS or (samples == "average" and set(columns) != set(CORRUPTIONS)):
        return None
    return column[MODELS.index(model)]
