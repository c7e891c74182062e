"""What stands beside an object's name: `meta` is the module k8s.io/apimachinery, pkg/api/validation/objectmeta.go."""

from __future__ import annotations

from meshgen.apiserver.found import Data, Found, Object
from meshgen.fault import KeyPath

_MOST = 256 * 1024
"""Bytes of all annotations together (meta: TotalAnnotationSizeLimitB)."""

FEW = _MOST // 4
"""Characters that are surely not too many bytes."""


def check_metadata(found: Found, metadata: Data) -> None:
    """What kube-apiserver refuses beside the name, in any object (meta: ValidateObjectMetaAccessor)."""
    if "annotations" in metadata:
        check_size(found, ("metadata", "annotations"), metadata["annotations"])
    if "ownerReferences" in metadata:
        _check_owners(found, metadata["ownerReferences"])


def check_size(found: Found, path: KeyPath, annotations: Object) -> None:
    """All annotations together are not too long (meta: ValidateAnnotationsSize)."""
    size = sum(len(text.encode()) for text in (*annotations, *annotations.values()))
    if size > _MOST:
        found.refuse(path, f"takes {_MOST} bytes in all, keys and values, and has {size}")


def _check_owners(found: Found, owners: list[Object]) -> None:
    """One of them controls the object, and events come and go (meta: ValidateOwnerReferences, BannedOwners)."""
    for number, each in enumerate(owners):
        if (each["apiVersion"], each["kind"]) == ("v1", "Event"):
            found.refuse(("metadata", "ownerReferences", number, "kind"), "an Event owns nothing")
    controlling = [number for number, each in enumerate(owners) if each.get("controller")]
    for number in controlling[1:]:
        found.refuse(("metadata", "ownerReferences", number, "controller"), "another owner controls the object already")
