"""How often a failed request is tried again, and when."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from meshgen.spec.base import Count, Duration, SpecModel, fault, faults, seen, written

RETRY_ON = (
    "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream",
    "retriable-status-codes", "retriable-headers", "envoy-ratelimited", "http3-post-connect-failure", "cancelled",
    "deadline-exceeded", "internal", "resource-exhausted", "unavailable",
)  # fmt: skip
"""Conditions of a retry. Source: Istio's supportedRetryOnPolicies."""

STATUS_CODES = frozenset(
    code
    for first, last in (
        (100, 103),
        (200, 208),
        (226, 226),
        (300, 305),
        (307, 308),
        (400, 418),
        (421, 426),
        (428, 429),
        (431, 431),
        (451, 451),
        (500, 508),
        (510, 511),
    )
    for code in range(first, last + 1)
)
"""Status codes that have a name in Go's net/http, which is what Istio asks."""


def _retry_on(value: str) -> str:
    for token in value.split(","):
        if token.strip() != token:
            raise fault(f"{seen(value)} has a space, which Istio does not take", hint="write commas alone")
        if token not in RETRY_ON and not (token.isdecimal() and token[0] != "0" and int(token) in STATUS_CODES):
            raise fault(f"{seen(token)} is no reason to retry; there are: {', '.join(RETRY_ON)}, and status codes")
    return value


_REASON = f"({'|'.join(RETRY_ON)}|[1-5][0-9]{{2}})"

RetryOn = Annotated[
    str, AfterValidator(_retry_on), WithJsonSchema({"type": "string", "pattern": f"^{_REASON}(,{_REASON})*$"})
]
"""Reasons to retry, with commas and no spaces between them; numbers are status codes."""


class HTTPRetry(SpecModel):
    """How often a failed request is tried again, and when."""

    attempts: Count = Field(description="Tries after the first; 0: none.")
    per_try_timeout: Duration | None = Field(None, description="Longest time for one try; absent: the route's timeout.")
    retry_on: RetryOn | None = Field(
        None,
        description="What is tried again; absent: connect-failure, refused-stream, unavailable, cancelled, so no 503.",
    )
    retry_remote_localities: bool | None = Field(
        None, description="Whether further tries may go to other localities; absent: false."
    )
    retry_ignore_previous_hosts: bool | None = Field(
        None, description="Whether further tries avoid the pods that failed; absent: true."
    )
    backoff: Duration | None = Field(
        None, description="Shortest pause between tries, growing to tenfold; absent: 25ms."
    )

    @model_validator(mode="after")
    def _retries_or_not(self) -> Self:
        others = [key for key in written(self) if key != "attempts"]
        if self.attempts == 0 and others:
            raise faults(fault("has no effect beside attempts 0, and Istio refuses it", key) for key in others)
        return self
