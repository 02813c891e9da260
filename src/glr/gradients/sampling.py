"""How the noise of the replications is drawn and what is made of their losses, for every likelihood ratio estimator.

`glr.gradients.likelihood_ratio` says what the samplings are. An estimator sees levels of noise: those of a network, or
the one level of `glr.black_box`.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import hadamard

from glr.checks import check_noise, check_whole, shown
from glr.errors import InputError
from glr.gradients.frames import Frames, basis_size
from glr.noise import Gaussian, Noise

Array = NDArray[Any]

COLUMNS = 4096
"""Draws (over all images of a chunk) that are worked on at once; a constant, or the bytes would change."""


class Sampling(NamedTuple):
    """How the noise of the replications is drawn and used."""

    factorial_signs: bool
    frames: bool
    baseline: bool


SAMPLINGS = {
    "plain": Sampling(factorial_signs=False, frames=False, baseline=False),
    "leave_one_out": Sampling(factorial_signs=False, frames=False, baseline=True),
    "antithetic": Sampling(factorial_signs=True, frames=False, baseline=False),
    "orthogonal": Sampling(factorial_signs=True, frames=True, baseline=False),
}


class Design(NamedTuple):
    """The orthogonal array of the levels' signs, as the forward pass and the gradient use it.

    ``states[l]`` lists the distinct signals of level l as (state of its input, sign of its noise): runs share what they
    have in common. ``contrasts[l]`` (input states, runs) turns the losses of the runs into the main effect of level l
    for each of its input states.
    """

    states: tuple[tuple[tuple[int, int], ...], ...]
    contrasts: tuple[Array, ...]


@lru_cache
def design_of(noisy: tuple[bool, ...], factorial_signs: bool) -> Design:
    """Return the array for levels that are noisy or not; without factorial signs a single run."""
    size = 1 << sum(noisy).bit_length() if factorial_signs else 1
    signs = np.ones((size, len(noisy)), dtype=np.int8)
    if factorial_signs:
        # Single bits first, then odd numbers of them: so no main effect is that of two others while columns last.
        columns = sorted(
            range(1, size), key=lambda column: (column.bit_count() > 1, column.bit_count() % 2 == 0, column)
        )
        signs[:, np.flatnonzero(noisy)] = hadamard(size, dtype=np.int8)[:, columns[: sum(noisy)]]
    state_of_run = [0] * size
    states, contrasts = [], []
    for column in signs.T.tolist():
        contrast = np.zeros((max(state_of_run) + 1, size), dtype=np.float32)
        contrast[state_of_run, range(size)] = column
        branches = list(zip(state_of_run, column, strict=True))
        distinct = list(dict.fromkeys(branches))
        state_of_run = [distinct.index(branch) for branch in branches]
        states.append(tuple(distinct))
        contrasts.append(contrast)
    return Design(tuple(states), tuple(contrasts))


class Plan(NamedTuple):
    """What is the same for all chunks of an estimate."""

    sampling: Sampling
    noises: tuple[Noise | None, ...]
    design: Design
    widths: tuple[int, ...]
    size: int
    draws: int

    @property
    def replications(self) -> int:
        """The evaluations of the loss for each image."""
        return self.draws * len(self.design.states[-1])

    @property
    def spherical(self) -> bool:
        """Whether the draws lie on spherical frames."""
        return self.sampling.frames and all(noise is None or isinstance(noise, Gaussian) for noise in self.noises)


def plan_draws(widths: Sequence[int], noise: Noise | Sequence[Noise | None], replications: int, sampling: str) -> Plan:
    """Return the plan for levels of these widths, or refuse an argument."""
    if not isinstance(sampling, str) or sampling not in SAMPLINGS:
        raise InputError(f"sampling: found {shown(sampling)}, but allowed are {', '.join(SAMPLINGS)}.")
    kind = SAMPLINGS[sampling]
    least = 2 if kind.baseline else 1
    check_whole("replications", replications)
    if replications < least:
        raise InputError(f"replications: found {replications}, but {sampling} needs at least {least}.")
    noises = tuple(noise) if isinstance(noise, Sequence) else (noise,) * len(widths)
    noisy = tuple(density is not None for density in noises)
    if len(noises) != len(widths) or not any(noisy):
        raise InputError(
            f"noise: found {shown(noise)}, but one density for all levels, or one or None for each of the "
            f"{len(widths)} levels and not None for all, is needed."
        )
    for density in noises:
        if density is not None:
            check_noise(density)
        if kind.factorial_signs and density is not None and not density.symmetric:
            raise InputError(
                f"noise: found {density!r}, which is not symmetric; {sampling} needs symmetric densities "
                "(plain and leave_one_out do not)."
            )
    design = design_of(noisy, kind.factorial_signs)
    drawn = tuple(width if is_noisy else 0 for width, is_noisy in zip(widths, noisy, strict=True))
    size = basis_size(sum(drawn)) if kind.frames else 1
    draws = -(-replications // (len(design.states[-1]) * size)) * size
    return Plan(kind, noises, design, drawn, size, draws)


def noise_chunks(plan: Plan, images: int, rng: np.random.Generator) -> Iterator[tuple[slice, list[Array]]]:
    """Yield slices of the images with their noise: for each level an array (width, images, draws)."""
    levels = [slice(end - width, end) for end, width in zip(accumulate(plan.widths), plan.widths, strict=True)]
    frames, scales = None, [density.variance**0.5 if isinstance(density, Gaussian) else 1.0 for density in plan.noises]
    if plan.sampling.frames:
        frames = Frames(sum(plan.widths), images, plan.draws, rng, spherical=plan.spherical, scale=scales[0])
    parts = -(-plan.draws // COLUMNS)
    step = -(-plan.draws // (parts * plan.size)) * plan.size
    batch = max(1, COLUMNS // plan.draws)
    for chunk in (slice(start, min(start + batch, images)) for start in range(0, images, batch)):
        for part in (slice(start, min(start + step, plan.draws)) for start in range(0, plan.draws, step)):
            if frames is None:
                noise = _independent_draws(plan, (chunk.stop - chunk.start, part.stop - part.start), rng)
            else:
                vectors = frames.sample(chunk, part)
                noise = [vectors[level] for level in levels]
                if plan.spherical:
                    for scale, r in zip(scales, noise, strict=True):
                        if scale != scales[0]:
                            r *= np.float32(scale / scales[0])
                else:
                    draws = _independent_draws(plan, vectors.shape[1:], rng)
                    noise = [np.abs(r) * signs for r, signs in zip(draws, noise, strict=True)]
            yield chunk, noise


def _independent_draws(plan: Plan, shape: tuple[int, ...], rng: np.random.Generator) -> list[Array]:
    return [
        np.empty((0, *shape)) if density is None else np.asarray(density.sample(rng, (width, *shape)), np.float32)
        for density, width in zip(plan.noises, plan.widths, strict=True)
    ]


def centre(plan: Plan, losses: Array) -> Array:
    """Return the losses (runs, images, draws), each less the mean of its image's others where the sampling says so."""
    if not plan.sampling.baseline:
        return losses
    centred: Array = (losses - losses.mean(axis=2, keepdims=True)) * (losses.shape[2] / (losses.shape[2] - 1))
    return centred


def score_and_effects(plan: Plan, level: int, r: Array, centred: Array, count: int) -> tuple[Array, Array]:
    """Return the scores of a level's noise and the main effects of the level (input states, images, draws).

    The effects hold the minus sign of Eq. 4 and 1 / count. For Gaussian noise they hold the score's constant factor too
    (Eq. 5), since there are fewer of them than of scores.
    """
    density, score, factor = plan.noises[level], r, -1.0 / count
    if type(density) is Gaussian:
        factor *= -1.0 / density.variance
    elif density is not None:
        score = density.score(r)
    # Multiplied after the contrasts: what all runs have in common has to cancel exactly.
    effects = factor * (plan.design.contrasts[level] @ centred.reshape(len(centred), -1))
    return score, effects.reshape(-1, *centred.shape[1:])
