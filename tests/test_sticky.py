"""Sticky A/B: a client keeps the version that it was given, by a cookie."""

from __future__ import annotations

import re
from typing import Any

import pytest
from meshes import RUNS, get, http, mesh, said, service

V = "versions: [{name: v1}, {name: v2}, {name: v3}]"


def rules_of(route: str) -> list[dict[str, Any]]:
    """The rules of one sticky route, which is the last one."""
    return http(f"{V}\nroutes: [{{name: r, {route}}}]")


def subsets(rule: dict[str, Any]) -> list[str]:
    """Where a rule's requests go."""
    return [each["destination"]["subset"] for each in rule["route"]]


def test_a_rule_for_each_version_that_gets_anything_stands_before_the_split() -> None:
    rules = rules_of("split: {v1: 90, v2: 10, v3: 0}, timeout: 1s, sticky: {cookie: track}")

    assert [rule["name"] for rule in rules] == ["r-v1", "r-v2", "r"]
    assert [subsets(rule) for rule in rules] == [["v1"], ["v2"], ["v1", "v2"]]
    assert [rule["timeout"] for rule in rules] == ["1s"] * 3
    assert "match" not in rules[2]


def test_each_of_these_rules_has_the_routes_matches_and_the_cookie() -> None:
    matches = "match: [{uri: {prefix: /x}}, {headers: {h: {exact: y}}}]"
    rules = http(
        f"{V}\nroutes: [{{name: r, {matches}, canary: {{stable: v1, candidate: v2, weight: 5}}, sticky: {{cookie: c}}}},"
        " {name: e}]"
    )
    first, second = ({"regex": rule["match"][0]["headers"]["cookie"]["regex"]} for rule in rules[:2])

    assert rules[0]["match"] == [
        {"uri": {"prefix": "/x"}, "headers": {"cookie": first}},
        {"headers": {"h": {"exact": "y"}, "cookie": first}},
    ]
    assert rules[1]["match"] == [
        {"uri": {"prefix": "/x"}, "headers": {"cookie": second}},
        {"headers": {"h": {"exact": "y"}, "cookie": second}},
    ]
    assert rules[2]["match"] == [{"uri": {"prefix": "/x"}}, {"headers": {"h": {"exact": "y"}}}]


def taken_by(rules: list[dict[str, Any]], header: str) -> str:
    """The name of the first rule for a request with that cookie header."""
    for rule in rules:
        conditions = [match["headers"]["cookie"]["regex"] for match in rule.get("match", [])]
        if not conditions or any(re.fullmatch(condition, header) for condition in conditions):
            return str(rule["name"])
    raise AssertionError(header)


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ("track=v1", "r-v1"),
        ("track=v2", "r-v2"),
        ("session=1; track=v2; lang=en", "r-v2"),
        ("track=v2;session=1", "r-v2"),
        ("track=v3", "r"),
        ("track=v22", "r"),
        ("backtrack=v2", "r"),
        ("session=track=v2", "r"),
        ("track=", "r"),
        ("", "r"),
    ],
)
def test_a_client_keeps_its_version_and_is_given_a_new_one_when_that_is_at_0(header: str, rule: str) -> None:
    rules = rules_of("split: {v1: 90, v2: 10, v3: 0}, sticky: {cookie: track}")

    assert taken_by(rules, header) == rule


def test_the_split_adds_set_cookie_for_each_destination() -> None:
    *kept, split = rules_of("canary: {stable: v1, candidate: v2, weight: 10}, sticky: {cookie: track}")

    assert [(each["weight"], each["headers"]) for each in split["route"]] == [
        (9, {"response": {"add": {"Set-Cookie": "track=v1; Path=/; HttpOnly; SameSite=Lax"}}}),
        (1, {"response": {"add": {"Set-Cookie": "track=v2; Path=/; HttpOnly; SameSite=Lax"}}}),
    ]
    assert all("headers" not in rule["route"][0] for rule in kept)


@pytest.mark.parametrize(
    ("sticky", "cookie"),
    [
        ("{cookie: a.b}", "a.b=v1; Path=/; HttpOnly; SameSite=Lax"),
        ("{cookie: c, maxAge: 1h30m}", "c=v1; Path=/; Max-Age=5400; HttpOnly; SameSite=Lax"),
        ("{cookie: c, path: /shop}", "c=v1; Path=/shop; HttpOnly; SameSite=Lax"),
        ("{cookie: c, secure: true, sameSite: None}", "c=v1; Path=/; Secure; HttpOnly; SameSite=None"),
        ("{cookie: c%, path: /%41}", "c%%=v1; Path=/%%41; HttpOnly; SameSite=Lax"),  # Envoy reads %% as %
        ("{cookie: c, secure: false, sameSite: Strict}", "c=v1; Path=/; HttpOnly; SameSite=Strict"),
    ],
)
def test_the_cookie_is_as_the_spec_says(sticky: str, cookie: str) -> None:
    rules = rules_of(f"split: {{v1: 100}}, sticky: {sticky}")

    assert rules[-1]["route"][0]["headers"]["response"]["add"] == {"Set-Cookie": cookie}


def test_one_version_at_100_percent_still_gives_out_its_cookie() -> None:
    rules = rules_of("canary: {stable: v1, candidate: v2, weight: 100}, sticky: {cookie: track}")

    assert [subsets(rule) for rule in rules] == [["v2"], ["v2"]]
    assert "weight" not in rules[1]["route"][0]
    assert "Set-Cookie" in rules[1]["route"][0]["headers"]["response"]["add"]


def test_with_several_ports_the_rules_keep_to_theirs() -> None:
    spec = (
        "ports: [{name: http, port: 80}, {name: grpc, port: 81}]\nworkload: {container: {image: a}}\n"
        f"{V}\nroutes: [{{name: r, split: {{v1: 50, v2: 50}}, sticky: {{cookie: c}}}}]"
    )
    rules = get(mesh(service(spec)), "VirtualService")["spec"]["http"]

    assert [[match["port"] for match in rule["match"]] for rule in rules] == [[80], [80], [80]]


STICKY = "canary: {stable: v1, candidate: v2, weight: 5}, sticky: {cookie: track}"


@pytest.mark.parametrize(
    ("routes", "what"),
    [
        (
            f"[{{name: r, match: [{{uri: {{exact: /x}}}}], {STICKY}}},\n {{name: s, {STICKY}}}]",
            "1.yaml:9:71 MG123 route 'r' keeps its clients by cookie 'track' already",
        ),
        (
            f"[{{name: r, match: [{{cookies: {{other: {{}}}}}}], {STICKY}}}, {{name: e}}]",
            "1.yaml:8:31 MG123 a sticky route matches on its own cookie, so it cannot match on another",
        ),
        (
            f"[{{name: r, match: [{{headers: {{Cookie: {{exact: x}}}}}}], {STICKY}}}, {{name: e}}]",
            "1.yaml:8:31 MG123 a sticky route matches on its own cookie, so it cannot match on another",
        ),
        (
            f"[{{name: t, match: [{{cookies: {{track: {{exact: v2}}}}}}], to: v2}}, {{name: r, {STICKY}}}]",
            "1.yaml:8:41 MG123 route 'r' keeps its clients by cookie 'track', so no other can match on it",
        ),
        (
            f"[{{name: r, headers: {{response: {{set: {{set-cookie: x=y}}}}}}, {STICKY}}}]",
            "1.yaml:8:43 MG123 a sticky route sets its own cookie, so it cannot change Set-Cookie",
        ),
        (
            f"[{{name: r, headers: {{response: {{remove: [Set-Cookie]}}}}, {STICKY}}}]",
            "1.yaml:8:43 MG123 a sticky route sets its own cookie, so it cannot change Set-Cookie",
        ),
        (
            (
                "[{name: t, match: [{uri: {exact: /x}}], headers: {response: {add: {Set-Cookie: track=v1}}}},"
                f" {{name: r, {STICKY}}}]"
            ),
            "1.yaml:8:72 MG123 route 'r' keeps its clients by a cookie that this would change",
        ),
        (
            f"[{{name: r, {STICKY.replace('track', 't' * 1020)}}}]",
            "1.yaml:8:79 MG123 the name makes an expression of over 1024 bytes",
        ),
    ],
)
def test_a_sticky_cookie_is_in_one_hand(routes: str, what: str) -> None:
    assert said(service(f"{RUNS}\n{V}\nroutes: {routes}")) == [what]


def test_other_cookies_may_be_matched_and_set_beside_it() -> None:
    rules = http(
        f"{V}\nroutes: [{{name: t, match: [{{cookies: {{tester: {{}}}}}}], to: v2,"
        f" headers: {{response: {{add: {{Set-Cookie: a=track}}}}}}}}, {{name: r, {STICKY}}}]"
    )

    assert [rule["name"] for rule in rules] == ["t", "r-v1", "r-v2", "r"]


@pytest.mark.parametrize("operation", ["set: {Set-Cookie: a=b}", "remove: [set-cookie]", "add: {Set-Cookie: track=v9}"])
def test_a_way_in_cannot_change_the_cookie_either(operation: str) -> None:
    spec = f"""{RUNS}
{V}
routes: [{{name: r, {STICKY}}}]
expose: [{{name: web, gateway: gw, hosts: [a.example.com], headers: {{response: {{{operation}}}}}}}]"""
    gateway = "apiVersion: meshgen.dev/v1\nkind: Gateway\nmetadata: {name: gw, namespace: n}\nspec: {hosts: [a.example.com]}\n"

    assert said(service(spec), gateway) == [
        "1.yaml:9:82 MG123 route 'r' keeps its clients by a cookie that this would change"
    ]
