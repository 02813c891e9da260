"""The table of certified accuracies: means, intervals and where each stands."""

import numpy as np
import pytest

from drawings import certificates
from reproduction.report.certificates import layout, summarise

HALF = 4.302652729749464 * 0.01 / 3**0.5  # Student's t with 2 degrees of freedom, from its tables


def test_a_cell_has_the_mean_of_the_replicates_and_its_interval():
    cells = summarise(certificates())
    assert len(cells) == 2 * 4 * 5
    one = cells[(cells["model"] == "glr_abs") & (cells["variance"] == 16) & (cells["noise_levels"] == "all")]
    assert list(one["share"]) == ["clean", *["certified"] * 3, "abstained"]
    np.testing.assert_array_equal(one["radius"], [np.nan, 0.0, 0.1, 0.3, np.nan])
    mean = np.array([0.9, 0.36, 0.26, 0.06, 0.1])
    half = np.array([0.0, HALF, HALF, HALF, 0.0])
    np.testing.assert_allclose(one["mean"], mean)
    np.testing.assert_allclose(one["low"], mean - half)
    np.testing.assert_allclose(one["high"], mean + half)
    assert set(one["replicates"]) == {3} and set(one["n"]) == {50}


def test_each_noise_has_a_block_with_a_row_per_network_and_a_column_per_radius():
    sections = layout(summarise(certificates()))
    assert [heading.partition(":")[0] for heading in sections] == [
        "Noise of variance 1 on the first level",
        "Noise of variance 16 on the first level",
        "Noise of variance 1 on all levels",
        "Noise of variance 16 on all levels",
    ]
    (block,) = list(sections.values())[1]
    assert block == [
        ["", "clean", "radius 0", "radius 0.1", "radius 0.3", "abstained"],
        ["BP sigmoid", "0.900 ± 0.000", "0.460 ± 0.025", "0.360 ± 0.025", "0.160 ± 0.025", "0.100 ± 0.000"],
        ["GLR |x|", "0.900 ± 0.000", "0.560 ± 0.025", "0.460 ± 0.025", "0.260 ± 0.025", "0.100 ± 0.000"],
    ]


@pytest.mark.parametrize("column", ["accuracy", "clean", "abstained"])
def test_a_replicate_that_diverged_is_told_and_one_replicate_has_no_interval(column):
    table = certificates()
    alone = table[table["replicate"] == 1]
    (block,) = layout(summarise(alone))["Noise of variance 1 on the first level: mean ± half of the 95 % interval"]
    assert block[1] == ["BP sigmoid", "0.900", "0.600", "0.500", "0.300", "0.100"]
    table.loc[(table["model"] == "glr_abs") & (table["replicate"] == 2), column] = np.nan
    for _, whole, lost in (block for (block,) in layout(summarise(table)).values()):
        assert "diverged" in lost and "diverged" not in whole
