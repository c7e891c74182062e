"""Where else in a schema a key may stand that was written in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_DEEP = 3
"""Levels below each mapping above the key that are searched: `spec` to `spec.template.spec.nodeSelector`."""


def place_of(key: str, path: tuple[str | int, ...], document: Schema) -> str | None:
    """The nearest place that takes `key`, which stands in the mapping at `path`; None where nothing near does.

    A place is written as in `spec.trafficPolicy.outlierDetection`; `[]` stands for the items of a list.
    """
    above = list(_above(path, document))
    for names, schema in reversed(above):
        level = [(names, schema)]
        for _ in range(_DEEP):
            level = [(here, each) for names, found in level for here, each in _below(names, found, document)]
            place = next((here for here, found in level if key in found.get("properties", ())), None)
            if place is not None:
                return ".".join(place).replace(".[]", "[]")
    return next((".".join(names) for names, schema in above[1:] if key in schema.get("properties", ())), None)


def _above(path: tuple[str | int, ...], document: Schema) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """The schemas of the mappings above a place, from the whole object on; where a path cannot be followed, no more."""
    names: tuple[str, ...] = ()
    schema = document
    for step in path:
        if isinstance(step, str):
            yield names, schema
        names = (*names, step if isinstance(step, str) else "[]")
        below = schema.get("items") if isinstance(step, int) else schema.get("properties", {}).get(step)
        if not isinstance(below, dict):
            return
        schema = _meant(below, document)


def _below(names: tuple[str, ...], schema: Schema, document: Schema) -> Iterator[tuple[tuple[str, ...], Schema]]:
    for name, below in schema.get("properties", {}).items():
        found = _meant(below, document)
        if "items" in found:
            yield (*names, name, "[]"), _meant(found["items"], document)
        elif "properties" in found:
            yield (*names, name), found


def _meant(schema: Schema, document: Schema) -> Schema:
    """A schema, or the definition that it refers to."""
    if "$ref" not in schema:
        return schema
    found: Schema = document
    for step in schema["$ref"].split("/")[1:]:
        found = found[step]
    return found
