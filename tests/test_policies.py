"""Policies: each level that Istio looks at says all of what the spec lays over one another."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from meshes import RUNS, get, mesh, policy, service

TWO = "ports: [{name: http, port: 80}, {name: grpc, port: 81}]\nworkload: {container: {image: a}}"


def rule(spec: str) -> dict[str, Any]:
    """What the DestinationRule of a service with ports 80 and 81 says."""
    found: dict[str, Any] = get(mesh(service(f"{TWO}\n{dedent(spec)}")), "DestinationRule")["spec"]
    return found


def effective(found: dict[str, Any], subset: str | None, port: int) -> dict[str, Any]:
    """What holds for a port, of a subset: Istio's GetPortLevelTrafficPolicy and MergeSubsetTrafficPolicy."""
    blocks = ("connectionPool", "outlierDetection", "loadBalancer", "tls")

    def at(level: dict[str, Any]) -> dict[str, Any] | None:
        return next((each for each in level.get("portLevelSettings", []) if each["port"]["number"] == port), None)

    base = found.get("trafficPolicy", {})
    result = {key: (at(base) or base).get(key) for key in blocks}
    for each in found.get("subsets", []):
        if each["name"] == subset:
            level = each.get("trafficPolicy", {})
            for key in blocks:
                if (at(level) or level).get(key) is not None or at(level):
                    result[key] = (at(level) or level).get(key)
    return {key: value for key, value in result.items() if value is not None}


def test_a_service_without_policy_and_versions_has_no_destination_rule() -> None:
    assert mesh(service(RUNS)).get("DestinationRule", "n", "a") is None


def test_a_policy_alone_is_written_as_it_is() -> None:
    written = {
        "loadBalancer": {"consistentHash": {"httpCookie": {"name": "c", "ttl": "0s"}, "maglev": {"tableSize": 101}}},
        "connectionPool": {"tcp": {"maxConnections": 5, "tcpKeepalive": {"time": "7200s"}}},
        "outlierDetection": {"consecutive5xxErrors": 5},
        "tls": {"mode": "ISTIO_MUTUAL"},
        "retryBudget": {"percent": 20.5},
    }

    assert policy(f"trafficPolicy: {written}") == {"host": "a.n.svc.cluster.local", "trafficPolicy": written}


def test_each_version_is_a_subset_and_only_one_with_a_policy_has_one() -> None:
    found = policy("versions: [{name: v1}, {name: v2, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]")

    assert found["subsets"] == [
        {"name": "v1", "labels": {"version": "v1"}},
        {"name": "v2", "labels": {"version": "v2"}, "trafficPolicy": {"loadBalancer": {"simple": "RANDOM"}}},
    ]


def test_a_version_restates_what_it_does_not_change() -> None:
    found = policy(
        """
        trafficPolicy:
          connectionPool: {tcp: {maxConnections: 100, connectTimeout: 1s}, http: {http1MaxPendingRequests: 50}}
          outlierDetection: {consecutive5xxErrors: 5}
        versions:
        - name: v1
          trafficPolicy: {connectionPool: {tcp: {maxConnections: 50}}}
        """
    )

    assert found["subsets"][0]["trafficPolicy"] == {
        "connectionPool": {
            "tcp": {"maxConnections": 50, "connectTimeout": "1s"},
            "http": {"http1MaxPendingRequests": 50},
        },
        "outlierDetection": {"consecutive5xxErrors": 5},
    }


def test_one_member_of_a_group_takes_the_place_of_its_siblings() -> None:
    found = policy(
        """
        trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x}}}
        versions:
        - {name: v1, trafficPolicy: {loadBalancer: {simple: RANDOM}}}
        - {name: v2, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}}}
        """
    )
    v1, v2 = (subset["trafficPolicy"] for subset in found["subsets"])

    assert v1["loadBalancer"] == {"simple": "RANDOM"}
    assert v2["loadBalancer"] == {"consistentHash": {"useSourceIp": True}}


def test_the_order_is_service_the_services_port_version_the_versions_port() -> None:
    found = rule(
        """
        trafficPolicy:
          connectionPool: {tcp: {maxConnections: 1, connectTimeout: 1s}, http: {maxRetries: 1}}
          portLevelSettings:
          - {port: {number: 80}, connectionPool: {tcp: {connectTimeout: 2s}, http: {maxRetries: 2}}}
        versions:
        - name: v1
          trafficPolicy:
            connectionPool: {http: {maxRetries: 3, http2MaxRequests: 3}}
            portLevelSettings: [{port: {number: 80}, connectionPool: {http: {http2MaxRequests: 4}}}]
        """
    )

    assert [
        effective(found, *level)["connectionPool"] for level in ((None, 81), (None, 80), ("v1", 81), ("v1", 80))
    ] == [
        {"tcp": {"maxConnections": 1, "connectTimeout": "1s"}, "http": {"maxRetries": 1}},
        {"tcp": {"maxConnections": 1, "connectTimeout": "2s"}, "http": {"maxRetries": 2}},
        {"tcp": {"maxConnections": 1, "connectTimeout": "1s"}, "http": {"maxRetries": 3, "http2MaxRequests": 3}},
        {"tcp": {"maxConnections": 1, "connectTimeout": "2s"}, "http": {"maxRetries": 3, "http2MaxRequests": 4}},
    ]


def test_a_port_restates_what_it_does_not_change() -> None:
    found = rule(
        """
        trafficPolicy:
          outlierDetection: {consecutive5xxErrors: 5}
          portLevelSettings: [{port: {number: 81}, loadBalancer: {simple: RANDOM}}]
        """
    )

    assert found["trafficPolicy"] == {
        "outlierDetection": {"consecutive5xxErrors": 5},
        "portLevelSettings": [
            {
                "port": {"number": 81},
                "loadBalancer": {"simple": "RANDOM"},
                "outlierDetection": {"consecutive5xxErrors": 5},
            }
        ],
    }


BOTH = "{outlierDetection: {consecutive5xxErrors: 5}, loadBalancer: {simple: RANDOM}}"
PORT = (
    "{loadBalancer: {simple: RANDOM},"
    " portLevelSettings: [{port: {number: 80}, outlierDetection: {consecutive5xxErrors: 5}}]}"
)


@pytest.mark.parametrize(
    ("service_has", "version_has", "at_80", "at_81"),
    [
        (BOTH, "{outlierDetection: null}", {"loadBalancer"}, {"loadBalancer"}),
        (BOTH, "{loadBalancer: null, outlierDetection: null}", {"loadBalancer"}, {"loadBalancer"}),
        (BOTH, "null", {"loadBalancer"}, {"loadBalancer"}),
        (PORT, "null", {"loadBalancer"}, {"loadBalancer"}),
        (
            "{outlierDetection: {consecutive5xxErrors: 5}}",
            "{outlierDetection: null}",
            {"loadBalancer"},
            {"loadBalancer"},
        ),
        (
            PORT,
            "{portLevelSettings: [{port: {number: 80}, outlierDetection: null}]}",
            {"loadBalancer"},
            {"loadBalancer"},
        ),
        (PORT, "{portLevelSettings: [{port: {number: 80}, $patch: delete}]}", {"loadBalancer"}, {"loadBalancer"}),
        (PORT, "{portLevelSettings: null}", {"loadBalancer"}, {"loadBalancer"}),
        (PORT, "{outlierDetection: null}", {"loadBalancer"}, {"loadBalancer"}),
        (PORT, "{loadBalancer: null}", {"outlierDetection"}, {"loadBalancer"}),
        (PORT, "{}", {"loadBalancer", "outlierDetection"}, {"loadBalancer"}),
        (
            BOTH,
            "{portLevelSettings: [{port: {number: 80}, outlierDetection: null}]}",
            {"loadBalancer"},
            {"loadBalancer", "outlierDetection"},
        ),
    ],
)
def test_null_takes_a_block_away(service_has: str, version_has: str, at_80: set[str], at_81: set[str]) -> None:
    found = rule(f"trafficPolicy: {service_has}\nversions: [{{name: v1, trafficPolicy: {version_has}}}]")

    assert (set(effective(found, "v1", 80)), set(effective(found, "v1", 81))) == (at_80, at_81)


@pytest.mark.parametrize("nothing", ["{loadBalancer: null}", "null"])
def test_a_version_left_with_nothing_has_what_istio_does_by_itself(nothing: str) -> None:
    found = rule(
        f"trafficPolicy: {{loadBalancer: {{simple: RANDOM}}}}\nversions: [{{name: v1, trafficPolicy: {nothing}}}]"
    )

    assert effective(found, "v1", 80) == effective(found, "v1", 81) == {"loadBalancer": {"simple": "LEAST_REQUEST"}}
