"""Ways in from outside: the object of each host and gateway, and which routes it has."""

from __future__ import annotations

import pytest
from meshes import HOST, RUNS, exposed, gateway, get, mesh, names, service


def test_a_host_of_a_gateway_has_a_virtual_service_of_its_own() -> None:
    spec = f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}]}}]"
    made = mesh(service(spec), gateway())

    assert names(made) == ["ServiceAccount a", "Service a", "Deployment a", "Gateway gw", f"VirtualService gw-{HOST}"]
    assert get(made, "VirtualService", f"gw-{HOST}")["spec"] == {
        "hosts": [HOST],
        "gateways": ["n/gw"],
        "http": [
            {
                "name": "a.web.default",
                "route": [{"destination": {"host": "a.n.svc.cluster.local", "port": {"number": 80}}}],
            }
        ],
    }


def test_it_has_no_condition_on_the_port_however_many_the_service_has() -> None:
    spec = f"""ports: [{{name: http, port: 80}}, {{name: grpc, port: 81}}]
workload: {{container: {{image: a}}}}
timeout: 3s
expose: [{{name: web, gateway: gw, hosts: [{HOST}]}}, {{name: rpc, gateway: gw, hosts: [b.example.com], port: grpc}}]"""
    made = mesh(service(spec), gateway("hosts: ['*.example.com']"))
    [web], [rpc] = (get(made, "VirtualService", f"gw-{host}")["spec"]["http"] for host in (HOST, "b.example.com"))

    assert ("match" in web, "match" in rpc) == (False, False)
    assert (web["route"][0]["destination"]["port"], web["timeout"]) == ({"number": 80}, "3s")
    assert (rpc["route"][0]["destination"]["port"], rpc["timeout"]) == ({"number": 81}, "3s")
    assert get(made, "VirtualService")["spec"]["http"][0]["match"] == [{"port": 80}]


def test_each_pair_of_gateway_and_host_has_one_of_its_own() -> None:
    spec = f"""{RUNS}
expose:
- {{name: web, gateway: gw, hosts: [a.example.com, A.example.com, b.example.com]}}
- {{name: own, gateway: m/edge, hosts: [a.example.com]}}"""
    made = mesh(service(spec), gateway("hosts: ['*.example.com']"), gateway(name="edge", namespace="m"))
    found = {each.name: each.data["spec"] for each in made if each.kind == "VirtualService"}

    assert {name: (spec["hosts"], spec["gateways"], len(spec["http"])) for name, spec in found.items()} == {
        "gw-a.example.com": (["a.example.com"], ["n/gw"], 1),
        "gw-b.example.com": (["b.example.com"], ["n/gw"], 1),
        "m.edge-a.example.com": (["a.example.com"], ["m/edge"], 1),
    }


@pytest.mark.parametrize(
    ("host", "name"),
    [("'*.example.com'", "gw-wildcard.example.com"), ("'*'", "gw-wildcard"), ("X.Example.COM", "gw-x.example.com")],
)
def test_hosts_may_have_wildcards_and_upper_case(host: str, name: str) -> None:
    spec = f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{host}]}}]"
    made = mesh(service(spec), gateway("hosts: ['*', '*.EXAMPLE.com']"))

    assert get(made, "VirtualService", name)["spec"]["hosts"] == [host.strip("'").lower()]


def test_routes_picks_some_by_name_in_the_services_order() -> None:
    routes = "routes: [{name: r, match: [{uri: {exact: /x}}]}, {name: s, match: [{uri: {exact: /y}}]}, {name: t}]"

    assert [rule["name"] for rule in exposed("routes: [t, r]", routes)] == ["a.web.r", "a.web.t"]


def test_a_picked_sticky_route_comes_with_its_rules() -> None:
    routes = """
    versions: [{name: v1}, {name: v2}]
    routes:
    - {name: t, match: [{headers: {t: {}}}]}
    - {name: r, split: {v1: 50, v2: 50}, sticky: {cookie: c}}
    """

    assert [rule["name"] for rule in exposed("routes: [r]", routes)] == ["a.web.r-v1", "a.web.r-v2", "a.web.r"]


SOURCES = """
    routes:
    - {name: label, match: [{sourceLabels: {app: b}}]}
    - {name: namespace, match: [{sourceNamespace: m}, {uri: {exact: /x}}]}
    - {name: rest}
"""


def test_matches_on_the_caller_are_left_out() -> None:
    rules = exposed("path: /", SOURCES)

    assert [(rule["name"], rule.get("match")) for rule in rules] == [
        ("a.web.namespace", [{"uri": {"exact": "/x"}}]),
        ("a.web.rest", None),
    ]


def test_what_is_said_of_a_way_in_applies_at_the_gateway_only() -> None:
    spec = f"""{RUNS}
routes:
- {{name: r, match: [{{uri: {{exact: /x}}}}], headers: {{request: {{set: {{x: route, y: route}}}}}}, corsPolicy: {{allowOrigins: [{{exact: "https://route"}}]}}}}
- {{name: s}}
expose:
- name: web
  gateway: gw
  hosts: [{HOST}]
  path: /p
  rewrite: {{authority: inner}}
  headers: {{request: {{set: {{x: expose, z: expose}}}}}}
  corsPolicy: {{allowOrigins: [{{exact: "https://expose"}}]}}"""
    made = mesh(service(spec), gateway())
    inside, outside = (get(made, "VirtualService", name)["spec"]["http"] for name in ("a", f"gw-{HOST}"))

    assert "expose" not in str(inside)
    assert "rewrite" not in str(inside)
    assert outside[0]["headers"] == {"request": {"set": {"x": "route", "y": "route", "z": "expose"}}}
    assert outside[0]["corsPolicy"] == {"allowOrigins": [{"exact": "https://route"}]}
    assert outside[1]["headers"] == {"request": {"set": {"x": "expose", "z": "expose"}}}
    assert outside[1]["corsPolicy"] == {"allowOrigins": [{"exact": "https://expose"}]}
    assert [rule["rewrite"] for rule in outside] == [{"authority": "inner"}] * 2


@pytest.mark.parametrize(
    ("redirect", "below"),
    [
        ("{uri: /new}", {"uri": "/p/new"}),
        ("{uri: /, scheme: https}", {"uri": "/p/", "scheme": "https"}),
        ("{uri: /new, authority: b.example.com}", {"uri": "/new", "authority": "b.example.com"}),
        ("{scheme: https}", {"scheme": "https"}),
    ],
)
def test_a_redirect_leads_below_the_path_unless_it_names_a_host(redirect: str, below: dict[str, str]) -> None:
    [rule] = exposed("path: /p, rewrite: {uri: /}", f"routes: [{{name: r, redirect: {redirect}}}]")

    assert (rule["redirect"], "rewrite" in rule, "route" in rule) == (below, False, False)


def test_at_the_root_a_redirect_is_that_of_the_mesh() -> None:
    [rule] = exposed("path: /", "routes: [{name: r, redirect: {uri: /new}}]")

    assert rule["redirect"] == {"uri": "/new"}


def test_of_one_header_in_two_spellings_the_routes_stays() -> None:
    headers = "{request: {set: {x: route}, add: {Y: route}}}"
    [rule] = exposed(
        "headers: {request: {set: {X: way in, z: way in}, add: {y: way in}}, response: {set: {X: way in}}}",
        f"routes: [{{name: r, headers: {headers}}}]",
    )

    assert rule["headers"] == {
        "request": {"set": {"x": "route", "z": "way in"}, "add": {"Y": "route"}},
        "response": {"set": {"X": "way in"}},
    }


def test_each_header_is_removed_that_the_way_in_or_the_route_removes() -> None:
    [rule] = exposed(
        "headers: {request: {remove: [r, Q, x, y], set: {gone: a}}, response: {remove: [s]}}",
        "routes: [{name: r, headers: {request: {remove: [q, Gone], set: {X: route}, add: {y: route}}}}]",
    )

    assert rule["headers"] == {
        "request": {"remove": ["r", "q", "Gone"], "set": {"X": "route"}, "add": {"y": "route"}},
        "response": {"remove": ["s"]},
    }
