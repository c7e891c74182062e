"""Cookies by which clients keep their version, as far as browsers keep them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from meshgen.spec.base import Duration, HeaderName, SpecModel, fault, milliseconds


def _cookie_path(value: str) -> str:
    if not value.startswith("/") or set(value) & set(';,"\\ ') or not value.isprintable() or not value.isascii():
        raise fault(
            f"{value!r} is no cookie path: it starts with / and has no space, comma, semicolon, quote or backslash"
        )
    return value


CookiePath = Annotated[
    str, AfterValidator(_cookie_path), WithJsonSchema({"type": "string", "pattern": r'^/[^;,"\\ ]*$'})
]
"""A path that begins with `/`, without space, comma, semicolon, quote and backslash."""

_PREFIXES = ("__Host-", "__Secure-")
"""Beginnings of names by which browsers ask more of a cookie. Source: RFC 6265bis 4.1.3; they heed no case."""


class Sticky(SpecModel):
    """Keeps a client in the version that it was given first, by a cookie."""

    cookie: HeaderName = Field(description="Name of the cookie; unique among all routes of the host.")
    max_age: Duration | None = Field(
        None, description="How long the client keeps it, in whole seconds; absent: until the browser closes."
    )
    path: CookiePath | None = Field(None, description="Path below which the client sends it; absent: /.")
    secure: bool | None = Field(None, description="Whether the client sends it over HTTPS only; absent: false.")
    same_site: Literal["Strict", "Lax", "None"] | None = Field(
        None, description="Whether the client sends it on requests from other sites; absent: Lax."
    )

    @model_validator(mode="after")
    def _is_a_cookie_that_browsers_keep(self) -> Self:
        if self.max_age is not None and milliseconds(self.max_age) % 1000:
            raise fault(f"maxAge counts whole seconds, not {self.max_age!r}", "maxAge")
        if self.same_site == "None" and not self.secure:
            raise fault(
                "browsers drop a cookie with sameSite None that is not secure", "sameSite", hint="add secure: true"
            )
        prefix = next((each for each in _PREFIXES if self.cookie.lower().startswith(each.lower())), None)
        if prefix and not self.secure:
            raise fault(
                f"browsers drop a cookie whose name begins with {prefix} and that is not secure",
                "cookie",
                hint="add secure: true",
            )
        if prefix == "__Host-" and self.path not in (None, "/"):
            raise fault(
                f"browsers drop a cookie whose name begins with {prefix} and whose path is not /",
                "path",
                hint="leave it out",
            )
        return self
