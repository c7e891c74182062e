"""Ports: what is spoken at each, where each leads, and which one a route means."""

from __future__ import annotations

from typing import Any

import pytest
from meshes import get, http, mesh, said, service

WORKLOAD = "\nworkload: {container: {image: a}}"


def port_of(port: str) -> dict[str, Any]:
    """The Service's port for one of the spec."""
    ports: list[dict[str, Any]] = get(mesh(service(f"ports: [{port}]{WORKLOAD}")), "Service")["spec"]["ports"]
    return ports[0]


@pytest.mark.parametrize(
    ("port", "spoken"),
    [
        ("{name: http, port: 80}", "http"),
        ("{name: web, port: 80}", "http"),
        ("{name: http-admin, port: 80}", "http"),
        ("{name: http2-x, port: 80}", "http2"),
        ("{name: grpc, port: 80}", "grpc"),
        ("{name: grpc-web, port: 80}", "grpc-web"),
        ("{name: grpc-web-x, port: 80}", "grpc-web"),
        ("{name: grpcx, port: 80}", "http"),
        ("{name: tcp-x, port: 80}", "tcp"),
        ("{name: https, port: 443}", "https"),
        ("{name: mysql, port: 3306}", "mysql"),
        ("{name: redis-cache, port: 6379}", "redis"),
        ("{name: mongo, port: 27017}", "mongo"),
        ("{name: tls, port: 5432}", "tls"),
        ("{name: db, port: 5432, appProtocol: tcp}", "tcp"),
        ("{name: http, port: 80, appProtocol: kubernetes.io/h2c}", "kubernetes.io/h2c"),
        ("{name: grpc-x, port: 80, appProtocol: http2}", "http2"),
        ("{name: dns, port: 53, protocol: UDP}", None),
        ("{name: http, port: 80, protocol: SCTP}", None),
        ("{name: quic, port: 443, protocol: UDP, appProtocol: example.com/quic}", "example.com/quic"),
    ],
)
def test_what_is_spoken_at_a_port(port: str, spoken: str | None) -> None:
    assert port_of(port).get("appProtocol") == spoken


@pytest.mark.parametrize("number", [25, 53, 3306, 5432, 6379, 27017])
def test_a_port_where_the_server_speaks_first_must_say_so(number: int) -> None:
    assert said(service(f"ports: [{{name: main, port: {number}}}]{WORKLOAD}"))[0].startswith(
        "1.yaml:5:24 MG117 port 'main' looks like "
    )


def test_the_pods_port_counts_too_where_the_server_speaks_first() -> None:
    assert said(service(f"ports: [{{name: main, port: 80, targetPort: 5432}}]{WORKLOAD}")) == [
        (
            "1.yaml:5:24 MG117 port 'main' looks like PostgreSQL, which is not HTTP"
            " | write appProtocol: tcp (or what is spoken there)"
        )
    ]


def test_such_a_port_is_told_once_however_many_routes_need_it() -> None:
    spec = f"ports: [{{name: main, port: 5432}}]{WORKLOAD}\nroutes: [{{name: r}}]\ntimeout: 1s"

    assert [line.split()[1] for line in said(service(spec))] == ["MG117"]


@pytest.mark.parametrize(
    ("port", "rest"),
    [
        ("{name: http, port: 80}", {"port": 80, "targetPort": 80}),
        ("{name: http, port: 80, targetPort: 3000}", {"port": 80, "targetPort": 3000}),
        ("{name: x, port: 80, protocol: TCP, appProtocol: http}", {"port": 80, "targetPort": 80}),
        ("{name: x, port: 53, protocol: UDP}", {"port": 53, "targetPort": 53, "protocol": "UDP"}),
        ("{name: x, port: 80, protocol: SCTP}", {"port": 80, "targetPort": 80, "protocol": "SCTP"}),
    ],
)
def test_a_port_is_written_as_kubernetes_has_it(port: str, rest: dict[str, Any]) -> None:
    written = port_of(port)

    assert {key: value for key, value in written.items() if key not in ("name", "appProtocol")} == rest


def test_a_node_port_stands_in_a_service_that_has_them() -> None:
    spec = f"service: {{type: NodePort}}\nports: [{{name: http, port: 80, nodePort: 30080}}]{WORKLOAD}"

    [port] = get(mesh(service(spec)), "Service")["spec"]["ports"]
    assert port["nodePort"] == 30080


def test_one_number_may_serve_tcp_and_udp() -> None:
    spec = f"ports: [{{name: dns, port: 53, protocol: UDP}}, {{name: tcp-dns, port: 53}}]{WORKLOAD}"

    assert [port["name"] for port in get(mesh(service(spec)), "Service")["spec"]["ports"]] == ["dns", "tcp-dns"]


@pytest.mark.parametrize(
    ("second", "what"),
    [
        ("{name: http, port: 81}", "1.yaml:6:12 MG113 there is a port named 'http' already"),
        ("{name: x, port: 80}", "1.yaml:6:21 MG113 port 80 is 'http' already"),
        ("{name: x, port: 80, protocol: TCP}", "1.yaml:6:21 MG113 port 80 is 'http' already"),
    ],
)
def test_two_ports_of_one_name_or_number_are_refused(second: str, what: str) -> None:
    assert said(service(f"ports: [{{name: http, port: 80}},\n        {second}]{WORKLOAD}")) == [what]


TWO = "ports: [{name: http, port: 80}, {name: grpc, port: 81}, {name: tcp-x, port: 82}]" + WORKLOAD


def test_a_route_serves_the_only_http_port() -> None:
    [rule] = http("routes: [{name: r}]")

    assert rule["route"][0]["destination"]["port"] == {"number": 80}


def test_where_there_are_several_a_route_serves_the_one_named_http() -> None:
    [rule] = get(mesh(service(f"{TWO}\nroutes: [{{name: r}}]")), "VirtualService")["spec"]["http"]

    assert rule["match"] == [{"port": 80}]
    assert rule["route"][0]["destination"]["port"] == {"number": 80}


def test_a_route_serves_the_port_that_it_names() -> None:
    [rule] = get(mesh(service(f"{TWO}\nroutes: [{{name: r, port: grpc}}]")), "VirtualService")["spec"]["http"]

    assert rule["match"] == [{"port": 81}]
    assert rule["route"][0]["destination"]["port"] == {"number": 81}


def test_with_several_http_ports_and_none_named_http_a_route_must_say() -> None:
    spec = (
        f"ports: [{{name: web, port: 80}}, {{name: grpc, port: 81}}]{WORKLOAD}\nroutes:\n- {{name: r}}\n- {{name: s}}"
    )

    assert said(service(spec)) == [
        (
            "1.yaml:8:5 MG118 the service has several HTTP ports (web, grpc) and none is named 'http'"
            " | say which one with 'port'"
        )
    ]


@pytest.mark.parametrize(
    ("port", "what"),
    [
        ("htpp", "1.yaml:7:22 MG110 no port is named 'htpp'; there are: grpc, http, tcp-x | did you mean 'http'?"),
        ("tcp-x", "1.yaml:7:22 MG119 port 'tcp-x' speaks tcp, and routes need HTTP"),
    ],
)
def test_a_route_needs_an_http_port_that_there_is(port: str, what: str) -> None:
    assert said(service(f"{TWO}\nroutes: [{{name: r, port: {port}}}]")) == [what]


def test_http_over_udp_is_nothing_that_routes_serve() -> None:
    ports = "ports: [{name: http, port: 80}, {name: quic, port: 443, protocol: UDP, appProtocol: http}]"

    assert said(service(f"{ports}{WORKLOAD}\nroutes: [{{name: r, port: quic}}]")) == [
        "1.yaml:7:22 MG119 port 'quic' speaks UDP, and routes need HTTP"
    ]


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("routes: [{name: r}]", "1.yaml:7:3 MG119 the service has no HTTP port, and routes need one"),
        ("timeout: 1s", "1.yaml:7:3 MG119 the service has no HTTP port, and timeout needs one"),
        ("retries: {attempts: 1}", "1.yaml:7:3 MG119 the service has no HTTP port, and retries need one"),
        ("versions: [{name: v1}, {name: v2}]", "1.yaml:7:3 MG119 the service has no HTTP port, and versions need one"),
    ],
)
def test_without_an_http_port_there_is_nothing_to_route(field: str, place: str) -> None:
    assert said(service(f"ports: [{{name: tcp, port: 80}}]{WORKLOAD}\n{field}")) == [place]


def test_one_version_needs_no_http_port() -> None:
    made = mesh(service(f"ports: [{{name: tcp, port: 80}}]{WORKLOAD}\nversions: [{{name: v1}}]"))

    assert [subset["name"] for subset in get(made, "DestinationRule")["spec"]["subsets"]] == ["v1"]


def test_only_with_several_ports_a_match_names_its_own() -> None:
    routes = "routes: [{name: r, match: [{headers: {x: {exact: y}}}, {}]}]"
    [alone] = http(routes)
    [beside] = get(mesh(service(f"{TWO}\n{routes}")), "VirtualService")["spec"]["http"]

    assert [match.get("port") for match in alone["match"]] == [None, None]
    assert [match["port"] for match in beside["match"]] == [80, 80]


def test_a_container_port_of_the_same_name_is_what_a_named_target_leads_to() -> None:
    container = "container: {image: a, ports: [{name: web, containerPort: 3000}]}"
    made = mesh(service(f"ports: [{{name: http, port: 80, targetPort: web}}]\nworkload: {{{container}}}"))

    assert get(made, "Service")["spec"]["ports"][0]["targetPort"] == "web"
    [main] = get(made, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert main["ports"] == [{"name": "web", "containerPort": 3000}]


def test_a_target_port_that_no_container_names_is_refused() -> None:
    assert said(service(f"ports: [{{name: http, port: 80, targetPort: web}}]{WORKLOAD}")) == [
        "1.yaml:5:34 MG110 no container port is named 'web'; there are none"
    ]
