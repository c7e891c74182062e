"""The kubelet's stand-in and its backends: they do what they are told, and follow their pods."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import Caller, Lab, Late, wait
from lab.tests import shop


def test_tcp_is_answered_by_a_pod_and_the_server_may_speak_first(caller: Caller, namespace: str, lab: Lab) -> None:
    lab.settled()
    told = caller.tcp(f"users.{namespace}", 9090, b"hello")
    lab.backends(namespace).behave(port=9091, greeting="220 ready\n")
    greeted = caller.tcp(f"users.{namespace}", 9090)

    assert (told["namespace"], told["port"], told["greeting"]) == (namespace, 9091, "")
    assert (greeted["port"], greeted["greeting"]) == (9091, "220 ready\n")


def test_http_2_and_grpc_are_answered(caller: Caller, namespace: str, lab: Lab) -> None:
    spoken = shop.service(namespace)
    spoken["spec"]["ports"][1]["name"] = "grpc-admin"
    lab.apply(spoken)
    lab.settled()
    answer = caller.get(f"http://users.{namespace}:8080/a", method="POST", body=b"text")
    called = caller.get(f"http://users.{namespace}:8080/b", method="POST", headers={"content-type": "application/grpc"})

    assert (answer.status, answer.port, answer.path, answer.told["body"]) == (200, 3001, "/a", "text")
    assert answer.arrived["host"] == f"users.{namespace}:8080"
    assert (called.status, called.header("content-type"), called.path) == (200, "application/grpc", "/b")


def test_backends_do_what_they_are_told(caller: Caller, namespace: str, lab: Lab) -> None:
    lab.settled()
    backends, url = lab.backends(namespace, app="users"), f"http://users.{namespace}"
    backends.behave(path="/failing", status=418, headers=[["x-why", "tea"]])
    backends.behave(path="/slow", delay=0.3)
    backends.behave(path="/silent", hang=True)
    backends.behave(path="/gone", drop=True)
    backends.behave(path="/first", status=500, fail_first=1)
    failing = caller.get(f"{url}/failing")

    assert (failing.status, failing.header("X-Why")) == (418, "tea")
    assert caller.get(f"{url}/slow").seconds >= 0.3
    assert caller.get(f"{url}/silent", timeout=0.2).fault == "no answer in 0.2 s"
    assert caller.get(f"{url}/gone").flags == "UC"
    assert caller.get(f"{url}/first").status == 500
    assert caller.get(f"{url}/other").status == 200
    backends.normal()
    assert caller.get(f"{url}/failing").status == 200


def test_the_first_tries_of_each_request_fail_and_are_counted(caller: Caller, namespace: str, lab: Lab) -> None:
    retried = shop.route(namespace, v1=50, v2=50)
    retried["spec"]["http"][0]["retries"] = {"attempts": 3, "retryOn": "5xx", "backoff": "5ms"}
    lab.apply(retried)
    lab.settled()
    backends = lab.backends(namespace, app="users")
    backends.behave(status=503, fail_first=2)
    backends.forget()
    answers = caller.ask(20, f"http://users.{namespace}/")

    assert {answer.status for answer in answers} == {200}
    assert backends.counts("attempt") == {1: 20, 2: 20, 3: 20}
    assert answers[0].log["attempts"] == 3


def test_pods_that_are_not_ready_get_nothing(caller: Caller, namespace: str, lab: Lab) -> None:
    lab.apply(shop.workload(namespace, "v2", replicas=2, kind="StatefulSet"))
    lab.wait_ready(namespace)
    lab.backends(namespace, pod="users-v2-1").behave(ready=False)
    lab.settled()
    pods = Counter(answer.pod for answer in caller.ask(100, f"http://users.{namespace}/"))

    assert "users-v2-0" in pods
    assert "users-v2-1" not in pods


def test_a_statefulset_starts_in_order(lab: Lab) -> None:
    held = lab.backends("ordered", pod="users-v1-0")
    held.behave(ready=False)
    lab.apply([shop.service("ordered"), shop.workload("ordered", "v1", replicas=2, kind="StatefulSet")])
    with pytest.raises(Late, match=r"waited 1 s .*users-v1 0 of 2 ready"):
        lab.wait_ready("ordered", seconds=1)

    assert [pod["metadata"]["name"] for pod in lab.list("v1", "Pod", "ordered")] == ["users-v1-0"]
    held.normal()
    lab.wait_ready("ordered")
    assert len(lab.list("v1", "Pod", "ordered")) == 2


def test_scaling_down_ends_pods_and_their_connections(caller: Caller, namespace: str, lab: Lab) -> None:
    lab.apply(shop.workload(namespace, "v1", replicas=3))
    lab.wait_ready(namespace)
    lab.apply([shop.workload(namespace, "v1", replicas=1), shop.route(namespace, v1=100)])
    lab.wait_ready(namespace)
    lab.settled()
    answers = caller.ask(300, f"http://users.{namespace}/")

    assert {answer.status for answer in answers} == {200}
    assert len({answer.pod for answer in answers}) == 1


def test_the_end_of_a_pod_ends_its_connections(caller: Caller, namespace: str, lab: Lab) -> None:
    lab.settled()
    backends = lab.backends(namespace, app="users")
    backends.behave(hang=True)
    backends.forget()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(caller.ask, 8, f"http://users.{namespace}/")
        wait("the requests to arrive", lambda: ((count := backends.counts().total()) == 8, count), 5)
        lab.apply([shop.workload(namespace, "v1", 0), shop.workload(namespace, "v2", 0, kind="StatefulSet")])
        answers = asked.result()

    assert {(answer.status, answer.flags) for answer in answers} == {(503, "UC")}
