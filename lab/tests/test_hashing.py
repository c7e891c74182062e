"""Consistent hashing: whoever shows the same header, cookie or address stays at one pod, and others go elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

from lab import Answer, Caller, Lab, Request
from lab.controls import rendered, scaled, take_away

NAMESPACE = "hashing"
CLIENTS = 60  # if each chose one of three pods by chance, one pod would stay empty once in 10^10 runs


@pytest.fixture(scope="module")
def client(lab: Lab) -> Iterator[Caller]:
    """A caller, with services of which each has three pods."""
    objects = scaled(rendered(NAMESPACE, "bookinfo/ratings", "bookinfo/reviews", "weather/alerts"), 3)
    lab.apply(objects)
    lab.wait_ready(NAMESPACE)
    caller = lab.caller("hashed", namespace="hashing-callers")
    yield caller
    lab.stop(caller)
    take_away(lab, objects)


def pods_of_each(requests: Iterable[Request], answers: Iterable[Answer]) -> dict[tuple[tuple[str, str], ...], set[str]]:
    """The pods that answered the requests with the same headers."""
    found = defaultdict(set)
    for request, answer in zip(requests, answers, strict=True):
        assert answer.status == 200
        found[request.headers].add(answer.pod)
    return found


@pytest.mark.parametrize(
    ("host", "header", "values"),
    [
        (f"ratings.{NAMESPACE}:9080", "end-user", [f"reader-{number}" for number in range(CLIENTS)]),
        (f"alerts.{NAMESPACE}", "x-forwarded-for", [f"203.0.113.{number}" for number in range(CLIENTS)]),
    ],
    ids=["header", "source-behind-a-proxy"],
)
def test_each_client_stays_at_one_pod_and_all_pods_have_clients(
    client: Caller, host: str, header: str, values: list[str]
) -> None:
    requests = [Request(host, headers=((header, value),)) for value in values * 4]
    pods = pods_of_each(requests, client.exchange(f"http://{host}", requests))

    assert {len(each) for each in pods.values()} == {1}
    assert len(set.union(*pods.values())) == 3


def test_without_the_header_a_request_goes_anywhere(client: Caller) -> None:
    answers = client.ask(CLIENTS, f"http://ratings.{NAMESPACE}:9080/")

    assert len({answer.pod for answer in answers}) == 3


def test_one_address_stays_at_one_pod_over_http_and_over_tcp(client: Caller) -> None:
    answers = client.ask(CLIENTS, f"http://alerts.{NAMESPACE}/")
    connections = [client.tcp(f"alerts.{NAMESPACE}", 9000, b"hello\n") for _ in range(20)]

    assert {answer.status for answer in answers} == {200}
    assert len({answer.pod for answer in answers}) == 1
    assert len({told["pod"] for told in connections}) == 1


def test_a_cookie_is_given_once_and_keeps_its_pod(client: Caller) -> None:
    host, path = f"reviews.{NAMESPACE}:9080", "/?preview=1"  # the route to v3, which hashes by cookie
    first = client.exchange(f"http://{host}", [Request(host, path)] * CLIENTS)
    cookies = [answer.header("set-cookie").split("; ") for answer in first]
    requests = [Request(host, path, headers=(("cookie", cookie[0]),)) for cookie in cookies for _ in range(4)]
    again = client.exchange(f"http://{host}", requests)
    pods = pods_of_each(requests, again)

    assert {tuple(rest) for _, *rest in cookies} == {("Path=/", "SameSite=Lax", "HttpOnly")}
    assert all(cookie.startswith('user="') for cookie, *_ in cookies)
    assert pods == {(("cookie", cookie[0]),): {answer.pod} for cookie, answer in zip(cookies, first, strict=True)}
    assert len({answer.pod for answer in first}) == 3
    assert {answer.version for answer in again} == {"v3"}
    assert [answer for answer in again if answer.header("set-cookie")] == []


def test_clients_of_a_pod_that_leaves_go_elsewhere_and_come_back_with_it(lab: Lab, client: Caller) -> None:
    host = f"alerts.{NAMESPACE}"
    requests = [Request(host, headers=(("x-forwarded-for", f"198.51.100.{number}"),)) for number in range(CLIENTS)]

    def homes() -> list[str]:
        lab.settled()
        return [answer.pod for answer in client.exchange(f"http://{host}", requests)]

    before = homes()
    left = lab.backends(NAMESPACE, pod=before[0])
    left.behave(ready=False)
    try:
        during = homes()
    finally:
        left.normal()

    assert set(during) == set(before) - {before[0]}
    assert homes() == before
