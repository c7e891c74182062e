"""The addresses that a Service has in the cluster, and their families.

`core` is pkg/apis/core/validation/validation.go of Kubernetes, `alloc` pkg/registry/core/service/storage/alloc.go.
Which addresses and families a cluster has, only that cluster can say.
"""

from __future__ import annotations

from collections.abc import Callable

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import address, is_subdomain
from meshgen.refusal import described


def addresses(spec: Object) -> list[str]:
    """The addresses asked for (pkg/registry/core/service/strategy.go: normalizeClusterIPs)."""
    asked: list[str] = spec.get("clusterIPs") or ([spec["clusterIP"]] if spec.get("clusterIP") else [])
    return asked


def _check_external_name(found: Found, spec: Object) -> None:
    """A name, and no addresses (core: validateService)."""
    if spec["type"] != "ExternalName":
        return
    name = spec["externalName"].removesuffix(".")
    if not is_subdomain(name):
        found.refuse(("spec", "externalName"), f"takes a DNS name in lower case, not {described(name)}")
    for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(key):
            found.refuse(("spec", key), f"a Service of type ExternalName has no {key}", f"drop {key}")


def _check_address(found: Found, spec: Object) -> None:
    """None, or an address; None only for type ClusterIP (core: ValidateServiceClusterIPsRelatedFields)."""
    if spec["clusterIP"] and not spec.get("clusterIPs"):
        _check_each(found, spec, ("spec", "clusterIP"), spec["clusterIP"])


def _check_addresses(found: Found, spec: Object) -> None:
    """They begin with clusterIP, and are one of each family (core: ValidateServiceClusterIPsRelatedFields)."""
    several: list[str] = spec["clusterIPs"]
    if not several or spec.get("type") == "ExternalName":
        return
    path, first = ("spec", "clusterIPs"), spec.get("clusterIP")
    if not first:
        found.refuse(path, "needs clusterIP beside it, with the first of them", f"write clusterIP: {several[0]}")
    elif first != several[0]:
        found.refuse(path, f"begins with {several[0]!r}, and clusterIP is {first!r}", "drop clusterIPs")
    if len(several) > 2:
        found.refuse(path, f"takes at most 2 items, and has {len(several)}")
    if several[0] == "None" and len(several) > 1:
        found.refuse(path, "'None' stands alone", "drop the others")
        return
    valid = [_check_each(found, spec, (*path, number), text) for number, text in enumerate(several)]
    if len(several) == 2 and all(valid) and len({":" in text for text in valid}) == 1:
        found.refuse((*path, 1), f"{several[1]!r} is of the same family as {several[0]!r}")


def _check_each(found: Found, spec: Object, path: tuple[str | int, ...], text: str) -> str:
    """An address as it is written best; empty where there is none."""
    kind = spec.get("type") or "ClusterIP"
    if text == "None" and path[-1] in ("clusterIP", 0):
        if kind in ("LoadBalancer", "NodePort"):
            found.refuse(path, f"a Service of type {kind} needs an address: 'None' is for type ClusterIP")
        return ""
    if kind == "ExternalName":
        return ""
    best, fault = address(text, found.kubernetes)
    if fault:
        found.refuse(path, f"{text!r} {fault}")
    return best


def _check_families(found: Found, spec: Object) -> None:
    """Each once, like the addresses (core: ValidateServiceClusterIPsRelatedFields; alloc: initIPFamilyFields)."""
    families: list[str] = spec["ipFamilies"]
    if spec.get("type") == "ExternalName":
        return
    path = ("spec", "ipFamilies")
    for number, family in enumerate(families):
        if family in families[:number]:
            found.twice((*path, number), f"the family {family}")
    for number, (family, text) in enumerate(zip(families, addresses(spec), strict=False)):
        if text != "None" and (family == "IPv6") != (":" in text):
            found.refuse((*path, number), f"is {family}, and the address there is {text}")


def _is_single(spec: Object) -> bool:
    """Whether one address is wanted: so it is, unless something else is said (alloc: initIPFamilyFields)."""
    policy = spec.get("ipFamilyPolicy")
    if policy is None:
        return addresses(spec) != ["None"] or bool(spec.get("selector"))
    return bool(policy == "SingleStack")


def _check_stack(found: Found, spec: Object) -> None:
    """Two families, or two addresses, are more than a single stack has (alloc: initIPFamilyFields)."""
    if spec.get("type") == "ExternalName" or not _is_single(spec):
        return
    for key in ("ipFamilies", "clusterIPs"):
        if len(spec.get(key) or ()) == 2:
            hint = "write ipFamilyPolicy: PreferDualStack or RequireDualStack"
            found.refuse(("spec", key), "has 2 items, and ipFamilyPolicy SingleStack takes one", hint)
            return


def _check_families_and_stack(found: Found, spec: Object) -> None:
    _check_families(found, spec)
    _check_stack(found, spec)


def _check_addresses_and_stack(found: Found, spec: Object) -> None:
    _check_addresses(found, spec)
    if len(spec.get("ipFamilies") or ()) != 2 and spec.get("clusterIP") != "None":
        _check_stack(found, spec)


CLUSTER_RULES: dict[str, Callable[[Found, Object], object]] = {
    "clusterIP": _check_address,
    "clusterIPs": _check_addresses_and_stack,
    "ipFamilies": _check_families_and_stack,
    "type": _check_external_name,
}
