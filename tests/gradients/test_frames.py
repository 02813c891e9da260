"""Frames: orthogonal within a frame, while each draw alone keeps its density exactly."""

import numpy as np
import pytest
from scipy import stats

from glr.gradients import frames
from glr.gradients.frames import (
    SphericalFrames,
    block_sizes,
    chi_quantile,
    haar_rotation,
    hadamard_signs,
    hadamard_size,
    stratified,
)

SIZES = [1, 2, 7, 30, 64, 65, 130]


def generator(seed):
    return np.random.Generator(np.random.SFC64(seed))


def blocks_of(r):
    """Return the blocks of draws (d, images, draws)."""
    return np.split(r, np.cumsum(block_sizes(len(r)))[:-1])


def deviations(rotations):
    """Return the z-scores of the entries' first, second and fourth moments for a uniform rotation, and of the trace."""
    d = rotations.shape[1]
    second, fourth = 1 / d, 3 / (d * (d + 2))
    eighth = 105 / (d * (d + 2) * (d + 4) * (d + 6))
    root = np.sqrt(len(rotations))
    return np.stack([
        rotations.mean(axis=0) / np.sqrt(second) * root,
        ((rotations**2).mean(axis=0) - second) / np.sqrt(fourth - second**2) * root,
        ((rotations**4).mean(axis=0) - fourth) / np.sqrt(eighth - fourth**2) * root,
        np.full((d, d), np.trace(rotations, axis1=1, axis2=2).mean() * root),
    ])  # fmt: skip


def test_haar_rotation_is_orthogonal_and_uniform_where_lapack_alone_is_not():
    rng = generator(1)
    rotations = np.array([haar_rotation(4, rng) for _ in range(20_000)])
    np.testing.assert_allclose(
        rotations @ rotations.transpose(0, 2, 1), np.broadcast_to(np.eye(4), (20_000, 4, 4)), atol=1e-12
    )
    assert np.abs(deviations(rotations)).max() < 4.5
    lapack = np.linalg.qr(rng.standard_normal((20_000, 4, 4)))[0]
    assert np.abs(deviations(lapack)).max() > 50


def test_haar_rotation_of_one_dimension_is_a_fair_sign():
    rng = generator(2)
    signs = np.array([haar_rotation(1, rng)[0, 0] for _ in range(2000)])
    assert set(signs) == {-1.0, 1.0}
    assert abs(signs.mean()) < 4 / np.sqrt(2000)


@pytest.mark.parametrize("dimension", [*range(1, 10), 64, 65, 128, 129, 130, 1000])
def test_blocks_are_as_few_and_as_equal_as_they_can_be(dimension):
    sizes = block_sizes(dimension)
    assert sum(sizes) == dimension
    assert len(sizes) == -(-dimension // 64)
    assert max(sizes) <= 64
    assert max(sizes) - min(sizes) <= 1
    assert sizes[0] == max(sizes)


PROBABILITIES = np.concatenate([
    np.logspace(-12, -1, 2000), np.linspace(1e-6, 1 - 1e-6, 100_003), 1 - np.logspace(-15, -1, 2000)
])  # fmt: skip


@pytest.mark.parametrize("degrees", [1, 2, 3, 7, 30, 64])
def test_chi_quantile_is_the_quantile(degrees):
    expected = stats.chi.ppf(PROBABILITIES, degrees)
    error = np.abs(chi_quantile(PROBABILITIES.copy(), degrees) / expected - 1)
    cell = PROBABILITIES * frames.TABLE
    tails = (cell < frames.TAIL) | (cell > frames.TABLE - frames.TAIL)
    assert error[tails].max() < 1e-6
    assert error.max() < 1.3e-4
    assert error[2000:-2000].mean() < 1e-7


@pytest.mark.parametrize("degrees", [1, 30, 64])
def test_chi_quantile_is_finite_at_both_ends(degrees):
    last = np.nextafter(1.0, 0.0)
    ends = chi_quantile(np.array([0.0, last, 1.0]), degrees)
    np.testing.assert_allclose(ends, [0.0, *[stats.chi.ppf(last, degrees)] * 2], rtol=1e-6)


def test_each_image_has_each_stratum_once_whatever_the_chunks():
    offsets = generator(3).integers(10, size=(50, 1))
    chunks = [stratified(offsets, chunk, 10, generator(4)) for chunk in (slice(0, 4), slice(4, 7), slice(7, 10))]
    strata = np.sort((np.hstack(chunks) * 10).astype(int), axis=1)
    np.testing.assert_array_equal(strata, np.tile(np.arange(10), (50, 1)))


def test_a_single_stratified_probability_is_uniform_and_not_the_midpoint():
    rng = generator(5)
    probabilities = stratified(rng.integers(3, size=(20_000, 1)), slice(0, 3), 3, rng)
    for single in probabilities.T:
        assert stats.kstest(single, "uniform").pvalue > 1e-3
        assert stats.kstest(single * 3 % 1, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("dimension", SIZES)
def test_directions_are_orthogonal_within_a_frame(dimension):
    draws = 2 * block_sizes(dimension)[0] + 1
    r = SphericalFrames(dimension, 3, draws, generator(6)).sample(slice(0, 3), slice(0, draws))
    assert r.shape == (dimension, 3, draws)
    assert r.dtype == np.float32
    for block in blocks_of(r):
        size = len(block)
        for image in range(3):
            for start in range(0, draws, size):
                frame = block[:, image, start : start + size].astype(float)
                frame /= np.linalg.norm(frame, axis=0)
                np.testing.assert_allclose(frame.T @ frame, np.eye(frame.shape[1]), atol=2e-5)


@pytest.mark.parametrize("dimension", [7, 65])
def test_radii_of_an_image_are_stratified_over_all_draws(dimension):
    draws = 70
    sampler = SphericalFrames(dimension, 2, draws, generator(7))
    r = np.concatenate([sampler.sample(slice(0, 2), chunk) for chunk in (slice(0, 35), slice(35, 70))], axis=2)
    for block in blocks_of(r):
        ranks = stats.chi.cdf(np.linalg.norm(block.astype(float), axis=0), len(block)) * draws
        places = np.sort(ranks, axis=1) - np.arange(draws)
        assert places.min() > -0.01
        assert places.max() < 1.01


def test_images_have_directions_and_radii_of_their_own():
    r = SphericalFrames(8, 2, 8, generator(8)).sample(slice(0, 2), slice(0, 8)).astype(float)
    radii = np.linalg.norm(r, axis=0)
    directions = r / radii
    assert np.abs(directions[:, 0].T @ directions[:, 1]).max() < 0.999
    assert not np.isin(radii[0], radii[1]).any()


@pytest.mark.parametrize(("dimension", "draws", "repeats"), [(1, 2, 4000), (5, 7, 4000), (65, 33, 1500)])
def test_each_draw_alone_is_standard_normal(dimension, draws, repeats):
    rng = generator(9)
    single = []
    for _ in range(repeats):
        r = SphericalFrames(dimension, 2, draws, rng).sample(slice(0, 2), slice(0, draws))
        single.append(r[:, 1, [0, -1]])
    for r in np.transpose(single, (2, 1, 0)).astype(float):
        assert stats.kstest(np.linalg.norm(r, axis=0), stats.chi(dimension).cdf).pvalue > 1e-4
        for coordinate in r[:: max(1, dimension // 4)]:
            assert stats.kstest(coordinate, "norm").pvalue > 1e-4
        assert stats.kstest(r.sum(axis=0) / np.sqrt(dimension), "norm").pvalue > 1e-4
        covariance = r @ r.T / repeats - np.eye(dimension)
        assert np.abs(covariance).max() * np.sqrt(repeats) < 6.0


def test_blocks_are_independent():
    rng = generator(10)
    radii = []
    for _ in range(1000):
        r = SphericalFrames(66, 1, 3, rng).sample(slice(0, 1), slice(0, 3))[:, 0].astype(float)
        radii.append([np.linalg.norm(block, axis=0)[0] for block in blocks_of(r)])
    assert abs(np.corrcoef(np.transpose(radii))[0, 1]) < 4 / np.sqrt(1000)


@pytest.mark.parametrize("dimension", [1, 2, 3, 4, 5, 30])
def test_hadamard_signs_are_orthogonal_within_a_frame(dimension):
    size = hadamard_size(dimension)
    signs = hadamard_signs(dimension, 3, 2 * size, generator(11))
    assert signs.shape == (dimension, 3, 2 * size)
    assert signs.dtype == np.float32
    assert set(np.unique(signs)) <= {-1.0, 1.0}
    for frame in signs.reshape(dimension, 6, size).transpose(1, 0, 2):
        np.testing.assert_array_equal(frame @ frame.T, size * np.eye(dimension))


@pytest.mark.parametrize(("dimension", "size"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (30, 32), (64, 64), (65, 128)])
def test_hadamard_size_is_the_next_power_of_two(dimension, size):
    assert hadamard_size(dimension) == size


@pytest.mark.parametrize("dimension", [3, 4])
def test_signs_of_a_single_draw_are_fair_and_independent(dimension):
    signs = hadamard_signs(dimension, 8000, 6, generator(12))
    for draw in (0, 3, 5):
        patterns = (signs[:, :, draw] > 0).T @ (1 << np.arange(dimension))
        assert stats.chisquare(np.bincount(patterns, minlength=2**dimension)).pvalue > 1e-4


def test_frames_of_signs_differ_between_images_and_frames():
    signs = hadamard_signs(4, 200, 8, generator(13)).reshape(4, 400, 4)
    assert len({frame.tobytes() for frame in signs.transpose(1, 0, 2)}) > 150
