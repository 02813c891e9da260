"""Corruptions: published constants, distributions, a literal glass blur, and refusals."""

import inspect

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from glr import corruptions
from glr.corruptions import CORRUPTIONS, SEVERITIES, contrast, gaussian_noise, glass_blur, impulse_noise
from glr.errors import InputError
from glr.streams import stream

PUBLISHED = ("imagenet_c", "cifar10_c")


def blobs(n: int, side: int = 14) -> np.ndarray:
    """Return n smooth images in [0, 1] on a black ground, shape (n, side * side)."""
    noise = np.random.default_rng(1).random((n, side, side))
    smooth = gaussian_filter(noise, 1.2, axes=(1, 2))
    smooth -= np.quantile(smooth, 0.6)
    return (smooth / smooth.max()).clip(0, 1).reshape(n, -1)


def test_constants_are_those_published() -> None:
    assert corruptions.GAUSSIAN_NOISE == {
        "imagenet_c": (0.08, 0.12, 0.18, 0.26, 0.38),
        "cifar10_c": (0.04, 0.06, 0.08, 0.09, 0.10),
    }
    assert corruptions.IMPULSE_NOISE == {
        "imagenet_c": (0.03, 0.06, 0.09, 0.17, 0.27),
        "cifar10_c": (0.01, 0.02, 0.03, 0.05, 0.07),
    }
    assert corruptions.GLASS_BLUR == {
        "imagenet_c": ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)),
        "cifar10_c": ((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)),
    }
    assert corruptions.CONTRAST == {
        "imagenet_c": (0.4, 0.3, 0.2, 0.1, 0.05),
        "cifar10_c": (0.75, 0.5, 0.4, 0.3, 0.15),
    }


@pytest.mark.parametrize("constants", PUBLISHED)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_gaussian_noise_is_normal_of_the_published_deviation_and_clipped(constants: str, severity: int) -> None:
    deviation = corruptions.GAUSSIAN_NOISE[constants][severity - 1]
    grey = np.full((500, 196), 0.5)
    noise = gaussian_noise(grey, severity, constants=constants, rng=np.random.default_rng(2)) - 0.5
    # Shares below -sd, the mean and +sd of a normal distribution: nowhere reached by the clipping. z-bound 5.
    for bound, share in ((-deviation, 0.158655), (0, 0.5), (deviation, 0.841345)):
        assert abs(np.mean(noise < bound) - share) < 5 * np.sqrt(share * (1 - share) / noise.size)
    assert np.abs(noise).max() <= 0.5
    pixels = np.corrcoef(noise[:, :2].T)[0, 1]
    assert abs(pixels) < 5 / np.sqrt(len(noise))


@pytest.mark.parametrize("constants", PUBLISHED)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_impulse_noise_is_half_salt_half_pepper(constants: str, severity: int) -> None:
    half = corruptions.IMPULSE_NOISE[constants][severity - 1] / 2
    grey = np.full((500, 196), 0.5)
    noisy = impulse_noise(grey, severity, constants=constants, rng=np.random.default_rng(3))
    for value in (0, 1):
        assert abs(np.mean(noisy == value) - half) < 5 * np.sqrt(half * (1 - half) / noisy.size)
    assert set(np.unique(noisy)) == {0, 0.5, 1}


@pytest.mark.parametrize("constants", PUBLISHED)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_glass_blur_is_the_loop_of_imagenet_c_image_by_image(constants: str, severity: int) -> None:
    sigma, delta, iterations = corruptions.GLASS_BLUR[constants][severity - 1]
    images = blobs(3)
    H = W = 14
    swaps = iterations * len(range(H - delta, delta, -1)) * len(range(W - delta, delta, -1))
    rng = np.random.default_rng(4)
    offsets = np.array([rng.integers(-delta, delta, size=(2, len(images))) for _ in range(swaps)])
    expected = []
    for index, image in enumerate(images):
        x = gaussian_filter(image.reshape(H, W), sigma, mode="nearest", truncate=4.0).tolist()
        drawn = iter(offsets[:, :, index])
        for _ in range(iterations):
            for h in range(H - delta, delta, -1):
                for w in range(W - delta, delta, -1):
                    dx, dy = next(drawn)
                    x[h][w], x[h + dy][w + dx] = x[h + dy][w + dx], x[h][w]
        expected.append(gaussian_filter(np.array(x), sigma, mode="nearest", truncate=4.0).clip(0, 1).ravel())
    blurred = glass_blur(images, severity, constants=constants, rng=np.random.default_rng(4))
    np.testing.assert_allclose(blurred, expected, rtol=0, atol=1e-12)


def test_glass_blur_swaps_and_never_copies() -> None:
    # With a blur of 0.05 pixels nothing but the swaps is left.
    images = np.random.default_rng(5).random((20, 196))
    swapped = glass_blur(images, 1, constants="cifar10_c", rng=np.random.default_rng(6))
    np.testing.assert_array_equal(np.sort(swapped, axis=1), np.sort(images, axis=1))
    assert np.mean(swapped != images) > 0.5
    moves = swapped - images
    assert len(np.unique(moves != 0, axis=0)) == len(images), "each image has offsets of its own"


class Still(np.random.Generator):
    """A generator whose offsets are all 0."""

    def integers(self, low, high=None, size=None, **_):
        return np.zeros(size, dtype=np.int64)


def test_glass_blur_keeps_what_is_level_and_blurs_twice() -> None:
    np.testing.assert_allclose(glass_blur(np.full((2, 196), 0.3), 5, rng=np.random.default_rng(7)), 0.3)
    # With offsets of 0 each pixel is swapped with itself: severity 2 is a normal kernel of 0.9 pixels, cut at 4, twice.
    point = np.zeros((1, 25))
    point[0, 12] = 1
    kernel = np.exp(-(np.arange(-4, 5) ** 2) / (2 * 0.9**2))
    kernel /= kernel.sum()
    # Beyond the border the nearest pixel goes on, so that what falls on it is added up there.
    once = np.array([[kernel[column - row + 4] for column in range(5)] for row in range(5)])
    for row in range(5):
        once[row, 0] += kernel[: 4 - row].sum()
        once[row, 4] += kernel[9 - row :].sum()
    twice = once @ once
    expected = np.outer(twice[:, 2], twice[:, 2]).reshape(1, 25)
    np.testing.assert_allclose(glass_blur(point, 2, rng=Still(np.random.PCG64(7))), expected, atol=1e-12)


@pytest.mark.parametrize("constants", PUBLISHED)
@pytest.mark.parametrize("severity", SEVERITIES)
def test_contrast_shrinks_about_each_image_s_own_mean(constants: str, severity: int) -> None:
    images = blobs(5)
    shrunk = contrast(images, severity, constants=constants)
    share = corruptions.CONTRAST[constants][severity - 1]
    np.testing.assert_allclose(shrunk.mean(axis=1), images.mean(axis=1))
    np.testing.assert_allclose(shrunk.std(axis=1), share * images.std(axis=1))
    np.testing.assert_allclose(np.ptp(shrunk, axis=1), share * np.ptp(images, axis=1))


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_severities_grow_and_results_are_images(name: str) -> None:
    images = blobs(50)
    before = images.copy()
    changes = []
    for severity in SEVERITIES:
        corrupted = CORRUPTIONS[name](images, severity, constants="imagenet_c", rng=stream(0, "test", severity))
        assert corrupted.shape == images.shape
        assert corrupted.dtype == np.float64
        assert corrupted.min() >= 0
        assert corrupted.max() <= 1
        changes.append(np.square(corrupted - images).mean())
    assert changes[0] > 0
    if name == "glass_blur":
        # Two passes of reach 1 move more than one pass of reach 2: the published constants grow at 1, 3, 5 only.
        changes = changes[::2]
    assert changes == sorted(changes)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_same_stream_gives_the_same_bytes(name: str) -> None:
    images = blobs(10)
    first, second = (CORRUPTIONS[name](images, 3, rng=stream(7, "corruption", name, 1, 3)) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    other = CORRUPTIONS[name](images, 3, rng=stream(7, "corruption", name, 2, 3))
    # Only what is random has to be given a generator.
    random = inspect.signature(CORRUPTIONS[name]).parameters["rng"].default is inspect.Parameter.empty
    assert (other.tobytes() != first.tobytes()) == random


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"severity": 0}, "severity: found 0"),
        ({"severity": 6}, "severity: found 6"),
        ({"severity": 2.5}, "severity: found 2.5"),
        ({"constants": "imagenet"}, "constants: found 'imagenet', but imagenet_c or cifar10_c"),
        ({"images": np.full((2, 4), 255)}, r"images: found values from 255 to 255, but \[0, 1\]"),
        ({"images": np.full((2, 4), 1 + 1e-5)}, "images: found values from 1.00001"),
        ({"images": np.full((2, 4), -1e-9)}, "images: found values from -1e-09"),
        ({"images": np.full((2, 4), np.nan)}, "images: found values from nan"),
        ({"images": np.zeros((2, 5))}, r"images: found the shape \(2, 5\)"),
        ({"images": np.zeros((2, 2, 2))}, r"images: found the shape \(2, 2, 2\)"),
        ({"images": np.zeros(4)}, r"images: found the shape \(4,\)"),
    ],
)
def test_bad_arguments_are_refused_in_one_sentence(name: str, change: dict, found: str) -> None:
    arguments = {"images": np.zeros((2, 4)), "severity": 1, "constants": "imagenet_c", **change}
    with pytest.raises(InputError, match=rf"^{found}[^\n]* needed(, with a square of pixels)?\.$"):
        CORRUPTIONS[name](**arguments, rng=np.random.default_rng(0))
