"""How callers balance, limit, secure and give up on the connections to a service."""

import ipaddress
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from meshgen.spec.balancing import LoadBalancer
from meshgen.spec.base import (
    Duration,
    DurationOrZero,
    Many,
    PortNumber,
    SpecModel,
    UInt32,
    check_groups,
    check_host,
    fault,
    fields_by_key,
    written,
)
from meshgen.spec.connections import ClientTLSSettings, ConnectionPool

_MOST_PORTS = 4096


def _host_or_address(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return check_host(value)
    return value


HostOrAddress = Annotated[str, AfterValidator(_host_or_address)]
"""A full host name or an IP address."""

PercentOf = Annotated[float, Field(ge=0, le=100)]
"""A number from 0 to 100."""

WholePercent = Annotated[int, Field(ge=0, le=100)]
"""A whole number from 0 to 100."""

ErrorCode = Annotated[int, Field(ge=100, le=599)]
"""A status code, 100 to 599."""


_OUTLIERS = (
    "When a pod that fails is left alone. Where it is said, callers also prefer pods of their own zone, "
    "unless loadBalancer.localityLbSetting says enabled: false."
)


class OutlierDetection(SpecModel):
    """When a pod that fails is left alone for a while."""

    split_external_local_origin_errors: bool | None = Field(
        None, description="Whether failures to connect are counted apart from answers; absent: false."
    )
    consecutive_local_origin_failures: UInt32 | None = Field(
        None, description="Failures to connect in a row, where they are counted apart; absent: 5."
    )
    consecutive_gateway_errors: UInt32 | None = Field(
        None, description="Answers 502, 503 or 504 in a row; absent or 0: not counted."
    )
    consecutive5xx_errors: UInt32 | None = Field(
        None, alias="consecutive5xxErrors", description="Answers 5xx in a row; 0: not counted; absent: 5."
    )
    interval: Duration | None = Field(None, description="Pause between looks at who may come back; absent: 10s.")
    base_ejection_time: Duration | None = Field(
        None, description="How long a pod is left alone, times the number of its ejections; absent: 30s."
    )
    max_ejection_percent: WholePercent | None = Field(
        None,
        description="Most pods that are left alone at once, in percent; absent or 0: 10, so none of fewer than 10.",
    )
    min_health_percent: WholePercent | None = Field(
        None, description="Healthy pods, in percent, below which all are used again; absent: 0."
    )
    outlier_detection_http_error_codes: Many[ErrorCode] | None = Field(
        None, description="Status codes that count as errors; absent: 5xx. Needs Istio 1.31."
    )

    @model_validator(mode="after")
    def _counts_what_it_says(self) -> Self:
        if self.consecutive_local_origin_failures and not self.split_external_local_origin_errors:
            raise fault(
                "has no effect while failures to connect are not counted apart, and Istio refuses it",
                "consecutiveLocalOriginFailures",
                hint="add splitExternalLocalOriginErrors: true",
            )
        all_errors, gateway_errors = self.consecutive5xx_errors, self.consecutive_gateway_errors
        if all_errors and gateway_errors and gateway_errors >= all_errors:
            raise fault(
                f"{gateway_errors} has no effect: consecutive5xxErrors counts the same answers and comes first "
                f"with {all_errors}",
                "consecutiveGatewayErrors",
                hint=f"write less than {all_errors}, or consecutive5xxErrors: 0",
            )
        return self


class PortSelector(SpecModel):
    """A port of the service."""

    named_by: ClassVar[str] = "number"

    number: PortNumber = Field(description="Number of the port, as the Service has it.")


class PortTrafficPolicy(SpecModel):
    """What holds for one port; laid over what holds for all."""

    named_by: ClassVar[str] = "port"

    port: PortSelector = Field(description="The port.")
    load_balancer: LoadBalancer | None = Field(None, description="How a caller chooses a pod.")
    connection_pool: ConnectionPool | None = Field(None, description="Limits of what one caller may have open.")
    outlier_detection: OutlierDetection | None = Field(None, description=_OUTLIERS)
    tls: ClientTLSSettings | None = Field(None, description="How connections are secured.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.model_fields_set == {"port"}:  # null says something: that a block of all ports does not hold here
            raise fault("one of these is needed: loadBalancer, connectionPool, outlierDetection, tls")
        return self


class TunnelSettings(SpecModel):
    """A tunnel through which TCP connections go."""

    protocol: Literal["CONNECT", "POST"] | None = Field(None, description="How it is asked for; absent: CONNECT.")
    target_host: HostOrAddress = Field(description="Where it leads.")
    target_port: PortNumber = Field(description="Port that it leads to.")


class ProxyProtocol(SpecModel):
    """The PROXY protocol, which tells the service the caller's address."""

    version: Literal["V1", "V2"] | None = Field(None, description="Version of the protocol; absent: V1.")


class RetryBudget(SpecModel):
    """Most retries that are under way, in proportion to the requests; takes the place of http.maxRetries."""

    percent: PercentOf | None = Field(None, description="Share of the requests under way; absent: 20.")
    min_retry_concurrency: UInt32 | None = Field(None, description="Retries that are always let through; absent: 3.")
    budget_interval: DurationOrZero | None = Field(
        None, description="Time over which requests count; 0s or absent: those under way. Needs Istio 1.31."
    )


class TrafficPolicy(SpecModel):
    """How callers balance, limit, secure and give up on the connections to the service's pods."""

    model_config = ConfigDict(defer_build=False)  # once, for the whole spec and for the merged policies of versions

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("tunnel", "proxyProtocol"),)

    load_balancer: LoadBalancer | None = Field(None, description="How a caller chooses a pod.")
    connection_pool: ConnectionPool | None = Field(None, description="Limits of what one caller may have open.")
    outlier_detection: OutlierDetection | None = Field(None, description=_OUTLIERS)
    tls: ClientTLSSettings | None = Field(None, description="How connections are secured.")
    port_level_settings: Many[PortTrafficPolicy] | None = Field(
        None, max_length=_MOST_PORTS, description="What holds for single ports, by port.number; laid over all of this."
    )
    tunnel: TunnelSettings | None = Field(None, description="Tunnel through which TCP connections go.")
    proxy_protocol: ProxyProtocol | None = Field(None, description="Tells the service the caller's address.")
    retry_budget: RetryBudget | None = Field(None, description="Most retries, in proportion to the requests.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not written(self):
            raise fault(f"a policy that says nothing; there are: {', '.join(fields_by_key(TrafficPolicy))}")
        check_groups(self)
        numbers = [settings.port.number for settings in self.port_level_settings or ()]
        for place, number in enumerate(numbers):
            if number in numbers[:place]:
                raise fault(f"there are settings for port {number} already", "portLevelSettings", place, "port")
        return self
