"""CPU time of an iteration by every sampling, beside the authors' way and naive NumPy."""

from common import NOISE, data, fresh, mini_batches, milliseconds, print_table, show  # isort: skip

import platform
from collections.abc import Callable
from typing import Any

import numpy as np

from glr.gradients.likelihood_ratio import likelihood_ratio_gradient, replications_spent
from glr.gradients.sampling import SAMPLINGS
from glr.network import Network
from glr.streams import stream

K = 10_000
SMALL = (128, 256, 512)
AUTHORS, NAIVE = "the authors' way (PyTorch)", "naive NumPy"

try:
    import torch

    torch.set_num_threads(1)
    versions = f"PyTorch {torch.__version__}"
except ImportError as error:
    torch = None
    versions = f"no PyTorch: {error}"


def authors_way(network: Network, images: Any, labels: Any) -> list[Any]:
    """Return the gradient as in the authors' public code: inputs repeated K times, all K outer products in memory.

    Image by image; all 25 at once would take 4 GB and are slower.
    """
    weights = [torch.from_numpy(theta.astype(np.float32)) for theta in network.weights]
    gradient = [torch.zeros_like(theta) for theta in weights]
    sigma = NOISE.variance**0.5
    targets = torch.nn.functional.one_hot(torch.from_numpy(labels.astype(np.int64)), 10).float()
    for image, target in zip(torch.from_numpy(images.astype(np.float32)), targets, strict=True):
        x = torch.cat([image[None]] * K)
        inputs, noises = [], []
        for theta in weights:
            inputs.append(torch.cat([torch.ones(K, 1), x], dim=1))
            noises.append(torch.randn(K, theta.shape[1]) * sigma)
            v = inputs[-1] @ theta + noises[-1]
            x = 1 / (1 + torch.exp(-v)) if theta is not weights[-1] else torch.softmax(v, dim=1)
        losses = -(torch.cat([target[None]] * K) * torch.log(x)).sum(1)
        for total, x, r in zip(gradient, inputs, noises, strict=True):
            products = torch.einsum("ni,nj->nij", x * losses[:, None], r)
            products /= sigma**2
            total += products.mean(0)
    return [total.numpy() / len(images) for total in gradient]


def naive_numpy(network: Network, images: Any, labels: Any, rng: np.random.Generator) -> list[Any]:
    """Return the same in NumPy, in its default float64."""
    gradient = [np.zeros_like(theta) for theta in network.weights]
    for image, label in zip(images, labels, strict=True):
        x = np.repeat(image[None], K, axis=0)
        inputs, noises = [], []
        for theta in network.weights:
            inputs.append(np.hstack([np.ones((K, 1)), x]))
            noises.append(rng.normal(0.0, NOISE.variance**0.5, (K, theta.shape[1])))
            v = inputs[-1] @ theta + noises[-1]
            x = 1 / (1 + np.exp(-v)) if theta is not network.weights[-1] else np.exp(v)
        losses = -np.log(x[:, label] / x.sum(axis=1))
        for total, x, r in zip(gradient, inputs, noises, strict=True):
            products = np.einsum("ni,nj->nij", x * losses[:, None], r)
            products /= NOISE.variance
            total += products.mean(axis=0)
    return [total / len(images) for total in gradient]


def main() -> None:
    """Measure and print."""
    network, (batch,) = fresh(), mini_batches(1)
    rng = stream(0, "bench_speed")

    def estimate(sampling: str, replications: int) -> Callable[[], Any]:
        return lambda: likelihood_ratio_gradient(
            network, *batch, noise=NOISE, replications=replications, rng=rng, sampling=sampling
        )

    slow: dict[Any, Callable[[], Any]] = {NAIVE: lambda: naive_numpy(network, *batch, rng)}
    if torch is not None:
        slow[AUTHORS] = lambda: authors_way(network, *batch)
    pairs = [(sampling, K) for sampling in SAMPLINGS] + [("orthogonal", replications) for replications in SMALL]
    with torch.no_grad() if torch is not None else np.errstate():
        times: dict[Any, float] = milliseconds(slow, rounds=3)
    times |= milliseconds({pair: estimate(*pair) for pair in pairs}, rounds=9)

    def row(name: str, spent: int, key: Any) -> list[str]:
        ratios = [
            show(times[other] / times[key]) if {other, key} <= times.keys() else "–" for other in (AUTHORS, NAIVE)
        ]
        return [name, f"{spent:,}", show(times[key]) if key in times else "–", *ratios]

    rows = [row(name, K, name) for name in (AUTHORS, NAIVE)]
    rows += [
        row(f"`{sampling}`", replications_spent(network, NOISE, k, sampling), (sampling, k)) for sampling, k in pairs
    ]
    print_table(["estimator", "K", "ms an iteration", "times faster than the authors' way", "than naive NumPy"], rows)
    print(f"{data()[0]}; NumPy {np.__version__}, {versions}, {platform.machine()} {platform.system()}, one thread.")


if __name__ == "__main__":
    main()
