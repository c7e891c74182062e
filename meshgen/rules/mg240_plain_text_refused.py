"""A DestinationRule switches mutual TLS off for pods that take nothing else, so every request gets 503.

A `tls` block replaces what sidecars arrange between themselves: with mode DISABLE, or with none, which means the same,
they send plain text; with SIMPLE they show no certificate. Pods for which a PeerAuthentication says STRICT close such
connections.

Told where the PeerAuthentication stands in the pods' namespace, or in the root namespace while the Namespace asks for
sidecars, and the pods are among what is linted; pods that say they have no sidecar do not count.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80, targetPort: 3000}
    ---
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
    kind: PeerAuthentication
    metadata: {name: default, namespace: shop}
    spec:
      mtls: {mode: STRICT}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        tls: {mode: DISABLE}   # <- MG240

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80, targetPort: 3000}
    ---
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
    kind: PeerAuthentication
    metadata: {name: default, namespace: shop}
    spec:
      mtls: {mode: STRICT}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        tls: {mode: ISTIO_MUTUAL}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import ROOT_NAMESPACE, Level, Object, PeerPolicy, Pods, Registry, Service
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("DestinationRule",)
NEEDS = ("tls",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Hold each TLS setting against what the pods take."""
    service = registry.service(seen.spec.get("host", ""), seen.namespace)
    if service is None or not service.selector or seen.key in registry.partial:
        return
    labels = {each.get("name", ""): each.get("labels") or {} for each in seen.spec.get("subsets") or []}
    for level in seen.policies:
        mode = level.policy["tls"].get("mode", "DISABLE") if "tls" in level.policy else "ISTIO_MUTUAL"
        if mode not in ("DISABLE", "SIMPLE"):
            continue
        asked = {**service.selector, **labels.get(level.subset, {})}
        pods = [each for each in registry.select(service.key.namespace, asked) if not each.apart]
        strict = [_strict(each, _ports(level, service), registry) for each in pods]
        if strict and strict[0] is not None and all(strict):
            yield Finding(
                (*level.path, "tls", *(["mode"] if "mode" in level.policy["tls"] else [])),
                f"{strict[0].key} takes mutual TLS only, and mode {mode} does not speak it: every request gets 503",
                "drop tls, sidecars then speak mutual TLS by themselves; or write ISTIO_MUTUAL",
            )


def _ports(level: Level, service: Service) -> set[str]:
    """The container ports that a level is for; with a name that is not looked up, nothing equals it."""
    return {str(port.target) for port in service.ports if level.port in (None, port.number)}


def _strict(pods: Pods, ports: set[str], registry: Registry) -> PeerPolicy | None:
    """The PeerAuthentication that makes all these ports of some pods strict."""
    here = _peers(pods.key.namespace, registry)
    own = [each for each in here if each.selector and each.selector.items() <= pods.labels.items()]
    general = [each for each in here if not each.selector]
    root = _peers(ROOT_NAMESPACE, registry) if pods.key.namespace in registry.injected else []
    for policy in own:
        if ports & policy.ports.keys() or (policy.ports and not all(port.isdigit() for port in ports)):
            return policy if ports and all(policy.ports.get(port) == "STRICT" for port in ports) else None
    for level in (own, general, [each for each in root if not each.selector]):
        said = [policy for policy in level if policy.mode != "UNSET"]
        if said:
            return said[0] if all(policy.mode == "STRICT" for policy in said) else None
    return None


def _peers(namespace: str, registry: Registry) -> list[PeerPolicy]:
    return [each for each in registry.peers.get(namespace, []) if each.key not in registry.partial]
