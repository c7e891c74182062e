"""A headless Service has a port at which no pod listens, so every connection to it is refused.

A headless Service has no address of its own: clients get those of its pods and connect to the port that they ask for.
Nobody translates `port` into `targetPort`, neither kube-proxy nor a sidecar. Only a gateway does, so nothing is told
where routes of gateways alone lead here. A targetPort that is a name is looked up in the pods; without them, nothing is
told.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users-peers, namespace: shop}
    spec:
      clusterIP: None
      selector: {app: users}
      ports:
      - name: http
        port: 80   # <- MG211
        targetPort: 3000

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users-peers, namespace: shop}
    spec:
      clusterIP: None
      selector: {app: users}
      ports:
      - name: http
        port: 3000
        targetPort: 3000
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("Service",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare port and targetPort of a Service without address."""
    spec = seen.spec
    if spec.get("clusterIP") != "None" or not spec.get("selector"):
        return
    uses = registry.uses.get(registry.host(seen.name, seen.namespace), ())
    if uses and not any(use.in_mesh for use in uses):
        return
    for number, port in enumerate(spec.get("ports") or []):
        asked, listened = port.get("port"), _targets(port, seen, registry)
        if listened and asked not in listened:
            there = ", ".join(str(each) for each in sorted(listened))
            yield Finding(
                ("spec", "ports", number, "port"),
                f"clients of a headless Service connect to the pods' port {asked}, and these listen on {there}: connection refused",
                f"write port: {there}",
            )


def _targets(port: Mapping[str, Any], seen: Object, registry: Registry) -> set[int]:
    """The numbers that a targetPort leads to; none where that is not known."""
    target = port.get("targetPort")
    if isinstance(target, int):
        return {target}
    if not target:
        return set()
    pods = registry.select(seen.namespace, seen.spec["selector"])
    if any(each.key in registry.partial for each in pods):
        return set()
    return {number for each in pods for name, number in each.ports if name == target}
