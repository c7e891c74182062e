"""Strict schemas of all Istio kinds, from the CustomResourceDefinitions in the module istio.io/api."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from strict import FORMATS, Schema, files, named, root

NEW_KINDS = ("TrafficExtension",)
NEW_FIELDS = {
    # What the CRDs of 1.31 have and those of 1.30.3 prune, wherever it stands in the kind.
    "DestinationRule": {
        "http2KeepAlive",
        "zoneAwareLbSetting",
        "outlierDetectionHttpErrorCodes",
        "budgetInterval",
    },
    "Gateway": {"insecureSkipVerify"},
    "Sidecar": {"http2KeepAlive", "insecureSkipVerify"},
    "VirtualService": {"prefixRewrite"},
}
OLD_LIMITS: dict[str, dict[str, Schema]] = {
    # What the webhook of 1.30.3 refuses and that of 1.31 takes.
    "DestinationRule": {"aggression": {"minimum": 1}},
}
_COPIED = {
    "enum", "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum",
    "pattern", "required", "type",
}  # fmt: skip
_COMBINED = {"allOf", "anyOf", "oneOf", "not"}
_DROPPED = {
    "description", "x-kubernetes-list-map-keys", "x-kubernetes-list-type", "x-kubernetes-validations", "nullable",
    "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields", "format", "properties", "items",
    "additionalProperties",
}  # fmt: skip
# NameIsDNSSubdomain: apiextensions-apiserver's pkg/registry/customresource/validator.go.
METADATA: Schema = {"$ref": "#/$defs/meta.v1.ObjectMeta", "properties": {"name": {"$ref": "#/$defs/name.Subdomain"}}}
# strfmt's "byte" takes what the module github.com/asaskevich/govalidator calls Base64, which is never empty.
_BYTE = {
    "title": "base64 text",
    "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$",
}
_AT_MOST_ONE = re.compile(r"(?:(?: \+ )?\(has\(self\.\w+\) \? 1 : 0\))+ <= 1")
_UNIT = "(ns|us|µs|μs|ms|s|m|h)"
_PART = rf"([0-9]+(\.[0-9]*)?|\.[0-9]+){_UNIT}"
_MORE_THAN_ZERO = rf"([0-9]*[1-9][0-9]*(\.[0-9]*)?|[0-9]*\.[0-9]*[1-9][0-9]*){_UNIT}"
# What Go's time.ParseDuration takes, for CEL's duration() is that function. Of its lower limit a pattern can only say
# that it is not zero.
_DURATION = {
    "title": "a duration of at least 1ms, such as 30s or 250ms",
    "pattern": rf"^\+?({_PART})*{_MORE_THAN_ZERO}({_PART})*$",
}


def schemas(module: Path, minor: str, shared: dict[str, Schema]) -> Iterator[tuple[str, str]]:
    """Path and text of each schema file of Istio `minor`; `shared` defines ObjectMeta and all that it refers to."""
    text = (module / "kubernetes/customresourcedefinitions.gen.yaml").read_text("utf-8")
    crds = [document["spec"] for document in yaml.safe_load_all(text) if document]
    definitions = deepcopy(shared)
    kinds: dict[tuple[str, str], Schema] = {}
    for crd in crds:
        kind = crd["names"]["kind"]
        if minor == "1.30" and kind in NEW_KINDS:
            continue
        old = minor == "1.30"
        new = NEW_FIELDS.get(kind, set()) if old else set()
        limits = OLD_LIMITS.get(kind, {}) if old else {}
        for version in crd["versions"]:
            if version["served"]:
                upstream = version["schema"]["openAPIV3Schema"]
                api_version = f"{crd['group']}/{version['name']}"
                kinds[api_version, kind] = _kind(api_version, kind, _as_of(upstream, new, limits), definitions)
    yield from files(f"istio/v{minor}", kinds, definitions)


def _kind(api_version: str, kind: str, upstream: Schema, definitions: dict[str, Schema]) -> Schema:
    """The schema of one version of a kind. Versions that mean the same share the definition of their spec."""
    strict = _strict(upstream)
    spec = strict["properties"]["spec"]
    name = kind if definitions.setdefault(kind, spec) == spec else f"{kind}.{api_version.rpartition('/')[2]}"
    definitions[name] = spec
    strict["properties"] = {
        "metadata": named(METADATA),
        "spec": {"$ref": f"#/$defs/{name}"},
        "status": strict["properties"]["status"],
    }
    made = root(api_version, kind, strict)
    return made | {"required": [*made["required"], "metadata"]}


def _as_of(schema: Any, unknown: set[str], limits: dict[str, Schema]) -> Any:
    """A copy of a CRD's schema without the properties that are `unknown`, and with the `limits` of others, by name."""
    if isinstance(schema, list):
        return [_as_of(each, unknown, limits) for each in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: _as_of(each, unknown, limits) for key, each in schema.items() if key != "properties"}
    if "properties" in schema:
        kept = {name: each for name, each in schema["properties"].items() if name not in unknown}
        copy["properties"] = {name: _as_of(each, unknown, limits) | limits.get(name, {}) for name, each in kept.items()}
    return copy


def _strict(schema: Schema) -> Schema:
    """One upstream schema without descriptions, closed as the API server prunes; null only where it is said."""
    strict = _copied(schema)
    if schema.get("x-kubernetes-int-or-string"):
        strict.pop("anyOf", None)
        strict["type"] = ["integer", "string"]
    if strict.get("type") == "object":
        _close(strict, schema)
    if "items" in schema:
        strict["items"] = _strict(schema["items"])
    for rule in schema.get("x-kubernetes-validations", []):
        _add_rule(strict, rule["rule"])
    if schema.get("nullable"):
        if _COMBINED & set(strict) or "enum" in strict:
            raise ValueError("null beside a combination or enumeration is not foreseen")
        strict["type"] = [strict["type"], "null"]
    return strict


def _copied(schema: Schema) -> Schema:
    unknown = set(schema) - _COPIED - _COMBINED - _DROPPED
    if unknown:
        raise ValueError(f"keywords not foreseen: {sorted(unknown)}")
    strict = {key: schema[key] for key in schema if key in _COPIED}
    for key in sorted(_COMBINED & set(schema)):
        strict[key] = _branch(schema[key])
    if schema.get("x-kubernetes-list-type") in ("map", "set"):
        strict["uniqueItems"] = True
    return (_BYTE if schema.get("format") == "byte" else FORMATS.get(schema.get("format", ""), {})) | strict


def _branch(branch: Any) -> Any:
    """A part of a combination: it restricts what the schema beside it describes, so it stays open."""
    if isinstance(branch, list):
        return [_branch(each) for each in branch]
    if isinstance(branch, dict):
        return {key: _branch(each) for key, each in branch.items() if key not in ("description", "format")}
    return branch


def _close(strict: Schema, schema: Schema) -> None:
    if "additionalProperties" in schema:
        values = schema["additionalProperties"]
        strict["additionalProperties"] = _strict(values) if isinstance(values, dict) else values
        return
    if "properties" in schema:
        strict["properties"] = {name: _strict(each) for name, each in schema["properties"].items()}
    if not schema.get("x-kubernetes-preserve-unknown-fields"):
        strict["additionalProperties"] = False


def _add_rule(strict: Schema, rule: str) -> None:
    """Say in JSON Schema what it can say of a CEL rule: fields that exclude each other, ports, durations."""
    if _AT_MOST_ONE.fullmatch(rule):
        names = re.findall(r"self\.(\w+)", rule)
        pairs = [{"not": {"required": list(pair)}} for pair in combinations(sorted(names), 2)]
        strict["allOf"] = [*strict.get("allOf", []), *(pair for pair in pairs if pair not in strict.get("allOf", []))]
    elif rule == "0 < self && self <= 65535":
        strict.update(minimum=1, maximum=65535)
    elif rule == "duration(self) >= duration('1ms')":
        strict.update(_DURATION)
