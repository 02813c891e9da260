"""Attack a network that was trained by the likelihood ratio method, and prove how far its images may move.

Each image shows a horizontal or a vertical bar in noise, on 8 x 8 pixels. Prints three numbers: the accuracy; the
accuracy after the fast gradient sign method (FGSM) has changed each pixel by up to 0.1; and the share of images with a
right label that is proved to stay the most likely one under noise, after any change of L2 norm up to 0.5. Each proof is
wrong with a chance of at most 0.001.

    accuracy 1.00, under FGSM 0.71, certified 0.76
"""

import numpy as np

import glr

rng = np.random.default_rng(0)
labels = rng.integers(2, size=200)
bars = np.zeros((2, 8, 8))
bars[0, :, 3:5] = bars[1, 3:5, :] = 0.3
images = (bars[labels] + rng.normal(0.25, 0.2, (200, 8, 8))).clip(0.0, 1.0).reshape(200, 64)
network = glr.Network.initialise((64, 10, 2), activations=("sigmoid", "identity"), rng=rng)
noise = glr.Gaussian(variance=4.0)
for _ in range(100):
    batch = rng.choice(200, 25, replace=False)
    gradient = glr.likelihood_ratio_gradient(
        network, images[batch], labels[batch], loss="cross_entropy", noise=noise, replications=64, rng=rng
    )
    for weights, slopes in zip(network.weights, gradient, strict=True):
        weights -= 0.5 * slopes

attacked = glr.attacks.fgsm(network, images, labels, epsilon=0.1)
certificates = glr.certify(network, images, noise=(noise, None), draws=10_000, rng=rng)
proved = (certificates.labels == labels) & (certificates.radii >= 0.5)
accuracies = [np.mean(network.predict(x) == labels) for x in (images, attacked)]
print(f"accuracy {accuracies[0]:.2f}, under FGSM {accuracies[1]:.2f}, certified {proved.mean():.2f}")
