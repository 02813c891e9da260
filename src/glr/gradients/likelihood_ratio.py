"""The generalized likelihood ratio estimator: gradients from values of the loss alone.

Theorem 1 and Eq. 4: with noise r of density f on the signals of a level, inputs x of that level and loss L,

    d E[L] / d theta = E[ [1, x] (-score(r))' L ],    score(r) = d log f(r) / d r.

Neither the activations nor the loss are differentiated, so both may have jumps. For each image the mean over K
replications (evaluations of the loss) is taken. The samplings of their noise differ only in the variance:

``plain``
    Algorithm 1: K independent draws.
``leave_one_out``
    As ``plain``, but the mean loss of the image's other draws is subtracted from each loss.
``antithetic``
    Factorial signs. One draw (r_1, ..., r_T) of the T noisy levels serves all runs (s_1 r_1, ..., s_T r_T) of a
    two-level orthogonal array, where the signs s_t are 1 or -1. The estimate for a level is its main effect: the mean
    of s_t L [1, x_t] (-score(r_t))' over the runs. All effects that are even in the noise cancel.
``orthogonal``
    Factorial signs on orthogonal frames (`glr.gradients.frames`). If all noise is Gaussian, the draws lie along the
    directions of a spherical 5-design, basis by basis, with stratified radii. For other symmetric densities, the signs
    of the draws are those of an orthogonal array of strength 5.

The last two need symmetric densities.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.activations import activate
from glr.checks import check_generator, check_images, check_network, is_whole, shown
from glr.errors import DivergenceError, InputError
from glr.gradients.sampling import Plan, centre, noise_chunks, plan_draws, score_and_effects
from glr.losses import Loss, check_loss_labels, get_loss, losses_of_draws
from glr.network import Network, Weights
from glr.noise import Noise

Array = NDArray[Any]


def likelihood_ratio_gradient(
    network: Network,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    loss: str | Loss = "cross_entropy",
    noise: Noise | Sequence[Noise | None],
    replications: int,
    rng: np.random.Generator,
    sampling: str = "orthogonal",
    levels: Sequence[int] | None = None,
) -> Weights:
    """Return an unbiased estimate of the gradient of the mean expected loss with respect to the weights.

    Parameters
    ----------
    network : Network
        Any activations, by name or callable.
    images : ndarray of shape (n, n_in)
        The mini-batch: finite numbers, at least one image.
    labels : ndarray of shape (n, ...)
        What `loss` takes as its second argument, one entry per image: for the losses that have a name, integers from 0
        to n_out - 1 of shape (n,).
    loss : str or callable
        A name, or any ``loss(outputs, labels)`` from shapes (m, n_out) and (m, ...) to (m,): a black box.
    noise : Noise, or sequence of Noise or None
        The density of the neurons' noise: one for all levels, or one per level with None where there is no noise.
    replications : int
        K, the evaluations of the loss per image. Some samplings round it up: `replications_spent` returns the result.
    rng : numpy.random.Generator
        The source of the noise.
    sampling : {"orthogonal", "antithetic", "leave_one_out", "plain"}
        See the head of `glr.gradients.likelihood_ratio`.
    levels : sequence of int, optional
        Different indices of the levels whose gradient is wanted; by default all. The entries of other levels are zeros.

    Returns
    -------
    tuple of ndarray
        Shaped like ``network.weights``, float64.

    Raises
    ------
    InputError
        If `levels` names a level without noise (its gradient cannot be estimated), a density is not symmetric but the
        sampling needs that, or an argument is out of its range.
    DivergenceError
        If a loss is not finite.

    References
    ----------
    Xiao, Peng, Hong, Ke, Yang: Training Artificial Neural Networks by Generalized Likelihood Ratio Method, Eq. 4-5.
    """
    images, labels = _check(network, images, labels, loss, rng, empty=False)
    return unchecked_likelihood_ratio_gradient(
        network,
        images,
        labels,
        loss=loss,
        noise=noise,
        replications=replications,
        rng=rng,
        sampling=sampling,
        levels=levels,
    )


def unchecked_likelihood_ratio_gradient(
    network: Network,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    loss: str | Loss = "cross_entropy",
    noise: Noise | Sequence[Noise | None],
    replications: int,
    rng: np.random.Generator,
    sampling: str = "orthogonal",
    levels: Sequence[int] | None = None,
) -> Weights:
    """Return what `likelihood_ratio_gradient` does, for trainings, which check their images and labels once."""
    plan = plan_draws(network.sizes[1:], noise, replications, sampling)
    wanted = range(len(network.weights)) if levels is None else _check_levels(levels, len(network.weights))
    for level in wanted:
        if plan.noises[level] is None:
            raise InputError(
                f"levels: level {level} has no noise, so the likelihood ratio cannot estimate its weights; "
                "give it noise, or name only levels with noise."
            )
    gradient = tuple(np.zeros(weights.shape) for weights in network.weights)
    by_signals = np.zeros((len(images), network.sizes[1]))  # of the first level, where x is the same for all draws
    count = len(images) * plan.replications
    for chunk, level, inputs, score, effects, _ in _effects(network, images, labels, loss, plan, wanted, rng, count):
        if level == 0:
            by_signals[chunk] += _per_image(score, effects)
        else:
            score = score.reshape(len(score), -1)
            for x, effect in zip(inputs, effects.reshape(len(inputs), -1), strict=True):
                gradient[level][:] += x @ (score * effect).T
    by_signals.sum(axis=0, out=gradient[0][0])
    np.matmul(images.T, by_signals, out=gradient[0][1:])
    return gradient


def likelihood_ratio_input_gradient(
    network: Network,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    loss: str | Loss = "cross_entropy",
    noise: Noise | Sequence[Noise | None],
    replications: int,
    rng: np.random.Generator,
    sampling: str = "orthogonal",
) -> NDArray[np.float64]:
    """Return an unbiased estimate of the gradient of each image's expected loss with respect to its pixels.

    The pixels x change only the signals of the first level, v = theta [1, x] + r. Therefore

        d E[L] / d x = theta E[-score(r) L]    (theta without its row of biases).

    Parameters, divergence and reference are those of `likelihood_ratio_gradient`.

    Returns
    -------
    ndarray of shape (n, n_in)
        One row per image, float64.

    Raises
    ------
    InputError
        If the first level has no noise, a density is not symmetric but the sampling needs that, or an argument is out
        of its range.
    """
    return losses_and_input_gradient(
        network, images, labels, loss=loss, noise=noise, replications=replications, rng=rng, sampling=sampling
    )[1]


def losses_and_input_gradient(
    network: Network,
    images: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    loss: str | Loss = "cross_entropy",
    noise: Noise | Sequence[Noise | None],
    replications: int,
    rng: np.random.Generator,
    sampling: str = "orthogonal",
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each image's mean loss over the draws, of shape (n,), and what `likelihood_ratio_input_gradient` does.

    Parameters and errors are those of `likelihood_ratio_input_gradient`.
    """
    images, labels = _check(network, images, labels, loss, rng)
    plan = plan_draws(network.sizes[1:], noise, replications, sampling)
    if plan.noises[0] is None:
        raise InputError(
            "noise: found none at level 0, but the likelihood ratio needs it there for the gradient with respect to "
            "the images."
        )
    means, by_signals = np.zeros(len(images)), np.zeros((len(images), network.sizes[1]))
    for chunk, _, _, score, effects, losses in _effects(
        network, images, labels, loss, plan, [0], rng, plan.replications
    ):
        means[chunk] += losses.sum(axis=(0, 2)) / plan.replications
        by_signals[chunk] += _per_image(score, effects)
    return means, by_signals @ network.weights[0][1:].T


def _effects(
    network: Network,
    images: Array,
    labels: Array,
    loss: str | Loss,
    plan: Plan,
    levels: Sequence[int],
    rng: np.random.Generator,
    count: int,
) -> Iterator[tuple[slice, int, list[Array], Array, Array, Array]]:
    """Yield for each chunk of the images and each level: both, the level's inputs, scores, main effects and losses.

    Inputs x scores x effects, summed up, are the right side of Eq. 4 with `count` evaluations of the loss.
    """
    for chunk, draws in noise_chunks(plan, len(images), rng):
        inputs, losses = _forward(network, images[chunk], labels[chunk], get_loss(loss), plan, draws)
        centred = centre(plan, losses)
        for level in levels:
            score, effects = score_and_effects(plan, level, draws[level], centred, count)
            yield chunk, level, inputs[level], score, effects, losses


def _per_image(score: Array, effects: Array) -> Array:
    """Return the sum of score L over the draws of each image at the first level, of shape (images, width)."""
    total: Array = np.matmul(score.transpose(1, 0, 2), effects[0][:, :, None])[:, :, 0].astype(np.float64)
    return total


def replications_spent(
    network: Network, noise: Noise | Sequence[Noise | None], replications: int, sampling: str = "orthogonal"
) -> int:
    """Return the number of evaluations of the loss per image that a setting of `replications` leads to.

    ``plain`` and ``leave_one_out`` use exactly K. ``antithetic`` rounds K up to whole orthogonal arrays, and
    ``orthogonal`` to whole bases of them. Parameters and errors are those of `likelihood_ratio_gradient`.
    """
    check_network(network)
    return plan_draws(network.sizes[1:], noise, replications, sampling).replications


def _check(
    network: Network, images: Any, labels: Any, loss: str | Loss, rng: Any, *, empty: bool = True
) -> tuple[Array, Array]:
    """Return the images as float64 and the labels as an array, or refuse an argument."""
    check_network(network)
    images = check_images(images, len(network.weights[0]) - 1, empty=empty).astype(np.float64, copy=False)
    labels = check_loss_labels(loss, labels, len(images), network.weights[-1].shape[1])
    check_generator(rng)
    return images, labels


def _check_levels(levels: Any, count: int) -> Sequence[int]:
    wanted = list(levels) if isinstance(levels, Iterable) else [levels]
    known = all(is_whole(level) and 0 <= level < count for level in wanted)
    if not (isinstance(levels, Iterable) and known and len(set(wanted)) == len(wanted)):
        raise InputError(
            f"levels: found {shown(levels)}, but different whole numbers from 0 to {count - 1} are needed."
        )
    return wanted


def _forward(
    network: Network, images: Array, labels: Array, loss: Loss, plan: Plan, draws: list[Array]
) -> tuple[list[list[Array]], Array]:
    """Return the inputs [1, x] of each level and state (1 + width, images x draws); the losses (runs, images, draws).

    States and runs are worked on one by one: their arrays are small enough to stay in the cache.
    """
    weights, shape = network.weights, draws[0].shape[1:]
    signals = [(images @ weights[0][1:] + weights[0][0]).T.astype(np.float32)[:, :, None]]
    inputs: list[list[Array]] = [[images]]
    for level, states in enumerate(plan.design.states[:-1]):
        inputs.append([])
        for parent, sign in states:
            x = np.empty((1 + len(signals[parent]), *shape), dtype=np.float32)
            x[0] = 1.0
            _add_noise(signals[parent], draws[level], sign, out=x[1:])
            activate(network.activations[level], x[1:])
            inputs[-1].append(x.reshape(len(x), -1))
        theta = weights[level + 1].astype(np.float32)
        signals = [(theta.T @ x).reshape(-1, *shape) for x in inputs[-1]]
    runs = []
    for parent, sign in plan.design.states[-1]:
        outputs = np.empty((len(signals[parent]), *shape), dtype=np.float32)
        _add_noise(signals[parent], draws[-1], sign, out=outputs)
        activate(network.activations[-1], outputs)
        runs.append(losses_of_draws(loss, outputs.transpose(1, 2, 0), labels))
    losses = np.array(runs)
    if not isfinite(losses.sum()):
        raise DivergenceError("a loss is not finite.")
    return inputs, losses


def _add_noise(signals: Array, r: Array, sign: int, out: Array) -> None:
    """Write the signals with noise of this sign; r is empty at a level without noise."""
    if len(r) == 0:
        out[:] = signals
    else:
        (np.add if sign > 0 else np.subtract)(signals, r, out=out)
