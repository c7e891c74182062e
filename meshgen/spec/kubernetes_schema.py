"""What a spec hands on to Kubernetes, as JSON Schema: parts of Kubernetes' own definitions, every field optional."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from meshgen.merging import NAMED_BY

Schema = dict[str, Any]

_SCHEMAS = Path(__file__).parent.parent / "schemas" / "kubernetes"
_PREFIX = "#/$defs/"
_KEPT = (
    "additionalProperties", "enum", "items", "maxLength", "maximum", "minLength", "minimum", "pattern", "propertyNames",
    "type",
)  # fmt: skip
"""Keywords that hold for a part as they hold for the whole; those about several fields do not."""

_PATCH = {"enum": ["delete", None], "description": "delete: this item is taken away."}


class Definitions:
    """The newest Kubernetes' definitions as fragments; `used` holds those that were asked for, by name."""

    def __init__(self) -> None:
        newest = max(_SCHEMAS.iterdir(), key=lambda folder: [int(part) for part in folder.name[1:].split(".")])
        self._all: dict[str, Schema] = json.loads((newest / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
        self.used: dict[str, Schema] = {}

    def properties(self, name: str, *left_out: str) -> dict[str, Schema]:
        """The fields of a definition, each of which may be left out or null, without those that meshgen writes."""
        fields = self._all[name].get("properties", {})
        short = name.rpartition(".")[2]
        return {
            key: self._part(field, key) | {"description": f"Kubernetes' {short}.{key}."}
            for key, field in fields.items()
            if key not in left_out
        }

    def reference(self, name: str) -> Schema:
        """A reference to a definition, which is then among those used."""
        if name not in self.used:
            self.used[name] = {}  # a definition may lead back to itself
            self.used[name] = self._definition(name)
        return {"$ref": _PREFIX + name}

    def _definition(self, name: str) -> Schema:
        whole = self._all[name]
        part = self._part(whole, "")
        if "properties" in whole:
            part["properties"] = self.properties(name)
        return part | ({"description": f"{whole['title'].capitalize()}."} if "title" in whole else {})

    def _part(self, whole: Schema, key: str) -> Schema:
        """The schema of a field named `key`, with null as one more value."""
        if "$ref" in whole:
            return self.reference(whole["$ref"].removeprefix(_PREFIX))
        part = {word: whole[word] for word in _KEPT if word in whole}
        if "type" in part:
            types = part["type"] if isinstance(part["type"], list) else [part["type"]]
            part["type"] = [*dict.fromkeys([*types, "null"])]
        if "enum" in part:
            part["enum"] = [*(value for value in part["enum"] if value != ""), None]
        for word in ("additionalProperties", "propertyNames"):
            if isinstance(part.get(word), dict):
                part[word] = self._part(part[word], "")
        if "items" in part:
            part["items"] = self._item(part["items"], key)
        return part

    def _item(self, whole: Schema, key: str) -> Schema:
        """An item of the list named `key`: not null, and in a list of named things named or taken away."""
        item = self._part(whole, "")
        if "$ref" not in item:
            return {word: whole[word] for word in _KEPT if word in whole}
        name = item["$ref"].removeprefix(_PREFIX)
        definition = self.used[name]
        if "properties" not in self._all[name]:
            return item
        if key in NAMED_BY and definition:
            definition["properties"]["$patch"] = _PATCH
            needed = [step for step in NAMED_BY[key][:1] if step in self._all[name].get("required", ())]
            if needed:
                return item | {"type": "object", "required": needed}
        return item | {"type": "object"}
