"""What a rule of a VirtualService does with a request, beside where it goes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from meshgen.fault import KeyPath
from meshgen.istiod.values import Refusal, durations, milliseconds, port, regex, string_match, up_to_100

_TOKEN = re.compile(r"[!#$%&'*+,\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ARGUMENTS = r'\( *(?:\[[^\]]*\] *|(?:[^)\\"]|\\.|"(?:[^"\\]|\\.)*")*)\) *'
_COMMAND = re.compile(rf"%%|%[^%(]*(?:{_ARGUMENTS})?%")
_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"])
_GRPC = frozenset(
    [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ]
)
_LEAST, _MOST = 200, 600
_LARGE = 1024 * 1024
_TINY = 0.0001


def refusals(path: KeyPath, rule: Mapping[str, Any], *, is_delegate: bool) -> Iterator[Refusal]:
    """What is refused of a rule's actions, and of several together."""
    yield from _together(path, rule, is_delegate=is_delegate)
    if "headers" in rule:
        yield from headers(path, rule)
    for key, part in rule.items():
        judge = _ACTIONS.get(key)
        if judge is not None:
            yield from judge((*path, key), part)
    if "redirect" in rule:
        yield from _redirect((*path, "redirect"), rule["redirect"], rule.get("match") or [])
    if "mirrorPercent" in rule:
        yield from up_to_100(path, rule, "mirrorPercent")


def _together(path: KeyPath, rule: Mapping[str, Any], *, is_delegate: bool) -> Iterator[Refusal]:
    """What a rule cannot have at once (validateHTTPRouteConflict)."""
    if "delegate" in rule:
        if is_delegate:
            yield Refusal((*path, "delegate"), "a delegate cannot leave its rules to another", "write route")
        else:
            for key in ("redirect", "route"):
                if rule.get(key) not in (None, []):
                    yield Refusal(
                        (*path, key), f"the rule is left to a delegate, and has a {key} too", "keep one of them"
                    )
        return
    ends = next((key for key in ("redirect", "directResponse") if key in rule), None)
    if ends is not None:
        for key in ("route", "fault", "rewrite", "directResponse"):
            if rule.get(key) is not None and key != ends and rule[key] != []:
                yield Refusal((*path, key), f"a rule has either {ends} or {key}", "keep one of them")
    elif not rule.get("route"):
        yield Refusal(path, "the rule does nothing", "write route, redirect, directResponse or delegate")
    if "mirror" in rule and rule.get("mirrors"):
        yield Refusal((*path, "mirror"), "a rule has either mirror or mirrors", "write it into mirrors")


def headers(path: KeyPath, part: Mapping[str, Any]) -> Iterator[Refusal]:
    """What is done to headers."""
    said = part.get("headers") or {}
    host_set = (part.get("rewrite") or {}).get("authority", "")
    for side in ("request", "response"):
        for action in ("set", "add", "remove"):
            names = (said.get(side) or {}).get(action) or {}
            for number, name in enumerate(names):
                at = (*path, "headers", side, action, number if action == "remove" else name)
                is_host = name.lower() in ("host", ":authority")
                may = side == "request" and action != "remove" and is_host
                if not name:
                    yield Refusal(at, "a header needs a name", "write one")
                elif (name.startswith(":") or name.lower() == "host") and not may:
                    yield Refusal(at, f"{name!r} cannot be changed here", "only a request's host can be set")
                elif may and host_set:
                    yield Refusal(at, f"the host is set already, to {host_set!r}", "set it once")
                elif may:
                    host_set = names[name]
                if action != "remove" and (wrong := wrong_text(names[name])) is not None:
                    yield Refusal(at, wrong, "write %% for the sign itself")


@lru_cache(4096)
def wrong_text(text: str) -> str | None:
    """What is wrong with the value of a header (validateHeaderValue): a %COMMAND that does not end, a control character."""
    if _CONTROL.search(text):
        return "a header has no control characters"
    rest = _COMMAND.sub("", text)
    return f"{rest[rest.index('%') :]!r} begins a command that does not end" if "%" in rest else None


def _cors(path: KeyPath, policy: Mapping[str, Any]) -> Iterator[Refusal]:
    for number, origin in enumerate(policy.get("allowOrigins") or []):
        at = (*path, "allowOrigins", number)
        if not any(origin.get(key) for key in ("exact", "prefix", "regex")):
            yield Refusal(at, "an origin says nothing", "write exact, prefix or regex")
        else:
            yield from string_match(at, origin)
    for number, method in enumerate(policy.get("allowMethods") or []):
        if method not in _METHODS:
            yield Refusal((*path, "allowMethods", number), f"{method!r} is no method", "write GET, POST … or '*'")
    for key in ("allowHeaders", "exposeHeaders"):
        for number, name in enumerate(policy.get(key) or []):
            if _TOKEN.fullmatch(name) is None:
                yield Refusal(
                    (*path, key, number), f"{name!r} is no name of a header", "write letters, digits and dashes"
                )
    yield from durations(path, policy, "maxAge")
    age = milliseconds(policy.get("maxAge"))
    if age is not None and age >= 1 and age % 1000 and age.denominator == 1:
        yield Refusal((*path, "maxAge"), f"{policy['maxAge']!r} is not a whole number of seconds", "round it")


def _fault(path: KeyPath, fault: Mapping[str, Any]) -> Iterator[Refusal]:
    abort, delay = fault.get("abort"), fault.get("delay")
    if abort is None and delay is None:
        yield Refusal(path, "a fault needs an abort or a delay", "write one, or drop fault")
    for key, part in (("abort", abort or {}), ("delay", delay or {})):
        value = (part.get("percentage") or {}).get("value", 0)
        if value and not _TINY <= value <= 100:
            yield Refusal(
                (*path, key, "percentage", "value"), f"{value} is no percentage", "write one from 0.0001 to 100"
            )
    yield from durations((*path, "delay"), delay or {}, "fixedDelay")
    for key, part, word in (("delay", delay or {}, "exponentialDelay"), ("abort", abort or {}, "http2Error")):
        if word in part:
            yield Refusal((*path, key, word), f"Istio has no {word}", "write fixedDelay or httpStatus")
    yield from _status((*path, "abort", "httpStatus"), (abort or {}).get("httpStatus"))
    grpc = (abort or {}).get("grpcStatus")
    if grpc is not None and grpc not in _GRPC:
        yield Refusal(
            (*path, "abort", "grpcStatus"), f"{grpc!r} is no status of gRPC", "write UNAVAILABLE, NOT_FOUND …"
        )


def _status(path: KeyPath, status: int | None) -> Iterator[Refusal]:
    if status is not None and not _LEAST <= status <= _MOST:
        yield Refusal(path, f"{status} is no status", "write one from 200 to 599")


def _redirect(path: KeyPath, redirect: Mapping[str, Any], matches: list[dict[str, Any]]) -> Iterator[Refusal]:
    if not any(redirect.get(key) for key in ("uri", "prefixRewrite", "authority", "scheme")) and not {
        "port",
        "derivePort",
    } & set(redirect):
        yield Refusal(path, "the redirect leads back to where it comes from", "write uri, authority, scheme or port")
    if redirect.get("uri") and redirect.get("prefixRewrite"):
        yield Refusal((*path, "prefixRewrite"), "a redirect has either uri or prefixRewrite", "keep one of them")
    elif redirect.get("prefixRewrite") and any(match.get("uri") and "prefix" not in match["uri"] for match in matches):
        yield Refusal((*path, "prefixRewrite"), "only a matched prefix can be replaced", "match uri by prefix")
    code, scheme = redirect.get("redirectCode", 301), redirect.get("scheme")
    if code and not 300 <= code < 400:
        yield Refusal((*path, "redirectCode"), f"{code} is no redirect", "write 301, 302, 303, 307 or 308")
    if scheme and scheme not in ("http", "https"):
        yield Refusal((*path, "scheme"), f"{scheme!r} is no scheme", "write http or https")
    if redirect.get("port"):
        yield from port((*path, "port"), redirect["port"])


def _response(path: KeyPath, response: Mapping[str, Any]) -> Iterator[Refusal]:
    yield from _status((*path, "status"), response.get("status", 0))
    body = response.get("body") or {}
    if len(body.get("string", "").encode("utf-8", "surrogatepass")) > _LARGE:
        yield Refusal((*path, "body"), "a body has at most 1 MB", "let a service answer")


def _rewrite(path: KeyPath, rewrite: Mapping[str, Any]) -> Iterator[Refusal]:
    pattern = rewrite.get("uriRegexRewrite")
    if not rewrite.get("uri") and pattern is None and not rewrite.get("authority"):
        yield Refusal(path, "nothing is rewritten", "write uri, uriRegexRewrite or authority, or drop rewrite")
    if rewrite.get("uri") and pattern is not None:
        yield Refusal((*path, "uriRegexRewrite"), "a rewrite has either uri or uriRegexRewrite", "keep one of them")
    elif pattern is not None and not (pattern.get("match") and pattern.get("rewrite")):
        yield Refusal((*path, "uriRegexRewrite"), "it needs match and rewrite", "write both")
    elif pattern is not None:
        yield from regex((*path, "uriRegexRewrite", "match"), pattern["match"])


def _mirrors(path: KeyPath, mirrors: list[dict[str, Any]]) -> Iterator[Refusal]:
    for number, mirror in enumerate(mirrors):
        yield from up_to_100((*path, number, "percentage"), mirror.get("percentage") or {}, "value")


def _mirror_share(path: KeyPath, share: Mapping[str, Any]) -> Iterator[Refusal]:
    yield from up_to_100(path, share, "value")


_ACTIONS: dict[str, Callable[[KeyPath, Any], Iterator[Refusal]]] = {
    "corsPolicy": _cors, "fault": _fault, "mirrorPercentage": _mirror_share, "mirrors": _mirrors,
    "directResponse": _response, "rewrite": _rewrite,
}  # fmt: skip
