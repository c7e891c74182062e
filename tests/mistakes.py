"""One mistake for every constraint of every model, each made in a spec of specs/ that has that field."""

from __future__ import annotations

import types
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from wrong_values import VALUES

from meshgen.document import KeyPath, parse
from meshgen.fault import digits
from meshgen.spec.check import MODELS
from meshgen.spec.model import SpecModel, fields_by_key
from meshgen.spec.partial import bare

SPECS = Path(__file__).parent.parent / "specs"
FREE = (dict[str, Any], Any)
"""Types that take what Kubernetes takes."""


class Wrong(NamedTuple):
    """A value that must not stand somewhere: what is wrong with it, where below the place, and words of the message."""

    what: str
    value: Any
    says: tuple[str, ...]
    below: KeyPath = ()


class Mistake(NamedTuple):
    """A spec with one mistake, the place of which is told, and words of what is said."""

    sentence: str
    data: dict[str, Any]
    place: KeyPath
    says: tuple[str, ...]


class Seen(NamedTuple):
    """A value of some model in a spec of specs/."""

    model: type[SpecModel]
    spec: dict[str, Any]
    path: KeyPath
    value: dict[str, Any]


def mistakes() -> list[Mistake]:
    """All of them, numbered by namespace so that they can be read in one run."""
    found = [mistake for places in _places().values() for mistake in _in_model(places)]
    found += [mistake for places in _places().values() for mistake in _groups(places)]
    return [_in_namespace(mistake, f"n{number:04}") for number, mistake in enumerate(found)]


def surroundings() -> list[dict[str, Any]]:
    """The specs in which mistakes are made, before they are."""
    return [_pruned(place) for places in _places().values() for place in places]


def declared() -> set[str]:
    """`Model.key` of every field of every model; a model and what may be a part of it are one."""
    return {f"{name.removesuffix('Part')}.{key}" for name, model in _reached().items() for key in fields_by_key(model)}


def _in_namespace(mistake: Mistake, namespace: str) -> Mistake:
    metadata = mistake.data.get("metadata")
    if isinstance(metadata, dict) and mistake.place[:2] != ("metadata", "namespace"):
        metadata["namespace"] = namespace
    return mistake


def _places() -> dict[str, list[Seen]]:
    """Where each model is used."""
    found: dict[str, list[Seen]] = {}
    for path in sorted(SPECS.rglob("*.yaml")):
        for document in parse(path.read_bytes(), str(path)).documents:
            for seen in _walk(MODELS[document.data["kind"]], document.data, document.data, ()):
                found.setdefault(seen.model.__name__, []).append(seen)
    return found


def _walk(hint: Any, spec: dict[str, Any], value: Any, path: KeyPath) -> Iterator[Seen]:
    """Every value of a model at or below `path`."""
    hint = bare(hint)
    if isinstance(hint, type) and issubclass(hint, SpecModel):
        if isinstance(value, dict):
            yield Seen(hint, spec, path, value)
            for key, name in fields_by_key(hint).items():
                if key in value:
                    yield from _walk(hint.model_fields[name].annotation, spec, value[key], (*path, key))
    elif get_origin(hint) is tuple and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _walk(get_args(hint)[0], spec, item, (*path, number))
    elif get_origin(hint) is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(get_args(hint)[1], spec, item, (*path, key))
    elif get_origin(hint) in (Union, types.UnionType) and value is not None:
        yield from _walk(get_args(hint)[0], spec, value, path)


def _reached() -> dict[str, type[SpecModel]]:
    """Every model that a spec is made of."""
    found: dict[str, type[SpecModel]] = {}
    waiting: list[Any] = list(MODELS.values())
    while waiting:
        hint = waiting.pop()
        if isinstance(hint, type) and issubclass(hint, SpecModel):
            if hint.__name__ not in found:
                found[hint.__name__] = hint
                waiting += [field.annotation for field in hint.model_fields.values()]
        else:
            waiting += [bare(each) for each in get_args(hint)]
    return found


def _in_model(places: list[Seen]) -> Iterator[Mistake]:
    """The mistakes of one model: each field at the first place that has it."""
    model = places[0].model
    if model.model_config["extra"] == "forbid":
        yield _changed(places[0], "an unknown key", Wrong("", 1, ("'notAField'",), ("notAField",)))
    for key, name in fields_by_key(model).items():
        field = model.model_fields[name]
        place = next((each for each in places if each.value.get(key) is not None), None)
        if field.is_required():
            spec = _pruned(places[0])
            del _at(spec, places[0].path)[key]
            said = ("apiVersion", "is missing") if key in ("apiVersion", "kind") else (f"'{key}' is missing",)
            said = ("kind is missing",) if places[0].path == () and key == "kind" else said
            yield Mistake(f"{model.__name__} without {key}", spec, places[0].path, said)
            yield _changed(places[0], f".{key}: null", Wrong("", None, ("null",), (key,)))
        if place is not None:
            for wrong in _wrong(field.annotation, tuple(field.metadata), place.value[key]):
                yield _changed(place, f".{key}: {wrong.what}", wrong._replace(below=(key, *wrong.below)))


def _wrong(hint: Any, rules: tuple[Any, ...], value: Any) -> Iterator[Wrong]:
    """What must not stand where a value of that type stands."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        yield from _wrong(arguments[0], (*arguments[1:], *rules), value)
    elif origin in (Union, types.UnionType):
        yield from _wrong(arguments[0], rules, value)
    elif origin is Literal:
        words = [str(each) for each in arguments]
        yield Wrong("another word", "Nonsense", ("Nonsense", *words) if words != ["True"] else ("Nonsense",))
        yield Wrong("a list instead of a word", ["x"], ("a list", *words) if len(words) > 1 else tuple(words))
    else:
        limits = {type(rule).__name__.lower(): rule for rule in rules}
        yield from _of_wrong_type(hint, origin)
        yield from _out_of_range(limits, value)
        yield from (Wrong(f"{wrong!r}", wrong, (_named(wrong),)) for wrong in VALUES.of(rules))
        if origin in (tuple, dict) and value and hint not in FREE:
            yield from _inside(origin, arguments, value)


def _named(value: object) -> str:
    return "true only" if value is False else digits(repr(value)) if isinstance(value, float) else repr(value)


def _of_wrong_type(hint: Any, origin: Any) -> Iterator[Wrong]:
    if hint is str:
        yield Wrong("a mapping for text", {"a": 1}, ("a mapping",))
        yield Wrong("a number for text", 5, ("the number 5",))
    elif hint is bool:
        yield Wrong("text for a switch", "wrong", ("true or false", "'wrong'"))
    elif hint in (int, float):
        yield Wrong("text for a number", "wrong", ("number", "'wrong'"))
        yield Wrong("a switch for a number", True, ("true",))
    elif origin is tuple:
        yield Wrong("text for a list", "wrong", ("a list", "'wrong'"))
        yield Wrong("a mapping for a list", {"a": 1}, ("a list", "a mapping"))
    elif hint is not Any:
        yield Wrong("text for a mapping", "wrong", ("a mapping", "'wrong'"))
        yield Wrong("a list for a mapping", [1], ("a mapping", "a list"))


def _out_of_range(limits: dict[str, Any], value: Any) -> Iterator[Wrong]:
    if "ge" in limits:
        yield Wrong("too small", limits["ge"].ge - 1, (str(limits["ge"].ge - 1), f"at least {limits['ge'].ge}"))
    if "gt" in limits:
        yield Wrong("too small", limits["gt"].gt, (f"more than {limits['gt'].gt}",))
    if "le" in limits and limits["le"].le < 2**63 - 1:
        yield Wrong("too large", limits["le"].le + 1, (f"at most {limits['le'].le}",))
    if "minlen" in limits:
        yield Wrong("nothing in it", type(value)(), ("at least 1",))
    if "maxlen" in limits and isinstance(value, list):
        most = limits["maxlen"].max_length
        yield Wrong("too many", [value[0]] * (most + 1), (f"at most {most}", str(most + 1)))


def _inside(origin: Any, arguments: tuple[Any, ...], value: Any) -> Iterator[Wrong]:
    """What must not be an item of a list, or a key or value of a mapping."""
    if origin is tuple:
        for wrong in _wrong(arguments[0], (), value[0]):
            yield Wrong(f"an item: {wrong.what}", [wrong.value, *value[1:]], wrong.says, (0, *wrong.below))
        return
    first, *_ = value
    for wrong in _wrong(arguments[0], (), first):
        if isinstance(wrong.value, str):
            changed = {wrong.value: value[first]} | {key: each for key, each in value.items() if key != first}
            yield Wrong(f"a key: {wrong.what}", changed, wrong.says, (wrong.value,))
    for wrong in _wrong(arguments[1], (), value[first]):
        yield Wrong(f"a value: {wrong.what}", value | {first: wrong.value}, wrong.says, (first, *wrong.below))


def _groups(places: list[Seen]) -> Iterator[Mistake]:
    """Two members of each one-of group, with the values that they have somewhere."""
    model = places[0].model
    if model.__name__.endswith("Part"):
        return  # what is laid over something is asked for this once it has been laid over it
    for group in model.one_of:
        values = {key: each.value[key] for key in group for each in reversed(places) if key in each.value}
        first, *others = values
        host = next(each for each in places if first in each.value)
        for other in others:
            spec = _pruned(host)
            node = _at(spec, host.path)
            kept = {key: value for key, value in node.items() if key not in group}
            node.clear()
            node.update(kept | {first: deepcopy(values[first]), other: deepcopy(values[other])})
            place, says = (*host.path, other), (other, first)
            yield Mistake(f"{model.__name__} with {first} and {other}", spec, place, says)


def _changed(place: Seen, what: str, wrong: Wrong) -> Mistake:
    spec = _pruned(place)
    key = wrong.below[0]
    _at(spec, place.path)[key] = deepcopy(wrong.value)
    return Mistake(f"{place.model.__name__}{what}", spec, (*place.path, *wrong.below), wrong.says)


def _pruned(place: Seen) -> dict[str, Any]:
    """The spec with no more of it than what is needed and the branch that leads to the place."""
    spec = deepcopy(place.spec)
    if place.path[:1] == ("spec",) and len(place.path) > 1:
        branch = place.path[1]
        kept = {key: value for key, value in spec["spec"].items() if key in ("ports", branch)}
        if spec["kind"] == "Gateway" and branch != "servers":
            kept["hosts"] = ["www.example.com"]
        if branch == "versions" and "workload" in spec["spec"]:
            kept["workload"] = spec["spec"]["workload"]
        elif spec["kind"] == "Service" and branch not in ("workload", "endpoints"):
            kept["existing"] = True
        spec["spec"] = kept
    elif place.path == ("spec",):
        for route in spec["spec"].get("routes", ()):
            route.pop("mirrors", None)  # what they name is not among these specs
    return spec


def _at(data: Any, path: KeyPath) -> Any:
    for step in path:
        data = data[step]
    return data
