"""Fragments: a model all of whose fields may be left out, for values that are laid over others.

A fragment is checked for its shape alone, field by field. Whether it makes sense is asked of the whole,
once it has been laid over what it adds to.
"""

from __future__ import annotations

from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from meshgen.spec.model import SpecModel

_DELETE = Field(None, alias="$patch", description="delete: this item is taken away.")


class Part(NamedTuple):
    """`Annotated[Model, Part(Model)]` is a fragment of that model.

    Its own model is made when such a value is first met, for a spec holds few of all possible fragments.
    """

    whole: type[SpecModel]
    item: bool = False

    @property
    def model(self) -> type[SpecModel]:
        """What the value is checked by, and becomes."""
        return partial(self.whole, item=self.item)

    def __get_pydantic_core_schema__(self, whole: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._checked)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        self.model.model_rebuild()
        # As definitions, or the handler would write it out wherever it stands instead of referring to it.
        return handler(core_schema.definitions_schema(self.model.__pydantic_core_schema__, []))

    def _checked(self, value: Any) -> SpecModel:
        return self.model.model_validate(value)


def bare(hint: Any) -> Any:
    """The type that stands in Annotated; where that is a fragment, the model of fragments."""
    while hasattr(hint, "__metadata__"):
        part = next((each for each in hint.__metadata__ if isinstance(each, Part)), None)
        hint = part.model if part else get_args(hint)[0]
    return hint


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
    needed = model.named_by == (field.alias or name)
    if annotation is field.annotation and field.is_required() == needed:
        return annotation, field
    for constraint in field.metadata:
        annotation = Annotated[annotation, constraint]
    hint = annotation if needed else annotation | None
    return hint, Field(... if needed else None, alias=field.alias, description=field.description)


def _partial_type(annotation: Any) -> Any:
    """The type with every model in it made partial."""
    if _is_model(annotation):
        return Annotated[annotation, Part(annotation)]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        inner = _partial_type(arguments[0])
        return reduce(lambda hint, extra: Annotated[hint, extra], arguments[1:], inner)
    if origin in (Union, UnionType):
        parts = [_partial_type(each) for each in arguments]
        return annotation if parts == [*arguments] else reduce(or_, parts)
    if origin is tuple:
        inner = arguments[0]
        return origin[Annotated[inner, Part(inner, item=True)] if _is_model(inner) else _partial_type(inner), ...]
    if origin is dict:
        return origin[tuple(map(_partial_type, arguments))]
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, SpecModel)
