"""An annotation asks for pods that are not ready, but Kubernetes and Istio no longer read it.

`service.alpha.kubernetes.io/tolerate-unready-endpoints` was removed from Kubernetes, and Istio never knew it. Pods that
are not ready get no requests and no DNS name, so that peers of a StatefulSet that look for each other while they start
find nobody. The field for it is `publishNotReadyAddresses`; where that is set, nothing is told.

Bad:

    apiVersion: v1
    kind: Service
    metadata:
      name: users-peers
      namespace: shop
      annotations:
        service.alpha.kubernetes.io/tolerate-unready-endpoints: "true"   # <- MG207
    spec:
      clusterIP: None
      selector: {app: users}
      ports:
      - {name: tcp-peers, port: 7000}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users-peers, namespace: shop}
    spec:
      clusterIP: None
      publishNotReadyAddresses: true
      selector: {app: users}
      ports:
      - {name: tcp-peers, port: 7000}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("Service",)
NEEDS = ("annotations",)

_ANNOTATION = "service.alpha.kubernetes.io/tolerate-unready-endpoints"


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look for the annotation without the field."""
    if seen.annotations.get(_ANNOTATION) == "true" and not seen.spec.get("publishNotReadyAddresses"):
        yield Finding(
            ("metadata", "annotations", _ANNOTATION),
            "nothing reads this annotation: pods that are not ready get no request and no DNS name",
            "drop it; where unready pods are wanted (peers that find each other), write spec.publishNotReadyAddresses: true",
        )
