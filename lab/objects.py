"""Objects as they are applied: YAML text, or what it says, and what they are called."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

Manifests = str | dict[str, Any] | Iterable[dict[str, Any]]

_SPLIT = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Object:
    """One object: the text that is sent, and what of it the lab has to know."""

    api_version: str
    kind: str
    namespace: str
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def read(manifests: Manifests) -> Iterator[Object]:
    """The objects of YAML text or of dictionaries; text is sent as it stands. Raises YAMLError and KeyError."""
    if isinstance(manifests, str):
        for text in _SPLIT.split(manifests):
            data = yaml.load(text, Loader=yaml.CSafeLoader)
            if data is not None:
                yield _object(data, text)
    else:
        for data in [manifests] if isinstance(manifests, dict) else manifests:
            yield _object(data, json.dumps(data))


def _object(data: dict[str, Any], text: str) -> Object:
    meta = data["metadata"]
    return Object(data["apiVersion"], data["kind"], meta.get("namespace", ""), meta["name"], text)
