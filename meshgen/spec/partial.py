"""Fragments: a model all of whose fields may be left out, for values that are laid over others.

A fragment is checked for its shape alone, field by field. Whether it makes sense is asked of the whole,
once it has been laid over what it adds to.
"""

from __future__ import annotations

from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from meshgen.spec.model import SpecModel

_DELETE = Field(None, alias="$patch", description="delete: this item is taken away.")


@cache
def partial(model: type[SpecModel], *, item: bool = False) -> type[SpecModel]:
    """A model with the fields of `model`, each optional at every depth, and with no rules across fields.

    Its name is that of `model` with `Part` behind it. What names something (`named_by`) stays required,
    and the items of a list of named things take `$patch: delete`.
    """
    fields: dict[str, Any] = {name: _field(model, name, field) for name, field in model.model_fields.items()}
    if item and model.named_by:
        fields["patch"] = (Literal["delete"] | None, _DELETE)
    part = create_model(
        f"{model.__name__}Part", __base__=SpecModel, __module__=model.__module__, __doc__=model.__doc__, **fields
    )
    part.one_of, part.named_by = model.one_of, model.named_by
    return part


def _field(model: type[SpecModel], name: str, field: FieldInfo) -> tuple[Any, Any]:
    annotation = _partial_type(field.annotation)
    for constraint in field.metadata:
        annotation = Annotated[annotation, constraint]
    needed = model.named_by == (field.alias or name)
    hint = annotation if needed else annotation | None
    return hint, Field(... if needed else None, alias=field.alias, description=field.description)


def _partial_type(annotation: Any) -> Any:
    """The type with every model in it made partial."""
    if isinstance(annotation, type) and issubclass(annotation, SpecModel):
        return partial(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = _partial_type(arguments[0])
        return reduce(lambda hint, extra: Annotated[hint, extra], arguments[1:], inner)
    if origin in (Union, UnionType):
        return reduce(or_, map(_partial_type, arguments))
    if origin is tuple:
        inner = arguments[0]
        named = isinstance(inner, type) and issubclass(inner, SpecModel)
        return origin[partial(inner, item=True) if named else _partial_type(inner), ...]
    if origin is dict:
        return origin[tuple(map(_partial_type, arguments))]
    return annotation
