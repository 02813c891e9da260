"""GLRClassifier keeps scikit-learn's rules, is the package's training, and refuses what it cannot use."""

import inspect
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", "1.6")

from sklearn.base import clone
from sklearn.datasets import make_blobs
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import glr
from glr.classifier import GLRClassifier
from glr.errors import DivergenceError, InputError
from glr.gradients.likelihood_ratio import likelihood_ratio_gradient
from glr.losses import get_loss, softmax
from glr.network import Network
from glr.noise import Laplace

PAGE = Path(__file__).resolve().parents[2] / "docs/classifier.md"
X, NUMBERS = make_blobs(90, 4, centers=3, cluster_std=1.0, random_state=0)
X = StandardScaler().fit_transform(X)
Y = np.array(["ash", "birch", "cedar"])[NUMBERS]
SMALL = GLRClassifier((5,), replications=16, max_iter=4, random_state=7)


def fresh(**changes):
    return clone(SMALL).set_params(**changes)


def assert_equal(one, other):
    for weights, expected in zip(one.network_.weights, other.network_.weights, strict=True):
        np.testing.assert_array_equal(weights, expected)


@parametrize_with_checks([GLRClassifier()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_scikit_learn_skips_none_of_its_checks_with_scipys_array_api():
    # SciPy reads the variable as it is imported, so in a process of its own.
    code = """
import glr
from sklearn.utils.estimator_checks import check_estimator
print(*(done["status"] for done in check_estimator(glr.GLRClassifier())))
"""
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"passed"}


@pytest.mark.parametrize(("reduction", "factor"), [("mean", 1), ("sum", 20)])
def test_a_step_is_that_of_the_estimator_with_the_settings_given(reduction, factor):
    settings = {"noise": "laplace", "variance": 3.0, "sampling": "antithetic", "loss": "zero_one"}
    model = fresh(activation="abs", batch_size=20, batch_reduction=reduction, step_size=0.3, max_iter=2, **settings)
    model.fit(X, Y)
    rng = np.random.default_rng(np.random.RandomState(7).randint(2**31 - 1))
    network = Network.initialise((4, 5, 3), ("abs", "identity"), rng)
    for _ in range(2):
        order = rng.permutation(90)
        for batch in order[:80].reshape(4, 20):
            slopes = likelihood_ratio_gradient(
                network,
                X[batch],
                NUMBERS[batch],
                loss="zero_one",
                noise=Laplace(1.5**0.5),
                replications=16,
                rng=rng,
                sampling="antithetic",
            )
            for weights, slope in zip(network.weights, slopes, strict=True):
                weights -= 0.3 * factor * slope
    for weights, expected in zip(model.network_.weights, network.weights, strict=True):
        np.testing.assert_allclose(weights, expected, rtol=1e-12)


def test_attributes_and_predictions_are_the_networks():
    model = fresh().fit(X, Y)
    outputs = model.network_.outputs(X)
    assert model.network_.sizes == (4, 5, 3)
    assert model.classes_.tolist() == ["ash", "birch", "cedar"]
    assert model.n_features_in_ == 4
    assert model.n_iter_ == len(model.loss_curve_) == 4
    assert model.loss_curve_[-1] == get_loss("cross_entropy")(outputs, NUMBERS).mean()
    np.testing.assert_array_equal(model.predict_proba(X), softmax(outputs))
    np.testing.assert_array_equal(model.predict(X), model.classes_[outputs.argmax(axis=1)])
    assert model.score(X, Y) == np.mean(model.predict(X) == Y)


def test_random_state_decides_the_network():
    assert_equal(fresh().fit(X, Y), fresh().fit(X, Y))
    assert_equal(fresh(random_state=np.random.RandomState(7)).fit(X, Y), fresh().fit(X, Y))
    assert fresh(random_state=8).fit(X, Y).loss_curve_ != fresh().fit(X, Y).loss_curve_


def test_fit_is_max_iter_partial_fits_and_forgets_what_was():
    model = fresh()
    for count in range(1, 5):
        assert model.partial_fit(X, Y, classes=["cedar", "ash", "birch"]).n_iter_ == count
    assert_equal(model, fresh().fit(X, Y))
    assert model.loss_curve_ == fresh().fit(X, Y).loss_curve_
    assert_equal(model.fit(X, Y), fresh().fit(X, Y))
    assert model.partial_fit(X, Y).n_iter_ == 5


def test_partial_fit_takes_parts_that_lack_classes():
    model = fresh()
    for label in ("cedar", "ash", "birch") * 20:
        model.partial_fit(X[label == Y], Y[label == Y], classes=["ash", "birch", "cedar"])
    assert model.classes_.tolist() == ["ash", "birch", "cedar"]
    assert model.predict_proba(X).shape == (90, 3)


def test_fewer_samples_than_a_mini_batch_are_one_mini_batch():
    assert_equal(fresh(batch_size=1000).fit(X, Y), fresh(batch_size=90).fit(X, Y))


@pytest.mark.parametrize("hidden", [3, (), (4, np.int64(3))])
def test_any_number_of_hidden_levels(hidden):
    sizes = fresh(hidden_layer_sizes=hidden).fit(X, Y).network_.sizes
    assert sizes == (4, *np.atleast_1d(hidden).astype(int).tolist(), 3)


def test_activation_and_loss_may_be_functions():
    model = fresh(
        activation=lambda v: np.floor(v).clip(-1, 1),
        loss=lambda outputs, labels: (outputs.argmax(axis=1) != labels).astype(float),
        max_iter=30,
    )
    assert model.fit(X, Y).score(X, Y) > 0.9


def test_initial_weights_are_those_asked_for():
    model = fresh(step_size=1e-12, initial_weights="fan_in_zero_output").fit(X, Y)
    np.testing.assert_allclose(model.predict_proba(X), 1 / 3, atol=1e-9)


def test_pipelines_searches_and_cross_validation():
    pipeline = make_pipeline(StandardScaler(), fresh(max_iter=10))
    assert cross_val_score(pipeline, X, Y, cv=3).min() > 0.9
    grid = {"glrclassifier__activation": ["sigmoid", "threshold"], "glrclassifier__step_size": [1e-9, 0.1]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, Y)
    assert search.best_params_["glrclassifier__step_size"] == 0.1
    assert search.best_score_ > 0.9


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_layer_sizes": (5, 0)}, r"sizes: found \(4, 5, 0, 3\)"),
        ({"activation": "tanh"}, "activation: found 'tanh'"),
        ({"loss": "hinge"}, "loss: found 'hinge'"),
        ({"noise": "cauchy"}, "noise: found 'cauchy'"),
        ({"variance": 0.0}, "variance: found 0.0"),
        ({"sampling": "sobol"}, "sampling: found 'sobol'"),
        ({"replications": 0}, "replications: found 0"),
        ({"batch_reduction": "max"}, "batch_reduction: found 'max', but allowed are mean, sum"),
        ({"initial_weights": "zero"}, "initial_weights: found 'zero'"),
        ({"batch_size": 0}, "batch_size == 0, must be >= 1"),
        ({"max_iter": 0}, "max_iter == 0, must be >= 1"),
        ({"step_size": 0.0}, "step_size == 0.0, must be > 0"),
    ],
)
def test_parameters_that_cannot_be_used_are_refused(changes, message):
    model = fresh(**changes)
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y)
    assert not hasattr(model, "network_")


def test_partial_fit_asks_for_all_classes_and_keeps_them():
    with pytest.raises(InputError, match="classes: found None, but the first call"):
        fresh().partial_fit(X, Y)
    with pytest.raises(InputError, match=r"y: found \['birch' 'cedar'\], but the classes are \['ash'\]"):
        fresh().partial_fit(X, Y, classes=["ash"])
    with pytest.raises(InputError, match=r"classes: found \['ash'\], but the first call named"):
        fresh().fit(X, Y).partial_fit(X[Y == "ash"], Y[Y == "ash"], classes=["ash"])


def test_divergence_is_told():
    with pytest.raises(DivergenceError, match="step size"):
        fresh(activation="abs", step_size=1e30).fit(X, Y)


def test_the_package_exports_it():
    assert glr.GLRClassifier is GLRClassifier
    assert type(pickle.loads(pickle.dumps(SMALL))) is GLRClassifier


@pytest.mark.parametrize("module", ["sklearn.base", "sklearn.utils.validation"])
def test_without_scikit_learn_it_is_there_to_read_about_but_refuses_to_be_used(monkeypatch, module):
    monkeypatch.delitem(vars(glr.classifier), "GLRClassifier")
    monkeypatch.setitem(sys.modules, module, None)
    # As help(glr) does.
    assert dict(inspect.getmembers(glr))["GLRClassifier"].__doc__ == GLRClassifier.__doc__
    with pytest.raises(ImportError, match=r"^glr\.GLRClassifier needs scikit-learn 1\.6 or newer"):
        glr.GLRClassifier((5,), variance=2.0)
    monkeypatch.undo()
    assert glr.GLRClassifier is GLRClassifier


def test_the_example_of_the_page_runs(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    exec(example, {})
    assert float(capsys.readouterr().out) > 0.93
