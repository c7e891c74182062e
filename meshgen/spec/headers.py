"""Headers that a route matches, sets, adds and removes, and what Envoy takes as their values."""

import re
from functools import lru_cache
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from meshgen.placeholders import ALONE, WITH_PARAMETERS
from meshgen.spec.base import Many, SpecModel, check_header_name, fault, seen

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_COMMAND = re.compile(r"%([A-Z0-9_]+)(\( *(?:[^ \[)\"\\][^)\"\\]*|\[ *\"[^)\"\\]*\"(?: *, *\"[^)\"\\]*\")* *\] *)\))?%")
_AUTHORITY = (":authority", "host")
_PSEUDO = (":authority", ":method", ":path", ":scheme")


@lru_cache(1024)
def _header_value(value: str) -> str:
    """Source: Istio's ValidateHTTPHeaderValue, and Envoy's substitution formatter (see placeholders.py)."""
    if _CONTROL.search(value):
        raise fault(f"{seen(value)} has a control character, which no header can carry")
    at = value.find("%")
    while at >= 0:
        if value.startswith("%%", at):
            at = value.find("%", at + 2)
            continue
        command = _COMMAND.match(value, at)
        if not command:
            raise fault(
                f"{seen(value)} has a '%' that begins no command of Envoy's, at character {at + 1}",
                hint="write %% for the sign itself, and commands as %NAME% or %NAME(PARAMETERS)%",
            )
        _check_command(command[1], command[2])
        at = value.find("%", command.end())
    return value


def _check_command(name: str, parameters: str | None) -> None:
    if name not in ALONE and name not in WITH_PARAMETERS:
        raise fault(
            f"Envoy knows no command %{name}%, and would refuse all routes of the port",
            hint="write %% for the sign itself",
        )
    if parameters is None and name not in ALONE:
        raise fault(f"Envoy's command %{name}% needs parameters, as in %{name}(...)%")
    if parameters is not None and name not in WITH_PARAMETERS:
        raise fault(f"Envoy's command %{name}% takes no parameters")


def _settable_name(value: str) -> str:
    return value if value.lower() == ":authority" else _other_name(value)


def _other_name(value: str) -> str:
    if value.startswith(":"):
        raise fault(f"{seen(value)} cannot be changed: of the names with ':' only :authority can, by 'request.set'")
    return check_header_name(value)


def _plain_name(value: str) -> str:
    if value.lower() == "host":
        raise fault("'host' cannot be changed here, only by 'request.set'")
    return _other_name(value)


def _matched_name(value: str) -> str:
    if value in _PSEUDO:
        return value
    if value.startswith("@"):
        raise fault(f"{seen(value)} is known to gateways only, and a route serves the mesh too")
    if value.startswith(":"):
        raise fault(f"{seen(value)} is no part of a request; there are: {', '.join(_PSEUDO)}")
    return check_header_name(value)


HeaderValue = Annotated[str, AfterValidator(_header_value)]
"""Text without control characters; `%NAME%` is a command of Envoy's, `%%` the sign itself."""

MatchedHeader = Annotated[str, AfterValidator(_matched_name)]
"""The name of a request header, or `:authority`, `:method`, `:path`, `:scheme`."""

SettableHeader = Annotated[str, AfterValidator(_settable_name)]
"""The name of a request header; `host` or `:authority` changes the host that is asked for."""

PlainHeader = Annotated[str, AfterValidator(_plain_name)]
"""The name of a header other than `host`."""


class ChangedHeaders(SpecModel):
    """Changes of headers. Names in upper and lower case are one name."""

    @model_validator(mode="after")
    def _change_each_once(self) -> Self:
        for key in ("set", "add"):
            seen_names: dict[str, str] = {}
            for name in getattr(self, key) or ():
                other = seen_names.setdefault(name.lower(), name)
                if other != name:
                    raise fault(f"{name!r} and {other!r} are one header", key, name, hint="keep one of them")
        return self


class RequestHeaders(ChangedHeaders):
    """Changes of the request's headers, before it is sent on."""

    set: dict[SettableHeader, HeaderValue] | None = Field(
        None, description="Headers that get this value, whatever they had."
    )
    add: dict[SettableHeader, HeaderValue] | None = Field(
        None, description="Headers that get this value beside those they had."
    )
    remove: Many[PlainHeader] | None = Field(None, description="Headers that are taken away.")


class ResponseHeaders(ChangedHeaders):
    """Changes of the response's headers, before the caller gets it."""

    set: dict[PlainHeader, HeaderValue] | None = Field(
        None, description="Headers that get this value, whatever they had."
    )
    add: dict[PlainHeader, HeaderValue] | None = Field(
        None, description="Headers that get this value beside those they had."
    )
    remove: Many[PlainHeader] | None = Field(None, description="Headers that are taken away.")


class Headers(SpecModel):
    """Headers that are changed on the way there and on the way back."""

    request: RequestHeaders | None = Field(None, description="Changes on the way there.")
    response: ResponseHeaders | None = Field(None, description="Changes on the way back.")

    @property
    def authorities(self) -> tuple[tuple[str, str], ...]:
        """Where the host that is asked for is changed: (`set` or `add`, name of the header)."""
        request = self.request
        if request is None:
            return ()
        changes = (("set", request.set), ("add", request.add))
        return tuple((key, name) for key, names in changes for name in names or () if name.lower() in _AUTHORITY)

    @model_validator(mode="after")
    def _change_the_authority_once(self) -> Self:
        if len(self.authorities) > 1:
            raise fault("the host that is asked for is changed twice", "request", *self.authorities[1])
        return self
