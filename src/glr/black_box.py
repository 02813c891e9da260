"""The generalized likelihood ratio for any function that can be evaluated: ask for perturbations, tell the losses."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.checks import as_numbers, check_generator, check_noise, check_whole
from glr.errors import DivergenceError, InputError
from glr.gradients.sampling import centre, noise_chunks, plan_draws, score_and_effects
from glr.noise import Noise

Array = NDArray[Any]


class BlackBoxGradient:
    """Unbiased estimates of the gradient of a smoothed function, from values of the function alone.

    For a function f of theta (dimension,) and noise r of density p,

        d E[f(theta + r)] / d theta = E[-score(r) f(theta + r)],    score(r) = d log p(r) / d r.

    f is never differentiated, so it may have jumps. `ask` returns perturbations r, the caller evaluates f(theta + r) in
    any way, and `tell` turns the values into the gradient. The samplings are those of
    `glr.likelihood_ratio_gradient`; here all of theta is one level of noise. More than 64 dimensions are split into
    blocks of at most 64 (`glr.gradients.frames`).

    Parameters
    ----------
    dimension : int
        Number of parameters, 1 or more.
    noise : Noise
        The density of the perturbations, independent over the parameters, such as ``glr.Gaussian(variance=0.01)``.
    replications : int
        K, the evaluations of f for one gradient. It may be rounded up; the attribute of the same name is the K used.
    sampling : {"orthogonal", "antithetic", "leave_one_out", "plain"}
        How the perturbations of one gradient are drawn. ``plain`` takes K of 1 or more and ``leave_one_out`` 2 or more.
        ``antithetic`` rounds K up to pairs r and -r. ``orthogonal`` rounds K up to pairs of whole bases. For more than
        32 parameters this is a multiple of 128; for d parameters up to 32, a multiple of 2 p, where p is the smallest
        power of two with p >= d. Both need a symmetric density.

    Attributes
    ----------
    dimension : int
        As given.
    replications : int
        The K that is used: the number of perturbations that `ask` returns.

    Raises
    ------
    InputError
        If an argument is out of its range, or the density is not symmetric but the sampling needs that.

    Notes
    -----
    The estimate is unbiased for the gradient of E[f(theta + r)], not for that of f. Memory and time are proportional to
    K times dimension. The perturbations of one `ask` depend on each other, so the error of a gradient cannot be read
    from them: repeat `ask` and `tell`.

    References
    ----------
    Glynn: Likelihood ratio gradient estimation for stochastic systems, Communications of the ACM 33 (10), 1990.
    Wierstra, Schaul, Glasmachers, Sun, Peters, Schmidhuber: Natural evolution strategies, Journal of Machine Learning
    Research 15, 2014.
    Salimans, Ho, Chen, Sidor, Sutskever: Evolution strategies as a scalable alternative to reinforcement learning,
    arXiv:1703.03864, 2017. The antithetic sampling.
    Xiao, Peng, Hong, Ke, Yang: Training Artificial Neural Networks by Generalized Likelihood Ratio Method, Eq. 4-5.

    Examples
    --------
    >>> import glr, numpy as np
    >>> estimator = glr.BlackBoxGradient(dimension=2, noise=glr.Gaussian(variance=0.01), replications=8)
    >>> rng, theta = np.random.default_rng(1), np.array([3.0, -1.0])
    >>> r = estimator.ask(rng)
    >>> estimator.tell((theta + r) @ [2.0, 5.0]).shape
    (2,)
    """

    def __init__(self, dimension: int, noise: Noise, replications: int, sampling: str = "orthogonal") -> None:
        check_whole("dimension", dimension, 1)
        check_noise(noise)
        self._plan = plan_draws((dimension,), noise, replications, sampling)
        self._draws: Array | None = None
        self.dimension = dimension
        self.replications = self._plan.replications

    def ask(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return perturbations whose losses `tell` takes.

        A second `ask` replaces the perturbations of the first. So call `ask` again if your function has failed.

        Parameters
        ----------
        rng : numpy.random.Generator
            The source of the perturbations.

        Returns
        -------
        ndarray of shape (replications, dimension)
            float32. You may change it: this changes no gradient.

        Raises
        ------
        InputError
            If `rng` is no generator.
        """
        check_generator(rng)
        parts = [noise[0][:, 0] for _, noise in noise_chunks(self._plan, 1, rng)]
        self._draws = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        signs = [sign for _, sign in self._plan.design.states[0]]
        r = np.empty((len(signs), self._draws.shape[1], self.dimension), dtype=np.float32)
        for run, sign in zip(r, signs, strict=True):
            np.multiply(self._draws.T, np.float32(sign), out=run)
        return r.reshape(-1, self.dimension)

    def tell(self, losses: Any) -> NDArray[np.float64]:
        """Return the estimate of d E[f(theta + r)] / d theta from the losses at the last perturbations.

        This uses the perturbations up: call `ask` before the next `tell`. Refused losses leave them as they are.

        Parameters
        ----------
        losses : array_like of shape (replications,) or (replications, m)
            f(theta + r), finite, in the order of the perturbations; m values where f is a vector.

        Returns
        -------
        ndarray of shape (dimension,) or (m, dimension)
            The gradient, or the Jacobian with one row per value of f; float64.

        Raises
        ------
        InputError
            If `ask` was not called since the last `tell`, or the losses have another shape or are not numbers.
        DivergenceError
            If a loss is not finite.
        """
        if self._draws is None:
            raise InputError(
                "losses: found no perturbations that they could belong to, but ask has to come before tell."
            )
        array = as_numbers("losses", losses).astype(np.float64, copy=False)
        count = self.replications
        if array.ndim not in (1, 2) or len(array) != count or array.size == 0:
            raise InputError(f"losses: found shape {array.shape}, but ({count},) or ({count}, m) is needed.")
        if not np.isfinite(array).all():
            raise DivergenceError("losses: found values that are not finite, but only finite numbers are allowed.")
        draws = self._draws.shape[1]
        runs = array.reshape(count // draws, draws, -1).transpose(0, 2, 1)
        score, effects = score_and_effects(self._plan, 0, self._draws, centre(self._plan, runs), count)
        jacobian: NDArray[np.float64] = effects[0] @ score.T
        self._draws = None
        return jacobian[0] if array.ndim == 1 else jacobian
