"""A Telemetry turns on the access log and says no provider, so where the mesh has no default one nothing is logged.

The default is `defaultProviders.accessLogging` of the mesh's settings, and empty unless somebody set it.

Not shown: the lab's mesh logs all requests, to see what proxies did.

Bad:

    apiVersion: telemetry.istio.io/v1
    kind: Telemetry
    metadata: {name: logs, namespace: shop}
    spec:
      accessLogging:
      - filter: {expression: "response.code >= 500"}   # <- MG287

Good:

    apiVersion: telemetry.istio.io/v1
    kind: Telemetry
    metadata: {name: logs, namespace: shop}
    spec:
      accessLogging:
      - providers: [{name: envoy}]
        filter: {expression: "response.code >= 500"}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("Telemetry",)
COVERS = ("IST0157",)
NEEDS = ("accessLogging",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at each access log."""
    for number, log in enumerate(seen.spec.get("accessLogging") or []):
        if not log.get("disabled") and not log.get("providers") and seen.key not in registry.partial:
            yield Finding(
                ("spec", "accessLogging", number),
                "no provider is named: without a default one of the mesh nothing is logged",
                "name one: providers: [{name: envoy}]",
            )
