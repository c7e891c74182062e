"""What istiod's webhook refuses beyond what a schema can say, judged from plain objects that fit their schemas.

Source: istio.io/istio 1.31, pkg/config/validation and its agent/validation.go. What a rule of lint tells of with more to
say (weights, names of subsets, certificates of servers, codes that Envoy refuses) is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from meshgen.istiod import entries, policies, routes, servers, sidecars
from meshgen.istiod.values import Refusal

CHECKS: dict[str, Callable[[dict[str, Any], str], Iterator[Refusal]]] = {
    "VirtualService": routes.refusals,
    "DestinationRule": policies.refusals,
    "Gateway": servers.refusals,
    "Sidecar": sidecars.refusals,
    "ServiceEntry": entries.refusals,
}
"""By kind, what tells of all that is refused in an object's spec; its second argument is the object's namespace."""

__all__ = ["CHECKS", "Refusal"]
