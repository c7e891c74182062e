"""What a cluster's DNS would answer, from the API's Services and EndpointSlices."""

from __future__ import annotations

from ipaddress import ip_address

from lab.errors import ApiError, LabError
from lab.kubernetes import Json, Kubernetes

_OUTSIDE = "240.240.0.1"  # what a name outside the cluster stands for: proxies look at the name
_ENDING = ".svc.cluster.local"


def resolve(kubernetes: Kubernetes, host: str, namespace: str) -> str:
    """An address for `host`, asked in `namespace`: a Service's, or of a ready pod where it is headless.

    A name that no Service has gets an address that leads nowhere but through a proxy. Raises LabError where a
    headless Service has no such pod.
    """
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    service_name, service_namespace, pod = _parts(host, namespace)
    try:
        service = kubernetes.request("GET", f"/api/v1/namespaces/{service_namespace}/services/{service_name}")
    except ApiError:
        return _OUTSIDE
    address = service["spec"].get("clusterIP", "None")
    if address != "None" and not pod:
        return str(address)
    addresses = [found for name, found in _endpoints(kubernetes, service) if pod in {"", name}]
    if not addresses:
        raise LabError(f"{host}: no ready pod has that name")
    return addresses[0]


def _parts(host: str, namespace: str) -> tuple[str, str, str]:
    """Service, namespace and pod of a name; the pod is empty where none is named."""
    short = host.removesuffix(".").removesuffix(_ENDING).removesuffix(".svc").split(".")
    if len(short) == 1:
        return short[0], namespace, ""
    if len(short) == 2:
        return short[0], short[1], ""
    return short[1], short[2], short[0]


def _endpoints(kubernetes: Kubernetes, service: Json) -> list[tuple[str, str]]:
    """The host name and address of each ready endpoint."""
    meta = service["metadata"]
    path = f"/apis/discovery.k8s.io/v1/namespaces/{meta['namespace']}/endpointslices"
    slices = kubernetes.request("GET", path, labelSelector=f"kubernetes.io/service-name={meta['name']}")["items"]
    return [
        (endpoint.get("hostname", ""), endpoint["addresses"][0])
        for part in slices
        for endpoint in part["endpoints"]
        if endpoint.get("conditions", {}).get("ready", True)
    ]
