"""A gateway's certificate is read from the namespace in which the gateway's pods run, which need not be the Gateway's own.

Where that namespace has no Secret of the name, the gateway has no certificate for the host and ends every connection.
Only the pods that the Gateway selects tell which namespace it is; where they are not among what is linted, a Gateway
outside of `istio-system` is told of as a reminder. Told as an error where the Secret is seen in another namespace than the pods.

Bad:

    apiVersion: v1
    kind: Secret
    metadata: {name: users-tls, namespace: shop}
    type: kubernetes.io/tls
    stringData: {tls.crt: "-----BEGIN CERTIFICATE-----", tls.key: "-----BEGIN PRIVATE KEY-----"}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: ingress, namespace: istio-system}
    spec:
      selector: {matchLabels: {istio: ingressgateway}}
      template:
        metadata: {labels: {istio: ingressgateway}}
        spec: {containers: [{name: istio-proxy, image: auto}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        tls: {mode: SIMPLE, credentialName: users-tls}   # <- MG254
        hosts: [users.example.com]

Good:

    apiVersion: v1
    kind: Secret
    metadata: {name: users-tls, namespace: istio-system}
    type: kubernetes.io/tls
    stringData: {tls.crt: "-----BEGIN CERTIFICATE-----", tls.key: "-----BEGIN PRIVATE KEY-----"}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        tls: {mode: SIMPLE, credentialName: users-tls}
        hosts: [users.example.com]
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import ROOT_NAMESPACE, Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("Gateway",)
COVERS = ("IST0101",)
WORST = Severity.ERROR


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for each Secret where the gateway's pods are."""
    pods = registry.anywhere(seen.spec.get("selector") or {})
    namespaces = sorted({each.key.namespace for each in pods}) or [ROOT_NAMESPACE]
    for number, server in enumerate(seen.spec.get("servers") or []):
        name = (server.get("tls") or {}).get("credentialName")
        if not name or "/" in name or any((namespace, name) in registry.secrets for namespace in namespaces):
            continue
        elsewhere = sorted(registry.secret_places.get(name, []))
        if seen.namespace in namespaces and not elsewhere:
            continue
        path = ("spec", "servers", number, "tls", "credentialName")
        said = f"; there is one in {elsewhere[0]!r}" if elsewhere else ""
        if pods:
            place = " or ".join(repr(namespace) for namespace in namespaces)
            yield Finding(
                path,
                f"the Secret {name!r} is read from namespace {place}, where the gateway's pods run{said}",
                f"create it there, not in {(elsewhere or [seen.namespace])[0]!r}",
                Severity.ERROR if elsewhere else None,
            )
        else:
            yield Finding(
                path,
                f"the Secret {name!r} is read from the namespace of the gateway's pods, not from that of the Gateway{said}",
                f"create it where they run; in Istio's own installation that is {ROOT_NAMESPACE!r}",
            )
