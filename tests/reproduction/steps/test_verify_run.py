"""The verb verify-run."""

import pandas as pd
import pytest

from experiment import arguments
from reproduction.__main__ import main
from reproduction.report.columns import COLUMNS


@pytest.fixture
def verify(tmp_path):
    """Return a function that compares two runs, given by each network's accuracies, and returns what it writes."""

    def run(**models):
        paths = {}
        for name, chosen in (("reference", 0), ("accuracies", 1)):
            rows = [
                (model, number, "fgsm", 0, value, 10)
                for model, runs in models.items()
                for number, value in enumerate(runs[chosen], start=1)
            ]
            paths[name] = tmp_path / f"{name}.csv"
            pd.DataFrame(rows, columns=COLUMNS).to_csv(paths[name], index=False)
        main(arguments("verify-run", **paths, output=tmp_path / "out.csv"))
        return tmp_path / "out.csv"

    return run


def test_runs_that_agree_are_told_with_what_would_not_have_been_seen(verify, capsys):
    table = pd.read_csv(verify(a=([0.5, 0.6, 0.7], [0.6, 0.5, 0.7]), b=([0.5, 0.5], [0.5, 0.5])))
    assert table["agrees"].all()
    assert f"to {table['allowed'].max():.4f}, by cell, are allowed" in capsys.readouterr().out
    assert table["allowed"].max() > 0.3


def test_runs_that_do_not_agree_end_with_a_list(verify, tmp_path):
    nan = float("nan")
    with pytest.raises(SystemExit) as caught:
        verify(
            far=([0.500, 0.501, 0.502], [0.700, 0.701, 0.702]),
            lost=([0.5, 0.6], [nan, 0.6]),
            gone=([0.5, 0.6], []),
            bad=([0.5, nan], [0.5, 0.6]),
            good=([0.5, 0.6], [0.5, 0.6]),
        )
    message = str(caught.value)
    assert "found 4 of 5 cells outside the reference's spread" in message
    assert "far on fgsm: 0.7010, reference 0.5010 ± 0.0" in message
    assert "lost on fgsm: diverged in 1 of 2 replicates" in message
    assert "gone on fgsm: absent" in message
    assert "bad on fgsm: the reference diverged" in message
    assert not (tmp_path / "out.csv").exists()
