"""What Istio makes of a request from outside: the first rule that takes it, and what the service is asked for."""

from __future__ import annotations

import re
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """The rule that took a request, and the path that it asks for."""

    rule: str
    path: str


def ask(rules: list[dict[str, Any]], path: str, **headers: str) -> Answer | None:
    """The answer to a request, or None for a 404."""
    for rule in rules:
        for match in rule.get("match", [{}]):
            if _takes(match, path, {**headers, ":path": path}):
                return Answer(rule["name"], _rewritten(rule.get("rewrite", {}), match, path))
    return None


def _takes(match: dict[str, Any], path: str, headers: dict[str, str]) -> bool:
    assert not match.keys() - {"uri", "headers", "ignoreUriCase"}, match
    lower = match.get("ignoreUriCase", False)
    return _meets(match.get("uri", {"prefix": ""}), path, lower) and all(
        name in headers and _meets(condition, headers[name], False)
        for name, condition in match.get("headers", {}).items()
    )


def _meets(condition: dict[str, str], value: str, lower: bool) -> bool:
    """Regular expressions are for the whole value, and heed upper and lower case always."""
    [(kind, text)] = condition.items() or [("prefix", "")]
    if kind == "regex":
        return bool(re.fullmatch(text, value))
    if lower:
        text, value = text.lower(), value.lower()
    return value == text if kind == "exact" else value.startswith(text)


def _rewritten(rewrite: dict[str, Any], match: dict[str, Any], path: str) -> str:
    if regex := rewrite.get("uriRegexRewrite"):
        return re.sub(regex["match"], regex["rewrite"].replace("\\0", "\\g<0>"), path)
    if "uri" not in rewrite:
        return path
    # Where the match is no prefix, all of the path is replaced (Envoy's RouteAction.prefix_rewrite).
    uri = match.get("uri", {"prefix": "/"})
    return str(rewrite["uri"]) + (path[len(uri["prefix"]) :] if "prefix" in uri else "")
