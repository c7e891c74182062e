"""A Sidecar is for workloads of an ambient Namespace, which have no sidecars, so it is without effect.

A Namespace with `istio.io/dataplane-mode: ambient`, and without the labels of injection, sends its traffic through the
node's proxy. It reads no Sidecar: callers see all services, whatever `egress` says.

Not shown: the lab has no ambient mode.

Bad:

    apiVersion: v1
    kind: Namespace
    metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
    ---
    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata:
      name: default   # <- MG288
      namespace: shop
    spec:
      egress: [{hosts: ["./*"]}]

Good:

    apiVersion: v1
    kind: Namespace
    metadata: {name: shop, labels: {istio-injection: enabled}}
    ---
    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata:
      name: default
      namespace: shop
    spec:
      egress: [{hosts: ["./*"]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("Sidecar",)
COVERS = ("IST0167",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at the Namespace, where the Sidecar is for all of it."""
    labels = registry.namespaces.get(seen.namespace) or {}
    if labels.get("istio.io/dataplane-mode") != "ambient" or "workloadSelector" in seen.spec:
        return
    if labels.get("istio-injection") != "enabled" and not labels.get("istio.io/rev"):
        yield Finding(
            ("metadata", "name"),
            f"namespace {seen.namespace!r} is ambient and its pods have no sidecars: this is without effect",
            "drop it, or inject sidecars",
        )
