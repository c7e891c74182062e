"""Strict schemas of all built-in kinds of one Kubernetes version, from its module's OpenAPI and generated Go code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import constraints
from addresses import addresses
from constraints import CONSTRAINTS, ENUM_GROUPS, NAMES, OBJECT_NAMES, SPECIAL
from pod_constraints import POD_CONSTRAINTS
from service_constraints import SERVICE_CONSTRAINTS
from strict import FORMATS, Schema, files, named, root
from version_constraints import CONSTRAINTS_FROM, UNREQUIRED
from volume_constraints import VOLUME_CONSTRAINTS
from workload_constraints import KEPT_BY, NEED_SPEC, WORKLOAD_CONSTRAINTS, WORKLOAD_NAMES

_KEPT = ("type", "required", "items", "properties", "additionalProperties")
_FUNCTION = re.compile(r"func schema_k8sio_api_(\w+?)_(v[0-9]\w*?)_(\w+)\(")
_PROPERTY = re.compile(r'\t+"(\w+)": \{$')
_ENUM = re.compile(r"\t+Enum:\s+\[\]interface\{\}\{(.*)\},$")


def schemas(module: Path, minor: str) -> Iterator[tuple[str, str]]:
    """Path and text of each schema file of Kubernetes `minor`, whose module's source is in the folder `module`."""
    upstream = json.loads((module / "api/openapi-spec/swagger.json").read_text("utf-8"))["definitions"]
    ours = NAMES | WORKLOAD_NAMES | SPECIAL | addresses(minor)
    definitions = {_short(name): _strict(schema) for name, schema in upstream.items()} | deepcopy(ours)
    if len(definitions) != len(upstream | ours) - len(set(SPECIAL) & {_short(name) for name in upstream}):
        raise ValueError("two definitions have one short name")
    _enumerate(definitions, module / "pkg/generated/openapi/zz_generated.openapi.go")
    later = [rules for since, rules in CONSTRAINTS_FROM.items() if _number(minor) >= _number(since)]
    always = [CONSTRAINTS, SERVICE_CONSTRAINTS, WORKLOAD_CONSTRAINTS, POD_CONSTRAINTS, VOLUME_CONSTRAINTS]
    for rules in [*always, *later]:
        for name, constrained in rules.items():
            for key, constraint in constrained.items():
                _constrain(definitions[name], key, constraint)
    for name, key in UNREQUIRED.items():
        definitions[name]["required"].remove(key)
    kinds = dict(_kinds(upstream, definitions, minor))
    yield from files(f"kubernetes/v{minor}", kinds, definitions)


def _short(name: str) -> str:
    """io.k8s.api.core.v1.PodSpec is core.v1.PodSpec: the last three parts are unique."""
    return ".".join(name.split(".")[-3:])


def _strict(schema: Schema) -> Schema:
    """One upstream schema without descriptions, closed, with number formats as ranges."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{_short(schema['$ref'].removeprefix('#/definitions/'))}"}
    strict: Schema = {key: schema[key] for key in _KEPT if key in schema}
    if "format" in schema:
        strict |= FORMATS[schema["format"]]
    if "properties" in schema:
        strict["properties"] = {name: _strict(each) for name, each in schema["properties"].items()}
        strict["additionalProperties"] = False
    elif schema.get("type") == "object" and "additionalProperties" not in schema:
        strict["additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            strict[key] = _strict(schema[key])
    if schema.get("x-kubernetes-list-type") in ("map", "set"):
        strict["uniqueItems"] = True  # as far as a schema can say it: two items of one key are not always the same
    return strict


def _enumerate(definitions: dict[str, Schema], source: Path) -> None:
    """Add what `// +enum` types allow: the Go code has it, the published OpenAPI leaves it out."""
    name = field = ""
    for line in source.read_text("utf-8").splitlines():
        if line.startswith("func "):
            match = _FUNCTION.match(line)
            name = ".".join(match.groups()) if match and match[1] in ENUM_GROUPS else ""
        elif match := _PROPERTY.match(line):
            field = match[1]
        elif (match := _ENUM.match(line)) and name in definitions and not name.endswith(("Status", "Condition")):
            schema = definitions[name]
            values = json.loads(f"[{match[1]}]")
            optional = field not in schema.get("required", []) and "items" not in schema["properties"][field]
            _constrain(schema, field, {"enum": sorted({*values, *([""] if optional else [])})})


def _constrain(schema: Schema, key: str, constraint: Schema) -> None:
    """Add a constraint to the property `key` of a definition (of its items, where it is a list); "" is the whole."""
    if key and key not in schema["properties"]:
        raise KeyError(f"{key!r} is constrained, and nowhere in the definition")
    target: Schema = schema["properties"][key] if key else schema
    if "enum" in constraint and "items" in target:
        target = target["items"]
    if "required" in constraint:
        constraint = constraint | {"required": sorted({*constraint["required"], *target.get("required", [])})}
    if "$ref" in constraint:
        target.clear()
    _merge(target, deepcopy(constraint))


def _merge(target: Schema, constraint: Schema) -> None:
    for key, value in constraint.items():
        if key in ("items", "properties") and key in target:
            for name, each in value.items() if key == "properties" else [(key, value)]:
                owner = target["properties"] if key == "properties" else target
                _merge(owner.setdefault(name, {}), each)
        elif key == "allOf":
            target.setdefault(key, []).extend(value)
        else:
            target[key] = value


def _number(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split("."))


def _kinds(
    upstream: dict[str, Any], definitions: dict[str, Schema], minor: str
) -> Iterator[tuple[tuple[str, str], Schema]]:
    """apiVersion, kind and schema of all that has ObjectMeta: objects and subresources, but no lists or options."""
    for name, schema in upstream.items():
        metadata = schema.get("properties", {}).get("metadata", {})
        if "x-kubernetes-group-version-kind" not in schema or not metadata.get("$ref", "").endswith(".ObjectMeta"):
            continue
        [known] = schema["x-kubernetes-group-version-kind"]
        api_version = "/".join(filter(None, [known["group"], known["version"]]))
        made = root(api_version, known["kind"], deepcopy(definitions[_short(name)]))
        if not api_version.startswith(constraints.NAMELESS_GROUPS) and known["kind"] not in constraints.NAMELESS_KINDS:
            made["properties"]["metadata"] = named(
                made["properties"]["metadata"] | _name(api_version, known["kind"], minor)
            )
            made["required"].append("metadata")
        if (api_version, known["kind"]) in NEED_SPEC and "spec" not in made["required"]:
            made["required"].append("spec")
        yield (api_version, known["kind"]), made


def _name(api_version: str, kind: str, minor: str) -> Schema:
    """What name and finalizers of an object of this kind must be, beside what every ObjectMeta must be."""
    rule = OBJECT_NAMES.get((api_version, kind))
    if rule is None:
        return {}
    if kind == "Service" and minor in constraints.STRICT_SERVICE_NAMES:
        rule = "name.Label1035"
    return {"properties": {"name": {"$ref": f"#/$defs/{rule}"}, **KEPT_BY}}
