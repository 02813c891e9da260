"""From raw files to tables and figures: what a run makes, the same bytes however it runs, and no job too many."""

import hashlib
import json
import os
import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

MODELS = ("bp_sigmoid", "glr_threshold_01")
NAMES = [*(f"figure{number}" for number in range(1, 9)), "comparison", "tradeoff", "severity", "weights", "confusion"]
FIGURES = {f"draw_figure {name}" for name in NAMES}
HISTORY = ["epoch", "step", "loss_train", "accuracy_train", "loss_test", "accuracy_test"]


def shapes(path):
    with np.load(path, allow_pickle=False) as arrays:
        return {name: (arrays[name].shape, arrays[name].dtype.name) for name in arrays}


def test_data_are_made(finished):
    data = finished.folder / "out" / "data"
    assert shapes(data / "images.npz") == {"images": ((300, 196), "uint8"), "labels": ((300,), "uint8")}
    assert shapes(data / "split-1.npz") == {"train": ((120,), "int64"), "test": ((80,), "int64")}
    assert shapes(data / "sample-1.npz") == {"attacks": ((20,), "int64"), "corruptions": ((20,), "int64")}


@pytest.mark.parametrize(
    ("model", "sizes", "epochs"),
    [("bp_sigmoid", (196, 20, 10), 2), ("glr_threshold_01", (196, 20, 10), 100), ("source", (196, 300, 100, 10), 2)],
)
def test_models_are_made(finished, model, sizes, epochs):
    folder = finished.folder / "out" / "models" / f"{model}-1"
    weights = {name: shape for name, shape in shapes(folder / "weights.npz").items() if name.startswith("weights")}
    assert weights == {f"weights_{level}": ((1 + n, m), "float64") for level, (n, m) in enumerate(pairwise(sizes))}
    history = pd.read_csv(folder / "history.csv")
    assert list(history.columns) == HISTORY
    assert list(history["epoch"]) == list(range(1, epochs + 1))
    assert list(history["step"]) == [4 * epoch for epoch in history["epoch"]]
    assert not list((finished.folder / "out").glob("checkpoints/*"))


def test_samples_are_made(finished):
    for attack in ("lbfgs", "fgsm"):
        made = shapes(finished.folder / "out" / "attacks" / f"{attack}-1.npz")
        assert made["images"] == ((20, 196), "float32")
        assert made["labels"] == ((20,), "uint8")
    search = pd.read_csv(finished.folder / "out" / "calibration" / "fgsm.csv")
    assert list(search.columns) == ["epsilon", "replicate", "accuracy"]
    strength = json.loads((finished.folder / "out" / "calibration" / "fgsm.json").read_text())
    assert search["epsilon"].min() <= strength["epsilon"] <= search["epsilon"].max()


def test_evaluation_is_made(finished):
    folder = finished.folder / "out" / "evaluation"
    accuracies = pd.read_csv(folder / "accuracies.csv")
    assert list(accuracies.columns) == ["model", "replicate", "samples", "severity", "accuracy", "n"]
    cells = [("orig", 0), ("orig_attacked", 0), ("orig_lbfgs", 0), ("lbfgs", 0), ("fgsm", 0)]
    cells += [(corruption, severity) for corruption in ("gaussian_noise", "contrast") for severity in range(1, 6)]
    assert sorted(zip(accuracies["model"], accuracies["samples"], accuracies["severity"], strict=True)) == sorted(
        (model, *cell) for model in MODELS for cell in cells
    )
    assert accuracies["accuracy"].between(0, 1).all()
    # The default's L-BFGS counts the images that the source gets right, FGSM here all of them.
    counted = accuracies["samples"].isin(["lbfgs", "orig_lbfgs"])
    assert accuracies["n"][counted].between(1, 19).all() and (accuracies["n"][~counted] == 20).all()
    histories = pd.read_csv(folder / "histories.csv")
    assert list(histories.columns) == ["model", "replicate", *HISTORY]
    assert set(histories["model"]) == set(MODELS)
    recall = pd.read_csv(folder / "recall.csv")
    assert list(recall.columns) == ["model", "replicate", "samples", "label", "recall", "predictions"]
    confusions = pd.read_csv(folder / "confusions.csv")
    counts = confusions.groupby(["model", "samples"])["count"].sum().unstack()
    assert (counts[["orig_attacked", "fgsm"]] == 20).all(axis=None)
    assert (counts["lbfgs"] == accuracies["n"][counted].iloc[0]).all()
    assert shapes(folder / "weights.npz") == {"bp_sigmoid": ((20, 14, 14), "float32")}
    for table in ("table1", "table2"):
        files = {path.name for path in (folder / table).glob("*.*")}
        assert files == {f"{model}-1.{suffix}" for model in MODELS for suffix in ("csv", "npz")}


@pytest.mark.parametrize(
    ("table", "samples"),
    [("table1", ["orig", "lbfgs", "fgsm"]), ("table2", ["orig", "gaussian_noise", "contrast", "average"])],
)
def test_tables_are_made(finished, table, samples):
    path = finished.folder / "out" / "tables" / f"{table}.csv"
    cells = pd.read_csv(path)
    assert list(cells.columns) == ["model", "samples", "mean", "sd", "replicates", "n", "paper", "delta"]
    assert list(zip(cells["model"], cells["samples"], strict=True)) == [(m, s) for m in MODELS for s in samples]
    for model in MODELS:
        assert (
            cells["mean"][cells["model"] == model]
            .map("{:.3f}".format)
            .isin(path.with_suffix(".md").read_text().split())
            .all()
        )
    assert len(pd.read_csv(path.with_name(f"{table}_gains.csv"))) > 0
    assert r"\begin{tabular}" in path.with_suffix(".tex").read_text()


def test_figures_are_made(finished):
    figures = finished.folder / "out" / "figures"
    assert {path.name for path in figures.iterdir()} == {
        f"{name}.{suffix}" for name in NAMES for suffix in ("svg", "png")
    }
    for name in NAMES:
        assert "<svg" in (figures / f"{name}.svg").read_text()
        assert (figures / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_manifest_is_made(finished, raw_dir):
    manifest = json.loads((finished.folder / "out" / "manifest.json").read_text())
    assert set(manifest) == {"config", "code", "git", "versions", "raw"}
    assert manifest["config"]["dataset"]["raw_dir"] == str(raw_dir)
    assert manifest["config"]["models"]["glr_threshold_01"]["epochs"] == 100
    assert {"train_bp", "train_glr", "attack_fgsm", "make_table"} <= set(manifest["code"])
    assert "draw_figure" not in manifest["code"]
    assert manifest["raw"] == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in raw_dir.iterdir()}


def test_every_job_writes_its_own_log(finished):
    said = finished.run("--dry-run", "--forceall")
    jobs = re.findall(r"^    output: .*\n((?:    .*\n)+)Shell command: (.*)", said, re.M)
    logs = [re.findall(r"^    log: (.*)", job, re.M) for job, _ in jobs]
    assert all(len(log) == 1 and f" {log[0]}" in command for log, (_, command) in zip(logs, jobs, strict=True))
    assert len({path for log in logs for path in log}) == len(jobs) > 0
    benchmarks = re.findall(r"^    benchmark: (.*)", said, re.M)
    assert benchmarks
    assert [path for path in benchmarks if not (finished.folder / path).is_file()] == []


def test_no_setting_reaches_the_shell_unquoted(finished):
    assert not list(finished.folder.rglob("hacked"))


def test_second_run_has_nothing_to_do(finished):
    assert finished.planned() == set()


ENVIRONMENTS = {
    # Neither Python's nor the shell's characters are UTF-8, and umask lets nobody else read.
    "1": {
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "POSIX",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
    },
    "8": {"PYTHONHASHSEED": "8", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "8"},
}


@pytest.mark.parametrize(("cores", "umask"), [("1", 0o077), pytest.param("8", 0o002, marks=pytest.mark.slow)])
def test_same_bytes_elsewhere_in_another_order_and_environment(finished, fresh, tmp_path, cores, umask):
    def stamps():
        return {path: path.stat().st_mtime_ns for path in fresh.source.rglob("*.*") if path.suffix != ".pyc"}

    home = tmp_path / "home"
    (home / ".config" / "matplotlib").mkdir(parents=True)
    (home / ".config" / "matplotlib" / "matplotlibrc").write_text("axes.facecolor: red\nfont.size: 30\n")
    before, usual = stamps(), os.umask(umask)
    try:
        fresh.run("--cores", cores, HOME=str(home), **ENVIRONMENTS[cores])
    finally:
        os.umask(usual)
    assert fresh.digests() == finished.digests()
    assert stamps() == before


# Targets

DATA = {"fetch_data", "resize_images"}
CALIBRATED = {"sample_images calibration1", "train_bp bp_sigmoid calibration1", "train_bp source calibration1"}
CALIBRATED |= {"split_images calibration1", "calibrate_attack fgsm"}
ATTACKED = {"sample_images 1", "train_bp source 1", "attack_lbfgs lbfgs 1", "attack_fgsm fgsm 1"}
TRAINED = {"split_images 1", "train_bp bp_sigmoid 1", "train_glr glr_threshold_01 1"}
TABLE1 = {*(f"evaluate_model table1 {model} 1" for model in MODELS), "make_table table1"}
TABLE2 = {*(f"evaluate_corruptions table2 {model} 1" for model in MODELS), "make_table table2"}


@pytest.mark.parametrize(
    ("target", "jobs"),
    [
        ("table1", DATA | CALIBRATED | ATTACKED | TRAINED | TABLE1),
        ("tables", DATA | CALIBRATED | ATTACKED | TRAINED | TABLE1 | TABLE2 | {"collect_accuracies"}),
        ("figure5", DATA | TRAINED | {"collect_histories", "draw_figure figure5"}),
        (
            "figures",
            (DATA | CALIBRATED | ATTACKED | TRAINED | TABLE1 | TABLE2 | FIGURES)
            | {"collect_accuracies", "collect_histories", "collect_recall", "collect_confusions"}
            | {"select_examples", "select_weights", "collect_sweeps"},
        ),
    ],
)
def test_target_needs_no_more_than_its_own_jobs(fresh, target, jobs):
    assert fresh.planned(target) == jobs


def test_raw_files_put_there_by_hand_are_taken(fresh, raw_dir):
    by_hand = fresh.folder / "resources" / "generated"
    by_hand.mkdir(parents=True)
    for path in raw_dir.iterdir():
        (by_hand / path.name).write_bytes(path.read_bytes())
    assert "fetch_data" not in fresh.planned("table1")


# Additions

COLLECTED = {"collect_accuracies", "collect_recall", "draw_figure figure8", "write_manifest"}
COLLECTED |= {"draw_figure severity", "draw_figure comparison", "draw_figure tradeoff"}
CONFUSED = {"collect_confusions", "draw_figure confusion"}

BP = {"method": "bp", "hidden": [3], "activation": "relu", "output": "identity", "loss": "cross_entropy"}


def test_another_replicate_computes_only_itself(finished):
    shared = {"collect_histories", "draw_figure figure5", "make_table table1", "make_table table2"} | COLLECTED
    own = ATTACKED | TRAINED | TABLE1 | TABLE2
    replicate = {re.sub("1$", "2", job) for job in own if not job.startswith("make_table")}
    assert finished.planned(overlay={"replicates": 2}) == replicate | shared | CONFUSED


def test_another_model_computes_only_itself(finished):
    overlay = {"models": {"mine": BP}, "tables": {"table1": {"models": [*MODELS, "mine"]}}}
    own = {"train_bp mine 1", "evaluate_model table1 mine 1", "make_table table1"}
    weights = {"select_weights", "draw_figure weights"}
    shared = {"collect_histories", "draw_figure figure5"} | COLLECTED | CONFUSED | weights
    assert finished.planned(overlay=overlay) == own | shared


def test_another_model_under_corruptions_evaluates_no_other(finished):
    overlay = {"models": {"mine": BP}, "tables": {"table2": {"models": [*MODELS, "mine"]}}}
    own = {"train_bp mine 1", "evaluate_corruptions table2 mine 1", "make_table table2"}
    assert finished.planned(overlay=overlay) == own | {"collect_histories", "draw_figure figure5"} | COLLECTED


def test_another_attack_strength_computes_only_itself(finished):
    strong = {"method": "fgsm", "source": "source", "epsilon": 0.3, "counted": "all"}
    overlay = {"attacks": {"sets": {"strong": strong}}, "tables": {"table1": {"samples": ["lbfgs", "fgsm", "strong"]}}}
    assert finished.planned(overlay=overlay) == {"attack_fgsm strong 1"} | TABLE1 | COLLECTED | CONFUSED


def test_the_rule_of_a_method_that_no_set_has_takes_no_jobs(finished):
    constraint = 'of_method(config["attacks"]["sets"], "other")'
    rule = f"use rule attack_fgsm as attack_other with:\n    wildcard_constraints:\n        attack={constraint},"
    with finished.edited("workflow/rules/attacks.smk", rule):
        assert finished.planned("--forcerun", "attack_fgsm") >= {"attack_fgsm fgsm 1"}


def test_an_experiment_is_drawn_over_the_strengths_of_a_sweep(finished):
    overlay = {
        "attacks": {"sweeps": {"fgsm": {"epsilon": [0.02, 0.05, 0.1, 0.15, 0.2, 0.3]}}},
        "experiments": {"mine": {"models": ["bp_sigmoid"]}},
    }
    overlay["experiments"]["mine"] |= {"attacks": ["lbfgs", "fgsm", "fgsm_0_3"], "corruptions": []}
    said = finished.run("mine", "--dry-run", overlay=overlay)
    assert "--figure epsilon --accuracies out/evaluation/mine.csv --sweeps out/evaluation/sweeps.csv " in said
    overlay["experiments"]["mine"]["attacks"] = ["lbfgs", "fgsm"]
    assert "draw_figure mine_epsilon" not in finished.planned("mine", overlay=overlay)


def test_another_corruption_computes_only_itself(finished):
    names = ["gaussian_noise", "contrast", "glass_blur"]
    overlay = {"corruptions": {"sets": names}, "tables": {"table2": {"samples": names}}}
    own = TABLE2 | COLLECTED
    shown = {"select_examples", "draw_figure figure3", "draw_figure figure6", "draw_figure figure7"}
    assert finished.planned(overlay=overlay) == own | shown


def test_certificates_take_networks_of_the_run(finished):
    own = {f"certify_model {model} 1" for model in MODELS} | {"collect_certificates", "tabulate_certificates"}
    jobs = finished.planned("certificates", overlay={"certificates": {"models": list(MODELS), "replicates": 1}})
    assert jobs == own | {"draw_figure certificates"}
