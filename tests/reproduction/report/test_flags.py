"""The flags of AutoAttack, in words, and images that are counted one by one."""

import numpy as np
import pytest

from reproduction.report.attacks import flags, withstood

IMAGES = 1000


@pytest.fixture
def run():
    """Return what collect-victims writes: a gradient and Square against a network in two replicates, no flag raised."""
    rows = [("apgd", 1), ("square", 1), ("apgd", 2), ("square", 2)]
    right = np.ones((4, 2, IMAGES), bool)
    right[[0, 2], 1, :500] = False
    right[[1, 3], 1, :400] = False
    return {
        "models": np.array(["bp_sigmoid"] * 4),
        "attacks": np.array([attack for attack, _ in rows]),
        "methods": np.array([attack for attack, _ in rows]),
        "replicates": np.array([replicate for _, replicate in rows]),
        "norms": np.array(["l2", "l2"]),
        "epsilons": np.array([0.0, 0.3]),
        "right": right,
        "blind": np.zeros((4, IMAGES), bool),
        "unsteady": np.zeros((4, IMAGES), bool),
        "diverged": np.zeros(4, bool),
    }


def test_no_flag_is_raised_where_square_fells_what_gradients_fell(run):
    names = ("Zero gradients", "Square better than gradients", "Noise")
    assert flags(run).splitlines() == [f"- {name}: not raised." for name in names]


def test_zero_gradients_are_told_with_their_attack(run):
    run["blind"][0, :20] = True
    (line, *others) = flags(run).splitlines()
    assert line.startswith("- Zero gradients: raised for BP sigmoid under apgd (1.0% of the images).")
    assert all(other.endswith("not raised.") for other in others)


@pytest.mark.parametrize(("alone", "raised"), [(1, False), (3, True)])
def test_square_is_flagged_for_images_that_only_square_fells(run, alone, raised):
    """Square leaves more right than the gradient does, and fells others all the same."""
    run["right"][[1, 3], 1, 900 : 900 + alone] = False
    line = flags(run).splitlines()[1]
    assert ("raised for BP sigmoid (most at L2 0.3: 0.3% of the images)" in line) == raised
    assert ("not raised" in line) != raised


def test_noise_is_told(run):
    run["unsteady"][:, :100] = True
    line = flags(run).splitlines()[2]
    assert line.startswith(
        "- Noise: raised for BP sigmoid (10.0% of the images get another label when predicted again)."
    )


def test_images_are_counted_one_by_one_and_a_diverged_network_has_no_number(run):
    run["right"][1, 1, :500], run["right"][1, 1, 500:700] = True, False
    every = np.ones(4, bool)
    found = withstood(run, "bp_sigmoid", every)
    assert found[1].to_dict() == {1: 0.3, 2: 0.5}
    run["diverged"][1] = True
    found = withstood(run, "bp_sigmoid", every)
    assert found.loc[1].isna().all() and found.loc[2].tolist() == [1.0, 0.5]
