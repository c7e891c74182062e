"""What is spoken at a port: what a spec says, what a port's name says, and what a well-known number means."""

from __future__ import annotations

HTTP = frozenset({"http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws"})
"""Protocols whose requests Istio routes one by one (Istio pkg/config/kube/conversion.go, protocol/instance.go)."""

UNROUTED = frozenset({"TCP", "TLS", "MONGO", "MYSQL", "REDIS"})
"""Protocols of a gateway's servers that have no HTTP routes."""

_BY_NAME = HTTP | {"https", "mongo", "mysql", "redis", "tcp", "tls"}

SERVER_FIRST = {
    21: "FTP",
    22: "SSH",
    25: "SMTP",
    53: "DNS",
    110: "POP3",
    143: "IMAP",
    587: "SMTP",
    1433: "SQL Server",
    1521: "Oracle",
    3306: "MySQL",
    5432: "PostgreSQL",
    5672: "AMQP",
    6379: "Redis",
    9042: "Cassandra",
    9092: "Kafka",
    11211: "memcached",
    27017: "MongoDB",
}
"""Ports at which no HTTP is expected; at most of them the server speaks first, so that guessing would hang."""


def from_name(name: str) -> str | None:
    """What Istio reads from a port's name: all of it or what stands before the first dash; None where it says nothing."""
    if name == "grpc-web" or name.startswith("grpc-web-"):
        return "grpc-web"
    prefix = name.partition("-")[0]
    return prefix if prefix in _BY_NAME else None


def is_http(app_protocol: str | None) -> bool:
    """Whether Istio's HTTP routes apply to such a port."""
    return app_protocol is not None and app_protocol.lower() in HTTP
