"""What networks, samples, losses and tables are called: one name each, in tables, figures and documents."""

NAMES = {
    "bp_sigmoid": "BP sigmoid",
    "bp_early": "BP sigmoid (stopped early)",
    "bp_adam": "BP sigmoid (Adam)",
    "bp_decay": "BP sigmoid (weight decay)",
    "bp_noisy": "BP sigmoid (noise)",
    "glr_sigmoid": "GLR sigmoid",
    "glr_threshold": "GLR threshold",
    "glr_abs": "GLR |x|",
    "glr_sigmoid_01": "GLR sigmoid (0-1 loss)",
    "glr_threshold_01": "GLR threshold (0-1 loss)",
    "glr_sigmoid_01_adam": "GLR sigmoid (0-1 loss, Adam)",
    "glr_threshold_01_adam": "GLR threshold (0-1 loss, Adam)",
    "glr_sigmoid_laplace": "GLR sigmoid (Laplace noise)",
    "glr_threshold_laplace": "GLR threshold (Laplace noise)",
    "glr_abs_laplace": "GLR |x| (Laplace noise)",
    "glr_relu": "GLR ReLU",
    "glr_leaky_relu": "GLR leaky ReLU",
    "glr_sign": "GLR sign",
    "glr_staircase": "GLR staircase",
    "glr_sigmoid_sum": "GLR sigmoid (summed gradient)",
    "glr_sigmoid_fan_in": "GLR sigmoid (larger initial weights)",
    "glr_abs_sum": "GLR |x| (summed gradient)",
    "glr_sigmoid_zero_output": "GLR sigmoid (output from 0)",
    "glr_sigmoid_output": "GLR sigmoid (sigmoid output)",
    "bp_noisy_bounded": "BP sigmoid (noise, bounded weights)",
    "glr_sigmoid_bounded": "GLR sigmoid (bounded weights)",
    "glr_sigmoid_variance_1": "GLR sigmoid (trained at variance 1)",
    "glr_sigmoid_variance_16": "GLR sigmoid (trained at variance 16)",
    "glr_sigmoid_averaged": "GLR sigmoid (noisy prediction)",
    "glr_threshold_averaged": "GLR threshold (noisy prediction)",
    "glr_threshold_30": "GLR threshold (30 epochs)",
    "glr_threshold_30_fan_in": "GLR threshold (30 epochs, larger initial weights)",
    "glr_threshold_30_sum": "GLR threshold (30 epochs, summed gradient)",
    "glr_threshold_30_sum_fan_in": "GLR threshold (30 epochs, summed gradient, larger initial weights)",
    "glr_threshold_01_30": "GLR threshold (0-1 loss, 30 epochs)",
    "glr_threshold_01_30_fan_in": "GLR threshold (0-1 loss, 30 epochs, larger initial weights)",
    "glr_threshold_01_30_sum": "GLR threshold (0-1 loss, 30 epochs, summed gradient)",
    "glr_threshold_01_30_sum_fan_in": "GLR threshold (0-1 loss, 30 epochs, summed gradient, larger initial weights)",
    "source": "Source network",
    "source_sigmoid": "Source network (sigmoid)",
    "authors_bp": "Authors' BP",
    "authors_threshold": "Authors' threshold",
    "authors_threshold_01": "Authors' threshold (0-1 loss)",
    "authors_source": "Authors' source network",
    # Samples: what the networks are tested on.
    "orig": "Orig",
    "orig_attacked": "Orig",
    "lbfgs": "L-BFGS",
    "lbfgs_all": "L-BFGS (all images)",
    "lbfgs_fixed": "L-BFGS (next label)",
    "lbfgs_least_likely": "L-BFGS (least likely label)",
    "lbfgs_minimal": "L-BFGS (minimal norm)",
    "fgsm": "FGSM",
    "fgsm_all": "FGSM (all images)",
    "fgsm_calibrated": "FGSM (calibrated)",
    "fgsm_sigmoid": "FGSM (sigmoid source)",
    "pgd": "PGD",
    "pgd_pathwise": "PGD (pathwise)",
    "pgd_likelihood_ratio": "PGD (likelihood ratio)",
    "pgd_wide": "PGD (wider noise)",
    "square": "Square attack",
    "all attacks": "All attacks",
    "gaussian_noise": "Gaussian noise",
    "gaussian_noise_cifar": "Gaussian noise (CIFAR-10-C)",
    "gaussian_noise_after": "Gaussian noise (resized after)",
    "impulse_noise": "Impulse noise",
    "impulse_noise_cifar": "Impulse noise (CIFAR-10-C)",
    "impulse_noise_after": "Impulse noise (resized after)",
    "glass_blur": "Glass blur",
    "glass_blur_imagenet": "Glass blur (ImageNet-C)",
    "glass_blur_after": "Glass blur (resized after)",
    "contrast": "Contrast",
    "contrast_cifar": "Contrast (CIFAR-10-C)",
    "contrast_after": "Contrast (resized after)",
    "average": "Average",
    "cross_entropy": "cross-entropy",
    "zero_one": "0-1 loss",
    "imagenet_c": "ImageNet-C",
    "cifar10_c": "CIFAR-10-C",
    "table1": "Table I",
    "table2": "Table II",
}
"""By the name in the config or in a table. Orig, Average and the tables' numbers are the paper's words."""

KEYS = {"step_size": "step size", "variance": "noise variance"}
"""What the settings are called that sweeps go through; a setting that is not here bears its own name."""


def label_of(name: str) -> str:
    """Return what a network, a set of samples, a loss or a table is called; an unknown name is its own label."""
    return NAMES.get(name, name)


def sweep_label(family: str, key: str) -> str:
    """Return what the members of a family that differ by one setting are called together."""
    label, words = label_of(family), KEYS.get(key, key)
    return f"{label[:-1]}, {words})" if label.endswith(")") else f"{label} ({words})"
