"""What a request must be for a route to take it."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from meshgen.spec.base import HeaderName, Labels, Name, SpecModel, Text, check_groups, fault, seen
from meshgen.spec.headers import MatchedHeader
from meshgen.spec.regex import Regex

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE")


class ValueMatch(SpecModel):
    """What a value must be; `{}` means that it must be there, whatever it is."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("exact", "prefix", "regex"),)

    exact: str | None = Field(None, description="The whole value, in upper and lower case as written.")
    prefix: Text | None = Field(None, description="What the value begins with.")
    regex: Regex | None = Field(None, description="RE2 expression for the whole value.")

    @model_validator(mode="after")
    def _is_one_condition(self) -> Self:
        check_groups(self)
        return self


class StringMatch(ValueMatch):
    """What a text must be: exactly one of exact, prefix and regex."""

    exact: Text | None = Field(None, description="The whole text, in upper and lower case as written.")

    @model_validator(mode="after")
    def _is_a_condition(self) -> Self:
        check_groups(self, 0)
        return self


class MethodMatch(StringMatch):
    """What the method of a request must be."""

    @model_validator(mode="after")
    def _is_written_as_methods_are(self) -> Self:
        for key, value in (("exact", self.exact), ("prefix", self.prefix)):
            if value is not None and value != value.upper() and value.upper() in METHODS:
                raise fault(f"{seen(value)} never matches: methods are upper-case", key, hint=f"write {value.upper()}")
        return self


class PathMatch(SpecModel):
    """What the path of a request must be, without its query."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("exact", "prefix", "regex"),)

    exact: Text | None = Field(None, description="The whole path.")
    prefix: str | None = Field(
        None, description="What the path begins with, letter by letter: /cart takes /cartoon too."
    )
    regex: Regex | None = Field(None, description="RE2 expression for the whole path.")

    @model_validator(mode="after")
    def _is_a_path(self) -> Self:
        check_groups(self, 0)
        for key, value in (("exact", self.exact), ("prefix", self.prefix)):
            if value and value != "*" and not value.startswith("/"):
                raise fault(f"{seen(value)} never matches: a path begins with /", key)
            if value and ("?" in value or "#" in value):
                raise fault(
                    f"{seen(value)} never matches: a path ends before '?' and '#'", key, hint="write queryParams"
                )
        return self


class HTTPMatchRequest(SpecModel):
    """Conditions that a request must all meet."""

    name: Text | None = Field(None, description="Name of the match, for logs; added to the route's.")
    uri: PathMatch | None = Field(None, description="Its path, without the query.")
    scheme: StringMatch | None = Field(None, description="Its scheme, http or https.")
    method: MethodMatch | None = Field(None, description="Its method, such as GET.")
    authority: StringMatch | None = Field(
        None, description="The host it asks for, with the port if the caller names one."
    )
    headers: dict[MatchedHeader, ValueMatch] | None = Field(None, description="Its headers, by name.")
    without_headers: dict[MatchedHeader, ValueMatch] | None = Field(
        None, description="Headers, by name, that it must not have with such a value; {}: not at all."
    )
    query_params: dict[Text, ValueMatch] | None = Field(
        None, description="Parameters of its query, by name; of one that comes twice the first counts."
    )
    cookies: dict[HeaderName, ValueMatch] | None = Field(
        None,
        description="Its cookies, by name, wherever they stand in the cookie header; no expression reaches beyond its own.",
    )
    ignore_uri_case: bool | None = Field(
        None, description="Whether exact and prefix of uri take upper and lower case alike; absent: false."
    )
    source_labels: Labels | None = Field(None, description="Labels of the caller's pod; never met at a gateway.")
    source_namespace: Name | None = Field(None, description="Namespace of the caller; never met at a gateway.")
    stat_prefix: Text | None = Field(None, description="Beginning of the names of the route's statistics in Envoy.")

    @model_validator(mode="after")
    def _reads_the_cookie_header_once(self) -> Self:
        if self.cookies and any(name.lower() == "cookie" for name in self.headers or ()):
            raise fault("'cookies' and a header named cookie are two conditions on one header", "cookies")
        return self
