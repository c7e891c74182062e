"""Mistakes that pydantic found, in meshgen's words and at the place that a person edits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from meshgen.spec.model import SpecModel, fields_by_key
from meshgen.spec.numbers import is_duration
from meshgen.spec.partial import bare
from meshgen.spec.retired import KEYS, VALUES
from meshgen.spec.wording import LIMITS, NUMBERS, TYPES, described

KeyPath = tuple[str | int, ...]

_OF_A_KEY = "[key]"
_UNKNOWN = "unknown key"
_POSSIBLE = "possible here:"


class Problem(NamedTuple):
    """One mistake: where it is below the data that were checked, what is wrong, and what to do."""

    path: KeyPath
    message: str
    hint: str = ""


def problems(error: ValidationError, model: type[SpecModel] | None = None) -> list[Problem]:
    """The mistakes of one validation, in the order of their places.

    `model` is the one that was asked; where it is not given, the one that the error names. A mistake
    around another one is left out: a list is not also too short because one of its items is wrong. A
    misspelt key is not also missing.
    """
    asked = model or _models().get(error.title)
    errors = [each for details in error.errors(include_url=False) for each in _each(details)]
    missing = {details["loc"] for details in errors if details["type"] == "missing"}
    found = [(_problem(details, asked, missing), details["loc"]) for details in errors]
    around = {problem.path[:end] for problem, _ in found for end in range(len(problem.path))}
    meant = {path for problem, _ in found if problem.path not in missing for path in _meant(problem, missing)}
    inner = [
        problem
        for problem, place in found
        if (problem.path not in around or place[-1:] == (_OF_A_KEY,)) and problem.path not in meant
    ]
    return sorted(inner, key=_order)


def _each(details: ErrorDetails) -> Iterator[ErrorDetails]:
    """One error for each fault that was raised together with others."""
    yield details
    for context in details.get("ctx", {}).get("more", ()):
        yield {**details, "ctx": context}


def _meant(problem: Problem, missing: set[KeyPath]) -> Iterator[KeyPath]:
    """Which of the `missing` keys is named by the hint for an unknown key beside it."""
    if problem.message.startswith(_UNKNOWN) and not problem.hint.startswith(_POSSIBLE):
        words = re.findall(r"\w+", problem.hint)
        yield from (path for path in missing if path[:-1] == problem.path[:-1] and path[-1] in words)


def _order(problem: Problem) -> list[tuple[bool, int, str]]:
    return [(isinstance(step, str), 0, step) if isinstance(step, str) else (False, step, "") for step in problem.path]


def _problem(details: ErrorDetails, model: type[SpecModel] | None, missing: set[KeyPath]) -> Problem:
    path, kind, value = details["loc"], details["type"], details["input"]
    context = details.get("ctx", {})
    if path and path[-1] == _OF_A_KEY:
        path = path[:-1]
    if kind == "fault":
        return Problem((*path, *context["at"]), context["message"], context["hint"])
    if kind == "extra_forbidden":
        return _unknown_key(path, model, missing)
    if kind == "missing":
        return Problem(path, f"{path[-1]!r} is missing", _meaning(path, model))
    if kind == "literal_error":
        return _no_such_value(path, value, model)
    if kind == "string_type" and isinstance(value, int | float) and is_duration(_rules_at(model, path)):
        return Problem(path, f"takes a duration, not {described(value)}", "write it with a unit, such as 30s or 250ms")
    if kind in TYPES:
        wanted, hint = TYPES[kind]
        return Problem(path, f"takes {wanted}, not {described(value)}", hint(value) or _keys_at(model, path))
    if kind in LIMITS:
        limits = {
            name: int(limit) if limit == int(limit) else limit for name, limit in context.items() if name in NUMBERS
        }
        return Problem(path, LIMITS[kind].format(value=described(value), **limits))
    return Problem(path, str(context.get("error", details["msg"])))


def _unknown_key(path: KeyPath, model: type[SpecModel] | None, missing: set[KeyPath]) -> Problem:
    key, owner = str(path[-1]), _model_at(model, path[:-1])
    message = f"{_UNKNOWN} {key!r}"
    if key == "$patch":
        return Problem(path, "deletes an item of what lies below, and nothing lies below here", "drop the item")
    if owner is None:
        return Problem(path, message)
    known = list(fields_by_key(owner))
    hint = KEYS.get(f"{owner.__name__.removesuffix('Part')}.{key}") or KEYS.get(key)
    if hint:
        return Problem(path, message, hint)
    if near := _nearest(key, [each for each in known if (*path[:-1], each) in missing]) or _nearest(key, known):
        return Problem(path, message, f"did you mean {near!r}?")
    return Problem(path, message, f"{_POSSIBLE} {', '.join(known)}")


def _nearest(word: str, words: list[str]) -> str | None:
    """The one of `words` that `word` was probably meant to be; upper and lower case and '-', '_' do not count."""
    plain = {each.lower().replace("_", "").replace("-", ""): each for each in words}
    near = get_close_matches(word.lower().replace("_", "").replace("-", ""), list(plain), n=1, cutoff=0.7)
    return plain[near[0]] if near else None


def _no_such_value(path: KeyPath, value: Any, model: type[SpecModel] | None) -> Problem:
    values = _values(model, path)
    listed = [str(each).lower() if isinstance(each, bool) else str(each) for each in values]
    message = f"takes {_either(listed)}, not {described(value)}"
    if not isinstance(value, str):
        return Problem(path, message)
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    hint = VALUES.get((key, value), "")
    if not hint and value in listed:
        hint = "write it without quotes"
    elif not hint and (near := _nearest(value, listed)):
        hint = f"did you mean {near!r}?"
    return Problem(path, message, hint)


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _models() -> dict[str, type[SpecModel]]:
    """All models by name."""
    return {model.__name__: model for model in _below(SpecModel)}


def _below(model: type[SpecModel]) -> Iterator[type[SpecModel]]:
    for child in model.__subclasses__():
        yield child
        yield from _below(child)


def _model_at(model: type[BaseModel] | None, path: KeyPath) -> type[BaseModel] | None:
    """The model of the mapping at `path`, or None where there is none."""
    found = _type_at(model, path)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _keys_at(model: type[SpecModel] | None, path: KeyPath) -> str:
    """What can be said at `path`, where a mapping with known keys is taken."""
    owner = _model_at(model, path)
    return f"{_POSSIBLE} {', '.join(fields_by_key(owner))}" if owner else ""


def _values(model: type[SpecModel] | None, path: KeyPath) -> tuple[Any, ...]:
    return get_args(_type_at(model, path))


def _field_at(model: type[SpecModel] | None, path: KeyPath) -> FieldInfo | None:
    owner = _model_at(model, path[:-1])
    return owner.model_fields.get(fields_by_key(owner).get(str(path[-1]), "")) if owner and path else None


def _meaning(path: KeyPath, model: type[SpecModel] | None) -> str:
    field = _field_at(model, path)
    return f"{path[-1]}: {field.description}" if field and field.description else ""


def _rules_at(model: type[SpecModel] | None, path: KeyPath) -> list[object]:
    """What stands in Annotated around the type of a field."""
    field = _field_at(model, path)
    if field is None:
        return []
    return [
        *field.metadata,
        *(rule for each in get_args(field.annotation) for rule in getattr(each, "__metadata__", ())),
    ]


def _type_at(hint: Any, path: KeyPath) -> Any:
    """The type of the value at `path` below a value of type `hint`, without null and annotations."""
    hint = _bare(hint)
    for step in path:
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            field = hint.model_fields.get(fields_by_key(hint).get(str(step), ""))
            hint = _bare(field.annotation) if field else None
        elif get_origin(hint) in (tuple, dict):
            arguments = get_args(hint)
            hint = _bare(arguments[1] if get_origin(hint) is dict else arguments[0])
        else:
            return None
    return hint


def _bare(hint: Any) -> Any:
    hint = bare(hint)
    choices = [each for each in get_args(hint) if each is not type(None)]
    return _bare(choices[0]) if type(None) in get_args(hint) and len(choices) == 1 else hint
