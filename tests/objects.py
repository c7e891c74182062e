"""Objects that a cluster takes, and what one change makes of each: taken still, or refused, and with which words."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NamedTuple


class _Gone:
    """Has one name in every process, unlike a bare object, so that tests named for it are collected alike."""

    def __repr__(self) -> str:
        return "gone"


GONE = _Gone()
"""Stands for the value of a key that is to be taken away."""

_CONTAINER = {
    "name": "users",
    "image": "users:v1",
    "ports": [{"name": "http", "containerPort": 3000}],
    "env": [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
    "resources": {"requests": {"cpu": 1, "memory": "64Mi"}},
    "readinessProbe": {"httpGet": {"path": "/", "port": "http"}},
}
_LABELS = {"app": "users", "version": "v1"}
_POD = {"metadata": {"labels": _LABELS}, "spec": {"containers": [_CONTAINER], "volumes": [{"name": "tmp"}]}}
_WORKLOAD = {"replicas": 3, "selector": {"matchLabels": _LABELS}, "template": _POD}
_POLICY = {"connectionPool": {"tcp": {"maxConnections": 100, "connectTimeout": "1s"}}}
_META = {"name": "users", "namespace": "shop"}
_ISTIO = "networking.istio.io/v1"

GOOD: dict[str, dict[str, Any]] = {
    "Service": {"apiVersion": "v1", "kind": "Service", "metadata": {**_META, "labels": _LABELS}, "spec": {"selector": {"app": "users"}, "ports": [{"name": "http", "port": 80, "targetPort": 3000, "appProtocol": "http"}]}},
    "ServiceAccount": {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _META},
    "ConfigMap": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _META, "data": {"a": "b"}},
    "Deployment": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _META, "spec": _WORKLOAD},
    "StatefulSet": {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": _META, "spec": {**_WORKLOAD, "serviceName": "users-headless", "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]}},
    "EndpointSlice": {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": _META, "addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": True}}], "ports": [{"name": "http", "port": 3000, "protocol": "TCP"}]},
    "DestinationRule": {"apiVersion": _ISTIO, "kind": "DestinationRule", "metadata": _META, "spec": {"host": "users", "trafficPolicy": {**_POLICY, "loadBalancer": {"simple": "LEAST_REQUEST"}}, "subsets": [{"name": "v1", "labels": {"version": "v1"}}]}},
    "VirtualService": {"apiVersion": _ISTIO, "kind": "VirtualService", "metadata": _META, "spec": {"hosts": ["users"], "http": [{"match": [{"uri": {"prefix": "/"}}], "route": [{"destination": {"host": "users", "port": {"number": 80}}, "weight": 90}], "timeout": "30s", "retries": {"attempts": 2}}]}},
    "Gateway": {"apiVersion": _ISTIO, "kind": "Gateway", "metadata": _META, "spec": {"selector": {"istio": "ingressgateway"}, "servers": [{"port": {"number": 443, "name": "https", "protocol": "HTTPS"}, "hosts": ["*"], "tls": {"mode": "SIMPLE", "credentialName": "users-tls"}}]}},
    "PeerAuthentication": {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": _META, "spec": {"mtls": {"mode": "STRICT"}}},
}  # fmt: skip

TAKEN: list[tuple[str, str, Any]] = [
    *((kind, "", None) for kind in GOOD),
    ("Service", "metadata.annotations", {"Example.com/Key": "any text: {}"}),
    ("Service", "spec.ports.0.targetPort", "http"),
    ("Service", "spec.ports.0.targetPort", 0),
    ("Service", "spec.ports.0.protocol", ""),
    ("Service", "spec.ports.0.appProtocol", "kubernetes.io/h2c"),
    ("Service", "spec", {"type": "ExternalName", "externalName": "users.example.com"}),
    ("Service", "spec", {"clusterIP": "None", "selector": {"app": "users"}}),
    ("Service", "spec.clusterIP", "2001:db8::1"),
    ("Service", "spec", {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}),
    ("Service", "metadata.finalizers", ["example.com/kept", "orphan"]),
    *((kind, "metadata.creationTimestamp", None) for kind in GOOD),
    ("Deployment", "spec.template.spec.containers.0.lifecycle", {"preStop": {"sleep": {}}}),
    ("Deployment", "spec.strategy", {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "100%"}}),
    ("StatefulSet", "spec.serviceName", ""),
    ("VirtualService", "spec.http.0.timeout", "0s1ms"),
    ("Service", "status", {"loadBalancer": {}}),
    ("Service", "metadata", {"generateName": "users-"}),
    ("ConfigMap", "data.a", ""),
    ("ConfigMap", "binaryData", {"a": "aGk="}),
    ("Deployment", "spec.template.spec.restartPolicy", "Always"),
    ("Deployment", "spec.template.spec.containers.0.resources.limits", {"cpu": "250m", "memory": 1.5e9, "x.io/y": "1e3"}),
    ("Deployment", "spec.template.spec.volumes.0", {"name": "a", "hostPath": {"path": "/", "type": ""}}),
    ("Deployment", "spec.template.spec.containers.0.env.0", {"name": "any.name-1", "value": ""}),
    ("Deployment", "spec.strategy", {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 1}}),
    ("StatefulSet", "spec.updateStrategy", {"type": "OnDelete"}),
    ("EndpointSlice", "endpoints.0.hostname", "users-0"),
    ("DestinationRule", "spec.trafficPolicy.tls", {"mode": "ISTIO_MUTUAL", "insecureSkipVerify": None}),
    ("DestinationRule", "spec.trafficPolicy.loadBalancer", {"consistentHash": {"httpCookie": {"name": "a", "ttl": "0s"}}}),
    ("VirtualService", "spec.http.0.match.0.headers", {"x-user": {"exact": "a"}, "x-any": {}}),
    ("VirtualService", "spec.http.0.timeout", "1h30m"),
    ("VirtualService", "apiVersion", "networking.istio.io/v1beta1"),
    ("Gateway", "spec.servers.0.tls", {"mode": "PASSTHROUGH"}),
]  # fmt: skip
"""Kind, path and value of a change that a cluster takes."""


class Refused(NamedTuple):
    """A change that a cluster refuses, and what is said of it where."""

    kind: str
    path: str
    value: Any
    place: str
    message: str
    hint: str = ""


_FIRST = "spec.template.spec.containers.0"
_ROWS: list[tuple[Any, ...]] = [
    ("Service", "spec.port", [], "spec.port", "unknown key 'port'", "did you mean 'ports'?"),
    ("Service", "spec.ports.0.Port", 80, "spec.ports.0.Port", "unknown key 'Port'", "did you mean 'port'?"),
    ("Service", "spec.ports.0.zzz", 1, "spec.ports.0.zzz", "unknown key 'zzz'", "possible here: appProtocol, name, nodePort, port, protocol, targetPort"),
    ("Service", "metadata.label", {}, "metadata.label", "unknown key 'label'", "did you mean 'labels'?"),
    ("Service", "spec.ports.0.port", "80", "spec.ports.0.port", "takes a whole number, not the text '80'", "write it without quotes"),
    ("Service", "spec.ports.0.port", 70000, "spec.ports.0.port", "takes 1 to 65535, not the number 70000"),
    ("Service", "spec.ports.0.port", 80.5, "spec.ports.0.port", "takes a whole number, not the number 80.5"),
    ("Service", "spec.ports.0.port", GONE, "spec.ports.0", "'port' is missing"),
    ("Service", "spec.ports.0.port", None, "spec.ports.0.port", "takes a whole number, not null", "leave the key out"),
    ("Service", "spec.ports.0.targetPort", "3000", "spec.ports.0.targetPort", "takes a port from 1 to 65535, or the name of one, not the text '3000'", "write it without quotes"),
    ("Service", "spec.ports.0.targetPort", "a--b", "spec.ports.0.targetPort", "takes a port from 1 to 65535, or the name of one, not the text 'a--b'"),
    ("Service", "spec.ports.0.name", "HTTP", "spec.ports.0.name", "takes a name of lower-case letters, digits and hyphens, 63 characters at most, not the text 'HTTP'"),
    ("Service", "spec.ports.0.protocol", "tcp", "spec.ports.0.protocol", "takes SCTP, TCP or UDP, not the text 'tcp'", "did you mean 'TCP'?"),
    ("Service", "spec.ports", {}, "spec.ports", "takes a list, not a mapping", "begin each item with '- ', or put all between [ and ]"),
    ("Service", "spec.type", "Cluster", "spec.type", "takes ClusterIP, ExternalName, LoadBalancer or NodePort, not the text 'Cluster'", "did you mean 'ClusterIP'?"),
    ("Service", "spec.selector", {"app": None}, "spec.selector.app", "takes a label's value of letters, digits, '-', '_' and '.', 63 characters at most, not null", "leave the key out"),
    ("Service", "spec.selector", {"app": 1}, "spec.selector.app", "takes a label's value of letters, digits, '-', '_' and '.', 63 characters at most, not the number 1", "put it between quotes"),
    ("Service", "metadata.labels", {"a b": "c"}, "metadata.labels.a b", "takes a key of letters, digits, '-', '_' and '.', 63 characters at most, with a DNS name and '/' before it or without, not 'a b'"),
    ("Service", "metadata.name", "Users", "metadata.name", "takes a name of lower-case letters, digits and hyphens, 63 characters at most, not the text 'Users'"),
    ("Service", "metadata.name", "a" * 64, "metadata.name", f"takes a name of lower-case letters, digits and hyphens, 63 characters at most, not the text '{'a' * 39}…'"),
    ("Service", "metadata.name", GONE, "metadata", "needs name or generateName"),
    ("Service", "metadata", GONE, "", "'metadata' is missing"),
    ("Service", "metadata.annotations", {"a": True}, "metadata.annotations.a", "takes text, not true", "put it between quotes"),
    ("Service", "metadata.deletionTimestamp", None, "metadata.deletionTimestamp", "takes a time such as 2006-01-02T15:04:05Z, not null", "leave the key out"),
    ("Service", "spec", None, "spec", "takes a mapping, not null", "leave the key out"),
    ("ConfigMap", "data.a", 1, "data.a", "takes text, not the number 1", "put it between quotes"),
    ("ConfigMap", "binaryData", {"a": "?"}, "binaryData.a", "takes base64 text, not the text '?'"),
    ("Deployment", "spec.replicas", "3", "spec.replicas", "takes a whole number, not the text '3'", "write it without quotes"),
    ("Deployment", "spec.replicas", 0.00001, "spec.replicas", "takes a whole number, not the number 0.00001"),
    ("Deployment", "spec.replicas", -1, "spec.replicas", "takes at least 0, not the number -1"),
    ("Deployment", "spec.replicas", 2**31, "spec.replicas", "takes at most 2147483647, not the number 2147483648"),
    ("Deployment", "spec.selector", {}, "spec.selector", "needs matchExpressions or matchLabels"),
    ("Deployment", "spec.template.spec.restartPolicy", "Never", "spec.template.spec.restartPolicy", "takes Always, not the text 'Never'"),
    ("Deployment", "spec.template.spec.containers", [], "spec.template.spec.containers", "needs at least 1, and has 0"),
    ("Deployment", "spec.template.spec.container", [], "spec.template.spec.container", "unknown key 'container'", "did you mean 'containers'?"),
    ("Deployment", f"{_FIRST}.image", GONE, _FIRST, "'image' is missing"),
    ("Deployment", f"{_FIRST}.image", "", f"{_FIRST}.image", "takes at least 1 characters, not an empty text"),
    ("Deployment", f"{_FIRST}.imagePullPolicy", "always", f"{_FIRST}.imagePullPolicy", "takes Always, IfNotPresent or Never, not the text 'always'", "did you mean 'Always'?"),
    ("Deployment", f"{_FIRST}.tty", "true", f"{_FIRST}.tty", "takes true or false, not the text 'true'", "write it without quotes"),
    ("Deployment", f"{_FIRST}.ports.0.name", "a-name-of-sixteen", f"{_FIRST}.ports.0.name", "takes a port's name: lower-case letters (one at least), digits and single hyphens, 15 characters at most, not the text 'a-name-of-sixteen'"),
    ("Deployment", f"{_FIRST}.env.0.value", "x", f"{_FIRST}.env.0.value", "'value' cannot stand beside 'valueFrom'", "keep one of them"),
    ("Deployment", f"{_FIRST}.env.0.valueFrom", {}, f"{_FIRST}.env.0.valueFrom", "needs configMapKeyRef, fieldRef, fileKeyRef, resourceFieldRef or secretKeyRef"),
    ("Deployment", f"{_FIRST}.env.0", {"name": "A", "value": 1}, f"{_FIRST}.env.0.value", "takes text, not the number 1", "put it between quotes"),
    ("Deployment", f"{_FIRST}.resources.limits", {"cpu": "2 cores"}, f"{_FIRST}.resources.limits.cpu", "takes a quantity such as 250m, 1.5 or 512Mi, not the text '2 cores'"),
    ("Deployment", f"{_FIRST}.readinessProbe", {}, f"{_FIRST}.readinessProbe", "needs exec, grpc, httpGet or tcpSocket"),
    ("Deployment", f"{_FIRST}.readinessProbe.exec", {"command": ["x"]}, f"{_FIRST}.readinessProbe.exec", "'exec' cannot stand beside 'httpGet'", "keep one of them"),
    ("Deployment", f"{_FIRST}.readinessProbe.periodSeconds", -1, f"{_FIRST}.readinessProbe.periodSeconds", "takes at least 0, not the number -1"),
    ("Deployment", "spec.template.spec.volumes.0", {"name": "a", "emptyDir": {}, "secret": {"secretName": "a"}}, "spec.template.spec.volumes.0.secret", "'secret' cannot stand beside 'emptyDir'", "keep one of them"),
    ("StatefulSet", "spec.volumeClaimTemplates.0.spec.accessModes", ["ReadWrite"], "spec.volumeClaimTemplates.0.spec.accessModes.0", "takes ReadOnlyMany, ReadWriteMany, ReadWriteOnce or ReadWriteOncePod, not the text 'ReadWrite'", "did you mean 'ReadWriteOnce'?"),
    ("StatefulSet", "metadata.name", "a.b", "metadata.name", "takes a name of lower-case letters, digits and hyphens, 63 characters at most, not the text 'a.b'"),
    ("StatefulSet", "spec.podManagementPolicy", "parallel", "spec.podManagementPolicy", "takes OrderedReady or Parallel, not the text 'parallel'", "did you mean 'Parallel'?"),
    ("EndpointSlice", "addressType", "IPV4", "addressType", "takes FQDN, IPv4 or IPv6, not the text 'IPV4'", "did you mean 'IPv4'?"),
    ("EndpointSlice", "endpoints.0.addresses", [], "endpoints.0.addresses", "needs at least 1, and has 0"),
    ("EndpointSlice", "endpoints.0.conditions.ready", "yes", "endpoints.0.conditions.ready", "takes true or false, not the text 'yes'"),
    ("DestinationRule", "spec.host", GONE, "spec", "'host' is missing"),
    ("DestinationRule", "spec.circuitBreaker", {}, "spec.circuitBreaker", "unknown key 'circuitBreaker'", "possible here: exportTo, host, subsets, trafficPolicy, workloadSelector"),
    ("DestinationRule", "spec.trafficPolicy.loadBalancer.simple", "FASTEST", "spec.trafficPolicy.loadBalancer.simple", "takes UNSPECIFIED, LEAST_CONN, RANDOM, PASSTHROUGH, ROUND_ROBIN or LEAST_REQUEST, not the text 'FASTEST'"),
    ("DestinationRule", "spec.trafficPolicy.loadBalancer.consistentHash", {"useSourceIp": True}, "spec.trafficPolicy.loadBalancer.consistentHash", "'consistentHash' cannot stand beside 'simple'", "keep one of them"),
    ("DestinationRule", "spec.trafficPolicy.connectionPool.tcp.connectTimeout", 1, "spec.trafficPolicy.connectionPool.tcp.connectTimeout", "takes a duration of at least 1ms, such as 30s or 250ms, not the number 1"),
    ("DestinationRule", "spec.trafficPolicy.connectionPool", None, "spec.trafficPolicy.connectionPool", "takes a mapping, not null", "leave the key out"),
    ("VirtualService", "spec.http.0.timeout", "30", "spec.http.0.timeout", "takes a duration of at least 1ms, such as 30s or 250ms, not the text '30'"),
    ("VirtualService", "spec.http.0.match.0.uri.exact", "/", "spec.http.0.match.0.uri.exact", "'exact' cannot stand beside 'prefix'", "keep one of them"),
    ("VirtualService", "spec.http.0.route.0.destination", {"hosts": "a"}, "spec.http.0.route.0.destination", "'host' is missing"),
    ("VirtualService", "spec.http.0.route.0.weight", "90", "spec.http.0.route.0.weight", "takes a whole number, not the text '90'", "write it without quotes"),
    ("VirtualService", "spec.hosts", "users", "spec.hosts", "takes a list, not the text 'users'", "begin each item with '- ', or put all between [ and ]"),
    ("VirtualService", "spec.http.0.fault", {"delay": {"fixedDelay": "5"}}, "spec.http.0.fault.delay.fixedDelay", "takes a duration of at least 1ms, such as 30s or 250ms, not the text '5'"),
    ("Gateway", "spec.servers.0.tls.mode", "SIMPEL", "spec.servers.0.tls.mode", "takes PASSTHROUGH, SIMPLE, MUTUAL, AUTO_PASSTHROUGH, ISTIO_MUTUAL or OPTIONAL_MUTUAL, not the text 'SIMPEL'", "did you mean 'SIMPLE'?"),
    ("Gateway", "spec.servers.0.tls.credentialNames", ["a"], "spec.servers.0.tls.credentialNames", "'credentialNames' cannot stand beside 'credentialName'", "keep one of them"),
    ("Gateway", "spec.servers.0.port", GONE, "spec.servers.0", "'port' is missing"),
    ("PeerAuthentication", "spec.mtls.mode", "strict", "spec.mtls.mode", "takes UNSET, DISABLE, PERMISSIVE or STRICT, not the text 'strict'", "did you mean 'STRICT'?"),
    ("Service", "metadata.finalizers", ["a"], "metadata.finalizers.0", "takes a name with a DNS name and '/' before it, not the text 'a'"),
    ("Service", "spec.ports", GONE, "spec", "'ports' is missing"),
    ("Service", "spec", GONE, "", "'spec' is missing"),
    ("Service", "spec.ports", [{"name": "a", "port": 80}, {"port": 81}], "spec.ports.1", "'name' is missing"),
    ("Service", "spec.ports.0.nodePort", 30080, "spec.ports.0.nodePort", "takes 0, not the number 30080"),
    ("Service", "spec.clusterIP", "10.0.0.01", "spec.clusterIP", "takes an IP address, or None, not the text '10.0.0.01'"),
    ("Service", "spec.loadBalancerClass", "a", "spec.loadBalancerClass", "'loadBalancerClass' cannot stand here"),
    ("Deployment", "spec.selector", {"matchLabels": {}}, "spec.selector", "needs matchExpressions or matchLabels"),
    ("Deployment", "spec.template.spec", GONE, "spec.template", "'spec' is missing"),
    ("Deployment", "spec.template.spec.serviceAccountName", "A", "spec.template.spec.serviceAccountName", "takes a name of lower-case letters, digits, hyphens and dots, 253 characters at most, not the text 'A'"),
    ("Deployment", "spec.strategy", {"rollingUpdate": {"maxUnavailable": "101%"}}, "spec.strategy.rollingUpdate.maxUnavailable", "takes a whole number, or a share of 100% at most, not the text '101%'"),
    ("Deployment", "spec.strategy", {"type": "Recreate", "rollingUpdate": {}}, "spec.strategy.rollingUpdate", "'rollingUpdate' cannot stand here"),
    ("Deployment", f"{_FIRST}.resources.limits", {"gpu": 1}, f"{_FIRST}.resources.limits.gpu", "takes cpu, memory, ephemeral-storage, hugepages-SIZE or a name with a DNS name and '/' before it, not 'gpu'"),
    ("Deployment", f"{_FIRST}.resources.limits", {"cpu": "-1"}, f"{_FIRST}.resources.limits.cpu", "takes a quantity such as 250m, 1.5 or 512Mi, not the text '-1'"),
    ("Deployment", f"{_FIRST}.ports", [{"containerPort": 1}] * 2, f"{_FIRST}.ports", "has an item twice", "drop one of them"),
    ("Deployment", f"{_FIRST}.env.0.valueFrom.fieldRef.fieldPath", "metadata", f"{_FIRST}.env.0.valueFrom.fieldRef.fieldPath", "takes a field such as metadata.name or status.podIP, not the text 'metadata'"),
    ("StatefulSet", "spec.serviceName", "a.b", "spec.serviceName", "takes a name of lower-case letters, digits and hyphens, 63 characters at most, not the text 'a.b'"),
    ("StatefulSet", "spec.volumeClaimTemplates.0.spec.resources", GONE, "spec.volumeClaimTemplates.0.spec", "'resources' is missing"),
    ("EndpointSlice", "endpoints.0.addresses", ["users"], "endpoints.0.addresses.0", "takes an IPv4 address, not the text 'users'"),
    ("EndpointSlice", "addressType", "IPv6", "endpoints.0.addresses.0", "takes an IPv6 address, not the text '10.0.0.1'"),
    ("EndpointSlice", "endpoints.0.nodeName", "A", "endpoints.0.nodeName", "takes a name of lower-case letters, digits, hyphens and dots, 253 characters at most, not the text 'A'"),
    ("VirtualService", "metadata.name", "A", "metadata.name", "takes a name of lower-case letters, digits, hyphens and dots, 253 characters at most, not the text 'A'"),
    ("VirtualService", "spec.http.0.timeout", "0s", "spec.http.0.timeout", "takes a duration of at least 1ms, such as 30s or 250ms, not the text '0s'"),
    ("VirtualService", "spec.http.0", {"directResponse": {"status": 200, "body": {"bytes": "aGk"}}}, "spec.http.0.directResponse.body.bytes", "takes base64 text, not the text 'aGk'"),
]  # fmt: skip
REFUSED = [Refused(*row) for row in _ROWS]


def changed(kind: str, path: str, value: Any) -> dict[str, Any]:
    """The good object of a kind with one value put in or, for GONE, taken away."""
    made = deepcopy(GOOD[kind])
    if not path:
        return made
    *above, last = path.split(".")
    owner: Any = made
    for step in above:
        owner = owner[int(step)] if isinstance(owner, list) else owner.setdefault(step, {})
    if isinstance(owner, list):
        owner[int(last)] = value
    elif value is GONE:
        del owner[last]
    else:
        owner[last] = value
    return made
