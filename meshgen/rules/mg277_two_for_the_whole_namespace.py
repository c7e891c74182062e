"""Two Sidecars or Telemetries of one namespace select no workload, and only one of them is used.

An object without a selector is for all workloads of its namespace, and Istio takes one such object a namespace: the one
created first. What the other says, of hosts, of metrics, is without effect.

Bad:

    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: {name: default, namespace: shop}
    spec:
      egress:
      - hosts: ["./*"]
    ---
    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata:
      name: more   # <- MG277
      namespace: shop
    spec:
      egress:
      - hosts: ["./*", "istio-system/*"]

Good:

    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: {name: default, namespace: shop}
    spec:
      egress:
      - hosts: ["./*"]
    ---
    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: {name: more, namespace: shop}
    spec:
      workloadSelector: {labels: {app: front}}
      egress:
      - hosts: ["./*", "istio-system/*"]
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("Sidecar", "Telemetry")
COVERS = ("IST0111", "IST0160")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare with the first of the namespace; told at all others."""
    first = registry.plain.get((seen.key.kind, seen.namespace))
    if first is None or first == seen.key or not registry.partial.isdisjoint((first, seen.key)):
        return
    if not any(key in seen.spec for key in ("workloadSelector", "selector", "targetRef", "targetRefs")):
        yield Finding(
            ("metadata", "name"),
            f"{first} is for all workloads of the namespace too: only one of the two is used",
            "write a selector, or put both into one",
        )
