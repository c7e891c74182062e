"""Two VirtualServices at a gateway have one host, and a rule of one takes what a narrower rule of the other is for.

A gateway puts the rules of all VirtualServices of a host into one list, those of the older VirtualService first; only
rules for everything go to its end. So `/api` of one hides `/api/carts` of the other, or does not, by which of them was
created first: that may change with a restore, or in the next cluster.

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
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - match: [{uri: {prefix: /users}}]
        route:
        - destination: {host: users, port: {number: 80}}
      - route:
        - destination: {host: users, port: {number: 80}}
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: admin-public, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - match:
        - uri: {prefix: /users/admin}   # <- MG294
        directResponse: {status: 403}

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
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [www.example.com]
      gateways: [public]
      http:
      - match: [{uri: {prefix: /users/admin}}]
        directResponse: {status: 403}
      - match: [{uri: {prefix: /users}}]
        route:
        - destination: {host: users, port: {number: 80}}
      - route:
        - destination: {host: users, port: {number: 80}}
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from meshgen.cover import Conditions, Earlier, covers
from meshgen.diagnostic import Severity
from meshgen.mesh import ObjectKey
from meshgen.registry import Object, Registry
from meshgen.rules import Finding
from meshgen.rules.matches import conditions_of

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
NEEDS = ("gateways",)
SETTLED = True


class _Match(NamedTuple):
    owner: ObjectKey
    rule: int
    position: int
    asked: Conditions


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Tell of each rule the first match that another VirtualService's may hide."""
    own = registry.virtual_services.get(f"{seen.namespace}/{seen.name}")
    told: set[int] = set()
    for gateway, host in product(own.gateways, own.hosts) if own is not None else ():
        if len(registry.shown.get((gateway, host), ())) < 2:
            continue
        for rule, position, by in _hidden(gateway, host, registry).get(seen.key, ()):
            if rule not in told:
                told.add(rule)
                yield Finding(
                    ("spec", "http", rule, "match", position),
                    f"{by.owner} has a rule for all of this at Gateway {gateway} too (http.{by.rule}): "
                    "if it is the older, these requests go there",
                    "put the rules for this host into one VirtualService, narrow ones first",
                )


def _hidden(gateway: str, host: str, registry: Registry) -> dict[ObjectKey, list[tuple[int, int, _Match]]]:
    """Of each VirtualService at a gateway and host: rule and match that one of another may hide, and that other."""
    known = registry.worked_out.get((gateway, host))
    if known is None:
        groups = [list(_matches(*each)) for each in registry.shown[gateway, host] if each[0] not in registry.partial]
        known = registry.worked_out[gateway, host] = {}
        _sweep(groups, known, is_forth=True)
        _sweep(groups[::-1], known, is_forth=False)
    return known


def _matches(owner: ObjectKey, packed: bytes) -> Iterator[_Match]:
    """The matches of a VirtualService that ask for something: rules for everything go to the end of the list."""
    for rule, matches in enumerate(marshal.loads(packed)):  # noqa: S302 - packed by this program
        for position, match in enumerate(matches):
            asked = conditions_of(match)
            if asked.uri is not None or asked.values or asked.others:
                yield _Match(owner, rule, position, asked)


def _sweep(groups: Sequence[list[_Match]], found: dict[ObjectKey, Any], *, is_forth: bool) -> None:
    """Look in the groups before for what covers a match; backwards, what is the same was told already."""
    earlier = Earlier()
    all_before: list[_Match] = []
    for group in groups:
        for match in group:
            number = earlier.covering(match.asked)
            if number is None or (not is_forth and covers(match.asked, all_before[number].asked)):
                continue
            found.setdefault(match.owner, []).append((match.rule, match.position, all_before[number]))
        for match in group:
            earlier.add(match.asked, len(all_before))
            all_before.append(match)
