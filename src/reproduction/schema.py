"""What the config may hold, made from `reproduction.settings`: the schema, and the tables of config/README.md."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any, get_args, get_origin

from reproduction.report.markdown import table
from reproduction.settings import NAME, Config, Option, Setting, options

TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}
BOUNDS = {"least": "minimum", "most": "maximum", "above": "exclusiveMinimum", "below": "exclusiveMaximum"}


def config_schema() -> dict[str, Any]:
    """Return the JSON schema of the config, overlays merged."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_mapping(Config)}


def allowed(schema: Mapping[str, Any]) -> str:
    """Return what a part of the schema allows, in words."""
    if "enum" in schema:
        return either(schema["enum"]) + (f" ({schema['title']})" if "title" in schema else "")
    low, high = schema.get("minimum"), schema.get("maximum")
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    match kinds[0]:
        case "object":
            words = str(schema.get("title", "a mapping"))
            closed = "properties" in schema and "additionalProperties" in schema
            return f"{words} with the keys {', '.join(schema['properties'])}" if closed else words
        case "array":
            different = "different " if schema.get("uniqueItems") else ""
            each = allowed(schema["items"])
            words = f"a list of {schema['minItems']} to {schema['maxItems']} {different}entries, each {each},"
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


def either(words: Iterable[Any]) -> str:
    """Return words as alternatives."""
    *others, last = ("null" if word is None else str(word) for word in words)
    return f"{', '.join(others)} or {last}" if others else last


def _mapping(settings: Any, optional: Any = None) -> dict[str, Any]:
    """Return the schema of a class of settings, of which those that `optional` declares too need not be given."""
    method = getattr(settings, "METHOD", None)
    known = [option for option in options(settings) if option.setting.in_config]
    elsewhere = {option.name for option in options(optional)} if optional else set()
    schema: dict[str, Any] = {"description": settings.__doc__.partition("\n")[0]}
    if hasattr(settings, "TITLE"):
        schema["title"] = f"{settings.TITLE} of method {method}" if method else settings.TITLE
    schema |= {"type": "object", "additionalProperties": False}
    schema["required"] = [option.name for option in known if option.required and option.name not in elsewhere]
    schema["properties"] = {"method": {"const": method}} if method else {}
    schema["properties"] |= {option.name: _part(option) for option in known}
    return schema


def _part(option: Option) -> dict[str, Any]:
    """Return the schema of one setting."""
    schema = {"description": _sentence(option.setting.what)} | _value(option.kind, option.setting)
    if not option.null:
        return schema
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    title = {"title": "null or a mapping"} if schema["type"] == "object" else {}
    return schema | title | {"type": [schema["type"], "null"]}


def _value(kind: Any, limits: Setting) -> dict[str, Any]:
    """Return the schema of the values of a type."""
    if get_origin(kind) is list:
        least, most = limits.entries
        items = _value(get_args(kind)[0], limits)
        return {"type": "array", "minItems": least, "maxItems": most, "uniqueItems": limits.different, "items": items}
    if get_origin(kind) is dict:
        value = get_args(kind)[1]
        entry = {"description": _sentence(limits.what)} if value is float else {}
        entry |= _value(value, limits) if value is not Any else {}
        schema = {"title": limits.title, "type": "object", "additionalProperties": False}
        return schema | ({"minProperties": 1} if limits.filled else {}) | {"patternProperties": {NAME: entry}}
    if kind in TYPES:
        return _scalar(kind, limits)
    if is_dataclass(kind):
        return _mapping(kind)
    if str in get_args(kind):
        words = {"title": either(limits.words), "pattern": f"^({'|'.join(limits.words)})$"}
        return _scalar(float, limits) | {"type": ["number", "string"]} | words
    return _union(get_args(kind))


def _scalar(kind: type, limits: Setting) -> dict[str, Any]:
    title = {"title": limits.title} if limits.title else {}
    if choices := limits.named_choices():
        return title | {"enum": list(choices)}
    bounds = {word: getattr(limits, name) for name, word in BOUNDS.items() if getattr(limits, name) is not None}
    if kind is str:
        return title | {"type": "string", "pattern": limits.pattern, "maxLength": limits.length}
    return {"type": TYPES[kind]} | bounds


def _method(settings: Any) -> str:
    return str(settings.METHOD)


def _union(members: tuple[Any, ...]) -> dict[str, Any]:
    """Return the schema of mappings whose key ``method`` tells their class; it is looked at first."""
    methods = [*map(_method, members)]
    title = members[0].TITLE
    schema: dict[str, Any] = {
        "title": f"{title} (a mapping with a method, {either(methods)}, and its settings)",
        "type": "object",
    }
    chosen: dict[str, Any] = {
        "required": ["method"],
        "properties": {"method": {"description": "Method.", "enum": methods}},
        "allOf": [
            {
                "if": {"required": ["method"], "properties": {"method": {"const": member.METHOD}}},
                "then": _mapping(member, getattr(member, "SHARED", None)),
            }
            for member in members
        ],
    }
    if not any(option.name == "like" for option in options(members[0])):
        return schema | chosen
    keys = {"method": chosen["properties"]["method"]}
    for member in members:
        keys |= {option.name: _part(option) for option in options(member) if option.setting.in_config}
    like = {"title": f"{title} like another", "type": "object", "additionalProperties": False, "properties": keys}
    return schema | {"if": {"required": ["like"]}, "then": like, "else": chosen}


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def config_tables(config: Mapping[str, Any]) -> str:
    """Return the tables of config/README.md: every key with what it is, what is allowed and the value in `config`."""
    parts = []
    top = [option for option in options(Config) if not _is_section(option)]
    for title, rows in (
        ("Top level", [row for option in top for row in _rows(option, option.name, config)]),
        *(
            (f"`{option.name}`", list(_rows(option, option.name, config)))
            for option in options(Config)
            if _is_section(option)
        ),
    ):
        parts.append(f"### {title}\n\n{table(HEAD, rows, 'l')}")
    return "\n".join(parts)


HEAD = ["key", "what", "why and when to change it", "allowed", "value in config.yaml"]


def _is_section(option: Option) -> bool:
    return is_dataclass(option.kind) or get_origin(option.kind) is dict


def _rows(option: Option, key: str, config: Mapping[str, Any], default: str = "to be given") -> Iterator[list[str]]:
    """Yield a row for each key of a setting, or for those of the mappings in it."""
    kind, own = option.kind, option.setting
    if get_origin(kind) is dict and get_args(kind)[1] is not float:
        key, kind = f"{key}.NAME", get_args(kind)[1]
    members: list[Any] = [member for member in (kind, *get_args(kind)) if is_dataclass(member)]
    if not members:
        name = f"{key}.NAME" if get_origin(kind) is dict and kind is option.kind else key
        yield [f"`{name}`", own.what, own.why, _allowed_here(option, kind), _shown(option, key, config, default)]
        return
    if len(members) > 1:
        yield [f"`{key}.method`", "the method", "another method", either(map(_method, members)), default]
    told: dict[str, str] = {}
    for member in members:
        shared = {one.name for one in options(member.SHARED)} if hasattr(member, "SHARED") else set()
        for one in options(member):
            given = "its method's" if one.name in shared else "to be given"
            for name, *row in _rows(one, f"{key}.{one.name}", config, given) if one.setting.in_config else ():
                if name not in told:
                    yield [name, *row]
                elif told[name] != row[2]:
                    yield [f"{name}, method `{_method(member)}`", *row]
                told.setdefault(name, row[2])


def _allowed_here(option: Option, kind: Any) -> str:
    schema = _part(option)
    if get_origin(kind) is dict and kind is option.kind:
        return allowed(schema["patternProperties"][NAME])
    return allowed(schema).rstrip(",")


def _shown(option: Option, key: str, config: Mapping[str, Any], default: str) -> str:
    value: Any = config
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return default if option.required else f"`{json.dumps(option.default)}`"
        value = value[part]
    text = f"[{', '.join(map(str, value))}]" if isinstance(value, list) else json.dumps(value).strip('"')
    return f"`{text}`"
