"""Envoy refuses a value that Istio lets through, and with it every route of the port.

Istio's webhook takes a redirect of any code from 300 to 399, the status 600 and any `%COMMAND%` in a header. Envoy takes
only the redirects 301, 302, 303, 307 and 308, statuses below 600 and commands that it knows. It does not leave out the
one route: it keeps the old configuration of the port, for all hosts on it, until the value is gone; a proxy that starts
anew has no routes at all.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{uri: {prefix: /old}}]
        redirect:
          uri: /new
          redirectCode: 304   # <- MG260
      - route:
        - destination: {host: users}
          headers:
            response:
              set:
                x-served-by: "%POD_NAME%"   # <- MG260

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{uri: {prefix: /old}}]
        redirect:
          uri: /new
          redirectCode: 308
      - route:
        - destination: {host: users}
          headers:
            response:
              set:
                x-served-by: "%HOSTNAME%"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.diagnostic import Severity
from meshgen.placeholders import ALONE, WITH_PARAMETERS
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
SETTLED = True

_REDIRECTS = (301, 302, 303, 307, 308)
_SIGN = re.compile(r"%%|%([A-Z0-9_]+)(\([^)]*\))?(?::[0-9]+)?%")
_JSON = "COALESCE"


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look at the codes and headers of each rule."""
    for number, route in enumerate(seen.spec.get("http") or []):
        path = ("spec", "http", number)
        yield from _codes(path, route)
        if "headers" in route:
            yield from _headers(path, route)
        for position, target in enumerate(route.get("route") or []):
            if "headers" in target:
                yield from _headers((*path, "route", position), target)


def _codes(path: tuple[str | int, ...], route: Mapping[str, Any]) -> Iterator[Finding]:
    if "redirect" not in route and "directResponse" not in route and "fault" not in route:
        return
    code = (route.get("redirect") or {}).get("redirectCode", 301)
    if code not in _REDIRECTS and 300 <= code < 400:
        message = f"Envoy has no redirect of code {code}, and refuses all routes of the port"
        yield Finding((*path, "redirect", "redirectCode"), message, "write 301, 302, 303, 307 or 308")
    abort = (route.get("fault") or {}).get("abort") or {}
    if (route.get("directResponse") or {}).get("status") == 600:
        message = "Envoy answers with a status from 200 to 599, and refuses all routes of the port"
        yield Finding((*path, "directResponse", "status"), message, "write one below 600")
    if abort.get("httpStatus") == 600:
        message = "Envoy aborts with a status from 200 to 599, and refuses all routes of the port"
        yield Finding((*path, "fault", "abort", "httpStatus"), message, "write one below 600")


def _headers(path: tuple[str | int, ...], part: Mapping[str, Any]) -> Iterator[Finding]:
    for side, edits in (part.get("headers") or {}).items():
        for action in ("set", "add"):
            for name, value in (edits or {}).get(action, {}).items():
                wrong = _wrong(value)
                if wrong:
                    yield Finding(
                        (*path, "headers", side, action, name),
                        f"Envoy {wrong}, and refuses all routes of the port",
                        "write %% for the sign itself, and commands as Envoy's access log has them",
                    )


def _wrong(value: str) -> str | None:
    """What is wrong with the first command that Envoy does not take."""
    for found in _SIGN.finditer(value):
        name, parameters = found[1], found[2]
        if name is None or name == _JSON:
            continue
        if name not in ALONE and name not in WITH_PARAMETERS:
            return f"knows no command %{name}%"
        if parameters is None and name not in ALONE:
            return f"wants parameters for %{name}%, as in %{name}(...)%"
        if parameters is not None and name not in WITH_PARAMETERS:
            return f"wants no parameters for %{name}%"
    return None
