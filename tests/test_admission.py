"""Whether a way in works: its gateway, its hosts, its routes, and who sees the service."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from meshes import HOST, RUNS, exposed, gateway, get, mesh, said, service

SOURCES = """
    routes:
    - {name: label, match: [{sourceLabels: {app: b}}]}
    - {name: namespace, match: [{sourceNamespace: m}, {uri: {exact: /x}}]}
    - {name: rest}
"""


@pytest.mark.parametrize(
    ("expose", "spec", "what"),
    [
        ("routes: [s]", "routes: [{name: r}]", "7:70 MG110 no route is named 's'; there are: r"),
        ("routes: [x]", "", "7:70 MG110 no route is named 'x'; there are: default"),
        (
            "routes: [label, rest]",
            SOURCES,
            (
                "7:70 MG129 no request from outside has what route 'label' asks for"
                " | the caller's labels and namespace are known inside the mesh only"
            ),
        ),
        (
            "path: /p",
            "routes: [{name: r, match: [{uri: {regex: 'x^/y'}}]}, {name: s}]",
            "7:61 MG129 the uri of route 'r', read below this path, has an anchor inside",
        ),
        (
            "path: /p",
            f"routes: [{{name: r, match: [{{uri: {{regex: /{'x' * 1020}}}}}]}}, {{name: s}}]",
            "7:61 MG129 the uri of route 'r', read below this path, is longer than the 1024 bytes that Istio takes",
        ),
        (
            "path: /p",
            "routes: [{name: r, rewrite: {uriRegexRewrite: {match: /x, rewrite: /y}}}]",
            (
                "7:61 MG129 the expression by which route 'r' rewrites may match anywhere in a path, so it cannot be read"
                " below this one | begin it with ^, and let it have no other ^, $ or | outside a group"
            ),
        ),
        (
            "path: /p",
            "routes: [{name: r, match: [{uri: {prefix: /}}], redirect: {prefixRewrite: /n}}]",
            (
                "7:61 MG129 route 'r' replaces a prefix that ends with a segment, and this path is one"
                " | give its match a longer prefix than /"
            ),
        ),
        (
            "path: /p",
            "routes: [{name: r, match: [{withoutHeaders: {':path': {prefix: /adm}}}]}, {name: s}]",
            (
                "7:61 MG129 route 'r' matches on header ':path', which says nothing of what is below this one"
                " | match on uri, and give paths that it leaves out a route before it"
            ),
        ),
        (
            "path: /p, routes: [r]",
            "routes: [{name: r, match: [{uri: {prefix: /x}, headers: {':path': {exact: '/x?y'}}}]}, {name: s}]",
            (
                "7:61 MG129 route 'r' matches on header ':path', which says nothing of what is below this one"
                " | match on uri, and give paths that it leaves out a route before it"
            ),
        ),
        (
            "headers: {request: {set: {host: x}}}",
            "routes: [{name: r, rewrite: {authority: y}}]",
            "7:61 MG116 together with route 'r', the host that is asked for is changed twice",
        ),
        (
            "path: /",
            "routes: [{name: r, match: [{sourceNamespace: m}], directResponse: {status: 404}}]",
            "7:12 MG129 no request from outside has what any of the routes asks for",
        ),
    ],
)
def test_what_cannot_be_exposed_is_told(expose: str, spec: str, what: str) -> None:
    text = f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], {expose}}}]\n{dedent(spec)}"

    assert said(service(text), gateway()) == [f"1.yaml:{what}"]


@pytest.mark.parametrize(
    ("expose", "what"),
    [
        ("gateway: gww, hosts: [a.example.com]", "7:24 MG110 no gateway is named 'gww'; there are: gw | did you mean 'gw'?"),
        ("gateway: m/gw, hosts: [a.example.com]", "7:24 MG110 no gateway is named 'm/gw'; there are: gw | did you mean 'gw'?"),
        (
            "gateway: gw, hosts: [a.example.com, b.example.com]",
            "7:60 MG124 gateway n/gw has no host 'b.example.com'; it has: a.example.com",
        ),
        (
            "gateway: gw, hosts: [x.a.example.com]",
            "7:45 MG124 gateway n/gw has no host 'x.a.example.com'; it has: a.example.com",
        ),
        ("gateway: gw, hosts: [a.example.com], port: nope", "7:61 MG110 no port is named 'nope'; there are: http"),
        ("gateway: gw, hosts: [a.example.com]}, {name: web, gateway: gw, hosts: [a.example.com], path: /x", "7:63 MG113 there is a way in named 'web' already"),
        (
            "gateway: gw, hosts: [a.example.com.]",
            "7:45 MG101 'a.example.com.' ends with a dot, which callers leave out | write a.example.com",
        ),
    ],
)  # fmt: skip
def test_a_way_in_leads_through_a_gateway_that_has_the_host(expose: str, what: str) -> None:
    assert said(service(f"{RUNS}\nexpose: [{{name: web, {expose}}}]"), gateway()) == [f"1.yaml:{what}"]


@pytest.mark.parametrize(
    ("hosts", "fits"),
    [
        ("['*']", True),
        ("['*.example.com']", True),
        ("['*.com']", True),
        ("[a.example.com]", True),
        ("[A.Example.com]", True),
        ("[n/a.example.com]", True),
        ("['*/a.example.com']", True),
        ("[./a.example.com]", False),
        ("[m/a.example.com]", False),
        ("['*.a.example.com']", False),
        ("['*.le.com']", False),
    ],
)
def test_a_gateways_host_says_whose_routes_may_use_it(hosts: str, fits: bool) -> None:
    spec = service(f"{RUNS}\nexpose: [{{name: web, gateway: m/gw, hosts: [{HOST}]}}]")
    edge = gateway(f"hosts: {hosts}", namespace="m")

    assert fits == (spec != "" and not _said(spec, edge))


def _said(*texts: str) -> list[str]:
    try:
        mesh(*texts)
    except Exception:  # noqa: BLE001
        return said(*texts)
    return []


@pytest.mark.parametrize(
    ("export", "edge", "seen"),
    [
        ("['*']", "", True),
        ("[istio-system]", "", True),
        ("[., istio-system]", "", True),
        ("[.]", "", False),
        ("[m]", "", False),
        ("[edge]", "workloadNamespace: edge", True),
        ("[.]", "workloadNamespace: n", True),
    ],
)
def test_an_exposed_service_is_exported_to_where_the_gateways_pods_run(export: str, edge: str, seen: bool) -> None:
    spec = service(f"{RUNS}\nexportTo: {export}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}]}}]")
    where = edge.partition(": ")[2] or "istio-system"

    if seen:
        made = mesh(spec, gateway(f"hosts: [{HOST}]\n{edge}"))
        assert get(made, "VirtualService", f"gw-{HOST}")["spec"]["exportTo"] == [where]
    else:
        assert said(spec, gateway(f"hosts: [{HOST}]\n{edge}")) == [
            (
                f"1.yaml:8:24 MG126 the pods of gateway n/gw are in '{where}', to which the service is not exported"
                f" | add '{where}' to exportTo"
            )
        ]


def test_a_name_that_is_too_long_for_an_object_is_told() -> None:
    host = ".".join(["x" * 63] * 3 + ["y" * 60])

    [line] = said(service(f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{host}]}}]"), gateway("hosts: ['*']"))
    assert re.match("1.yaml:7:45 MG115 the VirtualService's name 'gw-x+.*has 255 characters, and may have 253", line)


def test_with_several_http_ports_and_none_named_http_a_way_in_must_say() -> None:
    spec = f"ports: [{{name: web, port: 80}}, {{name: grpc, port: 81}}]\nworkload: {{container: {{image: a}}}}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}]}}]"

    assert said(service(spec), gateway()) == [
        "1.yaml:7:12 MG118 the service has several HTTP ports (web, grpc) and none is named 'http' | say which one with 'port'"
    ]


def test_a_condition_on_the_header_path_stands_where_no_path_is_in_front() -> None:
    match = {"withoutHeaders": {":path": {"prefix": "/adm"}}}
    for expose in ("routes: [r]", "path: /, routes: [r]"):
        assert exposed(expose, f"routes: [{{name: r, match: [{match}]}}, {{name: s}}]")[0]["match"] == [match]


def test_a_route_of_another_port_is_told_with_its_port() -> None:
    spec = (
        "ports: [{name: http, port: 80}, {name: api, port: 81}]\nworkload: {container: {image: a}}\n"
        f"expose: [{{name: web, gateway: gw, hosts: [{HOST}], routes: [x]}}]\nroutes: [{{name: r}}, {{name: x, port: api}}]"
    )

    assert said(service(spec), gateway()) == [
        (
            "1.yaml:7:70 MG110 route 'x' serves port 'api', and this way in leads to 'http'"
            " | a way in leads to one port: write port: api, or leave the route out"
        )
    ]


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/é/x%20", "'/é/x%20' never matches: callers send other letters than ASCII as %XX | write /%C3%A9/x%20"),
        ("/a/../b", "'/a/../b' never matches: the gateway takes '.' and '..' out of paths"),
        ("/a/.", "'/a/.' never matches: the gateway takes '.' and '..' out of paths"),
    ],
)
def test_a_path_that_no_request_has_is_told(path: str, what: str) -> None:
    text = f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], path: {path}}}]"

    assert said(service(text), gateway()) == [f"1.yaml:7:61 MG101 {what}"]


def test_a_path_may_have_dots_and_what_is_sent_as_percent() -> None:
    assert exposed("path: /a.b/..c/%C3%A9/~x")[0]["match"][0] == {"uri": {"exact": "/a.b/..c/%C3%A9/~x"}}
