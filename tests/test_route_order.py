"""The order of routes: what is never reached, what is left over, and names that nothing has."""

from __future__ import annotations

import pytest
from meshes import RUNS, get, http, mesh, said, service

V = "versions: [{name: v1}, {name: v2}, {name: v3}]"


@pytest.mark.parametrize(
    ("routes", "what"),
    [
        (
            "[{name: r, to: v9}]",
            "1.yaml:7:22 MG110 no version is named 'v9'; there are: v1, v2, v3",
        ),
        (
            "[{name: r, canary: {stable: v1, candidate: vv2, weight: 0}}]",
            "1.yaml:7:43 MG110 no version is named 'vv2'; there are: v1, v2, v3 | did you mean 'v2'?",
        ),
        (
            "[{name: r, canary: {stable: x, candidate: v2, weight: 5}}]",
            "1.yaml:7:31 MG110 no version is named 'x'; there are: v1, v2, v3",
        ),
        (
            "[{name: r, split: {v1: 50, v7: 50}}]",
            "1.yaml:7:38 MG110 no version is named 'v7'; there are: v1, v2, v3",
        ),
        ("[{name: r, match: [{uri: {exact: /x}}]}, {name: r}]", "1.yaml:7:53 MG113 there is a route named 'r' already"),
        (
            "[{name: r, match: [{uri: {exact: /x}}]}]",
            (
                "1.yaml:7:12 MG122 the last route of port 'http' takes only some requests; all others would get 404"
                " | end with a route without match, or with a directResponse"
            ),
        ),
        (
            "[{name: r, mirrors: [{to: v9, percent: 1}]}]",
            "1.yaml:7:33 MG110 no version of 'a' is named 'v9'; there are: v1, v2, v3",
        ),
    ],
)
def test_what_is_wrong_with_a_route_is_told_at_its_place(routes: str, what: str) -> None:
    assert said(service(f"{RUNS}\nroutes: {routes}\n{V}")) == [what]


@pytest.mark.parametrize(
    "first",
    [
        "{name: r}",
        "{name: r, match: [{}]}",
        "{name: r, match: [{uri: {prefix: /}}]}",
        "{name: r, match: [{uri: {prefix: ''}}]}",
        "{name: r, match: [{uri: {regex: '.*'}}]}",
        "{name: r, match: [{uri: {regex: '/.*'}}]}",
        "{name: r, match: [{name: all}]}",
        "{name: r, match: [{uri: {exact: /x}}, {uri: {prefix: /}, ignoreUriCase: true}]}",
        "{name: r, match: [{headers: {}, queryParams: {}, cookies: {}}]}",
        "{name: r, match: [{headers: null}]}",
        "{name: r, redirect: {uri: /x}}",
    ],
)
def test_a_route_behind_one_that_takes_everything_is_refused(first: str) -> None:
    spec = f"{RUNS}\nroutes:\n- {first}\n- {{name: s, match: [{{uri: {{exact: /y}}}}]}}"

    assert said(service(spec)) == [
        "1.yaml:9:5 MG121 route 's' is never reached: 'r' before it takes every request | move it before 'r'"
    ]


def test_each_route_behind_it_is_told_once() -> None:
    sticky = "{name: t, canary: {stable: v1, candidate: v2, weight: 5}, sticky: {cookie: c}}"

    assert [line[:17] for line in said(service(f"{RUNS}\n{V}\nroutes:\n- {{name: r}}\n- {{name: s}}\n- {sticky}"))] == [
        "1.yaml:10:5 MG121",
        "1.yaml:11:5 MG121",
    ]


def test_a_route_for_requests_that_an_earlier_one_takes_is_refused() -> None:
    spec = f"""{RUNS}
routes:
- {{name: r, match: [{{name: one, uri: {{exact: /x}}, headers: {{h: {{exact: v}}}}}}, {{uri: {{exact: /y}}}}]}}
- {{name: s, match: [{{headers: {{h: {{exact: v}}}}, uri: {{exact: /x}}}}]}}
- {{name: t, match: [{{uri: {{exact: /y}}}}, {{uri: {{exact: /z}}}}]}}
- {{name: e}}"""

    assert said(service(spec)) == [
        "1.yaml:9:5 MG121 route 's' is never reached: 'r' before it takes all of its requests"
    ]


def test_the_last_route_may_be_a_direct_response_to_some() -> None:
    rules = http("routes: [{name: r, match: [{uri: {exact: /x}}], directResponse: {status: 404}}]")

    assert rules[0]["directResponse"] == {"status": 404}


def test_each_port_has_its_own_last_route() -> None:
    ports = "ports: [{name: http, port: 80}, {name: grpc, port: 81}]\nworkload: {container: {image: a}}"
    routes = "routes: [{name: r}, {name: s, port: grpc, match: [{uri: {exact: /x}}]}, {name: t, port: grpc}]"
    rules = get(mesh(service(f"{ports}\n{routes}")), "VirtualService")["spec"]["http"]

    assert [rule["match"] for rule in rules] == [[{"port": 80}], [{"port": 81, "uri": {"exact": "/x"}}], [{"port": 81}]]


STICKY = "match: [{headers: {h: {}}}], split: {v1: 50, v2: 50}, sticky: {cookie: c}"


@pytest.mark.parametrize(
    ("routes", "what"),
    [
        (f"[{{name: x, {STICKY}}}, {{name: x-v1}}]", "8:99 MG113 route 'x' makes a rule named 'x-v1' too"),
        (
            f"[{{name: x-v2, match: [{{uri: {{exact: /}}}}]}}, {{name: x, {STICKY}}}, {{name: e}}]",
            "8:55 MG113 route 'x-v2' makes a rule named 'x-v2' too",
        ),
        (
            f"[{{name: v3-x, {STICKY}}}, {{name: e, {STICKY.replace('cookie: c', 'cookie: d')}}}, {{name: e-v1}}]",
            "8:188 MG113 route 'e' makes a rule named 'e-v1' too",
        ),
    ],
)
def test_a_route_named_as_the_rule_of_a_sticky_one_is_refused(routes: str, what: str) -> None:
    found = said(service(f"{RUNS}\n{V}\nroutes: {routes}"))

    assert f"1.yaml:{what} | give one of them another name" in found
