"""The door of the package: one object in, what kube-apiserver refuses in it out."""

from __future__ import annotations

from meshgen.apiserver.found import Data, Finding, Found
from meshgen.apiserver.metadata import check_metadata
from meshgen.apiserver.services import check_service
from meshgen.apiserver.slices import check_slice
from meshgen.apiserver.workloads import check_deployment, check_stateful_set

__all__ = ["findings"]

_NONE = ("", None)
_EMPTY: Data = {}
_RULES = {
    "Service": ("v1", check_service),
    "Deployment": ("apps/v1", check_deployment),
    "StatefulSet": ("apps/v1", check_stateful_set),
    "EndpointSlice": ("discovery.k8s.io/v1", check_slice),
}


def findings(data: Data, kubernetes: str) -> list[Finding]:
    """What kube-apiserver of that version refuses in an object that has the right shape already, and what cannot work."""
    api_version, rule = _RULES.get(data["kind"], _NONE)
    has_rule = rule is not None and api_version == data["apiVersion"]
    metadata = data.get("metadata") or _EMPTY
    has_more = "annotations" in metadata or "ownerReferences" in metadata
    if not has_rule and not has_more:
        return []
    found = Found(kubernetes)
    if has_more:
        check_metadata(found, metadata)
    if rule is not None and has_rule:
        rule(found, data)
    return found.findings
