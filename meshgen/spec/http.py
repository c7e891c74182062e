"""What a route does with a request besides sending it on: rewrite, redirect, answer, allow other origins."""

import base64
import binascii
import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from meshgen.spec.base import (
    Duration,
    HeaderName,
    Many,
    PortNumber,
    SpecModel,
    Text,
    check_groups,
    fault,
    milliseconds,
    seen,
    written,
)
from meshgen.spec.headers import Headers
from meshgen.spec.injection import HTTPFaultInjection, Status
from meshgen.spec.match import HTTPMatchRequest, StringMatch
from meshgen.spec.regex import Regex
from meshgen.spec.retry import HTTPRetry

__all__ = [
    "CorsPolicy", "HTTPDirectResponse", "HTTPFaultInjection", "HTTPMatchRequest", "HTTPRedirect", "HTTPRetry",
    "HTTPRewrite", "Headers",
]  # fmt: skip

_LARGEST_BODY = 1024 * 1024
_SPACE = re.compile(r"[\x00-\x20\x7f]")


def _whole_seconds(value: str) -> str:
    if milliseconds(value) % 1000:
        raise fault(f"{seen(value)} is too fine: browsers count whole seconds")
    return value


def _new_path(value: str) -> str:
    if not value.startswith("/") or _SPACE.search(value):
        raise fault(f"{seen(value)} is no path: it begins with / and has no space")
    return value


def _authority(value: str) -> str:
    if not value or "/" in value or _SPACE.search(value):
        raise fault(f"{seen(value)} is no host: it has no '/' and no space")
    return value


def _bytes(value: str) -> str:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise fault(f"{seen(value)} is not base64") from None
    return value


WholeSeconds = Annotated[Duration, AfterValidator(_whole_seconds)]
"""A Duration of whole seconds."""

NewPath = Annotated[str, AfterValidator(_new_path), WithJsonSchema({"type": "string", "pattern": "^/"})]
"""A path that begins with `/` and has no space."""

Authority = Annotated[str, AfterValidator(_authority), WithJsonSchema({"type": "string", "minLength": 1})]
"""A host, with or without a port."""

Base64 = Annotated[str, AfterValidator(_bytes), WithJsonSchema({"type": "string", "contentEncoding": "base64"})]
"""Bytes, written as base64."""

CorsMethod = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"]
"""The name of an HTTP method, or `*`."""


def _check_origin(number: int, origin: StringMatch) -> None:
    """Find origins that no browser sends: they are a scheme, a host and, unless it is the scheme's, a port."""
    for key, text in (("exact", origin.exact), ("prefix", origin.prefix)):
        scheme, slashes, rest = (text or "").partition("://")
        if "/" in rest:
            right = f"{scheme}://{rest.partition('/')[0]}"
            why = f"{seen(text)} never matches: browsers send no path, nor a slash behind the host"
            raise fault(why, "allowOrigins", number, key, hint=f"write {right}")
        if text and text != text.lower():
            why = f"{seen(text)} never matches: browsers send origins in lower case"
            raise fault(why, "allowOrigins", number, key, hint=f"write {text.lower()}")
        if key == "exact" and text and not slashes and text not in ("*", "null"):
            why = f"{seen(text)} never matches: an origin begins with its scheme"
            raise fault(why, "allowOrigins", number, key, hint=f"write https://{text}")


class CorsPolicy(SpecModel):
    """Which pages of other origins may call, and what their browsers let them send and see."""

    allow_origins: Many[StringMatch] = Field(
        min_length=1, description="Origins that may call; any one of these must match."
    )
    allow_methods: Many[CorsMethod] | None = Field(None, description="Methods that they may use.")
    allow_headers: Many[HeaderName] | None = Field(None, description="Request headers that they may send; *: any.")
    expose_headers: Many[HeaderName] | None = Field(None, description="Response headers that they may read; *: any.")
    max_age: WholeSeconds | None = Field(
        None, description="How long a browser remembers the answer, in whole seconds; absent: it decides itself."
    )
    allow_credentials: bool | None = Field(
        None, description="Whether they may send cookies and the like; absent: false."
    )
    unmatched_preflights: Literal["FORWARD", "IGNORE"] | None = Field(
        None, description="What becomes of the preflight of another origin: sent on, or answered here; absent: FORWARD."
    )

    @model_validator(mode="after")
    def _allows_origins_that_browsers_send(self) -> Self:
        for number, origin in enumerate(self.allow_origins):
            _check_origin(number, origin)
        return self


_REFERENCE = re.compile(r"\\(.?)", re.DOTALL)
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|(\((?!\?)|\(\?P?<)", re.DOTALL)


class RegexRewrite(SpecModel):
    """A path that is made from parts of the one that was asked for."""

    match: Regex = Field(description="RE2 expression for the part of the path that is replaced.")
    rewrite: Text = Field(description="What takes its place; \\1 is what the first group matched.")

    @model_validator(mode="after")
    def _refers_to_groups_that_are_there(self) -> Self:
        """Source of the rule: RE2's CheckRewriteString; Envoy would leave the path as it is."""
        groups = sum(bool(piece[1]) for piece in _PIECE.finditer(self.match))
        for reference in _REFERENCE.finditer(self.rewrite):
            sign = reference[1]
            if sign.isascii() and sign.isdigit() and int(sign) > groups:
                how_many = "has no group" if not groups else f"has {groups} group{'s' if groups > 1 else ''}"
                raise fault(f"{reference[0]} means nothing: match {how_many}", "rewrite")
            if sign != "\\" and not (sign.isascii() and sign.isdigit()):
                hint = "write \\\\ for the sign itself"
                raise fault(f"{reference[0]} means nothing: a digit names a group", "rewrite", hint=hint)
        return self


class HTTPRewrite(SpecModel):
    """What is changed in a request before it is sent on."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("uri", "uriRegexRewrite"),)

    uri: NewPath | None = Field(
        None,
        description="New path; where the match is a prefix, only that prefix is replaced, and without a match it stands before the path. Segments stay apart, and no // arises.",
    )
    authority: Authority | None = Field(None, description="Host that the service is asked for.")
    uri_regex_rewrite: RegexRewrite | None = Field(None, description="New path by a regular expression.")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not written(self):
            raise fault("one of these is needed: uri, authority, uriRegexRewrite")
        check_groups(self)
        return self


class HTTPRedirect(SpecModel):
    """An answer that sends the caller elsewhere."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("uri", "prefixRewrite"), ("port", "derivePort"))

    uri: NewPath | None = Field(
        None,
        description="Path to go to; absent: the same. Behind a way in it is below that one's path, unless authority is given.",
    )
    prefix_rewrite: NewPath | None = Field(
        None,
        description="What replaces the matched prefix of the path, like uri; needs Istio 1.31 and matches by uri.prefix.",
    )
    authority: Authority | None = Field(None, description="Host to go to; absent: the same.")
    port: PortNumber | None = Field(None, description="Port to go to; absent: the scheme's, where the scheme changes.")
    derive_port: Literal["FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"] | None = Field(
        None, description="Port to go to: 80 or 443 by the scheme, or the one of the request."
    )
    scheme: Literal["http", "https"] | None = Field(None, description="Scheme to go to; absent: the same.")
    redirect_code: Literal[301, 302, 303, 307, 308] | None = Field(
        None, description="Status of the answer; absent: 301. Only 307 and 308 keep the method."
    )

    @model_validator(mode="after")
    def _goes_elsewhere(self) -> Self:
        targets = [key for key in written(self) if key != "redirectCode"]
        if not targets:
            raise fault("one of these is needed: uri, prefixRewrite, authority, port, derivePort, scheme")
        check_groups(self)
        return self


class HTTPBody(SpecModel):
    """The body of an answer."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("string", "bytes"),)

    string: str | None = Field(None, description="Body as text.")
    bytes: Base64 | None = Field(None, description="Body as bytes, written in base64.")

    @model_validator(mode="after")
    def _is_one_and_not_too_large(self) -> Self:
        check_groups(self, 0)
        key = written(self)[0]
        size = len(base64.b64decode(self.bytes)) if self.bytes is not None else len((self.string or "").encode())
        if size > _LARGEST_BODY:
            raise fault(f"the body has {size} bytes: Istio takes {_LARGEST_BODY}", key)
        return self


class HTTPDirectResponse(SpecModel):
    """An answer that no service is asked for."""

    status: Status = Field(description="Status of the answer.")
    body: HTTPBody | None = Field(None, description="Body of the answer; absent: none.")
