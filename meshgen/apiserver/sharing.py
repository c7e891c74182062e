"""What all containers of a pod ask for together: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from collections import Counter

from meshgen.apiserver.found import Found, Object
from meshgen.apiserver.resources import check_amounts
from meshgen.apiserver.values import nano
from meshgen.fault import KeyPath

_PATH: KeyPath = ("spec", "template", "spec", "resources")
_HUGE = "hugepages-"


def check_shared(found: Found, spec: Object) -> None:
    """Enough for all containers together; until 1.33 nobody asks (core: validatePodResources)."""
    if found.kubernetes < "1.34":
        return
    if (spec.get("os") or {}).get("name") == "windows":
        found.refuse(_PATH, "a pod of Windows has no resources of its own", "write them at the containers")
        return
    resources: Object = spec["resources"]
    check_amounts(found, _PATH, resources)
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    for name, needed in _together(spec, "requests").items():
        if name in requests and needed > nano(requests[name]):
            message = f"{requests[name]} is less than the containers ask for together, {_text(needed)}"
            found.refuse((*_PATH, "requests", name), message)
    for name, needed in _together(spec, "limits").items():
        if name.startswith(_HUGE) and name in limits and needed > nano(limits[name]):
            message = f"{limits[name]} is less than the containers may take together, {_text(needed)}"
            found.refuse((*_PATH, "limits", name), message)
    _check_each(found, spec, limits)


def _check_each(found: Found, spec: Object, limits: Object) -> None:
    """No container alone may take more than the pod (core: validatePodResourceConsistency)."""
    for number, container in enumerate(spec["containers"]):
        for name, limit in (_amounts(container, "limits")).items():
            if name in limits and nano(limit) > nano(limits[name]):
                place = ("spec", "template", "spec", "containers", number, "resources", "limits", name)
                found.refuse(place, f"{limit} is more than the pod's limit, {limits[name]}")


def _together(spec: Object, key: str) -> Counter[str]:
    """What containers and sidecars take, or what one before them takes beside the sidecars that run already.

    (k8s.io/component-helpers/resource/helpers.go: AggregateContainerRequests, AggregateContainerLimits)
    """
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for container in spec.get("initContainers") or ():
        own = Counter({name: nano(amount) for name, amount in _amounts(container, key).items()})
        if container.get("restartPolicy") == "Always":
            running += own
            most |= running
        else:
            most |= running + own
    for container in spec["containers"]:
        running += Counter({name: nano(amount) for name, amount in _amounts(container, key).items()})
    return running | most


def _amounts(container: Object, key: str) -> Object:
    amounts: Object = (container.get("resources") or {}).get(key) or {}
    return amounts


def _text(billionths: int) -> str:
    """A quantity in the unit that reads best."""
    if billionths % 10**9:
        return f"{billionths // 10**6}m"
    whole = billionths // 10**9
    for power, letter in reversed([*enumerate("KMGT", 1)]):
        if whole and whole % 1024**power == 0:
            return f"{whole // 1024**power}{letter}i"
    return str(whole)
