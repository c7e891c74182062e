"""What containers ask for: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.values import is_qualified, nano
from meshgen.fault import KeyPath

_PLAIN = frozenset(("cpu", "memory", "ephemeral-storage"))
_HUGE = "hugepages-"


def check_resources(found: Found, path: KeyPath, container: Object, pod: Object) -> None:
    """What is asked for, and what may be taken (core: validateResourceRequirements)."""
    resources: Object = container["resources"]
    check_amounts(found, (*path, "resources"), resources)
    if resources.get("claims"):
        _check_claims(found, (*path, "resources", "claims"), resources["claims"], pod)


def check_amounts(found: Found, path: KeyPath, resources: Object) -> None:
    """Names, amounts, and no request above its limit (core: validateResourceRequirements)."""
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    for key, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            if name not in _PLAIN:
                _check_name(found, (*path, key, name), name, amount)
    for name, amount in requests.items():
        limit = limits.get(name)
        if limit != amount:
            _check_limit(found, path, name, amount, limit)
    _check_huge_pages(found, path, {*requests, *limits})


def _check_name(found: Found, path: KeyPath, name: str, amount: object) -> None:
    """A resource of Kubernetes, or one of a domain's (core: validateContainerResourceName)."""
    if name.startswith(_HUGE):
        _check_page(found, path, name, amount)
    elif not _is_native(name) and not _is_extended(name):
        found.refuse(path, f"{name!r} is no name of a resource, such as example.com/gpu")
    elif not _is_native(name) and nano(amount) % 10**9:
        found.refuse(path, f"takes a whole number, not {amount}")


def _is_native(name: str) -> bool:
    """Whether a resource is Kubernetes' own (pkg/apis/core/helper/helpers.go: IsNativeResource)."""
    return "/" not in name or "kubernetes.io/" in name


def _is_extended(name: str) -> bool:
    """Whether a resource is a domain's, with room for a quota's prefix (helpers.go: IsExtendedResourceName)."""
    return not name.startswith("requests.") and is_qualified(f"requests.{name}")


def _check_page(found: Found, path: KeyPath, name: str, amount: object) -> None:
    """Whole pages (core: validateResourceQuantityHugePageValue)."""
    size = nano(name.removeprefix(_HUGE))
    if size <= 0 or nano(amount) % size:
        found.refuse(path, f"takes a multiple of {name.removeprefix(_HUGE)}, not {amount}")


def _check_limit(found: Found, path: KeyPath, name: str, amount: object, limit: object) -> None:
    """No more than may be taken; a device or a page is had or not (core: validateResourceRequirements)."""
    shared = _is_native(name) and not name.startswith(_HUGE)
    if limit is None:
        if not shared:
            found.refuse((*path, "requests", name), "needs a limit equal to it", f"write limits: {{{name}: {amount}}}")
    elif nano(amount) > nano(limit) or (not shared and nano(amount) != nano(limit)):
        what = "must be equal to" if not shared else "is more than"
        found.refuse((*path, "requests", name), f"{amount} {what} the limit, {limit}")


def _check_claims(found: Found, path: KeyPath, claims: list[Object], pod: Object) -> None:
    """Claims that the pod has, each once (core: validateResourceClaimNames)."""
    there = [each["name"] for each in pod.get("resourceClaims") or ()]
    names = [each["name"] for each in claims]
    for number, name in enumerate(names):
        if name in names[:number]:
            found.twice((*path, number, "name"), f"the claim {name!r}")
        elif name not in there:
            known = f"there are: {', '.join(there)}" if there else "the pod has no resourceClaims"
            found.refuse((*path, number, "name"), f"no claim of the pod is named {name!r}; {known}")


def _check_huge_pages(found: Found, path: KeyPath, names: set[str]) -> None:
    """Pages alone are nothing (core: validateResourceRequirements)."""
    if not names & {"cpu", "memory"} and any(name.startswith(_HUGE) for name in names):
        found.refuse(path, "hugepages need cpu or memory beside them")
