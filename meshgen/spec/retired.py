"""What people write who know Istio, Kubernetes or an older spec, and what to write instead."""

from __future__ import annotations

KEYS: dict[str, str] = {
    "Abort.http2Error": "Istio refuses it; write httpStatus or grpcStatus",
    "Abort.percent": "write percentage: {value: ...}",
    "ConsistentHash.minimumRingSize": "write ringHash: {minimumRingSize: ...}",
    "CorsPolicy.allowOrigin": "write allowOrigins: [{exact: ...}]",
    "Delay.exponentialDelay": "Istio refuses it; write fixedDelay",
    "Delay.percent": "write percentage: {value: ...}",
    "Gateway.servers": "write it below 'spec'",
    "GatewaySpec.port": "write hosts, or servers in full",
    "HTTPMatchRequest.gateways": "write 'expose' beside 'routes', whose 'routes' names those that apply at the gateway",
    "HTTPMatchRequest.path": "write uri",
    "HTTPMatchRequest.port": "a route serves one port: write 'port' beside 'match'",
    "HTTPRetry.numRetries": "write attempts",
    "HTTPRetry.timeout": "write perTryTimeout",
    "LoadBalancer.warmupDurationSecs": "write warmup: {duration: ...}",
    "LoadBalancer.type": "write simple",
    "OutlierDetection.consecutiveErrors": "write consecutive5xxErrors or consecutiveGatewayErrors",
    "OutlierDetection.consecutiveGatewayFailure": "write consecutiveGatewayErrors",
    "PathMatch.suffix": "write regex",
    "Route.delegate": "delegates cannot be written yet",
    "Route.mirror": "write mirrors: [{service: ..., percent: ...}]",
    "Route.mirrorPercent": "write mirrors: [{service: ..., percent: ...}]",
    "Route.mirrorPercentage": "write mirrors: [{service: ..., percent: ...}]",
    "Route.route": "write to, canary or split",
    "Route.weight": "write canary or split",
    "Server.defaultEndpoint": "no gateway reads it",
    "ServerPort.targetPort": "Istio refuses it; the gateway's own Service says where the port leads",
    "ServiceSpec.circuitBreaker": "write trafficPolicy with connectionPool and outlierDetection",
    "ServiceSpec.gateways": "write expose: [{gateway: ..., hosts: [...]}]",
    "ServiceSpec.hosts": "write expose: [{gateway: ..., hosts: [...]}]",
    "ServiceSpec.http": "write routes",
    "ServiceSpec.image": "write workload: {container: {image: ...}}",
    "ServiceSpec.replicas": "write workload: {replicas: ...}",
    "ServiceSpec.subsets": "write versions",
    "StringMatch.suffix": "write regex",
    "TCPSettings.connectionTimeout": "write connectTimeout",
    "TrafficPolicy.subsets": "write versions beside trafficPolicy",
    "ValueMatch.present": "write {}",
    "ValueMatch.suffix": "write regex",
    "circuitBreaker": "write connectionPool and outlierDetection",
    "keepAlive": "write tcpKeepalive",
    "keepalive": "write tcpKeepalive",
}
"""Key, or MODEL.KEY where it depends on the place -> the words of the hint."""

VALUES: dict[tuple[str, str], str] = {
    ("mode", "AUTO_PASSTHROUGH"): "passing TLS on cannot be written yet",
    ("mode", "PASSTHROUGH"): "passing TLS on cannot be written yet",
    ("protocol", "UDP"): "no gateway of Istio's takes UDP",
    ("simple", "LEAST_CONN"): "write LEAST_REQUEST, its name today",
    ("simple", "PASSTHROUGH"): "passing connections on cannot be written yet",
    ("simple", "UNSPECIFIED"): "leave it out",
    ("unmatchedPreflights", "UNSPECIFIED"): "leave it out",
}
"""Key and value that no longer is, or not yet, one of its values -> the words of the hint."""
