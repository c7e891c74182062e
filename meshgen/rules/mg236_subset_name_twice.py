"""Two subsets of a DestinationRule have one name, and istiod refuses the object.

The API server's schema takes both; istiod's webhook does not: `duplicate subset names`. Where the webhook is not asked,
the first counts, and requests never reach the pods of the second.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - name: v1
        labels: {version: v1}
      - name: v1   # <- MG236
        labels: {version: v2}

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      subsets:
      - name: v1
        labels: {version: v1}
      - name: v2
        labels: {version: v2}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("DestinationRule",)
COVERS = ("IST0106",)
NEEDS = ("subsets",)
SETTLED = True


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look for a name that was there before."""
    there: set[str] = set()
    for number, subset in enumerate(seen.spec.get("subsets") or []):
        name = subset.get("name", "")
        if name and name in there:
            yield Finding(
                ("spec", "subsets", number, "name"),
                f"a subset above is named {name!r} too: istiod refuses the object",
                "give it a name of its own",
            )
        there.add(name)
