"""A DestinationRule for many hosts hides those of other namespaces from the callers in its own.

Istio looks into the caller's namespace first, and takes what it finds there, be it for a wildcard. A rule for `*.local`
in the namespace of some callers means that these get no other: subsets that stand beside the Service do not exist for
them, and routes to these get 503; limits and TLS settings do not act. The root namespace (istio-system) is looked into
last, so a wildcard does no harm there.

Told where workloads of this namespace, and a rule that it hides, are among what is linted.

Bad:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: front}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: web, image: "web:v1"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: all, namespace: front}
    spec:
      host: "*.local"   # <- MG238
      trafficPolicy:
        connectionPool: {tcp: {connectTimeout: 1s}}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v1, labels: {version: v1}}

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: all, namespace: istio-system}
    spec:
      host: "*.local"
      trafficPolicy:
        connectionPool: {tcp: {connectTimeout: 1s}}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - {name: v1, labels: {version: v1}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import ROOT_NAMESPACE, Object, Registry, exported
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for a rule of another namespace among the hosts of a wildcard."""
    host = seen.spec.get("host", "")
    own = seen.spec.get("exportTo") or ["*"]
    if not host.startswith("*.") or seen.namespace == ROOT_NAMESPACE or "workloadSelector" in seen.spec:
        return
    if not {"*", ".", seen.namespace} & set(own) or not registry.select(seen.namespace, {}):
        return
    for rule in registry.hidden.get(host[2:].lower(), ()):
        place = rule.host.removesuffix(f".svc.{registry.domain}").rpartition(".")[2]
        if rule.key.namespace == place != seen.namespace and exported(rule.export_to, place, seen.namespace):
            yield Finding(
                ("spec", "host"),
                f"{rule.key}, and any other for such a host, does not exist for callers in {seen.namespace!r}: they get this one",
                f"move it to {ROOT_NAMESPACE}, which is looked into last",
            )
            return
