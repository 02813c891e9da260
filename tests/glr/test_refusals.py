"""What every public function refuses, in which sentence, and that what is right is still accepted."""

import gzip
import re

import numpy as np
import pytest

import glr
from glr.activations import Sigmoid, get_activation
from glr.attacks import choose_targets, fgsm, lbfgs, lbfgs_minimal, pgd, square
from glr.corruptions import CORRUPTIONS, GLASS_BLUR, glass_blur
from glr.errors import InputError
from glr.gradients.backprop import backprop_gradient, input_gradient
from glr.gradients.frames import sign_design, spherical_design
from glr.gradients.likelihood_ratio import (
    likelihood_ratio_gradient,
    likelihood_ratio_input_gradient,
    replications_spent,
)
from glr.losses import LOSSES, CrossEntropy, get_loss
from glr.network import Network
from glr.noise import Gaussian, Laplace, make_noise
from glr.prediction import accuracy, chances, predict, recalls
from glr.streams import stream
from glr.training import Part, Progress, loss_and_accuracy, train

NET = Network.initialise((25, 4, 3), ("sigmoid", "identity"), np.random.default_rng(1))
IMAGES = np.random.default_rng(2).random((4, 25))
LABELS = np.array([0, 2, 1, 2])
NOISE, LAPLACE = Gaussian(1.0), Laplace(1.0)


def rng():
    return np.random.default_rng(3)


def with_pixel(value):
    images = IMAGES.copy()
    images[1, 2] = value
    return images


def own(outputs, labels):
    """Return a loss of the caller's own, whose labels may have any shape (n, ...)."""
    return ((outputs - np.reshape(labels, (len(outputs), -1))) ** 2).sum(axis=1)


# Each function with arguments that are right, by name.
RIGHT = {
    likelihood_ratio_gradient: {"network": NET, "images": IMAGES, "labels": LABELS, "noise": NOISE, "replications": 8},
    likelihood_ratio_input_gradient: {
        "network": NET,
        "images": IMAGES,
        "labels": LABELS,
        "noise": NOISE,
        "replications": 8,
    },
    backprop_gradient: {"network": NET, "images": IMAGES, "labels": LABELS, "noise": NOISE, "replications": 2},
    input_gradient: {"network": NET, "images": IMAGES, "labels": LABELS, "noise": NOISE, "replications": 2},
    replications_spent: {"network": NET, "noise": NOISE, "replications": 8},
    fgsm: {"network": NET, "images": IMAGES, "labels": LABELS, "epsilon": 0.1},
    lbfgs: {"network": NET, "images": IMAGES, "targets": LABELS, "c": 0.1},
    lbfgs_minimal: {"network": NET, "images": IMAGES, "targets": LABELS},
    pgd: {"gradient": np.ones_like, "images": IMAGES, "epsilon": 0.1, "step_size": 0.1, "steps": 2},
    square: {"outputs": NET.outputs, "images": IMAGES, "labels": LABELS, "epsilon": 0.1, "queries": 2},
    choose_targets: {"kind": "random", "network": NET, "images": IMAGES, "labels": LABELS},
    predict: {"network": NET, "images": IMAGES, "noise": NOISE, "replications": 2},
    chances: {"network": NET, "images": IMAGES, "noise": NOISE, "replications": 2},
    accuracy: {"predictions": LABELS, "labels": LABELS},
    recalls: {"predictions": LABELS, "labels": LABELS, "classes": 3},
    loss_and_accuracy: {"network": NET, "part": Part(IMAGES, LABELS), "loss": "cross_entropy"},
    glr.certify: {"network": NET, "images": IMAGES, "noise": NOISE, "draws": 10},
    Network: {"weights": NET.weights, "activations": NET.activations},
    Network.initialise: {"sizes": (25, 4, 3), "activations": ("sigmoid", "identity")},
    NET.outputs: {"images": IMAGES},
    NET.predict: {"images": IMAGES},
    LOSSES["cross_entropy"]: {"outputs": NET.outputs(IMAGES), "labels": LABELS},
    LOSSES["cross_entropy"].gradient: {"outputs": NET.outputs(IMAGES), "labels": LABELS},
    LOSSES["zero_one"]: {"outputs": NET.outputs(IMAGES), "labels": LABELS},
    get_activation: {"activation": "abs"},
    get_loss: {"loss": "zero_one"},
    Gaussian: {"variance": 4.0},
    Laplace: {"scale": 1.0},
    NOISE.sample: {"shape": (2, 3)},
    LAPLACE.sample: {"shape": (2, 3)},
    make_noise: {"density": "laplace", "variance": 4.0},
    sign_design: {"size": 4},
    spherical_design: {"size": 4},
    **{corruption: {"images": IMAGES, "severity": 1} for corruption in CORRUPTIONS.values()},
}
DRAWING = {
    likelihood_ratio_gradient, likelihood_ratio_input_gradient, backprop_gradient, input_gradient, square,
    choose_targets, predict, chances, glr.certify, Network.initialise, NOISE.sample, LAPLACE.sample,
    *CORRUPTIONS.values(),
}  # fmt: skip
RIGHT |= {function: {**given, "rng": rng()} for function, given in RIGHT.items() if function in DRAWING}

DENSITY = "but an object with sample, score and symmetric is needed, such as glr.Gaussian(variance=4.0)."
WEIGHTS = NET.weights


def of_network(functions, *, name="labels"):
    """Return what all functions refuse that take a network, images and labels."""
    return [
        (function, name if key == "labels" else key, value, sentence)
        for function in functions
        for key, value, sentence in [
            ("network", None, "network: found None, but a glr.Network is needed."),
            ("images", IMAGES[:, :24], "images: found shape (4, 24), but (n, 25) is needed."),
            ("images", IMAGES[0], "images: found shape (25,), but (n, 25) is needed."),
            ("images", [["a"] * 25] * 4, "images: found values of type <U1, but numbers are needed."),
            ("images", [[1.0], [1.0, 2.0]], "images: found rows of different lengths, but an array of numbers"),
            ("labels", [0, -1, 1, -1], f"{name}: found -1 to 1, but integers from 0 to 2 are allowed."),
            ("labels", [0, 1, 2, 3], f"{name}: found 0 to 3, but integers from 0 to 2 are allowed."),
            ("labels", np.array([0, 1, 2, 255], np.uint8), f"{name}: found 0 to 255, but integers from 0 to 2"),
            ("labels", np.array([0, 1, 2, 2**63], np.uint64), f"{name}: found 0 to {2**63}, but integers from 0 to 2"),
            ("labels", np.tile(LABELS, 2), f"{name}: found shape (8,), but one for each of 4 images is needed."),
            ("labels", LABELS[:3], f"{name}: found shape (3,), but one for each of 4 images is needed."),
            ("labels", LABELS[:, None], f"{name}: found shape (4, 1), but one for each of 4 images is needed."),
            ("labels", 1, f"{name}: found shape (), but one for each of 4 images is needed."),
            ("labels", LABELS / 1, f"{name}: found values of type float64, but integers from 0 to 2 are allowed."),
            ("labels", LABELS > 0, f"{name}: found values of type bool, but integers from 0 to 2 are allowed."),
            ("labels", ["0", "1", "2", "0"], f"{name}: found values of type <U1, but integers from 0 to 2"),
            ("labels", [[0], [1, 2]], f"{name}: found rows of different lengths, but one integer per image is needed."),
        ]
    ]  # fmt: skip


def for_all(functions, *rows):
    return [(function, *row) for function in functions for row in rows]


LIKELIHOOD_RATIOS = (likelihood_ratio_gradient, likelihood_ratio_input_gradient)
BACKPROPS = (backprop_gradient, input_gradient)
GENERATOR = "rng: found 1, but a numpy.random.Generator is needed."
FINITE = "images: found values that are not finite, but only finite numbers are allowed."
POWER = "but a power of two from 1 to 64 is needed."

WRONG = [
    *of_network([*LIKELIHOOD_RATIOS, *BACKPROPS, fgsm, choose_targets]),
    *of_network([lbfgs, lbfgs_minimal], name="targets"),
    *for_all(DRAWING - {CORRUPTIONS["contrast"]}, ("rng", 1, GENERATOR)),
    *for_all(
        [*LIKELIHOOD_RATIOS, *BACKPROPS, predict, chances, NET.outputs, NET.predict],
        ("images", with_pixel(np.nan), FINITE),
        ("images", with_pixel(np.inf), FINITE),
        ("images", with_pixel(-np.inf).astype(np.float32), FINITE),
    ),
    *for_all(
        [fgsm, lbfgs, lbfgs_minimal, pgd, square, choose_targets, glr.certify],
        ("images", with_pixel(np.nan), "images: found values from nan to nan, but [0, 1] is allowed."),
        ("images", with_pixel(np.inf), "to inf, but [0, 1] is allowed."),
        ("images", with_pixel(-0.5), "images: found values from -0.5 to"),
    ),
    *for_all(
        [predict, chances, glr.certify],
        ("network", None, "network: found None, but a glr.Network is needed."),
        ("images", IMAGES[:, :24], "images: found shape (4, 24), but (n, 25) is needed."),
        ("images", "abc", "images: found values of type <U3, but numbers are needed."),
    ),
    *for_all(
        [NET.outputs, NET.predict],
        ("images", IMAGES[:, :24], "images: found shape (4, 24), but (n, 25) is needed."),
        ("images", None, "images: found values of type object, but numbers are needed."),
    ),
    *for_all(
        [*LIKELIHOOD_RATIOS, *BACKPROPS, predict, chances, replications_spent],
        ("noise", 1.0, f"noise: found 1.0, {DENSITY}"),
        ("noise", Gaussian, f"noise: found <class 'glr.noise.Gaussian'>, {DENSITY}"),
        ("replications", 4.0, "replications: found 4.0, but a whole number"),
        ("replications", "4", "replications: found '4', but a whole number"),
        ("replications", True, "replications: found True, but a whole number"),
    ),
    *for_all(
        [*LIKELIHOOD_RATIOS, replications_spent],
        ("noise", [Gaussian(1.0), 2.0], f"noise: found 2.0, {DENSITY}"),
        ("noise", "gaussian", "noise: found 'gaussian', but one density for all levels"),
        ("sampling", ["plain"], "sampling: found ['plain'], but allowed are plain,"),
    ),
    *for_all(
        [*BACKPROPS, predict, chances],
        ("noise", [Gaussian(1.0)] * 2, DENSITY),
        ("rng", None, "noise: needs a generator and 1 or more replications, but found None and 2."),
        ("replications", 0, "noise: needs a generator and 1 or more replications, but found"),
    ),
    *for_all(
        [*LIKELIHOOD_RATIOS, *BACKPROPS, get_loss],
        ("loss", ["zero_one"], "loss: found ['zero_one'], but allowed are cross_entropy, zero_one or a callable."),
        ("loss", CrossEntropy, "loss: found <class 'glr.losses.CrossEntropy'>, but allowed are"),
    ),
    *for_all(LIKELIHOOD_RATIOS, ("loss", lambda *_: 1.0, "loss: returned shape (), but one value for each of")),
    *for_all(
        [likelihood_ratio_gradient, backprop_gradient],
        ("images", IMAGES[:0], "images: found none, but 1 or more are needed."),
    ),
    *for_all(
        [likelihood_ratio_gradient],
        ("levels", [2], "levels: found [2], but different whole numbers from 0 to 1 are needed."),
        ("levels", [-1], "levels: found [-1], but different whole numbers"),
        ("levels", [0, 0], "levels: found [0, 0], but different whole numbers"),
        ("levels", 0, "levels: found 0, but different whole numbers"),
        ("levels", [0.0], "levels: found [0.0], but different whole numbers"),
    ),
    *for_all([fgsm, pgd, square], ("epsilon", "0.1", "epsilon: found '0.1', but allowed are numbers from 0 to 1.")),
    *for_all(
        [lbfgs],
        ("c", "1", "c: found values of type <U1, but numbers are needed."),
        ("c", [1.0, 2.0], "c: found shape (2,), but one number, or one for each of 4 images, is needed."),
        ("c", [1.0, 2.0, 0.0, 1.0], "c: found [1.0, 2.0, 0.0, 1.0], but a positive finite number is allowed."),
    ),
    *for_all(
        [pgd],
        ("gradient", IMAGES, "but a callable is needed."),
        ("gradient", lambda x: x * np.nan, "gradient: returned values that are not finite, but only finite numbers"),
        ("gradient", lambda x: x[0], "gradient: returned shape (25,), but (4, 25) is needed."),
        ("images", IMAGES[0], "images: found shape (25,), but (n, n_in) is needed."),
        ("steps", 2.5, "step_size, steps: found 0.1 and 2.5, but a finite size of 0 or more and 1 or more steps"),
        ("step_size", "1", "step_size, steps: found '1' and 2, but"),
        ("start", IMAGES[:2], "start: found shape (2, 25), but (4, 25) is needed."),
        ("start", with_pixel(np.nan), "start: found values that are not finite"),
    ),
    *for_all(
        [square],
        ("outputs", None, "outputs: found None, but a callable is needed."),
        ("outputs", lambda x: x.sum(axis=1), "outputs: returned shape (1,) for one image, but (1, classes) is needed."),
        ("images", IMAGES[:0], "images: found none, but 1 or more are needed."),
        ("queries", 2.0, "queries: found 2.0, but 1 or more are needed."),
        ("labels", [0, -1, 1, 1], "labels: found -1 to 1, but integers from 0 to 2 are allowed."),
        ("labels", LABELS[:2], "labels: found shape (2,), but one for each of 4 images is needed."),
    ),
    *for_all(
        [choose_targets],
        ("classes", [0.5, 1.5, 2.5], "classes: found values of type float64, but integers from 0 to 2 are allowed."),
        ("classes", [0, 1, 2, 3], "classes: found 0 to 3, but integers from 0 to 2 are allowed."),
        ("classes", [2, 1, 0], "classes: found [2, 1, 0], but different labels in ascending order are needed."),
        ("classes", 3, "classes: found shape (), but (n,) is needed."),
        ("kind", ["random"], "target: found ['random'], but allowed are random, fixed, least_likely."),
    ),
    (
        predict,
        "network",
        Network((np.zeros((26, 300)),), ("identity",)),
        "network: found 300 outputs, but labels of 8 bits allow at most 256.",
    ),
    *for_all(
        [accuracy, recalls],
        ("labels", LABELS[:2], "labels: found shape (2,), but one for each of 4 images is needed."),
        ("labels", LABELS / 1, "labels: found values of type float64, but integers"),
        ("labels", [0, -1, 1, 1], "labels: found -1 to 1, but integers"),
        ("predictions", 3, "predictions: found shape (), but (n,) is needed."),
        ("predictions", [0.5, 0, 0, 0], "predictions: found values of type float64, but integers"),
    ),
    (accuracy, "predictions", [], "labels: found shape (4,), but one for each of 0 images is needed."),
    (recalls, "classes", 0, "classes: found 0, but a whole number of 1 or more is needed."),
    (recalls, "classes", 3.0, "classes: found 3.0, but a whole number of 1 or more is needed."),
    (recalls, "labels", [0, 1, 2, 3], "labels: found 0 to 3, but integers from 0 to 2 are allowed."),
    *for_all(
        [loss_and_accuracy],
        ("network", 3, "network: found 3, but a glr.Network is needed."),
        ("part", IMAGES, "part: found ndarray, but a Part of images and labels is needed."),
        ("part", Part(IMAGES[:0], LABELS[:0]), "images: found none, but 1 or more are needed."),
        ("part", Part(IMAGES, LABELS - 1), "labels: found -1 to 1, but integers from 0 to 2 are allowed."),
        ("loss", "hinge", "loss: found 'hinge', but allowed are"),
    ),
    *for_all(
        [glr.certify],
        ("draws", 10.0, "draws, selection: found 10.0 and 100, but 1 or more of each are needed."),
        ("selection", "5", "draws, selection: found 10 and '5', but 1 or more"),
        ("alpha", "0.1", "alpha: found '0.1', but a number between 0 and 1 is allowed."),
        ("noise", [Gaussian(1.0), 3.0], f"noise: found 3.0, {DENSITY}"),
        ("noise", [], "noise: found 0 densities, but one for all levels"),
    ),
    *for_all(
        [Network],
        ("weights", (), "weights: found (), but a tuple with one for each level is needed."),
        ("weights", 3, "weights: found 3, but a tuple with one for each level is needed."),
        ("weights", (WEIGHTS[0].tolist(), WEIGHTS[1]), "weights of level 1: found list, but an array of float64"),
        ("weights", (WEIGHTS[0], WEIGHTS[1].astype(int)), "weights of level 2: found int64, but an array of float64"),
        ("weights", (WEIGHTS[0][0], WEIGHTS[1]), "weights of level 1: found shape (4,), but (1 + n_in, n_out)"),
        ("weights", (WEIGHTS[0][:, :0], WEIGHTS[1][:1]), "weights of level 1: found shape (26, 0), but"),
        ("activations", 3, "activations: found 3, but a tuple with one for each level is needed."),
        ("activations", ("abs", ["abs"]), "activation: found ['abs'], but allowed are sigmoid,"),
    ),
    *for_all(
        [Network.initialise],
        ("sizes", (25, 4.0, 3), "sizes: found (25, 4.0, 3), but two or more positive whole numbers are needed."),
        ("sizes", (25, True, 3), "sizes: found (25, True, 3), but two or more"),
        ("sizes", 25, "sizes: found 25, but two or more"),
        ("activations", "abs", "activations: found 'abs', but a sequence with one for each level is needed."),
        ("activations", None, "activations: found None, but a sequence"),
    ),
    *for_all(
        [LOSSES["cross_entropy"], LOSSES["cross_entropy"].gradient, LOSSES["zero_one"]],
        ("outputs", np.zeros(4), "outputs: found shape (4,), but (n, classes) is needed."),
        ("outputs", None, "outputs: found values of type object, but numbers are needed."),
        ("labels", [0, -1, 1, -1], "labels: found -1 to 1, but integers from 0 to 2 are allowed."),
        ("labels", [0, 1, 2, 3], "labels: found 0 to 3, but integers from 0 to 2 are allowed."),
        ("labels", np.tile(LABELS, 2), "labels: found shape (8,), but one for each of 4 images is needed."),
        ("labels", LABELS / 1, "labels: found values of type float64, but integers from 0 to 2 are allowed."),
    ),
    (get_activation, "activation", ["abs"], "activation: found ['abs'], but allowed are sigmoid,"),
    (get_activation, "activation", Sigmoid, "activation: found <class 'glr.activations.Sigmoid'>, but allowed are"),
    *for_all(
        [Gaussian, make_noise],
        ("variance", "4", "variance: found '4', but a positive number from 1e-12 to 1e+30 is allowed."),
        ("variance", 1e-60, "variance: found 1e-60, but a positive number from 1e-12 to 1e+30 is allowed."),
        ("variance", 1e-20, "variance: found 1e-20, but a positive number"),
        ("variance", 1e60, "variance: found 1e+60, but a positive number"),
        ("variance", -1.0, "variance: found -1.0, but a positive number"),
        ("variance", True, "variance: found True, but a positive number"),
        ("variance", None, "variance: found None, but a positive number"),
        ("variance", np.ones(2), "variance: found array([1., 1.]), but a positive number"),
    ),
    (Laplace, "scale", "4", "scale: found '4', but a positive number from 5e-07 to 1e+16 is allowed."),
    (Laplace, "scale", 1e-60, "scale: found 1e-60, but a positive number from 5e-07 to 1e+16 is allowed."),
    (make_noise, "density", ["laplace"], "noise: found ['laplace'], but allowed are gaussian, laplace."),
    *for_all(
        [NOISE.sample, LAPLACE.sample],
        ("shape", 3, "shape: found 3, but a tuple of whole numbers of 0 or more is needed."),
        ("shape", (2.0, 3), "shape: found (2.0, 3), but a tuple"),
        ("shape", (-2, 3), "shape: found (-2, 3), but a tuple"),
    ),
    *for_all(
        [sign_design, spherical_design],
        ("size", 3, f"size: found 3, {POWER}"),
        ("size", 128, f"size: found 128, {POWER}"),
        ("size", 4.0, f"size: found 4.0, {POWER}"),
    ),
    *for_all(
        CORRUPTIONS.values(),
        ("images", [["a"] * 25], "images: found values of type <U1, but numbers are needed."),
        ("images", [[1.0], [1.0, 0.0]], "images: found rows of different lengths, but an array of numbers"),
        ("images", np.zeros((2, 0)), "images: found the shape (2, 0), but (n, pixels) is needed"),
        ("images", with_pixel(np.inf), "to inf, but [0, 1] is needed."),
        ("severity", "3", "severity: found '3', but a whole number from 1 to 5 is needed."),
        ("severity", True, "severity: found True, but a whole number from 1 to 5 is needed."),
        ("constants", ["imagenet_c"], "constants: found ['imagenet_c'], but imagenet_c or cifar10_c is needed."),
    ),
]


def assert_refused(call, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)) as caught:
        call()
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("function", "name", "value", "sentence"),
    WRONG,
    ids=[f"{getattr(row[0], '__qualname__', type(row[0]).__name__)}-{row[1]}-{i}" for i, row in enumerate(WRONG)],
)
def test_a_wrong_argument_is_refused(function, name, value, sentence):
    assert_refused(lambda: function(**(RIGHT[function] | {name: value})), sentence)


@pytest.mark.parametrize("function", set(RIGHT) - {square, *CORRUPTIONS.values()}, ids=str)
def test_what_is_right_is_accepted(function):
    function(**RIGHT[function])


@pytest.mark.parametrize("function", [function for function, given in RIGHT.items() if "images" in given], ids=str)
@pytest.mark.parametrize(
    "change", [np.ndarray.tolist, np.float32, np.asfortranarray], ids=["list", "float32", "columns"]
)
def test_images_of_any_kind_are_accepted(function, change):
    if function is not square:
        function(**(RIGHT[function] | {"images": change(IMAGES)}))


LABELLED = [*LIKELIHOOD_RATIOS, *BACKPROPS, fgsm, lbfgs, choose_targets, accuracy, recalls, *LOSSES.values()]
LABELLED.append(LOSSES["cross_entropy"].gradient)


def flat(result):
    arrays = result if isinstance(result, tuple) else (result,)
    return np.concatenate([np.ravel(array) for array in arrays])


@pytest.mark.parametrize("function", LABELLED, ids=str)
def test_labels_of_any_integer_type_give_the_same(function):
    name = "targets" if function is lbfgs else "labels"

    def of(labels):
        given = RIGHT[function] | {name: labels}
        return flat(function(**(given | ({"rng": rng()} if "rng" in given else {}))))

    for dtype in "bBhHiIlLqQ":
        np.testing.assert_array_equal(of(LABELS.astype(dtype)), of(LABELS))
    np.testing.assert_array_equal(of(LABELS.astype(">i4")), of(LABELS))
    np.testing.assert_array_equal(of(LABELS.tolist()), of(LABELS))


@pytest.mark.parametrize("function", LIKELIHOOD_RATIOS)
def test_labels_of_the_callers_own_loss_are_free_but_for_their_number(function):
    given = RIGHT[function] | {"loss": own}
    for labels in (np.full((4, 3), 0.5), [-7, 9.5, 0, 1], np.zeros((4, 1, 3))):
        function(**(given | {"labels": labels}))
    for labels in (np.zeros((3, 3)), 1.0):
        sentence = f"labels: found shape {np.shape(labels)}, but one for each of 4 images is needed."
        assert_refused(lambda labels=labels: function(**(given | {"labels": labels})), sentence)


@pytest.mark.parametrize("attack", [fgsm, lbfgs, lbfgs_minimal, input_gradient, likelihood_ratio_input_gradient])
def test_no_image_gives_no_sample(attack):
    labels = "targets" if "targets" in RIGHT[attack] else "labels"
    found = attack(**(RIGHT[attack] | {"images": IMAGES[:0], labels: LABELS[:0]}))
    assert (found[1] if isinstance(found, tuple) else found).shape == (0, 25)


def test_whole_images_are_attacked_in_floats():
    images = np.eye(25, dtype=np.uint8)[:4]
    np.testing.assert_array_equal(lbfgs(NET, images, LABELS, c=0.1), lbfgs(NET, images / 1, LABELS, c=0.1))


def test_numbers_of_numpy_are_numbers():
    assert Gaussian(np.float32(4.0)) == Gaussian(np.array(4)) == Gaussian(4)
    assert replications_spent(NET, NOISE, np.int8(8)) == replications_spent(NET, NOISE, 8)
    for bound in (1e-12, 1e30):
        noise = make_noise("laplace", bound).sample(rng(), (100,)), Gaussian(bound).sample(rng(), (100,))
        assert np.isfinite(noise).all() and np.all(noise)
        assert np.isfinite([Gaussian(bound).score(noise[1]), make_noise("laplace", bound).score(noise[0])]).all()


def test_accuracy_of_nothing_is_refused():
    assert_refused(lambda: accuracy(LABELS[:0], LABELS[:0]), "predictions: found none, but 1 or more are needed.")


SIDES = [
    (constants, severity, 2 * reach)
    for constants, published in GLASS_BLUR.items()
    for severity, (_, reach, _) in enumerate(published, start=1)
]


@pytest.mark.parametrize(("constants", "severity", "side"), SIDES)
def test_glass_blur_refuses_images_in_which_it_swaps_nothing(constants, severity, side):
    least = side + 1
    assert_refused(
        lambda: glass_blur(np.zeros((2, side**2)), severity, constants=constants, rng=rng()),
        f"images: found {side} x {side} pixels, but {least} x {least} or more are needed, since glass blur swaps no "
        f"pixel of smaller ones at severity {severity} with the constants {constants}.",
    )
    images = np.random.default_rng(4).random((20, least**2))
    first, second = (
        glass_blur(images, severity, constants=constants, rng=np.random.default_rng(seed)) for seed in (1, 2)
    )
    assert (first != second).any()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((1.0, "weights"), "seed: found 1.0, but a whole number is needed."),
        ((True, "weights"), "seed: found True, but a whole number is needed."),
        (("1", "weights"), "seed: found '1', but a whole number is needed."),
        ((1, 2), "purpose: found 2, but a str is needed."),
        ((1, "weights", 0.5), "names: found 0.5, but each has to be a str or a whole number."),
        ((1, "weights", None), "names: found None, but each"),
    ],
)
def test_a_stream_has_a_seed_and_names(arguments, sentence):
    assert_refused(lambda: stream(*arguments), sentence)


def test_a_stream_takes_integers_of_numpy():
    drawn = stream(np.int64(1), "weights", np.uint8(2)).random(3), stream(1, "weights", 2).random(3)
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize("path", [3, None, b"images", ["images"]])
def test_read_idx_reads_a_path(path):
    assert_refused(lambda: glr.read_idx(path), f"path: found {path!r}, but a str or a path is needed.")


def test_read_idx_still_reads(tmp_path):
    (tmp_path / "labels").write_bytes(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9])))
    for path in (tmp_path / "labels", str(tmp_path / "labels")):
        np.testing.assert_array_equal(glr.read_idx(path), [7, 9])


def start():
    return Progress(Network(tuple(weights.copy() for weights in NET.weights), NET.activations))


def read_only():
    progress = start()
    progress.network.weights[1].flags.writeable = False
    return progress


TRAINING = {
    "gradient": backprop_gradient,
    "parts": (Part(IMAGES, LABELS), Part(IMAGES, LABELS)),
    "loss": "cross_entropy",
    "step_size": 0.1,
    "epochs": 1,
    "mini_batch": 2,
    "batch_reduction": "mean",
    "order": lambda epoch: np.arange(4),
}
PART = Part(IMAGES, LABELS)
ORDER = "but the 4 integers from 0 to 3 are needed, each once."
SHAPES = "but [(26, 4), (5, 3)] are needed."


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("progress", NET, "but a Progress is needed."),
        ("progress", Progress(None), "network: found None, but a glr.Network is needed."),
        ("progress", read_only(), "weights of level 2: found a read-only array, but training changes it in place;"),
        ("progress", Progress(NET, -1), "progress.step: found -1, but a whole number of 0 or more is needed."),
        ("gradient", None, "gradient: found None, but a callable is needed."),
        ("gradient", lambda *_: NET.weights[:1], f"gradient: returned arrays of the shapes [(26, 4)], {SHAPES}"),
        ("gradient", lambda *_: (0.1, 0.1), f"gradient: returned arrays of the shapes [(), ()], {SHAPES}"),
        ("order", np.arange(4), "order: found array([0, 1, 2, 3]), but a callable is needed."),
        ("order", lambda epoch: np.arange(3), f"order: returned int64 of shape (3,), {ORDER}"),
        ("order", lambda epoch: [0, 1, 1, 2], f"order: returned int64 of shape (4,), {ORDER}"),
        ("order", lambda epoch: np.arange(4)[:, None], f"order: returned int64 of shape (4, 1), {ORDER}"),
        ("order", lambda epoch: np.arange(4) - 1, f"order: returned int64 of shape (4,), {ORDER}"),
        ("order", lambda epoch: np.arange(4.0), f"order: returned float64 of shape (4,), {ORDER}"),
        ("parts", PART.images, "parts: found ndarray, but a training and a test Part are needed."),
        ("parts", (PART, None), "parts: found NoneType, but a Part of images and labels is needed."),
        ("parts", (Part(IMAGES, LABELS - 1), PART), "labels: found -1 to 1, but integers from 0 to 2 are allowed."),
        ("parts", (PART, Part(IMAGES, LABELS + 1)), "labels: found 1 to 3, but integers from 0 to 2 are allowed."),
        (
            "parts",
            (PART, Part(IMAGES, LABELS[:3])),
            "labels: found shape (3,), but one for each of 4 images is needed.",
        ),
        ("parts", (PART, Part(IMAGES[:0], LABELS[:0])), "images: found none, but 1 or more are needed."),
        ("parts", (Part(IMAGES[:, :9], LABELS), PART), "images: found shape (4, 9), but (n, 25) is needed."),
        ("parts", (Part(with_pixel(np.nan), LABELS), PART), FINITE),
        ("loss", 3, "loss: found 3, but allowed are cross_entropy, zero_one or a callable."),
        ("step_size", "0.1", "step_size: found '0.1', but a positive finite number is allowed."),
        ("step_size", np.nan, "step_size: found nan, but a positive finite number is allowed."),
        ("step_size", 0.0, "step_size: found 0.0, but a positive finite number is allowed."),
        ("epochs", 1.0, "epochs: found 1.0, but 1 or more are needed."),
        ("epochs", 0, "epochs: found 0, but 1 or more are needed."),
        ("mini_batch", 2.0, "mini_batch: found 2.0, but allowed are 1 to the 4 training images."),
        ("mini_batch", 5, "mini_batch: found 5, but allowed are 1 to the 4 training images."),
        ("weight_decay", -0.1, "weight_decay: found -0.1, but a finite number of 0 or more is allowed."),
        ("weight_decay", "0", "weight_decay: found '0', but a finite number of 0 or more is allowed."),
    ],
)
def test_a_training_that_cannot_begin_is_refused(name, value, sentence):
    given = {"progress": start()} | TRAINING | {name: value}
    before = [weights.copy() for weights in NET.weights]
    assert_refused(lambda: next(train(**given)), sentence)
    for weights, expected in zip(NET.weights, before, strict=True):
        np.testing.assert_array_equal(weights, expected)


def test_a_training_that_can_begin_does():
    for parts in ([(IMAGES.tolist(), LABELS.tolist())] * 2, (Part(IMAGES.astype("f"), LABELS.astype("B")),) * 2):
        progress = start()
        assert len(list(train(**({"progress": progress} | TRAINING | {"parts": parts})))) == 2
        assert progress.history[0].epoch == 1


sklearn = pytest.importorskip("sklearn")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hidden_layer_sizes": 4.0}, "hidden_layer_sizes: found 4.0, but a whole number or a sequence of them"),
        ({"hidden_layer_sizes": "4"}, "hidden_layer_sizes: found '4', but a whole number or a sequence of them"),
        ({"hidden_layer_sizes": (4, 2.5)}, "hidden_layer_sizes: found (4, 2.5), but"),
        ({"hidden_layer_sizes": None}, "hidden_layer_sizes: found None, but"),
        ({"variance": "4"}, "variance: found '4', but a positive number from 1e-12 to 1e+30 is allowed."),
        ({"variance": 1e-60}, "variance: found 1e-60, but a positive number from 1e-12 to 1e+30 is allowed."),
        ({"noise": None}, "noise: found None, but allowed are gaussian, laplace."),
        ({"activation": None}, "activation: found None, but allowed are"),
        ({"loss": None}, "loss: found None, but allowed are"),
        ({"sampling": None}, "sampling: found None, but allowed are"),
        ({"replications": 8.0}, "replications: found 8.0, but a whole number is needed."),
        ({"batch_size": 2.0}, "batch_size: found 2.0, but a whole number is needed."),
        ({"max_iter": "5"}, "max_iter: found '5', but a whole number is needed."),
        ({"step_size": "0.1"}, "step_size: found '0.1', but a finite number is allowed."),
        ({"step_size": np.nan}, "step_size: found nan, but a finite number is allowed."),
        ({"random_state": "seed"}, "random_state: found 'seed', but None, a RandomState or an integer"),
        ({"random_state": -1}, "random_state: found -1, but None, a RandomState or an integer"),
    ],
)
def test_a_classifier_refuses_its_parameters(changes, sentence):
    model = glr.GLRClassifier(**({"replications": 8, "max_iter": 1} | changes))
    assert_refused(lambda: model.fit(IMAGES, LABELS), sentence)
    assert not hasattr(model, "network_")


@pytest.mark.parametrize("classes", [[], np.zeros(0), 3, [[0, 1, 2]], [[0], [1, 2]]])
def test_a_classifier_needs_classes(classes):
    model = glr.GLRClassifier(replications=8)
    assert_refused(lambda: model.partial_fit(IMAGES, LABELS, classes), "but all labels are needed, as one list.")


def test_a_classifier_whose_weights_are_read_only_predicts_but_is_not_trained(tmp_path):
    joblib = pytest.importorskip("joblib")
    joblib.dump(glr.GLRClassifier((40,), replications=8, max_iter=1).fit(IMAGES, LABELS), tmp_path / "model")
    model = joblib.load(tmp_path / "model", mmap_mode="r")
    model.predict(IMAGES)
    assert_refused(
        lambda: model.partial_fit(IMAGES, LABELS),
        "weights of level 1: found a read-only array, but training changes it in place; copy it, or load it without "
        "mmap_mode='r'.",
    )
    joblib.load(tmp_path / "model").partial_fit(IMAGES, LABELS)
