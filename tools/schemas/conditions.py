"""Parts that the tables of constraints share: references, and conditions between the values of one object."""

from __future__ import annotations

from strict import Schema


def ref(name: str) -> Schema:
    """A reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def having(**values: str) -> Schema:
    """An object with these values."""
    return {"required": list(values), "properties": {key: {"const": value} for key, value in values.items()}}


def needing(**rules: Schema) -> Schema:
    """An object that has these keys, each as its rule wants it."""
    return {"required": list(rules), "properties": dict(rules)}


def also(schema: Schema, **rules: Schema) -> Schema:
    """The schema with rules for keys that may be absent."""
    return schema | {"properties": schema["properties"] | rules}


def without(*keys: str) -> Schema:
    """An object that has none of these keys."""
    return {"allOf": [{"not": {"required": [key]}} for key in keys]}


NOT_EMPTY: Schema = {"minLength": 1}
SOME: Schema = {"minItems": 1}
NONE: Schema = {"maxItems": 0}
