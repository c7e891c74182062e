"""What objects of kinds that lint does not judge say to others: Argo Rollouts, Flagger, KEDA, Knative, operators.

Nobody has compared them with a schema, so every value may be of any type.
"""

from __future__ import annotations

from typing import Any

from meshgen.registry.facts import Object, Pods, Routes
from meshgen.registry.hosts import gateway_name
from meshgen.registry.lookup import Registry
from meshgen.registry.services import add_labelled

_MAKE_NONE = frozenset([
    "ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe", "Certificate", "ExternalSecret", "SecretStore", "SealedSecret",
    "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute", "ReferenceGrant", "BackendTLSPolicy", "ScaledObject",
    "TriggerAuthentication", "VerticalPodAutoscaler", "Rollout", "AnalysisTemplate", "Application", "AppProject", "Kustomization",
])  # fmt: skip
"""Kinds whose objects stand for no Service and no pods of their name."""


def take_in_other(registry: Registry, seen: Object) -> None:
    """Remember what may be made of an object, and what it changes in others."""
    kind = seen.key.kind
    if kind not in _MAKE_NONE:
        registry.makers.setdefault(seen.namespace, set()).add(seen.name)
    labels = _at(seen.spec, "template", "metadata", "labels")
    if labels and all(isinstance(value, str) for value in labels.values()):
        add_labelled(registry, Pods(seen.key, labels, None, ()))
    if kind == "Rollout":
        _add_rollout(registry, seen)
    elif kind == "ScaledObject":
        target = _at(seen.spec, "scaleTargetRef")
        registry.scaled.add((seen.namespace, str(target.get("kind") or "Deployment"), str(target.get("name"))))
    elif kind == "Canary":
        _add_canary(registry, seen)


def _add_rollout(registry: Registry, seen: Object) -> None:
    """Argo's: whose pods it takes over, and the subsets into which it writes the hash of a template."""
    target = _at(seen.spec, "workloadRef")
    registry.scaled.add((seen.namespace, str(target.get("kind")), str(target.get("name"))))
    rule = _at(seen.spec, "strategy", "canary", "trafficRouting", "istio", "destinationRule")
    subsets = {str(rule.get("canarySubsetName")), str(rule.get("stableSubsetName"))}
    registry.steered.setdefault((seen.namespace, str(rule.get("name"))), set()).update(subsets)


def _add_canary(registry: Registry, seen: Object) -> None:
    """Flagger's, which makes a VirtualService."""
    service = _at(seen.spec, "service")
    hosts = tuple(host for host in _texts(service.get("hosts")))
    gateways = tuple(gateway_name(name, seen.namespace) for name in _texts(service.get("gateways")))
    for gateway in gateways:
        registry.routes_at.setdefault(gateway, []).append(Routes(seen.key, hosts, gateways, ()))


def _at(data: object, *path: str) -> dict[str, Any]:
    """What stands at a path, if it is a map."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _texts(data: object) -> list[str]:
    return [each for each in data if isinstance(each, str)] if isinstance(data, list) else []
