"""What kube-apiserver refuses in Services and EndpointSlices, and what it takes that is nearest to it."""

from __future__ import annotations

import pytest
from admitted import PORTS, Object, endpoint_slice, service, told, whole
from objects import changed

REFUSED: list[tuple[Object, str]] = [
    # meshgen/apiserver/services.py
    (service(ports=[]), "MG301 spec.ports: needs at least 1, and has 0"),
    (service(ports=[{"port": 80}, {"name": "b", "port": 81}]), "MG301 spec.ports.0: 'name' is missing"),
    (service(ports=[{"name": "a", "port": 80}, {"name": "a", "port": 81}]), "MG305 spec.ports.1.name: the name 'a' stands here twice | drop one of them"),
    (service(ports=[{"name": "a", "port": 80}, {"name": "b", "port": 80, "protocol": "TCP"}]), "MG305 spec.ports.1.port: port 80 of TCP stands here twice | drop one of them"),
    (service(ports=[{"port": 80, "nodePort": 30080}]), "MG305 spec.ports.0.nodePort: a Service of type ClusterIP has no nodePort | write type: NodePort or LoadBalancer, or drop nodePort"),
    (service(type="NodePort", ports=[{"name": "a", "port": 80, "nodePort": 30080}, {"name": "b", "port": 81, "nodePort": 30080}]), "MG305 spec.ports.1.nodePort: nodePort 30080 stands here twice | drop one of them"),
    (service(type="NodePort", ports=[{"name": "a", "port": 80, "nodePort": 30080}, {"name": "b", "port": 81, "nodePort": 30080, "protocol": "UDP"}]), "MG305 spec.ports.1.nodePort: nodePort 30080 stands here twice | drop one of them"),
    (service(externalTrafficPolicy="Local"), "MG305 spec.externalTrafficPolicy: nobody outside the cluster reaches a Service of type ClusterIP | write type: NodePort or LoadBalancer, or drop externalTrafficPolicy"),
    (service(type="LoadBalancer", healthCheckNodePort=30099), "MG305 spec.healthCheckNodePort: only type LoadBalancer with externalTrafficPolicy Local has a healthCheckNodePort | drop healthCheckNodePort"),
    (service(type="LoadBalancer", externalTrafficPolicy="Local", healthCheckNodePort=30080, ports=[{"port": 80, "nodePort": 30080}]), "MG305 spec.healthCheckNodePort: 30080 is a port's nodePort already"),
    (service(loadBalancerClass="example.com/internal"), "MG305 spec.loadBalancerClass: only a Service of type LoadBalancer has loadBalancerClass | write type: LoadBalancer, or drop loadBalancerClass"),
    (service(type="LoadBalancer", loadBalancerClass=""), "MG305 spec.loadBalancerClass: takes a name such as example.com/internal, not an empty text"),
    (service(allocateLoadBalancerNodePorts=False), "MG305 spec.allocateLoadBalancerNodePorts: only a Service of type LoadBalancer has allocateLoadBalancerNodePorts | write type: LoadBalancer, or drop allocateLoadBalancerNodePorts"),
    (service(type="NodePort", loadBalancerSourceRanges=["10.0.0.0/8"]), "MG305 spec.loadBalancerSourceRanges: only a Service of type LoadBalancer has loadBalancerSourceRanges | write type: LoadBalancer, or drop loadBalancerSourceRanges"),
    (service(type="LoadBalancer", loadBalancerSourceRanges=["10.0.0.0"]), "MG305 spec.loadBalancerSourceRanges.0: '10.0.0.0' is no range of addresses such as 10.9.8.0/24 or 2001:db8::/64"),
    (service(type="LoadBalancer", loadBalancerSourceRanges=["10.0.0.1/8"]), "MG305 spec.loadBalancerSourceRanges.0: '10.0.0.1/8' has bits beyond its length: 10.0.0.0/8 is the range"),
    (service(type="LoadBalancer", loadBalancerSourceRanges=["10.0.0.0/33"]), "MG305 spec.loadBalancerSourceRanges.0: '10.0.0.0/33' is no range of addresses such as 10.9.8.0/24 or 2001:db8::/64"),
    (service(externalIPs=["10.1.1"]), "MG305 spec.externalIPs.0: '10.1.1' is no address such as 10.9.8.7 or 2001:db8::ffff"),
    (service(externalIPs=["127.0.0.1"]), "MG305 spec.externalIPs.0: '127.0.0.1' is a loopback address"),
    (service(externalIPs=["0.0.0.0"]), "MG305 spec.externalIPs.0: '0.0.0.0' is no address of anybody"),
    (service(externalIPs=["fe80::1"]), "MG305 spec.externalIPs.0: 'fe80::1' is a link-local address"),
    (service(externalIPs=["224.0.0.1"]), "MG305 spec.externalIPs.0: '224.0.0.1' is a link-local multicast address"),
    (service(externalIPs=["010.1.1.1"]), "MG305 spec.externalIPs.0: '010.1.1.1' has an octet that begins with 0"),
    (service(externalIPs=["::ffff:10.1.1.1"]), "MG305 spec.externalIPs.0: '::ffff:10.1.1.1' is an IPv4 address within an IPv6 one"),
    (service(sessionAffinityConfig={"clientIP": {"timeoutSeconds": 5}}), "MG306 spec.sessionAffinityConfig: has no effect: clients are not kept on one pod | write sessionAffinity: ClientIP, or drop sessionAffinityConfig"),
    (service(trafficDistribution="PreferNear"), "MG301 spec.trafficDistribution: takes PreferClose, PreferSameNode or PreferSameZone, not the text 'PreferNear'"),
    (service(internalTrafficPolicy=""), "MG301 spec.internalTrafficPolicy: takes Cluster or Local, not an empty text"),
    (changed("Service", "metadata.annotations", {"service.kubernetes.io/topology-mode": "Auto", "service.kubernetes.io/topology-aware-hints": "auto"}), "MG305 metadata.annotations.service.kubernetes.io/topology-mode: is 'Auto', and service.kubernetes.io/topology-aware-hints is 'auto' | drop service.kubernetes.io/topology-aware-hints: it is old"),
    (changed("Service", "metadata.annotations", {"service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8"}), "MG305 metadata.annotations.service.beta.kubernetes.io/load-balancer-source-ranges: only a Service of type LoadBalancer has source ranges | drop the annotation"),
    (whole({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "users", "annotations": {"service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8, here"}}, "spec": {"type": "LoadBalancer", "ports": PORTS}}), "MG305 metadata.annotations.service.beta.kubernetes.io/load-balancer-source-ranges: 'here' is no range of addresses such as 10.9.8.0/24 or 2001:db8::/64"),
    # meshgen/apiserver/clusterips.py
    (service(clusterIPs=["None"]), "MG305 spec.clusterIPs: needs clusterIP beside it, with the first of them | write clusterIP: None"),
    (service(clusterIP="10.96.0.9", clusterIPs=["10.96.0.8"]), "MG305 spec.clusterIPs: begins with '10.96.0.8', and clusterIP is '10.96.0.9' | drop clusterIPs"),
    (service(clusterIP="None", clusterIPs=["None", "10.96.0.8"]), "MG305 spec.clusterIPs: 'None' stands alone | drop the others"),
    (service(clusterIP="10.96.0"), "MG305 spec.clusterIP: '10.96.0' is no address such as 10.9.8.7 or 2001:db8::ffff"),
    (service(clusterIP="10.96.0.9", clusterIPs=["10.96.0.9", "10.96.0.8"], ipFamilyPolicy="PreferDualStack"), "MG305 spec.clusterIPs.1: '10.96.0.8' is of the same family as '10.96.0.9'"),
    (service(ipFamilies=["IPv4", "IPv6"]), "MG305 spec.ipFamilies: has 2 items, and ipFamilyPolicy SingleStack takes one | write ipFamilyPolicy: PreferDualStack or RequireDualStack"),
    (service(ipFamilies=["IPv4", "IPv4"], ipFamilyPolicy="PreferDualStack"), "MG305 spec.ipFamilies.1: the family IPv4 stands here twice | drop one of them"),
    (service(clusterIP="10.96.0.9", ipFamilies=["IPv6"]), "MG305 spec.ipFamilies.0: is IPv6, and the address there is 10.96.0.9"),
    (service(ipFamilies=[""]), "MG301 spec.ipFamilies.0: takes IPv4 or IPv6, not an empty text"),
    (service(clusterIP="10.96.0.9", clusterIPs=["10.96.0.9", "fd00:10:96::9"]), "MG305 spec.clusterIPs: has 2 items, and ipFamilyPolicy SingleStack takes one | write ipFamilyPolicy: PreferDualStack or RequireDualStack"),
    (service(ipFamilyPolicy=""), "MG301 spec.ipFamilyPolicy: takes PreferDualStack, RequireDualStack or SingleStack, not an empty text"),
    (service(type="NodePort", clusterIP="None"), "MG305 spec.clusterIP: a Service of type NodePort needs an address: 'None' is for type ClusterIP"),
    (service(type="ExternalName"), "MG301 spec: 'externalName' is missing"),
    (service(type="ExternalName", externalName="A.b"), "MG305 spec.externalName: takes a DNS name in lower case, not the text 'A.b'"),
    (service(type="ExternalName", externalName="a.b", clusterIP="None"), "MG305 spec.clusterIP: a Service of type ExternalName has no clusterIP | drop clusterIP"),
    (service(type="ExternalName", externalName="a.b", ipFamilies=["IPv4"]), "MG305 spec.ipFamilies: a Service of type ExternalName has no ipFamilies | drop ipFamilies"),
    (service(clusterIP="10.96.0.9", clusterIPs=["10.96.0.9", "fd00:10:96::9", "fd00:10:96::8"], ipFamilyPolicy="PreferDualStack"), "MG305 spec.clusterIPs: takes at most 2 items, and has 3"),
    # meshgen/apiserver/slices.py
    (endpoint_slice("endpoints.0.addresses", ["10.0.0.1", "10.0.0.1"]), "MG301 endpoints.0.addresses: has the text '10.0.0.1' twice | drop one of them"),
    (endpoint_slice("endpoints.0.addresses", ["fd00::1"]), "MG301 endpoints.0.addresses.0: takes an IPv4 address, not the text 'fd00::1'"),
    (endpoint_slice("endpoints.0.addresses", ["10.0.0"]), "MG305 endpoints.0.addresses.0: '10.0.0' is no address such as 10.9.8.7 or 2001:db8::ffff"),
    (endpoint_slice("endpoints.0.addresses", ["127.0.0.1"]), "MG305 endpoints.0.addresses.0: '127.0.0.1' is a loopback address"),
    (endpoint_slice("endpoints.0.addresses", ["010.0.0.1"]), "MG305 endpoints.0.addresses.0: '010.0.0.1' has an octet that begins with 0"),
    (whole({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "users", "namespace": "shop"}, "addressType": "IPv6", "endpoints": [{"addresses": ["FD00::1"]}]}), "MG305 endpoints.0.addresses.0: 'FD00::1' is not in canonical form | write fd00::1"),
    (endpoint_slice("ports", [{"port": 80}, {"port": 81}]), "MG305 ports.1.name: a port without name stands here twice | drop one of them"),
    (endpoint_slice("ports", [{"name": "a", "port": 80}, {"name": "a", "port": 81}]), "MG305 ports.1.name: the name 'a' stands here twice | drop one of them"),
    (endpoint_slice("ports.0.protocol", ""), "MG301 ports.0.protocol: takes SCTP, TCP or UDP, not an empty text"),
    (endpoint_slice("endpoints.0.nodeName", "N_1"), "MG301 endpoints.0.nodeName: takes a name of lower-case letters, digits, hyphens and dots, 253 characters at most, not the text 'N_1'"),
    (endpoint_slice("endpoints.0.hints", {"forZones": [{"name": "a"}, {"name": "a"}]}), "MG305 endpoints.0.hints.forZones.1.name: 'a' stands here twice | drop one of them"),
    (endpoint_slice("endpoints.0.hints", {"forZones": [{"name": "a b"}]}), "MG305 endpoints.0.hints.forZones.0.name: takes a zone's name, not the text 'a b'"),
    (endpoint_slice("endpoints.0.hints", {"forZones": [{"name": str(n)} for n in range(9)]}), "MG305 endpoints.0.hints.forZones: takes at most 8 items, and has 9"),
]  # fmt: skip

TAKEN: list[Object] = [
    # meshgen/apiserver/services.py
    service(clusterIP="None", ports=[]),
    service(ports=[{"name": "a", "port": 80}, {"name": "b", "port": 80, "protocol": "UDP"}]),
    service(type="NodePort", ports=[{"name": "a", "port": 80, "nodePort": 30080}, {"name": "b", "port": 80, "nodePort": 30080, "protocol": "UDP"}]),
    service(ports=[{"port": 80, "nodePort": 0}]),
    service(externalTrafficPolicy="Local", externalIPs=["10.1.1.1"]),
    service(externalTrafficPolicy=""),
    service(type="LoadBalancer", externalTrafficPolicy="Local", healthCheckNodePort=30099),
    service(type="LoadBalancer", loadBalancerClass="internal", allocateLoadBalancerNodePorts=False, loadBalancerSourceRanges=[" 10.0.0.0/8 ", "fd00::/64"]),
    service(loadBalancerSourceRanges=[]),
    service(sessionAffinity="ClientIP", sessionAffinityConfig={"clientIP": {"timeoutSeconds": 5}}),
    service(sessionAffinity="ClientIP"),
    service(trafficDistribution="PreferSameZone"),
    service(externalName="anything at all"),
    changed("Service", "metadata.annotations", {"service.kubernetes.io/topology-mode": "Auto", "service.kubernetes.io/topology-aware-hints": "Auto"}),
    # meshgen/apiserver/clusterips.py
    service(clusterIP="None"),
    service(clusterIP="None", clusterIPs=["None"]),
    service(clusterIP=""),
    service(clusterIPs=[]),
    service(type="ExternalName", externalName="a.b", clusterIPs=[]),
    service(clusterIP="10.96.0.9", clusterIPs=["10.96.0.9"]),
    service(ipFamilies=["IPv6"]),
    service(ipFamilies=["IPv4", "IPv6"], ipFamilyPolicy="PreferDualStack"),
    service(clusterIP="10.96.0.9", clusterIPs=["10.96.0.9", "fd00:10:96::9"], ipFamilyPolicy="RequireDualStack", ipFamilies=["IPv4", "IPv6"]),
    changed("Service", "spec", {"clusterIP": "None", "ports": PORTS, "ipFamilies": ["IPv4", "IPv6"]}),
    service(type="ExternalName", externalName="a.b."),
    service(type="ExternalName", externalName="a.b", ports=[]),
    # meshgen/apiserver/slices.py
    endpoint_slice("endpoints", [{"addresses": ["10.0.0.1"]}, {"addresses": ["10.0.0.1"]}]),
    endpoint_slice("endpoints.0.hints", {"forZones": [{"name": "a"}, {"name": "b"}]}),
    endpoint_slice("ports", [{"port": 80}, {"name": "a", "port": 80}]),
    whole({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "users", "namespace": "shop"}, "addressType": "IPv6", "endpoints": [{"addresses": ["fd00::1"]}]}),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message"), REFUSED, ids=[message[:60] for _, message in REFUSED])
def test_what_is_refused_is_explained(data: Object, message: str) -> None:
    assert told(data) == [message]


@pytest.mark.parametrize("data", TAKEN, ids=range(len(TAKEN)))
def test_what_is_nearly_refused_passes(data: Object) -> None:
    assert told(data) == []
