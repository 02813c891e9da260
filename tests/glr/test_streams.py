"""Random streams by name."""

from itertools import pairwise

import numpy as np
import pytest

from glr.streams import stream


def words(*names):
    return stream(*names).bit_generator.random_raw(4).tolist()


def test_the_same_names_give_the_same_stream():
    assert words(1, "weights", "net", 2) == words(1, "weights", "net", 2)


def test_any_difference_of_names_gives_another_stream():
    names = [
        (1, "weights"),
        (2, "weights"),
        (1, "targets"),
        (1, "weights", "net"),
        (1, "weights", "net", 1),
        (1, "weights", "net", "1"),
        (1, "weights", 1, "net"),
        (1, "weights", "ne", "t"),
        (1, "weights", "n", "et"),
        (12, "weights", "net"),
        (1, "weights", "net", 2),
    ]
    drawn = [word for name in names for word in words(*name)]
    assert len(set(drawn)) == len(drawn)


def test_streams_of_neighbouring_names_are_uncorrelated():
    streams = [stream(1, "neuronal_noise", "net", replicate).standard_normal(10_000) for replicate in range(8)]
    for one, other in pairwise(streams):
        assert abs(np.corrcoef(one, other)[0, 1]) < 0.045


def test_streams_stay_what_they_were():
    assert words(2020, "mini_batches", "glr_sigmoid", 1, 12)[:2] == [7718400360811881668, 8196752239683206864]


def test_streams_do_not_touch_the_global_generator():
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    stream(1, "weights").random(10)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("seed", [0, -1, 2**70])
def test_any_whole_number_is_a_seed(seed):
    assert words(seed, "weights")
