"""Services: `core` is pkg/apis/core/validation/validation.go of Kubernetes."""

from __future__ import annotations

from typing import Any

from meshgen.apiserver.clusterips import CLUSTER_RULES
from meshgen.apiserver.found import Data, Found, Object
from meshgen.apiserver.values import address, are_apart, is_qualified, network, special
from meshgen.refusal import described

_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_HINTS, _MODE = "service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"


def check_service(found: Found, data: Data) -> None:
    """What kube-apiserver refuses in a Service (core: validateService)."""
    spec: Object = data.get("spec") or {}
    _check_ports(found, spec)
    for key in spec:
        rule = _RULES.get(key)
        if rule is not None:
            rule(found, spec)
    annotations = data["metadata"].get("annotations")
    if annotations:
        _check_annotations(found, spec, annotations)


def _check_ports(found: Found, spec: Object) -> None:
    """Each once, and on the nodes only where the type says so (core: validateService, validateServicePort)."""
    ports: list[Object] = spec.get("ports") or []
    if are_apart(ports, "port", "nodePort"):
        return
    if len(ports) > 1:
        _check_told_apart(found, ports)
    for number, port in enumerate(ports):
        if port.get("nodePort"):
            _check_node_port(found, spec, ports, number)


def _check_told_apart(found: Found, ports: list[Object]) -> None:
    """No name, and no number of a protocol, stands twice (core: validateServicePort, validateService)."""
    names: set[str] = set()
    numbers: set[tuple[int, str]] = set()
    for number, port in enumerate(ports):
        name = port.get("name", "")
        if name in names:
            found.twice(("spec", "ports", number, "name"), f"the name {name!r}")
        names.add(name)
        led_to = port["port"], port.get("protocol") or "TCP"
        if led_to in numbers:
            found.twice(("spec", "ports", number, "port"), f"port {led_to[0]} of {led_to[1]}")
        numbers.add(led_to)


def _check_node_port(found: Found, spec: Object, ports: list[Object], number: int) -> None:
    """Only for what nodes serve, and each once, but for two protocols of one port.

    (core: validateService; pkg/registry/core/service/storage/alloc.go: initNodePorts)
    """
    path, port = ("spec", "ports", number, "nodePort"), ports[number]
    if (spec.get("type") or "ClusterIP") == "ClusterIP":
        hint = "write type: NodePort or LoadBalancer, or drop nodePort"
        found.refuse(path, "a Service of type ClusterIP has no nodePort", hint)
        return
    protocol = port.get("protocol") or "TCP"
    for other in ports[:number]:
        same = other["port"] == port["port"] and (other.get("protocol") or "TCP") != protocol
        if other.get("nodePort") == port["nodePort"] and not same:
            found.twice(path, f"nodePort {port['nodePort']}")
            return


def _is_external(spec: Object) -> bool:
    """Whether callers from outside the cluster come in (pkg/api/service/util.go: ExternallyAccessible)."""
    kind = spec.get("type") or "ClusterIP"
    return kind in ("LoadBalancer", "NodePort") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))


def _check_external_policy(found: Found, spec: Object) -> None:
    """Only where callers from outside come in (core: validateServiceExternalTrafficPolicy)."""
    if spec["externalTrafficPolicy"] and not _is_external(spec):
        found.refuse(
            ("spec", "externalTrafficPolicy"),
            f"nobody outside the cluster reaches a Service of type {spec.get('type') or 'ClusterIP'}",
            "write type: NodePort or LoadBalancer, or drop externalTrafficPolicy",
        )


def _check_health_port(found: Found, spec: Object) -> None:
    """Only where the load balancer asks nodes (core: validateServiceExternalTrafficPolicy, NeedsHealthCheck)."""
    path, number = ("spec", "healthCheckNodePort"), spec["healthCheckNodePort"]
    if number and (spec.get("type") != "LoadBalancer" or spec.get("externalTrafficPolicy") != "Local"):
        message = "only type LoadBalancer with externalTrafficPolicy Local has a healthCheckNodePort"
        found.refuse(path, message, "drop healthCheckNodePort")
    elif number and number in [port.get("nodePort") for port in spec.get("ports") or ()]:
        found.refuse(path, f"{number} is a port's nodePort already")


def _only_balanced(found: Found, spec: Object, key: str) -> bool:
    """Whether a field that only load balancers have may stand (core: validateService)."""
    if spec.get("type") == "LoadBalancer":
        return True
    hint = f"write type: LoadBalancer, or drop {key}"
    found.refuse(("spec", key), f"only a Service of type LoadBalancer has {key}", hint)
    return False


def _check_class(found: Found, spec: Object) -> None:
    """Only for load balancers, and a key (core: validateLoadBalancerClassField)."""
    name = spec["loadBalancerClass"]
    if _only_balanced(found, spec, "loadBalancerClass") and not is_qualified(name):
        found.refuse(("spec", "loadBalancerClass"), f"takes a name such as example.com/internal, not {described(name)}")


def _check_ranges(found: Found, spec: Object) -> None:
    """Only for load balancers, and ranges of addresses (core: validateService)."""
    if not spec["loadBalancerSourceRanges"] or not _only_balanced(found, spec, "loadBalancerSourceRanges"):
        return
    for number, text in enumerate(spec["loadBalancerSourceRanges"]):
        fault = network(text.strip(), found.kubernetes)
        if fault:
            found.refuse(("spec", "loadBalancerSourceRanges", number), f"{text!r} {fault}")


def _check_external_addresses(found: Found, spec: Object) -> None:
    """Addresses of machines (core: validateService, ValidateEndpointIP)."""
    for number, text in enumerate(spec["externalIPs"]):
        best, fault = address(text, found.kubernetes)
        fault = fault or special(best)
        if fault:
            found.refuse(("spec", "externalIPs", number), f"{text!r} {fault}")


def _check_affinity(found: Found, spec: Object) -> None:
    """Dropped where clients are not kept (pkg/apis/core/v1/defaults.go: SetDefaults_Service)."""
    if spec.get("sessionAffinity") != "ClientIP":
        hint = "write sessionAffinity: ClientIP, or drop sessionAffinityConfig"
        found.doubt(("spec", "sessionAffinityConfig"), "has no effect: clients are not kept on one pod", hint)


def _check_annotations(found: Found, spec: Object, annotations: dict[str, Any]) -> None:
    """Annotations that are fields in disguise (core: validateService)."""
    hints, mode = annotations.get(_HINTS), annotations.get(_MODE)
    if hints is not None and mode is not None and hints != mode:
        found.refuse(
            ("metadata", "annotations", _MODE), f"is {mode!r}, and {_HINTS} is {hints!r}", f"drop {_HINTS}: it is old"
        )
    if _RANGES not in annotations or spec.get("loadBalancerSourceRanges"):
        return
    path, texts = ("metadata", "annotations", _RANGES), annotations[_RANGES].strip()
    if spec.get("type") != "LoadBalancer":
        found.refuse(path, "only a Service of type LoadBalancer has source ranges", "drop the annotation")
    for text in map(str.strip, texts.split(",") if texts else ()):
        fault = network(text, found.kubernetes)
        if fault:
            found.refuse(path, f"{text!r} {fault}")


_RULES = CLUSTER_RULES | {
    "allocateLoadBalancerNodePorts": lambda found, spec: _only_balanced(found, spec, "allocateLoadBalancerNodePorts"),
    "externalIPs": _check_external_addresses,
    "externalTrafficPolicy": _check_external_policy,
    "healthCheckNodePort": _check_health_port,
    "loadBalancerClass": _check_class,
    "loadBalancerSourceRanges": _check_ranges,
    "sessionAffinityConfig": _check_affinity,
}
