"""What kube-apiserver checks of Services and EndpointSlices beyond its published OpenAPI, by the rules of constraints.py.

`core` is pkg/apis/core/validation/validation.go.
"""

from __future__ import annotations

from conditions import NONE, NOT_EMPTY, SOME, having, needing, ref, without
from strict import Schema

_TIMEOUT: Schema = {"timeoutSeconds": {"minimum": 1, "maximum": 86400}}
_CONDITIONS: list[Schema] = [  # core: ValidateService
    {
        "if": {"anyOf": [having(clusterIP="None"), having(type="ExternalName")]},
        "else": needing(ports=SOME),
    },
    {
        "if": needing(ports={"minItems": 2}),
        "then": {"properties": {"ports": {"items": needing(name=NOT_EMPTY)}}},
    },
    {
        "if": having(type="ExternalName"),
        "then": needing(externalName=NOT_EMPTY),
    },
    {
        "if": {"properties": {"type": {"enum": ["", "ClusterIP"]}}},
        "then": {"properties": {"ports": {"items": {"properties": {"nodePort": {"const": 0}}}}}},
    },
    {
        "if": having(type="LoadBalancer"),
        "else": without("allocateLoadBalancerNodePorts", "loadBalancerClass")
        | {"properties": {"healthCheckNodePort": {"const": 0}, "loadBalancerSourceRanges": NONE}},
    },
    {  # core: ValidateService; nobody reads the time where clients are not kept (core/v1/defaults.go: SetDefaults_Service)
        "if": having(sessionAffinity="ClientIP"),
        "then": {"properties": {"sessionAffinityConfig": {"properties": {"clientIP": {"properties": _TIMEOUT}}}}},
    },
    {  # core: validateServiceExternalTrafficPolicy
        "if": {"anyOf": [having(type="LoadBalancer"), having(type="NodePort"), needing(externalIPs=SOME)]},
        "else": {"properties": {"externalTrafficPolicy": {"const": ""}}},
    },
]
_ADDRESSES: list[Schema] = [  # pkg/apis/discovery/validation/validation.go: validateEndpoints
    {
        "if": having(addressType=family),
        "then": {
            "properties": {"endpoints": {"items": {"properties": {"addresses": {"items": ref(f"name.{family}")}}}}},
        },
    }
    for family in ("IPv4", "IPv6", "FQDN")
]

SERVICE_CONSTRAINTS: dict[str, dict[str, Schema]] = {
    "core.v1.ServiceSpec": {
        "": {"allOf": _CONDITIONS},
        "clusterIP": ref("name.ClusterIP"),  # core: ValidateServiceClusterIPsRelatedFields
        "clusterIPs": {"items": ref("name.ClusterIP")},
        "externalIPs": {"items": ref("name.IP")},
        "trafficDistribution": {"enum": ["PreferClose"]},
        # No "", which no default replaces: these fields are pointers.
        "internalTrafficPolicy": {"enum": ["Cluster", "Local"]},
        "ipFamilies": {"enum": ["IPv4", "IPv6"]},
        "ipFamilyPolicy": {"enum": ["PreferDualStack", "RequireDualStack", "SingleStack"]},
    },
    "core.v1.ServicePort": {  # core: validateServicePort
        "port": {"minimum": 1, "maximum": 65535},
        "nodePort": {"minimum": 0, "maximum": 65535},
        "name": ref("name.LabelOrEmpty"),
        "targetPort": ref("name.TargetPort"),
        "appProtocol": ref("name.Qualified"),
    },
    "discovery.v1.EndpointPort": {
        "name": ref("name.LabelOrEmpty"),
        "appProtocol": ref("name.Qualified"),
        "protocol": {"enum": ["SCTP", "TCP", "UDP"]},
    },
    "discovery.v1.EndpointSlice": {
        "": {"allOf": _ADDRESSES},
        "endpoints": {"maxItems": 1000},
        "ports": {"maxItems": 20000, "uniqueItems": True},  # names are unique
    },
    "discovery.v1.Endpoint": {
        "addresses": {"minItems": 1, "maxItems": 100},
        "hostname": ref("name.Label"),
        "nodeName": ref("name.Subdomain"),  # ValidateNodeName
    },
}
