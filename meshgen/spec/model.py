"""What every spec model is: frozen, strict, closed, and able to say what is wrong with it."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from meshgen.fault import digits

T = TypeVar("T")


class SpecModel(BaseModel):
    """Frozen, strict and closed: a misspelt key is an error, not a silence."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        defer_build=True,
        extra="forbid",
        frozen=True,
        protected_namespaces=(),
        strict=True,
    )

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of keys of which at most one may be set."""

    named_by: ClassVar[str] = ""
    """The key by which an item is found in a list of such items; fragments need it too."""


def fault(message: str, *at: str | int, hint: str = "") -> PydanticCustomError:
    """An error to raise in a validator.

    `at` is the path, below the value that is validated, of the key to point at (camelCase, as a
    person writes it); empty for the value itself. `hint` says what to do.
    """
    context: dict[str, Any] = {"message": message, "at": at, "hint": hint}
    return PydanticCustomError("fault", "{message}", context)


def faults(found: Iterable[PydanticCustomError]) -> PydanticCustomError:
    """Several faults of one value as one error to raise, so that all are told in one run. There must be one at least."""
    first, *more = (each.context for each in found)
    return PydanticCustomError("fault", "{message}", {**(first or {}), "more": more})


def seen(value: object) -> str:
    """A value as a message quotes it: text between quotes, and not more of it than a line holds."""
    text = digits(repr(value)) if isinstance(value, float) else repr(value)
    return text if len(text) <= 80 else f"{text[:60]}...{text[-1]} ({len(str(value))} characters)"


@lru_cache(256)
def fields_by_key(model: type[BaseModel]) -> dict[str, str]:
    """Key as a person writes it -> attribute, of a model."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


def written(model: BaseModel, *keys: str) -> list[str]:
    """Those of `keys` that have a value; all keys of the model where none are given."""
    attributes, values = fields_by_key(type(model)), vars(model)
    return [key for key in keys or attributes if values[attributes[key]] is not None]


@lru_cache(256)
def _groups(model: type[SpecModel]) -> list[list[tuple[str, str]]]:
    """The groups of `one_of`, each as pairs of key and attribute."""
    attributes = fields_by_key(model)
    return [[(key, attributes[key]) for key in group] for group in model.one_of]


def check_groups(model: SpecModel, *needed: int) -> None:
    """Refuse two members of one group of `one_of`, and none of the groups at the places `needed`."""
    values = vars(model)
    for place, group in enumerate(_groups(type(model))):
        keys = [key for key, attribute in group if values[attribute] is not None]
        if len(keys) > 1:
            raise fault(f"{keys[1]!r} excludes {keys[0]!r}", keys[1], hint="keep one of them")
        if not keys and place in needed:
            raise fault(f"one of these is needed: {', '.join(model.one_of[place])}")


Many = Annotated[tuple[T, ...], Field(strict=False)]
"""A list. It is kept as a tuple; strictness begins again at its items."""

Text = Annotated[str, Field(min_length=1)]
"""Any text with at least one character."""
