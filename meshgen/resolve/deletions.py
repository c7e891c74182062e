"""Items that `$patch: delete` takes away: each must be in a layer below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshgen.document import KeyPath
from meshgen.merging import NAMED_BY, item_name
from meshgen.resolve.context import Context

_PATCH = "$patch"


def check_deletions(context: Context) -> None:
    """Find deletions of what is not there."""
    if _PATCH not in context.findings.document.text:
        return
    for key in ("workload", "trafficPolicy"):
        base = context.raw.get(key)
        layers: list[tuple[KeyPath, Any, Any]] = [(("spec", key), None, base)]
        for number, version in enumerate(context.raw.get("versions") or ()):
            layers.append((("spec", "versions", number, key), base, version.get(key)))
        for place, below, layer in layers:
            for path, name, known in _absent(below, layer, key):
                context.unknown((*place, *path), f"item of {path[-3]}", str(name), map(str, known))


def _absent(base: Any, over: Any, key: str) -> Iterator[tuple[KeyPath, Any, list[Any]]]:
    """Where `over` deletes what `base` does not have: the path, the name, and the names that there are."""
    if isinstance(over, dict):
        for name, value in over.items():
            if isinstance(value, dict | list):
                below = base.get(name) if isinstance(base, dict) else None
                yield from (((name, *path), *rest) for path, *rest in _absent(below, value, name))
    elif isinstance(over, list) and key in NAMED_BY:
        items = {item_name(item, key): item for item in base} if isinstance(base, list) else {}
        for number, item in enumerate(over):
            name = item_name(item, key)
            if name is not None and name not in items and item.get(_PATCH) == "delete":
                yield (number, _PATCH), name, list(items)
            else:
                yield from (((number, *path), *rest) for path, *rest in _absent(items.get(name), item, key))
