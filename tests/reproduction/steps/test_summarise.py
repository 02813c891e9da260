"""The verb summarise: what it says of a run, and its silence on what is missing."""

import pandas as pd
import pytest

from reproduction.__main__ import main
from reproduction.console import duration
from reproduction.report.comparisons import distances
from reproduction.report.tables import COLUMNS, GAIN_COLUMNS


def test_a_folder_without_tables_is_no_mistake(tmp_path, capsys):
    main(["summarise", "--results", str(tmp_path / "absent")])
    assert capsys.readouterr().out == ""


def test_what_was_made_is_named_with_its_folder(tmp_path, capsys):
    for name in ("tables/table2.html", "tables/table1.html", "tables/table1.csv", "figures/figure5.svg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "dataset/replicate-1").mkdir(parents=True)
    main(["summarise", "--results", str(tmp_path)])
    assert capsys.readouterr().out.splitlines() == [
        f"Tables in {tmp_path}/tables: table1, table2.",
        f"Figures in {tmp_path}/figures: figure5.",
        f"Dataset in {tmp_path}/dataset: replicate-1.",
    ]


def test_distances_are_means_over_models_of_what_the_paper_has(tmp_path, capsys):
    rows = [("a", "orig", 0.9, None, 1, 50, 0.96, -0.06), ("b", "orig", 0.9, None, 1, 50, 0.88, 0.02)]
    rows += [("c", "orig", 0.9, None, 1, 50, None, None), ("c", "strong", 0.9, None, 1, 50, None, None)]
    cells = pd.DataFrame(rows, columns=COLUMNS)
    assert distances(cells, pd.DataFrame(columns=GAIN_COLUMNS)) == {"Orig": pytest.approx(0.04)}
    (tmp_path / "tables").mkdir()
    cells.to_csv(tmp_path / "tables" / "table1.csv", index=False)
    gains = [("a", "orig", 0.5, None, 1, None, None, 0.1), ("a", "contrast", 0.3, None, 1, None, None, 0.2)]
    pd.DataFrame(gains, columns=GAIN_COLUMNS).to_csv(tmp_path / "tables" / "table2_gains.csv", index=False)
    main(["summarise", "--results", str(tmp_path), "--seconds", "61"])
    said = "Mean absolute difference from the paper's accuracies: Orig 0.040, gains over BP in Table II 0.100.\n"
    assert capsys.readouterr().out == said + "Took 1 min 1 s.\n"
    cells.assign(mean=cells["mean"].where(cells["model"] != "b")).to_csv(tmp_path / "tables/table1.csv", index=False)
    main(["summarise", "--results", str(tmp_path)])
    assert "accuracies: Orig diverged, gains" in capsys.readouterr().out


@pytest.mark.parametrize(("seconds", "text"), [(9.6, "10 s"), (119.7, "2 min 0 s"), (7380.0, "2 h 3 min")])
def test_durations(seconds, text):
    assert duration(seconds) == text
