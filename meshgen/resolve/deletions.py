"""Lists of named things in layers: each name once, and what `$patch: delete` takes away must be in a layer below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshgen.document import KeyPath
from meshgen.merging import NAMED_BY, item_name
from meshgen.resolve.context import Context

_PATCH = "$patch"


def check_names(context: Context) -> None:
    """Find names that a list has twice which is laid over another, or has one laid over it: merging keeps the second.

    Elsewhere nothing is merged, and the API server's rules see both.
    """
    base = context.raw.get("workload")
    for number, version in enumerate(context.raw.get("versions") or ()):
        over = version.get("workload")
        for is_over, path, name in _doubled(base, over, ()) if over else ():
            place: KeyPath = ("spec", "versions", number, "workload") if is_over else ("spec", "workload")
            what = f"there is an item named {name!r} in {path[-3]} already"
            hint = "keep one of them: they would be laid over one another"
            context.findings.error("MG113", (*place, *path), what, hint)


def _doubled(base: Any, over: dict[str, Any], path: KeyPath) -> Iterator[tuple[bool, KeyPath, Any]]:
    """Names given again in lists of `over`, and of `base` below those: whether in `over`, where, and which."""
    for key, value in over.items():
        if type(value) is dict:
            yield from _doubled(base.get(key) if isinstance(base, dict) else None, value, (*path, key))
        elif type(value) is list and key in NAMED_BY:
            below: Any = base.get(key) if isinstance(base, dict) else None
            items = {item_name(item, key): item for item in below} if isinstance(below, list) else {}
            for is_over, layer in ((True, value), (False, below)):
                names = [item_name(item, key) for item in layer] if isinstance(layer, list) else []
                for number, name in enumerate(names):
                    if name is not None and name in names[:number]:
                        yield is_over, (*path, key, number, NAMED_BY[key][0]), name
            for number, item in enumerate(value):
                if type(item) is dict:
                    for is_over, place, name in _doubled(items.get(item_name(item, key)), item, ()):
                        at = number if is_over else below.index(items[item_name(item, key)])
                        yield is_over, (*path, key, at, *place), name


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
            for path, value in _misplaced(layer, key) if key == "workload" else ():
                message = "deletes an item of a list of named things, and here is none"
                hint = "write null in place of what is to be taken away"
                if value != "delete":
                    message, hint = f"takes delete, not {value!r}", "what is written is laid over what lies below"
                context.findings.error("MG101", (*place, *path), message, hint)


def _misplaced(value: Any, key: str, *, is_item: bool = False) -> Iterator[tuple[KeyPath, Any]]:
    """Where `$patch` stands and takes nothing away, with what it says."""
    if isinstance(value, dict):
        if _PATCH in value and not (is_item and value[_PATCH] == "delete"):
            yield (_PATCH,), value[_PATCH]
        for name, each in value.items():
            if type(each) is dict or type(each) is list:
                yield from (((name, *path), said) for path, said in _misplaced(each, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            named = item_name(each, key) is not None
            yield from (((number, *path), said) for path, said in _misplaced(each, key, is_item=named))


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
