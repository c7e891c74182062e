"""What routes do besides choosing: rewrite, redirect, answer by themselves, edit headers, grant CORS."""

from __future__ import annotations

import pytest

from lab import Lab
from lab.tests import cases

SHOP = ("shop", "platform")
ORDER_SERVICE = ("microservices/gateway.yaml", "microservices/order-service.yaml")
CART, CATALOGUE, FRONT = "http://cart.shop", "http://catalogue.shop", "http://front.shop"
ORDERS = "https://orders.microservices.local/orders"
WEB = "https://www.example.com"


@pytest.fixture(scope="module", autouse=True)
def specs(lab: Lab) -> None:
    cases.use(lab, "shop", *SHOP)
    cases.use(lab, "microservices", *ORDER_SERVICE)


def test_a_rewrite_changes_path_and_host_and_keeps_the_query(lab: Lab) -> None:
    answer = cases.shopper(lab).get(f"{CATALOGUE}/pictures/4711?size=big")

    assert (answer.status, answer.path) == (200, "/img/4711.webp?size=big")
    assert answer.arrived["host"] == "pictures.example.com"


def test_what_is_not_rewritten_arrives_as_it_was_sent(lab: Lab) -> None:
    answer = cases.shopper(lab).get(f"{CATALOGUE}/a%20b//c.d?x=1&x=%2F")

    assert (answer.path, answer.arrived["host"]) == ("/a%20b//c.d?x=1&x=%2F", "catalogue.shop")


@pytest.mark.parametrize(
    ("url", "status", "location"),
    [
        (f"{CART}/v1", 308, "https://cart.shop/v2"),
        (f"{CART}/v1/items/7?full=1", 308, "https://cart.shop/v2/items/7?full=1"),
        (f"{CART}/v1x", 308, "https://cart.shop/v2x"),
        (f"{FRONT}/shop", 301, "http://www.example.com:443/"),
        (f"{FRONT}/shop?page=2", 301, "http://www.example.com:443/?page=2"),
    ],
)
def test_a_redirect_says_where_to_go(lab: Lab, url: str, status: int, location: str) -> None:
    answer = cases.shopper(lab).get(url)

    assert (answer.status, answer.header("location"), answer.pod) == (status, location, "")


@pytest.mark.parametrize(
    ("url", "status", "body"),
    [
        (f"{FRONT}/robots.txt", 200, "User-agent: *\nDisallow: /cart\n"),
        (f"{CART}/admin", 403, "only from the back office\n"),
    ],
    ids=["bytes", "string"],
)
def test_a_direct_response_comes_from_no_pod(lab: Lab, url: str, status: int, body: str) -> None:
    backends = lab.backends("shop")
    backends.forget()
    answer = cases.shopper(lab).get(url)

    assert (answer.status, answer.body) == (status, body)
    assert backends.arrived() == []


def test_request_headers_are_set_added_and_removed(lab: Lab) -> None:
    sent = {"x-served-by": "somebody", "x-hop": "first", "x-internal": "secret", "x-own": "kept"}
    arrived = cases.shopper(lab).get(f"{CART}/", headers=sent).arrived

    assert arrived["x-served-by"] == "cart"
    assert "x-internal" not in arrived
    assert arrived["x-own"] == "kept"
    assert arrived["x-hop"] == "first, mesh"


def test_response_headers_are_set_added_and_removed(lab: Lab) -> None:
    cart = lab.backends("shop", app="cart")
    own = [["cache-control", "max-age=60"], ["x-hop", "first"], ["x-powered-by", "PHP/8.4"], ["x-own", "kept"]]
    with cases.behaving(cart, headers=own):
        answer = cases.shopper(lab).get(f"{CART}/")

    assert answer.all("cache-control") == ["no-store"]
    assert answer.all("x-hop") == ["first", "mesh"]
    assert answer.all("x-powered-by") == []
    assert answer.all("x-own") == ["kept"]


def test_another_service_has_none_of_these_headers(lab: Lab) -> None:
    answer = cases.shopper(lab).get(f"{FRONT}/", headers={"x-internal": "1"})

    assert (answer.arrived["x-internal"], answer.header("cache-control"), answer.header("x-hop")) == ("1", "", "")


def test_headers_of_an_exposure_are_laid_over_those_of_the_route(lab: Lab) -> None:
    answer = cases.shop_edge(lab).get(f"{WEB}/cart/x", headers={"x-internal": "1"})

    assert answer.header("strict-transport-security") == "max-age=31536000"
    assert (answer.header("cache-control"), answer.arrived["x-served-by"]) == ("no-store", "cart")
    assert "x-internal" not in answer.arrived
    assert cases.shopper(lab).get(f"{CART}/x").header("strict-transport-security") == ""


def preflight(origin: str, method: str = "GET") -> dict[str, str]:
    return {"origin": origin, "access-control-request-method": method}


@pytest.mark.parametrize(
    ("origin", "granted"),
    [
        ("https://shop.microservices.local", True),
        ("https://pr-7.preview.microservices.local", True),
        ("https://pr-7.preview.microservices.local.evil.example", False),
        ("http://shop.microservices.local", False),
        ("https://shop.microservices.local:8443", False),
    ],
)
def test_a_preflight_is_answered_by_the_gateway_for_origins_that_are_allowed(
    lab: Lab, origin: str, granted: bool
) -> None:
    orders = lab.backends("microservices", app="order-service")
    orders.forget()
    answer = cases.edge(lab).get(ORDERS, method="OPTIONS", headers=preflight(origin, "POST"))

    assert (answer.status, answer.header("access-control-allow-origin")) == (200, origin if granted else "")
    assert orders.arrived() == []  # unmatchedPreflights: IGNORE, so those that are not granted do not get there either


def test_a_preflight_is_told_what_is_allowed(lab: Lab) -> None:
    headers = preflight("https://shop.microservices.local", "POST")
    answer = cases.edge(lab).get(ORDERS, method="OPTIONS", headers=headers)

    told = {name.removeprefix("access-control-"): value for name, value in answer.headers if "control" in name}
    assert told == {
        "allow-origin": "https://shop.microservices.local",
        "allow-methods": "GET,POST",
        "allow-headers": "content-type,x-request-id",
        "allow-credentials": "true",
        "expose-headers": "x-order-id",
        "max-age": "86400",
    }


@pytest.mark.parametrize(
    ("origin", "granted"), [("https://shop.microservices.local", True), ("https://evil.example", False)]
)
def test_an_answer_is_given_away_to_origins_that_are_allowed(lab: Lab, origin: str, granted: bool) -> None:
    answer = cases.edge(lab).get(ORDERS, headers={"origin": origin})

    assert answer.status == 200
    assert answer.header("access-control-allow-origin") == (origin if granted else "")
    assert answer.header("access-control-expose-headers") == ("x-order-id" if granted else "")


def test_cors_of_an_exposure_is_the_gateways_alone(lab: Lab) -> None:
    headers = {"origin": "https://shop.microservices.local"}
    answer = cases.shopper(lab).get("http://order-service.microservices/orders", headers=headers)

    assert (answer.status, answer.header("access-control-allow-origin")) == (200, "")


@pytest.mark.parametrize(("origin", "granted"), [("https://any.example", True), ("http://any.example", False)])
def test_cors_of_a_route_holds_in_the_mesh_and_lets_other_preflights_through(
    lab: Lab, origin: str, granted: bool
) -> None:
    answer = cases.shopper(lab).get(f"{CATALOGUE}/", method="OPTIONS", headers=preflight(origin, "DELETE"))

    assert answer.status == 200
    assert answer.header("access-control-allow-origin") == (origin if granted else "")
    assert answer.header("access-control-allow-methods") == ("DELETE" if granted else "")
    assert bool(answer.pod) is not granted
