"""How the requests of a service are shared among its versions, and how the outside reaches it."""

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from meshgen.spec.base import (
    Duration,
    Many,
    Name,
    Percent,
    SpecModel,
    WildcardHost,
    fault,
    faults,
    written,
)
from meshgen.spec.http import (
    CorsPolicy,
    Headers,
    HTTPDirectResponse,
    HTTPFaultInjection,
    HTTPMatchRequest,
    HTTPRedirect,
    HTTPRetry,
    HTTPRewrite,
)
from meshgen.spec.partial import Part
from meshgen.spec.reference import PortReference, Reference, ServiceReference
from meshgen.spec.sticky import Sticky

HUNDREDTHS = 100
"""Percentages have up to two decimals: they are counted in hundredths of a percent."""


def _exposed_path(value: str) -> str:
    bad = [sign for sign in "?#*\\ " if sign in value]
    if not value.startswith("/") or "//" in value or bad or not value.isprintable():
        raise fault(f"{value!r} is no path: it starts with one / and has no '//', '?', '#', '*', backslash or space")
    if not value.isascii():
        from urllib.parse import quote

        encoded = quote(value, safe="/%:@!$&'()+,;=~")
        message = f"{value!r} never matches: callers send other letters than ASCII as %XX"
        raise fault(message, hint=f"write {encoded}")
    if {".", ".."} & set(value.split("/")):
        raise fault(f"{value!r} never matches: the gateway takes '.' and '..' out of paths")
    if value.endswith("/") and value != "/":
        raise fault(f"{value!r} ends with /, but a path means whole segments", hint=f"write {value.rstrip('/') or '/'}")
    return value


ExposedPath = Annotated[
    str,
    AfterValidator(_exposed_path),
    WithJsonSchema({"type": "string", "pattern": r"^(?!.*//)(?!.*[?#*\\])(?!.*/\.\.?(/|$))/([!-~]*[!-.0-~])?$"}),
]
"""A path that begins with `/` and means whole segments, so it does not end with `/`; without `//`, `?`, `#`, `*`, `\\`, `.` and `..`."""


class Canary(SpecModel):
    """A newer version that takes a share of the requests."""

    stable: Name = Field(description="The version that gets the rest.")
    candidate: Name = Field(description="The version that is tried.")
    weight: Percent = Field(description="Share of the requests that the candidate gets, in percent.")

    @model_validator(mode="after")
    def _is_a_choice(self) -> Self:
        if self.stable == self.candidate:
            raise fault(f"stable and candidate are both {self.stable!r}", "candidate")
        return self

    @property
    def shares(self) -> dict[str, float]:
        """Version to percent, the stable one first."""
        return {
            self.stable: (100 * HUNDREDTHS - round(self.weight * HUNDREDTHS)) / HUNDREDTHS,
            self.candidate: self.weight,
        }


class Mirror(SpecModel):
    """A copy of a share of the requests, sent elsewhere; nobody waits for its answer."""

    service: ServiceReference | None = Field(
        None, description="Where the copies go: NAME, NAMESPACE/NAME or a full host; absent: this service."
    )
    to: Name | None = Field(None, description="The version of that service that gets them; absent: all of it.")
    port: PortReference | None = Field(
        None, description="Port name or number there; absent: the port of the route's name, else the only one."
    )
    percent: Percent = Field(description="Share of the requests that is copied, in percent.")

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.service is None and self.to is None:
            raise fault("a mirror needs a service, or a version of this one in 'to'")
        return self


class Route(SpecModel):
    """One rule of the service's routing: which requests it takes, and where they go."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("to", "canary", "split", "redirect", "directResponse"),)

    name: Name = Field(description="Name of the route, unique in the service.")
    match: Many[HTTPMatchRequest] | None = Field(
        None, min_length=1, description="Requests that the route takes: any one of these; absent: all."
    )
    port: Name | None = Field(
        None,
        description="Name of the service's port that the route serves; absent: its only HTTP port, else the one named http.",
    )
    to: Name | None = Field(None, description="The version that gets all of it.")
    canary: Canary | None = Field(None, description="Two versions, of which the newer one gets a share.")
    split: dict[Name, Percent] | None = Field(
        None, min_length=1, description="Version to percent; the shares make 100."
    )
    sticky: Sticky | None = Field(
        None, description="Keeps each client in the version that it was given, beside canary or split."
    )
    redirect: HTTPRedirect | None = Field(None, description="Answers with a redirect instead.")
    direct_response: HTTPDirectResponse | None = Field(None, description="Answers with a fixed response instead.")
    mirrors: Many[Mirror] | None = Field(None, description="Copies of the requests that go elsewhere too.")
    timeout: Duration | None = Field(
        None, description="Longest time for the whole answer, retries included; null: none; absent: the service's."
    )
    retries: Annotated[HTTPRetry, Part(HTTPRetry)] | None = Field(
        None, description="Laid over the service's retries field by field; null: no retries."
    )
    fault: HTTPFaultInjection | None = Field(
        None, description="Delays or errors made on purpose, before the request leaves the caller."
    )
    cors_policy: CorsPolicy | None = Field(None, description="Which pages of other origins may call.")
    headers: Headers | None = Field(None, description="Headers changed on the way there and back.")
    rewrite: HTTPRewrite | None = Field(None, description="Path or authority changed on the way there.")

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        ways = written(self, *self.one_of[0])
        if len(ways) > 1:
            raise fault(
                f"a route goes one way, this one goes {len(ways)}: {', '.join(ways)}", ways[1], hint="keep one of them"
            )
        if ways and ways[0] in ("redirect", "directResponse"):
            why = f"has no effect beside {ways[0]}: nothing is sent to the service"
            if idle := written(self, "mirrors", "timeout", "retries", "fault", "rewrite"):
                raise faults(fault(why, key, hint=f"drop {key!r}") for key in idle)
        return self

    @model_validator(mode="after")
    def _shares_all(self) -> Self:
        if self.split is not None:
            total = sum(round(share * HUNDREDTHS) for share in self.split.values())
            if total != 100 * HUNDREDTHS:
                raise fault(f"the shares make {total / HUNDREDTHS:g}, not 100", "split")
        if self.sticky is not None and self.canary is None and self.split is None:
            raise fault("needs a canary or a split whose choice it keeps", "sticky")
        return self

    @model_validator(mode="after")
    def _changes_each_thing_once(self) -> Self:
        """Source of the rules: Istio pkg/config/validation/virtualservice.go (prefixRewrite) and validation.go (authority)."""
        if self.redirect is not None and self.redirect.prefix_rewrite is not None:
            prefixes = [match.uri is not None and match.uri.prefix is not None for match in self.match or ()]
            if not prefixes or not all(prefixes):
                hint = "give each match a uri with a prefix, or use redirect.uri"
                raise fault(
                    "replaces a matched prefix, and not every match has one", "redirect", "prefixRewrite", hint=hint
                )
        if self.rewrite is not None and self.rewrite.authority is not None and self.headers is not None:
            for key, name in self.headers.authorities:
                raise fault("rewrite.authority changes the host already", "headers", "request", key, name)
        return self

    @property
    def shares(self) -> dict[str, float] | None:
        """Version to percent where the route names versions, else None."""
        if self.to is not None:
            return {self.to: 100}
        return self.canary.shares if self.canary is not None else self.split


class Expose(SpecModel):
    """One way in from outside the mesh: hosts at a gateway, and what of the service they reach."""

    name: Name = Field(description="Name of this way in, unique in the service.")
    gateway: Reference = Field(description="The gateway: NAME or NAMESPACE/NAME.")
    hosts: Many[WildcardHost] = Field(min_length=1, description="Public host names; each must be one of the gateway's.")
    port: Name | None = Field(
        None,
        description="Name of the service's port that is reached; absent: its only HTTP port, else the one named http.",
    )
    path: ExposedPath | None = Field(
        None,
        description="Only this path and what is below it, by whole segments: /cart takes /cart and /cart/x, not /cartoon.",
    )
    rewrite: HTTPRewrite | None = Field(
        None, description="uri: what stands in the place of path when the service is asked."
    )
    routes: Many[Name] | None = Field(
        None,
        min_length=1,
        description="Names of the routes that apply here; absent: all but those that match on the caller's labels or namespace.",
    )
    cors_policy: CorsPolicy | None = Field(
        None, description="Which pages of other origins may call, where the route says nothing."
    )
    headers: Headers | None = Field(
        None,
        description="Headers changed on the way there and back, beside those that the route changes; of one and the same header, as the route says.",
    )
