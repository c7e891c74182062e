"""Faults of the protocol that no real API server commits on demand, by a stand-in (tests/standin.py)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from following import ONE, TWO, Cluster, connected, cut, event, followed, told
from slices import endpoint, endpoint_slice, service
from standin import ApiServer, Request, failed, listed

from meshgen.discovery import (
    BlockingDiscovery,
    DiscoveryError,
    Forbidden,
    NotFound,
    Rejected,
    Unauthorised,
    Unreachable,
)


@pytest.mark.parametrize(
    "fault",
    [
        cut(),
        cut(b'{"type": "MODIFIED", "object": {"meta'),
        cut(b"\x00\xff{{{ not json\n"),
        cut(b'{"type": "MODIFIED", "object": []}\n'),
        cut(b'{"type": 7}\n'),
        cut(b"x" * (17 * 2**20)),
    ],
    ids=["cut", "cut in a frame", "garbage", "no object", "no event", "a line without end"],
)
def test_a_broken_watch_is_resumed_and_nothing_is_lost(fault: Callable[[Request], None], tmp_path: Path) -> None:
    cluster = Cluster(fault, told(event("MODIFIED", TWO)))

    assert followed(cluster, tmp_path, 2) == [["10.0.0.1"], ["10.0.0.1", "10.0.0.2"]]
    assert (cluster.resumed, cluster.lists["endpointslices"]) == (["5", "5"], 1)


def test_a_watch_resumes_from_the_last_bookmark(tmp_path: Path) -> None:
    bookmark = event("BOOKMARK", {"kind": "EndpointSlice", "metadata": {"resourceVersion": "900"}})
    cluster = Cluster(cut(bookmark), told(event("MODIFIED", TWO)))

    followed(cluster, tmp_path, 2)
    assert cluster.resumed == ["5", "900"]


@pytest.mark.parametrize("code", [410, 500])
def test_what_is_too_old_is_listed_anew_and_deletions_in_the_gap_are_seen(code: int, tmp_path: Path) -> None:
    def outdated(request: Request) -> None:
        cluster.slices = []
        request.send(event("ERROR", failed(code, "too old resource version: 5 (9)")))
        request.end()

    cluster = Cluster(outdated)

    assert followed(cluster, tmp_path, 2) == [["10.0.0.1"], []]
    assert cluster.lists["endpointslices"] == 2


def test_a_silent_connection_is_left_and_the_watch_resumed(tmp_path: Path) -> None:
    cluster = Cluster(told(), told(event("MODIFIED", TWO)))

    assert followed(cluster, tmp_path, 2, patience=0.3) == [["10.0.0.1"], ["10.0.0.1", "10.0.0.2"]]


def test_a_server_that_ends_each_watch_at_once_is_not_asked_in_a_hot_loop(tmp_path: Path) -> None:
    cluster = Cluster(*[lambda request: request.end()] * 1000)
    with connected(cluster, tmp_path) as (_server, client), client.watch("users"):
        time.sleep(1)  # how often it asks in a second is what is tested

    assert 2 <= len(cluster.resumed) <= 8


@pytest.mark.parametrize(
    ("status", "expected", "words"),
    [
        (401, Unauthorised, "expired or revoked"),
        (403, Forbidden, r'apiGroups: \[""\], resources: \[services\], verbs: \[get\].* in a Role of namespace shop'),
        (404, NotFound, "kubectl get services -n shop"),
        (400, Rejected, "refuses to get services"),
        (429, Unreachable, "overloaded or starting"),
        (503, Unreachable, "overloaded or starting"),
    ],
)
def test_each_answer_is_an_error_of_its_own(
    status: int, expected: type[DiscoveryError], words: str, tmp_path: Path
) -> None:
    def respond(request: Request) -> None:
        request.answer(failed(status, "said by the server"), status)

    with (
        connected(respond, tmp_path) as (_server, client),
        pytest.raises(expected, match=f"(?s)said by the server.*{words}|{words}.*said by the server"),
    ):
        client.discover("users")


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"", b"[]", b'{"metadata": 1}'])
def test_an_answer_that_is_none_is_no_empty_list(body: bytes, tmp_path: Path) -> None:
    with connected(lambda request: request.answer(body), tmp_path) as (_server, client):
        with pytest.raises(Unreachable, match="unreadable answer"):
            client.snapshots()
        with pytest.raises(Unreachable, match="unreadable answer"), client.watch():
            pass


def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    with ApiServer(Cluster()) as server:
        config = server.kubeconfig(tmp_path)
    with BlockingDiscovery(kubeconfig=config) as client:
        with pytest.raises(Unreachable, match="is the API server up"):
            client.discover("users")
        with pytest.raises(Unreachable), client.watch("users"):
            pass


def test_pages_are_read_to_the_last(tmp_path: Path) -> None:
    def respond(request: Request) -> None:
        if request.about == "services":
            request.answer(listed(service()))
        elif "continue" in request.query:
            request.answer(listed(endpoint_slice("b", endpoint("10.0.0.2"))))
        else:
            request.answer(listed(ONE, more="next"))

    with connected(respond, tmp_path) as (_server, client):
        (snapshot,) = client.snapshots()

    assert [one.host for one in snapshot.instances] == ["10.0.0.1", "10.0.0.2"]
