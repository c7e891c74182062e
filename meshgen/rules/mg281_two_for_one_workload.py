"""Two Sidecars, or two Telemetries, select one workload, and only the one that was created first is used.

Which of them that is shows in the cluster alone: it may be another one after a restore, or in the next cluster. Istio does
not put two Sidecars together. Told of the later one, where a workload among what is linted has the labels of both.

Bad:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users, tier: web}}
        spec: {containers: [{name: users, image: "users:v1"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: {name: web, namespace: shop}
    spec:
      workloadSelector: {labels: {tier: web}}
      egress: [{hosts: ["./*"]}]
    ---
    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: {name: users, namespace: shop}
    spec:
      workloadSelector:
        labels: {app: users}   # <- MG281
      egress: [{hosts: ["./*", "istio-system/*"]}]

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
    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: {name: users, namespace: shop}
    spec:
      workloadSelector:
        labels: {app: users}
      egress: [{hosts: ["./*", "istio-system/*"]}]
    ---
    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: {name: default, namespace: shop}
    spec:
      egress: [{hosts: ["./*"]}]
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("Sidecar", "Telemetry")
COVERS = ("IST0110", "IST0159")
NEEDS = ("workloadSelector", "selector")

_LOOKED_AT = 200
"""Workloads and other objects of the kind that are compared, so that a namespace of thousands stays cheap."""


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare with those that came before, for each workload that is selected."""
    all_of_kind = registry.selected.get((seen.key.kind, seen.namespace), [])
    labels = next((own for key, own in islice(all_of_kind, _LOOKED_AT) if key == seen.key), None)
    if labels is None or seen.key in registry.partial:
        return
    for other, others in islice(all_of_kind, _LOOKED_AT):
        if other == seen.key:
            return
        if any(labels.get(name, value) != value for name, value in others.items()) or other in registry.partial:
            continue
        both = registry.select(seen.namespace, {**labels, **others})
        if both:
            key, word = ("workloadSelector", "labels") if seen.key.kind == "Sidecar" else ("selector", "matchLabels")
            yield Finding(
                ("spec", key, word),
                f"{other} selects {both[0].key} too: of two {seen.key.kind} objects for one workload only the older one is used",
                "put both into one, or select by labels that no workload has together",
            )
            return
