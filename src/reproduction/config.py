"""The experiment's settings: YAML read strictly, checked as a whole, and refused in one sentence."""

import difflib
import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from glr.errors import InputError
from reproduction.figures.registry import FIGURES
from reproduction.report.columns import originals_of
from reproduction.schema import allowed, either
from reproduction.settings import KINDS, SMOOTH, Attack, TrainBp, TrainGlr, options, words
from reproduction.store.raw import MNIST

OTHER_SAMPLES = ("orig", "orig_attacked", "average")
"""Names of samples in the results that are no attack and no corruption."""

RESERVED = re.compile(
    f"all|tables|table[12]|figures|{'|'.join(FIGURES)}|confusions|verify|attacks|authors_.*|"
    f"accuracies|histories|recall|dataset|.*({'|'.join(entry.ending for entry in FIGURES.values() if entry.ending)})|"
    "(attack|calibrate|certify|collect|corrupt|draw|evaluate|export|fetch|make|resize|sample|select|split|tabulate|train|write)_.*"
)
"""Names of rules, targets and figures, which no experiment may have."""

NOISE_KEYS = ("noise", "variance", "replications")
"""What a model trained with neuronal noise gives, all of it or none."""


class _StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses a mapping which gives a key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[str, int] = {}
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode):
                if key.value in lines:
                    problem = f"found the key {key.value!r} again, which line {lines[key.value]} gives already"
                    raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
                lines[key.value] = key.start_mark.line + 1
        return super().construct_mapping(node, deep)


def load_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file whose top level is a mapping.

    Parameters
    ----------
    path : Path
        The file, in UTF-8.

    Returns
    -------
    dict
        Its content.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, is not YAML, gives a key twice at any depth, or is no mapping.
    """
    try:
        loader = _StrictLoader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        content = None if node is None else loader.construct_object(node, deep=True)
    except OSError as error:
        raise InputError(f"{path}: found no readable file ({error.strerror}), but a YAML file is needed.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" line {mark.line + 1}:" if mark else ""
        problem = " ".join((error.problem or error.context or "a mistake").split())
        raise InputError(f"{path}:{line} {problem}, but YAML with each key once is needed.") from None
    except (yaml.YAMLError, ValueError) as error:
        problem = " ".join(str(error).split())
        raise InputError(f"{path}: found a value that is not YAML ({problem}), but YAML in UTF-8 is needed.") from None
    if not isinstance(content, dict):
        found = "an empty file" if node is None else _show(content)
        raise InputError(f"{path}: found {found}, but a mapping of keys to values is needed.")
    return content


def refuse_overlay(path: str) -> None:
    """End the program with one sentence if a file that ``--configfile`` names cannot be read as YAML.

    The default profile calls it for a file that Snakemake refuses.
    """
    if not Path(path).exists():
        raise SystemExit(
            f"config: --configfile: found no file {path!r}, but a YAML file (targets stand first) is needed."
        )
    try:
        load_yaml(Path(path))
    except InputError as error:
        raise SystemExit(f"config: {error}") from None


def check_config(config: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the config with its ``like`` and ``sweeps`` resolved, or refuse what the pipeline cannot run.

    Parameters
    ----------
    config : dict
        The experiment's settings, overlays merged.
    schema : dict
        What workflow/schemas/config.schema.yaml holds.

    Returns
    -------
    dict
        The settings. Every model and set has settings of its own, experiments name all their rows and columns, and
        ``swept`` tells of each model and set that a sweep made its `Swept`.

    Raises
    ------
    InputError
        If a key is unknown, missing or out of its range, or keys do not go together. The sentence tells the mistake
        that lies deepest, and how many others there are.
    """
    _refuse(_unreadable(config))
    _refuse(_against_schema(config, schema))
    _refuse(_across_likes(config))
    resolved, swept = _with_sweeps(_with_likes(config))
    _refuse(_against_schema(resolved, schema))
    _refuse(_across_keys(resolved))
    return resolved | {"swept": swept}


def _refuse(mistakes: "Iterable[_Mistake]") -> None:
    """Raise an `InputError` where there is a mistake."""
    found = list(mistakes)
    if found:
        first = max(found, key=lambda mistake: len(mistake.path))
        others = [_dotted(mistake.path) for mistake in found if mistake is not first]
        named = f"{', '.join(others[:3])}{', ...' if len(others) > 3 else ''}"
        more = f" (and {len(others)} more mistake{'s' if len(others) > 1 else ''}: {named})" if others else ""
        raise InputError(f"{_dotted(first.path)}: found {first.found}, but {first.needed} is needed{first.hint}{more}.")


class Swept(NamedTuple):
    """What a model or set of a sweep differs by."""

    family: str
    key: str
    value: Any


MODELS = {"bp": TrainBp, "glr": TrainGlr}


def _across_likes(config: dict[str, Any]) -> "Iterator[_Mistake]":
    """Yield what is wrong with ``like`` and with the names of sweeps."""
    models = config["models"]
    for name, entry in models.items():
        if "like" in entry:
            yield from _unknown(("models", name, "like"), entry["like"], [other for other in models if other != name])
        seen = [name]
        while entry.get("like") in models and entry["like"] not in seen:
            seen.append(entry["like"])
            entry = models[entry["like"]]
        if entry.get("like") == name != seen[-1]:
            yield _Mistake(("models", name, "like"), repr(models[name]["like"]), "a model that is not like this one")
    for section, entries, sweeps in (
        (("sweeps",), models, config.get("sweeps", {})),
        (("attacks", "sweeps"), config["attacks"]["sets"], config["attacks"].get("sweeps", {})),
    ):
        for name, sweep in sweeps.items():
            yield from _unknown((*section, name), name, entries)
            for swept, _ in _sweep(name, sweep):
                if swept in entries:
                    yield _Mistake((*section, name), f"the name {swept!r}, which a sweep makes", "a name that is free")


def _with_likes(config: dict[str, Any]) -> dict[str, Any]:
    """Return the config with every model's settings in place of its ``like``."""

    def resolved(name: str) -> dict[str, Any]:
        entry = config["models"][name]
        if "like" not in entry:
            return dict(entry)
        other = resolved(entry["like"])
        taken = config["methods"][other["method"]] | other
        method = entry.get("method", other["method"])
        known = {"method", *(option.name for option in options(MODELS[method]))}
        own = {key: value for key, value in entry.items() if key != "like"}
        return {key: value for key, value in taken.items() if key in known} | own

    return config | {"models": {name: resolved(name) for name in config["models"]}}


def _with_sweeps(config: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Swept]]:
    """Return the config with the models and sets of its sweeps, and what these differ by, by name."""
    swept: dict[str, Swept] = {}
    models, sets = dict(config["models"]), dict(config["attacks"]["sets"])
    for entries, sweeps in ((models, config.get("sweeps", {})), (sets, config["attacks"].get("sweeps", {}))):
        for family, sweep in sweeps.items():
            for name, (changes, key) in _sweep(family, sweep):
                entries[name] = entries[family] | changes
                swept[name] = Swept(family, key, changes[key])
    experiments = {}
    for name, entry in config["experiments"].items():
        rows = dict.fromkeys([*entry.get("models", ()), *entry.get("sweeps", ())])
        shown = [
            [row, *(one for one, by in swept.items() if by.family == row)] if row in entry.get("sweeps", ()) else [row]
            for row in rows
        ]
        experiments[name] = {
            "models": [row for group in shown for row in group],
            "sweeps": entry.get("sweeps", []),
            "replicates": _replicates(config, entry),
            "attacks": _given(entry.get("attacks"), config["tables"]["table1"]["samples"]),
            "corruptions": _given(entry.get("corruptions"), config["tables"]["table2"]["samples"]),
        }
    attacks = config["attacks"] | {"sets": sets}
    parts = {name: config[name] | {"replicates": _replicates(config, config[name])} for name in TARGETS_OF_OWN}
    return config | parts | {"models": models, "attacks": attacks, "experiments": experiments}, swept


TARGETS_OF_OWN = ("adaptive", "certificates")
"""Sections that are targets beside the experiments, and have replicates of the default run too."""


def _replicates(config: dict[str, Any], entry: dict[str, Any]) -> int:
    """Return how many replicates of the default run an experiment shows: as many as it names, or all there are."""
    most: int = config["replicates"]
    return min(entry.get("replicates") or most, most)


def _given(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value


def _sweep(family: str, sweep: dict[str, Any]) -> Iterator[tuple[str, tuple[dict[str, Any], str]]]:
    """Yield for each model or set of a sweep its name, and what it changes with the key that is swept.

    A list has a model or set for each of its values; what is no list holds for all of them.
    """
    held = {key: value for key, value in sweep.items() if not isinstance(value, list)}
    for key, values in sweep.items():
        for value in values if isinstance(values, list) else ():
            words = [family, SWEPT.get(key, key), str(value).replace(".", "_")]
            yield "_".join(word for word in words if word), (held | {key: value}, key)


SWEPT = {
    option.name: option.setting.word
    for settings in (TrainGlr, *get_args(Attack))
    for option in options(settings)
    if option.setting.word is not None
}
"""What a sweep puts into names in place of a key."""


def method_settings(config: dict[str, Any], model: str) -> dict[str, Any]:
    """Return the settings of a model: its method's, then its own, which win."""
    entry = config["models"][model]
    return {**config["methods"][entry["method"]], **entry}


def experiment_tables(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return models, samples and replicates of the paper's tables and of each experiment's two, by name.

    ``part`` is the experiment, None for the paper's tables.
    """
    tables = {
        name: {**entry, "replicates": config["replicates"], "part": None} for name, entry in config["tables"].items()
    }
    for name, entry in config["experiments"].items():
        for kind in ("attacks", "corruptions"):
            if entry[kind]:
                shown = {"models": entry["models"], "samples": entry[kind]}
                tables[f"{name}_{kind}"] = {**shown, "replicates": entry["replicates"], "part": name}
    return tables


def corruption_sets(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the corruption, constants and place of the resizing of every set of corrupted images, by name.

    Experiments may use kinds that the default run, with its ``corruptions.sets``, does not make.
    """
    corruptions = config["corruptions"]
    sets = {
        name: {"corruption": name, "constants": corruptions["constants"][name], "resize": corruptions["resize"]}
        for name in KINDS()
    }
    variants = {
        name: sets[entry["corruption"]] | {key: value for key, value in entry.items() if value is not None}
        for name, entry in corruptions["variants"].items()
    }
    return {**sets, **variants}


def job_settings(config: dict[str, Any], step: str, job: Any) -> dict[str, Any]:
    """Return what a job's step takes its flags from.

    Parameters
    ----------
    config : dict
        What `check_config` returned.
    step : str
        The verb, with underscores.
    job : namedtuple of str
        Snakemake's wildcards: the names of the model, the replicate, the attack and so on, as far as the job has some.
    """
    named = {name: getattr(job, name) for name in ("model", "replicate") if hasattr(job, name)}
    return {"seed": config["seed"], **named, **SECTIONS[step](config, job)}


def _sampled(config: dict[str, Any], job: Any) -> dict[str, Any]:
    return {kind: config[kind]["images"] or 0 for kind in ("attacks", "corruptions")}


def _attack(config: dict[str, Any], job: Any) -> dict[str, Any]:
    """Return an attack's settings, without a strength that is searched: the workflow gives the file of that."""
    return {key: value for key, value in config["attacks"]["sets"][job.attack].items() if value != "calibrated"}


def _calibrated(config: dict[str, Any], job: Any) -> dict[str, Any]:
    search = config["calibration"]
    own = {"replicates": calibration_replicates(config), "accuracy": search["accuracy"][job.attack]}
    return {**_attack(config, job), "images": search["images"], **own, **_prediction(config, config["baseline"])}


def _victim(config: dict[str, Any], job: Any) -> dict[str, Any]:
    adaptive = config["adaptive"]
    attack = adaptive["attacks"][job.victim_attack]
    own = {key: value for key, value in attack.items() if value is not None}
    if "gradient" in own:
        model = method_settings(config, job.model)
        own = {key: model[key] for key in ("noise", "variance") if key in model} | own
    images = min(adaptive["images"], config["attacks"]["images"])
    own |= {"name": job.victim_attack, "images": images, "linf": adaptive["linf"], "l2": adaptive["l2"]}
    return own | _prediction(config, job.model)


def _certified(config: dict[str, Any], job: Any) -> dict[str, Any]:
    certificates: dict[str, Any] = config["certificates"]
    return certificates | {"images": min(certificates["images"], config["attacks"]["images"])}


def _prediction(config: dict[str, Any], row: str) -> dict[str, Any]:
    """Return how a row of a table predicts."""
    model = method_settings(config, network_of(config, row))
    prediction = config["predictors"].get(row, config["prediction"])
    if not (prediction["noise"] and "noise" in model):
        return {}
    return {
        "predict_noise": model["noise"],
        "predict_variance": model["variance"],
        "predict_replications": prediction["replications"],
    }


SECTIONS: dict[str, Callable[[dict[str, Any], Any], dict[str, Any]]] = {
    "fetch_data": lambda config, job: config["dataset"],
    "resize_images": lambda config, job: config["dataset"],
    "split_images": lambda config, job: config["dataset"],
    "sample_images": _sampled,
    "train_bp": lambda config, job: method_settings(config, job.model),
    "train_glr": lambda config, job: method_settings(config, job.model),
    **{f"attack_{settings.METHOD}": _attack for settings in get_args(Attack)},
    "calibrate_attack": _calibrated,
    "evaluate_model": lambda config, job: _prediction(config, job.model),
    "evaluate_corruptions": lambda config, job: config["dataset"] | _prediction(config, job.model),
    "select_examples": lambda config, job: (
        config["dataset"] | {"replicate": 1} | config["figures"] | _prediction(config, config["figures"]["model"])
    ),
    "attack_victim": _victim,
    "certify_model": _certified,
    "export_sets": lambda config, job: config["dataset"],
    "fetch_authors": lambda config, job: config["authors"],
    "evaluate_authors": lambda config, job: config["dataset"] | config["authors"],
}
"""The part of the config that a step takes its settings from, for one job."""


def calibration_replicates(config: dict[str, Any]) -> list[str]:
    """Return the names of the replicates on which strengths are searched."""
    return [f"calibration{number}" for number in range(1, config["calibration"]["replicates"] + 1)]


def table_layout(config: dict[str, Any], table: str) -> dict[str, Any]:
    """Return how a table is laid out, as ``settings`` of make-table, and the report's ``category`` and ``labels``."""
    shown, kind = experiment_tables(config)[table], table_kind(config, table)
    settings = {
        # The paper's numbers stand beside ours where the data are the paper's.
        "table": table if config["dataset"]["checksums"] == MNIST else "other",
        "kind": kind,
        "losses": [config["models"][network_of(config, row)]["loss"] for row in shown["models"]],
        "baseline": config["baseline"],
        "models": shown["models"],
        "samples": shown["samples"],
    }
    title = f"{table}: {'adversarial samples' if kind == 'attacks' else 'corrupted images'}"
    # One label only: with two, the report shows a toggle.
    labels = {"result" if shown["part"] else "table": title}
    return {"settings": words(**settings), "category": "Experiments" if shown["part"] else "Tables", "labels": labels}


def trained_models(config: dict[str, Any]) -> dict[str, list[Any]]:
    """Return ``models`` and ``replicates`` of the networks that the paper's tables and figure 5 show, as columns."""
    shown = [name for table in config["tables"].values() for name in table["models"]]
    return _by_replicate(dict.fromkeys(shown + config["figures"]["loss_models"]), config["replicates"])


def certified_models(config: dict[str, Any]) -> dict[str, list[Any]]:
    """Return ``models`` and ``replicates`` of the networks that are certified, as columns."""
    certificates = config["certificates"]
    return _by_replicate(certificates.get("models", ()), certificates["replicates"])


def _by_replicate(models: Iterable[str], replicates: int) -> dict[str, list[Any]]:
    pairs = [(model, replicate) for model in models for replicate in range(1, replicates + 1)]
    return {"models": [model for model, _ in pairs], "replicates": [replicate for _, replicate in pairs]}


def norms_columns(config: dict[str, Any]) -> dict[str, list[Any]]:
    """Return ``models`` of the figure of norms with the settings by which they differ, as columns."""
    found = {name: method_settings(config, name) for name in config["authors"].get("models", ())}
    keys = {"losses": "loss", "reductions": "batch_reduction", "initial": "initial_weights"}
    return {"models": [*found], **{flag: [own[key] for own in found.values()] for flag, key in keys.items()}}


def victims(config: dict[str, Any]) -> dict[str, list[Any]]:
    """Return ``attacks``, ``methods``, ``models``, ``replicates`` of attacks on networks themselves, as columns."""
    found = [
        (name, attack["method"], model, replicate)
        for name, attack in config["adaptive"]["attacks"].items()
        for model in attack["models"]
        for replicate in range(1, config["adaptive"]["replicates"] + 1)
    ]
    names = ("attacks", "methods", "models", "replicates")
    return {name: [row[place] for row in found] for place, name in enumerate(names)}


def attacked_models(config: dict[str, Any]) -> dict[str, list[Any]]:
    """Return ``models`` and ``replicates`` of the networks that are attacked themselves, as columns."""
    return _by_replicate(dict.fromkeys(victims(config)["models"]), config["adaptive"]["replicates"])


def swept_columns(config: dict[str, Any]) -> dict[str, list[Any]]:
    """Return ``names``, ``families``, ``keys`` and ``values`` of what sweeps made, as columns."""
    rows = [(name, *swept) for name, swept in config["swept"].items()]
    return {name: [row[place] for row in rows] for place, name in enumerate(("names", "families", "keys", "values"))}


def steps_behind_tables(config: dict[str, Any]) -> list[str]:
    """Return the names of the steps whose jobs the paper's tables are made by."""
    sets, tables = config["attacks"]["sets"], config["tables"].values()
    shown = {name for table in tables for name in table["samples"]}
    attacks = [sets[name] for name in shown if name in sets]
    models = {model for table in tables for model in table["models"]} | {attack["source"] for attack in attacks}
    steps = {"fetch_data", "resize_images", "split_images", "sample_images", "make_table"}
    steps |= {f"train_{config['models'][model]['method']}" for model in models}
    steps |= {f"attack_{attack['method']}" for attack in attacks}
    steps |= {"calibrate_attack" for attack in attacks if "calibrated" in attack.values()}
    steps |= {"evaluate_model"} if attacks else set()
    return sorted(steps | ({"evaluate_corruptions"} if shown - set(sets) else set()))


def network_of(config: dict[str, Any], row: str) -> str:
    """Return the name of the model whose network a row of a table shows: predictors share one with others."""
    predictor: dict[str, str] = config["predictors"].get(row, {})
    return predictor.get("model", row)


def table_kind(config: dict[str, Any], table: str) -> str:
    """Return whether a table shows attacks or corruptions."""
    samples = experiment_tables(config)[table]["samples"]
    return "attacks" if samples[0] in config["attacks"]["sets"] else "corruptions"


class _Mistake(NamedTuple):
    path: tuple[str | int, ...]
    found: str
    needed: str
    hint: str = ""


def _unreadable(value: Any, *path: str | int) -> Iterator[_Mistake]:
    """Yield keys that are no text, and text with line breaks or other control characters."""
    if isinstance(value, dict):
        for key, child in value.items():
            if isinstance(key, str) and key.isprintable():
                yield from _unreadable(child, *path, key)
            else:
                yield _Mistake(path, f"the key {_show(key)}", "printable text as a key")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _unreadable(child, *path, index)
    elif isinstance(value, str) and not value.isprintable():
        yield _Mistake(path, _show(value), "printable text on one line")


# JSON takes 2.0 for an integer and not a number for a number; the command line and the mathematics do not.
_Validator = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, value: type(value) is int,
            "number": lambda _, value: type(value) is int or (type(value) is float and math.isfinite(value)),
        }
    ),
)


def _against_schema(config: dict[str, Any], schema: dict[str, Any]) -> Iterable[_Mistake]:
    mistakes: dict[tuple[str | int, ...], _Mistake] = {}
    for error in _Validator(schema).iter_errors(config):
        for mistake in _from_error(error):
            mistakes.setdefault(mistake.path, mistake)
    return mistakes.values()


def _from_error(error: ValidationError) -> Iterator[_Mistake]:
    path = tuple(error.absolute_path)
    found: Any = error.instance
    schema: Any = error.schema
    known = schema.get("properties", {})
    if error.validator == "additionalProperties":
        for key in found:
            if key not in known and not any(re.search(name, key) for name in schema.get("patternProperties", ())):
                yield _Mistake((*path, key), f"the unknown key {key!r}", allowed(schema), _near(key, known))
    elif error.validator == "required":
        for key in schema["required"]:
            if key not in found:
                hint = _near(key, set(found) - set(known), "is it what {!r} means?")
                yield _Mistake((*path, key), "nothing", allowed(known[key]), hint)
    else:
        yield _Mistake(path, _show(found), allowed(schema), _hint(found, schema))


NUMBER = r"[-+]?[0-9.]+(e[-+]?[0-9]+)?"


def _hint(found: Any, schema: dict[str, Any]) -> str:
    if not isinstance(found, str):
        return ""
    kinds = {"integer": NUMBER, "number": NUMBER, "boolean": "true|false"}
    if re.fullmatch(kinds.get(str(schema.get("type")), "(?!)"), found, re.I):
        return (
            " (this is text: what stands in braces in --config always is, so use --configfile; there leave out quotes, "
            "and write 1.0e-3 for 1e-3)"
        )
    return _near(found, schema.get("enum", ()))


def _near(word: str, names: Iterable[str], question: str = "did you mean {!r}?") -> str:
    matches = difflib.get_close_matches(word.lower(), [name for name in names if name], n=1)
    return f" ({question.format(matches[0])})" if matches else ""


def _show(value: Any) -> str:
    """Return a value as a user wrote it in YAML, on one line of bounded length."""
    match value:
        case None | bool():
            return json.dumps(value)
        case dict():
            return "a mapping" if value else "an empty mapping"
        case list():
            text = f"[{', '.join(_show(entry) for entry in value)}]"
        case _:
            text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:75]}[...]"


def _dotted(path: tuple[str | int, ...]) -> str:
    words = [f".{key}" if isinstance(key, str) and re.fullmatch(r"[\w-]+", key) else f"[{key!r}]" for key in path]
    return "".join(words).removeprefix(".") or "config"


def _across_keys(config: dict[str, Any]) -> Iterator[_Mistake]:
    """Yield what no schema can refuse: keys that are right by themselves and do not go together."""
    yield from _across_images(config)
    yield from _across_models(config)
    yield from _across_samples(config)


def _across_images(config: dict[str, Any]) -> Iterator[_Mistake]:
    dataset = config["dataset"]
    share = dataset["train_fraction"]
    if not math.isclose(share + dataset["test_fraction"], 1.0):
        needed = f"{1.0 - share:g}, which adds up to 1 with a train_fraction of {share:g},"
        yield _Mistake(("dataset", "test_fraction"), _show(dataset["test_fraction"]), needed)
        return
    train = round(dataset["images"] * share)
    for section in ("methods", "models"):
        for name, entry in config[section].items():
            yield from _above((section, name, "mini_batch"), entry.get("mini_batch"), train, "training images")
    for section in ("attacks", "corruptions"):
        yield from _above((section, "images"), config[section]["images"], dataset["images"] - train, "test images")
    for section in ("figures", "calibration"):
        yield from _above(
            (section, "images"), config[section]["images"], config["attacks"]["images"], "attacked images"
        )


def _across_models(config: dict[str, Any]) -> Iterator[_Mistake]:
    models = config["models"]
    for name in models:
        settings = method_settings(config, name)
        if settings.get("sampling") == "leave_one_out" and settings["replications"] < 2:
            yield _Mistake(("models", name, "replications"), "1", "at least 2 for the sampling leave_one_out")
        if settings["optimizer"] == "adam" and settings["momentum"]:
            yield _Mistake(
                ("models", name, "momentum"), str(settings["momentum"]), "0, as adam has moments of its own,"
            )
        given = [key for key in NOISE_KEYS if key in settings]
        for key in NOISE_KEYS:
            if given and key not in given:
                yield _Mistake(("models", name, key), "nothing", f"a value, as {given[0]} is given,")
    trained = [name for name, entry in models.items() if entry["method"] == "bp"]
    for name, attack in config["attacks"]["sets"].items():
        path = ("attacks", "sets", name, "source")
        yield from _unknown(path, attack["source"], trained or ["a model"], " (of method bp)")
        if "calibrated" in attack.values() and name not in config["calibration"]["accuracy"]:
            yield _Mistake(
                ("calibration", "accuracy", name), "nothing", f"an accuracy, as attacks.sets.{name} asks for it,"
            )
    for name in config["calibration"]["accuracy"]:
        yield from _unknown(("calibration", "accuracy", name), name, config["attacks"]["sets"])
    yield from _unknown(("baseline",), config["baseline"], models)
    for table, entry in config["tables"].items():
        for index, name in enumerate(entry["models"]):
            yield from _unknown(("tables", table, "models", index), name, models)
        yield from _without_baseline(config, ("tables", table, "models"), entry["models"])
    for index, name in enumerate(config["figures"]["loss_models"]):
        yield from _unknown(("figures", "loss_models", index), name, models)
    for name, predictor in config["predictors"].items():
        yield from _unknown(("predictors", name, "model"), predictor["model"], models)
        if name in models:
            yield _Mistake(("predictors", name), f"the name {name!r}", "a name that no model has")
        elif predictor["noise"] and predictor["model"] in models:
            settings = method_settings(config, predictor["model"])
            needed = f"false, as {predictor['model']} is trained without noise,"
            yield from () if "noise" in settings else [_Mistake(("predictors", name, "noise"), "true", needed)]
    adaptive, certificates = config["adaptive"], config["certificates"]
    for name, attack in adaptive["attacks"].items():
        yield from _across_victims(config, ("adaptive", "attacks", name), attack)
    if adaptive["variance"] not in certificates["variances"]:
        needed = f"one of certificates.variances, which are {_show(certificates['variances'])},"
        yield _Mistake(("adaptive", "variance"), str(adaptive["variance"]), needed)
    if adaptive["attacks"] and "first" not in certificates["noise_levels"]:
        yield _Mistake(("certificates", "noise_levels"), _show(certificates["noise_levels"]), "first among them")
    yield from _above(("adaptive", "images"), adaptive["images"], certificates["images"], "certified images")
    for index, name in enumerate(config["certificates"].get("models", ())):
        yield from _unknown(("certificates", "models", index), name, models)
    for name, experiment in config["experiments"].items():
        for index, model in enumerate(experiment["sweeps"]):
            known = config.get("sweeps") or ["a model with a sweep"]
            yield from _unknown(("experiments", name, "sweeps", index), model, known, " (of sweeps)")
        if not experiment["models"]:
            yield _Mistake(("experiments", name, "models"), "[]", "a list of 1 or more models, or sweeps,")
        else:
            yield from _without_baseline(config, ("experiments", name, "models"), experiment["models"])
        for index, model in enumerate(experiment["models"]):
            yield from _unknown(("experiments", name, "models", index), model, [*models, *config["predictors"]])
    for index, name in enumerate(config["authors"].get("models", ())):
        yield from _unknown(("authors", "models", index), name, models)
    yield from _unknown(("figures", "model"), config["figures"]["model"], models)
    yield from _unknown(("figures", "attack"), config["figures"]["attack"], config["attacks"]["sets"])


def _without_baseline(config: dict[str, Any], path: tuple[str, ...], rows: list[str]) -> Iterator[_Mistake]:
    """Yield a mistake where a table's rows, all of them known, lack the baseline, from which its gains are counted."""
    known = {*config["models"], *config["predictors"]}
    if known.issuperset([config["baseline"], *rows]) and config["baseline"] not in rows:
        yield _Mistake(path, f"{_show(rows)} without {config['baseline']}", "the baseline among the rows")


def _across_victims(config: dict[str, Any], path: tuple[str | int, ...], attack: dict[str, Any]) -> Iterator[_Mistake]:
    """Yield where an attack on networks themselves cannot be made, or says what would be ignored."""
    gradient = attack.get("gradient")
    if attack["method"] == "fgsm":
        trained = [name for name, one in config["models"].items() if one["method"] == "bp"]
        yield from _unknown((*path, "source"), attack["source"], trained or ["a model"], " (of method bp)")
    if attack.get("loss") == "targeted_dlr" and attack.get("restarts", 1) > 9:
        yield _Mistake((*path, "restarts"), str(attack["restarts"]), "at most 9, the number of wrong labels,")
    if gradient and attack.get("replications") is None:
        yield _Mistake((*path, "replications"), "nothing", f"a number of draws, as gradient is {gradient},")
    for key in ("noise", "variance", "replications"):
        if not gradient and attack.get(key) is not None:
            yield _Mistake(
                (*path, key), str(attack[key]), "gradient beside it, or null, as there is no noise without it,"
            )
    for index, model in enumerate(attack["models"]):
        place: tuple[str | int, ...] = (*path, "models", index)
        yield from _unknown(place, model, config["models"])
        if model not in config["models"]:
            continue
        settings = method_settings(config, model)
        noise = all(attack.get(key) or key in settings for key in ("noise", "variance"))
        if gradient and not noise:
            yield _Mistake(place, repr(model), "a model with noise, or noise and variance beside gradient,")
        jumps = {settings["activation"], settings["output"]} - set(SMOOTH())
        if attack["method"] == "apgd" and gradient != "likelihood_ratio" and jumps:
            needed = f"gradient: likelihood_ratio, as {jumps.pop()} has no derivative to follow,"
            yield _Mistake(place, repr(model), needed)


def _across_samples(config: dict[str, Any]) -> Iterator[_Mistake]:
    attacks, corruptions = list(config["attacks"]["sets"]), config["corruptions"]["sets"]
    every = list(corruption_sets(config))
    taken = [*every, *OTHER_SAMPLES, *map(originals_of, attacks)]
    for name in set(attacks) & set(taken):
        needed = f"a name other than {either(taken)}"
        yield _Mistake(("attacks", "sets", name), f"the name {name!r}", needed)
    for name in set(config["corruptions"]["variants"]) & {*KINDS(), *OTHER_SAMPLES}:
        yield _Mistake(("corruptions", "variants", name), f"the name {name!r}", "a name that no other set has")
    for table, entry in config["tables"].items():
        for index, name in enumerate(entry["samples"]):
            yield from _unknown(("tables", table, "samples", index), name, attacks + corruptions)
        if set(entry["samples"]) & set(attacks) and set(entry["samples"]) & set(corruptions):
            needed = f"either attacks only ({either(attacks)}) or corruptions only ({either(corruptions)})"
            yield _Mistake(("tables", table, "samples"), _show(entry["samples"]), needed)
    for experiment, entry in config["experiments"].items():
        for kind, known in (("attacks", attacks), ("corruptions", every)):
            for index, name in enumerate(entry[kind]):
                yield from _unknown(("experiments", experiment, kind, index), name, known)
        if not entry["attacks"] and not entry["corruptions"]:
            yield _Mistake(("experiments", experiment, "attacks"), "[]", "an attack or a corruption")
        # The figures NAME_tradeoff and NAME_epsilon of an experiment NAME would be another's figures.
        if RESERVED.fullmatch(experiment):
            yield _Mistake(("experiments", experiment), f"the name {experiment!r}", "a name that no other target has")


def _above(path: tuple[str, ...], found: int | None, most: int, things: str) -> Iterator[_Mistake]:
    if found is not None and found > most:
        yield _Mistake(path, str(found), f"at most {most}, the number of {things},")


def _unknown(path: tuple[str | int, ...], name: str, known: Collection[str], which: str = "") -> Iterator[_Mistake]:
    if name not in known:
        yield _Mistake(path, repr(name), f"{either(known)}{which}", _near(name, known))
