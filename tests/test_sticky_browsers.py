"""Sticky cookies that no browser would keep, or send back, or tell apart."""

from __future__ import annotations

import pytest
from meshes import HOST, RUNS, gateway, mesh, said, service

V = "versions: [{name: v1}, {name: v2}]"


def sticky(cookie: str, expose: str = "", match: str = "", name: str = "a") -> str:
    """A service with one sticky route."""
    ways = f"\nexpose: [{expose}]" if expose else ""
    last = ", {name: e}" if match else ""
    routes = f"[{{name: r, {match}split: {{v1: 50, v2: 50}}, sticky: {{{cookie}}}}}{last}]"
    return service(f"{RUNS}\n{V}\nroutes: {routes}{ways}", name=name)


@pytest.mark.parametrize(
    ("cookie", "what"),
    [
        (
            "cookie: __Host-c",
            "8:56 MG101 browsers drop a cookie whose name begins with __Host- and that is not secure | add secure: true",
        ),
        (
            "cookie: __secure-c, secure: false",
            "8:56 MG101 browsers drop a cookie whose name begins with __Secure- and that is not secure | add secure: true",
        ),
        (
            "cookie: __Host-c, secure: true, path: /shop",
            "8:88 MG101 browsers drop a cookie whose name begins with __Host- and whose path is not / | leave it out",
        ),
    ],
)
def test_a_cookie_that_browsers_drop_is_refused(cookie: str, what: str) -> None:
    assert said(sticky(cookie)) == [f"1.yaml:{what}"]


@pytest.mark.parametrize(
    "cookie",
    ["cookie: __Host-c, secure: true, path: /", "cookie: __Secure-c, secure: true, path: /shop", "cookie: __c"],
)
def test_a_cookie_that_browsers_keep_is_taken(cookie: str) -> None:
    assert mesh(sticky(cookie))


PREFIX = "match: [{uri: {prefix: /items/}}], "
EXACT = "match: [{uri: {exact: /items}}], "


@pytest.mark.parametrize(
    ("cookie_path", "below", "match", "path"),
    [
        ("/shop", "path: /cart", "", "/cart"),
        ("/cart/x", "path: /cart", "", "/cart"),
        ("/cart/", "path: /cart", "", "/cart"),
        ("/car", "path: /cart", "", "/cart"),
        ("/cart", "port: http", "", "/"),
        ("/items", "path: /cart", PREFIX, "/cart/items/"),
        ("/cart/items/", "path: /cart", EXACT, "/cart/items"),
        ("/cart", "port: http", PREFIX, "/items/"),
    ],
)
def test_a_cookie_that_does_not_come_back_to_a_way_in_is_refused(
    cookie_path: str, below: str, match: str, path: str
) -> None:
    expose = f"{{name: web, gateway: gw, hosts: [{HOST}], {below}}}"

    assert said(sticky(f"cookie: c, path: {cookie_path}", expose, match), gateway()) == [
        (
            f"1.yaml:8:{67 + len(match)} MG116 browsers do not send the cookie back to {path}, to which way in 'web' leads,"
            " so each request there draws its version anew"
            " | leave it out, or write a path that all of the route's begin with"
        )
    ]


@pytest.mark.parametrize(
    ("cookie_path", "below", "match"),
    [
        ("/", "path: /cart", ""),
        ("/cart", "path: /cart", ""),
        ("/cart", "path: /cart/x", ""),
        ("/cart/", "path: /cart/x", ""),
        ("/cart/items", "path: /cart", PREFIX),
        ("/cart/items/", "path: /cart", PREFIX),
        ("/cart/items", "path: /cart", EXACT),
        ("/items", "port: http", PREFIX),
        ("/other", "path: /cart", "match: [{uri: {regex: '/.+'}}], "),
    ],
)
def test_a_cookie_that_comes_back_to_a_way_in_is_taken(cookie_path: str, below: str, match: str) -> None:
    expose = f"{{name: web, gateway: gw, hosts: [{HOST}], {below}}}"

    assert mesh(sticky(f"cookie: c, path: {cookie_path}", expose, match), gateway())


def way_in(name: str, gate: str = "gw", more: str = "") -> str:
    """One way in by a path of its own."""
    return f"{{name: web, gateway: {gate}, hosts: [{HOST}], path: /{name}{more}}}"


def test_one_cookie_of_two_services_on_a_host_at_two_gateways_is_refused() -> None:
    texts = [sticky("cookie: c", way_in("a")), sticky("cookie: c", way_in("b", "gw2"), name="b")]

    assert said(*texts, gateway(), gateway(name="gw2")) == [
        "2.yaml:9:12 MG123 n/a, at 1.yaml:9:12, keeps its clients on a.example.com by cookie 'c' too"
    ]


def test_one_service_may_keep_its_clients_at_two_gateways() -> None:
    both = f"{way_in('a')}, {{name: other, gateway: gw2, hosts: [{HOST}]}}"

    assert mesh(sticky("cookie: c", both), gateway(), gateway(name="gw2"))


def test_a_way_in_without_the_sticky_route_does_not_share_its_cookie() -> None:
    texts = [
        sticky("cookie: c", way_in("a")),
        sticky("cookie: c", way_in("b", more=", routes: [e]"), "match: [{uri: {prefix: /x}}], ", name="b"),
    ]

    assert mesh(*texts, gateway())
