"""The verb collect-tables."""

import numpy as np
import pandas as pd
import pytest

from experiment import arguments
from reproduction.__main__ import main


@pytest.fixture
def tables(tmp_path):
    """Return the paths of two tables, the second with a row that diverged."""
    paths = [tmp_path / "one.csv", tmp_path / "two.csv"]
    paths[0].write_text("epoch,loss\n1,0.1\n2,0.30000000000000004\n")
    paths[1].write_text("epoch,loss\n1,\n")
    return paths


def test_rows_stand_in_the_given_order_with_all_their_digits(tmp_path, tables):
    main(arguments("collect-tables", inputs=tables[::-1], output=tmp_path / "all.csv"))
    assert (tmp_path / "all.csv").read_text() == "epoch,loss\n1,\n1,0.1\n2,0.30000000000000004\n"


def test_models_and_replicates_are_put_before(tmp_path, tables):
    main(arguments("collect-tables", inputs=tables, models=["a", "b"], replicates=[1, 2], output=tmp_path / "all.csv"))
    expected = "model,replicate,epoch,loss\na,1,1,0.1\na,1,2,0.30000000000000004\nb,2,1,\n"
    assert (tmp_path / "all.csv").read_text() == expected


def test_settings_are_put_between_them_and_the_tables(tmp_path, tables):
    columns = {"models": ["a", "b"], "losses": ["x", "y"], "reductions": ["mean", "sum"], "initial": [0.1, "fan_in"]}
    table = tables[0].read_text().replace("loss", "norm")
    for path in tables:
        path.write_text(table)
    main(arguments("collect-tables", inputs=tables, output=tmp_path / "all.csv", **columns))
    lines = (tmp_path / "all.csv").read_text().splitlines()
    assert lines[0] == "model,loss,batch_reduction,initial_weights,epoch,norm"
    assert [lines[1], lines[3]] == ["a,x,mean,0.1,1,0.1", "b,y,sum,fan_in,1,0.1"]


def test_numbers_are_not_changed_on_the_way(tmp_path):
    numbers = np.random.default_rng(1).random(500)
    pd.DataFrame({"accuracy": numbers}).to_csv(tmp_path / "in.csv", index=False)
    main(arguments("collect-tables", inputs=tmp_path / "in.csv", output=tmp_path / "all.csv"))
    assert (tmp_path / "all.csv").read_bytes() == (tmp_path / "in.csv").read_bytes()


def test_other_columns_are_refused(tmp_path, tables):
    tables[1].write_text("loss,epoch\n0.1,1\n")
    with pytest.raises(
        SystemExit, match=r"two\.csv: found other columns than in .*one\.csv; they have to be the same\."
    ):
        main(arguments("collect-tables", inputs=tables, output=tmp_path / "all.csv"))
    assert not (tmp_path / "all.csv").exists()


@pytest.mark.parametrize("mistake", ["empty", "no text", "too few models", "too many replicates"])
def test_mistakes_end_with_one_sentence(tmp_path, tables, mistake):
    settings = {}
    if mistake == "empty":
        tables[1].write_text("")
    elif mistake == "no text":
        tables[1].write_bytes(b"\xff\xfe\x00")
    elif mistake == "too few models":
        settings["models"] = "a"
    else:
        settings["replicates"] = [1, 2, 3]
    with pytest.raises(SystemExit):
        main(arguments("collect-tables", inputs=tables, output=tmp_path / "all.csv", **settings))
