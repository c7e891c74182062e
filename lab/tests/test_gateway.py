"""The gateway: hosts and paths that services share, HTTPS with a certificate that is replaced, and plain HTTP redirected."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event

import pytest

from lab import Answer, Gateway, Lab
from lab.certificates import Authority
from lab.tests import cases
from lab.tests.cases import bounds
from lab.waiting import wait

MICROSERVICES = ("microservices/gateway.yaml", "microservices/order-service.yaml", "microservices/user-service.yaml",
                 "microservices/user-service-shadow.yaml")  # fmt: skip
SHOP = ("shop", "platform")
MANY = 2000
API, ORDERS, WEB = "api.microservices.local", "orders.microservices.local", "www.example.com"


@pytest.fixture(scope="module", autouse=True)
def specs(lab: Lab) -> None:
    cases.use(lab, "shop", *SHOP)
    cases.use(lab, "microservices", *MICROSERVICES)
    cases.shop_edge(lab)
    cases.edge(lab)


def web(lab: Lab, path: str, host: str = WEB) -> Answer:
    return cases.shop_edge(lab).get(f"https://{WEB}{path}", headers={"host": host})


def app(answer: Answer) -> str:
    """The service whose pod answered."""
    return answer.pod.partition("-")[0]


@pytest.mark.parametrize(
    ("path", "service", "arrived"),
    [
        ("/cart", "cart", "/"),
        ("/cart/", "cart", "/"),
        ("/cart/items/7", "cart", "/items/7"),
        ("/cart?full=1", "cart", "/?full=1"),
        ("/cart//items", "cart", "/items"),
        ("/cart///", "cart", "/"),
        ("/cartoon", "front", "/cartoon"),
        ("/cart-items", "front", "/cart-items"),
        ("/CART", "front", "/CART"),
        ("/my/cart", "front", "/my/cart"),
        ("/cart/../cartoon", "front", "/cartoon"),
        ("/catalogue", "catalogue", "/catalogue"),
        ("/catalogue/shoes?size=9", "catalogue", "/catalogue/shoes?size=9"),
        ("/catalogues", "front", "/catalogues"),
        ("/catalog", "front", "/catalog"),
        ("/", "front", "/"),
        ("/anything/else", "front", "/anything/else"),
    ],
)
def test_three_services_share_a_host_by_whole_segments_of_the_path(
    lab: Lab, path: str, service: str, arrived: str
) -> None:
    answer = web(lab, path)

    assert (answer.status, app(answer), answer.path) == (200, service, arrived)


@pytest.mark.parametrize("host", [WEB, "WWW.Example.Com", f"{WEB}:80"])
def test_a_host_is_known_in_capitals_and_with_a_port(lab: Lab, host: str) -> None:
    assert app(web(lab, "/cart/x", host)) == "cart"


@pytest.mark.parametrize(("path", "status"), [("/robots.txt", 200), ("/shop", 301), ("/cart/v1", 308)])
def test_routes_without_a_pod_are_exposed_too(lab: Lab, path: str, status: int) -> None:
    answer = web(lab, path)

    assert (answer.status, answer.pod) == (status, "")


def test_a_redirect_stays_below_the_path_that_is_exposed(lab: Lab) -> None:
    answer = web(lab, "/cart/v1/items?id=7")
    there = web(lab, "/cart/v2/items?id=7")

    assert (answer.status, answer.header("location")) == (308, f"https://{WEB}/cart/v2/items?id=7")
    assert (app(there), there.path) == ("cart", "/v2/items?id=7")


def test_a_route_that_is_not_exposed_is_not_at_the_gateway(lab: Lab) -> None:
    answer = web(lab, "/cart/admin")

    assert (answer.status, app(answer), answer.path) == (
        200,
        "cart",
        "/admin",
    )  # by everyone, neither internal nor closed


@pytest.mark.parametrize("host", ["nobody.example.com", "example.com", "cart.shop.svc.cluster.local"])
def test_an_unknown_host_is_not_found(lab: Lab, host: str) -> None:
    answer = web(lab, "/", host)

    assert (answer.status, answer.flags) == (404, "NR")


def test_a_host_of_another_gateway_is_not_found(lab: Lab) -> None:
    edge, shop = cases.edge(lab), cases.shop_edge(lab)

    assert edge.get(f"https://{API}/", headers={"host": WEB}).status == 404
    assert shop.get(f"https://{WEB}/", headers={"host": API}).status == 404


def test_hosts_of_one_gateway_lead_to_their_own_services(lab: Lab) -> None:
    pods = {host: cases.edge(lab).get(f"https://{host}/").pod for host in (API, ORDERS)}

    assert pods[API].startswith("user-service-")
    assert pods[ORDERS].startswith("order-service-")


def test_plain_http_is_sent_to_https(lab: Lab) -> None:
    edge, shop = cases.edge(lab), cases.shop_edge(lab)
    urls = [
        (edge, f"{API}/users?page=2"),
        (edge, f"{ORDERS}/orders"),
        (shop, f"{WEB}/cart"),
        (shop, "nobody.example.com/"),
    ]
    for (gateway, url), method in itertools.product(urls, ["GET", "POST"]):
        answer = gateway.get(f"http://{url}", method=method)

        assert (answer.status, answer.header("location"), answer.pod) == (301, f"https://{url}", "")


def test_an_unknown_host_is_not_redirected(lab: Lab) -> None:
    assert cases.edge(lab).get("http://nobody.microservices.local/").status == 404
    assert cases.edge(lab).get(f"http://{WEB}/").status == 404
    for host in ("nobody.example.org", "example.com", "10.2.0.1"):
        assert cases.shop_edge(lab).get(f"http://{host}/").status == 404


def test_https_ends_at_the_gateway_and_the_same_routes_follow(lab: Lab) -> None:
    answers = cases.edge(lab).ask(MANY, f"https://{API}/users?page=2")
    counted = Counter((answer.status, answer.version) for answer in answers)
    cart = cases.shop_edge(lab).get(f"https://{WEB}/cart/x")

    assert counted.keys() == {(200, "v1"), (200, "v2")}
    assert counted[200, "v2"] in bounds(MANY, 0.1)
    assert answers[0].arrived["x-forwarded-proto"] == "https"
    assert (cart.status, app(cart), cart.path) == (200, "cart", "/x")


def test_a_certificate_is_checked_by_who_asks_and_other_names_get_none(lab: Lab) -> None:
    stranger = cases.edge(lab).get(f"https://{API}/", trust=Authority("somebody else").pem)
    unknown = cases.edge(lab).get("https://nobody.microservices.local/")

    assert (stranger.status, unknown.status) == (0, 0)
    assert "CERTIFICATE_VERIFY_FAILED" in stranger.fault
    assert unknown.fault.startswith("ConnectionResetError")


def test_a_certificate_is_replaced_while_requests_run_and_none_of_them_fails(lab: Lab) -> None:
    gateway, old, new = cases.edge(lab), cases.authority(lab), Authority("new")
    url, connect_each_time = f"https://{API}/", {"connection": "close"}
    ask = partial(gateway.ask, 50, url, headers=connect_each_time, trust=old.pem + new.pem, connections=4)

    with _meanwhile(ask) as answers:
        lab.apply(cases.secret("microservices-tls", "istio-system", new.certificate([API, ORDERS])))
        wait("the new certificate", lambda: _trusted(gateway, url, new), 20.0)
    by_old = gateway.get(url, trust=old.pem)
    lab.apply(cases.secret("microservices-tls", "istio-system", old.certificate([API, ORDERS])))
    wait("the old authority's certificate", lambda: _trusted(gateway, url, old), 20.0)

    assert Counter(answer.fault or answer.status for answer in answers) == {200: len(answers)}
    assert len(answers) >= 150  # before, during and after
    assert "CERTIFICATE_VERIFY_FAILED" in by_old.fault


def _trusted(gateway: Gateway, url: str, authority: Authority) -> tuple[bool, str]:
    answer = gateway.get(url, trust=authority.pem)
    return answer.status == 200, answer.fault


@contextmanager
def _meanwhile(ask: partial[list[Answer]]) -> Iterator[list[Answer]]:
    """Ask again and again, before, during and after the block; all answers are in the list then."""
    answers: list[Answer] = []
    end = Event()

    def asking() -> None:
        while not end.is_set():
            answers.extend(ask())
        answers.extend(ask())

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(asking)
        try:
            wait("first answers", lambda: (bool(answers), running.done()), 10.0)
            yield answers
        finally:
            end.set()
        running.result()
