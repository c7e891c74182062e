"""The lab itself: it applies strictly, asks truly, and waits for the right things."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import pytest

from lab import Caller, Lab, LabError, Refused, Request
from lab.tests import shop


@pytest.fixture(scope="module")
def asker(lab: Lab) -> Caller:
    return lab.caller("asker", namespace="callers", redirected=False)


def test_from_nothing_to_the_first_proxied_answer_takes_at_most_30_seconds(new_lab: Callable[[], Lab]) -> None:
    began = time.monotonic()
    lab = new_lab()
    lab.apply([shop.service("first"), shop.workload("first", "v1")])
    lab.wait_ready("first")
    answer = lab.caller().get("http://users.first/")

    assert (answer.status, answer.version) == (200, "v1")
    assert time.monotonic() - began < 30


def test_an_unknown_field_is_refused_in_the_servers_words(lab: Lab) -> None:
    broken = shop.service("strict")
    broken["spec"]["selektor"] = {}

    with pytest.raises(Refused) as refused:
        lab.apply([broken, shop.service("strict", "carts")])

    assert ".spec.selektor: field not declared in schema" in refused.value.reasons["Service strict/users"]
    assert lab.get("v1", "Service", "carts", "strict")["spec"]["selector"] == {"app": "carts"}


def test_an_unknown_field_of_istio_is_refused_too(lab: Lab) -> None:
    broken = shop.route("strict", v1=100)
    broken["spec"]["htpp"] = []

    with pytest.raises(Refused, match=r"VirtualService strict/users: .*spec\.htpp: field not declared in schema"):
        lab.apply(broken)


def test_a_dry_run_changes_nothing(lab: Lab) -> None:
    lab.apply(shop.service("dry"), dry_run=True)

    assert not lab.list("v1", "Service", "dry")


def test_text_is_applied_as_it_stands(lab: Lab) -> None:
    twice = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: twice\n  namespace: text\ndata: {a: one, a: two}\n"

    with pytest.raises(Refused, match='key "a" already set'):
        lab.apply(f"# a comment first\n---\n{twice}")


@pytest.mark.parametrize("name", ["caller", "asker"])
def test_each_port_answers_from_its_own_port(
    name: str, namespace: str, request: pytest.FixtureRequest, lab: Lab
) -> None:
    client: Caller = request.getfixturevalue(name)
    lab.settled()

    assert client.get(f"http://users.{namespace}/a?b=c").port == 3000
    assert client.get(f"http://users.{namespace}:8080/").port == 3001


def test_an_answer_tells_what_arrived_and_what_the_proxy_logged(caller: Caller, namespace: str, lab: Lab) -> None:
    lab.settled()
    answer = caller.get(f"http://users.{namespace}/a?b=c", method="POST", headers={"X-Own": "1"}, body=b"text")

    assert (answer.status, answer.path, answer.arrived["x-own"], answer.told["body"]) == (200, "/a?b=c", "1", "text")
    assert (answer.namespace, answer.told["method"], answer.flags) == (namespace, "POST", "-")
    assert answer.log["cluster"].startswith("outbound|80|v")


def test_many_requests_are_fast_and_all_arrive(caller: Caller, namespace: str, lab: Lab) -> None:
    backends = lab.backends(namespace, app="users")
    backends.forget()
    lab.settled()
    began = time.monotonic()
    answers = caller.ask(2000, f"http://users.{namespace}/")
    seconds = time.monotonic() - began

    assert Counter(answer.status for answer in answers) == {200: 2000}
    assert backends.counts("version") == Counter(answer.version for answer in answers)
    assert 900 < backends.counts("version")["v1"] < 1100  # p < 1e-5
    assert seconds < 4


def test_requests_that_differ_are_answered_in_order(caller: Caller, namespace: str, lab: Lab) -> None:
    lab.settled()
    requests = [Request(f"users.{namespace}", f"/{number}") for number in range(200)]
    answers = caller.exchange(f"http://users.{namespace}", requests)

    assert [answer.path for answer in answers] == [f"/{number}" for number in range(200)]


def test_after_settling_the_very_next_request_goes_the_new_way(caller: Caller, namespace: str, lab: Lab) -> None:
    seen = []
    for version in ["v1", "v2"] * 4:
        lab.apply(shop.route(namespace, v1=100 if version == "v1" else 0, v2=100 if version == "v2" else 0))
        lab.settled()
        seen.append(caller.get(f"http://users.{namespace}/").version)

    assert seen == ["v1", "v2"] * 4


def test_what_a_proxy_rejects_is_told(lab: Lab, namespace: str) -> None:
    lab.caller("rejecting", namespace=namespace)
    broken = {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": {"name": "broken", "namespace": namespace},
        "spec": {
            "configPatches": [
                {
                    "applyTo": "CLUSTER",
                    "match": {"context": "ANY"},
                    "patch": {"operation": "ADD", "value": {"name": "broken", "type": "EDS", "connect_timeout": "1s"}},
                }
            ]
        },
    }
    lab.apply(broken)
    try:
        with pytest.raises(LabError, match=f"envoy-rejecting.{namespace} rejected what istiod sent: .*cds"):
            lab.settled()
    finally:
        lab.delete(broken)
    lab.settled()


def test_a_program_can_be_run_where_the_api_is(lab: Lab) -> None:
    there = lab.run("kubectl", "get", "namespaces", "--output=name")
    missing = lab.run("kubectl", "get", "pod", "nobody")

    assert (there.code, "namespace/istio-system" in there.output.split()) == (0, True)
    assert (missing.code, missing.output) == (1, "")
    assert 'pods "nobody" not found' in missing.complaints
