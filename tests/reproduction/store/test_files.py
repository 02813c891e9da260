"""Files: whole or absent, without pickles, the same bytes for the same content."""

import os
import pickle
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from glr.errors import InputError
from reproduction.store.files import (
    claiming,
    read_arrays,
    read_table,
    replacing,
    write_arrays,
    write_rows,
    write_table,
    write_text,
)

ARRAYS = {"images": np.arange(12, dtype=np.float32).reshape(3, 4), "labels": np.array([3, 1, 2], np.uint8)}


def assert_one_sentence(error, path):
    message = str(error)
    assert message.startswith(f"{path}: ")
    assert message.endswith(".")
    assert "\n" not in message


@pytest.fixture
def path(tmp_path):
    return tmp_path / "arrays.npz"


def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "table.csv"
    write_text(path, "old")
    with pytest.raises(KeyboardInterrupt), replacing(path) as temporary:
        temporary.write_text("ne")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_is_absent_until_it_is_whole(tmp_path):
    path = tmp_path / "new" / "folder" / "table.csv"
    with replacing(path) as temporary:
        assert temporary.parent == path.parent
        assert temporary.suffix == path.suffix
        temporary.write_text("half")
        assert not path.exists()
        temporary.write_text("whole")
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    path, synced = tmp_path / "file", []

    def record(descriptor):
        synced.append(os.fstat(descriptor).st_ino)
        assert not path.exists()

    monkeypatch.setattr(os, "fsync", record)
    write_text(path, "text")
    assert synced == [path.stat().st_ino]


def test_writers_at_the_same_time_do_not_share_a_temporary_name(path, monkeypatch):
    with replacing(path) as one:
        monkeypatch.setattr(os, "getpid", lambda: -1)
        with replacing(path) as other:
            assert one != other
            other.touch()
        one.touch()


def test_what_killed_writers_left_is_removed(tmp_path):
    """But not what others write: of other files, or of the same one later."""
    names = [".table.old.9.part.csv", ".table.9.part.md", ".tables.9.part.csv", "table.9.part.csv", ".table.8.part.csv"]
    for name in [".table.9.part.csv", ".table.1234567.part.csv", *names]:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1.0, 1.0))
    with claiming(tmp_path / "table.csv"):
        (tmp_path / ".table.8.part.csv").touch()
        os.utime(tmp_path / ".table.8.part.csv", (1e10, 1e10))
        write_text(tmp_path / "table.csv", "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, "table.csv"])


def test_a_job_leaves_its_files_to_one_that_began_later(tmp_path):
    """Not the output alone, by which they know of each other, and as soon as the later one has begun."""
    output, history = tmp_path / "weights.npz", tmp_path / "history.csv"
    with claiming(output):
        write_text(history, "whole")
        (tmp_path / ".weights.npz.job").write_text("later")
        for path in (output, history):
            with pytest.raises(InputError, match="found a later job") as caught:
                write_text(path, "late")
            assert_one_sentence(caught.value, path)
    assert history.read_text() == "whole"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".weights.npz.job", "history.csv"]


def test_a_job_whose_claim_is_gone_writes_no_more(tmp_path):
    with claiming(tmp_path / "table.csv"):
        (tmp_path / ".table.csv.job").unlink()
        with pytest.raises(InputError, match="found a later job"):
            write_text(tmp_path / "table.csv", "late")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_claimed_within(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with claiming(Path()):
        assert [path.name for path in tmp_path.iterdir()] == [".job"]
        write_text(tmp_path / "table.csv", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_claim_in_no_folder_makes_none(tmp_path):
    with claiming(tmp_path / "folder" / "table.csv"):
        assert list(tmp_path.iterdir()) == []


def test_a_claim_ends_with_its_job_and_takes_the_place_of_a_killed_ones(tmp_path):
    (tmp_path / ".table.csv.job").write_text("killed")
    with pytest.raises(KeyboardInterrupt), claiming(tmp_path / "table.csv"):
        write_text(tmp_path / "table.csv", "whole")
        raise KeyboardInterrupt
    write_text(tmp_path / "other.csv", "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.csv", "table.csv"]


def test_an_array_of_objects_is_not_written(path):
    with pytest.raises(ValueError, match="allow_pickle=False"):
        write_arrays(path, whole=np.zeros(3), objects=np.array([{}]))
    assert list(path.parent.iterdir()) == []


def test_arrays_are_read_as_they_were_written(path):
    write_arrays(path, **ARRAYS, name="net")
    found = read_arrays(path)
    assert set(found) == {*ARRAYS, "name"}
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array, strict=True)
    assert str(found["name"]) == "net"
    assert list(read_arrays(path, "labels")) == ["labels"]


def test_the_same_content_has_the_same_bytes_at_another_time_and_place(tmp_path, monkeypatch):
    paths = [tmp_path / "one.npz", tmp_path / "two" / "other.npz"]
    for path, now in zip(paths, (1.0e9, 1.7e9), strict=True):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        monkeypatch.setattr(os, "getpid", lambda now=now: int(now))
        write_arrays(path, **ARRAYS)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_missing_array_is_told_with_what_there_is(path):
    write_arrays(path, **ARRAYS)
    with pytest.raises(InputError, match="holds images, labels, but weights, steps is needed") as caught:
        read_arrays(path, "labels", "weights", "steps")
    assert_one_sentence(caught.value, path)


def test_pickles_are_refused(path):
    np.savez(path, labels=np.array([print], dtype=object))
    with pytest.raises(InputError, match=r"no complete \.npz file of plain arrays") as caught:
        read_arrays(path)
    assert_one_sentence(caught.value, path)
    path.write_bytes(pickle.dumps({"labels": [1]}))
    with pytest.raises(InputError, match=r"no complete \.npz file of plain arrays"):
        read_arrays(path)


def test_a_truncated_file_is_refused_wherever_it_ends(path):
    write_arrays(path, **ARRAYS)
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 11), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"no complete \.npz file of plain arrays") as caught:
            read_arrays(path)
        assert_one_sentence(caught.value, path)


def test_changed_content_is_refused(path):
    write_arrays(path, **ARRAYS)
    whole = path.read_bytes()
    place = whole.index(ARRAYS["images"].tobytes())
    path.write_bytes(whole[: place + 5] + b"\xff" + whole[place + 6 :])
    with pytest.raises(InputError, match="Bad CRC-32") as caught:
        read_arrays(path)
    assert_one_sentence(caught.value, path)


@pytest.mark.parametrize("damage", ["one array", "compression method", "encryption", "deflated"])
def test_whatever_else_is_no_npz_file_is_refused(path, damage):
    write_arrays(path, **ARRAYS)
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\x01\x02")
    if damage == "one array":
        with path.open("wb") as file:
            np.save(file, np.zeros(3))
    elif damage == "compression method":
        content[directory + 10] = 99
        path.write_bytes(content)
    elif damage == "encryption":
        content[directory + 8] |= 1
        path.write_bytes(content)
    else:
        np.savez_compressed(path, noise=np.random.default_rng(1).integers(4, size=1000))
        content = bytearray(path.read_bytes())
        content[300:400] = b"\xff" * 100
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_arrays(path)
    assert_one_sentence(caught.value, path)


def test_a_missing_file_is_left_to_the_caller(path):
    with pytest.raises(FileNotFoundError):
        read_arrays(path)
    with pytest.raises(FileNotFoundError):
        read_table(path, ["a"])


def test_numbers_in_tables_keep_all_their_digits(tmp_path):
    path = tmp_path / "table.csv"
    numbers = np.concatenate([np.random.default_rng(1).random(2000), [1 / 3, 1e-300, 5e-324, 1e17 + 2, np.nan]])
    write_table(path, pd.DataFrame({"step": np.arange(len(numbers)), "loss": numbers}))
    table = read_table(path, ["step", "loss"])
    np.testing.assert_array_equal(table["loss"], numbers)
    assert table["step"].dtype == np.int64
    assert b"\r" not in path.read_bytes()
    assert path.read_text().startswith("step,loss\n0,0.5118216247")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "found no CSV table"),
        (b"a,b\n1,2\n1,2,3\n", "found no CSV table"),
        (b"\xff\xfe\x00\x01", "found no text in UTF-8"),
        (b"a,c\n1,2\n", "found the columns a, c, but needs a, b"),
        (b"b,a\n1,2\n", "found the columns b, a, but needs a, b"),
    ],
)
def test_other_tables_are_refused(tmp_path, content, reason):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=reason) as caught:
        read_table(path, ["a", "b"])
    assert_one_sentence(caught.value, path)


def test_text_is_utf_8_with_unix_ends_of_line(tmp_path):
    write_text(tmp_path / "table.md", "0.94 ± 0.01\n")
    assert (tmp_path / "table.md").read_bytes() == "0.94 ± 0.01\n".encode()


def test_rows_are_written_as_a_table_is(tmp_path):
    rows = [("a", 1, 0.1 + 0.2, 1e-7, np.float64(1 / 3)), ("b,c", 2, float("nan"), 1e16, np.float64("nan"))]
    write_rows(tmp_path / "rows.csv", list("vwxyz"), rows)
    write_table(tmp_path / "table.csv", pd.DataFrame(rows, columns=list("vwxyz")))
    assert (tmp_path / "rows.csv").read_bytes() == (tmp_path / "table.csv").read_bytes()
