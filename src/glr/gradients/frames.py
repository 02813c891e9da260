"""Neuronal noise whose draws are spread evenly, while each single draw keeps its density.

A fixed design of orthogonal bases gives the draws of an image. For Gaussian noise it gives their directions, which are
rotated at random and get stratified radii. For any other symmetric density it gives the signs of independent draws.
Both are exact: each single draw has the distribution of an independent one. Only the dependence between draws changes.

The designs come from the words tr(s x^3 + a x) of the field of 2^m elements, the dual of the two-error-correcting BCH
code. Taken as signs, and together with their negatives, they are an orthogonal array of strength 5 (Delsarte, Philips
Research Reports Supplement 10, 1973). With the axes they are a spherical 5-design. So an image's draws integrate all
even polynomials of degree 4 in the directions of the noise exactly, and those of degree 2 after each basis.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dgeqrf, dorgqr
from scipy.special import gammaincinv

from glr.checks import is_whole
from glr.errors import InputError
from glr.streams import stream

Array = NDArray[Any]

BLOCK = 64
"""Largest dimension of a basis; more neurons are split into independent blocks."""

MODULI = (0b1, 0b11, 0b111, 0b1011, 0b10011, 0b100101, 0b1000011)
"""A primitive polynomial of degree m over the field of two elements for each m, its coefficients as bits."""

TABLE = 2**15
"""Cells of the table of radii."""

TAIL = 16
"""Cells at either end of the table in which the quantile is computed and not interpolated."""

BELOW_ONE = np.nextafter(1.0, 0.0)
"""The largest probability whose quantile is finite."""


def block_widths(dimension: int) -> list[int]:
    """Return the widths of the fewest, most equal blocks of at most `BLOCK` neurons."""
    blocks = -(-dimension // BLOCK)
    return [(dimension + block) // blocks for block in range(blocks)][::-1]


def basis_size(dimension: int) -> int:
    """Return how many draws a basis has: the smallest power of two that is at least a block's width."""
    blocks = -(-dimension // BLOCK)
    return 1 << (-(-dimension // blocks) - 1).bit_length()


class Frames:
    """Evenly spread draws for one iteration: standard normal ones, or the signs of other densities.

    All images take the vectors of the same design, rotated by one random rotation. Each image permutes the
    *coordinates* of the vectors and changes their signs at random. (If it permuted the vectors instead, all images
    would have the same directions.) It has radii of its own, stratified over all of its draws.

    Parameters
    ----------
    dimension : int
        Number of noisy neurons.
    images, draws : int
        Number of images, and of draws for each of them.
    rng : numpy.random.Generator
        The source of the rotation, permutations, signs and radii.
    spherical : bool
        Whether the draws are normal. Otherwise they are signs, -1 and 1.
    scale : float
        The standard deviation of normal draws.
    """

    def __init__(
        self,
        dimension: int,
        images: int,
        draws: int,
        rng: np.random.Generator,
        *,
        spherical: bool,
        scale: float = 1.0,
    ) -> None:
        self.size = basis_size(dimension)
        self.draws = draws
        self.rng = rng
        self.spherical = spherical
        self.scale = np.float32(scale)
        self.blocks: list[_Block] = []
        for width in block_widths(dimension):
            if spherical:
                vectors = haar_frame(self.size, width, rng).T.astype(np.float32) @ _directions(self.size, draws)
            else:
                vectors = _signs(self.size, draws)[:width]
            if self.blocks:
                vectors = _shuffled(vectors, self.size, rng)
            coordinates = _signed_permutations(width, images, rng)
            offsets = np.floor(draws * rng.random((images, 1)))  # rng.integers takes three times as long
            self.blocks.append(_Block(np.concatenate([vectors, -vectors]), coordinates, offsets))

    def sample(self, images: slice, draws: slice) -> Array:
        """Return draws or signs, float32 of shape (dimension, images, draws)."""
        blocks = [self._sample_block(block, images, draws) for block in self.blocks]
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def _sample_block(self, block: "_Block", images: slice, draws: slice) -> Array:
        r: Array = block.vectors[:, draws].take(block.coordinates[:, images], axis=0)
        if self.spherical:
            radii = chi_quantile(stratified(block.offsets[images], draws, self.draws, self.rng), self.size)
            radii *= self.scale
            r *= radii
        return r


class _Block(NamedTuple):
    """The vectors (2 width, draws) and their negatives, which of them an image takes, and its first stratum."""

    vectors: Array
    coordinates: NDArray[np.int64]
    offsets: NDArray[np.float64]


def _shuffled(vectors: Array, size: int, rng: np.random.Generator) -> Array:
    """Return each basis in a random order and with random signs.

    A second block with the vectors of the first in their order would show only as many pairs of both as it has
    vectors, however many draws there are.
    """
    draws = vectors.shape[1]
    order = np.argsort(np.arange(draws) // size + rng.random(draws))
    return vectors[:, order] * np.where(rng.random(draws) < 0.5, np.float32(-1.0), np.float32(1.0))


def _signed_permutations(width: int, images: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return each image's own order of the coordinates, of shape (d, images), with d added where the sign turns."""
    u = rng.random((width, images))
    u -= 0.5
    order: NDArray[np.int64] = np.abs(u).argsort(axis=0)
    order += width * (u < 0)
    return order


@lru_cache(maxsize=8)
def _directions(size: int, draws: int) -> Array:
    """Return unit vectors as columns, float32 of shape (size, draws): the design, turned when it is used up."""
    design, rng = spherical_design(size), stream(0, "directions", size)
    turned = [haar_frame(size, size, rng) @ design for _ in range((draws - 1) // design.shape[1])]
    return np.ascontiguousarray(np.hstack([design, *turned])[:, :draws], dtype=np.float32)


@lru_cache(maxsize=8)
def _signs(size: int, draws: int) -> Array:
    """Return signs as columns, float32 of shape (size, draws): the design, again when it is used up."""
    return np.resize(sign_design(size).T, (draws, size)).T.astype(np.float32)


def spherical_design(size: int) -> NDArray[np.float64]:
    """Return d + 2 orthonormal bases of R^d. Together with their negatives they are a spherical 5-design.

    For any polynomial of degree up to 5, the mean over the vectors and their negatives equals the mean over the sphere.
    The signs alone give all moments correctly except E x_i^4: this is 1 / d^2 for the signs and 1 / d for the axes.
    With a share 2 / (d + 2) of axes it is 3 E x_i^2 x_j^2, as on the sphere (Delsarte, Goethals and Seidel, Geometriae
    Dedicata 6, 1977).

    Parameters
    ----------
    size : int
        The dimension d: a power of two, at most `BLOCK`.

    Returns
    -------
    ndarray of shape (d, d (d + 2))
        Unit vectors as columns, basis by basis; the axes come first and in the middle.
    """
    bases, axes = sign_design(size) / np.sqrt(size), np.eye(size)
    middle = size * (size // 2)
    return np.hstack([axes, bases[:, :middle], axes, bases[:, middle:]])


def sign_design(size: int) -> NDArray[np.int64]:
    """Return d bases of signs. Together with their negatives they are an orthogonal array of strength 5.

    In any five rows, all combinations of signs are equally frequent over the columns and their negatives.

    Parameters
    ----------
    size : int
        The dimension d: a power of two, at most `BLOCK`.

    Returns
    -------
    ndarray of shape (d, d^2)
        -1 and 1: (-1)^tr(s x^3 + a x) in row x and column (s, a), so that each s is a basis of orthogonal columns.
    """
    if not is_whole(size) or not 1 <= size <= BLOCK or size & (size - 1):
        raise InputError(f"size: found {size!r}, but a power of two from 1 to {BLOCK} is needed.")
    degree = size.bit_length() - 1
    x = np.arange(size)
    product = _field_products(degree)
    trace, power = np.zeros_like(x), x
    for _ in range(degree):
        trace, power = trace ^ power, product[power, power]
    cubes = product[x, product[x, x]]
    exponents = trace[product[cubes]][:, :, None] ^ trace[product][:, None, :]
    signs: NDArray[np.int64] = 1 - 2 * exponents.reshape(size, -1)
    return signs


def _field_products(degree: int) -> NDArray[np.int64]:
    """Return the products of the elements of the field of 2^degree, polynomials whose coefficients are bits."""
    size = 1 << degree
    factor = np.broadcast_to(np.arange(size)[:, None], (size, size)).copy()
    product = np.zeros_like(factor)
    for bit in range(degree):
        product ^= factor * (np.arange(size) >> bit & 1)
        factor <<= 1
        factor ^= MODULI[degree] * (factor >= size)
    return product


def haar_frame(size: int, width: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return uniformly distributed orthonormal columns, of shape (size, width): a random rotation if both are equal.

    They are the columns of Q in the QR factorisation of a Gaussian matrix, times the signs of R's diagonal: LAPACK's Q
    alone is not uniform (Mezzadri, Notices of the AMS 54, 2007). We call LAPACK directly, since `numpy.linalg.qr` takes
    twice the time here.
    """
    reflectors, scales, *_ = dgeqrf(rng.standard_normal((size, width)))
    q: NDArray[np.float64] = dorgqr(reflectors, scales)[0]
    q *= np.sign(reflectors.diagonal())
    return q


def stratified(offsets: Array, draws: slice, total: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return probabilities, of shape (images, draws): for each image, one in each of `total` strata.

    A draw's stratum is its index, shifted cyclically by the image's random offset (images, 1). Its place in the stratum
    is uniform. So each single draw is uniform on (0, 1). It would not be with midpoints, or without the offset.
    """
    places = rng.random((len(offsets), draws.stop - draws.start))
    places += np.arange(draws.start, draws.stop)
    places += offsets
    places /= total
    places -= np.floor(places)
    return places


def chi_quantile(probabilities: NDArray[np.float64], degrees: int) -> Array:
    """Return the quantiles of the chi distribution, float32.

    They are interpolated linearly between the nodes of a table. In the `TAIL` cells at either end of the table, where
    the quantile bends most, the entries are NaN and the quantile is computed instead. The relative error is 1e-7 on
    average, which is float32's own, and 1.3e-4 at most, in the few cells beside the tails.
    """
    position = probabilities * TABLE
    cell = position.astype(np.int32)
    position -= cell
    nodes = _chi_table(degrees).take(cell, axis=0, mode="clip")
    quantiles: Array = nodes[..., 1] * position.astype(np.float32)
    quantiles += nodes[..., 0]
    tails = np.flatnonzero(np.isnan(quantiles))
    if tails.size:
        exact = np.minimum(probabilities.take(tails), BELOW_ONE)
        quantiles.put(tails, np.sqrt(2.0 * gammaincinv(degrees / 2.0, exact)))
    return quantiles


@lru_cache
def _chi_table(degrees: int) -> Array:
    """Return the quantile at the left end of each cell and its increase over the cell, float32 of shape (TABLE, 2).

    The tails have NaN in the place of both.
    """
    nodes = np.sqrt(2.0 * gammaincinv(degrees / 2.0, np.arange(TABLE) / TABLE))
    table = np.stack([nodes, np.diff(nodes, append=nodes[-1])], axis=1).astype(np.float32)
    table[:TAIL] = table[-TAIL:] = np.nan
    return table
