"""Routes: where requests go, in which shares, and with which patience."""

from __future__ import annotations

from math import gcd
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meshes import RUNS, http, mesh, names, said, service

from meshgen.resolve.destinations import smallest_weights

V = "versions: [{name: v1}, {name: v2}, {name: v3}]"


def routed(route: str) -> list[dict[str, Any]]:
    """The rules of one route of a service with three versions."""
    return http(f"{V}\nroutes: [{{name: r, {route}}}]")


def weights(route: str) -> list[tuple[str, int | None]]:
    """Subset and weight of each destination of the only rule."""
    [rule] = routed(route)
    return [(each["destination"]["subset"], each.get("weight")) for each in rule["route"]]


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("to: v2", [("v2", None)]),
        ("canary: {stable: v1, candidate: v2, weight: 10}", [("v1", 9), ("v2", 1)]),
        ("canary: {stable: v1, candidate: v2, weight: 50}", [("v1", 1), ("v2", 1)]),
        ("canary: {stable: v1, candidate: v2, weight: 33}", [("v1", 67), ("v2", 33)]),
        ("canary: {stable: v1, candidate: v2, weight: 0.01}", [("v1", 9999), ("v2", 1)]),
        ("canary: {stable: v1, candidate: v2, weight: 0.5}", [("v1", 199), ("v2", 1)]),
        ("canary: {stable: v1, candidate: v2, weight: 33.33}", [("v1", 6667), ("v2", 3333)]),
        ("canary: {stable: v1, candidate: v2, weight: 0}", [("v1", None)]),
        ("canary: {stable: v1, candidate: v2, weight: 100}", [("v2", None)]),
        ("split: {v1: 60, v2: 30, v3: 10}", [("v1", 6), ("v2", 3), ("v3", 1)]),
        ("split: {v1: 99.99, v2: 0.01}", [("v1", 9999), ("v2", 1)]),
        ("split: {v1: 50, v2: 0, v3: 50}", [("v1", 1), ("v3", 1)]),
        ("split: {v3: 100}", [("v3", None)]),
        ("split: {v1: 33.34, v2: 33.33, v3: 33.33}", [("v1", 3334), ("v2", 3333), ("v3", 3333)]),
        ("split: {v1: 14.29, v2: 28.57, v3: 57.14}", [("v1", 1429), ("v2", 2857), ("v3", 5714)]),
    ],
)
def test_weights_are_the_smallest_whole_numbers_in_the_ratio(
    route: str, expected: list[tuple[str, int | None]]
) -> None:
    assert weights(route) == expected


@given(st.lists(st.integers(0, 10000), min_size=1, max_size=6).filter(any))
def test_the_ratio_of_any_shares_is_kept_exactly(hundredths: list[int]) -> None:
    shares = {f"v{number}": share / 100 for number, share in enumerate(hundredths)}

    found = smallest_weights(shares)

    assert found.keys() == {name for name, share in shares.items() if share}
    assert gcd(*found.values()) == 1
    assert len({hundredths[int(name[1:])] * 10**9 // weight for name, weight in found.items()}) == 1


def test_a_route_that_names_no_version_goes_to_the_whole_service() -> None:
    assert routed("timeout: 1s")[0]["route"] == [
        {"destination": {"host": "a.n.svc.cluster.local", "port": {"number": 80}}}
    ]


def test_a_redirect_and_a_direct_response_send_nothing_on_and_inherit_nothing() -> None:
    redirect, response, _ = http(
        """
        timeout: 5s
        retries: {attempts: 3}
        routes:
        - {name: r, match: [{uri: {prefix: /old}}], redirect: {uri: /new}, headers: {response: {set: {x: y}}}}
        - {name: d, match: [{uri: {prefix: /off}}], directResponse: {status: 503}, corsPolicy: {allowOrigins: [{exact: "null"}]}}
        - {name: e}
        """
    )

    assert redirect == {
        "name": "r",
        "match": [{"uri": {"prefix": "/old"}}],
        "redirect": {"uri": "/new"},
        "headers": {"response": {"set": {"x": "y"}}},
    }
    assert response == {
        "name": "d",
        "match": [{"uri": {"prefix": "/off"}}],
        "directResponse": {"status": 503},
        "corsPolicy": {"allowOrigins": [{"exact": "null"}]},
    }


def test_the_fields_of_an_http_route_stand_beside_the_way_that_it_goes() -> None:
    fields = {
        "match": [{"headers": {"x": {}}}],
        "rewrite": {"authority": "b"},
        "timeout": "2s",
        "retries": {"attempts": 1},
        "fault": {"abort": {"httpStatus": 500, "percentage": {"value": 0.5}}},
        "corsPolicy": {"allowOrigins": [{"prefix": "https://"}]},
        "headers": {"request": {"remove": ["x"]}},
    }
    [rule, _] = http(f"routes: [{{name: r, {str(fields)[1:-1]}}}, {{name: e}}]")

    assert {key: rule[key] for key in fields} == fields


@pytest.mark.parametrize(
    ("service_has", "route_has", "written"),
    [
        ("timeout: 5s", "", ("5s", None)),
        ("timeout: 5s", "timeout: 1s,", ("1s", None)),
        ("timeout: 5s", "timeout: null,", (None, None)),
        ("", "timeout: 1s,", ("1s", None)),
        ("retries: {attempts: 3, perTryTimeout: 1s}", "", (None, {"attempts": 3, "perTryTimeout": "1s"})),
        (
            "retries: {attempts: 3, perTryTimeout: 1s}",
            "retries: {attempts: 1},",
            (None, {"attempts": 1, "perTryTimeout": "1s"}),
        ),
        ("retries: {attempts: 3, perTryTimeout: 1s}", "retries: {perTryTimeout: null},", (None, {"attempts": 3})),
        ("retries: {attempts: 3, perTryTimeout: 1s}", "retries: null,", (None, {"attempts": 0})),
        ("retries: {attempts: 3, perTryTimeout: 1s}", "retries: {attempts: 0},", (None, {"attempts": 0})),
        ("retries: {attempts: 3, perTryTimeout: 1s}", "retries: {},", (None, {"attempts": 3, "perTryTimeout": "1s"})),
        ("retries: {attempts: 0}", "", (None, {"attempts": 0})),
        ("retries: {attempts: 0}", "retries: {attempts: 2, retryOn: 5xx},", (None, {"attempts": 2, "retryOn": "5xx"})),
        ("retries: null", "", (None, {"attempts": 0})),
        ("retries: null", "retries: {attempts: 2},", (None, {"attempts": 2})),
        ("", "retries: null,", (None, {"attempts": 0})),
        ("", "retries: {attempts: 2},", (None, {"attempts": 2})),
        ("", "", (None, None)),
    ],
)
def test_timeouts_and_retries_are_laid_over_the_services(
    service_has: str, route_has: str, written: tuple[str | None, dict[str, Any] | None]
) -> None:
    [rule] = http(f"{service_has}\nroutes: [{{{route_has} name: r}}]")

    assert (rule.get("timeout"), rule.get("retries")) == written


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("timeout: 5s", {"timeout": "5s"}),
        ("retries: {attempts: 2}", {"retries": {"attempts": 2}}),
        ("retries: null", {"retries": {"attempts": 0}}),
    ],
)
def test_timeout_and_retries_without_routes_make_one_route(field: str, written: dict[str, Any]) -> None:
    everywhere = [{"destination": {"host": "a.n.svc.cluster.local", "port": {"number": 80}}}]

    assert http(field) == [{"name": "default", "route": everywhere, **written}]


def test_without_any_of_them_there_is_no_virtual_service() -> None:
    assert mesh(service(f"{RUNS}\ntimeout: null")).get("VirtualService", "n", "a") is None


def test_retries_that_lack_attempts_are_told_where_they_are_written() -> None:
    assert said(service(f"{RUNS}\nroutes: [{{name: r, retries: {{perTryTimeout: 1s}}}}]")) == [
        "1.yaml:7:22 MG101 'attempts' is missing | attempts: Tries after the first; 0: none."
    ]
    assert said(service(f"{RUNS}\nretries: {{attempts: 1}}\nroutes: [{{name: r, retries: {{attempts: null}}}}]")) == [
        "1.yaml:8:32 MG101 'attempts' is missing | attempts: Tries after the first; 0: none."
    ]


def test_mirrors_name_a_service_a_version_of_it_or_one_of_their_own() -> None:
    other = service(f"{RUNS}\nversions: [{{name: w1}}, {{name: w2, service: c}}]", name="b", namespace="m")
    third = service("ports: [{name: web, port: 8000}]\nworkload: {container: {image: a}}", name="c", namespace="m")
    [rule] = http(
        f"""
        {V}
        routes:
        - name: r
          to: v1
          mirrors:
          - {{service: m/b, percent: 100}}
          - {{service: m/b, to: w1, percent: 0.01}}
          - {{service: m/b, to: w2, percent: 1}}
          - {{to: v2, percent: 5.5}}
          - {{service: m/b, percent: 0}}
        """.replace("        ", ""),
        other,
        third,
    )
    b, c = "b.m.svc.cluster.local", "c.m.svc.cluster.local"

    assert rule["mirrors"] == [
        {"destination": {"host": b, "port": {"number": 80}}, "percentage": {"value": 100}},
        {"destination": {"host": b, "subset": "w1", "port": {"number": 80}}, "percentage": {"value": 0.01}},
        {"destination": {"host": c, "port": {"number": 8000}}, "percentage": {"value": 1}},
        {
            "destination": {"host": "a.n.svc.cluster.local", "subset": "v2", "port": {"number": 80}},
            "percentage": {"value": 5.5},
        },
    ]


def test_a_status_of_grpc_is_for_callers_that_speak_it() -> None:
    route = "routes: [{name: r, fault: {abort: {grpcStatus: INTERNAL, percentage: {value: 1}}}}]"

    (told,) = said(service(f"{RUNS}\n{route}"))
    assert told.startswith("1.yaml:7:38 MG119 port 'http' speaks http, and its callers would get 200")
    assert names(mesh(service(f"{RUNS}\n{route}".replace("name: http", "name: grpc"))))


@pytest.mark.parametrize(("shown", "is_told"), [(".", True), ("'*'", False), ("., m", False), ("., o", True)])
def test_a_match_on_a_namespace_that_does_not_see_the_routes_is_told(shown: str, is_told: bool) -> None:
    routes = "routes: [{name: a, match: [{sourceNamespace: m}]}, {name: b}]"

    spec = service(f"{RUNS}\nexportTo: [{shown}]\n{routes}")
    if is_told:
        (told,) = said(spec)
        assert "MG121 no request from namespace 'm' comes here" in told
    else:
        assert names(mesh(spec))
