"""Files between steps that are damaged or do not belong together: one sentence that names the file, and no output."""

import re

import numpy as np
import pytest

from experiment import arguments, corrupted_evaluation, evaluation, training, write_data
from glr.network import Network
from reproduction.__main__ import main
from reproduction.store.files import read_arrays, write_arrays
from reproduction.store.images import load_part
from reproduction.store.networks import save_network


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder with data, a source network and two sets of samples."""
    folder = tmp_path_factory.mktemp("made")
    write_data(folder)
    rng = np.random.default_rng(1)
    save_network(folder / "weights.npz", Network.initialise((16, 5, 10), ("sigmoid", "identity"), rng))
    labels = load_part(folder / "images.npz", folder / "split.npz", "test")[1]
    sample = read_arrays(folder / "sample.npz")
    write_arrays(
        folder / "fgsm.npz",
        images=rng.random((10, 16), np.float32),
        labels=labels[sample["attacks"]],
        counted=np.ones(10, bool),
    )
    return folder


def words(made, out, verb, **changes):
    """Return the words of a verb on the good files, some of them changed."""
    files = {name: made / f"{name}.npz" for name in ("images", "split", "sample")}
    seeds = {"seed": 1, "replicate": 1}
    split = {"count": 20, "train_fraction": 0.5, "test_fraction": 0.5, "output": out / "o.npz"}
    match verb:
        case "train-bp":
            return training(made, out, **changes)
        case "evaluate-model":
            return evaluation(made, out, {"fgsm": changes.pop("set", made / "fgsm.npz")},
                              **({"weights": made / "weights.npz"} | changes))  # fmt: skip
        case "split-images":
            settings = {"images": files["images"]} | split | seeds
        case "sample-images":
            settings = {"split": files["split"], "attacks": 2, "corruptions": 0, "output": out / "o.npz"} | seeds
        case "evaluate-corruptions":
            return corrupted_evaluation(made, out, "contrast", **({"weights": made / "weights.npz"} | changes))
        case _:
            strength = {"epsilon": 0.1} if verb == "attack-fgsm" else {"c": 1.0, "target": "random"} | seeds
            settings = files | {"source": made / "weights.npz", "output": out / "o.npz", "counted": "all"} | strength
    return arguments(verb, **(settings | changes))


def refused(capsys, out, given):
    """Return the sentence of a verb that refuses, having written nothing."""
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in given])
    sentence = str(caught.value)
    assert sentence.startswith(f"{given[0]}: ") and sentence.endswith(".") and "\n" not in sentence, sentence
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    return sentence


IMAGES = {
    "floats": lambda a: {"images": a["images"] * 1.0},
    "three dimensions": lambda a: {"images": a["images"].reshape(-1, 4, 4)},
    "one number": lambda a: {"images": np.uint8(3)},
    "no square": lambda a: {"images": a["images"][:, :15]},
    "text": lambda a: {"images": a["images"].astype(str)},
    "none": lambda a: {"images": a["images"][:0], "labels": a["labels"][:0]},
    "fewer than labels": lambda a: {"images": a["images"][:30]},
    "text labels": lambda a: {"labels": a["labels"].astype(str)},
    "float labels": lambda a: {"labels": a["labels"] * 1.0},
    "labels beyond 9": lambda a: {"labels": a["labels"] + np.uint8(5)},
    "negative labels": lambda a: {"labels": a["labels"].astype(np.int8) - 5},
    "labels in two dimensions": lambda a: {"labels": np.stack([a["labels"]] * 2, 1)},
}


@pytest.mark.parametrize("verb", ["train-bp", "attack-lbfgs", "evaluate-model", "evaluate-corruptions", "split-images"])
@pytest.mark.parametrize("damage", IMAGES)
def test_images_of_another_kind_are_refused(made, tmp_path, capsys, verb, damage):
    arrays = read_arrays(made / "images.npz")
    write_arrays(path := tmp_path / "bad.npz", **(arrays | IMAGES[damage](arrays)))
    assert str(path) in refused(capsys, tmp_path, words(made, tmp_path, verb, images=path))


INDICES = {
    "floats": lambda index: index * 1.0,
    "none": lambda index: index[:0],
    "text": lambda index: index.astype(str),
    "two dimensions": lambda index: index[None],
    "one number": lambda index: np.int64(1),
    "a mask": lambda index: index > 1,
    "negative": lambda index: -1 - index,
    "beyond": lambda index: index + 99,
}


@pytest.mark.parametrize("verb", ["attack-fgsm", "evaluate-model", "evaluate-corruptions", "split", "sample-images"])
@pytest.mark.parametrize("damage", INDICES)
def test_indices_of_another_kind_are_refused(made, tmp_path, capsys, verb, damage):
    name = "split" if verb in ("split", "sample-images") else "sample"
    if (verb, damage) == ("sample-images", "beyond"):
        pytest.skip("it only counts them")
    arrays = read_arrays(made / f"{name}.npz")
    write_arrays(path := tmp_path / "bad.npz", **{key: INDICES[damage](index) for key, index in arrays.items()})
    verb = "train-bp" if verb == "split" else verb
    assert str(path) in refused(capsys, tmp_path, words(made, tmp_path, verb, **{name: path}))


@pytest.mark.parametrize(
    ("verb", "flag"),
    [("attack-fgsm", "source"), ("attack-lbfgs", "source"), ("evaluate-model", "weights")],
)
@pytest.mark.parametrize("sizes", [(16, 5, 4), (9, 5, 10), (16, 11)])
def test_a_network_of_other_inputs_or_outputs_is_refused(made, tmp_path, capsys, verb, flag, sizes):
    network = Network.initialise(sizes, ("sigmoid",) * (len(sizes) - 1), np.random.default_rng(1))
    save_network(path := tmp_path / "bad.npz", network)
    sentence = refused(capsys, tmp_path, words(made, tmp_path, verb, **{flag: path}))
    assert f"{path}: found a network of {sizes[0]} inputs and {sizes[-1]} outputs, but 16 and 10 are needed" in sentence


@pytest.mark.parametrize("flag", ["images", "split", "sample", "source"])
@pytest.mark.parametrize("damage", ["empty", "cut", "pickle", "lying header", "folder", "absent", "dangling", "text"])
def test_what_is_no_whole_npz_file_is_refused(made, tmp_path, capsys, flag, damage):
    good = made / ("weights.npz" if flag == "source" else f"{flag}.npz")
    path = tmp_path / "bad.npz"
    if damage in ("empty", "cut", "text"):
        path.write_bytes({"empty": b"", "cut": good.read_bytes()[:-30], "text": b"PK or not"}[damage])
    elif damage == "pickle":
        np.savez(path, **{name: np.array([print], object) for name in read_arrays(good)})
    elif damage == "lying header":
        path.write_bytes(re.sub(rb"'shape': \(\d", b"'shape': (9", good.read_bytes()))
    elif damage == "folder":
        path.mkdir()
    elif damage == "dangling":
        path.symlink_to(tmp_path / "nowhere")
    assert str(path) in refused(capsys, tmp_path, words(made, tmp_path, "attack-fgsm", **{flag: path}))


@pytest.mark.parametrize(
    "change",
    [
        lambda a: {"images": a["images"][:, :9]},
        lambda a: {"images": a["images"][:5]},
        lambda a: {"images": a["images"][None, None]},
        lambda a: {"images": a["images"][0]},
        lambda a: {"images": a["images"].astype(str)},
        lambda a: {"images": a["images"] * np.float32("nan")},
        lambda a: {"images": a["images"] + 1},
        lambda a: {"labels": a["labels"] + np.uint8(90)},
        lambda a: {"images": a["images"][:0], "labels": a["labels"][:0]},
    ],
)  # fmt: skip
def test_a_set_of_samples_of_another_kind_is_refused(made, tmp_path, capsys, change):
    arrays = read_arrays(made / "fgsm.npz")
    write_arrays(path := tmp_path / "bad.npz", **(arrays | change(arrays)))
    assert str(path) in refused(capsys, tmp_path, words(made, tmp_path, "evaluate-model", set=path))


@pytest.mark.parametrize("text", ["", "[1]", '{"a": 1, "b": 2}', '{"a": null}', '{"a": "x"}', '{"epsilon": 0.', "\0"])
def test_a_calibrated_strength_that_is_none_is_refused(made, tmp_path, capsys, text):
    (tmp_path / "strength.json").write_text(text)
    with pytest.raises(SystemExit) as caught:
        main(words(made, tmp_path, "attack-fgsm", epsilon=tmp_path / "strength.json"))
    assert caught.value.code == 2
    assert "argument --epsilon: " in capsys.readouterr().err.splitlines()[-1]


ROWS = "".join(
    f"{model},{number},{name},0,0.{number}5,10\n"
    for model in ("a", "b") for number in (1, 2) for name in ("orig_attacked", "fgsm")
)  # fmt: skip
ACCURACIES = f"model,replicate,samples,severity,accuracy,n\n{ROWS}"
RECALL = "model,replicate,samples,label,recall,predictions\na,1,orig_attacked,0,0.5,3\n"


def table(folder, **changes):
    for name, text in (("accuracies", ACCURACIES), ("recall", RECALL)):
        (folder / f"{name}.csv").write_text(text)
    settings = {"accuracies": folder / "accuracies.csv", "recall": folder / "recall.csv", "table": "t"}
    settings |= {"kind": "attacks", "models": ["a", "b"], "baseline": "a", "losses": ["zero_one", "x"]}
    settings |= {
        "samples": "fgsm",
        "output": [folder / f"o.{suffix}" for suffix in ("csv", "md", "tex", "gains", "html")],
    }
    return arguments("make-table", **(settings | changes))


DAMAGES = {
    "cut": lambda text: text[:-4],
    "empty": lambda text: "",
    "a NUL": lambda text: "\0",
    "an open quote": lambda text: text + '"',
    "text for numbers": lambda text: text.replace("0.15", "high", 1),
    "text for a replicate": lambda text: text.replace("a,1", "a,one", 1),
    "a column less": lambda text: text.replace(",n\n", "\n").replace(",10\n", "\n"),
    "a short row": lambda text: text.replace("a,1,orig_attacked,0,0.15,10", "a,1", 1),
    "a long first row": lambda text: text.replace("a,1,orig_attacked,0,0.15,10", "a,1,orig_attacked,0,0.15,10,5"),
    "a long last row": lambda text: text + "a,1,fgsm,0,0.9,10,3\n",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("flag", ["accuracies", "reference", "table"])
def test_damaged_tables_are_refused(tmp_path, capsys, flag, damage):
    (path := tmp_path / "bad.csv").write_text(DAMAGES[damage](ACCURACIES))
    good = table(tmp_path)
    given = table(tmp_path, accuracies=path)
    if flag != "table":
        paths = {"accuracies": tmp_path / "accuracies.csv", "reference": tmp_path / "accuracies.csv", flag: path}
        given = arguments("verify-run", output=tmp_path / "o.csv", **paths)
    assert good[0] == "make-table" and str(path) in refused(capsys, tmp_path, given)


@pytest.mark.parametrize("change", [("0.5", "x"), (",3\n", ",x\n"), (",3\n", "\n")])
def test_a_damaged_table_of_recall_is_refused(tmp_path, capsys, change):
    (path := tmp_path / "bad.csv").write_text(RECALL.replace(*change))
    assert str(path) in refused(capsys, tmp_path, table(tmp_path, recall=path))


def test_a_table_is_written_whole_or_not_at_all(tmp_path, capsys):
    assert "none of model q" in refused(capsys, tmp_path, table(tmp_path, baseline="q"))


@pytest.mark.parametrize(("flag", "value"), [("models", "m"), ("replicates", 1)])
def test_a_column_that_is_there_already_is_not_put_before(tmp_path, capsys, flag, value):
    table(tmp_path)
    given = arguments("collect-tables", inputs=tmp_path / "accuracies.csv", output=tmp_path / "o.csv", **{flag: value})
    assert f"--{flag}: found the column {flag[:-1]} in {tmp_path}" in refused(capsys, tmp_path, given)


EXAMPLES = {name: np.zeros((2, 4, 4)) for name in ("raw", "resized", "originals", "attacked")}
EXAMPLES |= {f"{name}_labels": np.arange(2) for name in ("raw", "attacked")}
EXAMPLES |= {f"{name}_predictions": np.arange(2) for name in ("original", "attacked")}
EXAMPLES |= {"corrupted_original": np.zeros((4, 4)), "corrupted_contrast": np.zeros((5, 4, 4))}


@pytest.mark.parametrize("figure", ["figure3", "figure6", "figure7"])
@pytest.mark.parametrize(
    "change",
    [
        lambda array: array.reshape(len(array), -1),
        lambda array: array.astype(str),
        lambda array: array[:0],
        lambda array: array[:1] if array.ndim == 1 or len(array) == 5 else array,
    ],
    ids=["flat", "text", "none", "fewer"],
)
def test_examples_of_another_kind_are_not_drawn(tmp_path, capsys, figure, change):
    write_arrays(path := tmp_path / "bad.npz", **{name: change(array) for name, array in EXAMPLES.items()})
    words = {"samples": "fgsm"} if figure == "figure6" else {}
    said = refused(
        capsys, tmp_path, arguments("draw-figure", figure=figure, examples=path, output=tmp_path / "o.svg", **words)
    )
    assert str(path) in said or (figure == "figure7" and "examples: found no images" in said)


def test_losses_of_a_model_that_diverged_at_once_are_drawn_empty(tmp_path):
    head = "model,replicate,epoch,step,loss_train,accuracy_train,loss_test,accuracy_test"
    (tmp_path / "histories.csv").write_text(f"{head}\na,1,1,5,,,,\n")
    histories = tmp_path / "histories.csv"
    main(arguments("draw-figure", figure="figure5", histories=histories, models="a", output=tmp_path / "o.svg"))
    assert (tmp_path / "o.svg").exists()


@pytest.mark.parametrize("text", ["x\n1\n", "", "cpu_time\nlong\n", "cpu_time\n1"])
def test_a_damaged_benchmark_is_not_kept(tmp_path, capsys, text):
    run = tmp_path / "run" / "benchmarks" / "train_bp"
    run.mkdir(parents=True)
    (tmp_path / "run" / "manifest.json").write_text("{}")
    (run / "a-1.tsv").write_text(text)
    given = arguments("keep-reference", results=tmp_path / "run", output=tmp_path / "kept")
    assert "a-1.tsv" in refused(capsys, tmp_path, given)


@pytest.mark.parametrize("content", [b"", b"no marks", b"<!-- end a --> <!-- a -->", b"\xff\xfe"])
def test_a_document_without_marks_is_left_as_it_is(tmp_path, capsys, content):
    (tmp_path / "part.md").write_text("part")
    (tmp_path / "document.md").write_bytes(content)
    given = arguments("insert-parts", document=tmp_path / "document.md", parts=f"a={tmp_path / 'part.md'}")
    refused(capsys, tmp_path, given)
