"""A rule is left to another VirtualService that does not take it over, so it does not exist.

The other VirtualService must exist, must not have hosts, must be exported to the namespace of the first, and may not
leave it to a third. Where it is not so, the rule is gone: its requests go to the next rules, or get 404. Told of one that
does not exist where the namespace has VirtualServices among what is linted. Of its rules, those whose matches contradict
the first one's are left out one by one: a prefix that does not go on from the first one's, an expression on either side,
another port.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: front, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - match: [{uri: {prefix: /users}}]
        delegate:
          name: user-part   # <- MG261
          namespace: shop
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-part, namespace: shop}
    spec:
      http:
      - route:
        - destination: {host: users, port: {number: 80}}

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: front, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - match: [{uri: {prefix: /users}}]
        delegate:
          name: users-part
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-part, namespace: shop}
    spec:
      http:
      - match: [{uri: {prefix: /users/v2}}]
        route:
        - destination: {host: users, port: {number: 80}}
      - match:   # <- MG261
        - uri: {prefix: /admin}
        route:
        - destination: {host: users, port: {number: 80}}

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: shop}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: [www.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: front, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - match: [{uri: {prefix: /users}}]
        delegate:
          name: users-part
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-part, namespace: shop}
    spec:
      http:
      - match: [{uri: {prefix: /users/v2}}]
        route:
        - destination: {host: users, port: {number: 80}}
      - route:
        - destination: {host: users, port: {number: 80}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, exported
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("VirtualService",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look up those that rules are left to; and, of one that rules are left to, what becomes of its own."""
    if not seen.spec.get("hosts"):
        yield from _of_delegate(seen, registry)
        return
    for number, route in enumerate(seen.spec.get("http") or []):
        name = (route.get("delegate") or {}).get("name")
        if name:
            full = f"{route['delegate'].get('namespace') or seen.namespace}/{name}"
            why, hint = _why(full, seen, registry)
            if why:
                yield Finding(("spec", "http", number, "delegate", "name"), f"{why}: this rule does not exist", hint)


def _why(full: str, seen: Object, registry: Registry) -> tuple[str, str]:
    """Why a VirtualService does not take over a rule, and what to do; empty where it does."""
    routes = registry.virtual_services.get(full)
    namespace, _, name = full.partition("/")
    if routes is None:
        if namespace not in registry.routed:
            return "", ""
        near = registry.near(name, registry.delegated.get(namespace, []))
        return f"there is no VirtualService {full}", f"did you mean {near!r}?" if near else "define it, without hosts"
    if routes.key in registry.partial:
        return "", ""
    if routes.hosts:
        return f"{routes.key} has hosts of its own", "take its hosts away: it gets them from here"
    if not exported(routes.export_to, routes.key.namespace, seen.namespace):
        return f"{routes.key} is not exported to namespace {seen.namespace!r}", f"add {seen.namespace} to its exportTo"
    return "", ""


def _of_delegate(seen: Object, registry: Registry) -> Iterator[Finding]:
    roots = registry.roots.get(f"{seen.namespace}/{seen.name}", [])
    for number, route in enumerate(seen.spec.get("http") or [] if seen.key not in registry.partial else []):
        if "delegate" in route:
            message = "what is left to this VirtualService cannot be left to a third: Istio refuses it"
            yield Finding(("spec", "http", number, "delegate"), message, "leave it to that one from the first")
        elif roots and all(_conflict(root.matches, route.get("match") or []) for root in roots):
            yield Finding(
                ("spec", "http", number, "match"),
                "this match contradicts that of the rule that is left to it: Istio leaves this rule out",
                "match what goes on from the other's prefix, without expressions, or nothing",
            )


def _conflict(roots: list[dict[str, Any]], leaves: list[dict[str, Any]]) -> bool:
    """Whether some match of a delegate's rule fits none of the root's (istiod's mergeHTTPMatchRequests)."""
    return bool(roots) and any(all(_contradict(root, leaf) for root in roots) for leaf in leaves)


def _contradict(root: Mapping[str, Any], leaf: Mapping[str, Any]) -> bool:
    if bool(root.get("ignoreUriCase")) != bool(leaf.get("ignoreUriCase")):
        return True
    if root.get("port") and leaf.get("port") and root["port"] != leaf["port"]:
        return True
    return _differ(root.get("uri"), leaf.get("uri")) or _differ(root.get("method"), leaf.get("method"))


def _differ(root: Mapping[str, str] | None, leaf: Mapping[str, str] | None) -> bool:
    if not root or not leaf:
        return False
    if root.get("regex") or leaf.get("regex"):
        return True
    if root.get("exact"):
        return leaf.get("exact") != root["exact"]
    text = leaf.get("exact") or leaf.get("prefix") or ""
    return not text.startswith(root.get("prefix", ""))
