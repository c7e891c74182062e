"""Whether one match takes every request that another one takes, as far as that can be told beyond doubt.

Different regular expressions are never compared, nor different conditions on headers that must be missing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from meshgen.resolve.rule import Fragment

_PSEUDO = {"scheme": ":scheme", "method": ":method", "authority": ":authority"}
_ANY_PATH = (None, {"prefix": ""}, {"regex": ".*"})
_SLASH = {"prefix": "/"}
_OTHER_TARGETS = ("CONNECT", "OPTIONS")
"""Methods that can ask for something other than a path: a host, or `*`."""

_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_UPPER = {small: large for large, small in _LOWER.items()}


class Conditions(NamedTuple):
    """What a match asks for: of the path, of values by their place and name, and what is only told apart by equality."""

    uri: Fragment | None
    any_case: bool
    values: dict[tuple[str, str], list[Fragment]]
    others: frozenset[Any]


def conditions(match: Fragment) -> Conditions:
    """The conditions of a match, with method, scheme and authority as the headers that they are to Envoy."""
    values: dict[tuple[str, str], list[Fragment]] = {}
    for name, value in match.get("headers", {}).items():
        values.setdefault(("header", name.lower()), []).append(value)
    for key, name in _PSEUDO.items():
        if key in match:
            values.setdefault(("header", name), []).append(match[key])
    for name, value in match.get("queryParams", {}).items():
        values.setdefault(("parameter", name), []).append(value)
    without = match.get("withoutHeaders", {}).items()
    others: list[Any] = [("without", name.lower(), *value.items()) for name, value in without]
    others += [("label", *label) for label in match.get("sourceLabels", {}).items()]
    if match.get("sourceNamespace") is not None:
        others.append(("namespace", match["sourceNamespace"]))
    uri = match.get("uri")
    return Conditions(
        None if uri in _ANY_PATH else _SLASH if uri == {"regex": "/.*"} else uri,
        bool(match.get("ignoreUriCase")),
        values,
        frozenset(others),
    )


def covers(early: Conditions, late: Conditions) -> bool:
    """Whether every request that `late` takes is one that `early` takes."""
    return (
        early.values.keys() <= late.values.keys()
        and early.others <= late.others
        and _covers_path(early, late)
        and all(
            any(_implies(given, wanted) for given in late.values[name])
            for name, values in early.values.items()
            for wanted in values
        )
    )


def _covers_path(early: Conditions, late: Conditions) -> bool:
    wanted, given = early.uri, late.uri
    if wanted is None:
        return True
    if given is None:
        methods = late.values.get(("header", ":method"), ())
        return wanted == _SLASH and any(value.get("exact", "CONNECT") not in _OTHER_TARGETS for value in methods)
    if early.any_case:
        wanted, given = _translated(wanted, _LOWER), _translated(given, _LOWER)
    elif late.any_case:
        # What is left in both cases has no letters that could be another.
        return _implies(_translated(given, _LOWER), wanted) and _implies(_translated(given, _UPPER), wanted)
    return _implies(given, wanted)


def _translated(uri: Fragment, table: dict[int, int]) -> Fragment:
    """The condition on the path with its letters in one case; an expression has its own way to say so."""
    return {kind: text if kind == "regex" else text.translate(table) for kind, text in uri.items()}


def _implies(given: Fragment, wanted: Fragment) -> bool:
    """Whether each value that meets `given` meets `wanted`; `{}` asks only that there is one."""
    if not wanted or given == wanted:
        return True
    text = given.get("exact", given.get("prefix"))
    return text is not None and "prefix" in wanted and text.startswith(wanted["prefix"])
