"""Columns of the long tables, which steps write and tables, figures and documents read."""

COLUMNS = ["model", "replicate", "samples", "severity", "accuracy", "n"]
ORIGINALS = {"attacks": "orig_attacked", "corruptions": "orig"}
"""Names of the unchanged images that go with the attacked and with the corrupted ones: they may be other images."""


def originals_of(attack: str) -> str:
    """Return the name of the unchanged images that a set of attacked ones counts, where it does not count all."""
    return f"orig_{attack}"


RECALL_COLUMNS = ["model", "replicate", "samples", "label", "recall", "predictions"]

CONFUSION_COLUMNS = ["model", "samples", "label", "predicted", "count"]

DIVERGED = -1
"""What counts as predicted by a network that diverged: no class."""

VICTIM_COLUMNS = ["model", "replicate", "attack", "threat_model", "epsilon", "accuracy", "n"]

CERTIFICATE_COLUMNS = [
    "model", "variance", "noise_levels", "replicate", "radius", "accuracy", "abstained", "n", "clean",
]  # fmt: skip
"""``accuracy`` is the share of images that are right and certified within the radius, ``clean`` the noise-free one."""

SWEEP_COLUMNS = ["name", "family", "key", "value"]
"""Of what a sweep made: the name of a model or set, the one that it varies, and the setting with its value."""

ALL_ATTACKS = "all attacks"
"""What an image has to withstand to count as right in the rows of this name."""

CERTIFIED, TRANSFER = "certified", "transfer"
"""Rows beside those of attacks on networks themselves: certified accuracy, and samples of another network."""

CELL_COLUMNS = ["model", "samples", "mean", "sd", "replicates", "n", "paper", "delta"]
"""The columns of tables with one row per cell. They are here because figures need nothing else of the tables' code."""

AUTHORS_COLUMNS = ["model", "samples", "strength", "constants", "resize", "severity", "accuracy", "n"]
"""Of the authors' own networks. ``strength`` is epsilon or c of an attack; ``constants`` and ``resize`` are a
corruption's. What samples do not have is empty, and their severity 0."""

AUTHORS_WEIGHTS_COLUMNS = ["model", "level", "norm", "unseen", "sd_unseen"]
"""The Frobenius norm of a level's weights with the bias; of the first level also how many weights belong to pixels that
are 0 in all images, which no training moves, and their standard deviation."""

NORM_COLUMNS = ["epoch", "level", "norm"]
"""The Frobenius norm of each level's weights with the bias, before training (epoch 0) and after each epoch."""

NORMS_COLUMNS = ["model", "loss", "batch_reduction", "initial_weights", *NORM_COLUMNS]
"""The same of several models, with the settings by which they differ."""
