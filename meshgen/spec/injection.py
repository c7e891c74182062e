"""Delays and errors made on purpose."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from meshgen.fault import digits
from meshgen.spec.base import Duration, SpecModel, check_groups, fault


def _chance(value: float) -> float:
    if not (value == 0 or 0.0001 <= value <= 100):
        raise fault(f"{digits(f'{value:.15g}')} is no share: it is 0, or goes from 0.0001 to 100")
    return value


def _status(value: int) -> int:
    if not 200 <= value <= 599:
        raise fault(f"{value} is no status of an answer: it goes from 200 to 599")
    return value


Chance = Annotated[float, AfterValidator(_chance), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})]
"""A share in percent: 0, or 0.0001 to 100."""

Status = Annotated[int, AfterValidator(_status), WithJsonSchema({"type": "integer", "minimum": 200, "maximum": 599})]
"""The status of an answer, 200 to 599."""

GRPCStatus = Literal[
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
]  # fmt: skip
"""The name of a gRPC status."""


class Percentage(SpecModel):
    """A share of the requests."""

    value: Chance = Field(description="Share in percent; 0: none.")


class Delay(SpecModel):
    """Requests that are held back before they are sent."""

    percentage: Percentage = Field(description="Share of the requests; without it Istio delays none.")
    fixed_delay: Duration = Field(description="How long they are held back; not counted by the route's timeout.")


class Abort(SpecModel):
    """Requests that are answered with an error instead of being sent."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("httpStatus", "grpcStatus"),)

    percentage: Percentage = Field(description="Share of the requests; without it Istio aborts none.")
    http_status: Status | None = Field(None, description="Status of the answer.")
    grpc_status: GRPCStatus | None = Field(None, description="gRPC status of the answer.")

    @model_validator(mode="after")
    def _has_a_status(self) -> Self:
        check_groups(self, 0)
        return self


class HTTPFaultInjection(SpecModel):
    """Delays and errors made on purpose, by the caller's proxy."""

    delay: Delay | None = Field(None, description="Requests that are held back.")
    abort: Abort | None = Field(None, description="Requests that are answered with an error; never retried.")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.delay is None and self.abort is None:
            raise fault("one of these is needed: delay, abort")
        return self
