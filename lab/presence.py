"""The objects by which a proxy is present in the API."""

from __future__ import annotations

from lab.envoy import Node
from lab.kubernetes import Json

ADDRESS = "lab/address"  # annotation of a pod: the address that it is to have
KIND = "lab/kind"  # annotation of a pod: what its proxy is, where that is not a sidecar
PROXY = "istio-proxy"  # the container that is a proxy
TOKEN = {
    "apiVersion": "authentication.k8s.io/v1",
    "kind": "TokenRequest",
    "spec": {"audiences": ["istio-ca"], "expirationSeconds": 86400},
}

_RBAC = "rbac.authorization.k8s.io"


def token_path(node: Node) -> str:
    """Where kube-apiserver gives out a token of the proxy's ServiceAccount, for a TOKEN that is sent."""
    return f"/api/v1/namespaces/{node.namespace}/serviceaccounts/{node.account}/token"


def pod(node: Node, container: str = PROXY) -> Json:
    """The Pod of a proxy, with the address that the kubelet's stand-in is to report."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": node.name,
            "namespace": node.namespace,
            "labels": node.labels,
            "annotations": {ADDRESS: node.address, KIND: node.kind},
        },
        "spec": {"serviceAccountName": node.account, "containers": [{"name": container, "image": "none"}]},
    }


def containers(spec: Json) -> list[Json]:
    """All that run while a pod does: those that start before the others are among its init containers."""
    early = [one for one in spec.get("initContainers", []) if one.get("restartPolicy") == "Always"]
    return [*early, *spec["containers"]]


def has_proxy(pod: Json) -> bool:
    """Whether a Pod has a container that is a proxy."""
    return any(one["name"] == PROXY for one in containers(pod["spec"]))


def account(node: Node) -> list[Json]:
    """The ServiceAccount that a proxy has of its own, if any."""
    meta = {"name": node.account, "namespace": node.namespace}
    return [] if node.account == "default" else [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}]


def service(node: Node, ports: tuple[int, ...]) -> Json:
    """The Service of a gateway: each port is that of its listener."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": node.name, "namespace": node.namespace, "labels": node.labels},
        "spec": {
            "selector": node.labels,
            "ports": [{"name": f"{'https' if port == 443 else 'http'}-{port}", "port": port} for port in ports],
        },
    }


def reading_secrets(node: Node) -> list[Json]:
    """What Istio's chart gives a gateway: it may read the Secrets of its namespace."""
    meta = {"name": f"{node.name}-sds", "namespace": node.namespace}
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "watch", "list"]}
    subject = {"kind": "ServiceAccount", "name": node.account, "namespace": node.namespace}
    reference = {"apiGroup": _RBAC, "kind": "Role", "name": meta["name"]}
    version = f"{_RBAC}/v1"
    return [
        {"apiVersion": version, "kind": "Role", "metadata": meta, "rules": [rule]},
        {"apiVersion": version, "kind": "RoleBinding", "metadata": meta, "roleRef": reference, "subjects": [subject]},
    ]
