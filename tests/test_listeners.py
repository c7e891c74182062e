"""Gateways of the same pods: what two of them claim."""

from __future__ import annotations

import pytest
from meshes import RUNS, gateway, mesh, names, said, service

SECURED = "tls: {credentialName: c}"


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        (f"hosts: [b.c, A.example.com]\n{SECURED}", "2.yaml:5:16"),
        (f"hosts: ['n/a.example.com', a.example.com]\n{SECURED}\nselector: {{istio: ingressgateway, app: x}}", "2.yaml:5:30"),
        (
            "servers: [{port: {number: 443, name: x, protocol: TLS}, hosts: ['*/a.example.com'], tls: {mode: SIMPLE, credentialName: d}}]",
            "2.yaml:5:67",
        ),
    ],
)  # fmt: skip
def test_a_host_that_two_gateways_of_the_same_pods_secure_is_told(spec: str, place: str) -> None:
    assert said(gateway(f"hosts: [x.y, a.example.com]\n{SECURED}"), gateway(spec, name="other")) == [
        (
            f"{place} MG132 gateway n/gw, at 1.yaml:3:12, has {get_host(spec)!r} at port 443 of the same pods: Istio drops one of"
            " the two servers, and its routes"
            " | give the host to one of them; if their pods differ, say so by selector or workloadNamespace"
        )
    ]


def get_host(spec: str) -> str:
    """The host of the spec that somebody else has."""
    return next(host for host in ("A.example.com", "*/a.example.com", "a.example.com") if host in spec)


@pytest.mark.parametrize(
    "spec",
    [
        f"hosts: [a.example.com]\n{SECURED}\nselector: {{istio: other}}",
        f"hosts: [a.example.com]\n{SECURED}\nselector: {{app: other}}",
        f"hosts: [a.example.com]\n{SECURED}\nworkloadNamespace: edge",
        f"hosts: ['*.example.com', 'm/a.example.com', a.example.co]\n{SECURED}",
        "hosts: [a.example.com]",
        "servers: [{port: {number: 8443, name: x, protocol: TLS}, hosts: [a.example.com], tls: {mode: SIMPLE, credentialName: d}}]",
        "servers: [{bind: 1.2.3.4, port: {number: 443, name: x, protocol: TLS}, hosts: [a.example.com], tls: {mode: SIMPLE, credentialName: d}}]",
    ],
)
def test_other_pods_ports_and_hosts_are_nobody_elses(spec: str) -> None:
    first = gateway(f"hosts: [a.example.com]\n{SECURED}")

    assert "Gateway other" in names(mesh(first, gateway(spec, name="other")))


def test_of_what_somebody_else_made_twice_nothing_is_said() -> None:
    spec = f"hosts: [a.example.com]\n{SECURED}\nexisting: true"

    assert names(mesh(gateway(spec), gateway(spec, name="other"))) == []


@pytest.mark.parametrize(
    ("other", "is_told"),
    [
        ("hosts: [a.example.com]", True),
        ("hosts: ['*.example.com']\nselector: {istio: ingressgateway, x: y}", True),
        (f"hosts: [a.example.com]\n{SECURED}\nselector: {{istio: ingressgateway}}", False),
        ("hosts: [a.example.com]\nselector: {istio: other}", False),
        ("servers: [{port: {number: 8080, name: x, protocol: HTTP}, hosts: [a.example.com]}]", False),
    ],
)
def test_one_path_of_a_host_at_two_gateways_of_one_port_is_told(other: str, is_told: bool) -> None:
    way = "expose: [{{name: e, gateway: {}, hosts: [a.example.com], path: {}}}]"
    texts = [gateway(), gateway(other, name="other"), service(f"{RUNS}\n{way.format('gw', '/x')}")]

    assert mesh(*texts, service(f"{RUNS}\n{way.format('other', '/y')}", "b"))
    second = service(f"{RUNS}\n{way.format('other', '/x')}", "b")
    if is_told:
        assert said(*texts, second) == [
            (
                "4.yaml:7:62 MG125 path '/x' of a.example.com at n/other is n/a's already, at 3.yaml:7:12: gateway n/gw has the"
                " same pods and port | expose it at one of the two gateways"
            )
        ]
    else:
        assert mesh(*texts, second)
