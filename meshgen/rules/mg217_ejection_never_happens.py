"""So few pods are there that the largest part that may be ejected is less than one: none ever is.

Envoy ejects a pod that keeps failing only while no more than `maxEjectionPercent` of the pods is ejected then; 10 where it
is not set. Of three pods one is 34 percent. Each subset is counted by itself. With too few pods for one, a broken pod
keeps its share of the requests for as long as it is broken.

Counted are the replicas of the workloads that are among what is linted; nothing is told where an autoscaler or nobody
says how many there are. If some of the subsets have pods enough, it is told of the others as info. Where no label tells
the subsets' pods apart yet, they share one pool, and one subset gets at most its part of it.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      replicas: 3
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec: {containers: [{name: users, image: "users:v1"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        outlierDetection:
          consecutive5xxErrors: 5
          maxEjectionPercent: 30   # <- MG217

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: http, port: 80}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      replicas: 3
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec: {containers: [{name: users, image: "users:v1"}]}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        outlierDetection:
          consecutive5xxErrors: 5
          maxEjectionPercent: 34
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from meshgen.diagnostic import Severity
from meshgen.fault import KeyPath
from meshgen.registry import Object, Pods, Registry, Service
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
NEEDS = ("outlierDetection",)


class _Ejection(NamedTuple):
    path: KeyPath
    who: str
    pods: int | None
    percent: int

    @property
    def happens(self) -> bool:
        return self.pods is None or self.pods * self.percent >= 100


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Hold the share that may be ejected against the pods of each subset."""
    service = registry.service(seen.spec.get("host", ""), seen.namespace)
    if service is None or not service.selector or seen.key in registry.partial:
        return
    blocks = [level.policy["outlierDetection"] or {} for level in seen.policies if "outlierDetection" in level.policy]
    if not blocks or _every_workload_has_enough(blocks, seen.spec, service, registry):
        return
    found = list(_ejections(seen.spec, service, registry))
    severity = Severity.INFO if any(each.happens for each in found) else Severity.WARNING
    for path in dict.fromkeys(each.path for each in found if not each.happens):
        here = [each for each in found if each.path == path and not each.happens]
        few = min(each.pods or 0 for each in here)
        names = ", ".join(each.who for each in here)
        yield Finding(
            path,
            f"of {few} pod{'s' if few > 1 else ''} at most {here[0].percent}% may be ejected, which is none: broken pods of {names} keep their requests",
            f"write maxEjectionPercent: {-(-100 // few)} or more, or have more replicas",
            severity,
        )


def _every_workload_has_enough(
    blocks: list[dict[str, Any]], spec: dict[str, Any], service: Service, registry: Registry
) -> bool:
    """Whether each workload alone, told apart by all labels of subsets, has pods enough for the smallest share."""
    least = min([block.get("maxEjectionPercent") or 10 for block in blocks])
    asked = {key for each in spec.get("subsets") or () for key in each.get("labels") or ()}
    selector = {key: value for key, value in (service.selector or {}).items() if key not in asked}
    for each in registry.select(service.key.namespace, selector):
        count = registry.replicas(each)
        if (count is not None and count * least < 100) or not asked <= each.labels.keys():
            return False
    return True


def _ejections(spec: dict[str, Any], service: Service, registry: Registry) -> Iterator[_Ejection]:
    host = (spec.get("trafficPolicy") or {}).get("outlierDetection")
    subsets = [each for each in spec.get("subsets") or [] if each.get("labels")]
    asked = {key for each in subsets for key in each["labels"]}
    selector = {key: value for key, value in (service.selector or {}).items() if key not in asked}
    pool = registry.select(service.key.namespace, selector)
    if not pool or (registry.partial and any(each.key in registry.partial for each in pool)):
        return
    everybody = _count(pool, registry)
    if not subsets and host and everybody != 0:
        yield _ejection(("spec", "trafficPolicy"), host, str(service.key), everybody)
    parts = max((len({each["labels"].get(key) for each in subsets} - {None}) for key in asked), default=1)
    told_apart = not asked or any(asked & each.labels.keys() for each in pool)
    for number, subset in enumerate(spec.get("subsets") or []):
        own = (subset.get("trafficPolicy") or {}).get("outlierDetection")
        path: KeyPath = ("spec", "subsets", number, "trafficPolicy") if own else ("spec", "trafficPolicy")
        block = own or host
        if not block:
            continue
        if told_apart:
            labels = (subset.get("labels") or {}).items()
            count = _count([each for each in pool if labels <= each.labels.items()], registry)
        else:
            count = everybody // parts if everybody is not None else None
        if count != 0:
            yield _ejection(path, block, f"subset {subset.get('name')!r}", count)


def _ejection(path: KeyPath, block: dict[str, Any], who: str, count: int | None) -> _Ejection:
    percent = block.get("maxEjectionPercent") or 10
    off = block.get("consecutive5xxErrors") == 0 and not block.get("consecutiveGatewayErrors")
    place = (*path, "outlierDetection", *(["maxEjectionPercent"] if "maxEjectionPercent" in block else []))
    return _Ejection(place, who, None if off else count, percent)


def _count(pods: list[Pods], registry: Registry) -> int | None:
    counts = [registry.replicas(each) for each in pods]
    return None if None in counts else sum(each or 0 for each in counts)
