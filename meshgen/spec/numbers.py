"""Ports, shares and durations, each with the words that say what it may be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from meshgen.fault import digits
from meshgen.spec.model import fault, seen


def _port(value: int) -> int:
    if not 1 <= value <= 65535:
        raise fault(f"{value} is no port: ports go from 1 to 65535")
    return value


def _percent(value: float) -> float:
    if not 0 <= value <= 100:
        raise fault(f"{digits(f'{value:.15g}')} is no share: it goes from 0 to 100")
    if round(value, 2) != value:
        raise fault(f"{digits(f'{value:.15g}')} is too fine: a share has at most two decimals")
    return value


_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_QUANTITY = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"\+?(?:{_QUANTITY})+")
_LONGEST = 64
_PART = re.compile(r"([0-9]*)\.?([0-9]*)([a-zµμ]+)")


@lru_cache(4096)
def _nanoseconds(text: str) -> int | None:
    """What Go's time.ParseDuration reads, or None where it refuses or where it would have to round."""
    if len(text) > _LONGEST or not _DURATION.fullmatch(text):
        return 0 if text in ("0", "+0") else None
    total = 0
    for whole, decimals, unit in _PART.findall(text):
        scale = 10 ** len(decimals)
        parts, rest = divmod(int(whole + decimals) * _NANOSECONDS[unit], scale)
        if rest:
            return None
        total += parts
    return total if total < 2**63 else None


def milliseconds(duration: str) -> int:
    """The milliseconds of a Duration or DurationOrZero."""
    return (_nanoseconds(duration) or 0) // 10**6


@lru_cache(1024)
def _duration_or_zero(value: str) -> str:
    nanoseconds = _nanoseconds(value)
    if nanoseconds is None:
        raise fault(f"{seen(value)} is no duration: it is numbers with units, such as 250ms, 1.5s, 5m or 1h30m")
    if nanoseconds % 10**6:
        raise fault(f"{seen(value)} is too fine: Istio counts whole milliseconds")
    return value


@lru_cache(1024)
def _positive_duration(value: str) -> str:
    if milliseconds(_duration_or_zero(value)) < 1:
        raise fault(
            f"{seen(value)} is too short: Istio takes at least 1ms", hint="leave it out, or write null, for none"
        )
    return value


def is_duration(rules: Iterable[object]) -> bool:
    """Whether a field with these rules (what stands in Annotated behind `str`) takes a duration."""
    return any(getattr(rule, "func", None) in (_positive_duration, _duration_or_zero) for rule in rules)


_PATTERN = rf"\+?({_QUANTITY.replace('?:', '')})+$"
_SCHEMA_DURATION = {"type": "string", "pattern": rf"^(?=.*[1-9]){_PATTERN}"}
_SCHEMA_DURATION_OR_ZERO = {"type": "string", "pattern": rf"^(\+?0$|{_PATTERN})"}

Duration = Annotated[str, AfterValidator(_positive_duration), WithJsonSchema(_SCHEMA_DURATION)]
"""Numbers with units (ms, s, m, h), such as `250ms`, `1.5s` or `1h30m`: whole milliseconds, at least one."""

DurationOrZero = Annotated[str, AfterValidator(_duration_or_zero), WithJsonSchema(_SCHEMA_DURATION_OR_ZERO)]
"""As Duration, and `0s` has a meaning."""

PortNumber = Annotated[int, AfterValidator(_port), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65535})]
"""The number of a port, 1 to 65535."""

Percent = Annotated[float, AfterValidator(_percent), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})]
"""A share in percent, 0 to 100, with at most two decimals."""

Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""A whole number from 0 to 2147483647."""

UInt32 = Annotated[int, Field(ge=0, le=2**32 - 1)]
"""A whole number from 0 to 4294967295."""
