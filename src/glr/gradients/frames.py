"""Neuronal noise whose draws are spread as evenly as they can be while each draw alone keeps its density.

For Gaussian noise the draws of one image are the rows of orthogonal frames with stratified radii. For any other
symmetric density their signs are the rows of Hadamard matrices. Both are exact: a single draw is distributed as an
independent one, and only the draws' dependence on each other is changed.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import hadamard
from scipy.linalg.lapack import dgeqrf, dorgqr
from scipy.special import gammaincinv

from glr.streams import stream

Array = NDArray[Any]

BLOCK = 64
"""Largest dimension of a frame; more neurons are split into independent blocks."""

TABLE = 2**15
"""Cells of the table of radii."""

TAIL = 16
"""Cells at either end of the table in which the quantile is computed and not interpolated."""


def block_sizes(dimension: int) -> list[int]:
    """Return the sizes of the fewest, most equal blocks of at most `BLOCK` neurons."""
    blocks = -(-dimension // BLOCK)
    return [(dimension + block) // blocks for block in range(blocks)][::-1]


class SphericalFrames:
    """Standard normal draws along orthogonal directions, for one iteration.

    One Haar rotation turns a fixed set of orthogonal frames. Each image permutes and signs the frames' *coordinates*
    (to do so with their rows would leave all images the same directions), and each image has radii of its own,
    stratified over all of its draws.

    Parameters
    ----------
    dimension : int
        Number of noisy neurons, d.
    images, draws : int
        Each of the images has as many draws.
    rng : numpy.random.Generator
        The source of the rotation, permutations, signs and radii.
    """

    def __init__(self, dimension: int, images: int, draws: int, rng: np.random.Generator) -> None:
        self.draws = draws
        self.rng = rng
        self.sizes = block_sizes(dimension)
        self.bases = [_signed_permutations(haar_rotation(size, rng), images, rng) for size in self.sizes]
        self.offsets = [rng.integers(draws, size=(images, 1)) for _ in self.sizes]

    def sample(self, images: slice, draws: slice) -> Array:
        """Return the standard normal draws, float32 of shape (d, images, draws)."""
        blocks = [self._sample_block(block, images, draws) for block in range(len(self.sizes))]
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def _sample_block(self, block: int, images: slice, draws: slice) -> Array:
        size, basis = self.sizes[block], self.bases[block][:, images]
        r = basis.reshape(-1, size) @ _fixed_frames(size, self.draws)[:, draws]
        r = r.reshape(size, basis.shape[1], -1)
        r *= chi_quantile(stratified(self.offsets[block][images], draws, self.draws, self.rng), size)
        return r


def stratified(offsets: Array, draws: slice, total: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return probabilities, of shape (images, draws), of which each of `total` strata gets one an image.

    A draw's stratum is its index turned by the image's random offset (images, 1), and its place in the stratum is
    uniform: so each single draw is uniform on (0, 1). Midpoints, or strata without the offset, would not be.
    """
    strata = np.arange(draws.start, draws.stop) + offsets
    strata %= total
    return (strata + rng.random(strata.shape)) / total


def haar_rotation(dimension: int, rng: np.random.Generator) -> Array:
    """Return a uniformly distributed orthogonal matrix, float64 of shape (d, d).

    The QR factorisation of a Gaussian matrix, columns times the signs of R's diagonal: LAPACK's Q alone is not uniform
    (Mezzadri, Notices of the AMS 54, 2007). LAPACK is called itself, since `numpy.linalg.qr` takes twice the time here.
    """
    reflectors, scales, *_ = dgeqrf(rng.standard_normal((dimension, dimension)))
    q: Array = dorgqr(reflectors, scales)[0]
    q *= np.sign(np.diagonal(reflectors))
    return q


def chi_quantile(probabilities: NDArray[np.float64], degrees: int) -> Array:
    """Return the quantiles of the chi distribution, float32.

    Linear between the nodes of a table, but computed where the quantile bends most: in the `TAIL` cells at its ends.
    The relative error is 1e-7 on average, as float32's own, and 1.3e-4 at most, in the few cells beside the tails.
    """
    position = probabilities * TABLE
    cell = position.astype(np.int32)
    values, steps = _chi_table(degrees)
    position -= cell
    quantiles: Array = values.take(cell, mode="clip")
    quantiles += steps.take(cell, mode="clip") * position
    extreme = np.flatnonzero((cell < TAIL) | (cell >= TABLE - TAIL))
    if extreme.size:
        exact = np.minimum(probabilities.flat[extreme], np.nextafter(1.0, 0.0))
        quantiles.flat[extreme] = np.sqrt(2.0 * gammaincinv(degrees / 2.0, exact))
    return quantiles.astype(np.float32)


@lru_cache
def _chi_table(degrees: int) -> tuple[Array, Array]:
    nodes = np.sqrt(2.0 * gammaincinv(degrees / 2.0, np.arange(TABLE) / TABLE))
    return nodes, np.diff(nodes, append=nodes[-1])


@lru_cache(maxsize=8)
def _fixed_frames(size: int, draws: int) -> Array:
    """Return unit vectors as columns, float32 of shape (size, draws), orthogonal within each run of `size`."""
    rng = stream(0, "fixed_frames", size, draws)
    frames = [haar_rotation(size, rng) for _ in range(-(-draws // size))]
    return np.ascontiguousarray(np.hstack(frames)[:, :draws], dtype=np.float32)


def _signed_permutations(rotation: Array, images: int, rng: np.random.Generator) -> Array:
    """Return each image's own order and signs of the rotation's rows, float32 of shape (d, images, d)."""
    size = len(rotation)
    order = rng.random((size, images)).argsort(axis=0)
    signs = rng.integers(2, size=(size, images, 1), dtype=np.int8) * np.float32(2.0) - np.float32(1.0)
    return rotation.astype(np.float32)[order] * signs


def hadamard_signs(dimension: int, images: int, draws: int, rng: np.random.Generator) -> Array:
    """Return signs that are orthogonal within each frame of draws, float32 of shape (d, images, draws).

    The draws of a frame are the rows of a Hadamard matrix of `hadamard_size` rows. Each frame of each image picks and
    signs the columns at random, so that a single draw has d independent fair signs.
    """
    size = hadamard_size(dimension)
    frames = -(-draws // size)
    matrix = hadamard(size, dtype=np.float32)
    columns = rng.random((size, images * frames)).argsort(axis=0)[:dimension]
    signs = rng.integers(2, size=(dimension, images * frames, 1), dtype=np.int8) * np.float32(2.0) - np.float32(1.0)
    return (matrix[columns] * signs).reshape(dimension, images, -1)[:, :, :draws]


def hadamard_size(dimension: int) -> int:
    """Return the smallest power of two that is at least `dimension`."""
    return 1 << (dimension - 1).bit_length()
