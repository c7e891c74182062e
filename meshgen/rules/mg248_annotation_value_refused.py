"""An annotation has a value that Istio's injector cannot read, so no pod is made.

The injector looks at these annotations when a pod is created, and refuses the pod if one of them is wrong: the Deployment
stays without pods, and the reason stands in an event. Ports are numbers with commas between, address ranges are CIDRs
without spaces, readiness times are whole seconds.

Bad:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata:
          labels: {app: users}
          annotations:
            traffic.sidecar.istio.io/excludeOutboundPorts: postgres   # <- MG248
        spec: {containers: [{name: users, image: "users:v1"}]}

Good:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata:
          labels: {app: users}
          annotations:
            traffic.sidecar.istio.io/excludeOutboundPorts: "5432"
        spec: {containers: [{name: users, image: "users:v1"}]}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_interface

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding
from meshgen.rules.annotations import WORKLOADS, of_pods

SEVERITY = Severity.WARNING
KINDS = WORKLOADS
COVERS = ("IST0125",)
NEEDS = ("istio.io",)


def _is_number(value: str, most: int = 2**32 - 1) -> bool:
    return re.fullmatch(r"[0-9]{1,10}", value) is not None and int(value) <= most


def _is_port_list(value: str) -> bool:
    return not value.strip() or all(_is_number(each.strip(), 65535) for each in value.split(","))


def _is_range_list(value: str) -> bool:
    return not value or all(_is_range(each) for each in value.split(","))


def _is_range(value: str) -> bool:
    try:
        ip_interface(value)
    except ValueError:
        return False
    return "/" in value and value.rpartition("/")[2].isdigit()


_READS: dict[str, tuple[Callable[[str], bool], str]] = {
    "sidecar.istio.io/interceptionMode": (
        lambda value: value in ("REDIRECT", "TPROXY", "NONE"),
        "REDIRECT, TPROXY or NONE",
    ),
    "status.sidecar.istio.io/port": (lambda value: _is_number(value.strip(), 65535), "a port"),
    "readiness.status.sidecar.istio.io/initialDelaySeconds": (_is_number, "a whole number"),
    "readiness.status.sidecar.istio.io/periodSeconds": (_is_number, "a whole number"),
    "readiness.status.sidecar.istio.io/failureThreshold": (_is_number, "a whole number"),
    "traffic.sidecar.istio.io/includeOutboundIPRanges": (
        lambda value: value == "*" or _is_range_list(value),
        "CIDRs with commas between, or *",
    ),
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": (_is_range_list, "CIDRs with commas between"),
    "traffic.sidecar.istio.io/includeInboundPorts": (
        lambda value: value == "*" or _is_port_list(value),
        "ports with commas between, or *",
    ),
    "traffic.sidecar.istio.io/excludeInboundPorts": (_is_port_list, "ports with commas between"),
    "traffic.sidecar.istio.io/excludeOutboundPorts": (_is_port_list, "ports with commas between"),
    "prometheus.istio.io/merge-metrics": (
        lambda value: value in ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"),
        "true or false",
    ),
}


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Read each value as the injector does."""
    path, annotations = of_pods(seen)
    for name, value in annotations.items():
        reads, wanted = _READS.get(name, (None, ""))
        if reads is not None and not reads(value):
            yield Finding(
                (*path, name),
                f"{value!r} cannot be read, and the injector refuses each pod that has it",
                f"write {wanted}",
            )
