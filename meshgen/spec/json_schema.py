"""The spec language as a JSON Schema (2020-12), for editors: descriptions, defaults, and all that a schema can see."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from meshgen.spec.check import MODELS
from meshgen.spec.model import SpecModel

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Pydantic's, without the titles that only repeat the names."""

    def get_title_from_name(self, name: str) -> str:  # noqa: ARG002
        return ""


def json_schema(kind: str | None = None) -> dict[str, Any]:
    """The schema of one kind of spec, or of both in one."""
    kinds = [kind] if kind is not None else list(MODELS)
    _, schema = models_json_schema(
        [(MODELS[each], "validation") for each in kinds], by_alias=True, schema_generator=_Generator
    )
    definitions = {name: _tidy(definition) for name, definition in schema["$defs"].items()}
    for model in _models(SpecModel):
        definition = definitions.get(model.__name__)
        if definition is not None and model.one_of:
            definition["allOf"] = [_not_both(pair) for group in model.one_of for pair in combinations(group, 2)]
    whole: dict[str, Any] = {"$schema": _DIALECT, "title": "meshgen spec", "type": "object"}
    if len(kinds) == 1:
        return whole | {"$ref": f"#/$defs/{kinds[0]}", "$defs": definitions}
    whole["required"] = ["apiVersion", "kind", "metadata", "spec"]
    whole["properties"] = {"kind": {"enum": kinds, "description": "Kind of the spec."}}
    whole["allOf"] = [
        {"if": {"properties": {"kind": {"const": each}}}, "then": {"$ref": f"#/$defs/{each}"}} for each in kinds
    ]
    return whole | {"$defs": definitions}


def _models(model: type[SpecModel]) -> list[type[SpecModel]]:
    return [found for child in model.__subclasses__() for found in (child, *_models(child))]


def _not_both(pair: tuple[str, str]) -> dict[str, Any]:
    """At most one of two keys, where null counts as not there."""
    written = {"not": {"type": "null"}}
    return {"not": {"required": list(pair), "properties": dict.fromkeys(pair, written)}}


def _tidy(node: Any) -> Any:
    """Without empty titles, and with `null` as one more type instead of an alternative where that says the same."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _tidy(value) for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    if node.get("default", ...) is None:
        del node["default"]
    return node
