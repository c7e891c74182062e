"""Security contexts: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

import re

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import climbs
from meshgen.fault import KeyPath
from meshgen.refusal import described

_SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_NETWORK, _MEMORY = ("net.",), ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")


def check_pod_security(found: Found, path: KeyPath, context: Object, spec: Object) -> None:
    """Who a pod's processes are (core: validatePodSpecSecurityContext)."""
    _check_common(found, path, context, spec)
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
    _check_common(found, path, context, spec)
    if context.get("procMount") == "Unmasked" and spec.get("hostUsers") is not False and found.kubernetes >= "1.33":
        found.refuse((*path, "procMount"), "Unmasked needs hostUsers: false in the pod")
    if context.get("allowPrivilegeEscalation") is not False:
        return
    path = (*path, "allowPrivilegeEscalation")
    if context.get("privileged"):
        found.refuse(path, "false cannot stand beside privileged: true", "drop one of them")
    if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
        found.refuse(path, "false cannot stand beside the capability CAP_SYS_ADMIN", "drop one of them")


def _check_common(found: Found, path: KeyPath, context: Object, spec: Object) -> None:
    """Profiles of the node's (core: validateSeccompProfileField, ValidateAppArmorProfileField)."""
    if "windowsOptions" in context:
        from meshgen.apiserver.windows import check_windows_options

        check_windows_options(found, path, context, spec)
    file = context.get("seccompProfile", {}).get("localhostProfile", "")
    if file.startswith("/") or climbs(file):
        place = (*path, "seccompProfile", "localhostProfile")
        found.refuse(place, f"takes a path below the kubelet's profiles, not {file!r}")
    file = context.get("appArmorProfile", {}).get("localhostProfile", "")
    if file != file.strip():
        found.refuse((*path, "appArmorProfile", "localhostProfile"), f"takes the name of a profile, not {file!r}")
