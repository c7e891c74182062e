"""What both generators share: ranges for number formats, references, and files that read well in a diff."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEFINITIONS = "_definitions.json"
FORMATS: dict[str, Schema] = {
    # Go's decoder refuses what does not fit; `format` itself is left out, because each validator has its own idea of it.
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {},  # its limits are no floating-point numbers, which is what kubeconform compares
    "byte": {"title": "base64 text", "pattern": r"^[A-Za-z0-9+/\r\n]*[=\r\n]*$"},
    "date-time": {
        "title": "a time such as 2006-01-02T15:04:05Z",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
    },
    "double": {},
    "int-or-string": {},
}
_REFERENCE = re.compile(r'"\$ref":\s*"#/\$defs/([^"]+)"')


def references(schema: Schema) -> set[str]:
    """The names of all definitions that a schema refers to."""
    return set(_REFERENCE.findall(json.dumps(schema)))


def reachable(definitions: dict[str, Schema], roots: list[Schema]) -> dict[str, Schema]:
    """The definitions that the roots need, and those that these need, sorted by name."""
    found: dict[str, Schema] = {}
    waiting = {name for root in roots for name in references(root)}
    while waiting:
        name = waiting.pop()
        found[name] = definitions[name]
        waiting |= references(definitions[name]) - set(found)
    return dict(sorted(found.items()))


def root(api_version: str, kind: str, schema: Schema) -> Schema:
    """The schema of one kind: `schema`, and apiVersion and kind as they must stand."""
    properties = {"apiVersion": {"const": api_version}, "kind": {"const": kind}}
    properties |= {name: each for name, each in schema["properties"].items() if name not in properties}
    required = dict.fromkeys(["apiVersion", "kind", *schema.get("required", [])])
    return schema | {"properties": properties, "required": list(required)}


def named(metadata: Schema) -> Schema:
    """ObjectMeta of an object that is created under a name, or under one made up for it."""
    return metadata | {"anyOf": [{"required": ["name"]}, {"required": ["generateName"]}]}


def file_name(api_version: str, kind: str) -> str:
    """The name that kubeconform's `{{.ResourceKind}}{{.KindSuffix}}.json` gives."""
    group, _, version = api_version.rpartition("/")
    suffix = "-".join([group.split(".")[0], version]) if group else version
    return f"{kind}-{suffix}.json".lower()


def files(
    folder: str, kinds: dict[tuple[str, str], Schema], definitions: dict[str, Schema]
) -> Iterator[tuple[str, str]]:
    """Path and text of each file: one for each kind, and one with a line for each definition that they share."""
    for (api_version, kind), schema in sorted(kinds.items()):
        outside = json.loads(json.dumps(schema).replace('"#/$defs/', f'"{DEFINITIONS}#/$defs/'))
        yield f"{folder}/{file_name(api_version, kind)}", _by_property({"$schema": DIALECT} | outside)
    needed = reachable(definitions, list(kinds.values()))
    lines = ",\n".join(f"{json.dumps(name)}:{_compact(schema)}" for name, schema in needed.items())
    yield f"{folder}/{DEFINITIONS}", f'{{"$schema":"{DIALECT}","$defs":{{\n{lines}\n}}}}\n'


def _by_property(schema: Schema) -> str:
    properties = ",\n".join(f"{json.dumps(name)}:{_compact(each)}" for name, each in schema["properties"].items())
    rest = {name: each for name, each in schema.items() if name != "properties"}
    return f'{_compact(rest)[:-1]},"properties":{{\n{properties}\n}}}}\n'


def _compact(schema: Schema) -> str:
    return json.dumps(schema, separators=(",", ":"), sort_keys=False)
