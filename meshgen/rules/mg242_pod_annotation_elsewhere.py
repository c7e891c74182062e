"""An annotation that Istio reads from pods stands somewhere else, and has no effect.

What Istio is told of a pod's sidecar (its ports, its resources, whether it is injected) it reads when the pod is made,
from the pod's own annotations: those in the template of a Deployment, not those of the Deployment itself. Nothing is told
where the template has the annotation too.

Bad:

    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: users
      namespace: shop
      annotations:
        traffic.sidecar.istio.io/excludeOutboundPorts: "5432"   # <- MG242
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
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

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding
from meshgen.rules.annotations import OF_PODS, WORKLOADS, of_pods

SEVERITY = Severity.WARNING
KINDS = ("Namespace", "Service", *(kind for kind in WORKLOADS if kind != "Pod"))
COVERS = ("IST0107",)
NEEDS = ("istio.io",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look for annotations of pods among the object's own."""
    there = of_pods(seen)[1] if seen.key.kind in WORKLOADS else {}
    for name in seen.annotations:
        if name in OF_PODS and name not in there and name != "istio.io/rev":
            where = "spec.template.metadata" if seen.key.kind in WORKLOADS else "the pods' metadata"
            yield Finding(
                ("metadata", "annotations", name),
                f"Istio reads {name} from pods, not from a {seen.key.kind}: it has no effect here",
                f"move it to the annotations in {where}",
            )
