"""A rule is never reached: rules before it take every request that it would.

Rules are tried in their order, and the first that matches takes the request. After a rule without match, or with a
match on nothing but the prefix `/`, the others do not even reach the proxies. Prefixes are compared letter by letter:
`/user` takes `/users` too. Istio looks for equal matches and for prefixes of prefixes; this rule also looks for exact
paths below a prefix and for conditions on headers, parameters and callers. Different regular expressions are never
compared. Where only some matches of a rule are taken, it is told as info, as Istio does.

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
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{uri: {prefix: /users}}]
        route:
        - destination: {host: users}
      - match: [{uri: {exact: /users/admin}}]   # <- MG256
        fault: {abort: {httpStatus: 403, percentage: {value: 100}}}
        route:
        - destination: {host: users}
      - route:
        - destination: {host: users}

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
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - route:
        - destination: {host: users}
      - match: [{headers: {x-beta: {exact: "1"}}}]   # <- MG256
        route:
        - destination: {host: users}

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
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{uri: {prefix: /users}}]
        route:
        - destination: {host: users}
      - match:
        - uri: {prefix: /groups}
        - uri: {prefix: /users/admin}   # <- MG256
        route:
        - destination: {host: users}
      - route:
        - destination: {host: users}

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
    kind: VirtualService
    metadata: {name: users, namespace: shop}
    spec:
      hosts: [users]
      http:
      - match: [{uri: {exact: /users/admin}}]
        fault: {abort: {httpStatus: 403, percentage: {value: 100}}}
        route:
        - destination: {host: users}
      - match: [{uri: {prefix: /users}}]
        route:
        - destination: {host: users}
      - route:
        - destination: {host: users}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.cover import Earlier
from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding
from meshgen.rules.matches import conditions_of

SEVERITY = Severity.WARNING
KINDS = ("VirtualService",)
COVERS = ("IST0130", "IST0131")
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for an earlier match that covers, for each match in turn."""
    if seen.key in registry.partial:
        return
    earlier = Earlier()
    for number, route in enumerate(seen.spec.get("http") or []):
        matches = route.get("match") or [{}]
        before: list[int | None] = []
        for match in matches:
            late = conditions_of(match)
            before.append(earlier.covering(late))
            if (
                "delegate" not in route
            ):  # the other VirtualService may take a part only, and leave the rest to what follows
                earlier.add(late, number)
        yield from _told(seen, number, before)


def _told(seen: Object, number: int, before: list[int | None]) -> Iterator[Finding]:
    """What is to be said of a rule, of whose matches the rules that cover them are known."""
    path = ("spec", "http", number)
    route = seen.spec["http"][number]
    covering = sorted({each for each in before if each is not None})
    if None not in before and number not in before:
        names = " and ".join(_name(seen, each) for each in covering)
        yield Finding(
            (*path, "match" if "match" in route else next(iter(route), "match")),
            f"{names} before it take{'s' if len(covering) == 1 else ''} every request of this rule: it is never reached",
            "move it to the front, or drop it",
        )
        return
    for position, each in enumerate(before):
        if each is not None:
            name = "another match" if each == number else _name(seen, each)
            message = f"{name} before it takes every request of this match"
            hint = "drop it" if each == number else "drop it, or move the rule to the front"
            yield Finding((*path, "match", position), message, hint, Severity.INFO)


def _name(seen: Object, number: int) -> str:
    name = seen.spec["http"][number].get("name")
    return f"rule {name!r}" if name else f"http.{number}"
