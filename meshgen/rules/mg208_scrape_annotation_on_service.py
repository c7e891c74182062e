"""A Service says where Prometheus finds metrics, but Istio reads this from pods.

Istio's sidecar serves the metrics of its pod and of Envoy as one page when the pod has the annotations
`prometheus.io/scrape`, `port` and `path`. On a Service they mean something only to a Prometheus that is set up to look
for them there; it then asks the pods' port itself, which a pod with strict mutual TLS refuses. Silent where the pods
have the annotation too.

Not shown: where Prometheus looks is said in its own configuration, and the lab runs none.

Bad:

    apiVersion: v1
    kind: Service
    metadata:
      name: users
      namespace: shop
      annotations:
        prometheus.io/scrape: "true"   # <- MG208
        prometheus.io/port: "8080"
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}

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
            prometheus.io/scrape: "true"
            prometheus.io/port: "8080"
        spec: {containers: [{name: users, image: "users:v1"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("Service",)
NEEDS = ("annotations",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for the annotation, here and at the pods."""
    if seen.annotations.get("prometheus.io/scrape") != "true":
        return
    selector = seen.spec.get("selector") or {}
    if selector and any(pods.scraped for pods in registry.select(seen.namespace, selector)):
        return
    yield Finding(
        ("metadata", "annotations", "prometheus.io/scrape"),
        "Istio reads this from pods: on a Service it leads only to scrapes past the sidecar, if to any",
        "move the prometheus.io annotations into the pod template",
    )
