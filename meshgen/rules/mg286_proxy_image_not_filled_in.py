"""A container asks Istio to fill in its image, but nothing injects here, so the pod never starts.

`image: auto` of the container `istio-proxy` is replaced when the pod is injected. Where the Namespace has none of the
labels of injection and the template does not ask either, or says no, the kubelet looks for an image of the name `auto`.
Told where the Namespace is among what is linted, or the pod says no itself.

Bad:

    apiVersion: v1
    kind: Namespace
    metadata: {name: ingress}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: ingress, namespace: ingress}
    spec:
      selector: {matchLabels: {istio: ingress}}
      template:
        metadata:
          labels: {istio: ingress}
          annotations: {inject.istio.io/templates: gateway}
        spec:
          containers:
          - name: istio-proxy
            image: auto   # <- MG286
            readinessProbe: {httpGet: {path: /healthz/ready, port: 15021}}

Good:

    apiVersion: v1
    kind: Namespace
    metadata: {name: ingress}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: ingress, namespace: ingress}
    spec:
      selector: {matchLabels: {istio: ingress}}
      template:
        metadata:
          labels: {istio: ingress, sidecar.istio.io/inject: "true"}
          annotations: {inject.istio.io/templates: gateway}
        spec:
          containers:
          - name: istio-proxy
            image: auto
            readinessProbe: {httpGet: {path: /healthz/ready, port: 15021}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import WORKLOADS, Labels, Object, Registry, template
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = WORKLOADS
COVERS = ("IST0146", "IST0147")
NEEDS = ("istio-proxy",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for the container that waits for an image."""
    path, pod = template(seen)
    for number, container in enumerate((pod.get("spec") or {}).get("containers") or []):
        if container.get("image") != "auto" or container.get("name") != "istio-proxy":
            continue
        labels = (pod.get("metadata") or {}).get("labels") or {}
        if _is_injected(labels, registry.namespaces.get(seen.namespace)):
            continue
        yield Finding(
            (*path, "spec", "containers", number, "image"),
            "nothing injects here, so the image stays 'auto', which no registry has: the pod never starts",
            'label the template sidecar.istio.io/inject: "true", or the Namespace istio-injection: enabled',
        )


def _is_injected(labels: Labels, namespace: Labels | None) -> bool:
    """Whether a pod may be injected; None for a Namespace that is not known."""
    asked = labels.get("sidecar.istio.io/inject")
    if asked is not None:
        return asked == "true"
    if namespace is None or "istio.io/rev" in labels:
        return True
    return namespace.get("istio-injection") == "enabled" or "istio.io/rev" in namespace
