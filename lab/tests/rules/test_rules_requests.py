"""Rules whose effect is an answer: what callers in the mesh and outside of it get."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from lab import LabError
from lab.controls import in_words
from lab.tests import cases
from lab.tests.rules.scene import Case, Scene, answered, answered_outside, workloads

NO_POD, NO_CLUSTER, NO_ROUTE = "503 UH (no healthy upstream)", "503 NC (no such cluster)", "404 NR (no route)"
RESET = "ConnectionResetError: [Errno 104] Connection reset by peer"
MANY = 40  # requests, so that chance leaves out one of two pods once in 2^39 runs

TO_V2 = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: users, namespace: NS}
spec:
  hosts: [users]
  http: [{route: [{destination: {host: users, subset: v2}}]}]
"""
TO_V1 = TO_V2.replace("v2", "v1")
AT_GATEWAY = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: HOST-public, namespace: NS}
spec:
  hosts: [HOST.NS.example.com]
  gateways: [public, other]
  http: [{route: [{destination: {host: users, port: {number: 80}}}]}]
"""
USERS = """
apiVersion: v1
kind: Service
metadata: {name: users, namespace: NS}
spec:
  selector: {app: users}
  ports: [{name: http, port: 80, targetPort: 3000}]
"""
OF_ONE_GATEWAY = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: GATEWAY, namespace: NS}
spec:
  hosts: [www.NS.example.com, api.NS.example.com]
  gateways: [GATEWAY]
  http: [{match: [{uri: {prefix: /GATEWAY}}], route: [{destination: {host: users, port: {number: 80}}}]}]
"""
BY_GATEWAY = "---".join([USERS, *(OF_ONE_GATEWAY.replace("GATEWAY", name) for name in ("public", "other"))])
BOTH_HOSTS = "---".join([USERS, AT_GATEWAY.replace("HOST", "www"), AT_GATEWAY.replace("HOST", "api")])

A_TENTH = [
    ("timeout: 30s", "timeout: 3s"),
    ("perTryTimeout: 10s", "perTryTimeout: 1s"),
    ("perTryTimeout: 9s", "perTryTimeout: 900ms"),
]

SHORTER = [
    ("fixedDelay: 5s", "fixedDelay: 600ms"),
    ("timeout: 2s", "timeout: 300ms"),
    ("fixedDelay: 1s", "fixedDelay: 50ms"),
]


def who(**how: Any) -> Any:
    """Which workloads answer many requests."""
    return lambda scene: workloads(scene.mesh(times=MANY, **how))


def port(scene: Scene) -> int:
    """At which port of its pod a request to the Service's port 8080 arrives."""
    return scene.mesh(port=8080)[0].port


def user_of_one_pod(scene: Scene) -> int:
    """How many pods one user meets."""
    return len({answer.pod for answer in scene.mesh(times=MANY, headers={"x-user-id": "7"})})


def errors_until_ejected(scene: Scene) -> int:
    """How many requests reach a pod that answers 503, one after the other.

    Envoy's main thread ejects, after the answer has gone out; what asks it something then is served behind that.
    """
    with cases.behaving(scene.backends, status=503) as backends:
        for _ in range(10):
            scene.mesh(method="POST")
            scene.stage.caller.stats("ejections_active")
        return len(backends.arrived())


def with_one_broken_pod(scene: Scene) -> str:
    """What callers get when one of the pods has answered 500 for a while."""
    pod = scene.mesh()[0].pod
    with cases.behaving(scene.lab.backends(scene.namespace, pod=pod), status=500):
        scene.mesh(times=MANY)
        return in_words(scene.mesh(times=MANY))


def slow_first(tries: int) -> Any:
    """What a caller gets where so many tries are never answered."""

    def look(scene: Scene) -> str:
        with cases.behaving(scene.backends, hang=True, fail_first=tries):
            return in_words(scene.mesh())

    return look


def last_try(scene: Scene) -> str:
    """What a caller gets where none but the last try that the rule allows is answered."""
    return str(slow_first(3 if scene.word == "Bad" else 2)(scene))


def writes(scene: Scene) -> int:
    """How often the service gets one POST whose first try it answers with 503."""
    with cases.behaving(scene.backends, status=503, fail_first=1) as backends:
        scene.mesh(method="POST")
        return len(backends.arrived())


def slow(scene: Scene) -> str:
    """What a caller gets of a service that takes half a second."""
    with cases.behaving(scene.backends, delay=0.5):
        return in_words(scene.mesh())


def delayed(scene: Scene) -> bool:
    """Whether the tester's requests are delayed."""
    return scene.mesh(headers={"x-tester": "yes"})[0].seconds > 0.3


def waited(scene: Scene) -> tuple[str, bool]:
    """What a test of the timeout gets, and whether that took longer than the timeout."""
    answers = scene.mesh(headers={"x-test": "slow"})
    return in_words(answers), answers[0].seconds > 0.3


def greeting(scene: Scene) -> str:
    """What a caller hears of a server that speaks first."""
    with cases.behaving(scene.backends, port=22, greeting="SSH-2.0-lab\n"):
        try:
            return str(scene.stage.caller.tcp(f"users.{scene.namespace}", 22, timeout=2.0)["greeting"]).strip()
        except LabError as fault:
            return "silence" if "timed out" in str(fault) else str(fault)


def path(scene: Scene) -> str:
    """The path that the service gets."""
    return scene.mesh("/api/users")[0].path


def after_panic(scene: Scene) -> str:
    """What callers get of four pods, when two were ejected for their errors and a third is gone."""
    names = sorted({answer.pod for answer in scene.mesh(times=2 * MANY)})
    with ExitStack() as stack:
        for name in names[:2]:
            stack.enter_context(cases.behaving(scene.lab.backends(scene.namespace, pod=name), status=500))
        scene.mesh(times=2 * MANY)
        stack.enter_context(cases.behaving(scene.lab.backends(scene.namespace, pod=names[2]), ready=False))
        scene.lab.settled()
        return in_words(scene.mesh(times=MANY))


def host_of_two(scene: Scene) -> list[str]:
    """What one gets by the routes of the first Gateway, and by those of the second."""
    return sorted([scene.tls(path="/public"), scene.tls("www" if scene.word == "Bad" else "api", path="/other")])


CASES = [
    Case("MG201", answered(), NO_POD, "200"),
    Case("MG202", who(), "users-v2, users-v2-canary", "users-v2"),
    Case("MG203", answered(), NO_POD, "200", around=TO_V2),
    Case("MG204", answered(), NO_POD, "200"),
    Case("MG209", greeting, "silence", "SSH-2.0-lab"),
    Case(
        "MG211",
        lambda scene: in_words(scene.mesh(host="users-peers", port=80 if scene.word == "Bad" else 3000)),
        "503 UF (connection failed)",
        "200",
    ),
    Case("MG213", user_of_one_pod, 2, 1, replicas=2),
    Case("MG216", errors_until_ejected, 5, 3),
    Case("MG217", with_one_broken_pod, "200; 500", "200"),
    Case("MG218", after_panic, "200; 500", "200", replicas=4),
    Case("MG220", answered(), NO_CLUSTER, "200"),
    Case("MG221", answered(), NO_CLUSTER, "200"),
    Case("MG222", answered_outside(), NO_CLUSTER, "200", number=1, good_number=1),
    Case("MG223", answered(), NO_CLUSTER, "200"),
    Case("MG224", port, 80, 8080),
    Case("MG226", last_try, "504", "200", rewrite=A_TENTH),
    Case("MG228", writes, 2, 1),
    Case("MG238", answered(), NO_CLUSTER, "200", around=TO_V1),
    Case("MG250", answered_outside("users"), NO_ROUTE, "200"),
    Case("MG251", answered_outside("users"), NO_ROUTE, "200"),
    Case("MG252", answered_outside("users"), NO_ROUTE, "200"),
    Case("MG253", answered_outside("users"), NO_ROUTE, "301 to https://users.mg253-good.example.com/"),
    Case("MG255", delayed, False, True, rewrite=[("5s", "0.4s")]),
    Case("MG256", answered("/users/admin"), "200", "403 FI (fault injected)"),
    Case("MG257", answered(), NO_ROUTE, "200"),
    Case("MG258", who(), "users", "users-v1, users-v2"),
    Case("MG261", answered_outside(path="/users"), NO_ROUTE, "200"),
    Case("MG264", answered_outside("users"), NO_ROUTE, "200"),
    Case("MG266", lambda scene: workloads(scene.edge(times=MANY)), "users-v1, users-v2", "users-v1"),
    Case("MG267", path, "//users", "/users"),
    Case("MG268", slow, "200", "504", rewrite=[("1s", "0.1s")]),
    Case("MG269", lambda scene: scene.tls(), RESET, "200", around=BOTH_HOSTS),
    Case("MG269", lambda scene: scene.tls(), RESET, "200", number=2, around=BOTH_HOSTS),
    Case("MG270", lambda scene: scene.tls("www", asked="api"), NO_ROUTE, "200", around=BOTH_HOSTS),
    Case("MG271", host_of_two, ["200", NO_ROUTE], ["200", "200"], around=BY_GATEWAY),
    Case("MG273", slow_first(1), "504", "200", rewrite=[("1s", "0.2s"), ("5s", "1s")]),
    Case("MG274", answered_outside(), NO_ROUTE, "200"),
    Case("MG289", answered(), NO_CLUSTER, "200"),
    Case("MG291", answered(), NO_CLUSTER, "200"),
    Case("MG293", waited, ("200", True), ("200", False), rewrite=SHORTER),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_shows_in_the_answers(case: Case, seen: tuple[Any, Any]) -> None:  # noqa: ARG001
    said, expected = seen

    assert said == expected
