"""A patch of an EnvoyFilter has an operation that its target does not have, so nothing is patched.

REPLACE is for HTTP filters, network filters and virtual hosts. ADD and REMOVE do nothing to a whole route configuration or
to a single HTTP route. For a patch that stands relative to another filter (INSERT_BEFORE, INSERT_AFTER, REMOVE, REPLACE)
the order in which EnvoyFilters are applied matters: Istio asks for a `priority` always, this rule where there are
several EnvoyFilters.

Bad:

    apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: {name: users, namespace: shop}
    spec:
      configPatches:
      - applyTo: CLUSTER
        patch:
          operation: REPLACE   # <- MG278
          value: {connect_timeout: 1s}

Good:

    apiVersion: networking.istio.io/v1alpha3
    kind: EnvoyFilter
    metadata: {name: users, namespace: shop}
    spec:
      configPatches:
      - applyTo: CLUSTER
        patch:
          operation: MERGE
          value: {connect_timeout: 1s}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("EnvoyFilter",)
COVERS = ("IST0151", "IST0152", "IST0153", "IST0154", "IST0155")

_REPLACED = ("HTTP_FILTER", "NETWORK_FILTER", "VIRTUAL_HOST")
_WHOLE = ("ROUTE_CONFIGURATION", "HTTP_ROUTE")
_RELATIVE = ("INSERT_BEFORE", "INSERT_AFTER", "REMOVE", "REPLACE")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Compare each operation with what it is applied to."""
    if seen.key in registry.partial:
        return
    for number, each in enumerate(seen.spec.get("configPatches") or []):
        operation, target = (each.get("patch") or {}).get("operation"), each.get("applyTo", "INVALID")
        path = ("spec", "configPatches", number, "patch", "operation")
        if operation == "REPLACE" and target not in _REPLACED:
            yield Finding(path, f"REPLACE does nothing to {target}, only to {', '.join(_REPLACED)}", "write MERGE")
        elif operation in ("ADD", "REMOVE") and target in _WHOLE:
            yield Finding(path, f"{operation} does nothing to {target}", "apply it to VIRTUAL_HOST, or write MERGE")
        elif operation in _RELATIVE and not seen.spec.get("priority") and registry.kinds["EnvoyFilter"] > 1:
            message = f"{operation} depends on what other EnvoyFilters have done, and no priority says which is first"
            yield Finding(path, message, "write spec.priority", Severity.WARNING)
