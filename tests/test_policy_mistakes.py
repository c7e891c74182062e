"""Policies that Istio would not apply as they are written, each told at its place."""

from __future__ import annotations

import pytest
from meshes import RUNS, mesh, said, service


@pytest.mark.parametrize(
    "block", ["retryBudget: {percent: 20}", "tunnel: {targetHost: a.b, targetPort: 1}", "proxyProtocol: {version: V1}"]
)
def test_a_block_that_does_not_reach_a_port_is_refused_beside_ports(block: str) -> None:
    name = block.partition(":")[0]
    port = "portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]"

    assert said(
        service(f"{RUNS}\ntrafficPolicy: {{{block}, {port}}}\nversions: [{{name: v1, trafficPolicy: {{}}}}]")
    ) == [
        f"1.yaml:7:3 MG128 {name} does not reach port 80, which has settings of its own | drop {name}, or the portLevelSettings"
    ]
    assert said(
        service(f"{RUNS}\ntrafficPolicy: {{{block}}}\nversions: [{{name: v1, trafficPolicy: {{{port}}}}}]")
    ) == [
        f"1.yaml:8:25 MG128 {name} does not reach port 80, which has settings of its own | drop {name}, or the portLevelSettings"
    ]
    assert said(
        service(
            f"{RUNS}\ntrafficPolicy: {{{block}}}\nversions: [{{name: v1, trafficPolicy: {{{name}: null, tls: {{mode: SIMPLE}}}}}}]"
        )
    ) == [f"1.yaml:8:41 MG128 {name} of the service cannot be taken away from one version"]


def test_a_block_taken_away_cannot_stand_beside_one_that_ports_do_not_have() -> None:
    spec = f"""{RUNS}
trafficPolicy: {{retryBudget: {{percent: 20}}, loadBalancer: {{simple: RANDOM}}}}
versions: [{{name: v1, trafficPolicy: {{loadBalancer: null}}}}]"""

    assert [line[:21] for line in said(service(spec))] == ["1.yaml:8:25 MG128 ret"]


def test_ports_of_a_policy_are_ports_of_the_service() -> None:
    port = "portLevelSettings: [{port: {number: 81}, loadBalancer: {simple: RANDOM}}]"

    assert said(service(f"{RUNS}\ntrafficPolicy: {{{port}}}\nversions: [{{name: v1, trafficPolicy: {{}}}}]")) == [
        "1.yaml:7:40 MG110 no port is named '81'; there are: 80"
    ]
    assert said(service(f"{RUNS}\nversions: [{{name: v1, trafficPolicy: {{{port}}}}}]")) == [
        "1.yaml:7:62 MG110 no port is named '81'; there are: 80"
    ]


def test_what_is_wrong_after_merging_is_told_where_it_was_written() -> None:
    spec = f"""{RUNS}
trafficPolicy: {{outlierDetection: {{consecutive5xxErrors: 5}}}}
versions: [{{name: v1, trafficPolicy: {{outlierDetection: {{consecutiveGatewayErrors: 7}}}}}}]"""

    assert [line[:18] for line in said(service(spec))] == ["1.yaml:8:60 MG101 "]


@pytest.mark.parametrize(
    ("policy_", "place"),
    [
        ("trafficPolicy: {tls: {mode: SIMPLE, credentialName: NAME}}", "7:39"),
        (
            "trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE, credentialName: NAME}}]}",
            "7:80",
        ),
        ("versions: [{name: v1, trafficPolicy: {tls: {mode: SIMPLE, credentialName: NAME}}}]", "7:61"),
    ],
)
def test_a_config_map_with_authorities_stands_beside_the_service(policy_: str, place: str) -> None:
    text = f"{RUNS}\n{policy_}"

    assert mesh(service(text.replace("NAME", "configmap://n/ca")))
    assert mesh(service(text.replace("NAME", "ca")))
    assert said(service(text.replace("NAME", "configmap://m/ca"))) == [
        (
            f"1.yaml:{place} MG116 'configmap://m/ca' is in another namespace than the service, and Istio refuses it"
            " | copy it to configmap://n/"
        )
    ]
    [line] = said(service(text.replace("NAME", "configmap://ca")))
    assert "MG101 'configmap://ca' is no ConfigMap: it is configmap://NAMESPACE/NAME" in line


def test_a_policy_that_is_right_elsewhere_is_not_right_for_other_ports() -> None:
    policy = "portLevelSettings: [{port: {number: 80}, loadBalancer: {consistentHash: {httpHeaderName: x}}}]"
    rest = f"workload: {{container: {{image: a}}}}\ntrafficPolicy: {{{policy}}}"
    right = service(f"ports: [{{name: http, port: 80}}]\n{rest}")
    other = service(f"ports: [{{name: http, port: 81}}]\n{rest}", "b")
    plain = service(f"ports: [{{name: tcp, port: 80}}]\n{rest}", "c")

    found = [line.split(" ", 2)[:2] for line in said(right, other, plain)]
    assert found == [["2.yaml:7:40", "MG110"], ["3.yaml:7:75", "MG128"]]


def test_a_policy_that_is_right_for_one_version_is_not_right_for_another() -> None:
    over = "trafficPolicy: {loadBalancer: null}"
    base = f"{RUNS}\ntrafficPolicy: {{loadBalancer: {{simple: RANDOM}}, retryBudget: {{percent: 20}}}}"
    right = service(f"{base}\nversions: [{{name: v1}}, {{name: v2}}]")
    wrong = service(f"{base}\nversions: [{{name: v1}}, {{name: v2, {over}}}]", "b")
    moved = service(f"{base}\nversions: [{{name: v1, {over}}}, {{name: v2}}]", "c")

    again = service(f"{base}\nversions: [{{name: v1}}, {{name: v2, {over}}}]", "d")

    places = [line.split(" ")[0] for line in said(right, wrong, moved, again)]
    assert places == ["2.yaml:8:37", "3.yaml:8:25", "4.yaml:8:37"]
