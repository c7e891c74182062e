"""An annotation looks like one of Istio's, but Istio knows none of that name.

What it is to say, be it about ports, injection or resources of a sidecar, is not heard. Names are compared with those
that Istio 1.31 reads; some of them are labels, and do nothing as annotations.

Bad:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata:
          labels: {app: users}
          annotations:
            traffic.sidecar.istio.io/excludeOutboundPort: "5432"   # <- MG247
        spec: {containers: [{name: users, image: "users:v1"}]}

Good:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata:
          labels: {app: users}
          annotations:
            traffic.sidecar.istio.io/excludeOutboundPorts: "5432"
        spec: {containers: [{name: users, image: "users:v1"}]}
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding
from meshgen.rules.annotations import KNOWN, LABELS, WORKLOADS, written

SEVERITY = Severity.WARNING
KINDS = ("Namespace", "Service", *WORKLOADS)
COVERS = ("IST0108",)
NEEDS = ("istio.io",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look up each annotation of Istio's domains."""
    for path, said in written(seen):
        for name in said:
            domain = name.partition("/")[0]
            if "/" not in name or not f".{domain}".endswith(".istio.io") or name in KNOWN or "operator" in domain:
                continue
            yield Finding((*path, name), f"Istio reads no annotation {name}: it has no effect", _hint(name))


def _hint(name: str) -> str:
    if name in LABELS:
        return "write it as a label"
    near = get_close_matches(name, KNOWN, n=1, cutoff=0.85)
    return f"did you mean {near[0]!r}?" if near else "drop it"
