"""What the models check across fields, as far as a JSON Schema can say it; the whole is asked of the models."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

Schema = dict[str, Any]

_WRITTEN: Schema = {"not": {"type": "null"}}
_RESERVED = ("app", "version", "app.kubernetes.io/name", "app.kubernetes.io/version", "app.kubernetes.io/managed-by")


def not_both(pair: tuple[str, str]) -> Schema:
    """At most one of two keys, where null counts as not there."""
    return {"not": _all(*pair)}


def _all(*keys: str) -> Schema:
    return {"required": list(keys), "properties": dict.fromkeys(keys, _WRITTEN)}


def _any(*keys: str) -> Schema:
    return {"anyOf": [_all(key) for key in keys]}


def _not_label(field: str) -> Schema:
    return {"properties": {field: {"propertyNames": {"not": {"enum": list(_RESERVED)}}}}}


_RETRY = {"if": {"required": ["attempts"], "properties": {"attempts": {"const": 0}}}}
_BACKENDS = ("workload", "selector", "endpoints")
_ANSWERS = ("redirect", "directResponse")

RULES: dict[str, list[Schema]] = {
    "Endpoint": [{"properties": {"addresses": {"anyOf": [{"items": {"pattern": ":"}}, {"items": {"not": {"pattern": ":"}}}]}}}],
    "GatewaySpec": [_any("hosts", "servers"), not_both(("hosts", "servers")), not_both(("tls", "servers"))],
    "HTTPRetry": [
        _RETRY
        | {"then": {"properties": {"attempts": True}, "additionalProperties": {"type": "null"}}}
    ],
    "Metadata": [_not_label("labels")],
    "Pod": [_not_label("labels")],
    "Route": [
        *(not_both(pair) for pair in product(_ANSWERS, ("mirrors", "timeout", "retries", "fault", "rewrite"))),
        {"if": _all("sticky"), "then": _any("canary", "split")},
    ],
    "ServiceSpec": [
        _any(*_BACKENDS, "existing", "versions"),
        *(not_both(pair) for pair in combinations(_BACKENDS, 2)),
        not_both(("endpoints", "versions")),
    ],
}  # fmt: skip
"""Model -> what must hold for its keys beside one another."""
