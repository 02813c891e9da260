"""Attack a trained network along a gradient, as a black box or by another's samples, and tell which images fall."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.apgd import LOSSES, NORMS
from glr.attacks import apgd, fgsm, square
from glr.errors import InputError
from glr.gradients.backprop import input_gradient
from glr.gradients.likelihood_ratio import losses_and_input_gradient
from glr.losses import Loss
from glr.network import Network
from glr.noise import make_noise
from glr.prediction import chances, predict
from glr.streams import stream
from reproduction.progress import followed
from reproduction.steps.attack import read_attacked
from reproduction.steps.words import add_sample, prediction_noise
from reproduction.store.files import write_arrays
from reproduction.store.networks import load_network

Array = NDArray[np.float64]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--weights", type=Path, required=True, help="the trained network (.npz)")
    parser.add_argument("--source", type=Path, help="the network from which fgsm makes its samples (.npz)")
    add_sample(parser)
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="which images it still gets right, for each norm and size of the change (.npz)",
    )


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    _check(settings)
    images, labels, _ = read_attacked(settings.images, settings.split, settings.sample, settings.count)
    network = load_network(settings.weights, images.shape[1])
    source = load_network(settings.source, images.shape[1]) if settings.source else network
    diverged = not all(np.isfinite(weights).all() for weights in network.weights)
    balls = [(norm, size) for norm in NORMS for size in dict.fromkeys([0.0, *getattr(settings, norm)])]
    right = np.zeros((len(balls), len(labels)), bool)
    blind, unsteady = np.zeros(len(labels), bool), np.zeros(len(labels), bool)
    if not diverged:
        search = _Search(settings, network, source, images, labels)
        right[:] = [search.right(*ball) for ball in followed(balls, settings.model)]
        blind, unsteady = search.without_gradient(), search.predicted("again", images) != search.predicted("", images)
    write_arrays(
        settings.output,
        norms=np.array([norm for norm, _ in balls]),
        epsilons=np.array([size for _, size in balls]),
        right=right,
        blind=blind,
        unsteady=unsteady,
        diverged=diverged,
    )


class _Search:
    """An attack on a network, with streams of its own for each size of the change."""

    def __init__(
        self, settings: argparse.Namespace, network: Network, source: Network, images: Array, labels: NDArray[Any]
    ) -> None:
        self.settings, self.network, self.source, self.images, self.labels = settings, network, source, images, labels
        self.noise = make_noise(settings.noise, settings.variance) if settings.noise else None
        self.predicting = prediction_noise(settings)

    def right(self, norm: str, epsilon: float) -> NDArray[np.bool_]:
        """Return which images (n,) the network still gets right."""
        attacked = self._attacked(norm, epsilon) if epsilon else self.images
        right: NDArray[np.bool_] = self.predicted(f"{norm}-{epsilon}", attacked) == self.labels
        return right

    def predicted(self, name: str, images: Array) -> NDArray[np.uint8]:
        """Return the labels (n,) that the network gives, with noise of the stream of a name."""
        rng = self._stream("victim_prediction", name)
        return predict(self.network, images, self.predicting, self.settings.predict_replications, rng)

    def without_gradient(self) -> NDArray[np.bool_]:
        """Return the images (n,) at which the gradient is 0 where the search begins."""
        if self.settings.method != "apgd":
            return np.zeros(len(self.labels), bool)
        # Before the attack there is no target.
        loss = LOSSES[self.settings.loss.removeprefix("targeted_")]
        rng = self._stream("victim_gradient", "")
        _, gradient = self._slopes(self.images, self.labels, loss, rng)
        return np.asarray(~gradient.any(axis=1))

    def _attacked(self, norm: str, epsilon: float) -> Array:
        settings, rng = self.settings, self._stream("victim_attack", f"{norm}-{epsilon}")
        if settings.method == "fgsm":
            return fgsm(self.source, self.images, self.labels, epsilon=epsilon, norm=norm)

        def outputs(x: Array) -> Array:
            if self.predicting is None:
                return self.network.outputs(x)
            return chances(self.network, x, self.predicting, settings.predict_replications, rng)

        def slopes(x: Array, labels: NDArray[Any], loss: Loss) -> tuple[Array, Array]:
            return self._slopes(x, labels, loss, rng)

        common: dict[str, Any] = {"epsilon": epsilon, "norm": norm, "rng": rng}
        if settings.method == "square":
            return square(outputs, self.images, self.labels, queries=settings.steps, **common)
        common |= {"loss": settings.loss, "steps": settings.steps, "restarts": settings.restarts or 1}
        return apgd(outputs, slopes, self.images, self.labels, **common)

    def _slopes(self, x: Array, labels: NDArray[Any], loss: Loss, rng: np.random.Generator) -> tuple[Array, Array]:
        settings = self.settings
        if self.noise is not None and settings.gradient == "likelihood_ratio":
            return losses_and_input_gradient(
                self.network, x, labels, loss=loss, noise=self.noise, replications=settings.replications, rng=rng
            )
        return input_gradient(
            self.network, x, labels, loss=loss, noise=self.noise, replications=settings.replications, rng=rng
        )

    def _stream(self, purpose: str, name: str) -> np.random.Generator:
        settings = self.settings
        return stream(settings.seed, purpose, settings.model, settings.replicate, settings.name, name)


def _check(settings: argparse.Namespace) -> None:
    """Refuse flags that lack others."""
    by_gradient = settings.method == "apgd"
    for flag, value, needed, asking in (
        ("--source", settings.source, settings.method == "fgsm", "--method fgsm"),
        ("--steps", settings.steps, settings.method != "fgsm", f"--method {settings.method}"),
        ("--loss", settings.loss, by_gradient, "--method apgd"),
        ("--noise", settings.noise, by_gradient and settings.gradient == "likelihood_ratio", "likelihood_ratio"),
        ("--variance", settings.variance, settings.noise, "--noise"),
        ("--gradient", settings.gradient, by_gradient and settings.noise, "apgd through noise"),
        ("--replications", settings.replications, by_gradient and settings.noise, "apgd through noise"),
    ):
        if needed and not value:
            raise InputError(f"{flag}: found {'nothing' if value is None else value}, but {asking} needs it.")
