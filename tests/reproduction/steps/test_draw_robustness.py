"""The verb draw-robustness: a table and a figure of the accuracies of networks that were attacked themselves."""

import pandas as pd
import pytest

from experiment import arguments
from reproduction.__main__ import main
from reproduction.figures import robustness
from reproduction.report.columns import VICTIM_COLUMNS

ROWS = [
    ("bp_sigmoid", replicate, attack, epsilon, accuracy, 10)
    for attack, values in {"pgd": (0.9, 0.5, 0.3), "square": (0.9, 0.7, 0.1)}.items()
    for replicate in (1, 2)
    for epsilon, accuracy in zip((0.0, 0.1, 0.2), values, strict=True)
]


def draw(folder, rows=ROWS, output=("robustness.svg", "robustness.png"), columns=VICTIM_COLUMNS):
    pd.DataFrame(rows, columns=columns).to_csv(folder / "victims.csv", index=False)
    main(
        arguments(
            "draw-robustness",
            accuracies=folder / "victims.csv",
            table=folder / "table.md",
            output=[folder / name for name in output],
        )
    )
    return (folder / "table.md").read_text(encoding="utf-8").splitlines()


def test_the_strongest_attack_is_the_least_accuracy_at_each_epsilon(tmp_path):
    table = draw(tmp_path)
    assert table[0] == "| attack | model | epsilon 0 | epsilon 0.1 | epsilon 0.2 |"
    assert table[2:] == [
        "| pgd | bp_sigmoid | 0.900 ± 0.000 | 0.500 ± 0.000 | 0.300 ± 0.000 |",
        "| square | bp_sigmoid | 0.900 ± 0.000 | 0.700 ± 0.000 | 0.100 ± 0.000 |",
        "| strongest | bp_sigmoid | 0.900 ± 0.000 | 0.500 ± 0.000 | 0.100 ± 0.000 |",
    ]
    assert (tmp_path / "robustness.svg").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "robustness.png").read_bytes().startswith(b"\x89PNG")


def test_the_least_is_taken_within_a_replicate_before_the_mean(tmp_path):
    rows = [
        ("glr_abs", *values, 10)
        for values in ((1, "a", 0.1, 0.2), (2, "a", 0.1, 0.8), (1, "b", 0.1, 0.6), (2, "b", 0.1, 0.4))
    ]
    assert draw(tmp_path, rows)[-1] == "| strongest | glr_abs | 0.300 ± 0.141 |"


def test_one_attack_has_no_strongest(tmp_path):
    assert [line.split(" | ")[0] for line in draw(tmp_path, ROWS[:6])[2:]] == ["| pgd"]


def test_a_panel_an_attack_and_a_line_a_network():
    rows = ROWS + [("glr_abs", *row[1:]) for row in ROWS[:6]]
    figure = robustness(pd.DataFrame(rows, columns=VICTIM_COLUMNS))
    assert [panel.get_title() for panel in figure.axes] == ["PGD", "Square"]
    assert [len(panel.lines) for panel in figure.axes] == [2, 1]
    assert figure.axes[0].lines[0].get_ydata().tolist() == [0.9, 0.5, 0.3]


def test_one_panel_has_room_for_the_names_of_all_networks():
    models = ("bp_sigmoid", "bp_noisy", "glr_sigmoid", "glr_threshold_01", "glr_abs")
    rows = [(model, *row[1:]) for model in models for row in ROWS[:6]]
    figure = robustness(pd.DataFrame(rows, columns=VICTIM_COLUMNS))
    figure.draw_without_rendering()
    drawn = figure.get_tightbbox()
    assert drawn.x0 >= 0 and drawn.x1 <= figure.get_figwidth()
    assert drawn.y0 >= 0 and drawn.y1 <= figure.get_figheight()


@pytest.mark.parametrize(
    ("change", "message"),
    [({"output": ["robustness.pdf"]}, "'.pdf'"), ({"columns": [*VICTIM_COLUMNS[:-1], "count"]}, "found the columns")],
)
def test_other_formats_and_columns_are_refused(tmp_path, change, message):
    with pytest.raises(SystemExit, match=message):
        draw(tmp_path, **change)
    assert not (tmp_path / "table.md").exists()
