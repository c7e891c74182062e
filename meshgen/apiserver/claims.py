"""Claims of storage: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import nano
from meshgen.fault import KeyPath
from meshgen.refusal import described


def check_claim(found: Found, path: KeyPath, claim: Object) -> None:
    """Storage of some size, taken in some way (core: ValidatePersistentVolumeClaimSpec)."""
    spec: Object = claim.get("spec") or {}
    path = (*path, "spec") if "spec" in claim else path
    modes = spec.get("accessModes")
    if not modes:
        where = (*path, "accessModes") if "accessModes" in spec else path
        found.refuse(where, "needs accessModes", "write accessModes: [ReadWriteOnce]")
    elif "ReadWriteOncePod" in modes and set(modes) != {"ReadWriteOncePod"}:
        found.refuse((*path, "accessModes"), "ReadWriteOncePod stands alone", "drop the others")
    storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if storage is None:
        found.refuse(path, "needs resources.requests.storage", "write resources: {requests: {storage: 1Gi}}")
    elif nano(storage) <= 0:
        found.refuse((*path, "resources", "requests", "storage"), f"takes more than 0, not {described(storage)}")
    if "dataSource" in spec and "dataSourceRef" in spec:
        _check_sources(found, path, spec["dataSource"], spec["dataSourceRef"])


def _check_sources(found: Found, path: KeyPath, source: Object, reference: Object) -> None:
    """The old field and the new one say the same (core: ValidatePersistentVolumeClaimSpec)."""
    if reference.get("namespace"):
        found.refuse((*path, "dataSource"), "cannot stand beside dataSourceRef with a namespace", "drop dataSource")
    elif any((source.get(key) or "") != (reference.get(key) or "") for key in ("apiGroup", "kind", "name")):
        found.refuse((*path, "dataSource"), "is not what dataSourceRef names", "drop dataSource")
