"""The likelihood ratio method as a scikit-learn classifier; scikit-learn is an optional dependency.

It is imported when `GLRClassifier` is first used: its base classes are scikit-learn's. All else is in `_Classifier`.
"""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glr.activations import Activation
from glr.checks import check_number, check_whole, is_whole, shown
from glr.errors import InputError
from glr.gradients.likelihood_ratio import unchecked_likelihood_ratio_gradient
from glr.losses import Loss, softmax
from glr.network import Network
from glr.noise import make_noise
from glr.training import Part, Progress, train


class _State(NamedTuple):
    """What a training goes on from."""

    classes: NDArray[Any]
    network: Network
    rng: np.random.Generator
    losses: list[float]


class _Classifier:
    """A feed-forward network, trained from values of its loss alone by the generalized likelihood ratio method.

    Neither the activation nor the loss is differentiated, so both may have jumps. Noise is added in training only:
    predictions are noise-free.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        Neurons of each hidden level.
    activation : str or callable
        The activation of the hidden levels: a name in `glr.activations`, or any function that maps an array element by
        element. The outputs are linear.
    loss : str or callable
        ``cross_entropy``, ``zero_one``, or any ``loss(outputs, labels)`` from shapes (m, classes) and (m,) to (m,). A
        label is then an index of `classes_`.
    noise : {"gaussian", "laplace"}
        Density of the neurons' noise.
    variance : float
        The variance of the noise, positive.
    sampling : {"orthogonal", "antithetic", "leave_one_out", "plain"}
        How the noise is drawn; see `glr.gradients.likelihood_ratio`.
    replications : int
        K, evaluations of the loss per sample and step.
    batch_size : int
        Samples per step, at most all of them. An incomplete batch at the end of a pass is skipped.
    batch_reduction : {"mean", "sum"}
        Whether a step follows the mini-batch's mean gradient or its sum.
    step_size : float
        lambda in Eq. 1, positive.
    max_iter : int
        Passes over the samples; there is no early stopping.
    initial_weights : float, or one of {"fan_in", "fan_in_zero_output", "uniform"}
        See `Network.initialise`.
    random_state : int, RandomState instance or None
        The source of the initial weights, of the mini-batches and of the noise.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    network_ : Network
        The trained network.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if X has names and all are strings.
    loss_curve_ : list of float
        The noise-free loss on the samples after each pass.
    n_iter_ : int
        Passes made.

    References
    ----------
    Xiao, Peng, Hong, Ke, Yang: Training Artificial Neural Networks by Generalized Likelihood Ratio Method, Algorithm 1.
    """

    classes_: NDArray[Any]
    network_: Network
    n_features_in_: int
    loss_curve_: list[float]
    n_iter_: int
    _state: _State

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (20,),
        activation: str | Activation = "sigmoid",
        *,
        loss: str | Loss = "cross_entropy",
        noise: str = "gaussian",
        variance: float = 4.0,
        sampling: str = "orthogonal",
        replications: int = 256,
        batch_size: int = 25,
        batch_reduction: str = "sum",
        step_size: float = 0.1,
        max_iter: int = 50,
        initial_weights: float | str = "fan_in",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.loss = loss
        self.noise = noise
        self.variance = variance
        self.sampling = sampling
        self.replications = replications
        self.batch_size = batch_size
        self.batch_reduction = batch_reduction
        self.step_size = step_size
        self.max_iter = max_iter
        self.initial_weights = initial_weights
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train a fresh network.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            Finite numbers, best scaled to about [-1, 1].
        y : array-like of shape (n,)
            Labels of any type.

        Returns
        -------
        GLRClassifier
            The estimator itself.

        Raises
        ------
        ValueError
            If a parameter or the data cannot be used (`InputError` is a ValueError).
        DivergenceError
            If a loss is not finite.
        """
        from sklearn.utils.validation import check_scalar

        samples, labels = self._samples_and_labels(X, y)
        check_whole("max_iter", self.max_iter)
        epochs = check_scalar(self.max_iter, "max_iter", Integral, min_val=1)
        return self._train(self._fresh(np.unique(labels)), samples, labels, epochs)

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """Make one pass over some or all samples; `max_iter` calls with all of them do the same as `fit`.

        Parameters
        ----------
        X, y : array-like
            As in `fit`.
        classes : array-like of shape (n_classes,), optional
            All labels that any call may have; required in the first call.

        Returns
        -------
        GLRClassifier
            The estimator itself.

        Raises
        ------
        ValueError, DivergenceError
            As in `fit`, and if a label or a set of classes differs from those of the first call.
        """
        first = not hasattr(self, "network_")
        samples, labels = self._samples_and_labels(X, y, reset=first)
        if first and classes is None:
            raise InputError("classes: found None, but the first call of partial_fit needs all labels.")
        named = self.classes_ if classes is None else _labels(classes)
        if not first and not np.array_equal(named, self.classes_):
            raise InputError(f"classes: found {named}, but the first call named {self.classes_}.")
        return self._train(self._fresh(named) if first else self._state, samples, labels, 1)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the labels, of shape (n,), of the largest noise-free outputs."""
        largest = self._outputs(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[largest]
        return labels

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the softmax of the noise-free outputs, of shape (n, n_classes): calibrated only by cross-entropy."""
        return softmax(self._outputs(X))

    def _samples_and_labels(
        self, X: ArrayLike, y: ArrayLike, *, reset: bool = True
    ) -> tuple[NDArray[np.float64], NDArray[Any]]:
        from sklearn.utils.multiclass import check_classification_targets
        from sklearn.utils.validation import validate_data

        samples, labels = validate_data(self, X, y, dtype=np.float64, reset=reset)
        check_classification_targets(labels)
        return samples, labels

    def _fresh(self, classes: NDArray[Any]) -> _State:
        from sklearn.utils import check_random_state

        try:
            seed = check_random_state(self.random_state).randint(2**31 - 1)
        except ValueError as error:
            raise InputError(
                f"random_state: found {shown(self.random_state)}, but None, a RandomState or an integer from 0 to "
                "2**32 - 1 is allowed."
            ) from error
        rng = np.random.default_rng(seed)
        hidden = _hidden(self.hidden_layer_sizes)
        sizes = (self.n_features_in_, *hidden, len(classes))
        activations = (*[self.activation] * len(hidden), "identity")
        return _State(classes, Network.initialise(sizes, activations, rng, self.initial_weights), rng, [])

    def _train(self, state: _State, samples: NDArray[np.float64], labels: NDArray[Any], epochs: int) -> Self:
        from sklearn.utils.validation import check_scalar

        if (unknown := np.setdiff1d(labels, state.classes)).size:
            raise InputError(f"y: found {unknown}, but the classes are {state.classes}.")
        check_whole("batch_size", self.batch_size)
        check_number("step_size", self.step_size)
        batch_size = check_scalar(self.batch_size, "batch_size", Integral, min_val=1)
        step_size = check_scalar(self.step_size, "step_size", Real, min_val=0, include_boundaries="neither")
        noise, part = make_noise(self.noise, self.variance), Part(samples, np.searchsorted(state.classes, labels))
        progress = Progress(state.network)
        steps = train(
            progress,
            lambda network, *batch: unchecked_likelihood_ratio_gradient(
                network,
                *batch,
                loss=self.loss,
                noise=noise,
                replications=self.replications,
                rng=state.rng,
                sampling=self.sampling,
            ),
            (part, part),
            loss=self.loss,
            step_size=step_size,
            epochs=epochs,
            mini_batch=min(batch_size, len(labels)),
            batch_reduction=self.batch_reduction,
            order=lambda _: state.rng.permutation(len(labels)),
        )
        for _ in steps:
            pass
        state.losses.extend(epoch.loss_train for epoch in progress.history)
        self._state, self.n_iter_ = state, len(state.losses)
        self.classes_, self.network_, _, self.loss_curve_ = state
        return self

    def _outputs(self, X: ArrayLike) -> NDArray[np.float64]:
        from sklearn.utils.validation import check_is_fitted, validate_data

        check_is_fitted(self)
        return self.network_.outputs(validate_data(self, X, dtype=np.float64, reset=False))


def _labels(classes: ArrayLike) -> NDArray[Any]:
    """Return the classes that were named, sorted."""
    try:
        named = np.asarray(classes)
    except ValueError:
        named = np.zeros(0)
    if named.ndim != 1 or not named.size:
        raise InputError(f"classes: found {shown(classes)}, but all labels are needed, as one list.")
    return np.unique(named)


def _hidden(sizes: Any) -> list[int]:
    """Return the sizes of the hidden levels, which are whole numbers."""
    try:
        listed = list(sizes)
    except TypeError:
        listed = [sizes]
    if not all(is_whole(size) for size in listed):
        raise InputError(
            f"hidden_layer_sizes: found {shown(sizes)}, but a whole number or a sequence of them is needed."
        )
    return [int(size) for size in listed]


if TYPE_CHECKING:
    from sklearn.base import BaseEstimator, ClassifierMixin

    class GLRClassifier(_Classifier, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        """What `__getattr__` makes."""

else:

    def __getattr__(name: str) -> type[_Classifier]:
        if name != "GLRClassifier":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        contents = {"__doc__": _Classifier.__doc__, "__module__": __name__}
        try:
            from sklearn.base import BaseEstimator, ClassifierMixin
            from sklearn.utils.validation import validate_data  # noqa: F401  # New in 1.6.
        except ImportError:
            # A class whose documentation can be read, since help(glr) asks for it, but which cannot be used.
            return type(name, (_Classifier,), contents | {"__new__": _refuse})
        made = type(name, (_Classifier, ClassifierMixin, BaseEstimator), contents)
        # If two threads ask at once, both get the class that was made first.
        return globals().setdefault(name, made)

    def _refuse(*_: Any, **__: Any) -> None:
        raise ImportError(
            "glr.GLRClassifier needs scikit-learn 1.6 or newer, which `pip install 'scikit-learn>=1.6'` installs."
        )
