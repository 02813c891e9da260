"""Training neural networks from loss values alone by the generalized likelihood ratio method.

The public names are imported on first use, so that a job loads only what it needs.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glr import attacks, corruptions
    from glr.black_box import BlackBoxGradient
    from glr.certificates import Certificates, certify
    from glr.classifier import GLRClassifier as GLRClassifier
    from glr.gradients.backprop import backprop_gradient
    from glr.gradients.likelihood_ratio import (
        likelihood_ratio_gradient,
        likelihood_ratio_input_gradient,
        replications_spent,
    )
    from glr.idx import read_idx
    from glr.network import Network
    from glr.noise import Gaussian, Laplace

__version__ = "1.0.0"

_HOMES = {
    "BlackBoxGradient": "glr.black_box",
    "Certificates": "glr.certificates",
    "GLRClassifier": "glr.classifier",
    "Gaussian": "glr.noise",
    "Laplace": "glr.noise",
    "Network": "glr.network",
    "backprop_gradient": "glr.gradients.backprop",
    "certify": "glr.certificates",
    "likelihood_ratio_gradient": "glr.gradients.likelihood_ratio",
    "likelihood_ratio_input_gradient": "glr.gradients.likelihood_ratio",
    "read_idx": "glr.idx",
    "replications_spent": "glr.gradients.likelihood_ratio",
}
_MODULES = ("attacks", "corruptions")

# Without GLRClassifier: `from glr import *` must not import scikit-learn, which is optional.
__all__ = [
    "BlackBoxGradient",
    "Certificates",
    "Gaussian",
    "Laplace",
    "Network",
    "attacks",
    "backprop_gradient",
    "certify",
    "corruptions",
    "likelihood_ratio_gradient",
    "likelihood_ratio_input_gradient",
    "read_idx",
    "replications_spent",
]


if not TYPE_CHECKING:  # Type checkers know the names above, and report any other.

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return importlib.import_module(f"glr.{name}")
        if name in _HOMES:
            return getattr(importlib.import_module(_HOMES[name]), name)
        raise AttributeError(f"module 'glr' has no attribute {name!r}")


def __dir__() -> list[str]:
    return ["GLRClassifier", "__version__", *__all__]
