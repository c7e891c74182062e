"""A Service selects by a label that its pods do not have, so every request to it gets 503.

A pod belongs to a Service when it has all labels of the selector. What counts are the labels of the pod template, not
those of the Deployment or StatefulSet itself. Callers in the mesh get 503 “no healthy upstream”, others a refused
connection.

Told where no pod of the namespace is selected, but a workload there has the name that the selector asks for (`app`,
`app.kubernetes.io/name` …) and lacks the rest. Not told of labels that a controller writes on running pods, such as
`role` or `statefulset.kubernetes.io/pod-name`.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector:
        app: users
        tier: backend   # <- MG201
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop, labels: {app: users, tier: backend}}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec: {containers: [{name: users, image: "users:v1"}]}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector:
        app: users
        tier: backend
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users, tier: backend}}
        spec: {containers: [{name: users, image: "users:v1"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Labels, Object, Pods, Registry, comes_later
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("Service",)

_NAMES = ("app", "app.kubernetes.io/name", "k8s-app", "run", "name")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for a workload that has no other value for any label of the selector, and not all of them."""
    own = registry.service_of(seen)
    selector: Labels = (own.selector if own else None) or {}
    if not selector or registry.select(seen.namespace, selector):
        return
    for name in _NAMES:
        if name not in selector:
            continue
        for pods in registry.select(seen.namespace, {name: selector[name]}):
            missing = _missing(selector, pods)
            if missing and pods.key not in registry.partial:
                asked = ", ".join(f"{key}={selector[key]}" for key in missing)
                yield Finding(
                    ("spec", "selector", missing[0]),
                    f"no pod is selected, for those of {pods.key} have no {asked}: every request to {seen.name!r} gets 503",
                    f"write the label into the pod template of {pods.key}, or drop it from the selector",
                )
                return


def _missing(selector: Labels, pods: Pods) -> list[str]:
    """The labels that some pods lack; none where they are not meant, or may get them when they run."""
    if any(pods.labels.get(key, value) != value for key, value in selector.items()):
        return []
    missing = [key for key in selector if key not in pods.labels]
    return [] if any(comes_later(key) for key in missing) else missing
