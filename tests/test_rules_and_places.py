"""Rules know where each route of a VirtualService is used: in the mesh or at a gateway, by itself or as a delegate."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_rule_silence import PODS, SERVICE, SUBSET, codes
from test_rules_and_operators import routes

from meshgen.linter import lint
from meshgen.manifests import read_manifests

EDGE = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [HOST]}]}
---"""
PORTS = SERVICE.replace(
    "ports: [{name: http, port: 80, targetPort: 3000}]", "ports: [{name: http, port: 80}, {name: grpc, port: 90}]"
)
ONE = "{route: [{destination: {host: users}}]}"
TO_DELEGATE = "{delegate: {name: part}}"
AT_EDGE = routes("{hosts: [a.b], gateways: [edge], http: [" + TO_DELEGATE + "]}", "root")
IN_MESH = routes("{hosts: [users], http: [" + TO_DELEGATE + "]}", "root")
SPLIT = routes("{hosts: [users], http: [{route: [{destination: {host: users, subset: v1}}]}]}", "split")
PART = routes("{http: [" + ONE + "]}", "part")
ABORT = "{fault: {abort: {httpStatus: 500, percentage: {value: 100}}}, route: [{destination: {host: users}}]}"
FAULT = routes("{http: [" + ABORT + "]}", "part")
FOR_TESTERS = AT_EDGE.replace("{delegate", "{match: [{headers: {x-test: {exact: 'yes'}}}], delegate")
PARTLY = routes(
    "{hosts: [a.b], gateways: [edge], http: ["
    + TO_DELEGATE
    + ", {name: rest, route: [{destination: {host: users}}]}]}",
    "root",
)
SOME = routes("{http: [{match: [{uri: {prefix: /a}}], route: [{destination: {host: users}}]}]}", "part")
PEOPLE = SERVICE.replace("name: users", "name: people").replace("port: 80,", "port: 8080,")
FOR = "{hosts: [users], gateways: [edge, mesh], http: [{match: [{gateways: [WHERE]}], route: [{destination: {host: TO}}]}]}"
TO_PEOPLE, TO_USERS = FOR.replace("TO", "people"), FOR.replace("TO", "users")
CAPITALS = routes("{hosts: [API.b.com], gateways: [edge], http: [" + ONE + "]}")
SLOW = SUBSET.replace(
    "subsets: [{name: v1, labels: {version: v1}}]",
    "trafficPolicy: {portLevelSettings: [{port: {number: 90}, connectionPool: {tcp: {connectTimeout: 5s}}}]}",
)
QUICK = "{hosts: [users], http: [{timeout: 2s, route: [{destination: {host: users, port: {number: PORT}}}]}]}"


@pytest.mark.parametrize(
    ("code", "text", "says"),
    [
        pytest.param("MG225", FAULT + AT_EDGE, True, id="a fault for everybody, by two VirtualServices"),
        pytest.param("MG225", FAULT + FOR_TESTERS, False, id="a fault of the other for few"),
        pytest.param("MG256", PARTLY + SOME, False, id="what follows one that takes a part"),
        pytest.param("MG266", SUBSET + SPLIT + PART + AT_EDGE, True, id="a split in the mesh, and a part at a gateway"),
        pytest.param("MG266", SUBSET + SPLIT + PART + IN_MESH, False, id="a split in the mesh, and a part there"),
        pytest.param(
            "MG266",
            SUBSET + SPLIT + routes(TO_USERS.replace("WHERE", "mesh")),
            False,
            id="a rule of a gateway's VirtualService for the mesh",
        ),
        pytest.param("MG289", CAPITALS + EDGE.replace("HOST", "API.b.com"), True, id="capitals of a name"),
        pytest.param(
            "MG289", CAPITALS + EDGE.replace("HOST", '"*.b.com"'), False, id="capitals before the dot of a wildcard"
        ),
        pytest.param(
            "MG291", PEOPLE + routes(TO_PEOPLE.replace("WHERE", "mesh")), True, id="the only port, in the mesh"
        ),
        pytest.param(
            "MG291", PEOPLE + routes(TO_PEOPLE.replace("WHERE", "edge")), False, id="the only port, at a gateway"
        ),
        pytest.param("MG230", SLOW + routes(QUICK.replace("PORT", "90")), True, id="the port that waits"),
        pytest.param("MG230", SLOW + routes(QUICK.replace("PORT", "80")), False, id="another port waits"),
    ],
)
def test_a_rule_knows_where_routes_are_used(code: str, text: str, says: bool, tmp_path: Path) -> None:
    assert (code in codes(PORTS + PODS + text, tmp_path)) is says


@pytest.mark.parametrize("where", ["mesh", "edge"])
def test_a_port_is_chosen_where_the_rule_is_used(where: str, tmp_path: Path) -> None:
    text = PORTS + PODS + routes(TO_USERS.replace("WHERE", where))
    (tmp_path / "mesh.yaml").write_text(text)
    messages = [
        each.message for each in lint(read_manifests([str(tmp_path)]).manifests).diagnostics if each.code == "MG222"
    ]
    assert len(messages) == 1
    assert ("a gateway takes" in messages[0]) is (where == "edge")
