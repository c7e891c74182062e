"""How one spec names another: NAME, NAMESPACE/NAME, or a full host name."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from meshgen.spec.base import check_host, check_name, fault, seen
from meshgen.spec.names import NAME_PATTERN


def _named(value: str) -> str:
    namespace, slash, name = value.rpartition("/")
    if slash:
        check_name(namespace)
    check_name(name)
    return value


def _service(value: str) -> str:
    return check_host(value) if "." in value else _named(value)


def _exported(value: str) -> str:
    return value if value in (".", "*") else check_name(value)


def _number_or_name(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise fault(f"takes a port number or a port name, not {seen(value)}")
    if isinstance(value, str):
        return check_name(value)
    if not 1 <= value <= 65535:
        raise fault(f"{value} is no port: ports go from 1 to 65535")
    return value


_NAME = NAME_PATTERN.strip("^$")

Reference = Annotated[
    str, AfterValidator(_named), WithJsonSchema({"type": "string", "pattern": f"^({_NAME}/)?{_NAME}$"})
]
"""NAME in the same namespace, or NAMESPACE/NAME."""

ServiceReference = Annotated[
    str,
    AfterValidator(_service),
    WithJsonSchema({"type": "string", "pattern": rf"^({_NAME}/)?{_NAME}$|^[^/]+\.[^/]*$"}),
]
"""NAME, NAMESPACE/NAME, or a full host name such as `db.example.com`."""

ExportTo = Annotated[
    str, AfterValidator(_exported), WithJsonSchema({"type": "string", "pattern": rf"^[.*]$|{NAME_PATTERN}"})
]
"""`.` (the own namespace), `*` (all), or the name of a namespace."""

PortReference = Annotated[
    Any,
    BeforeValidator(_number_or_name),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, {"type": "string", "pattern": NAME_PATTERN}]}
    ),
]
"""A port by its number (int) or its name (str)."""
