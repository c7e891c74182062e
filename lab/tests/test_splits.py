"""Canaries, splits, sticky groups and mirrors: who gets how much, counted over thousands of requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

import pytest

from lab import Answer, Caller, Gateway, Lab, Request
from lab.tests import cases
from lab.tests.cases import bounds
from lab.waiting import wait

MANY = 2000
CLIENTS = 500
MICROSERVICES = ("microservices/gateway.yaml", "microservices/order-service.yaml", "microservices/user-service.yaml",
                 "microservices/user-service-shadow.yaml")  # fmt: skip
REVIEWS, RATES = "bookinfo/reviews.yaml", "payments/rates.yaml"


class Way(NamedTuple):
    """Who asks, and for what."""

    client: Callable[[Lab], Caller | Gateway]
    url: str


USERS = Way(cases.shopper, "http://user-service.microservices/")
USERS_OUTSIDE = Way(cases.edge, "https://api.microservices.local/")
ORDERS = Way(cases.shopper, "http://order-service.microservices/")
ORDERS_OUTSIDE = Way(cases.edge, "https://orders.microservices.local/")

users_both_ways = pytest.mark.parametrize("way", [USERS, USERS_OUTSIDE], ids=["mesh", "gateway"])
orders_both_ways = pytest.mark.parametrize("way", [ORDERS, ORDERS_OUTSIDE], ids=["mesh", "gateway"])


@pytest.fixture(scope="module", autouse=True)
def specs(lab: Lab) -> None:
    cases.use(lab, "microservices", *MICROSERVICES)


def changed(lab: Lab, old: str, new: str) -> AbstractContextManager[None]:
    """Have it otherwise for a while: where the specs say `old` they say `new`."""
    before = cases.render(*MICROSERVICES)
    return cases.replaced(lab, before, cases.render(*MICROSERVICES, changes=((old, new),)))


def ask(lab: Lab, way: Way, count: int, headers: dict[str, str] | None = None, path: str = "") -> list[Answer]:
    return way.client(lab).ask(count, way.url + path, headers=headers or {})


def versions(answers: Sequence[Answer]) -> Counter[str]:
    """Which versions answered; an answer that is none counts under its status."""
    return Counter(answer.version if answer.status == 200 else str(answer.status or answer.fault) for answer in answers)


def test_a_bound_is_missed_by_chance_less_than_once_in_ten_thousand_runs_of_all_cases() -> None:
    for count, share in [(2000, 0.1), (2000, 0.01), (500, 0.5)]:
        within = sum(cases.chance(count, share, hits) for hits in bounds(count, share))

        assert 0 <= 1 - within <= cases.ALARM
        assert int(count * share) in bounds(count, share)
    assert bounds(2000, 0.1) == range(138, 270)


@pytest.mark.parametrize(
    ("way", "shares"),
    [
        (USERS, {"v1": 0.9, "v2": 0.1}),
        (USERS_OUTSIDE, {"v1": 0.9, "v2": 0.1}),
        (ORDERS_OUTSIDE, {"blue": 0.5, "green": 0.5}),
    ],
    ids=["canary-90-10-mesh", "canary-90-10-gateway", "a-b-50-50-gateway"],
)
def test_a_split_is_exact(lab: Lab, way: Way, shares: dict[str, float]) -> None:
    counted = versions(ask(lab, way, MANY))

    assert counted.keys() == shares.keys()
    for version, share in shares.items():
        assert counted[version] in bounds(MANY, share)


def test_a_split_in_hundredths_is_exact_and_a_version_with_nothing_gets_nothing(lab: Lab) -> None:
    cases.use(lab, "bookinfo", REVIEWS)
    counted = versions(cases.shopper(lab).ask(MANY, "http://reviews.bookinfo:9080/"))

    assert counted.keys() == {"v1", "v2"}  # v3 has 0
    assert counted["v1"] in bounds(MANY, 0.3333)


def test_each_port_of_a_service_is_split_by_itself(lab: Lab) -> None:
    cases.use(lab, "payments", RATES)
    counted = versions(cases.shopper(lab).ask(MANY, "http://rates.payments/"))
    tables = cases.shopper(lab).ask(100, "http://rates.payments:8081/", headers={"accept": "text/csv"}, connections=8)

    assert counted.keys() == {"v3", "v4"}
    assert counted["v4"] in bounds(MANY, 0.2)
    assert versions(tables) == {"v3": 100}


def test_the_next_step_of_a_canary_takes_effect(lab: Lab) -> None:
    with changed(lab, "candidate: v2, weight: 10", "candidate: v2, weight: 35"):
        counted = versions(ask(lab, USERS_OUTSIDE, MANY))

    assert counted.keys() == {"v1", "v2"}
    assert counted["v2"] in bounds(MANY, 0.35)


@users_both_ways
@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ({"x-canary-version": "v2"}, "canary"),
        ({"X-Canary-Version": "v2"}, "canary"),
        ({"x-user-group": "beta"}, "v2"),
        ({"x-user-group": "beta", "x-canary-version": "v2"}, "canary"),
    ],
    ids=["canary", "capitals", "group", "both"],
)
def test_testers_and_groups_always_get_their_version(lab: Lab, way: Way, headers: dict[str, str], version: str) -> None:
    assert versions(ask(lab, way, 100, headers)) == {version: 100}


@users_both_ways
@pytest.mark.parametrize(
    "headers", [{"x-canary-version": "v1"}, {"x-user-group": "Beta"}, {"x-user-group": "beta,alpha"}]
)
def test_another_value_of_the_header_is_split_as_everybody_is(lab: Lab, way: Way, headers: dict[str, str]) -> None:
    counted = versions(ask(lab, way, 300, headers))

    assert counted.keys() <= {"v1", "v2"}
    assert counted["v2"] in bounds(300, 0.1)


def test_the_first_route_that_matches_wins(lab: Lab) -> None:
    testers = "  - name: testers\n    match: [{headers: {x-canary-version: {exact: v2}}}]\n    to: canary\n"
    beta = "  - name: beta\n    match: [{headers: {x-user-group: {exact: beta}}}]\n    to: v2\n"
    asked = {"x-user-group": "beta", "x-canary-version": "v2"}
    assert versions(ask(lab, USERS, 50, asked)) == {"canary": 50}

    with changed(lab, testers + beta, beta + testers):
        assert versions(ask(lab, USERS, 50, asked)) == {"v2": 50}


@orders_both_ways
def test_a_client_keeps_its_group(lab: Lab, way: Way) -> None:
    for group in ("blue", "green"):
        answers = ask(lab, way, 100, {"cookie": f"theme=dark; order-colour={group}; lang=de"})

        assert versions(answers) == {group: 100}
        assert not any(answer.all("set-cookie") for answer in answers)


@orders_both_ways
@pytest.mark.parametrize(
    "cookie", ["order-colour=red", "xorder-colour=blue", "order-colour=bluee", "order-colour=", "x=order-colour%3Dblue"]
)
def test_a_cookie_of_no_group_is_drawn_anew(lab: Lab, way: Way, cookie: str) -> None:
    answers = ask(lab, way, 100, {"cookie": cookie})

    assert versions(answers)["blue"] in bounds(100, 0.5)
    assert all(answer.all("set-cookie") for answer in answers)


@orders_both_ways
def test_groups_have_the_right_sizes_and_every_client_stays_in_its_own(lab: Lab, way: Way) -> None:
    first = ask(lab, way, CLIENTS)
    again = _with_their_cookies(lab, way, first)

    assert versions(first)["blue"] in bounds(CLIENTS, 0.5)
    assert [answer.version for answer in again] == [answer.version for answer in first]


def test_groups_of_different_sizes_have_the_right_ones(lab: Lab) -> None:
    with changed(lab, "split: {blue: 50, green: 50}", "split: {blue: 80, green: 20}"):
        first = ask(lab, ORDERS, CLIENTS)
        again = _with_their_cookies(lab, ORDERS, first)

    assert versions(first)["green"] in bounds(CLIENTS, 0.2)
    assert [answer.version for answer in again] == [answer.version for answer in first]


def test_a_version_at_0_percent_gives_its_people_a_new_one(lab: Lab) -> None:
    with changed(lab, "split: {blue: 50, green: 50}", "split: {blue: 0, green: 100}"):
        moved, stayed = (
            [answer for way in (ORDERS, ORDERS_OUTSIDE) for answer in ask(lab, way, 100, {"cookie": cookie})]
            for cookie in ("order-colour=blue", "order-colour=green")
        )

    assert versions(moved + stayed) == {"green": 400}
    assert {answer.header("set-cookie").partition(";")[0] for answer in moved} == {"order-colour=green"}
    assert not any(answer.all("set-cookie") for answer in stayed)


def test_the_cookie_of_a_group_is_set_once_with_all_its_attributes(lab: Lab) -> None:
    answer = ask(lab, ORDERS_OUTSIDE, 1)[0]

    assert answer.all("set-cookie") == [
        f"order-colour={answer.version}; Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Strict"
    ]


def test_a_service_that_sets_cookies_of_its_own_keeps_them(lab: Lab) -> None:
    orders = lab.backends("microservices", app="order-service")
    with cases.behaving(orders, path="/login", headers=[["set-cookie", "session=1"]]):
        answer = ask(lab, ORDERS, 1, path="login")[0]

    assert [cookie.partition("=")[0] for cookie in answer.all("set-cookie")] == ["session", "order-colour"]


def _with_their_cookies(lab: Lab, way: Way, answers: Sequence[Answer]) -> list[Answer]:
    """The answers when each client comes back with the cookie that it was given."""
    cookies = [answer.header("set-cookie").partition(";")[0] for answer in answers]
    host = way.url.split("/")[2]
    requests = [Request(host, "/again", headers=(("cookie", cookie),)) for cookie in cookies]
    return way.client(lab).exchange(way.url, requests)


@pytest.mark.parametrize(("way", "percent"), [(USERS_OUTSIDE, 1), (USERS, 25)], ids=["gateway", "mesh"])
def test_a_mirror_gets_its_share_and_callers_see_nothing_of_it(lab: Lab, way: Way, percent: int) -> None:
    shadow = lab.backends("microservices", app="user-service-shadow")
    with changed(lab, "percent: 1}", f"percent: {percent}}}"):
        began = _mirrored(lab, way)
        shadow.forget()
        counted = versions(ask(lab, way, MANY, path=f"percent-{percent}"))
        copies = _mirrored(lab, way) - began
        wait("copies to arrive", lambda: (len(shadow.arrived()) >= copies, len(shadow.arrived())), 10.0)

    assert counted.keys() == {"v1", "v2"}
    assert len(shadow.arrived()) == copies
    assert copies in bounds(MANY, percent / 100)
    assert {arrived.path for arrived in shadow.arrived()} == {f"/percent-{percent}"}


def test_nobody_waits_for_a_mirror_that_hangs(lab: Lab) -> None:
    shadow = lab.backends("microservices", app="user-service-shadow")
    with changed(lab, "percent: 1}", "percent: 100}"), cases.behaving(shadow, hang=True):
        answers = ask(lab, USERS, 200)
        wait("copies to arrive", lambda: (len(shadow.arrived()) >= 200, len(shadow.arrived())), 10.0)

    assert versions(answers).keys() == {"v1", "v2"}
    assert max(answer.seconds for answer in answers) < 5  # the copies are given up after 30


def _mirrored(lab: Lab, way: Way) -> int:
    """How many requests the proxy has sent to the mirror."""
    return sum(way.client(lab).stats(r"user-service-shadow.*\.upstream_rq_total$").values())
