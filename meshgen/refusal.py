"""The words for what a JSON schema refuses: what was seen, what was possible, and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from meshgen.elsewhere import place_of
from meshgen.fault import KeyPath, digits, short

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

Schema = dict[str, Any]


class SchemaError(NamedTuple):
    """One thing that a schema refuses. The path leads to it: to an unknown key itself, to what lacks a key.

    `keyword` is the schema's: what kind of rule it is.
    """

    path: KeyPath
    message: str
    hint: str = ""
    unknown_kind: bool = False
    keyword: str = ""


_MAPPING = {"type": "object"}


def refusals(found: Iterable[ValidationError], data: Any, schema: Schema) -> list[SchemaError]:
    """The errors of a validator in meshgen's words; of several about one value, the one that explains the others.

    `data` is what was validated, in the order of its keys; `schema` the whole of the schema.
    """
    made = [each._replace(keyword=_keyword(error)) for error in found for each in _refusal(error, data, schema)]
    wrong_types = {each.path for each in made if each.keyword == "type"}
    kept = [each for each in made if each.keyword == "type" or each.path not in wrong_types]
    return list({(each.path, each.message): each for each in kept}.values())


def _keyword(error: ValidationError) -> str:
    return str(error.kind.name)


def _refusal(error: ValidationError, data: Any, document: Schema) -> Iterator[SchemaError]:
    path, value = _found(data, error.instance_path)
    keyword = _keyword(error)
    schema = _at(document, error.schema_path[:-1])
    if "$ref" in schema:
        schema = _at(document, schema["$ref"].split("/")[1:]) | schema
    if keyword == "additionalProperties":
        for key in error.kind.as_dict()["unexpected"]:
            yield SchemaError((*path, key), f"unknown key {key!r}", _unknown(key, path, schema, document))
    elif keyword == "required":
        yield SchemaError(path, f"{error.kind.value!r} is missing", _known(schema, str(error.kind.value)))
    elif keyword == "propertyNames":
        key = str(error.kind.value.instance)
        yield SchemaError((*path, key), f"takes {schema.get('title', 'another key')}, not {key!r}")
    elif keyword in ("allOf", "anyOf", "oneOf", "not", "minProperties", "maxProperties"):
        is_mapping = isinstance(value, dict)
        yield _combination(path, value, schema, keyword) if is_mapping else SchemaError(path, *_type(value, _MAPPING))
    else:
        yield SchemaError(path, *_VALUES.get(keyword, _other)(value, schema))


def _found(data: Any, path: list[str | int]) -> tuple[KeyPath, Any]:
    """The path and the value there; the validator takes a key of digits, such as a port, for a number."""
    found: list[str | int] = []
    for said in path:
        step = said
        if isinstance(data, dict) and isinstance(said, int):
            alike = (key for key in data if key.lstrip("+").isdecimal() and int(key) == said)
            step = str(said) if str(said) in data else next(alike)
        data = data[step]
        found.append(step)
    return tuple(found), data


def _at(document: Any, path: list[str | int]) -> Any:
    for step in path:
        document = document[step]
    return document


def _known(schema: Schema, missing: str) -> str:
    rule = schema.get("properties", {}).get(missing, {})
    return f"{missing} takes {rule['title']}" if "title" in rule else ""


def _unknown(key: str, path: KeyPath, schema: Schema, document: Schema) -> str:
    """What to do with a key: a slip of the keyboard first, then the place where it may stand, then what is alike."""
    known = list(schema.get("properties", {}))
    if not _near(key, known, 0.85):
        place = place_of(key, path, document)
        if place:
            return f"it belongs into {place}"
    if not known:
        return "drop it: nothing can stand here"
    near = _near(key, known, 0.7)
    return f"did you mean {near!r}?" if near else f"possible here: {', '.join(known)}"


def _near(key: str, known: list[str], least: float) -> str | None:
    lower = {each.lower(): each for each in known}
    return next((lower[each] for each in get_close_matches(key.lower(), lower, n=1, cutoff=least)), None)


def _combination(path: KeyPath, value: Any, schema: Schema, keyword: str) -> SchemaError:
    """Keys of which one must stand, or at most one can."""
    if keyword in ("minProperties", "maxProperties"):
        common = set(schema.get("required", []))
        names = [name for name in schema.get("properties", {}) if name not in common]
    else:
        names = list(dict.fromkeys(_required_in(schema[keyword])))
    present = [key for key in value if key in names]
    if len(present) > 1:
        rest = [repr(name) for name in present[:-1]]
        return SchemaError(
            (*path, present[-1]), f"{present[-1]!r} cannot stand beside {_either(rest, 'and')}", "keep one of them"
        )
    if keyword == "not" and present:
        return SchemaError((*path, present[0]), f"{present[0]!r} cannot stand here")
    if not names:
        return SchemaError(path, "must not be empty")
    return SchemaError(path, f"needs {_either(names)}")


def _required_in(branch: Any) -> Iterator[str]:
    if isinstance(branch, list):
        for each in branch:
            yield from _required_in(each)
    elif isinstance(branch, dict):
        yield from branch.get("required", [])
        for each in branch.values():
            yield from _required_in(each) if isinstance(each, dict | list) else ()


def _type(value: Any, schema: Schema) -> tuple[str, str]:
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words = schema.get("title") or _either([_TYPES[each] for each in types if each != "null"])
    if value is None:
        return f"takes {words}, not null", "leave the key out"
    return f"takes {words}, not {described(value)}", _retyped(value, types, schema.get("pattern", ""))


def _retyped(value: Any, types: list[str], pattern: str) -> str:
    """How to write a value that has the right letters and the wrong type."""
    if types == ["array"]:
        return "begin each item with '- ', or put all between [ and ]"
    if isinstance(value, str):
        number = value.removeprefix("-").replace(".", "", 1)
        fits = {"integer": value.removeprefix("-").isdecimal(), "number": number.isdecimal()}
        fits["boolean"] = value in ("true", "false")
        return "write it without quotes" if any(fits.get(each) for each in types) else ""
    scalar = isinstance(value, bool | int | float) and "string" in types
    return "put it between quotes" if scalar and re.search(pattern, json.dumps(value)) else ""


def _pattern(value: Any, schema: Schema) -> tuple[str, str]:
    wanted = schema.get("title") or f"text that matches {schema['pattern']}"
    unquote = isinstance(value, str) and value.isdecimal() and "integer" in schema.get("type", ())
    return f"takes {wanted}, not {described(value)}", "write it without quotes" if unquote else ""


def _enum(value: Any, schema: Schema) -> tuple[str, str]:
    values = [each for each in schema["enum"] if each != ""]
    message = f"takes {schema.get('title') or _either([str(each) for each in values])}, not {described(value)}"
    lower = {str(each).lower(): str(each) for each in values}
    near = get_close_matches(value.lower(), lower, n=1, cutoff=0.7) if isinstance(value, str) else []
    return message, f"did you mean {lower[near[0]]!r}?" if near else ""


def _limit(value: Any, schema: Schema) -> tuple[str, str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if "title" in schema:
        wanted = schema["title"]
    elif low is not None and high is not None and high < 2**31 - 1:
        wanted = f"{low} to {high}"
    else:
        wanted = f"at least {low}" if low is not None and value < low else f"at most {high}"
    return f"takes {wanted}, not {described(value)}", ""


def _length(value: Any, schema: Schema) -> tuple[str, str]:
    if "title" in schema:
        return f"takes {schema['title']}, not {described(value)}", ""
    if len(value) > schema.get("maxLength", len(value)):
        return f"takes at most {schema['maxLength']} characters, and has {len(value)}", ""
    return f"takes at least {schema['minLength']} characters, not {described(value)}", ""


def _items(value: Any, schema: Schema) -> tuple[str, str]:
    if schema.get("maxItems") == 0:
        return "must be empty", "drop it"
    if len(value) > schema.get("maxItems", len(value)):
        return f"takes at most {schema['maxItems']} items, and has {len(value)}", ""
    return f"needs at least {schema['minItems']}, and has {len(value)}", ""


def _unique(value: Any, _: Schema) -> tuple[str, str]:
    doubled = next(each for number, each in enumerate(value) if each in value[:number])
    name = doubled.get("name") if isinstance(doubled, dict) else doubled
    return f"has {described(name) if name is not None else 'an item'} twice", "drop one of them"


def _constant(value: Any, schema: Schema) -> tuple[str, str]:
    return f"takes {schema['const']}, not {described(value)}", ""


def _other(value: Any, _: Schema) -> tuple[str, str]:
    return f"does not take {described(value)}", ""


_VALUES: dict[str, Callable[[Any, Schema], tuple[str, str]]] = {
    "const": _constant,
    "enum": _enum,
    "maximum": _limit,
    "maxItems": _items,
    "maxLength": _length,
    "minimum": _limit,
    "minItems": _items,
    "minLength": _length,
    "pattern": _pattern,
    "type": _type,
    "uniqueItems": _unique,
}
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}


def _either(words: list[str], last: str = "or") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def described(value: Any) -> str:
    """A value with the word for its kind: the text '80', the number 80, a list."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return f"the text {short(value)!r}" if value else "an empty text"
    if isinstance(value, int | float):
        return f"the number {digits(str(value))}"
    return "a list" if isinstance(value, list) else "a mapping"
