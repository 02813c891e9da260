"""The experiment's settings: YAML read strictly, checked as a whole, and refused in one sentence."""

import difflib
import json
import math
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from glr.errors import InputError

OTHER_SAMPLES = ("orig", "orig_attacked", "average")
"""Names of samples in the results that are no attack and no corruption."""

CORRUPTIONS = ("gaussian_noise", "impulse_noise", "glass_blur", "contrast")
"""The kinds of corruption, without importing the module that makes them."""

RESERVED = re.compile(
    "all|tables|table[12]|figures|figure[1-8]|comparison|tradeoff|severity|weights|confusions?|verify|whitebox|blackbox|"
    "accuracies|histories|recall|dataset|.*_(tradeoff|epsilon)|"
    "(attack|calibrate|collect|corrupt|draw|evaluate|export|fetch|make|resize|sample|select|split|train|write)_.*"
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
        raise InputError(f"{path}: found a value that is no YAML ({problem}), but YAML in UTF-8 is needed.") from None
    if not isinstance(content, dict):
        found = "an empty file" if node is None else _show(content)
        raise InputError(f"{path}: found {found}, but a mapping of keys to values is needed.")
    return content


def check_config(config: dict[str, Any], schema: dict[str, Any]) -> None:
    """Refuse a config that the pipeline cannot run.

    Parameters
    ----------
    config : dict
        The experiment's settings, overlays merged.
    schema : dict
        What workflow/schemas/config.schema.yaml holds.

    Raises
    ------
    InputError
        If a key is unknown, missing or out of its range, or keys do not go together. The sentence tells the mistake
        that lies deepest, and how many others there are.
    """
    mistakes = list(_unreadable(config)) or list(_against_schema(config, schema)) or list(_across_keys(config))
    if mistakes:
        first = max(mistakes, key=lambda mistake: len(mistake.path))
        others = len(mistakes) - 1
        more = f" (and {others} more mistake{'s' if others > 1 else ''})" if others else ""
        raise InputError(f"{_dotted(first.path)}: found {first.found}, but {first.needed} is needed{first.hint}{more}.")


def method_settings(config: dict[str, Any], model: str) -> dict[str, Any]:
    """Return the settings of a model: its method's, then its own, which win."""
    entry = config["models"][model]
    return {**config["methods"][entry["method"]], **entry}


def experiment_tables(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the models, samples and replicates of the paper's tables and of each experiment's two, by name."""
    tables = {name: {**entry, "replicates": config["replicates"]} for name, entry in config["tables"].items()}
    for name, entry in config["experiments"].items():
        for kind in ("attacks", "corruptions"):
            if entry[kind]:
                replicates = entry["replicates"] or config["replicates"]
                tables[f"{name}_{kind}"] = {"models": entry["models"], "samples": entry[kind], "replicates": replicates}
    return tables


def corruption_sets(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the corruption, constants and place of the resizing of every set of corrupted images, by name.

    Experiments may use kinds that the default run, with its ``corruptions.sets``, does not make.
    """
    corruptions = config["corruptions"]
    common = {name: corruptions[name] for name in ("constants", "resize")}
    sets = {name: {"corruption": name, **common} for name in CORRUPTIONS}
    variants = {name: {**common, **entry} for name, entry in corruptions["variants"].items()}
    return {**sets, **variants}


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
        for mistake in _from_error(error, schema):
            mistakes.setdefault(mistake.path, mistake)
    return mistakes.values()


def _from_error(error: ValidationError, root: dict[str, Any]) -> Iterator[_Mistake]:
    path = tuple(error.absolute_path)
    found: Any = error.instance
    schema: Any = error.schema
    known = schema.get("properties", {})
    if error.validator == "additionalProperties":
        for key in found:
            if key not in known and not any(re.search(name, key) for name in schema.get("patternProperties", ())):
                yield _Mistake((*path, key), f"the unknown key {key!r}", _allowed(schema, root), _near(key, known))
    elif error.validator == "required":
        for key in schema["required"]:
            if key not in found:
                hint = _near(key, set(found) - set(known), "is it what {!r} means?")
                yield _Mistake((*path, key), "nothing", _allowed(known[key], root), hint)
    else:
        yield _Mistake(path, _show(found), _allowed(schema, root), _hint(found, schema))


def _allowed(schema: dict[str, Any], root: dict[str, Any]) -> str:
    """Return what a part of the schema allows, in words."""
    while "$ref" in schema:
        reference, own = schema["$ref"], {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**root["$defs"][reference.rpartition("/")[2]], **own}
    if "enum" in schema:
        return _either(schema["enum"]) + (f" ({schema['title']})" if "title" in schema else "")
    low, high = schema.get("minimum"), schema.get("maximum")
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    match kinds[0]:
        case "object":
            words = str(schema.get("title", "a mapping"))
            closed = "properties" in schema and "additionalProperties" in schema
            return f"{words} with the keys {', '.join(schema['properties'])}" if closed else words
        case "array":
            different = "different " if schema.get("uniqueItems") else ""
            each = _allowed(schema["items"], root)
            return f"a list of {schema['minItems']} to {schema['maxItems']} {different}entries, each {each},"
        case "integer":
            words = f"a whole number from {low} to {high}"
        case "number":
            start = f"above {schema['exclusiveMinimum']} and" if low is None else f"at least {low} and"
            end = f"below {schema['exclusiveMaximum']}" if high is None else f"at most {high}"
            words = f"a number {start} {end}"
        case "boolean":
            words = "true or false"
        case _:
            return str(schema["title"])
    if "string" in kinds:
        words = f"{words} or {schema['title']}"
    return f"{words} or null" if "null" in kinds else words


def _either(words: Iterable[Any]) -> str:
    *others, last = (str(word) for word in words)
    return f"{', '.join(others)} or {last}" if others else last


def _hint(found: Any, schema: dict[str, Any]) -> str:
    if not isinstance(found, str):
        return ""
    if schema.get("type") in ("integer", "number") and re.fullmatch(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?", found, re.I):
        return " (for YAML a number in quotes is text, and so is one like 1e-3 without point and sign: 1.0e-3)"
    return _near(found, schema.get("enum", ()))


def _near(word: str, names: Iterable[str], question: str = "did you mean {!r}?") -> str:
    matches = difflib.get_close_matches(word.lower(), list(names), n=1)
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
    return text if len(text) <= 80 else f"{text[:77]}..."


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
    if dataset["raw_dir"] is None and dataset["sources"] == ["raw_dir"]:
        yield _Mistake(("dataset", "raw_dir"), "null", "a folder, as sources names nothing else,")
    if dataset["raw_dir"] is not None and "raw_dir" not in dataset["sources"]:
        yield _Mistake(("dataset", "sources"), _show(dataset["sources"]), "raw_dir among them, as raw_dir is set,")
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
    for name, attack in config["whitebox"]["attacks"].items():
        section = ("whitebox", "attacks", name)
        for index, model in enumerate(attack["models"]):
            yield from _unknown((*section, "models", index), model, models)
            if "gradient" in attack and "noise" not in method_settings(config, model):
                yield _Mistake((*section, "models", index), repr(model), "a model with noise, as gradient is given,")
        if "gradient" in attack and "replications" not in attack:
            yield _Mistake((*section, "replications"), "nothing", "a number of noise draws, as gradient is given,")
        if attack["attack"] != "fgsm" and "steps" not in attack:
            yield _Mistake((*section, "steps"), "nothing", f"a number of steps, as {attack['attack']} takes some,")
    for name, experiment in config["experiments"].items():
        for index, model in enumerate(experiment["models"]):
            yield from _unknown(("experiments", name, "models", index), model, [*models, *config["predictors"]])
    yield from _unknown(("figures", "model"), config["figures"]["model"], models)
    yield from _unknown(("figures", "attack"), config["figures"]["attack"], config["attacks"]["sets"])


def _across_samples(config: dict[str, Any]) -> Iterator[_Mistake]:
    attacks, corruptions = list(config["attacks"]["sets"]), config["corruptions"]["sets"]
    every = list(corruption_sets(config))
    for name in set(attacks) & {*every, *OTHER_SAMPLES}:
        needed = f"a name other than {_either([*every, *OTHER_SAMPLES])}"
        yield _Mistake(("attacks", "sets", name), f"the name {name!r}", needed)
    for name in set(config["corruptions"]["variants"]) & {*CORRUPTIONS, *OTHER_SAMPLES}:
        yield _Mistake(("corruptions", "variants", name), f"the name {name!r}", "a name that no other set has")
    for table, entry in config["tables"].items():
        for index, name in enumerate(entry["samples"]):
            yield from _unknown(("tables", table, "samples", index), name, attacks + corruptions)
        if set(entry["samples"]) & set(attacks) and set(entry["samples"]) & set(corruptions):
            needed = f"either attacks only ({_either(attacks)}) or corruptions only ({_either(corruptions)})"
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
        yield _Mistake(path, repr(name), f"{_either(known)}{which}", _near(name, known))
