"""Gateways: what hosts and tls stand for, and whose pods serve them."""

from __future__ import annotations

from typing import Any

import pytest
from meshes import RUNS, Object, gateway, get, mesh, names, said, service


def servers(spec: str) -> list[Object]:
    """The servers of a gateway."""
    found: list[Object] = get(mesh(gateway(spec)), "Gateway", "gw")["spec"]["servers"]
    return found


HOSTS = ["a.example.com", "*.example.org"]
PLAIN = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": HOSTS}
SECURE: dict[str, Any] = {
    "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
    "hosts": HOSTS,
    "tls": {"mode": "SIMPLE", "minProtocolVersion": "TLSV1_2", "credentialName": "c"},
}


def test_without_tls_there_is_only_port_80() -> None:
    assert servers(f"hosts: {HOSTS}") == [PLAIN]
    assert servers(f"hosts: {HOSTS}\ntls: null") == [PLAIN]


def test_with_tls_port_80_redirects_to_443() -> None:
    assert servers(f"hosts: {HOSTS}\ntls: {{credentialName: c}}") == [{**PLAIN, "tls": {"httpsRedirect": True}}, SECURE]


def test_hosts_are_written_in_small_letters_and_once() -> None:
    mixed = ["A.Example.com", "*.example.ORG", "a.example.com"]
    assert servers(f"hosts: {mixed}") == [PLAIN]

    port = "{number: 80, name: http, protocol: HTTP}"
    assert servers(f"servers: [{{port: {port}, hosts: ['shop/A.b.c', './A.b.c']}}]")[0]["hosts"] == [
        "shop/a.b.c",
        "./a.b.c",
    ]


@pytest.mark.parametrize(
    ("tls", "plain", "secure"),
    [
        ("credentialName: c, httpsRedirect: false", None, {}),
        ("credentialName: c, httpsRedirect: true", {"httpsRedirect": True}, {}),
        ("credentialName: c, minProtocolVersion: TLSV1_3", {"httpsRedirect": True}, {"minProtocolVersion": "TLSV1_3"}),
        ("credentialName: c, mode: MUTUAL", {"httpsRedirect": True}, {"mode": "MUTUAL"}),
    ],
)
def test_tls_is_laid_over_what_is_usual(tls: str, plain: Object | None, secure: Object) -> None:
    http, https = servers(f"hosts: {HOSTS}\ntls: {{{tls}}}")

    assert http.get("tls") == plain
    assert https["tls"] == SECURE["tls"] | secure


def test_servers_in_full_stand_as_they_are() -> None:
    written = [
        {
            "port": {"number": 443, "name": "https", "protocol": "HTTPS"},
            "hosts": ["n/a.example.com"],
            "tls": {"mode": "ISTIO_MUTUAL"},
        },
        {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"], "name": "plain"},
    ]

    assert servers(f"servers: {written}") == written


def test_the_pods_are_istios_own_unless_the_spec_says_others() -> None:
    made = mesh(gateway(), gateway("hosts: [b.example.com]\nselector: {app: edge}", name="edge"))

    assert get(made, "Gateway", "gw")["spec"]["selector"] == {"istio": "ingressgateway"}
    assert get(made, "Gateway", "edge")["spec"]["selector"] == {"app": "edge"}


def test_a_gateway_is_labelled_as_meshgens() -> None:
    text = gateway().replace("namespace: n", "namespace: n, labels: {team: x}, annotations: {k: v}")

    assert get(mesh(text), "Gateway", "gw")["metadata"] == {
        "name": "gw",
        "namespace": "n",
        "labels": {"app.kubernetes.io/managed-by": "meshgen", "team": "x"},
        "annotations": {"k": "v"},
    }


def test_somebody_elses_gateway_is_not_made_but_has_its_hosts() -> None:
    expose = "expose: [{name: web, gateway: gw, hosts: [%s]}]"
    theirs = gateway("hosts: [a.example.com]\nexisting: true")

    assert names(mesh(service(f"{RUNS}\n{expose % 'a.example.com'}"), theirs)) == [
        "ServiceAccount a",
        "Service a",
        "Deployment a",
        "VirtualService gw-a.example.com",
    ]
    assert said(service(f"{RUNS}\n{expose % 'b.example.com'}"), theirs) == [
        "1.yaml:7:45 MG124 gateway n/gw has no host 'b.example.com'; it has: a.example.com"
    ]


def test_hosts_of_servers_count_as_the_gateways() -> None:
    server = "servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [x.example.com, '*/a.example.com']}]"

    assert mesh(service(f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [a.example.com]}}]"), gateway(server)).get(
        "VirtualService", "n", "gw-a.example.com"
    )


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        ("{}", "4:1 MG116 a gateway needs hosts (and tls), or servers"),
        ("{existing: true}", "4:1 MG116 a gateway needs hosts (and tls), or servers"),
        (
            "{hosts: [a.example.com], servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}",
            "4:8 MG116 hosts and servers say the same thing twice | drop 'hosts', or 'servers'",
        ),
        (
            (
                "{servers: [{port: {number: 80, name: p, protocol: HTTP}, hosts: ['*']},"
                " {port: {number: 81, name: p, protocol: HTTP}, hosts: ['*']}]}"
            ),
            "4:99 MG113 there is a server whose port is named 'p' already",
        ),
        (
            "{hosts: [short]}",
            "4:16 MG101 'short' is a short name, which means another host in each namespace | write the full host",
        ),
        ("{hosts: ['*foo.com']}", "4:16 MG101 '*foo.com' is no host: '*' stands for whole parts, as in *.example.com"),
        (
            "{hosts: [a.example.com.]}",
            "4:16 MG101 'a.example.com.' ends with a dot, which callers leave out | write a.example.com",
        ),
    ],
)
def test_what_is_wrong_with_a_gateway_is_told(spec: str, what: str) -> None:
    text = gateway().partition("spec:")[0] + f"spec: {spec}\n"

    assert said(text) == [f"1.yaml:{what}"]


@pytest.mark.parametrize("tls", ["{}", "{mode: SIMPLE}", "{credentialName: null}", "{httpsRedirect: false}"])
def test_tls_needs_a_certificate(tls: str) -> None:
    [line] = said(gateway(f"hosts: [a.example.com]\ntls: {tls}"))

    assert line.startswith("1.yaml:6:")
    assert "MG101" in line
    assert "credentialName" in line


def test_a_label_of_meshgens_cannot_be_given() -> None:
    text = gateway().replace("namespace: n", "namespace: n, labels: {app.kubernetes.io/managed-by: me}")

    assert said(text) == ["1.yaml:3:45 MG127 label 'app.kubernetes.io/managed-by' is meshgen's"]


def server(number: int, name: str, protocol: str, hosts: str, more: str = "") -> str:
    """A server of a gateway."""
    return f"{{port: {{number: {number}, name: {name}, protocol: {protocol}}}, hosts: {hosts}{more}}}"


TLS = ", tls: {mode: SIMPLE, credentialName: c}"
REDIRECT = ", tls: {httpsRedirect: true}"
DROPS = "Istio drops one of them | only servers of plain HTTP, or HTTPS and TLS servers, can share a port"


@pytest.mark.parametrize(
    ("one", "two", "what"),
    [
        (("HTTP", "['*']"), ("TCP", "['*']"), f"7:13 MG116 port 80 is 'x' already, which speaks HTTP: {DROPS}"),
        (("TCP", "['*']"), ("TCP", "['*']"), f"7:13 MG116 port 80 is 'x' already, which speaks TCP: {DROPS}"),
        (("HTTP", "['*']"), ("HTTPS", "['*']", TLS), f"7:13 MG116 port 80 is 'x' already, which speaks HTTP: {DROPS}"),
        (("TLS", "['*']", TLS), ("GRPC", "['*']"), f"7:13 MG116 port 80 is 'x' already, which speaks TLS: {DROPS}"),
        (("HTTPS", "[x.com]", TLS), ("HTTPS", "[y.com, X.com]", TLS), "7:67 MG116 host 'X.com' is at port 80 already, in 'x': Istio drops this server | give each host to one of them"),
        (("HTTPS", "[n/x.com]", TLS), ("TLS", "[./x.com]", TLS), "7:58 MG116 host './x.com' is at port 80 already, in 'x': Istio drops this server | give each host to one of them"),
        (("HTTPS", "[x.com]", TLS), ("HTTPS", "['*/x.com']", TLS), "7:60 MG116 host '*/x.com' is at port 80 already, in 'x': Istio drops this server | give each host to one of them"),
        (("HTTP", "[x.com]", REDIRECT), ("HTTP", "[x.com, y.com]", REDIRECT), "7:59 MG116 host 'x.com' is at port 80 already, in 'x': Istio drops this server | give each host to one of them"),
    ],
)  # fmt: skip
def test_what_istio_drops_of_two_servers_at_one_port_is_told(
    one: tuple[str, ...], two: tuple[str, ...], what: str
) -> None:
    text = gateway(f"servers:\n- {server(80, 'x', *one)}\n- {server(80, 'y', *two)}")

    assert said(text) == [f"1.yaml:{what}"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("HTTP", "[x.com]"), ("HTTP", "[x.com]")),
        (("HTTP", "[x.com]"), ("GRPC", "[y.com]", REDIRECT)),
        (("HTTPS", "[x.com]", TLS), ("HTTPS", "['*.x.com', m/x.com]", TLS)),
        (("HTTPS", "[x.com]", TLS), ("TLS", "[y.com]", TLS)),
        (("HTTPS", "[x.com]", TLS), ("HTTPS", "[x.com]", f"{TLS}, bind: 10.0.0.1")),
        (("TCP", "['*']", ", bind: 10.0.0.2"), ("HTTP", "['*']", ", bind: 10.0.0.1")),
    ],
)
def test_servers_that_istio_can_tell_apart_share_a_port(one: tuple[str, ...], two: tuple[str, ...]) -> None:
    assert mesh(gateway(f"servers:\n- {server(80, 'x', *one)}\n- {server(80, 'y', *two)}"))


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (("TCP", "[x.com]"), "its server speaks TCP"),
        (("TLS", "['*']", TLS), "its server speaks TLS"),
        (("HTTP", "[x.com]", REDIRECT), "its server only redirects to HTTPS"),
    ],
)
def test_a_host_of_a_server_that_routes_no_http_is_not_exposed(one: tuple[str, ...], why: str) -> None:
    spec = service(f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [x.com]}}]")
    alone = server(5432, "x", *one)
    other = server(443, "y", "HTTPS", "[y.com]", TLS)
    right = server(443, "y", "HTTPS", "[x.com]", TLS)

    for servers_ in (f"[{alone}]", f"[{alone}, {other}]"):
        assert said(spec, gateway(f"servers: {servers_}")) == [
            (
                f"1.yaml:7:45 MG124 gateway n/gw routes nothing for host 'x.com': {why}"
                " | give the gateway an HTTP or HTTPS server with that host"
            )
        ]
    assert mesh(spec, gateway(f"servers: [{alone}, {right}]"))
