"""A gateway routes by a claim of the caller's token, but nothing there reads tokens, so the rule takes no request.

`@request.auth.claims.group` is what a RequestAuthentication found in a token that it checked. Where none selects the
gateway's pods the claim is never there: a rule that asks for it is passed over, and one that asks for its absence takes
everything. Told where the gateway's pods are among what is linted.

Not shown: the lab has nobody who gives out tokens.

Bad:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: ingress, namespace: istio-system}
    spec:
      selector: {matchLabels: {istio: ingressgateway}}
      template:
        metadata: {labels: {istio: ingressgateway}}
        spec: {containers: [{name: istio-proxy, image: "proxyv2:1.31"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [users.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [users.example.com]
      gateways: [public]
      http:
      - match:
        - headers:
            "@request.auth.claims.group": {exact: beta}   # <- MG282
        route:
        - destination: {host: users, port: {number: 80}}

Good:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: ingress, namespace: istio-system}
    spec:
      selector: {matchLabels: {istio: ingressgateway}}
      template:
        metadata: {labels: {istio: ingressgateway}}
        spec: {containers: [{name: istio-proxy, image: "proxyv2:1.31"}]}
    ---
    apiVersion: security.istio.io/v1
    kind: RequestAuthentication
    metadata: {name: tokens, namespace: istio-system}
    spec:
      selector: {matchLabels: {istio: ingressgateway}}
      jwtRules: [{issuer: "https://accounts.example.com"}]
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [users.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [users.example.com]
      gateways: [public]
      http:
      - match:
        - headers:
            "@request.auth.claims.group": {exact: beta}
        route:
        - destination: {host: users, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import ROOT_NAMESPACE, Object, Pods, Registry, gateway_name
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
COVERS = ("IST0149",)
NEEDS = ("headers", "withoutHeaders")

_CLAIM = ("@request.auth.claims.", "@request.auth.claims[")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for a RequestAuthentication at the pods of each gateway, where a match names a claim."""
    for number, route in enumerate(seen.spec.get("http") or []):
        for position, match in enumerate(route.get("match") or []):
            for word in ("headers", "withoutHeaders"):
                for name in match.get(word) or {}:
                    if name.lower().startswith(_CLAIM):
                        path = ("spec", "http", number, "match", position, word, name)
                        yield from _unread(path, name, seen, registry)
                        return


def _unread(path: tuple[str | int, ...], name: str, seen: Object, registry: Registry) -> Iterator[Finding]:
    for said in seen.spec.get("gateways") or []:
        gateway = registry.gateways.get(gateway_name(said, seen.namespace))
        for pods in registry.anywhere(gateway.selector) if gateway is not None else []:
            if not _reads_tokens(pods, registry):
                yield Finding(
                    path,
                    f"no RequestAuthentication reads tokens at {pods.key}, where {said!r} is: {name!r} is never there",
                    f"write a RequestAuthentication in namespace {pods.key.namespace!r} that selects the gateway",
                )
                return


def _reads_tokens(pods: Pods, registry: Registry) -> bool:
    return any(
        labels.items() <= pods.labels.items()
        for namespace in (ROOT_NAMESPACE, pods.key.namespace)
        for labels in registry.token_checks.get(namespace, [])
    )
