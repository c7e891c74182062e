"""The URL that leads to a Service by cluster DNS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from slices import HTTP, endpoint, endpoint_slice, read, service

from meshgen.discovery import Instance, PortUnclear, Service
from meshgen.discovery.ports import url
from meshgen.discovery.reading import read_service, read_slice

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def described(found: dict[str, Any]) -> Service:
    return read_service(read(found), NOW)


def instances(*slices: dict[str, Any]) -> tuple[Instance, ...]:
    return tuple(one for each in slices for one in read_slice(read(each), NOW).instances)


def port(name: str, number: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "port": number, "targetPort": number, "protocol": "TCP", **more}


@pytest.mark.parametrize(
    ("ports", "wanted", "expected"),
    [
        ([port("http", 80)], None, "http://users.shop.svc.cluster.local"),
        ([port("", 80)], None, "http://users.shop.svc.cluster.local"),
        ([port("", 443)], None, "https://users.shop.svc.cluster.local"),
        ([port("web", 8000, appProtocol="http")], None, "http://users.shop.svc.cluster.local:8000"),
        ([port("https-web", 8443), port("tcp-x", 1)], None, "https://users.shop.svc.cluster.local:8443"),
        ([port("http", 80), port("http-admin", 81)], None, "http://users.shop.svc.cluster.local"),
        ([port("http-a", 80), port("http-b", 81)], "http-b", "http://users.shop.svc.cluster.local:81"),
        ([port("http-a", 80), port("http-b", 81)], 81, "http://users.shop.svc.cluster.local:81"),
        ([port("http", 80), port("management", 8080)], "management", "http://users.shop.svc.cluster.local:8080"),
    ],
)
def test_the_url_of_a_service(ports: Any, wanted: Any, expected: str) -> None:
    assert url(described(service(ports=ports)), (), wanted, "cluster.local") == expected


@pytest.mark.parametrize(
    ("ports", "wanted", "words"),
    [
        (
            [port("http-a", 80), port("http-b", 81)],
            None,
            r"name one of its ports: http-a \(80/TCP\), http-b \(81/TCP\)",
        ),
        ([port("tcp-db", 5432)], None, "cannot be told"),
        ([], None, "its ports: none"),
        ([port("http", 80)], "grpc", r"no port 'grpc'\n  hint: its ports: http \(80/TCP\)"),
        ([port("mysql", 3306)], "mysql", "speaks mysql, not HTTP"),
        ([port("dns", 53, protocol="UDP")], 53, "speaks UDP, not HTTP"),
    ],
)
def test_a_port_that_cannot_be_told_has_to_be_named(ports: Any, wanted: Any, words: str) -> None:
    with pytest.raises(PortUnclear, match=words):
        url(described(service(ports=ports)), (), wanted, "cluster.local")


def test_the_url_of_a_headless_service_has_the_port_of_its_pods() -> None:
    numbered = service(clusterIPs=["None"])
    named = service(clusterIPs=["None"], ports=[port("http", 80, targetPort="web")])
    same = endpoint_slice("a", endpoint("10.0.0.1"), endpoint("10.0.0.2"))
    other = endpoint_slice("b", endpoint("10.0.0.3"), ports=[{**HTTP, "port": 4000}])

    assert url(described(numbered), (), None, "c.l") == "http://users.shop.svc.c.l:3000"
    assert url(described(named), instances(same), None, "c.l") == "http://users.shop.svc.c.l:3000"
    with pytest.raises(PortUnclear, match="its pods have 3000, 4000"):
        url(described(named), instances(same, other), None, "c.l")
