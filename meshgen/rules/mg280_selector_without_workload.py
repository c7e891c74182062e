"""An object selects workloads by labels that none has, so it is without effect.

An AuthorizationPolicy that selects nobody protects nobody: requests that it should deny pass. The labels are those of the
pod template. Told where workloads of the namespace are among what is linted; not of the root namespace (`istio-system`),
whose objects select in all, and whose workloads are Istio's own, installed from elsewhere. Istio's analyzer knows AuthorizationPolicy (a warning), Sidecar and Telemetry (errors).

Bad:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec: {containers: [{name: users, image: "users:v1"}]}
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: users, namespace: shop}
    spec:
      selector:
        matchLabels: {app: user}   # <- MG280
      action: DENY
      rules:
      - to: [{operation: {methods: [DELETE]}}]

Good:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec: {containers: [{name: users, image: "users:v1"}]}
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: users, namespace: shop}
    spec:
      selector:
        matchLabels: {app: users}
      action: DENY
      rules:
      - to: [{operation: {methods: [DELETE]}}]
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import ROOT_NAMESPACE, Object, Registry, comes_later
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication", "Sidecar", "Telemetry")
COVERS = ("IST0101", "IST0127")
WORST = Severity.ERROR


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for workloads with the labels."""
    key, word = ("workloadSelector", "labels") if seen.key.kind == "Sidecar" else ("selector", "matchLabels")
    labels = (seen.spec.get(key) or {}).get(word) or {}
    if not labels or seen.namespace == ROOT_NAMESPACE or seen.key in registry.partial:
        return
    if not registry.select(seen.namespace, {}) or registry.unread(seen.namespace):
        return
    if registry.select(seen.namespace, labels):
        return
    if any(comes_later(name) or registry.may_be_made(seen.namespace, value) for name, value in labels.items()):
        return
    asked = ", ".join(f"{name}={value}" for name, value in labels.items())
    yield Finding(
        ("spec", key, word),
        f"no workload of namespace {seen.namespace!r} has {asked}: this {seen.key.kind} is without effect",
        _hint(seen.namespace, labels, registry),
        Severity.ERROR if seen.key.kind in ("Sidecar", "Telemetry") else None,
    )


def _hint(namespace: str, labels: dict[str, str], registry: Registry) -> str:
    name, value = next(iter(labels.items()))
    near = registry.near(value, (pods.labels[name] for pods in registry.select(namespace, {}) if name in pods.labels))
    return f"did you mean {near!r}?" if near else "write labels of a pod template"
