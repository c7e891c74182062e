"""Many Services with hand-made EndpointSlices, and an account that may follow them."""

from __future__ import annotations

import base64
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from lab import Lab

NAMESPACE = "scale"
SERVICES = f"/api/v1/namespaces/{NAMESPACE}/services"
SLICES = f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"
MOST = 100  # endpoints in a slice, as Kubernetes fills them


def service_name(number: int) -> str:
    return f"service-{number:04}"


def slice_name(number: int, part: int) -> str:
    return f"{service_name(number)}-{part}"


def populate(lab: Lab, services: int, endpoints: int) -> None:
    """Make Services without selector, and by hand the slices that they have."""
    lab.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: _populate(lab, number, endpoints), range(services)))


def _populate(lab: Lab, number: int, endpoints: int) -> None:
    name = service_name(number)
    port = {"name": "http", "port": 80, "targetPort": 8080}
    service = {"metadata": {"name": name, "labels": {"app": name}}, "spec": {"ports": [port]}}
    lab.kubernetes.request("POST", SERVICES, service)
    for part, start in enumerate(range(0, endpoints, MOST)):
        one = {
            "metadata": {"name": slice_name(number, part), "labels": {"kubernetes.io/service-name": name, "app": name}},
            "addressType": "IPv4",
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
            "endpoints": [_endpoint(number, each) for each in range(start, min(start + MOST, endpoints))],
        }
        lab.kubernetes.request("POST", SLICES, one)


def _endpoint(service: int, number: int) -> dict[str, Any]:
    """An endpoint as Kubernetes writes it."""
    address = f"10.{100 + service // 250}.{service % 250}.{number + 1}"
    uid = f"{service:08x}-0000-4000-8000-{number:012x}"
    pod = {"kind": "Pod", "name": f"{service_name(service)}-{number}", "namespace": NAMESPACE, "uid": uid}
    return {
        "addresses": [address],
        "conditions": {"ready": True, "serving": True, "terminating": False},
        "nodeName": f"node-{number % 40}",
        "zone": f"zone-{number % 3}",
        "targetRef": pod,
    }


def kubeconfig(lab: Lab, port: int) -> dict[str, Any]:
    """The configuration of an account that may read what is followed, in all namespaces."""
    meta = {"name": "follower"}
    rules = [
        {"apiGroups": ["", "discovery.k8s.io"], "resources": ["services", "endpointslices"], "verbs": ["list", "watch"]}
    ]
    rbac = "rbac.authorization.k8s.io"
    account = {"kind": "ServiceAccount", "name": "follower", "namespace": NAMESPACE}
    role = {"apiGroup": rbac, "kind": "ClusterRole", "name": "follower"}
    lab.apply(
        [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta | {"namespace": NAMESPACE}},
            {"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": meta, "rules": rules},
            {"apiVersion": f"{rbac}/v1", "kind": "ClusterRoleBinding", "metadata": meta, "roleRef": role,
             "subjects": [account]},
        ]
    )  # fmt: skip
    path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/follower/token"
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = lab.kubernetes.request("POST", path, asked)["status"]["token"]
    authority = base64.b64encode(lab.kubernetes.authority.encode()).decode()
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority-data": authority}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "lab", "cluster": cluster}],
        "users": [{"name": "follower", "user": {"token": token}}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "follower"}}],
        "current-context": "lab",
    }
