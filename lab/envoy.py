"""The bootstrap of an Envoy that gets all else from istiod."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from lab import network

XDS_PORT = 15010
ADMIN_PORT = 15000
HTTP_PROXY_PORT = 15080

# Where pilot-agent listens for its Envoy, in the folder of both.
_XDS_PIPE = "./etc/istio/proxy/XDS"
_SDS_PIPE = "./var/run/secrets/workload-spiffe-uds/socket"

_HTTP2 = {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
}


@dataclass(frozen=True)
class Node:
    """Who a proxy says that it is."""

    kind: str  # sidecar or router
    name: str
    namespace: str
    address: str
    labels: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    account: str = "default"  # its ServiceAccount

    @property
    def id(self) -> str:
        """The node id, as istiod reads it."""
        domain = f"{self.namespace}.svc.cluster.local"
        return f"{self.kind}~{self.address}~{self.name}.{self.namespace}~{domain}"

    @property
    def program(self) -> str:
        """The name of its program, as logs and faults give it."""
        return f"envoy-{self.name}.{self.namespace}"


def bootstrap(node: Node, token: str) -> str:
    """The configuration file of an Envoy that asks istiod itself, and shows `token`; as JSON."""
    clusters = [
        _cluster("xds-grpc", _address(network.HOST, XDS_PORT)),
        _cluster("sds-grpc", _address(network.HOST, 1)),  # named by istiod, and never asked
    ]
    return _bootstrap(node, clusters, [{"key": "authorization", "value": f"Bearer {token}"}])


def bootstrap_with_agent(node: Node) -> str:
    """The configuration file of an Envoy whose pilot-agent asks istiod and has the certificate; as JSON."""
    pipes = {"xds-grpc": _XDS_PIPE, "sds-grpc": _SDS_PIPE}
    return _bootstrap(node, [_cluster(name, {"pipe": {"path": path}}) for name, path in pipes.items()], [])


def _bootstrap(node: Node, clusters: list[dict[str, Any]], shown: list[dict[str, str]]) -> str:
    metadata = {
        "NAMESPACE": node.namespace,
        "NAME": node.name,
        "CLUSTER_ID": "Kubernetes",
        "ISTIO_VERSION": "1.31.0",
        "LABELS": node.labels,
        "INSTANCE_IPS": node.address,
        "SERVICE_ACCOUNT": node.account,
        **node.metadata,
    }
    ads: dict[str, Any] = {"ads": {}, "resource_api_version": "V3"}
    source = {
        "api_type": "GRPC",
        "transport_api_version": "V3",
        "grpc_services": [{"envoy_grpc": {"cluster_name": "xds-grpc"}, "initial_metadata": shown}],
    }
    return json.dumps({
        "node": {"id": node.id, "cluster": f"{node.name}.{node.namespace}", "metadata": metadata},
        "admin": {"address": _address("127.0.0.1", ADMIN_PORT)},
        "dynamic_resources": {"ads_config": source, "cds_config": ads, "lds_config": ads},
        "static_resources": {"clusters": clusters},
        "layered_runtime": {"layers": [_runtime(), {"name": "admin", "admin_layer": {}}]},
    })  # fmt: skip


def _runtime() -> dict[str, Any]:
    return {"name": "static", "static_layer": {"re2.max_program_size.error_level": 32768}}


def _cluster(name: str, address: dict[str, Any]) -> dict[str, Any]:
    endpoint = {"lb_endpoints": [{"endpoint": {"address": address}}]}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": _HTTP2,
        "load_assignment": {"cluster_name": name, "endpoints": [endpoint]},
    }


def _address(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}
