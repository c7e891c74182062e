"""Templates of pods: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from collections.abc import Callable

from meshgen.apiserver.containers import check_containers
from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.metadata import FEW, check_size
from meshgen.apiserver.values import address, is_label, is_subdomain
from meshgen.fault import KeyPath
from meshgen.refusal import described

_SPEC: KeyPath = ("spec", "template", "spec")
_ANNOTATIONS: KeyPath = ("spec", "template", "metadata", "annotations")
_LONGEST_SEARCHES = 2048


def check_template(found: Found, template: Object) -> None:
    """What kube-apiserver refuses in a template (core: ValidatePodTemplateSpec, ValidatePodSpec)."""
    spec: Object = template["spec"]
    check_containers(found, _SPEC, spec)
    if "metadata" in template and "annotations" in template["metadata"]:
        _check_annotations(found, spec, template["metadata"]["annotations"])
    for key in spec:
        rule = _RULES.get(key)
        if rule is not None:
            rule(found, spec)


def _check_annotations(found: Found, spec: Object, annotations: Object) -> None:
    """Those that Kubernetes reads are few, and most pods have none of them."""
    keys = "".join(annotations)
    if len(keys) + len("".join(annotations.values())) > FEW:
        check_size(found, _ANNOTATIONS, annotations)
    if "kubernetes.io/" in keys:
        from meshgen.apiserver.annotations import check_annotations

        check_annotations(found, _ANNOTATIONS, spec, annotations)


def check_host_name(found: Found, spec: Object) -> None:
    """Parts of a DNS name; a StatefulSet writes them itself (core: ValidatePodSpec)."""
    for key in ("hostname", "subdomain"):
        name = spec.get(key)
        if name and not is_label(name):
            found.refuse((*_SPEC, key), f"takes one part of a DNS name, in lower case, not {described(name)}")


def _check_volumes(found: Found, spec: Object) -> None:
    from meshgen.apiserver.volumes import check_volumes

    check_volumes(found, (*_SPEC, "volumes"), spec["volumes"])


def _check_account(found: Found, spec: Object) -> None:
    """The old name of serviceAccountName loses (pkg/apis/core/v1/conversion.go: Convert_v1_PodSpec_To_core_PodSpec)."""
    name, old = spec.get("serviceAccountName"), spec["serviceAccount"]
    if name and old not in ("", name):
        found.doubt(
            (*_SPEC, "serviceAccount"),
            f"{old!r} has no effect: the pods run as {name!r}, by serviceAccountName",
            "drop 'serviceAccount', which is the old name of serviceAccountName",
        )


def _check_host_network(found: Found, spec: Object) -> None:
    """On the node's network, a port is the node's too (core: validatePodHostNetworkDeps)."""
    for number, container in enumerate(spec["containers"] if spec["hostNetwork"] else ()):
        for place, port in enumerate(container.get("ports") or ()):
            host, inside = port.get("hostPort", 0), port["containerPort"]
            if host not in (0, inside):
                path = (*_SPEC, "containers", number, "ports", place, "hostPort")
                message = f"is {host}, and containerPort is {inside}: with hostNetwork they are one"
                found.refuse(path, message, "drop hostPort")


def _check_host_users(found: Found, spec: Object) -> None:
    """Users of the pod's own have no part in the node's processes; until 1.32 nobody asks (core: validateHostUsers)."""
    if spec["hostUsers"] is not False or found.kubernetes < "1.33":
        return
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            found.refuse((*_SPEC, key), f"{key} cannot stand beside hostUsers: false", "drop one of them")
    for number, container in enumerate(spec["containers"] if found.kubernetes >= "1.34" else ()):
        if container.get("volumeDevices"):
            path = (*_SPEC, "containers", number, "volumeDevices")
            found.refuse(path, "cannot stand beside the pod's hostUsers: false", "drop one of them")


def _check_own_name(found: Found, spec: Object) -> None:
    """One name, and not the node's; until 1.34 nobody asks (core: validatePodHostName)."""
    for key in ("setHostnameAsFQDN", "hostNetwork") if found.kubernetes >= "1.35" else ():
        if spec.get(key):
            found.refuse((*_SPEC, key), f"{key} cannot stand beside hostnameOverride", "drop one of them")


def _check_shared(found: Found, spec: Object) -> None:
    from meshgen.apiserver.sharing import check_shared

    check_shared(found, spec)


def _check_processes(found: Found, spec: Object) -> None:
    """The pod's processes or the node's are shared (core: validatePodSpecSecurityContext)."""
    if spec["shareProcessNamespace"] and spec.get("hostPID"):
        found.refuse((*_SPEC, "shareProcessNamespace"), "cannot stand beside hostPID: true", "drop one of them")


def _check_dns_policy(found: Found, spec: Object) -> None:
    """Who asks nobody must be told whom to ask (core: validatePodDNSConfig)."""
    if spec["dnsPolicy"] == "None" and not (spec.get("dnsConfig") or {}).get("nameservers"):
        hint = "write dnsConfig: {nameservers: [...]}"
        found.refuse((*_SPEC, "dnsPolicy"), "'None' needs dnsConfig with nameservers", hint)


def _check_dns(found: Found, spec: Object) -> None:
    """What a resolver can be told (core: validatePodDNSConfig)."""
    path, config = (*_SPEC, "dnsConfig"), spec["dnsConfig"]
    servers, searches = config.get("nameservers") or (), config.get("searches") or ()
    for number, text in enumerate(servers):
        fault = address(text, found.kubernetes)[1]
        if fault:
            found.refuse((*path, "nameservers", number), f"{text!r} {fault}")
    if len(" ".join(searches)) > _LONGEST_SEARCHES:
        found.refuse((*path, "searches"), f"takes at most {_LONGEST_SEARCHES} characters in all")
    for number, text in enumerate(searches):
        if text != "." and not is_subdomain(text.removesuffix(".").replace("_", "0")):
            found.refuse((*path, "searches", number), f"takes a DNS name in lower case, not {described(text)}")


def _check_aliases(found: Found, spec: Object) -> None:
    """An address each once (core: ValidateHostAliases; strict apply keys the list by address)."""
    seen: set[str] = set()
    for number, alias in enumerate(spec["hostAliases"]):
        path, text = (*_SPEC, "hostAliases", number), alias["ip"]
        fault = address(text, found.kubernetes)[1]
        if fault:
            found.refuse((*path, "ip"), f"{text!r} {fault}")
        if text in seen:
            found.twice((*path, "ip"), f"the address {text!r}")
        seen.add(text)


def _check_claims(found: Found, spec: Object) -> None:
    """Each once (core: validatePodResourceClaim)."""
    names = [each["name"] for each in spec["resourceClaims"]]
    for number, name in enumerate(names):
        if name in names[:number]:
            found.twice((*_SPEC, "resourceClaims", number, "name"), f"the claim {name!r}")


def _check_security(found: Found, spec: Object) -> None:
    from meshgen.apiserver.security import check_pod_security

    check_pod_security(found, (*_SPEC, "securityContext"), spec["securityContext"], spec)


def _check_placement(key: str) -> Callable[[Found, Object], None]:
    """Most pods do without these rules."""

    def check(found: Found, spec: Object) -> None:
        from meshgen.apiserver.placement import PLACEMENT_RULES

        PLACEMENT_RULES[key](found, spec)

    return check


_RULES: dict[str, Callable[[Found, Object], None]] = {
    "affinity": _check_placement("affinity"),
    "dnsConfig": _check_dns,
    "dnsPolicy": _check_dns_policy,
    "hostAliases": _check_aliases,
    "hostNetwork": _check_host_network,
    "hostUsers": _check_host_users,
    "hostnameOverride": _check_own_name,
    "resourceClaims": _check_claims,
    "resources": _check_shared,
    "securityContext": _check_security,
    "serviceAccount": _check_account,
    "shareProcessNamespace": _check_processes,
    "tolerations": _check_placement("tolerations"),
    "topologySpreadConstraints": _check_placement("topologySpreadConstraints"),
    "volumes": _check_volumes,
}
