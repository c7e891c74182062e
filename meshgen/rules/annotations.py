"""The annotations that Istio 1.31 reads, by the kind of object on which it reads them (istio.io/api/annotation)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from meshgen.registry import Object, template

_OF_PODS = {
    "ambient.istio.io": "bypass-inbound-capture dns-capture redirection",
    "inject.istio.io": "templates",
    "istio.io": "reroute-virtual-interfaces rev",
    "prometheus.istio.io": "merge-metrics",
    "proxy.istio.io": "config overrides",
    "readiness.status.sidecar.istio.io": "applicationPorts failureThreshold initialDelaySeconds periodSeconds",
    "sidecar.istio.io": (
        "agentLogLevel bootstrapOverride componentLogLevel discoveryAddress extraStatTags inject interceptionMode "
        "logLevel nativeSidecar proxyCPU proxyCPULimit proxyImage proxyImageType proxyMemory proxyMemoryLimit "
        "rewriteAppHTTPProbers statsCompression statsEvictionInterval statsFlushInterval statsHistogramBins "
        "statsHistogramBuckets statsInclusionPrefixes statsInclusionRegexps statsInclusionSuffixes status userVolume "
        "userVolumeMount"
    ),
    "status.sidecar.istio.io": "port",
    "traffic.sidecar.istio.io": (
        "excludeInboundPorts excludeInterfaces excludeOutboundIPRanges excludeOutboundPorts includeInboundPorts "
        "includeOutboundIPRanges includeOutboundPorts kubevirtInterfaces"
    ),
}
_OF_OTHERS = {
    "alpha.istio.io": "canonical-serviceaccounts kubernetes-serviceaccounts",
    "ambient.istio.io": "waypoint-inbound-binding",
    "galley.istio.io": "analyze-suppress",
    "gateway.istio.io": "controller-version name-override service-account",
    "istio.io": (
        "autoRegistrationGroup connectedAt disconnectedAt dry-run use-waypoint-canary-weight workloadController"
    ),
    "networking.istio.io": "exportTo service-type traffic-distribution",
    "topology.istio.io": "controlPlaneClusters",
    "traffic.istio.io": "nodeSelector",
}


def _names(table: Mapping[str, str]) -> frozenset[str]:
    return frozenset(f"{domain}/{name}" for domain, names in table.items() for name in names.split())


OF_PODS = _names(_OF_PODS)
"""Those that are read from pods, and so from a workload's template."""

KNOWN = OF_PODS | _names(_OF_OTHERS)

LABELS = _names(
    {
        "gateway.istio.io": "managed",
        "istio.io": (
            "dataplane-mode ingress-use-waypoint rev tag use-waypoint use-waypoint-canary use-waypoint-canary-namespace "
            "use-waypoint-namespace waypoint-for"
        ),
        "networking.istio.io": "enable-autoallocate-ip gatewayPort",
        "security.istio.io": "tlsMode",
        "service.istio.io": "canonical-name canonical-revision workload-name",
        "sidecar.istio.io": "inject",
        "topology.istio.io": "cluster locality network subzone",
    }
)
"""What Istio reads from labels."""

DEPRECATED = _names(
    {
        "alpha.istio.io": "canonical-serviceaccounts kubernetes-serviceaccounts",
        "sidecar.istio.io": (
            "discoveryAddress extraStatTags inject statsCompression statsInclusionPrefixes statsInclusionRegexps "
            "statsInclusionSuffixes"
        ),
        "traffic.sidecar.istio.io": "kubevirtInterfaces",
    }
)

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Pod")


def written(seen: Object) -> Iterator[tuple[tuple[str | int, ...], dict[str, str]]]:
    """The annotations of an object, and of the pods that it makes, each with their path."""
    yield ("metadata", "annotations"), seen.annotations
    if seen.key.kind in WORKLOADS and seen.key.kind != "Pod":
        yield of_pods(seen)


def of_pods(seen: Object) -> tuple[tuple[str | int, ...], dict[str, str]]:
    """The annotations of the pods of a workload, with their path."""
    path, pod = template(seen)
    return (*path, "metadata", "annotations"), (pod.get("metadata") or {}).get("annotations") or {}
