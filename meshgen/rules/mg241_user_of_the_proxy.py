"""A container runs as user 1337, whose connections pass the sidecar by.

1337 is the user of Istio's proxy. So that the proxy does not catch its own connections, those of this user are left
alone: the container's requests go out without routes, limits, mutual TLS or telemetry, and pods that take mutual TLS only
refuse them.

Not shown: the lab's redirection tells the proxy by a mark of its sockets, not by its user.

Bad:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec:
          securityContext:
            runAsUser: 1337   # <- MG241
          containers:
          - {name: users, image: "users:v1"}

Good:

    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: users, namespace: shop}
    spec:
      selector: {matchLabels: {app: users}}
      template:
        metadata: {labels: {app: users}}
        spec:
          securityContext:
            runAsUser: 1000
          containers:
          - {name: users, image: "users:v1"}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, template
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Pod")
COVERS = ("IST0144",)
NEEDS = ("securityContext",)

_PROXY = 1337


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look at the user of the pod, and of each container that is not the proxy itself."""
    path, pod = template(seen)
    spec = pod.get("spec") or {}
    containers = [
        ((field, number), each)
        for field in ("containers", "initContainers")
        for number, each in enumerate(spec.get(field) or [])
        if each.get("name") not in ("istio-proxy", "istio-init", "istio-validation")
    ]
    others = [each for (field, _), each in containers if field == "containers"]
    own = ((), spec) if any("runAsUser" not in (each.get("securityContext") or {}) for each in others) else ((), {})
    for place, each in [own, *containers]:
        if (each.get("securityContext") or {}).get("runAsUser") == _PROXY:
            yield Finding(
                (*path, "spec", *place, "securityContext", "runAsUser"),
                "1337 is the user of Istio's proxy: connections of this user pass the sidecar by, without routes and mutual TLS",
                "run as another user",
            )
