"""CPU time and peak memory of a whole training with the settings of config/config.yaml, in a process of its own."""

from common import data, print_table, settings, spend, training_command  # isort: skip

import tempfile
from pathlib import Path

from reproduction.store.files import read_table

HISTORY = ["epoch", "step", "loss_train", "accuracy_train", "loss_test", "accuracy_test"]


def main() -> None:
    """Measure and print."""
    name, _, split = data()
    rows = []
    for model in ("glr_sigmoid",):
        own = settings(model)
        with tempfile.TemporaryDirectory() as folder:
            seconds, peak = spend(training_command(model, Path(folder), split))
            accuracy = read_table(Path(folder) / "history.csv", HISTORY)["accuracy_test"].iloc[-1]
        given = [model, own["sampling"], f"{own['replications']:,}", str(own["epochs"])]
        rows.append([*given, f"{seconds:.1f}", f"{peak:.0f}", f"{accuracy:.3f}"])
    header = ["model", "sampling", "K", "epochs", "CPU seconds", "peak MB", "test accuracy"]
    print_table(header, rows, words=2)
    print(f"{name}; 42,000 training images, evaluation after each epoch, reading and writing included.")


if __name__ == "__main__":
    main()
