"""The words for values and for what pydantic says of their types and limits."""

from __future__ import annotations

from collections.abc import Callable

from meshgen.spec.model import seen


def described(value: object) -> str:
    """A value with the word for its kind, as messages name it: the text '80', the number 80, a list."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return f"the text {seen(value)}" if value else "an empty text"
        case int() | float():
            return f"the number {seen(value)}"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return seen(value)


def _unquote(value: object) -> str:
    return "write it without quotes" if isinstance(value, str) and value else ""


def _quote(value: object) -> str:
    return "put it between quotes" if isinstance(value, int | float) else ""


def _itemize(value: object) -> str:
    return "" if value is None else "begin each item with '- ', or put all between [ and ]"


def _pair(value: object) -> str:
    return "" if value is None else "write KEY: VALUE, each on a line of its own or all between { and }"


def _silent(_: object) -> str:
    return ""


def _if_number(value: object) -> str:
    text = str(value).removeprefix("-") if isinstance(value, str) else ""
    return _unquote(value) if text.replace(".", "", 1).isdecimal() else ""


def _if_switch(value: object) -> str:
    return _unquote(value) if value in ("true", "false") else ""


TYPES: dict[str, tuple[str, Callable[[object], str]]] = {
    "bool_type": ("true or false", _if_switch),
    "dict_type": ("a mapping", _pair),
    "finite_number": ("a number that ends", _silent),
    "float_type": ("a number", _if_number),
    "int_type": ("a whole number", _if_number),
    "invalid_key": ("keys that are text", _silent),
    "model_attributes_type": ("a mapping", _silent),
    "model_type": ("a mapping", _silent),
    "string_type": ("text", _quote),
    "tuple_type": ("a list", _itemize),
}
"""Pydantic's kind of error -> what is taken there, and the hint for the value seen."""

LIMITS = {
    "greater_than": "takes more than {gt}, not {value}",
    "greater_than_equal": "takes at least {ge}, not {value}",
    "less_than": "takes less than {lt}, not {value}",
    "less_than_equal": "takes at most {le}, not {value}",
    "string_too_long": "takes at most {max_length} characters",
    "string_too_short": "takes at least {min_length} characters, not {value}",
    "too_long": "takes at most {max_length}, and has {actual_length}",
    "too_short": "needs at least {min_length}, and has {actual_length}",
}
"""Pydantic's kind of error -> the message, in which the value and the limits are filled in."""

NUMBERS = ("gt", "ge", "lt", "le", "min_length", "max_length", "actual_length")
"""What a limit is called in the context of pydantic's error."""
