"""The door of the package: one object in, what kube-apiserver refuses in it out."""

from __future__ import annotations

from meshgen.apiserver.found import Data, Finding, Found
from meshgen.apiserver.services import check_service
from meshgen.apiserver.slices import check_slice
from meshgen.apiserver.workloads import check_deployment, check_stateful_set

__all__ = ["findings"]

_RULES = {
    ("v1", "Service"): check_service,
    ("apps/v1", "Deployment"): check_deployment,
    ("apps/v1", "StatefulSet"): check_stateful_set,
    ("discovery.k8s.io/v1", "EndpointSlice"): check_slice,
}


def findings(data: Data, kubernetes: str) -> list[Finding]:
    """What kube-apiserver of that version refuses in an object that has the right shape already, and what cannot work."""
    rule = _RULES.get((data["apiVersion"], data["kind"]))
    if rule is None:
        return []
    found = Found(kubernetes)
    rule(found, data)
    return found.findings
