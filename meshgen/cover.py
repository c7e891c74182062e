"""Whether one match takes every request that another one takes, as far as that can be told beyond doubt.

Different regular expressions are never compared, nor different conditions on headers that must be missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Fragment = dict[str, Any]
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


_FEW = 16
"""Matches up to which it is faster to look at each than to look it up."""


@dataclass(slots=True)
class Earlier:
    """Matches that came first. Many are found by what they ask for: to look for one that covers another reads few."""

    _all: list[tuple[Conditions, int]] = field(default_factory=list)
    _by_path: dict[tuple[str, str], dict[Any, list[tuple[Conditions, int]]]] = field(default_factory=dict)

    def add(self, match: Conditions, number: int) -> None:
        """Take in a match with a number by which it is told."""
        self._all.append((match, number))
        if len(self._all) > _FEW:
            for each in self._all if len(self._all) == _FEW + 1 else self._all[-1:]:
                self._file(*each)

    def _file(self, match: Conditions, number: int) -> None:
        path = ("", "") if match.uri is None else next(iter(match.uri.items()), ("", ""))
        if match.any_case and path[0] != "regex":
            path = (path[0], path[1].translate(_LOWER))
        words = self._by_path.setdefault(path, {})
        asked = [_asked(name, value) for name, values in match.values.items() for value in values] + list(match.others)
        # Filed under the rarest of what it asks for, so that no file grows long.
        words.setdefault(min(asked, key=lambda each: len(words.get(each, ())), default=None), []).append(
            (match, number)
        )

    def covering(self, late: Conditions) -> int | None:
        """The number of the first match that takes every request that `late` takes."""
        if len(self._all) <= _FEW:
            return next((number for match, number in self._all if covers(match, late)), None)
        given = [each for name, values in late.values.items() for value in values for each in _given(name, value)]
        found = None
        for path in _wider(late):
            words = self._by_path.get(path, {})
            for word in (None, *late.others, *given) if words else ():
                for match, number in words.get(word, ()):
                    if covers(match, late):
                        found = number if found is None else min(found, number)
                        break
        return found


def _asked(name: tuple[str, str], value: Fragment) -> Any:
    return (name, *next(iter(value.items()), ("", "")))


def _given(name: tuple[str, str], value: Fragment) -> Iterator[Any]:
    """All that a condition implies."""
    yield (name, "", "")
    for kind, text in value.items():
        yield (name, kind, text)
        if kind != "regex":
            yield from ((name, "prefix", text[:end]) for end in range(len(text) + 1))


def _wider(late: Conditions) -> Iterator[tuple[str, str]]:
    """The paths of matches that may cover one, as they are filed."""
    yield ("", "")
    if late.uri is None:
        yield ("prefix", "/")
    for kind, text in (late.uri or {}).items():
        yield (kind, text)
        if kind != "regex":
            small = text.translate(_LOWER)
            yield from {
                (kind, small),
                *(("prefix", each[:end]) for each in (text, small) for end in range(len(text) + 1)),
            }
