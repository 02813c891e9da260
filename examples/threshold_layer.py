"""Train a torch network through a layer of thresholds, whose derivative is 0 wherever it exists.

It needs PyTorch (`pip install torch`).
"""

import numpy as np
import torch

import glr


class Smoothed(torch.autograd.Function):
    """The mean of layer(v + r) over noise r, and the derivative of this mean, estimated from the same values."""

    @staticmethod
    def forward(ctx, v, layer, estimator, rng):
        r = torch.from_numpy(estimator.ask(rng)).to(v)
        ctx.values, ctx.estimator = layer(v + r[:, None]), estimator  # (K, n, outputs)
        return ctx.values.mean(dim=0)

    @staticmethod
    def backward(ctx, slope):
        # One loss per example: the direction in which this example's outputs should move.
        losses = (ctx.values * slope).sum(dim=2)
        return torch.from_numpy(ctx.estimator.tell(losses.numpy())).to(slope), None, None, None


def threshold(v):
    """Return 1 where v is positive, and else 0."""
    return (v > 0).to(v.dtype)


torch.set_num_threads(1)
torch.manual_seed(0)
rng = np.random.default_rng(0)
x = torch.rand(400, 2) * 2 - 1
y = ((x[:, 0] * x[:, 1]) > 0).float()
for trained in ("output level only", "both levels"):
    first, second = torch.nn.Linear(2, 8), torch.nn.Linear(8, 1)
    parameters = [*second.parameters(), *(first.parameters() if trained == "both levels" else ())]
    optimiser = torch.optim.Adam(parameters, lr=0.03)
    estimator = glr.BlackBoxGradient(dimension=8, noise=glr.Gaussian(variance=0.1), replications=64)
    for _ in range(400):
        hidden = Smoothed.apply(first(x), threshold, estimator, rng)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(second(hidden)[:, 0], y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        smooth = ((second(Smoothed.apply(first(x), threshold, estimator, rng))[:, 0] > 0) == (y > 0)).float().mean()
        hard = ((second(threshold(first(x)))[:, 0] > 0) == (y > 0)).float().mean()
    print(f"{trained}: accuracy {smooth:.3f} with noise, {hard:.3f} without")
