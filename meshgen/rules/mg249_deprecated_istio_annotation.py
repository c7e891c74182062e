"""An annotation is one that Istio still reads, but has given up.

`sidecar.istio.io/inject` is a label now: with the annotation alone, pods are injected or left out only where the webhook
is asked at all, which its selectors decide by labels. The annotations for statistics and discovery have their place in
`proxy.istio.io/config`.

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
            sidecar.istio.io/inject: "false"   # <- MG249
        spec: {containers: [{name: users, image: "users:v1"}]}

Good:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata:
          labels: {app: users, sidecar.istio.io/inject: "false"}
        spec: {containers: [{name: users, image: "users:v1"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, template
from meshgen.rules import Finding
from meshgen.rules.annotations import DEPRECATED, WORKLOADS, written

SEVERITY = Severity.INFO
KINDS = ("Namespace", "Service", *WORKLOADS)
COVERS = ("IST0135",)
NEEDS = ("istio.io",)

_INJECT = "sidecar.istio.io/inject"


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look for names that were given up."""
    pod = template(seen)[1] if seen.key.kind in WORKLOADS else {}
    has_label = _INJECT in ((pod.get("metadata") or {}).get("labels") or {})
    for path, said in written(seen):
        for name in said:
            if name in DEPRECATED and not (name == _INJECT and has_label):
                hint = (
                    "write it as a label of the pods"
                    if name == _INJECT
                    else "write it into proxy.istio.io/config, or drop it"
                )
                yield Finding((*path, name), f"{name} is deprecated as an annotation", hint)
