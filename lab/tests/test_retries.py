"""Timeouts and retries: how often a request is tried, for which answers, and how long all of it may take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from lab import Backends, Caller, Lab
from lab.controls import Objects, find, rendered, take_away

NAMESPACE = "retries"
FORECASTS = f"http://forecasts.{NAMESPACE}:8080"
ORDERS = f"http://order-service.{NAMESPACE}"
USERS = f"http://user-service.{NAMESPACE}"
SLACK = 0.05  # of a second, by which clocks of two programs may differ
NEVER = "no answer in 1.2 s"


@pytest.fixture(scope="module")
def objects() -> Objects:
    """What the specs make."""
    services = ("forecasts", "alerts", "stations", "gateway")
    return rendered(
        NAMESPACE,
        *(f"weather/{name}" for name in services),
        *(f"microservices/{name}" for name in ("order-service", "user-service", "user-service-shadow", "gateway")),
    )


@pytest.fixture(scope="module")
def client(lab: Lab, objects: Objects) -> Iterator[Caller]:
    """A caller of services of which each has other retries."""
    lab.apply(objects)
    lab.wait_ready(NAMESPACE)
    caller = lab.caller("trying", namespace="retries-callers")
    yield caller
    lab.stop(caller)
    take_away(lab, objects)


@pytest.fixture
def backends(lab: Lab, client: Caller) -> Iterator[Backends]:  # noqa: ARG001 - the services must be there
    """All the services' pods, which count from here on."""
    found = lab.backends(NAMESPACE)
    found.forget()
    yield found
    found.normal()


def words(value: object) -> str | None:
    """What a case is called by: who is asked how, and what the backends do."""
    if isinstance(value, dict):
        return "-".join(f"{key}-{each}" for key, each in value.items())
    if isinstance(value, tuple) and isinstance(value[0], str):
        return f"{value[0]}-{urlsplit(value[1]).netloc.partition('.')[0]}{urlsplit(value[1]).path}"
    return None


@pytest.mark.parametrize(
    ("asked", "does", "tries", "outcome"),
    [
        # forecasts: three retries, on gateway errors and 409
        (("GET", FORECASTS), {"status": 200}, 1, (200, "-")),
        (("GET", FORECASTS), {"status": 404}, 1, (404, "-")),
        (("GET", FORECASTS), {"status": 409}, 4, (409, "URX")),
        (("GET", FORECASTS), {"status": 429}, 1, (429, "-")),
        (("GET", FORECASTS), {"status": 500}, 1, (500, "-")),
        (("GET", FORECASTS), {"status": 502}, 4, (502, "URX")),
        (("GET", FORECASTS), {"status": 503}, 4, (503, "URX")),
        (("GET", FORECASTS), {"status": 504}, 4, (504, "URX")),
        (("GET", FORECASTS), {"drop": True}, 4, (503, "URX,UC")),
        (("GET", FORECASTS), {"status": 503, "fail_first": 2}, 3, (200, "-")),
        (("GET", FORECASTS), {"status": 503, "fail_first": 4}, 4, (503, "URX")),
        (("POST", FORECASTS), {"status": 503}, 1, (503, "-")),  # retries: null
        (("POST", FORECASTS), {"drop": True}, 1, (503, "UC")),
        # order-service: one retry, on 503 alone; none of POST /orders
        (("GET", ORDERS), {"status": 503}, 2, (503, "URX")),
        (("GET", ORDERS), {"status": 504}, 1, (504, "-")),
        (("POST", f"{ORDERS}/orders"), {"status": 503}, 1, (503, "-")),
        (("POST", f"{ORDERS}/carts"), {"status": 503}, 2, (503, "URX")),
        # user-service: two retries where the request cannot have arrived, so not for any answer
        (("GET", USERS), {"status": 503}, 1, (503, "-")),
        (("GET", USERS), {"drop": True}, 1, (503, "UC")),
        # alerts: retries are never mentioned, and Istio's own are for failed connections only
        (("GET", f"http://alerts.{NAMESPACE}"), {"status": 503}, 1, (503, "-")),
    ],
    ids=words,
)
def test_a_request_is_tried_as_often_as_its_answers_allow(
    client: Caller,
    backends: Backends,
    asked: tuple[str, str],
    does: dict[str, Any],
    tries: int,
    outcome: tuple[int, str],
) -> None:
    method, url = asked
    backends.behave(**does)
    answer = client.get(url, method=method)

    assert (answer.status, answer.flags) == outcome
    arrived = [one for one in backends.arrived() if not one.pod.startswith("user-service-shadow")]  # 1 % is mirrored
    assert [one.attempt for one in arrived] == list(range(1, tries + 1))


@pytest.mark.parametrize(
    ("service", "url", "tries"),
    [
        ("forecasts", FORECASTS, 4),  # attempts: 3, and connect-failure is among its conditions
        ("user-service", USERS, 3),
        ("order-service", ORDERS, 2),
        ("alerts", f"http://alerts.{NAMESPACE}", 3),  # never mentioned: Istio's silent 2
        ("stations", f"http://stations.{NAMESPACE}", 1),  # retries: null
    ],
    ids=["forecasts", "user-service", "order-service", "alerts", "stations"],
)
def test_where_nobody_listens_the_connection_is_tried_again(
    lab: Lab, client: Caller, objects: Objects, service: str, url: str, tries: int
) -> None:
    elsewhere = find(objects, "Service", service)
    for port in elsewhere["spec"]["ports"]:
        port["targetPort"] = 9
    lab.apply(elsewhere)
    try:
        lab.settled()
        answer = client.get(url)
    finally:
        lab.apply(find(objects, "Service", service))
        lab.settled()

    assert (answer.status, answer.log["attempts"]) == (503, tries)
    assert "UF" in answer.flags


@pytest.mark.parametrize(
    ("method", "path", "tries", "ending"),
    [
        ("GET", "/", 4, (0.8, 1.0, "URX,UT")),  # 1s for all: four tries of 200ms fit, with pauses between
        ("GET", "/reports", 4, (0.8, 1.2, "URX,UT")),  # 3s for all: the tries end it too
        ("POST", "/", 1, (1.0, 1.15, "UT")),  # 1s for the only try
    ],
    ids=["the-tries-fit", "the-tries-end-it", "one-try-has-all-the-time"],
)
def test_silence_ends_with_the_timeout_or_with_the_last_try(
    client: Caller, backends: Backends, method: str, path: str, tries: int, ending: tuple[float, float, str]
) -> None:
    silence_ends(client, backends, (method, path), tries, ending)


def test_tries_that_do_not_fit_are_cut_off_by_the_timeout(
    lab: Lab, client: Caller, backends: Backends, objects: Objects
) -> None:
    short = find(objects, "VirtualService", "forecasts")
    for route in short["spec"]["http"]:
        route["timeout"] = "500ms"
    lab.apply(short)
    try:
        lab.settled()
        silence_ends(client, backends, ("GET", "/"), 3, (0.5, 0.65, "UT"))
    finally:
        lab.apply(find(objects, "VirtualService", "forecasts"))
        lab.settled()


def silence_ends(
    client: Caller, backends: Backends, asked: tuple[str, str], tries: int, ending: tuple[float, float, str]
) -> None:
    """Ask backends that never answer: how often they are tried, and after which seconds with which flags it ends."""
    method, path = asked
    at_least, less_than, flags = ending
    backends.behave(hang=True)
    answers = [client.get(f"{FORECASTS}{path}", method=method) for _ in range(3)]

    assert [(answer.status, answer.flags) for answer in answers] == [(504, flags)] * 3
    assert backends.counts("attempt") == dict.fromkeys(range(1, tries + 1), 3)
    assert at_least - SLACK <= min(answer.seconds for answer in answers) < less_than  # load makes some of them late


def test_a_port_without_routes_has_no_timeout(client: Caller, backends: Backends) -> None:
    backends.behave(hang=True)
    answer = client.get(f"http://forecasts.{NAMESPACE}:9090/", timeout=1.2)

    assert (answer.status, answer.fault) == (0, NEVER)


@pytest.mark.parametrize(("method", "tries", "seconds"), [("GET", 2, (0.2, 0.6)), ("POST", 1, (0.6, 1.0))])
def test_a_try_that_takes_too_long_is_given_up_for_the_next(
    client: Caller, backends: Backends, method: str, tries: int, seconds: tuple[float, float]
) -> None:
    backends.behave(delay=0.6, fail_first=1)
    answer = client.get(FORECASTS, method=method)
    at_least, less_than = seconds

    assert (answer.status, answer.log["attempts"]) == (200, tries)
    assert at_least - SLACK <= answer.seconds < less_than
