"""Null takes a value away, wherever it stands: the value below it, or the whole of what a version would have."""

from __future__ import annotations

import pytest
from meshes import RUNS, mesh, names, policy, said, service

TUNNEL = "trafficPolicy: {tunnel: {targetHost: a.b, targetPort: 1}}"


def test_null_takes_a_whole_policy_away_from_a_version() -> None:
    found = policy("trafficPolicy: {tls: {mode: SIMPLE}}\nversions: [{name: v1, trafficPolicy: null}, {name: v2}]")

    assert found["subsets"] == [
        {
            "name": "v1",
            "labels": {"version": "v1"},
            "trafficPolicy": {
                "portLevelSettings": [{"port": {"number": 80}, "loadBalancer": {"simple": "LEAST_REQUEST"}}]
            },
        },
        {"name": "v2", "labels": {"version": "v2"}},
    ]


@pytest.mark.parametrize("below", ["", "trafficPolicy: null"])
def test_where_there_is_no_policy_null_takes_nothing_away(below: str) -> None:
    found = policy(f"{below}\nversions: [{{name: v1, trafficPolicy: null}}]")

    assert found["subsets"] == [{"name": "v1", "labels": {"version": "v1"}}]


def test_what_no_version_can_be_without_is_not_taken_away_with_the_rest() -> None:
    assert said(service(f"{RUNS}\n{TUNNEL}\nversions: [{{name: v1, trafficPolicy: null}}]")) == [
        "1.yaml:8:25 MG128 tunnel of the service cannot be taken away from one version"
    ]


def test_a_version_whose_workload_is_taken_away_has_nothing_that_runs_it() -> None:
    assert said(service(f"{RUNS}\nversions: [{{name: v1, workload: null}}, {{name: v2}}]")) == [
        (
            "1.yaml:7:25 MG116 null takes the service's workload away, so nothing runs version 'v1'"
            " | drop it to have the service's workload, or name the service that is this version in 'service'"
        )
    ]


def test_where_there_is_no_workload_null_takes_nothing_away() -> None:
    spec = "ports: [{name: http, port: 80}]\nselector: {app: x}\nversions: [{name: v1, workload: null}]"

    assert names(mesh(service(spec))) == ["Service a", "DestinationRule a"]


def test_null_at_a_port_takes_away_what_holds_for_all_ports() -> None:
    ports = "portLevelSettings: [{port: {number: 80}, tls: null}]"
    tls, pool = {"mode": "DISABLE"}, {"tcp": {"maxConnections": 1}}

    assert policy(f"trafficPolicy: {{tls: {tls}, connectionPool: {pool}, {ports}}}")["trafficPolicy"] == {
        "tls": tls,
        "connectionPool": pool,
        "portLevelSettings": [{"port": {"number": 80}, "connectionPool": pool}],
    }
    assert policy(f"trafficPolicy: {{tls: {tls}, {ports}}}")["trafficPolicy"]["portLevelSettings"] == [
        {"port": {"number": 80}, "loadBalancer": {"simple": "LEAST_REQUEST"}}
    ]


@pytest.mark.parametrize("at", ["{}", "versions: [{{name: v1, {}}}]"])
def test_settings_of_a_port_say_something(at: str) -> None:
    policy_of_a_port = "trafficPolicy: {portLevelSettings: [{port: {number: 80}}]}"

    (line,) = said(service(f"{RUNS}\n{at.format(policy_of_a_port)}"))
    assert "MG101 one of these is needed: " in line
