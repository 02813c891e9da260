"""The search for a strength: it finds the root, shows its trials, and says where there is none."""

import numpy as np
import pytest

from glr.errors import InputError
from reproduction.calibration import calibrate


@pytest.mark.parametrize("sign", [1, -1])
def test_the_mean_of_the_replicates_is_brought_to_the_target(sign):
    def accuracies(strength):
        middle = 1 / (1 + strength**sign)
        return (middle - 0.1, middle + 0.1)

    strength, trials = calibrate(accuracies, 0.25, (0.01, 100.0))
    assert strength == pytest.approx(3.0**sign, rel=0.01)
    assert strength == float(f"{strength:.4g}")
    assert [trials[0].strength, trials[1].strength] == pytest.approx([0.01, 100.0])
    assert all(trial.accuracies == accuracies(trial.strength) for trial in trials)
    assert min(abs(np.mean(trial.accuracies) - 0.25) for trial in trials) < 0.005


def test_no_strength_is_tried_twice():
    _, trials = calibrate(lambda strength: (1 / (1 + strength),), 0.25, (0.01, 100.0))
    assert len({trial.strength for trial in trials}) == len(trials)


def test_a_target_out_of_reach_is_told():
    with pytest.raises(InputError, match=r"calibration.accuracy: found 0.9, but between .* from 0.500 to 0.010"):
        calibrate(lambda strength: (0.5 / strength,), 0.9, (1.0, 50.0))
