"""What is reached: each port, pods by their own names, addresses from a spec, TCP and gRPC, and pods in every zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from lab import Lab
from lab.tests import cases
from lab.tests.cases import Change, bounds

USERS = ("microservices/gateway.yaml", "microservices/user-service.yaml", "microservices/user-service-shadow.yaml")
LEDGER = ("payments/ledger.yaml", "payments/ledger-db.yaml")
INVENTORY = "microservices/inventory-service.yaml"
PODS = ["user-service-v1-0", "user-service-v1-1", "user-service-v1-2", "user-service-v2-0", "user-service-v2-1",
        "user-service-canary-0", "user-service-canary-1"]  # fmt: skip

# A ServiceAccount that the spec says is there already.
DATABASE = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "database", "namespace": "payments"}}


@pytest.fixture(scope="module", autouse=True)
def specs(lab: Lab) -> None:
    lab.apply(DATABASE)
    lab.apply("".join(cases.render(*USERS)))
    lab.apply("".join(cases.render(*LEDGER)))
    cases.shopper(lab)
    lab.wait_ready("microservices")
    lab.wait_ready("payments")
    lab.settled()


@pytest.mark.parametrize(("port", "target"), [(80, 3000), (8080, 8080), (9090, 9090)])
def test_each_port_of_a_service_answers_from_that_port(lab: Lab, port: int, target: int) -> None:
    answers = cases.shopper(lab).ask(20, f"http://user-service.microservices:{port}/")

    assert Counter((answer.status, answer.port) for answer in answers) == {(200, target): 20}


def test_ports_without_routes_are_served_by_all_versions(lab: Lab) -> None:
    pods = Counter(answer.pod for answer in cases.shopper(lab).ask(500, "http://user-service.microservices:9090/"))

    assert pods.keys() == set(PODS)


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_of_a_statefulset_is_reached_by_its_name(lab: Lab, pod: str) -> None:
    answers = cases.shopper(lab).ask(10, f"http://{pod}.user-service-headless.microservices:3000/")

    assert Counter((answer.pod, answer.port) for answer in answers) == {(pod, 3000): 10}


@pytest.mark.parametrize("port", [3000, 8080, 9090])
def test_every_port_of_a_pod_is_reached_by_its_name(lab: Lab, port: int) -> None:
    url = f"http://user-service-v2-1.user-service-headless.microservices.svc.cluster.local:{port}/"
    answer = cases.shopper(lab).get(url)

    assert (answer.status, answer.pod, answer.port) == (200, "user-service-v2-1", port)


def test_routes_do_not_lead_away_from_the_pod_that_is_named(lab: Lab) -> None:
    url = "http://user-service-v1-0.user-service-headless.microservices:3000/"
    answers = cases.shopper(lab).ask(20, url, headers={"x-canary-version": "v2"})

    assert {answer.pod for answer in answers} == {"user-service-v1-0"}


def test_a_pod_that_is_not_ready_is_reached_by_its_name_alone(lab: Lab) -> None:
    pod = "user-service-canary-0"
    with cases.behaving(lab.backends("microservices", pod=pod), ready=False):
        lab.settled()
        testers = cases.shopper(lab).ask(50, "http://user-service.microservices/", headers={"x-canary-version": "v2"})
        named = cases.shopper(lab).get(f"http://{pod}.user-service-headless.microservices:3000/")
    lab.settled()

    assert {answer.pod for answer in testers} == {"user-service-canary-1"}
    assert (named.status, named.pod) == (200, pod)


@pytest.mark.parametrize(
    ("host", "port", "target", "pods"),
    [
        ("ledger.payments", 5432, 15432, "ledger-"),
        ("ledger-db.payments", 5432, 5432, "postgres-0"),
        ("postgres-0.postgres.payments", 5432, 5432, "postgres-0"),
        ("postgres.payments", 5432, 5432, "postgres-0"),
    ],
    ids=["service", "statefulset", "pod", "headless"],
)
@pytest.mark.parametrize("greeting", ["", "220 ready\n"], ids=["client-first", "server-first"])
def test_tcp_goes_through_whoever_speaks_first(
    lab: Lab, host: str, port: int, target: int, pods: str, greeting: str
) -> None:
    with cases.behaving(lab.backends("payments"), greeting=greeting or None):
        told = cases.shopper(lab).tcp(host, port, b"" if greeting else b"hello\n")

    assert (told["port"], told["greeting"]) == (target, greeting)
    assert told["pod"].startswith(pods)


def test_connections_of_one_client_stay_with_one_pod_where_the_service_hashes_by_source(lab: Lab) -> None:
    pods = Counter(cases.shopper(lab).tcp("ledger.payments", 5432, b"hello\n")["pod"] for _ in range(20))

    assert list(pods.values()) == [20]  # of three pods: by chance once in 10^9 runs


def test_grpc_is_spoken_to_the_port_that_is_named_so(lab: Lab) -> None:
    headers = {"content-type": "application/grpc", "te": "trailers"}
    answers = cases.shopper(lab).ask(
        20, "http://ledger.payments:9000/ledger.v1.Ledger/Post", method="POST", headers=headers
    )

    # Backends frame an answer in this way, and give it this type, where they are asked by HTTP/2 only.
    assert Counter((answer.status, answer.header("content-type")) for answer in answers) == {
        (200, "application/grpc"): 20
    }
    assert all('"port": 9000' in answer.body for answer in answers)


@pytest.fixture(scope="module")
def inventory(lab: Lab) -> Iterator[None]:
    """The addresses of a spec: three of the lab's pods, one that is said not to be ready, one of IPv6."""
    found = {pod["metadata"]["name"]: pod["status"]["podIP"] for pod in lab.list("v1", "Pod", "microservices")}
    first, second, third, fourth = (found[pod] for pod in PODS[:4])
    ready = "conditions: {ready: true}"
    made = cases.render(
        INVENTORY,
        changes=(
            ("addresses: [10.1.1.1]\n", f"addresses: [{first}]\n"),
            ("name: inventory-service-7d4b8f6c8-abc12", f"name: {PODS[0]}"),
            ("addresses: [10.1.1.2]\n", f"addresses: [{second}]\n    {ready}\n"),
            ("addresses: [10.1.1.3]\n", f"addresses: [{third}]\n    {ready}\n"),
            ("addresses: [10.1.1.4]", f"addresses: [{fourth}]"),
            ('addresses: ["fd00:10:1::1"]\n', f'addresses: ["fd00:10:1::1"]\n    {ready}\n'),
        ),
    )
    cases.apply(lab, made)
    yield
    lab.delete("".join(made))
    lab.settled()


@pytest.mark.usefixtures("inventory")
@pytest.mark.parametrize(("port", "target"), [(80, 3000), (8080, 8080), (9090, 9090)])
def test_each_port_is_answered_by_the_addresses_of_the_spec_that_are_ready(lab: Lab, port: int, target: int) -> None:
    answers = cases.shopper(lab).ask(300, f"http://inventory-service.microservices:{port}/")
    pods = Counter(answer.pod for answer in answers)

    assert {(answer.status, answer.port) for answer in answers} == {(200, target)}
    assert pods.keys() == set(PODS[:3])
    assert all(count in bounds(300, 1 / 3) for count in pods.values())


ANYWHERE = "    loadBalancer: {simple: RANDOM}\n"
OUTLIERS = "    outlierDetection: {consecutive5xxErrors: 3, baseEjectionTime: 15s, maxEjectionPercent: 100}\n"
IGNORING_ZONES = "    loadBalancer: {simple: RANDOM, localityLbSetting: {enabled: false}}\n"
IMAGE = 'container: {image: "docker.io/istio/examples-bookinfo-reviews-v2:1.20.3"}'
ZONES: tuple[Change, ...] = (
    ("- name: v1\n", "- name: v1\n    workload: {pod: {labels: {istio-locality: eu-central-1.a}}}\n"),
    (IMAGE, f"{IMAGE}, pod: {{labels: {{istio-locality: eu-west-1.b}}}}"),
    ("    split: {v1: 33.33, v2: 66.67, v3: 0}\n", ""),
)


@pytest.mark.parametrize(
    ("policy", "zones"),
    [(ANYWHERE, "both"), (ANYWHERE + OUTLIERS, "own"), (IGNORING_ZONES + OUTLIERS, "both")],
    ids=["left-alone", "with-outlier-detection", "with-outlier-detection-and-zones-ignored"],
)
def test_pods_in_other_zones_get_their_share_unless_outliers_are_watched(lab: Lab, policy: str, zones: str) -> None:
    """v1 is in the caller's zone, v2 in another one; with outlier detection Istio prefers the own one by default."""
    cases.use(lab, "bookinfo", "bookinfo/reviews.yaml", changes=(*ZONES, (OUTLIERS, policy)))
    answers = cases.neighbour(lab).ask(2000, "http://reviews.bookinfo:9080/")
    counted = Counter(answer.version for answer in answers if answer.version != "v3")

    if zones == "both":
        assert counted["v2"] in bounds(counted.total(), 0.5)
    else:
        assert counted == {"v1": 2000}
