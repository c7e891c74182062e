"""Values that stand in several kinds: hosts, names, ports, durations, labels, regular expressions."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from meshgen.fault import KeyPath
from meshgen.re2 import LONGEST, wrong_in


class Refusal(NamedTuple):
    """What istiod refuses."""

    path: KeyPath
    message: str
    hint: str


MAX_PORT = 65535
_LABEL = re.compile(r"[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?")
_WILDCARD = re.compile(r"\*|(?:\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?")
_QUALIFIED = r"(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_KEY = re.compile(rf"(?:[a-zA-Z0-9](?:[-a-zA-Z0-9.]{{0,251}}[a-zA-Z0-9])?/)?{_QUALIFIED}")
_LABEL_VALUE = re.compile(rf"(?:{_QUALIFIED})?")
_PART = re.compile(r"([0-9]*\.?[0-9]+|[0-9]+\.)(h|ms|us|µs|μs|ns|m|s)")
_UNITS = {
    "h": Fraction(3_600_000), "m": Fraction(60_000), "s": Fraction(1000), "ms": Fraction(1),
    "us": Fraction(1, 1000), "µs": Fraction(1, 1000), "μs": Fraction(1, 1000), "ns": Fraction(1, 1_000_000),
}  # fmt: skip
"""In milliseconds."""
_MOST_OF_LABEL, _MOST_OF_NAME = 63, 255


@lru_cache(4096)
def is_label(text: str) -> bool:
    """Whether it is a DNS label to Istio, which takes capitals (pkg/config/labels IsDNS1123Label)."""
    return len(text) <= _MOST_OF_LABEL and _LABEL.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether it is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def is_subnet(text: str) -> bool:
    """Whether it is an IP address or a CIDR (ValidateIPSubnet)."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


@lru_cache(4096)
def wrong_host(text: str, *, wildcard: bool = True) -> str | None:
    """What is wrong with a host, for Istio's ValidateWildcardDomain; without `wildcard` for ValidateFQDN."""
    if not text:
        return "a host cannot be empty"
    if len(text) > _MOST_OF_NAME:
        return f"a host has at most {_MOST_OF_NAME} characters"
    first, _, rest = text.partition(".")
    labels = [first, *rest.removesuffix(".").split(".")] if rest else [first]
    for number, label in enumerate(labels):
        there = _WILDCARD if wildcard and number == 0 else _LABEL
        if len(label) > _MOST_OF_LABEL or there.fullmatch(label) is None:
            return f"{label!r} is no part of a host: letters, digits and dashes, at most {_MOST_OF_LABEL}"
    if len(labels) > 1 and labels[-1].isdigit():
        return "the last part of a host cannot be a number"
    return None


def socket(path: KeyPath, text: str) -> Iterator[Refusal]:
    """The path of a Unix socket, without unix:// (ValidateUnixAddress)."""
    if not text.startswith("@") and (not text.startswith("/") or text.endswith("/")):
        yield Refusal(path, f"{text!r} is no path of a socket", "write unix:///path, in full")


def port(path: KeyPath, number: int) -> Iterator[Refusal]:
    """A port number."""
    if not 1 <= number <= MAX_PORT:
        yield Refusal(path, f"{number} is no port", f"write one from 1 to {MAX_PORT}")


@lru_cache(4096)
def milliseconds(text: str | None) -> Fraction | None:
    """A duration; None where it is none, which its schema tells."""
    parts = _PART.findall(text) if text else []
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum((Fraction(number) * _UNITS[unit] for number, unit in parts), Fraction())


def durations(path: KeyPath, part: Mapping[str, Any], *keys: str) -> Iterator[Refusal]:
    """Durations of at least one millisecond, and no fraction of one (ValidateDuration)."""
    for key in keys:
        value = part.get(key)
        if value is None or (length := milliseconds(value)) is None:
            continue
        if length < 1:
            yield Refusal((*path, key), f"{value!r} is shorter than 1ms", "drop the key to have no limit of your own")
        elif length.denominator != 1:
            yield Refusal((*path, key), f"{value!r} is not a whole number of milliseconds", "round it")


def non_negative(path: KeyPath, part: Mapping[str, Any], *keys: str) -> Iterator[Refusal]:
    """Whole numbers from 0."""
    for key in keys:
        if (value := part.get(key)) is not None and value < 0:
            yield Refusal((*path, key), f"{value} is below 0", "write 0 or more")


def up_to_100(path: KeyPath, part: Mapping[str, Any], *keys: str) -> Iterator[Refusal]:
    """Percentages."""
    for key in keys:
        value = part.get(key)
        if isinstance(value, int | float) and not 0 <= value <= 100:
            yield Refusal((*path, key), f"{value} is no percentage", "write one from 0 to 100")


def labels(path: KeyPath, said: Mapping[str, str]) -> Iterator[Refusal]:
    """Labels (pkg/config/labels Instance.Validate)."""
    for key, value in said.items():
        if _LABEL_KEY.fullmatch(key) is None:
            yield Refusal((*path, key), f"{key!r} is no key of a label", "write letters, digits, '-', '_' and '.'")
        elif _LABEL_VALUE.fullmatch(value) is None:
            yield Refusal((*path, key), f"{value!r} is no value of a label", "write letters, digits, '-', '_' and '.'")


def regex(path: KeyPath, text: str) -> Iterator[Refusal]:
    """A regular expression."""
    if not text:
        yield Refusal(path, "an expression cannot be empty", "for whatever it is, write .*")
    elif len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        yield Refusal(path, f"an expression has at most {LONGEST} bytes", "write it shorter, or several matches")
    elif (wrong := wrong_in(text)) is not None:
        yield Refusal(path, f"{text!r} is no RE2 expression: {wrong}", "write it as RE2 has it")


def string_match(path: KeyPath, match: Mapping[str, Any], *, empty_prefix: bool = False) -> Iterator[Refusal]:
    """One of exact, prefix and regex."""
    if match.get("prefix") == "" and not empty_prefix:
        yield Refusal((*path, "prefix"), "a prefix cannot be empty", "write {} for whatever it is")
    if "regex" in match:
        yield from regex((*path, "regex"), match["regex"])


def exported_to(spec: Mapping[str, Any], namespace: str, *, entry: bool = False) -> Iterator[Refusal]:
    """`exportTo` (validateExportTo)."""
    said: Sequence[str] = spec.get("exportTo") or []
    there: set[str] = set()
    for number, each in enumerate(said):
        path, full = ("spec", "exportTo", number), namespace if each == "." else each
        if full in there:
            yield Refusal(path, f"{each!r} stands for a namespace that is there already", "name each once")
        elif each in ("*", "~") and len(said) > 1:
            yield Refusal(path, f"{each!r} stands for all or none, and others are named too", "keep one of them")
        elif full != "*" and not is_label(full) and not (entry and each == "~"):
            yield Refusal(path, f"{each!r} is no namespace", "write '.', '*' or the name of a namespace")
        there.add(full)
