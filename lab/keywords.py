"""What each keyword of a schema makes of a value that the schema takes: values at its edges, on both sides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from meshgen.validator import schema_set

KUBERNETES, ISTIO = "1.36", "1.31"
"""The versions of the programs that the lab runs."""

Schema = dict[str, Any]

_OTHERS: dict[str, Any] = {
    "text": "text",
    "a number in quotes": "7",
    "true in quotes": "true",
    "an empty text": "",
    "a whole number": 7,
    "a whole number with a point": 7.0,
    "a fraction": 0.5,
    "true": True,
    "a list": [],
    "a mapping": {},
    "null": None,
}
_TEXTS = ["a", "1", "a1", "1a", "A", "", " ", " a", "a ", "a-b", "a--b", "-a", "a-", "a.b", "a..b", "a_b", "a/b", "a:b"]
_TEXTS += ["ä", "a\n", "10.0.0.1", "10.0.0.01", "::1", "25%", *("a" * size for size in (15, 16, 63, 64, 253, 254))]
_DURATIONS = ("1ms", "1h30m", "1.5s", ".5s", "+1s", "1000us", "0s", "999us", "30", "1d", "1 s", "-1s", "1S", "")
_QUANTITIES = ("250m", "1.5", "1Ki", "1e3", ".5Gi", "1KB", "1 Gi", "ten", "-1", "", 2, 0.5)
_LONGEST = 5000  # longer lists take seconds each, and say no more
_KEYS = ("a.b/c", "A.b/c", "a_b", "a b", "-a", "a/b/c", "/a", "a" * 63, "a" * 64, "")
_SAMPLES = {"a duration": "5s", "a quantity": "1", "a time such": "2006-01-02T15:04:05Z", "base64 text": "aGk="}


@dataclass(frozen=True)
class Change:
    """A value that takes another's place, the keyword that it tries, and what was done in words."""

    keyword: str
    done: str
    value: Any


class Reader:
    """The schema of a kind, with its references followed."""

    def __init__(self, api_version: str, kind: str) -> None:
        self.whole: Schema = json.loads(schema_set(KUBERNETES, ISTIO).text(api_version, kind) or "{}")

    def resolved(self, schema: Schema) -> Schema:
        """A schema with what it refers to, and what it adds to that."""
        if "$ref" not in schema:
            return schema
        target = self.whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return self.resolved(_merged(target, {key: each for key, each in schema.items() if key != "$ref"}))

    def sample(self, schema: Schema) -> Any:
        """A small value that the schema takes, as far as its parts say so by themselves."""
        schema = self.resolved(schema)
        if "const" in schema or "enum" in schema:
            return schema.get("const") or next(filter(None, schema["enum"]))
        kind = _types(schema)[0]
        if kind == "object":
            needed = [*schema.get("required", []), *_chosen(schema)]
            return {key: self.sample(schema["properties"][key]) for key in dict.fromkeys(needed)}
        if kind == "array":
            return [self.sample(schema["items"])] * schema.get("minItems", 1)
        title = schema.get("title", "")
        text = next((text for words, text in _SAMPLES.items() if title.startswith(words)), "a")
        return {"string": text, "integer": max(1, schema.get("minimum", 1)), "number": 1.5, "boolean": True}[kind]

    def changes(self, schema: Schema, value: Any) -> Iterator[Change]:
        """What the keywords of a schema make of a value that it takes."""
        schema = self.resolved(schema)
        if "const" in schema:
            yield from (Change("const", repr(other), other) for other in _names_like(value))
            return
        yield from (Change("type", done, other) for done, other in _OTHERS.items())
        yield from _limits(schema)
        if isinstance(value, str):
            yield from _texts(schema)
        elif isinstance(value, list):
            yield from self._of_list(schema, value)
        elif isinstance(value, dict):
            yield from self._of_mapping(schema, value)
            yield from self._of_combinations(schema, value)

    def _of_list(self, schema: Schema, value: list[Any]) -> Iterator[Change]:
        sample = self.sample(schema["items"])
        yield Change("minItems", "no item", [])
        yield Change("minItems", "one item", value[:1])
        yield Change("minItems", "a sample alone", [sample])
        yield Change("items", "the order turned round", value[::-1])
        yield Change("items", "a sample added", [*value, sample])
        yield Change("items", "null added", [*value, None])
        yield Change("uniqueItems", "one item twice", [*value, value[-1]])
        if isinstance(value[-1], dict):
            for key in value[-1]:
                yield Change("uniqueItems", f"one item twice, but for {key}", [*value, _without(value[-1], key)])
        most = schema.get("maxItems", _LONGEST)
        if most < _LONGEST:
            yield from (Change("maxItems", f"{size} items", [sample] * size) for size in (most - 1, most, most + 1))

    def _of_mapping(self, schema: Schema, value: dict[str, Any]) -> Iterator[Change]:
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        yield Change("minProperties", "nothing in it", {})
        for key in value:
            yield Change("required", f"no {key}", _without(value, key))
        absent = {key: self.sample(known[key]) for key in sorted(set(known) - set(value))}
        yield from (Change("properties", f"{key} added", value | {key: absent[key]}) for key in absent)
        if "maxProperties" in schema:
            yield from (Change("maxProperties", f"{key} too", value | {key: absent[key]}) for key in absent)
        if others is False:
            yield Change("additionalProperties", "unknown key", value | {"unknownKey": "a"})
            for key in value:
                yield Change("additionalProperties", f"{key} misspelt", _renamed(value, key, f"{key}s"))
        elif isinstance(others, dict):
            entry = self.sample(others)
            yield from (Change("propertyNames", _short(key), value | {key: entry}) for key in _KEYS)
            yield from (Change("additionalProperties", done, value | {"a": other}) for done, other in _OTHERS.items())

    def _of_combinations(self, schema: Schema, value: dict[str, Any]) -> Iterator[Change]:
        known = schema.get("properties", {})
        for keyword in ("allOf", "anyOf", "oneOf", "not", "if"):
            rules = [schema.get(each) for each in (("if", "then", "else") if keyword == "if" else (keyword,))]
            names = _named(rules) & set(known)
            samples = {key: self.sample(known[key]) for key in sorted(names - set(value))}
            if names & set(value):
                yield Change(keyword, "none of them", {key: each for key, each in value.items() if key not in names})
            for key in sorted(names & set(value)):
                rest = _without(value, key)
                yield Change(keyword, f"no {key}", rest)
                yield from (Change(keyword, f"{new} instead of {key}", rest | {new: samples[new]}) for new in samples)
            yield from (Change(keyword, f"{new} too", value | {new: samples[new]}) for new in samples)


def _merged(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: _merged(below.get(key), each) for key, each in above.items()}
    return above


def _types(schema: Schema) -> list[str]:
    kinds = schema.get("type", "object")
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _chosen(schema: Schema) -> list[str]:
    """Keys without which a combination would not be content."""
    if schema.get("oneOf"):
        return list(schema["oneOf"][-1].get("required", []))
    return list(schema.get("properties", {}))[: schema.get("minProperties", 0)]


def _names_like(value: str) -> list[str]:
    """Other versions of an apiVersion, and misspellings of it or of a kind."""
    group = value.rpartition("/")[0]
    versions = [f"{group}/{version}" for version in ("v1", "v1beta1", "v1alpha3")] if group else ["apps/v1", "v2"]
    return [*versions, value.lower(), value.upper(), f"{value}s", ""]


def _limits(schema: Schema) -> Iterator[Change]:
    for known in schema.get("enum", []):
        yield from (Change("enum", repr(other), other) for other in (known, known.lower(), known.upper(), f"{known}X"))
    for keyword, inside in (("minimum", 1), ("maximum", -1), ("exclusiveMinimum", 1)):
        if keyword in schema:
            limit = schema[keyword]
            yield from (Change(keyword, str(each), each) for each in (limit - inside, limit, limit + inside))
    for keyword, outside in (("minLength", -1), ("maxLength", 1)):
        if keyword in schema:
            sizes = (schema[keyword], schema[keyword] + outside)
            yield from (Change(keyword, f"{size} characters", "a" * size) for size in sizes)


def _texts(schema: Schema) -> Iterator[Change]:
    title = schema.get("title", "")
    texts = [*_DURATIONS] if title.startswith("a duration") else [*_QUANTITIES] if "quantity" in title else _TEXTS
    yield from (Change("pattern", _short(text), text) for text in texts if "enum" not in schema)


def _named(schema: Any) -> set[str]:
    """The keys that a combination asks for or shuts out."""
    if isinstance(schema, list):
        return {name for each in schema for name in _named(each)}
    if isinstance(schema, dict):
        here = {*schema.get("required", []), *schema.get("properties", {})}
        return here.union(*(_named(each) for each in schema.values()))
    return set()


def _without(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: each for name, each in value.items() if name != key}


def _renamed(value: dict[str, Any], key: str, new: str) -> dict[str, Any]:
    return {new if name == key else name: each for name, each in value.items()}


def _short(text: Any) -> str:
    return repr(text) if len(str(text)) < 20 else f"{text[:3]!r} and so on, {len(text)} characters"
