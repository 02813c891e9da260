"""Attack a trained network itself, along a gradient or as a black box, and tell which images fall."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glr.attacks import pgd, square
from glr.errors import InputError
from glr.gradients.backprop import input_gradient
from glr.gradients.likelihood_ratio import likelihood_ratio_input_gradient
from glr.network import Network
from glr.noise import Noise, make_noise
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
    add_sample(parser)
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="which images it still gets right, for each largest change of a pixel (.npz)",
    )


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    _check(settings)
    images, labels, _ = read_attacked(settings.images, settings.split, settings.sample, settings.count)
    network = load_network(settings.weights, images.shape[1])
    diverged = not all(np.isfinite(weights).all() for weights in network.weights)
    noise = make_noise(settings.noise, settings.variance) if settings.noise else None
    predicting = prediction_noise(settings)
    epsilons = list(dict.fromkeys([0.0, *settings.epsilons]))
    right = np.zeros((len(epsilons), len(labels)), bool)
    for index, epsilon in enumerate(followed(epsilons, settings.model)):
        if diverged:
            continue
        names = (settings.model, settings.replicate, settings.name, str(epsilon))
        rng = stream(settings.seed, "victim_attack", *names)
        attacked = images
        if epsilon:
            attacked = _attacked(settings, network, images, labels, noise, predicting, epsilon, rng)
        rng = stream(settings.seed, "victim_prediction", *names)
        right[index] = predict(network, attacked, predicting, settings.predict_replications, rng) == labels
    write_arrays(settings.output, epsilons=np.array(epsilons), right=right, diverged=diverged)


def _attacked(
    settings: argparse.Namespace,
    network: Network,
    images: Array,
    labels: NDArray[Any],
    noise: Noise | None,
    predicting: Noise | None,
    epsilon: float,
    rng: np.random.Generator,
) -> Array:
    def gradient(x: Array) -> Array:
        if noise is not None and settings.gradient == "likelihood_ratio":
            return likelihood_ratio_input_gradient(
                network, x, labels, noise=noise, replications=settings.replications, rng=rng
            )
        return input_gradient(network, x, labels, noise=noise, replications=settings.replications, rng=rng)[1]

    def outputs(x: Array) -> Array:
        if predicting is None:
            return network.outputs(x)
        return chances(network, x, predicting, settings.predict_replications, rng)

    if settings.method == "square":
        return square(outputs, images, labels, epsilon=epsilon, queries=settings.steps, rng=rng)
    if settings.method == "fgsm":
        return pgd(gradient, images, epsilon=epsilon, step_size=epsilon, steps=1)
    # Steps that can cross the neighbourhood and come back, as Madry et al. advise.
    step = 2.5 * epsilon / settings.steps
    start = images + epsilon * rng.uniform(-1.0, 1.0, images.shape)
    return pgd(gradient, images, epsilon=epsilon, step_size=step, steps=settings.steps, start=start)


def _check(settings: argparse.Namespace) -> None:
    """Refuse flags that lack others."""
    by_gradient = settings.method != "square"
    for flag, value, needed, asking in (
        ("--steps", settings.steps, settings.method != "fgsm", f"--method {settings.method}"),
        ("--noise", settings.noise, by_gradient and settings.gradient == "likelihood_ratio", "likelihood_ratio"),
        ("--variance", settings.variance, settings.noise, "--noise"),
        ("--gradient", settings.gradient, by_gradient and settings.noise, f"{settings.method} through noise"),
        ("--replications", settings.replications, by_gradient and settings.noise, f"{settings.method} through noise"),
    ):
        if needed and not value:
            raise InputError(f"{flag}: found {'nothing' if value is None else value}, but {asking} needs it.")
