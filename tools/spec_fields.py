"""The page of all spec fields, from the pydantic models: each model a table, each field type in words."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import sys
import types
import typing
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import meshgen.spec
from meshgen.spec.partial import bare

_PLAIN = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    Any: "anything",
    dict[str, Any]: "mapping",
    type(None): "null",
}
_INTRO = """\
# Spec fields

A spec is a YAML document with `apiVersion: meshgen.dev/v1` and one of these kinds: {kinds}.
A field that has no default may be left out unless it is required; an unknown field is an error.
*Any part of* a type means that each of its fields may be left out, for the value is laid over another one;
`null` takes a value away there, and `$patch: delete` an item of a list of named things.
`meshgen schema` prints the same as JSON Schema, for editors.
"""
_FRAGMENT = "Part"
"""What meshgen.spec.partial puts behind the name of a model whose fields may all be left out."""


class FieldType(typing.NamedTuple):
    """A type that several fields share, under the name that it has in meshgen/spec/."""

    name: str
    type: Any
    meaning: str


def spec_fields() -> str:
    """Markdown: the kinds first, then every model that they reach, then the shared field types."""
    kinds = _kinds()
    named = _field_types()
    models = _reached(kinds)
    page = [_INTRO.format(kinds=", ".join(f"[{kind.__name__}](#{kind.__name__.lower()})" for kind in kinds))]
    for model in models:
        page += [f"## {model.__name__}", "", inspect.cleandoc(model.__doc__ or ""), "", *_table(model, named), ""]
    text = "\n".join(page)
    used = sorted((each for each in named if f"(#{each.name.lower()})" in text), key=lambda each: each.name)
    page += ["## Field types", ""]
    for each in used:
        page += [f"### {each.name}", "", each.meaning, ""]
    return "\n".join(page)


def _modules() -> Iterator[types.ModuleType]:
    for found in sorted(pkgutil.iter_modules(meshgen.spec.__path__), key=lambda module: module.name):
        yield importlib.import_module(f"meshgen.spec.{found.name}")


def _kinds() -> list[type[BaseModel]]:
    """The models of whole documents: those with apiVersion and kind."""
    found = {
        value
        for module in _modules()
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, BaseModel)
        and {"api_version", "kind"} <= value.model_fields.keys()
    }
    return sorted(found, key=lambda model: (model.__name__ != "Service", model.__name__))


def _field_types() -> list[FieldType]:
    """Names that modules of meshgen/spec/ give to types, with the words that stand below them."""
    return [
        FieldType(name, getattr(module, name), meaning)
        for module in _modules()
        for name, meaning in _named_with_words(module)
        if get_origin(getattr(module, name)) is not None
    ]


def _named_with_words(module: types.ModuleType) -> Iterator[tuple[str, str]]:
    body = ast.parse(inspect.getsource(module)).body
    for statement, after in pairwise(body):
        match statement, after:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(words))),
            ) if not name.startswith("_"):
                yield name, inspect.cleandoc(words)


def _reached(kinds: list[type[BaseModel]]) -> list[type[BaseModel]]:
    """Models in the order in which a reader meets them: each before what it is made of."""
    order: list[type[BaseModel]] = []
    for kind in kinds:
        waiting = [kind]
        while waiting:
            model = waiting.pop(0)
            if model not in order:
                order.append(model)
                waiting = [*_models_of(model), *waiting]
    return order


def _models_of(model: type[BaseModel]) -> list[type[BaseModel]]:
    return [part for hint in _hints(model).values() for part in _parts(hint)]


def _parts(hint: Any) -> Iterator[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield _whole(hint)
    for argument in get_args(hint):
        yield from _parts(argument)


def _hints(model: type[BaseModel]) -> dict[str, Any]:
    hints = typing.get_type_hints(model, include_extras=True)
    return {name: hints.get(name, field.annotation) for name, field in model.model_fields.items()}


def _whole(model: type[BaseModel]) -> type[BaseModel]:
    """The model, or for a fragment the one that it is a part of."""
    return getattr(sys.modules[model.__module__], model.__name__.removesuffix(_FRAGMENT), model)


def _table(model: type[BaseModel], named: list[FieldType]) -> Iterator[str]:
    yield "| field | type | default | description |"
    yield "| --- | --- | --- | --- |"
    hints = _hints(model)
    for name, field in model.model_fields.items():
        words = _words(hints[name], named)
        yield f"| `{field.alias or name}` | {words} | {_default(field)} | {cell(field.description or '')} |"
    if model.model_config.get("extra") == "allow":
        yield "| *others* | anything | | Taken as they are, and checked by the Kubernetes schema. |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=False)
    return "" if value is None or value is PydanticUndefined else f"`{value}`"


def _words(hint: Any, named: list[FieldType]) -> str:
    """A type as a person would say it, with links."""
    for each in named:
        if each.type == hint:
            return f"[{each.name}](#{each.name.lower()})"
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        name = _whole(hint).__name__
        return f"{'' if name == hint.__name__ else 'any part of '}[{name}](#{name.lower()})"
    if origin is Annotated:
        return _words(bare(hint), named)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_words(part, named) for part in arguments if part is not type(None))
    if origin in (tuple, list):
        return f"list of {_words(arguments[0], named)}"
    if origin is dict and hint not in _PLAIN:
        return f"map of {_words(arguments[0], named)} to {_words(arguments[1], named)}"
    return _PLAIN.get(hint, str(hint))


def cell(text: str) -> str:
    """Text that fits into one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")
