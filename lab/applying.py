"""Applies and deletes objects, strictly and on the server's side."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from lab import objects
from lab.errors import ApiError, Refused
from lab.kubernetes import Kubernetes
from lab.objects import Manifests, Object
from lab.waiting import wait

_MANAGER = "lab"
_GONE = 30.0  # seconds that deleting may take
_LOGGER = logging.getLogger("lab")


def apply(kubernetes: Kubernetes, manifests: Manifests, dry_run: bool = False) -> None:
    """Apply objects, namespaces first, and made where they are missing.

    Raises Refused with the words of kube-apiserver for each object that it does not take; the others are applied.
    """
    found = list(objects.read(manifests))
    _make_namespaces(kubernetes, found)
    reasons: dict[str, str] = {}
    for one in sorted(found, key=lambda one: one.kind != "Namespace"):
        try:
            _apply(kubernetes, one, dry_run)
        except ApiError as fault:
            reasons[str(one)] = str(fault)
        _LOGGER.info("apply %s: %s", one, reasons.get(str(one), "done"))
    if reasons:
        raise Refused(reasons)


def delete(kubernetes: Kubernetes, manifests: Manifests) -> None:
    """Delete objects, and wait until they are gone; one that is not there is gone already."""
    for one in objects.read(manifests):
        path = _path(kubernetes, one)
        try:
            kubernetes.request("DELETE", path)
            wait(f"{one} to be gone", partial(_gone, kubernetes, path), _GONE)
        except ApiError as fault:
            if fault.status != 404:
                raise


def _apply(kubernetes: Kubernetes, one: Object, dry_run: bool) -> None:
    query = {"dryRun": "All"} if dry_run else {}
    kubernetes.request(
        "PATCH", _path(kubernetes, one), one.text, "application/apply-patch+yaml",
        fieldManager=_MANAGER, force="true", fieldValidation="Strict", **query,
    )  # fmt: skip


def _path(kubernetes: Kubernetes, one: Object) -> str:
    resource = kubernetes.resource(one.api_version, one.kind)
    return resource.path(one.namespace or "default", one.name)


def _make_namespaces(kubernetes: Kubernetes, found: Sequence[Object]) -> None:
    made = {one.name for one in found if one.kind == "Namespace"}
    for namespace in sorted({one.namespace for one in found if one.namespace} - made):
        try:
            kubernetes.request("GET", f"/api/v1/namespaces/{namespace}")
        except ApiError:
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
            kubernetes.request("POST", "/api/v1/namespaces", body)


def _gone(kubernetes: Kubernetes, path: str) -> tuple[bool, str]:
    try:
        meta = kubernetes.request("GET", path)["metadata"]
    except ApiError as fault:
        return fault.status == 404, str(fault)
    return False, f"there, deletion {meta.get('deletionTimestamp', 'not')} asked"
