"""Natural noises (Section III-D): four corruptions of ImageNet-C, each at five severities.

References
----------
D. Hendrycks and T. G. Dietterich, "Benchmarking neural network robustness to common corruptions and perturbations",
ICLR 2019, and its code, github.com/hendrycks/robustness (make_imagenet_c.py and make_cifar_c.py).
"""

from collections.abc import Callable, Mapping
from math import isqrt
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter1d

from glr.checks import as_numbers, check_generator, is_whole, shown
from glr.errors import InputError

SEVERITIES = range(1, 6)

Floats = NDArray[np.float64]
Constant = TypeVar("Constant")


def _square(images: ArrayLike) -> Floats:
    """Return (n, pixels) images in [0, 1] as an (n, side, side) stack, or refuse them."""
    flat = as_numbers("images", images).astype(np.float64, copy=False)
    side = isqrt(flat.shape[1]) if flat.ndim == 2 else 0
    if side < 1 or flat.shape[1] != side**2:
        raise InputError(f"images: found the shape {flat.shape}, but (n, pixels) is needed, with a square of pixels.")
    if not np.all((flat >= 0) & (flat <= 1)):
        raise InputError(f"images: found values from {flat.min():g} to {flat.max():g}, but [0, 1] is needed.")
    return flat.reshape(-1, side, side)


def _constant(published: Mapping[str, tuple[Constant, ...]], constants: str, severity: int) -> Constant:
    """Return the constant of a severity out of the named set, or refuse the name or the severity."""
    if not isinstance(constants, str) or constants not in published:
        raise InputError(f"constants: found {shown(constants)}, but {' or '.join(published)} is needed.")
    if not is_whole(severity) or severity not in SEVERITIES:
        raise InputError(f"severity: found {shown(severity)}, but a whole number from 1 to 5 is needed.")
    return published[constants][SEVERITIES.index(severity)]


# Standard deviation of the noise.
GAUSSIAN_NOISE = {
    "imagenet_c": (0.08, 0.12, 0.18, 0.26, 0.38),
    "cifar10_c": (0.04, 0.06, 0.08, 0.09, 0.10),
}


def gaussian_noise(
    images: ArrayLike, severity: int, *, constants: str = "imagenet_c", rng: np.random.Generator
) -> Floats:
    """Add independent Gaussian noise to every pixel, and clip to [0, 1].

    Parameters
    ----------
    images : array_like of float, shape (n, pixels)
        Square images in [0, 1], row by row.
    severity : int
        From 1, the mildest, to 5.
    constants : {"imagenet_c", "cifar10_c"}
        Which of the published constants in ``GAUSSIAN_NOISE`` to use.
    rng : numpy.random.Generator
        The source of the noise.

    Returns
    -------
    ndarray of float64, shape (n, pixels)
        The corrupted images, in [0, 1] and not rounded to 8 bits.

    Raises
    ------
    InputError
        If the images are not square or not in [0, 1], or `severity`, `constants` or `rng` is not one of the above.
    """
    deviation = _constant(GAUSSIAN_NOISE, constants, severity)
    check_generator(rng)
    stack = _square(images)
    return np.clip(stack + rng.normal(scale=deviation, size=stack.shape), 0, 1).reshape(np.shape(images))


# Share of the pixels that are replaced.
IMPULSE_NOISE = {
    "imagenet_c": (0.03, 0.06, 0.09, 0.17, 0.27),
    "cifar10_c": (0.01, 0.02, 0.03, 0.05, 0.07),
}


def impulse_noise(
    images: ArrayLike, severity: int, *, constants: str = "imagenet_c", rng: np.random.Generator
) -> Floats:
    """Replace each pixel with the published probability: half of the replaced ones by 1 (salt), half by 0 (pepper).

    Parameters, returned value and errors are those of `gaussian_noise`; the constants are ``IMPULSE_NOISE``.
    """
    amount = _constant(IMPULSE_NOISE, constants, severity)
    check_generator(rng)
    stack = _square(images)
    uniform = rng.random(stack.shape)
    return np.where(uniform < amount, uniform < amount / 2, stack).reshape(np.shape(images))


# Standard deviation of the blur in pixels, reach d of the swaps, number of passes over the image.
GLASS_BLUR = {
    "imagenet_c": ((0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2)),
    "cifar10_c": ((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)),
}


def glass_blur(images: ArrayLike, severity: int, *, constants: str = "imagenet_c", rng: np.random.Generator) -> Floats:
    """Blur, swap pixels with neighbours as rough glass does, and blur again.

    Each pass visits the pixels from the lower right, at least d from the border. It swaps each of them with the pixel
    at a random offset, drawn uniformly from {-d, ..., d - 1} in both directions. ImageNet-C's own code intends the
    same, but it swaps through NumPy views: on colour images it copies pixels instead. Here pixels are really swapped.

    Parameters, returned value and errors are those of `gaussian_noise`; the constants are ``GLASS_BLUR``. Images with
    fewer than 2 d + 1 rows are refused too: none of their pixels would be swapped.
    """
    sigma, reach, passes = _constant(GLASS_BLUR, constants, severity)
    check_generator(rng)
    stack = _square(images)
    n, side, _ = stack.shape
    if side <= 2 * reach:
        least = 2 * reach + 1
        raise InputError(
            f"images: found {side} x {side} pixels, but {least} x {least} or more are needed, since glass blur swaps "
            f"no pixel of smaller ones at severity {severity} with the constants {constants}."
        )
    kernel = gaussian_filter1d(np.eye(side), sigma, axis=0, mode="nearest", truncate=4.0)

    def blur(pixels: Floats) -> Floats:
        """Blur along the rows' axis, then along the columns'."""
        return np.asarray(kernel @ (kernel @ pixels.reshape(side, -1)).reshape(side, side, n)).reshape(side**2, n)

    # Pixels first: one pixel of all images is contiguous, so the loop below runs over pixels and not over images.
    pixels = blur(stack.reshape(n, side**2).T)
    flat, every = pixels.reshape(-1), np.arange(n)
    for _ in range(passes):
        for row in range(side - reach, reach, -1):
            offsets = rng.integers(-reach, reach, size=(side - 2 * reach, 2, n))
            for column, (across, down) in zip(range(side - reach, reach, -1), offsets, strict=True):
                here = row * side + column
                there = (down * side + across + here) * n + every
                moved = flat[there]
                flat[there] = pixels[here]
                pixels[here] = moved
    return np.clip(blur(pixels), 0, 1).T.copy()


# Factor for each pixel's distance from the image's mean.
CONTRAST = {
    "imagenet_c": (0.4, 0.3, 0.2, 0.1, 0.05),
    "cifar10_c": (0.75, 0.5, 0.4, 0.3, 0.15),
}


def contrast(
    images: ArrayLike, severity: int, *, constants: str = "imagenet_c", rng: np.random.Generator | None = None
) -> Floats:
    """Shrink every pixel's distance from the mean of its image.

    Nothing is random here. `rng` is ignored; it is a parameter so that all corruptions are called alike.

    The other parameters, returned value and errors are those of `gaussian_noise`; the constants are ``CONTRAST``.
    """
    share = _constant(CONTRAST, constants, severity)
    stack = _square(images)
    means: Floats = stack.mean(axis=(1, 2), keepdims=True)
    return np.clip(means + share * (stack - means), 0, 1).reshape(np.shape(images))


# By name; each is called as f(images, severity, constants=..., rng=...).
CORRUPTIONS: dict[str, Callable[..., Floats]] = {
    "gaussian_noise": gaussian_noise,
    "impulse_noise": impulse_noise,
    "glass_blur": glass_blur,
    "contrast": contrast,
}
