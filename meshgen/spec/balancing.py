"""How callers choose among the pods of a service."""

from math import isqrt
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from meshgen.spec.base import (
    Duration,
    DurationOrZero,
    HeaderName,
    Many,
    SpecModel,
    Text,
    check_groups,
    fault,
    written,
)
from meshgen.spec.locality import LocalityLbSetting, ZoneAwareLbSetting

_LARGEST_TABLE = 5000011
_WARMED_UP = ("ROUND_ROBIN", "LEAST_REQUEST")


def _table_size(value: int) -> int:
    """Source: Istio's validateLoadBalancer."""
    prime = value > 1 and all(value % factor for factor in range(2, isqrt(min(value, _LARGEST_TABLE)) + 1))
    if not prime or value >= _LARGEST_TABLE:
        raise fault(f"{value} is no size of a table: it is a prime number below {_LARGEST_TABLE}, such as 65537")
    return value


def _true(value: bool) -> bool:
    if not value:
        raise fault("takes true only", hint="leave it out instead")
    return value


TableSize = Annotated[int, AfterValidator(_table_size), WithJsonSchema({"type": "integer", "exclusiveMinimum": 1})]
"""A prime number below 5000011."""

Only = Annotated[bool, AfterValidator(_true), WithJsonSchema({"const": True})]
"""`true`."""

UInt64 = Annotated[int, Field(ge=0, le=2**64 - 1)]
"""A whole number from 0 to 18446744073709551615."""


class CookieAttribute(SpecModel):
    """A further attribute of the cookie that Envoy gives out."""

    name: HeaderName = Field(description="Name of the attribute, such as SameSite.")
    value: str | None = Field(None, description="Value of the attribute; absent: none.")


class HTTPCookie(SpecModel):
    """The cookie by which a client keeps its pod."""

    name: HeaderName = Field(description="Name of the cookie.")
    path: Text | None = Field(None, description="Path below which the client sends it.")
    ttl: DurationOrZero | None = Field(
        None, description="How long the client keeps it; 0s: until the browser closes; absent: Envoy gives out none."
    )
    attributes: Many[CookieAttribute] | None = Field(None, description="Further attributes of the cookie.")

    @model_validator(mode="after")
    def _has_each_attribute_once(self) -> Self:
        names = [attribute.name for attribute in self.attributes or ()]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise fault(f"there is an attribute {name!r} already", "attributes", number, "name")
        return self


class RingHash(SpecModel):
    """A hash ring of virtual nodes."""

    minimum_ring_size: UInt64 | None = Field(None, description="Fewest nodes of the ring; absent: 1024.")


class Maglev(SpecModel):
    """A hash table with a fixed number of places."""

    table_size: TableSize = Field(description="Places in the table, a prime number; Envoy's own is 65537.")


class ConsistentHash(SpecModel):
    """Requests that are alike go to the same pod, as long as it is there."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"),
        ("ringHash", "maglev"),
    )

    http_header_name: HeaderName | None = Field(None, description="Alike is what has the same value of this header.")
    http_cookie: HTTPCookie | None = Field(None, description="Alike is what has the same value of this cookie.")
    use_source_ip: Only | None = Field(None, description="Alike is what comes from the same address.")
    http_query_parameter_name: Text | None = Field(
        None, description="Alike is what has the same value of this parameter of the query."
    )
    ring_hash: RingHash | None = Field(None, description="Hash by a ring; the default.")
    maglev: Maglev | None = Field(None, description="Hash by a table.")

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        check_groups(self, 0)
        return self


class Warmup(SpecModel):
    """New pods get their full share only after a while."""

    duration: Duration = Field(description="How long a new pod warms up.")
    minimum_percent: Annotated[float, Field(ge=0, le=100)] | None = Field(
        None, description="Share that it gets at first, in percent of its full one; absent: 10."
    )
    aggression: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None,
        description="How the share grows: 1 evenly, more: late and steeply; absent: 1. Less than 1 needs Istio 1.31.",
    )


class LoadBalancer(SpecModel):
    """How a caller chooses a pod."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("simple", "consistentHash"),
        ("localityLbSetting", "zoneAwareLbSetting"),
    )

    simple: Literal["ROUND_ROBIN", "LEAST_REQUEST", "RANDOM"] | None = Field(
        None, description="The algorithm; absent: LEAST_REQUEST."
    )
    consistent_hash: ConsistentHash | None = Field(None, description="Requests that are alike go to the same pod.")
    locality_lb_setting: LocalityLbSetting | None = Field(
        None, description="Localities that take the requests of others."
    )
    zone_aware_lb_setting: ZoneAwareLbSetting | None = Field(
        None, description="Callers keep to their own zone; needs Istio 1.31."
    )
    warmup: Warmup | None = Field(None, description="New pods start slowly; with ROUND_ROBIN or LEAST_REQUEST.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        check_groups(self)
        if self.warmup and (self.consistent_hash or (self.simple and self.simple not in _WARMED_UP)):
            other = written(self, "simple", "consistentHash")[0]
            raise fault(f"has no effect beside this {other}", "warmup", hint="use simple: LEAST_REQUEST or ROUND_ROBIN")
        return self
