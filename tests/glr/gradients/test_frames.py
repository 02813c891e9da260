"""Frames: designs whose moments are the sphere's, while each draw alone keeps its density exactly."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from glr.gradients import frames
from glr.gradients.frames import (
    Frames,
    basis_size,
    block_widths,
    chi_quantile,
    haar_frame,
    sign_design,
    spherical_design,
    stratified,
)

SIZES = [1, 2, 7, 30, 64, 65, 130]


def generator(seed):
    return np.random.Generator(np.random.SFC64(seed))


def blocks_of(r):
    """Return the blocks of draws (d, images, draws)."""
    return np.split(r, np.cumsum(block_widths(len(r)))[:-1])


def deviations(rotations):
    """Return the z-scores of the entries' first, second and fourth moments for a uniform rotation, and of the trace."""
    d, width = rotations.shape[1:]
    second, fourth = 1 / d, 3 / (d * (d + 2))
    eighth = 105 / (d * (d + 2) * (d + 4) * (d + 6))
    root = np.sqrt(len(rotations))
    return np.stack([
        rotations.mean(axis=0) / np.sqrt(second) * root,
        ((rotations**2).mean(axis=0) - second) / np.sqrt(fourth - second**2) * root,
        ((rotations**4).mean(axis=0) - fourth) / np.sqrt(eighth - fourth**2) * root,
        np.full((d, width), np.trace(rotations, axis1=1, axis2=2).mean() / np.sqrt(width / d) * root),
    ])  # fmt: skip


def spherical_frames(dimension, images, draws, rng):
    return Frames(dimension, images, draws, rng, spherical=True)


def signs_of(dimension, images, draws, rng):
    return Frames(dimension, images, draws, rng, spherical=False).sample(slice(0, images), slice(0, draws))


@pytest.mark.parametrize("width", [4, 2])
def test_haar_frame_is_orthonormal_and_uniform_where_lapack_alone_is_not(width):
    rng = generator(1)
    haar = np.array([haar_frame(4, width, rng) for _ in range(20_000)])
    identity = np.broadcast_to(np.eye(width), (20_000, width, width))
    np.testing.assert_allclose(haar.transpose(0, 2, 1) @ haar, identity, atol=1e-12)
    assert np.abs(deviations(haar)).max() < 4.5
    lapack = np.linalg.qr(rng.standard_normal((20_000, 4, width)))[0]
    assert np.abs(deviations(lapack)).max() > 50


def test_haar_frame_of_one_dimension_is_a_fair_sign():
    rng = generator(2)
    signs = np.array([haar_frame(1, 1, rng)[0, 0] for _ in range(2000)])
    assert set(signs) == {-1.0, 1.0}
    assert abs(signs.mean()) < 4 / np.sqrt(2000)


@pytest.mark.parametrize("dimension", [*range(1, 10), 64, 65, 128, 129, 130, 1000])
def test_blocks_are_as_few_and_as_equal_as_they_can_be(dimension):
    widths = block_widths(dimension)
    assert sum(widths) == dimension
    assert len(widths) == -(-dimension // 64)
    assert max(widths) <= 64
    assert max(widths) - min(widths) <= 1
    assert widths[0] == max(widths)


@pytest.mark.parametrize(
    ("dimension", "size"), [(1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (30, 32), (64, 64), (65, 64), (129, 64), (522, 64)]
)
def test_a_basis_is_the_smallest_power_of_two_that_holds_a_block(dimension, size):
    assert basis_size(dimension) == size


DESIGNS = [1, 2, 4, 8, 16, 32, 64]


@pytest.mark.parametrize("size", DESIGNS)
def test_the_spherical_design_has_the_moments_of_the_sphere_up_to_degree_five(size):
    """Equality in the Welch bounds of degrees 2 and 4; odd moments vanish with the negatives."""
    design = spherical_design(size)
    assert design.shape == (size, size * (size + 2))
    for basis in np.split(design, size + 2, axis=1):
        np.testing.assert_allclose(basis.T @ basis, np.eye(size), atol=1e-12)
    products = design.T @ design
    np.testing.assert_allclose([(products**2).mean(), (products**4).mean()], [1 / size, 3 / (size * (size + 2))])


@pytest.mark.parametrize("size", DESIGNS)
def test_the_sign_design_shows_all_combinations_of_five_signs_equally_often(size):
    signs = sign_design(size)
    assert signs.shape == (size, size**2)
    assert set(np.unique(signs)) <= {-1, 1}
    for basis in np.split(signs, size, axis=1):
        np.testing.assert_array_equal(basis.T @ basis, size * np.eye(size))
    strength = min(5, size)
    for rows in list(combinations(range(size), strength))[:: max(1, size**3 // 100)]:
        code = (signs[list(rows)] > 0).T @ (1 << np.arange(strength))
        counts = np.bincount(np.concatenate([code, 2**strength - 1 - code]), minlength=2**strength)
        assert (counts == 2 * size**2 // 2**strength).all()


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
def test_the_directions_of_a_basis_are_tight(dimension, monkeypatch):
    """Where a block is as wide as its basis they are orthonormal; else they are what a block sees of such ones."""
    monkeypatch.setattr(frames, "chi_quantile", lambda probabilities, degrees: np.ones_like(probabilities, np.float32))
    size = basis_size(dimension)
    draws = (size + 4) * size
    r = spherical_frames(dimension, 3, draws, generator(6)).sample(slice(0, 3), slice(0, draws))
    assert r.shape == (dimension, 3, draws)
    assert r.dtype == np.float32
    for block in blocks_of(r):
        for image in range(3):
            for start in range(0, draws, size):
                basis = block[:, image, start : start + size].astype(float)
                np.testing.assert_allclose(basis @ basis.T, np.eye(len(block)), atol=1e-5)


def test_a_used_up_design_is_turned_before_it_is_used_again():
    first, second = np.split(frames._directions(4, 48), 2, axis=1)
    assert np.abs(first.T @ second).max() < 0.9999
    np.testing.assert_allclose((first.T @ first) ** 2, (second.T @ second) ** 2, atol=1e-6)


@pytest.mark.parametrize("dimension", [8, 128])
def test_radii_of_an_image_are_stratified_over_all_draws(dimension):
    draws = 2 * basis_size(dimension)
    sampler = spherical_frames(dimension, 2, draws, generator(7))
    chunks = (slice(0, draws // 2), slice(draws // 2, draws))
    r = np.concatenate([sampler.sample(slice(0, 2), chunk) for chunk in chunks], axis=2)
    for block in blocks_of(r):
        ranks = stats.chi.cdf(np.linalg.norm(block.astype(float), axis=0), len(block)) * draws
        places = np.sort(ranks, axis=1) - np.arange(draws)
        assert places.min() > -0.01
        assert places.max() < 1.01


def test_images_have_directions_and_radii_of_their_own():
    r = spherical_frames(8, 2, 8, generator(8)).sample(slice(0, 2), slice(0, 8)).astype(float)
    radii = np.linalg.norm(r, axis=0)
    directions = r / radii
    assert np.abs(directions[:, 0].T @ directions[:, 1]).max() < 0.999
    assert not np.isin(radii[0], radii[1]).any()


@pytest.mark.parametrize(("dimension", "draws", "repeats"), [(1, 2, 4000), (5, 7, 4000), (65, 33, 1500)])
def test_each_draw_alone_is_standard_normal(dimension, draws, repeats):
    rng = generator(9)
    single = []
    for _ in range(repeats):
        r = spherical_frames(dimension, 2, draws, rng).sample(slice(0, 2), slice(0, draws))
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
        r = spherical_frames(66, 1, 3, rng).sample(slice(0, 1), slice(0, 3))[:, 0].astype(float)
        radii.append([np.linalg.norm(block, axis=0)[0] for block in blocks_of(r)])
    assert abs(np.corrcoef(np.transpose(radii))[0, 1]) < 4 / np.sqrt(1000)


def test_blocks_do_not_go_through_the_same_vectors_together():
    """Products over two blocks average out as those of independent draws do, however many draws there are."""
    rng, variances = generator(14), []
    for draws in (64, 8192):
        means = []
        for _ in range(100):
            sampler = spherical_frames(128, 1, draws, rng)
            r = sampler.sample(slice(0, 1), slice(0, draws))[:, 0].astype(float)
            means.append((r[:8] * r[8:16] * r[64:72] * r[72:80]).mean(axis=1))
        variances.append(draws * np.var(means))
    assert variances[1] < 2.0 * variances[0]


@pytest.mark.parametrize("dimension", [1, 2, 3, 4, 5, 30, 70])
def test_signs_are_orthogonal_within_a_basis(dimension):
    size = basis_size(dimension)
    signs = signs_of(dimension, 3, 2 * size, generator(11))
    assert signs.shape == (dimension, 3, 2 * size)
    assert signs.dtype == np.float32
    assert set(np.unique(signs)) <= {-1.0, 1.0}
    for block in blocks_of(signs):
        for basis in block.reshape(len(block), 6, size).transpose(1, 0, 2):
            np.testing.assert_array_equal(basis @ basis.T, size * np.eye(len(block)))


@pytest.mark.parametrize("dimension", [3, 4])
def test_signs_of_a_single_draw_are_fair_and_independent(dimension):
    signs = signs_of(dimension, 8000, 24, generator(12))
    for draw in (0, 3, 23):
        patterns = (signs[:, :, draw] > 0).T @ (1 << np.arange(dimension))
        assert stats.chisquare(np.bincount(patterns, minlength=2**dimension)).pvalue > 1e-4


def test_images_have_signs_of_their_own():
    signs = signs_of(4, 200, 4, generator(13))
    assert len({basis.tobytes() for basis in signs.transpose(1, 0, 2)}) > 100
