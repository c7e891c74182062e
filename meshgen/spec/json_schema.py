"""The spec language as a JSON Schema (2020-12), for editors: descriptions, defaults, and all that a schema can see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from meshgen.spec.check import MODELS
from meshgen.spec.kubernetes_schema import Definitions
from meshgen.spec.model import SpecModel
from meshgen.spec.schema_rules import RULES, not_both

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TOP = {
    "apiVersion": {"const": "meshgen.dev/v1", "description": "Version of the spec language."},
    "kind": {"enum": list(MODELS), "description": "Kind of the spec."},
    "metadata": {"type": "object", "description": "Name, namespace and labels."},
    "spec": {"type": "object", "description": "What the service or gateway is."},
}
_ABSENT = re.compile(r"\babsent(?: or [^:;]+)?: (.+?)(?:[;.](?: |$)|, so )")


class _Generator(GenerateJsonSchema):
    """Pydantic's, without the titles that only repeat the names."""

    def get_title_from_name(self, name: str) -> str:  # noqa: ARG002
        return ""


def json_schema(kind: str | None = None) -> Schema:
    """The schema of one kind of spec, or of both in one."""
    kinds = [kind] if kind is not None else list(MODELS)
    _, schema = models_json_schema(
        [(MODELS[each], "validation") for each in kinds], by_alias=True, schema_generator=_Generator
    )
    definitions = {
        name: _tidy(definition) | {"type": ["object", "null"]} for name, definition in schema["$defs"].items()
    }
    for model in _models(SpecModel):
        definition = definitions.get(model.__name__)
        if definition is not None:
            rules = [not_both(pair) for group in model.one_of for pair in combinations(group, 2)]
            rules += RULES.get(model.__name__, [])
            definition |= {"allOf": rules} if rules else {}
    for name, definition in definitions.items():
        for field in definition.get("properties", {}).values():
            if not name.endswith("Part"):  # what a part leaves out stays as it is in what it is laid over
                _name_default(field)
    _hand_on(definitions)
    whole: Schema = {"$schema": _DIALECT, "title": "meshgen spec", "type": "object"}
    if len(kinds) == 1:
        return whole | {"$ref": f"#/$defs/{kinds[0]}", "$defs": definitions}
    whole |= {"required": list(_TOP), "properties": _TOP}
    whole["allOf"] = [
        {"if": {"properties": {"kind": {"const": each}}, "required": ["kind"]}, "then": {"$ref": f"#/$defs/{each}"}}
        for each in kinds
    ]
    return whole | {"$defs": definitions}


def json_schema_text(kind: str | None = None) -> str:
    """The same as text, ready to be a file."""
    return json.dumps(json_schema(kind), indent=1, ensure_ascii=False) + "\n"


def _models(model: type[SpecModel]) -> Iterator[type[SpecModel]]:
    for child in model.__subclasses__():
        yield child
        yield from _models(child)


def _tidy(node: Any) -> Any:
    """Without empty titles, and without alternatives to null: validators could say only that none of them fits.

    Definitions take null, and a reference to one says so where it must not be.
    """
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _tidy(value) for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    if node.get("default", ...) is None:
        del node["default"]
    if len(node.get("patternProperties", ())) == 1:
        ((pattern, values),) = node.pop("patternProperties").items()
        node |= {"propertyNames": {"pattern": pattern}, "additionalProperties": values}
    if "$ref" in node:
        node["type"] = "object"
    match node.get("anyOf"):
        case [{"$ref": str(reference)}, {"type": "null"}]:
            del node["anyOf"]
            node["$ref"] = reference
        case [{"type": str(kind)} as other, {"type": "null"}]:
            del node["anyOf"]
            node |= {**other, "type": [kind, "null"]}
            if "const" in node:
                node["enum"] = [node.pop("const")]
            if "enum" in node:
                node["enum"].append(None)
    return node


def _name_default(field: Schema) -> None:
    """Give a field the default that its description names (`absent: 10s`), if it is a value that the field takes."""
    found = _ABSENT.search(field.get("description", ""))
    if found is None:
        return
    words = found[1]
    types = field.get("type", ())
    if words in field.get("enum", ()) or ("string" in types and re.search(_pattern(field), words.replace(", ", ","))):
        field["default"] = words.replace(", ", ",")
    elif "boolean" in types and words in ("true", "false"):
        field["default"] = words == "true"
    elif {"integer", "number"} & {*types} and words.isdecimal():
        field["default"] = int(words)
    elif "object" in types and re.fullmatch(r"[a-z]+: [a-z]+", words):
        field["default"] = dict([words.split(": ")])


def _pattern(field: Schema) -> str:
    return str(field.get("pattern", "$^"))


def _hand_on(definitions: dict[str, Schema]) -> None:
    """Say what Kubernetes' own fields are in those parts of a spec that are handed on to it."""
    if "ServiceSpec" not in definitions:
        return
    kubernetes = Definitions()
    workload = kubernetes.properties("apps.v1.DeploymentSpec", "selector", "template")
    workload |= kubernetes.properties("apps.v1.StatefulSetSpec", "selector", "template", "serviceName", *workload)
    _add(definitions["Workload"], workload)
    _add(definitions["Pod"], kubernetes.properties("core.v1.PodSpec", "serviceAccountName"))
    _add(definitions["Container"], kubernetes.properties("core.v1.Container"))
    service = kubernetes.properties("core.v1.ServiceSpec", "ports", "selector")
    service["clusterIP"]["not"] = {"const": "None"}
    service["type"]["enum"].remove("ExternalName")
    service["annotations"] = definitions["Pod"]["properties"]["annotations"] | {
        "description": "Annotations of the Service."
    }
    definitions["ServiceSpec"]["properties"]["service"] |= {"properties": service, "additionalProperties": False}
    definitions["Endpoint"]["properties"]["targetRef"] |= kubernetes.reference("core.v1.ObjectReference")
    definitions |= dict(sorted(kubernetes.used.items()))


def _add(definition: Schema, fields: dict[str, Schema]) -> None:
    """Kubernetes' fields beside our own; what both have is Kubernetes' with our description, unless it is typed."""
    own: dict[str, Schema] = definition["properties"]
    for key, field in own.items():
        if key in fields:
            fields[key]["description"] = field["description"]
    definition["properties"] = {key: fields.pop(key, field) for key, field in own.items()} | fields
    definition["additionalProperties"] = False
