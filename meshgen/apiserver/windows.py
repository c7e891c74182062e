"""Windows options of security contexts: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

import re

from meshgen.apiserver.found import Found, Object
from meshgen.fault import KeyPath

_LONGEST_USER, _LONGEST_DOMAIN = 104, 255
_NETBIOS = r'[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}'
_LABEL = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DOMAIN = rf"{_NETBIOS}|{_LABEL}(\.{_LABEL})*"


def check_windows_options(found: Found, path: KeyPath, context: Object, spec: Object) -> None:
    """Whom a process runs as; the shape is in the schema (core: validateWindowsSecurityContextOptions)."""
    name: str = context["windowsOptions"].get("runAsUserName", "")
    domain, backslash, user = name.rpartition("\\")
    path = (*path, "windowsOptions", "runAsUserName")
    if len(user.encode()) > _LONGEST_USER:
        found.refuse(path, f"takes a user's name of {_LONGEST_USER} bytes at most, not of {len(user.encode())}")
    if backslash and (len(domain.encode()) > _LONGEST_DOMAIN or re.fullmatch(_DOMAIN, domain) is None):
        found.refuse(path, f"takes a domain's name before the backslash, not {domain!r}")
    owners = [spec, *(spec.get("initContainers") or ()), *spec["containers"]]
    saying = [each for each in owners if _host_process(each) is not None]
    if saying and saying[0]["securityContext"] is context:  # once for each pod
        _check_host_processes(found, spec)


def _check_host_processes(found: Found, spec: Object) -> None:
    """All of a pod's containers are processes of the node's, on its network, or none (core: validateWindowsHostProcessPod)."""
    whole = _host_process(spec)
    each_own = {
        (key, number): _host_process(each)
        for key in ("initContainers", "containers")
        for number, each in enumerate(spec.get(key) or ())
    }
    path: KeyPath = ("spec", "template", "spec")
    for place, own in each_own.items():
        if None not in (whole, own) and own != whole:
            where = (*path, *place, "securityContext", "windowsOptions", "hostProcess")
            found.refuse(
                where, f"is {str(own).lower()}, and that of the pod is {str(whole).lower()}", "drop one of them"
            )
    chosen = [whole if own is None else own for own in each_own.values()]
    if any(chosen) and not all(chosen):
        found.refuse(path, "hostProcess is true of some containers, and must be of all or none")
    if any(chosen) and not spec.get("hostNetwork"):
        found.refuse(path, "hostProcess needs hostNetwork: true beside it", "write hostNetwork: true")


def _host_process(owner: Object) -> bool | None:
    options = (owner.get("securityContext") or {}).get("windowsOptions") or {}
    chosen: bool | None = options.get("hostProcess")
    return chosen
