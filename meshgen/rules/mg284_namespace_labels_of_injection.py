"""A Namespace says twice how its pods come into the mesh, or not at all, though workloads are there.

`istio-injection: enabled` beside `istio.io/rev` means that one of the two control planes is not asked: where the
installation has no default revision, no pod gets a sidecar. `istio.io/dataplane-mode: ambient` beside them is not used.

Without any of them the pods get no sidecar: their own calls follow no VirtualService and no DestinationRule. That is told
as info, where workloads are there that do not ask for a sidecar themselves.

Bad:

    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        istio-injection: enabled
        istio.io/rev: canary   # <- MG284

Good:

    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels:
        istio.io/rev: canary
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import ROOT_NAMESPACE, Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("Namespace",)
COVERS = ("IST0102", "IST0123")


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at the labels that say how pods come into the mesh."""
    labels = seen.labels
    said = labels.get("istio-injection")
    others = [name for name in ("istio.io/rev", "istio.io/dataplane-mode") if name in labels]
    present = others if said in (None, "enabled") else []
    if len(present) + ("istio-injection" in labels) > 1 and present:
        first = "istio-injection" if "istio-injection" in labels else present.pop(0)
        yield Finding(
            ("metadata", "labels", present[0]),
            f"{first!r} is there too: pods come into the mesh by one of the two, and the other is not used",
            "keep one of them",
        )
    elif not others and not said and seen.name != ROOT_NAMESPACE and not seen.name.startswith("kube-"):
        plain = [pods for pods in registry.select(seen.name, {}) if not _asks(pods.labels) and not pods.apart]
        if plain:
            yield Finding(
                ("metadata", "name"),
                f"its pods get no sidecar: what {plain[0].key} calls follows no VirtualService and no DestinationRule",
                "label it istio-injection: enabled; or disabled, if that is meant",
                Severity.INFO,
            )


def _asks(labels: object) -> bool:
    return isinstance(labels, dict) and (labels.get("sidecar.istio.io/inject") == "true" or "istio.io/rev" in labels)
