"""A field is deprecated: Istio still reads it, or does no longer, and has another in its place.

`fault.delay.percent` and `mirrorPercent` are whole numbers; `percentage` and `mirrorPercentage` take fractions.
`corsPolicy.allowOrigin` only compares letter by letter, `allowOrigins` knows prefixes and expressions. A Sidecar's
`outboundTrafficPolicy.egressProxy` is ignored.

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
      - route:
        - destination: {host: users, port: {number: 80}}
        mirror: {host: users, port: {number: 80}}
        mirrorPercent: 10   # <- MG279

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
      - route:
        - destination: {host: users, port: {number: 80}}
        mirror: {host: users, port: {number: 80}}
        mirrorPercentage: {value: 10}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.editing import Rename
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("VirtualService", "Sidecar")
COVERS = ("IST0002",)
NEEDS = ("fault", "mirrorPercent", "mirror_percent", "corsPolicy", "outboundTrafficPolicy")
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look for the fields."""
    if seen.key.kind == "Sidecar":
        if "egressProxy" in (seen.spec.get("outboundTrafficPolicy") or {}):
            yield Finding(("spec", "outboundTrafficPolicy", "egressProxy"), "egressProxy is ignored", "drop it")
        return
    for number, route in enumerate(seen.spec.get("http") or []):
        path = ("spec", "http", number)
        if (percent := ((route.get("fault") or {}).get("delay") or {}).get("percent")) is not None:
            hint = f"write percentage: {{value: {percent}}}"
            fix = None if "percentage" in route["fault"]["delay"] else Rename("percentage", {"value": percent})
            message = "percent is deprecated: it takes no fractions"
            yield Finding((*path, "fault", "delay", "percent"), message, hint, fix=fix)
        key = next((key for key in ("mirrorPercent", "mirror_percent") if route.get(key) is not None), None)
        if key is not None:
            hint = f"write mirrorPercentage: {{value: {route[key]}}}"
            fix = None if "mirrorPercentage" in route else Rename("mirrorPercentage", {"value": route[key]})
            yield Finding((*path, key), f"{key} is deprecated: it takes no fractions", hint, fix=fix)
        if (route.get("corsPolicy") or {}).get("allowOrigin"):
            yield Finding(
                (*path, "corsPolicy", "allowOrigin"), "allowOrigin is deprecated", "write allowOrigins: [{exact: ...}]"
            )
