"""Pods behind a Service say neither when they are ready nor what they need.

Without readiness probe a pod gets requests as soon as its containers have started, long before many a program listens:
at each rollout some requests end in 503. Without requested resources the scheduler packs pods onto any node, and under
pressure they are the first to be killed. Told once for a workload that a Service selects, where no container has the one
or no container the other.

Not shown: the lab plays the kubelet, which probes, and the scheduler, which counts what pods ask for.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec:
          containers:
          - name: users   # <- MG231
            image: users:v1

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec:
          containers:
          - name: users
            image: users:v1
            readinessProbe: {httpGet: {path: /ready, port: 8080}}
            resources: {requests: {cpu: 100m, memory: 128Mi}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, template
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at the containers of what a Service selects."""
    if seen.key in registry.partial or not registry.behind(seen.key):
        return
    path, pod = template(seen)
    spec = pod.get("spec") or {}
    containers = spec.get("containers") or []
    given = [each.get("resources") or {} for each in [spec, *containers]]
    missing = []
    if not any("readinessProbe" in each for each in containers):
        missing.append("no readinessProbe: the pods get requests before they listen")
    if not any(each.get("requests") or each.get("limits") for each in given):
        missing.append("no resources are requested")
    if containers and missing:
        yield Finding((*path, "spec", "containers", 0), "; ".join(missing), "write them for the container that serves")
