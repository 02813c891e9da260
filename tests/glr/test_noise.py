"""Densities of the neuronal noise: what they draw and their scores."""

import numpy as np
import pytest
from scipy import stats

from glr.errors import InputError
from glr.noise import NOISES, Gaussian, Laplace, make_noise

DENSITIES = [
    (Gaussian(4.0), stats.norm(scale=2.0)),
    (Laplace(1.5), stats.laplace(scale=1.5)),
]


@pytest.mark.parametrize(("noise", "density"), DENSITIES)
def test_samples_have_the_density(noise, density):
    r = noise.sample(np.random.default_rng(1), (3, 7, 20_001))
    assert r.shape == (3, 7, 20_001)
    assert r.dtype == np.float32
    assert stats.kstest(r.ravel(), density.cdf).pvalue > 1e-3
    for power in (1, 2, 3, 4):
        moments = r.astype(float) ** power
        assert abs(moments.mean() - density.moment(power)) < 4 * moments.std() / np.sqrt(r.size)


@pytest.mark.parametrize(("noise", "density"), DENSITIES)
def test_draws_are_uncorrelated_along_every_axis(noise, density):
    r = noise.sample(np.random.default_rng(2), (40, 5000)).astype(float)
    correlations = np.corrcoef(r)[np.triu_indices(40, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(5000)
    assert abs(np.mean(r[:, 1:] * r[:, :-1])) < 4 * density.var() / np.sqrt(r.size)


def test_tails_reach_as_far_as_float32_uniforms_never_would():
    r = Gaussian(1.0).sample(np.random.default_rng(3), (20_000_000,))
    assert np.isfinite(r).all()
    expected = 2 * stats.norm.sf(5.0) * r.size
    assert abs(np.count_nonzero(np.abs(r) > 5.0) - expected) < 4 * np.sqrt(expected)


@pytest.mark.parametrize(("noise", "density"), DENSITIES)
def test_score_is_the_derivative_of_the_log_density(noise, density):
    r = np.array([-3.0, -0.7, 0.4, 2.5])
    slope = (density.logpdf(r + 1e-6) - density.logpdf(r - 1e-6)) / 2e-6
    np.testing.assert_allclose(noise.score(r), slope, rtol=1e-6)


@pytest.mark.parametrize(("noise", "density"), DENSITIES)
def test_what_is_called_symmetric_is(noise, density):
    r = np.linspace(0.1, 5.0, 50)
    assert noise.symmetric == np.allclose(density.pdf(r), density.pdf(-r), rtol=1e-12)


def test_every_noise_by_name_has_a_density_here():
    assert {type(make_noise(name, 1.0)) for name in NOISES} == {type(noise) for noise, _ in DENSITIES}


@pytest.mark.parametrize("density", NOISES)
def test_densities_by_name_have_the_variance_asked_for(density):
    r = make_noise(density, 4.0).sample(np.random.default_rng(4), (400_000,))
    assert r.var(dtype=float) == pytest.approx(4.0, rel=0.02)


@pytest.mark.parametrize("variance", [0.0, -1.0, float("nan"), float("inf")])
def test_a_variance_that_is_not_positive_is_refused(variance):
    with pytest.raises(InputError, match="variance: found"):
        Gaussian(variance)
    with pytest.raises(InputError, match="scale: found"):
        Laplace(variance)
    for density in NOISES:
        with pytest.raises(InputError, match="variance: found"):
            make_noise(density, variance)


def test_an_unknown_density_is_refused():
    with pytest.raises(InputError, match="'cauchy', but allowed are gaussian, laplace"):
        make_noise("cauchy", 1.0)
