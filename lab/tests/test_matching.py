"""Which route a request takes: by path, method, query, cookie, header, host and by who asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from lab import Answer, Caller, Lab
from lab.tests import cases
from lab.tests.cases import bounds

SHOP = ("shop", "platform")
CART, CATALOGUE, FRONT = "http://cart.shop", "http://catalogue.shop", "http://front.shop"
REVIEWS, RATINGS = "http://reviews.bookinfo:9080", "http://ratings.bookinfo:9080"
ORDERS = "http://order-service.microservices"
RATES, TABLES = "http://rates.payments", "http://rates.payments:8081"
ASKED = 60  # often enough for a split of halves or thirds to show both ways: by chance it does not once in 10^10 runs

INTERNAL = "  - name: internal\n    match: [{uri: {prefix: /admin}, sourceNamespace: backoffice}]\n"
NOT_TO_BACK_OFFICE = ((", backoffice]", "]"), (INTERNAL, ""))


@pytest.fixture(scope="module", autouse=True)
def specs(lab: Lab) -> None:
    lab.apply("".join(cases.render(*SHOP)))
    lab.apply("".join(cases.render("bookinfo")))
    lab.apply("".join(cases.render("microservices/gateway.yaml", "microservices/order-service.yaml")))
    lab.apply("".join(cases.render("payments/rates.yaml")))
    for caller in (cases.shopper, cases.product_page, cases.back_office):
        caller(lab)
    for namespace in ("shop", "bookinfo", "microservices", "payments"):
        lab.wait_ready(namespace)
    lab.settled()


def outcome(answer: Answer) -> str:
    """What became of a request, in a word: the host and path that a pod saw, or the proxy's own answer."""
    if answer.pod:
        return answer.arrived["host"] + answer.path
    return f"{answer.status} {answer.header('location')}".strip()


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        # exact: the whole path, whatever the query
        (f"{FRONT}/robots.txt", "200"),
        (f"{FRONT}/robots.txt?page=1", "200"),
        (f"{FRONT}/robots.txt/more", "front.shop/robots.txt/more"),
        (f"{FRONT}/Robots.txt", "front.shop/Robots.txt"),
        (f"{FRONT}/", "front.shop/"),
        # prefix: as the text begins, here without regard to case
        (f"{CART}/v1", "308 https://cart.shop/v2"),
        (f"{CART}/v1/items?id=7", "308 https://cart.shop/v2/items?id=7"),
        (f"{CART}/V1/items", "308 https://cart.shop/v2/items"),
        (f"{CART}/v2/items", "cart.shop/v2/items"),
        (f"{CART}/old/v1", "cart.shop/old/v1"),
        (f"{CART}/admin", "403"),
        (f"{CART}/administer", "403"),
        (f"{CART}/Admin", "cart.shop/Admin"),
        # regex: all of the path
        (f"{CATALOGUE}/pictures/12", "pictures.example.com/img/12.webp"),
        (f"{CATALOGUE}/pictures/12?wide=1", "pictures.example.com/img/12.webp?wide=1"),
        (f"{CATALOGUE}/pictures/12/raw", "catalogue.shop/pictures/12/raw"),
        (f"{CATALOGUE}/pictures/twelve", "catalogue.shop/pictures/twelve"),
        (f"{CATALOGUE}/all/pictures/12", "catalogue.shop/all/pictures/12"),
    ],
)
def test_a_path_takes_its_route(lab: Lab, url: str, seen: str) -> None:
    assert outcome(cases.shopper(lab).get(url)) == seen


@pytest.mark.parametrize(
    ("host", "seen"),
    [
        ("catalogue.shop", "pictures.example.com/img/12.webp"),
        ("CATALOGUE.shop", "CATALOGUE.shop/pictures/12"),
        ("catalogue", "pictures.example.com/img/12.webp"),
    ],
)
def test_a_host_takes_its_route(lab: Lab, host: str, seen: str) -> None:
    assert outcome(cases.shopper(lab).get(f"{CATALOGUE}/pictures/12", headers={"host": host})) == seen


@pytest.mark.parametrize(
    ("method", "url", "headers", "seen"),
    [
        ("POST", f"{ORDERS}/orders", {}, {"blue": ASKED}),
        ("POST", f"{ORDERS}/orders/7", {"cookie": "order-colour=green"}, {"blue": ASKED}),
        ("GET", f"{ORDERS}/orders", {"cookie": "order-colour=green"}, {"green": ASKED}),
        ("PUT", f"{RATES}/", {}, {"v3": ASKED}),
        ("POST", f"{RATES}/", {}, {"v3": ASKED}),
        ("HEAD", f"{TABLES}/", {"accept": "text/csv"}, {"200": ASKED}),
        ("GET", f"{TABLES}/", {"accept": "text/csv;q=0.9"}, {"v3": ASKED}),
        ("POST", f"{TABLES}/", {"accept": "text/csv"}, {"406": ASKED}),
        ("GET", f"{TABLES}/", {"accept": "application/json"}, {"406": ASKED}),
        ("GET", f"{TABLES}/", {}, {"406": ASKED}),
    ],
)
def test_a_method_takes_its_route(
    lab: Lab, method: str, url: str, headers: dict[str, str], seen: dict[str, int]
) -> None:
    answers = cases.shopper(lab).ask(ASKED, url, method=method, headers=headers, connections=8)

    assert Counter(answer.version or str(answer.status) for answer in answers) == seen


@pytest.mark.parametrize(
    ("method", "url", "versions"), [("GET", f"{ORDERS}/orders", {"blue", "green"}), ("POST", f"{ORDERS}/other", {"blue", "green"}), ("GET", f"{RATES}/", {"v3", "v4"})]
)  # fmt: skip
def test_other_methods_and_paths_are_split(lab: Lab, method: str, url: str, versions: set[str]) -> None:
    assert {answer.version for answer in cases.shopper(lab).ask(ASKED, url, method=method)} == versions


@pytest.mark.parametrize(
    ("query", "cookie", "matches"),
    [
        ("?preview=1", "", True),
        ("?page=2&preview=1", "", True),
        ("?preview=1&page=2", "", True),
        ("?preview=2", "", False),
        ("?preview=11", "", False),
        ("?preview", "", False),
        ("?xpreview=1", "", False),
        ("", "preview=yes", True),
        ("", "session=1; preview=yes; lang=de", True),
        ("", "session=1;preview=yes", True),
        ("", "preview=yes; preview=no", True),
        ("", "preview=yesterday", False),
        ("", "xpreview=yes", False),
        ("", "x=preview=yes", False),
        ("", "preview=Yes", False),
    ],
)
def test_a_query_or_a_cookie_takes_its_route(lab: Lab, query: str, cookie: str, matches: bool) -> None:
    headers = {"cookie": cookie} if cookie else {}
    answers = cases.shopper(lab).ask(ASKED, f"{REVIEWS}/{query}", headers=headers)

    assert {answer.version for answer in answers} == ({"v3"} if matches else {"v1", "v2"})


@pytest.mark.parametrize(
    ("caller", "headers", "versions"),
    [
        (cases.product_page, {"end-user": "jason"}, {"v2"}),
        (cases.product_page, {"end-user": "jane"}, {"v1", "v2"}),
        (cases.shopper, {"end-user": "jason"}, {"v1", "v2"}),
    ],
    ids=["both", "other-user", "other-caller"],
)
def test_a_route_for_some_callers_is_theirs_alone(
    lab: Lab, caller: Callable[[Lab], Caller], headers: dict[str, str], versions: set[str]
) -> None:
    assert {answer.version for answer in caller(lab).ask(ASKED, f"{REVIEWS}/", headers=headers)} == versions


@pytest.mark.parametrize(
    ("caller", "seen"), [(cases.back_office, "cart.shop/admin/x"), (cases.shopper, "403")], ids=["inside", "outside"]
)
def test_a_route_for_a_namespace_is_its_alone(lab: Lab, caller: Callable[[Lab], Caller], seen: str) -> None:
    assert outcome(caller(lab).get(f"{CART}/admin/x")) == seen


@pytest.mark.parametrize(
    ("headers", "matches"),
    [
        ({"end-user": "test-1"}, True),
        ({"end-user": "test-"}, True),
        ({"end-user": "test-1", "x-no-faults": ""}, False),
        ({"end-user": "test-1", "x-no-faults": "1"}, False),
        ({"end-user": "my-test-1"}, False),
        ({}, False),
    ],
)
def test_a_header_that_must_not_be_there_is_looked_for(lab: Lab, headers: dict[str, str], matches: bool) -> None:
    asked = {"content-type": "application/grpc", **headers}
    answer = cases.shopper(lab).get(f"{RATINGS}/", headers=asked)

    assert answer.header("grpc-status") == ("14" if matches else "")  # UNAVAILABLE
    assert bool(answer.pod) is not matches


def test_a_service_that_is_not_exported_has_no_routes_elsewhere(lab: Lab) -> None:
    assert cases.back_office(lab).get(f"{CART}/v1").status == 308

    before = cases.render(*SHOP)
    with cases.replaced(lab, before, cases.render(*SHOP, changes=NOT_TO_BACK_OFFICE)):
        assert cases.back_office(lab).get(f"{CART}/v1", timeout=0.5).status != 308
        assert cases.shopper(lab).get(f"{CART}/v1").status == 308


def test_names_of_every_length_lead_to_the_same_routes(lab: Lab) -> None:
    hosts = ["cart", "cart.shop", "cart.shop.svc", "cart.shop.svc.cluster.local", "cart.shop.svc.cluster.local."]

    assert [outcome(cases.shopper(lab).get(f"http://{host}/admin")) for host in hosts] == ["403"] * len(hosts)


def test_equal_pods_share_evenly(lab: Lab) -> None:
    pods = Counter(answer.pod for answer in cases.shopper(lab).ask(2000, f"{CART}/"))

    assert len(pods) == 2
    assert all(count in bounds(2000, 0.5) for count in pods.values())
