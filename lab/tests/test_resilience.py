"""Faults, outlier ejection and connection limits: what goes wrong goes wrong exactly as far as a spec says."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from lab import Caller, Lab, wait
from lab.controls import rendered, take_away
from lab.tests.cases import bounds

NAMESPACE = "resilience"
STATIONS = f"http://stations.{NAMESPACE}/"
RADAR = f"http://radar.{NAMESPACE}"
DRILLS = 1500
SLACK = 0.05  # of a second, by which clocks of two programs may differ


@pytest.fixture(scope="module")
def client(lab: Lab) -> Iterator[Caller]:
    """A caller of the weather's services, and of one that fails for people whose names begin with `test-`."""
    services = ("forecasts", "gateway", "radar", "stations")
    objects = rendered(NAMESPACE, *(f"weather/{name}" for name in services), "bookinfo/ratings", "bookinfo/reviews")
    lab.apply(objects)
    lab.wait_ready(NAMESPACE)
    caller = lab.caller("careful", namespace="resilience-callers")
    yield caller
    lab.stop(caller)
    take_away(lab, objects)


@pytest.fixture(autouse=True)
def normal(lab: Lab) -> Iterator[None]:
    """Backends that do nothing special, before a test and after it."""
    for name in ("forecasts", "radar", "stations"):
        lab.backends(NAMESPACE, app=name).normal()
    yield
    for name in ("forecasts", "radar", "stations"):
        lab.backends(NAMESPACE, app=name).normal()


@pytest.fixture(scope="module")
def drills(lab: Lab, client: Caller) -> tuple[Counter[tuple[int, str]], list[float], list[float], int]:
    """Of many requests that ask for faults: how they ended, how long those with and without delay took, who arrived."""
    backends = lab.backends(NAMESPACE, app="forecasts")
    backends.forget()
    answers = client.ask(
        DRILLS, f"http://forecasts.{NAMESPACE}:8080/", headers={"x-drill": "on"}, connections=64, timeout=60.0
    )
    late = [answer.seconds for answer in answers if "DI" in answer.flags]
    soon = [answer.seconds for answer in answers if "DI" not in answer.flags]
    return Counter((answer.status, answer.flags) for answer in answers), late, soon, len(backends.arrived())


@pytest.mark.parametrize(
    ("flag", "share"), [("DI", 0.25), ("FI", 0.1), ("DI,FI", 0.025)], ids=["delayed", "aborted", "both"]
)
def test_the_shares_of_faults_are_exact(
    drills: tuple[Counter[tuple[int, str]], list[float], list[float], int], flag: str, share: float
) -> None:
    ends = drills[0]
    hit = sum(count for (_, flags), count in ends.items() if set(flag.split(",")) <= set(flags.split(",")))

    assert hit in bounds(DRILLS, share), ends


def test_an_abort_answers_instead_of_the_backend_and_is_never_retried(
    drills: tuple[Counter[tuple[int, str]], list[float], list[float], int],
) -> None:
    ends, _, _, arrived = drills

    assert {(status, "FI" in flags) for status, flags in ends} == {(200, False), (418, True)}
    assert arrived == sum(count for (status, _), count in ends.items() if status == 200)


def test_a_delay_is_as_long_as_the_spec_says(
    drills: tuple[Counter[tuple[int, str]], list[float], list[float], int],
) -> None:
    _, late, soon, _ = drills

    assert 0.3 - SLACK <= min(late) < 0.4  # of hundreds: load makes some of them late, not all
    assert sorted(soon)[len(soon) // 2] < min(late)


def test_who_does_not_ask_for_faults_gets_none(client: Caller) -> None:
    answers = client.ask(300, f"http://forecasts.{NAMESPACE}:8080/")

    assert Counter((answer.status, answer.flags) for answer in answers) == {(200, "-"): 300}


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"end-user": "test-ann"}, (503, "FI")),
        ({"end-user": "ann"}, (200, "-")),
        ({"end-user": "test-ann", "x-no-faults": "1"}, (200, "-")),
    ],
    ids=["who-matches", "another", "who-is-excepted"],
)
def test_an_abort_of_all_hits_all_that_match_and_nobody_else(
    client: Caller, headers: dict[str, str], outcome: tuple[int, str]
) -> None:
    answers = client.ask(50, f"http://ratings.{NAMESPACE}:9080/", headers=headers)

    assert Counter((answer.status, answer.flags) for answer in answers) == {outcome: 50}


def test_an_outlier_is_left_out_after_three_failures_and_comes_back(lab: Lab, client: Caller) -> None:
    failing = lab.backends(NAMESPACE, pod="stations-1")
    all_are_asked(client)
    failing.behave(status=503)
    failing.forget()
    began = time.monotonic()

    left = wait("stations-1 to be left out", lambda: left_out(client, "stations-1"), 30.0)
    failures = len(failing.arrived())
    failing.normal()
    all_are_asked(client)

    assert left == {"stations-0": 15, "stations-2": 15}
    assert 3 <= failures <= 5  # three in a row, and what was sent before the proxy had left it out
    assert 2 - SLACK <= time.monotonic() - began < 3.9  # 2 s, then up to 500 ms until somebody looks


def test_no_more_are_left_out_than_the_spec_allows(lab: Lab, client: Caller) -> None:
    all_are_asked(client)
    for pod in ("stations-1", "stations-2"):
        lab.backends(NAMESPACE, pod=pod).behave(status=503)

    def one_of_them() -> tuple[bool, Counter[str]]:
        seen = pods(client)
        return len(seen) == 2, seen

    seen = wait("one of the two to be left out", one_of_them, 30.0)
    overflow = f"^cluster.outbound.80..stations.{NAMESPACE}.*ejections_overflow$"

    assert set(seen.values()) == {15}  # the other one goes on failing half of the requests
    assert "stations-0" in seen
    assert sum(client.stats(overflow).values()) > 0


def pods(client: Caller) -> Counter[str]:
    """Which pods answer 30 requests, one after the other."""
    return Counter(answer.pod for answer in client.ask(30, STATIONS, connections=1))


def left_out(client: Caller, pod: str) -> tuple[bool, Counter[str]]:
    """Whether that pod answers none of them."""
    seen = pods(client)
    return pod not in seen, seen


def all_are_asked(client: Caller) -> None:
    """Wait until none is left out any more, whatever was before."""
    wait("all three stations to be asked", lambda: (len(seen := pods(client)) == 3, seen), 30.0)


@pytest.mark.parametrize(
    ("headers", "answered"), [({}, 4), ({"x-tester": "yes"}, 5)], ids=["two-and-two", "three-and-two"]
)
def test_what_exceeds_the_limits_is_answered_by_the_proxy_at_once(
    lab: Lab, client: Caller, headers: dict[str, str], answered: int
) -> None:
    radar = lab.backends(NAMESPACE, app="radar")
    radar.behave(delay=0.8)
    radar.behave(path="/warm", delay=0.2)
    for together in (1, 2, 3):  # the connections are there before they are counted
        client.ask(together, f"{RADAR}/warm", headers=headers, connections=together)
    radar.forget()
    answers = client.ask(12, f"{RADAR}/pictures", headers=headers, connections=12)
    slow = [answer.seconds for answer in answers if answer.status == 200]
    fast = [answer.seconds for answer in answers if answer.status == 503]

    assert Counter((answer.status, answer.flags) for answer in answers) == {
        (200, "-"): answered,
        (503, "UO"): 12 - answered,
    }
    assert len(radar.arrived()) == answered
    assert max(fast) < min(slow)
