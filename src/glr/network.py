"""Feed-forward networks: their weights and activations."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from glr.activations import Activation, get_activation
from glr.checks import check_generator, check_images, check_positive, is_whole, shown
from glr.errors import InputError

Weights = tuple[NDArray[np.float64], ...]
INITIAL_WEIGHTS = ("fan_in", "fan_in_zero_output", "uniform")
CHUNK = 1000
"""Images whose levels are computed at once: few enough to stay in the processor's cache."""


@dataclass(frozen=True)
class Network:
    """A network of levels ``x' = phi(theta [1, x])``.

    Parameters
    ----------
    weights : tuple of ndarray
        ``weights[l]`` of shape (1 + n_in, n_out), float64; row 0 is the bias.
    activations : tuple of str or callable
        One for each level.

    Raises
    ------
    InputError
        If the weights are not arrays of floats whose shapes fit together, or there is not one activation per level.
    """

    weights: Weights
    activations: tuple[str | Activation, ...]

    def __post_init__(self) -> None:
        for name, given in (("weights", self.weights), ("activations", self.activations)):
            if not isinstance(given, Sequence) or isinstance(given, str) or not len(given):
                raise InputError(f"{name}: found {shown(given)}, but a tuple with one for each level is needed.")
        if len(self.weights) != len(self.activations):
            raise InputError(
                f"activations: found {len(self.activations)}, but one for each of {len(self.weights)} levels is needed."
            )
        for level, weights in enumerate(self.weights, start=1):
            if not isinstance(weights, np.ndarray) or weights.dtype.kind != "f":
                found = getattr(weights, "dtype", type(weights).__name__)
                raise InputError(f"weights of level {level}: found {found}, but an array of float64 is needed.")
            if weights.ndim != 2 or min(weights.shape) < 1 or len(weights) < 2:
                raise InputError(
                    f"weights of level {level}: found shape {weights.shape}, but (1 + n_in, n_out) is needed."
                )
        for level, (first, second) in enumerate(pairwise(self.weights), start=1):
            if len(second) != 1 + first.shape[1]:
                raise InputError(
                    f"weights of level {level + 1}: found {len(second)} rows, "
                    f"but 1 + {first.shape[1]} are needed after level {level}."
                )
        for activation in self.activations:
            get_activation(activation)

    @classmethod
    def initialise(
        cls,
        sizes: Sequence[int],
        activations: Sequence[str | Activation],
        rng: np.random.Generator,
        initial_weights: float | str = "fan_in",
    ) -> "Network":
        """Return a network with random weights.

        Parameters
        ----------
        sizes : sequence of int
            The number of inputs, then the number of neurons of each level.
        activations : sequence of str or callable
            One for each level, so one fewer than `sizes`.
        rng : numpy.random.Generator
            The source of the weights.
        initial_weights : float, or one of {"fan_in", "fan_in_zero_output", "uniform"}
            The distribution of every weight and bias. A positive number is the standard deviation sd of N(0, sd^2).
            "fan_in" is N(0, (2 / sqrt(1 + n_in))^2), as in the authors' later code. "fan_in_zero_output" is the same,
            but with zeros at the output level. "uniform" is U(-1 / sqrt(n_in), 1 / sqrt(n_in)), PyTorch's default.

        Raises
        ------
        InputError
            If a size is not a positive whole number, there is not one activation per level, or another argument is
            not one of the above.
        """
        if not hasattr(sizes, "__len__") or len(sizes) < 2 or not all(is_whole(size) and size > 0 for size in sizes):
            found = tuple(sizes) if hasattr(sizes, "__len__") else sizes
            raise InputError(f"sizes: found {shown(found)}, but two or more positive whole numbers are needed.")
        check_generator(rng)
        if not isinstance(activations, Sequence) or isinstance(activations, str):
            raise InputError(
                f"activations: found {shown(activations)}, but a sequence with one for each level is needed."
            )
        if isinstance(initial_weights, str) and initial_weights not in INITIAL_WEIGHTS:
            raise InputError(
                f"initial_weights: found {initial_weights!r}, but a number or one of {', '.join(INITIAL_WEIGHTS)} is "
                "needed."
            )
        if not isinstance(initial_weights, str):
            check_positive("initial_weights", initial_weights)
        weights = []
        for n_in, n_out in pairwise(sizes):
            shape = (1 + n_in, n_out)
            if initial_weights == "uniform":
                weights.append(rng.uniform(-1.0 / np.sqrt(n_in), 1.0 / np.sqrt(n_in), shape))
            else:
                deviation = 2.0 / np.sqrt(1 + n_in) if isinstance(initial_weights, str) else initial_weights
                weights.append(rng.normal(0.0, deviation, shape))
        if initial_weights == "fan_in_zero_output":
            weights[-1][:] = 0.0
        return cls(tuple(weights), tuple(activations))

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, then the number of neurons of each level."""
        return (len(self.weights[0]) - 1, *(weights.shape[1] for weights in self.weights))

    def outputs(self, images: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the noise-free outputs.

        Parameters
        ----------
        images : ndarray of shape (n, n_in)
            Finite numbers, for images in [0, 1].

        Returns
        -------
        ndarray of shape (n, n_out)

        Raises
        ------
        InputError
            If the images do not have n_in finite values each.
        """
        x = check_images(images, self.sizes[0])
        if len(x) <= CHUNK:
            return self._outputs(x)
        return np.concatenate([self._outputs(x[start : start + CHUNK]) for start in range(0, len(x), CHUNK)])

    def _outputs(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        for weights, activation in zip(self.weights, self.activations, strict=True):
            x = get_activation(activation)(x @ weights[1:] + weights[0])
        return x

    def predict(self, images: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the labels, of shape (n,), of the largest outputs; in a tie the first index counts.

        Parameters and errors are those of `outputs`.
        """
        labels: NDArray[np.intp] = self.outputs(images).argmax(axis=1)
        return labels
