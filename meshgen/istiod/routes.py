"""VirtualService (ValidateVirtualService, virtualservice.go)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from meshgen.fault import KeyPath
from meshgen.istiod import actions
from meshgen.istiod.values import (
    MAX_PORT,
    Refusal,
    durations,
    exported_to,
    is_address,
    is_label,
    is_subnet,
    labels,
    port,
    string_match,
    wrong_host,
)

_HEADER = re.compile(r"[!#$%&'*+,\-.^_`|~0-9A-Za-z]+")
_OF_CALLERS = frozenset(["port", "sourceLabels", "gateways", "sourceNamespace", "destinationSubnets"])
_PSEUDO = frozenset([":method", ":scheme", ":authority", ":path", ":status"])
_CLAIM = re.compile(r"@request\.auth\.claims(?:\..+|\[.+\])", re.IGNORECASE)
_RETRY_ON = frozenset(
    [
        "5xx",
        "gateway-error",
        "reset",
        "reset-before-request",
        "connect-failure",
        "retriable-4xx",
        "refused-stream",
        "retriable-status-codes",
        "retriable-headers",
        "envoy-ratelimited",
        "http3-post-connect-failure",
        "cancelled",
        "deadline-exceeded",
        "internal",
        "resource-exhausted",
        "unavailable",
    ]
)
_STATUSES = frozenset(str(status.value) for status in HTTPStatus)


def refusals(spec: dict[str, Any], namespace: str) -> Iterator[Refusal]:
    """All that is refused of a VirtualService."""
    hosts, gateways = spec.get("hosts") or [], spec.get("gateways") or []
    in_mesh = not gateways or "mesh" in gateways
    yield from _hosts(hosts, in_mesh=in_mesh)
    yield from _gateways(("spec", "gateways"), gateways)
    yield from exported_to(spec, namespace)
    if not any(spec.get(kind) for kind in ("http", "tls", "tcp")):
        yield Refusal(("spec",), "there is no rule", "write http, tls or tcp")
    for kind in ("gateways", "tls", "tcp") if not hosts else ():
        if spec.get(kind):
            yield Refusal(
                ("spec", kind), f"without hosts it is a delegate, which has no {kind}", f"write hosts, or drop {kind}"
            )
    for number, rule in enumerate(spec.get("http") or []):
        yield from _http(("spec", "http", number), rule, is_delegate=not hosts, in_mesh=in_mesh)
    for kind in ("tls", "tcp"):
        for number, rule in enumerate(spec.get(kind) or []):
            yield from _stream(("spec", kind, number), rule, hosts, kind)


def _hosts(hosts: list[str], *, in_mesh: bool) -> Iterator[Refusal]:
    seen: list[str] = []
    for number, host in enumerate(hosts):
        path = ("spec", "hosts", number)
        if (wrong := wrong_host(host)) is not None and not is_address(host) and not host.startswith("outbound_"):
            yield Refusal(path, wrong, "write a name, or *.example.com for all below one")
            return
        if host == "*" and in_mesh:
            yield Refusal(
                path,
                "'*' is for gateways only, and this is for the mesh",
                "name the hosts, or write gateways without mesh",
            )
            return
        other = next((each for each in seen if _overlap(each, host)), None)
        if other is not None:
            yield Refusal(path, f"{other!r} above has {host!r} too", "keep one of them")
        seen.append(host)


def _overlap(one: str, other: str) -> bool:
    """Whether two hosts can mean one (pkg/config/host Name.Matches)."""
    if one.startswith("*") and other.startswith("*"):
        return one[1:].endswith(other[1:]) or other[1:].endswith(one[1:])
    if one.startswith("*") or other.startswith("*"):
        wide, narrow = (one, other) if one.startswith("*") else (other, one)
        return narrow.endswith(wide[1:])
    return one == other


def _gateways(path: KeyPath, names: list[str]) -> Iterator[Refusal]:
    for number, name in enumerate(names):
        namespace, slash, rest = name.partition("/")
        if not slash:  # istiod looks at none after it
            if wrong_host(name, wildcard=False) is not None:
                yield Refusal((*path, number), f"{name!r} is no name of a gateway", "write NAMESPACE/NAME")
            return
        if not is_label(namespace) or not is_label(rest):
            yield Refusal((*path, number), f"{name!r} is no name of a gateway", "write NAMESPACE/NAME")


def _http(path: KeyPath, rule: Mapping[str, Any], *, is_delegate: bool, in_mesh: bool) -> Iterator[Refusal]:
    yield from actions.refusals(path, rule, is_delegate=is_delegate)
    for number, match in enumerate(rule.get("match") or ()):
        yield from _match((*path, "match", number), match, in_mesh=in_mesh)
    if "retries" in rule:
        yield from _retries((*path, "retries"), rule["retries"])
    if "timeout" in rule:
        yield from durations(path, rule, "timeout")
    yield from _destinations(path, rule)
    if "mirror" in rule:
        yield from _destination((*path, "mirror"), rule["mirror"])
    for number, mirror in enumerate(rule.get("mirrors") or ()):
        yield from _destination((*path, "mirrors", number, "destination"), mirror.get("destination") or {})


def _match(path: KeyPath, match: Mapping[str, Any], *, in_mesh: bool) -> Iterator[Refusal]:
    for word, said in match.items():
        if word in ("headers", "withoutHeaders"):
            yield from _headers((*path, word), said, word, in_mesh=in_mesh)
        elif word == "uri":
            yield from string_match((*path, word), said, empty_prefix=True)
        elif word in ("scheme", "method", "authority"):
            yield from string_match((*path, word), said)
        elif word == "queryParams":
            for name, value in said.items():
                yield from string_match((*path, word, name), value or {})
    if not _OF_CALLERS.isdisjoint(match):
        yield from _callers(path, match)


def _headers(path: KeyPath, said: Mapping[str, Any], word: str, *, in_mesh: bool) -> Iterator[Refusal]:
    for name, value in said.items():
        at = (*path, name)
        if name.startswith("@") and _CLAIM.fullmatch(name):
            if in_mesh:
                message = "claims are known at gateways only, and this is for the mesh"
                yield Refusal(at, message, "write it for gateways alone")
        elif name not in _PSEUDO and _HEADER.fullmatch(name) is None:
            yield Refusal(at, f"{name!r} is no name of a header", "write letters, digits and dashes")
        if isinstance(value, dict) and not (word == "withoutHeaders" and value.get("regex") == "*"):
            yield from string_match(at, value)


def _callers(path: KeyPath, match: Mapping[str, Any]) -> Iterator[Refusal]:
    """What all kinds of match have."""
    if match.get("port"):
        yield from port((*path, "port"), match["port"])
    yield from labels((*path, "sourceLabels"), match.get("sourceLabels") or {})
    yield from _gateways((*path, "gateways"), match.get("gateways") or [])
    namespace = match.get("sourceNamespace")
    if namespace and not is_label(namespace):
        yield Refusal((*path, "sourceNamespace"), f"{namespace!r} is no namespace", "write its name")
    for number, subnet in enumerate(match.get("destinationSubnets") or []):
        if not is_subnet(subnet):
            yield Refusal((*path, "destinationSubnets", number), f"{subnet!r} is no network", "write 10.0.0.0/8")


def _retries(path: KeyPath, retries: Mapping[str, Any]) -> Iterator[Refusal]:
    attempts = retries.get("attempts", 0)
    if attempts < 0:
        yield Refusal((*path, "attempts"), f"{attempts} is below 0", "write 0 for no retries")
    extra = [key for key in ("perTryTimeout", "retryOn", "retryRemoteLocalities") if retries.get(key) not in (None, "")]
    if attempts == 0 and extra:
        yield Refusal(
            (*path, extra[0]), f"without attempts there are no retries, and {extra[0]} is for retries", "write attempts"
        )
    for word in retries.get("retryOn", "").split(",") if retries.get("retryOn") else ():
        if word not in _RETRY_ON and word not in _STATUSES:
            hint = (
                "write commas without spaces"
                if word.strip() in _RETRY_ON | _STATUSES
                else "write 5xx, connect-failure …"
            )
            yield Refusal((*path, "retryOn"), f"{word!r} is no condition of retries", hint)
    yield from durations(path, retries, "perTryTimeout", "backoff")


def _destinations(path: KeyPath, rule: Mapping[str, Any]) -> Iterator[Refusal]:
    for number, target in enumerate(rule.get("route") or []):
        at = (*path, "route", number)
        if "headers" in target:
            yield from actions.headers(at, target)
        if target.get("weight", 0) < 0:
            yield Refusal((*at, "weight"), f"{target['weight']} is below 0", "write 0 or more")
        yield from _destination((*at, "destination"), target.get("destination") or {})


def _destination(path: KeyPath, target: Mapping[str, Any]) -> Iterator[Refusal]:
    host, subset = target.get("host"), target.get("subset")
    if host is not None and (wrong := "'*' is no service" if host == "*" else wrong_host(host)) is not None:
        yield Refusal((*path, "host"), wrong, "write the host of a service")
    if subset and not is_label(subset):
        yield Refusal((*path, "subset"), f"{subset!r} is no name of a subset", "write letters, digits and dashes")
    if "port" in target:
        number = (target["port"] or {}).get("number", 0)
        if not 1 <= number <= MAX_PORT:
            yield from port((*path, "port", "number") if number else (*path, "port"), number)


def _stream(path: KeyPath, rule: Mapping[str, Any], hosts: list[str], kind: str) -> Iterator[Refusal]:
    if not rule.get("route"):
        yield Refusal(path, "there is no destination", "write route")
    yield from _destinations(path, rule)
    if kind == "tls" and not rule.get("match"):
        yield Refusal(path, "a rule for TLS needs a match", "write match with sniHosts")
    for number, match in enumerate(rule.get("match") or []):
        yield from _callers((*path, "match", number), match)
        for position, name in enumerate(match.get("sniHosts") or []):
            at = (*path, "match", number, "sniHosts", position)
            if wrong_host(name) is not None and not name.startswith("outbound_"):
                if not is_address(name):
                    yield Refusal(at, f"{name!r} is no host", "write one of the VirtualService's hosts")
            elif not any(
                host == name or (host.startswith("*") and name.lstrip("*").endswith(host[1:])) for host in hosts
            ):
                yield Refusal(
                    at, f"{name!r} is none of the VirtualService's hosts", f"write one of {', '.join(hosts[:5])}"
                )
