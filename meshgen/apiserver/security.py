"""Security contexts: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

import re

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import climbs
from meshgen.fault import KeyPath
from meshgen.refusal import described

_LAST = 2**31 - 1
_SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_NETWORK, _MEMORY = ("net.",), ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")
_WORDS = {"fsGroupChangePolicy": ("OnRootMismatch", "Always"), "supplementalGroupsPolicy": ("Merge", "Strict")}
_IDS = ("runAsUser", "runAsGroup", "fsGroup")


def check_pod_security(found: Found, path: KeyPath, context: Object, spec: Object) -> None:
    """Who a pod's processes are (core: validatePodSpecSecurityContext)."""
    _check_common(found, path, context)
    for number, group in enumerate(context.get("supplementalGroups") or ()):
        if not 0 <= group <= _LAST:
            found.refuse((*path, "supplementalGroups", number), f"takes 0 to {_LAST}, not the number {group}")
    for key, words in _WORDS.items():
        if context.get(key) == "":
            found.unknown((*path, key), "", words)
    if context.get("sysctls"):
        _check_sysctls(found, (*path, "sysctls"), [each["name"] for each in context["sysctls"]], spec)


def _check_sysctls(found: Found, path: KeyPath, names: list[str], spec: Object) -> None:
    """Settings of the pod's own kernel, each once (core: validateSysctls, ValidateHostSysctl)."""
    for number, name in enumerate(names):
        if len(name) > 253 or re.fullmatch(_SYSCTL, name) is None:
            found.refuse((*path, number, "name"), f"takes a name such as net.core.somaxconn, not {described(name)}")
        elif name in names[:number]:
            found.twice((*path, number, "name"), f"the sysctl {name!r}")
        for key, own in (("hostNetwork", _NETWORK), ("hostIPC", _MEMORY)):
            if spec.get(key) and name.replace("/", ".").startswith(own):
                found.refuse((*path, number, "name"), f"{name!r} cannot stand beside {key}: true", "drop one of them")


def check_container_security(found: Found, path: KeyPath, context: Object, spec: Object) -> None:
    """Who a container's processes are, and what they may do (core: ValidateSecurityContext)."""
    _check_common(found, path, context)
    if context.get("procMount") == "":
        found.unknown((*path, "procMount"), "", ("Default", "Unmasked"))
    elif context.get("procMount") == "Unmasked" and spec.get("hostUsers") is not False and found.kubernetes >= "1.33":
        found.refuse((*path, "procMount"), "Unmasked needs hostUsers: false in the pod")
    if context.get("allowPrivilegeEscalation") is not False:
        return
    path = (*path, "allowPrivilegeEscalation")
    if context.get("privileged"):
        found.refuse(path, "false cannot stand beside privileged: true", "drop one of them")
    if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
        found.refuse(path, "false cannot stand beside the capability CAP_SYS_ADMIN", "drop one of them")


def _check_common(found: Found, path: KeyPath, context: Object) -> None:
    for key in _IDS:
        number = context.get(key, 0)
        if not 0 <= number <= _LAST:
            found.refuse((*path, key), f"takes 0 to {_LAST}, not the number {number}")
    if "seccompProfile" in context:
        _check_seccomp(found, (*path, "seccompProfile"), context["seccompProfile"])
    if "appArmorProfile" in context:
        _check_app_armor(found, (*path, "appArmorProfile"), context["appArmorProfile"])


def _check_seccomp(found: Found, path: KeyPath, profile: Object) -> None:
    """A file of the node's, or none (core: validateSeccompProfileField)."""
    file = _check_file(found, path, profile)
    if file is not None and (file.startswith("/") or climbs(file)):
        found.refuse((*path, "localhostProfile"), f"takes a path below the kubelet's profiles, not {file!r}")


def _check_app_armor(found: Found, path: KeyPath, profile: Object) -> None:
    """A profile of the node's, or none (core: ValidateAppArmorProfileField)."""
    file = _check_file(found, path, profile)
    if file is not None and (not file or file != file.strip()):
        found.refuse((*path, "localhostProfile"), f"takes the name of a profile, not {file!r}")


def _check_file(found: Found, path: KeyPath, profile: Object) -> str | None:
    """The node's profile, where it is one."""
    file: str | None = profile.get("localhostProfile")
    if profile["type"] != "Localhost":
        if file is not None:
            found.refuse((*path, "localhostProfile"), f"cannot stand beside type {profile['type']}", "drop one of them")
        return None
    if file is None:
        found.refuse(path, "type Localhost needs localhostProfile")
    return file
