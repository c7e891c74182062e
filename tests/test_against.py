"""`meshgen discover --against`: what runs beside what the specs make, told at the line of the spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from conftest import Outcome, run
from slices import endpoint, endpoint_slice, service
from standin import ApiServer, Json, Request, failed, listed

SPECS = """\
apiVersion: meshgen.dev/v1
kind: Service
metadata: {name: users, namespace: shop}
spec:
  ports: [{name: http, port: 80, targetPort: 3000}]
  workload: {container: {image: "users:1"}}
  versions:
  - name: v1
  - name: v2
  routes: [{name: all, canary: {stable: v1, candidate: v2, weight: 10}}]
---
apiVersion: meshgen.dev/v1
kind: Service
metadata: {name: orders, namespace: shop}
spec:
  existing: true
  ports: [{name: http, port: 80}]
"""


def pod(name: str, **labels: str) -> Json:
    """A pod of namespace shop."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "labels": labels}}


class Cluster:
    """Has all that the specs make, until a test takes something of it away."""

    def __init__(self) -> None:
        port = {"name": "http", "port": 80, "targetPort": 3000, "protocol": "TCP", "appProtocol": "http"}
        self.users = service(ports=[port])
        self.orders = service("orders")
        self.endpoints = [endpoint("10.0.0.1", pod="users-v1-x"), endpoint("10.0.0.2", pod="users-v2-y")]
        self.pods = [pod("users-v1-x", app="users", version="v1"), pod("users-v2-y", app="users", version="v2")]

    def __call__(self, request: Request) -> None:
        """Answer a list."""
        services = [each for each in (self.users, self.orders) if each]
        found = {
            "services": services,
            "endpointslices": [
                endpoint_slice("a", *self.endpoints),
                endpoint_slice("b", endpoint("10.0.0.9"), of="orders"),
            ],
            "pods": self.pods,
        }
        request.answer(listed(*deepcopy(found[request.about])))


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def compare(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[[], Outcome]]:
    specs = tmp_path / "specs.yaml"
    specs.write_text(SPECS)
    with ApiServer(cluster) as server:
        config = server.kubeconfig(tmp_path)
        yield lambda: run("discover", "--kubeconfig", config, "--against", specs)


Compare = Callable[[], Outcome]


def told(outcome: Outcome) -> list[str]:
    """Line, column, code and words of each finding."""
    assert outcome.code == 1
    found = [line for line in outcome.err.splitlines() if not line.startswith("  ")]
    return [line.partition("specs.yaml:")[2].replace("error ", "") for line in found]


def test_a_cluster_that_has_it_all_is_right(compare: Compare) -> None:
    outcome = compare()

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "nothing differs from 2 specs\n")


def test_services_that_are_not_there_are_missed(cluster: Cluster, compare: Compare) -> None:
    cluster.users, cluster.orders = {}, {}

    assert told(compare()) == [
        "3:12: MG611: the cluster has no Service shop/users",
        "14:12: MG611: the cluster has no Service shop/orders",
    ]


def test_ports_that_differ_are_told_one_by_one(cluster: Cluster, compare: Compare) -> None:
    cluster.users["spec"]["ports"][0] |= {"targetPort": 8080, "appProtocol": None}
    cluster.users["spec"]["ports"].append({"name": "old", "port": 81})
    cluster.orders["spec"]["ports"][0]["port"] = 8080

    assert told(compare()) == [
        "5:3: MG612: the Service in the cluster has a port 'old' (81) that is not here",
        "5:11: MG612: appProtocol of port 'http' is http here and absent in the cluster",
        "5:34: MG612: targetPort of port 'http' is 3000 here and 8080 in the cluster",
        "17:11: MG612: port 'http' is 80 here and 8080 in the cluster",
    ]


def test_a_port_that_is_not_there_is_missed(cluster: Cluster, compare: Compare) -> None:
    cluster.users["spec"]["ports"][0]["name"] = "web"

    assert "5:11: MG612: the Service in the cluster has no port 'http'" in told(compare())


def test_another_selector_is_told(cluster: Cluster, compare: Compare) -> None:
    cluster.users["spec"]["selector"] = {"app": "users", "version": "v1"}

    (finding,) = told(compare())
    assert finding.endswith("MG613: the Service in the cluster selects app=users,version=v1, not app=users")


def test_a_version_whose_pods_are_not_ready_is_told(cluster: Cluster, compare: Compare) -> None:
    cluster.endpoints[1]["conditions"]["ready"] = False

    assert told(compare()) == ["9:5: MG614: none of the 1 pods of 'v2' is ready"]


def test_a_subset_that_no_pod_belongs_to_is_told(cluster: Cluster, compare: Compare) -> None:
    cluster.pods[1]["metadata"]["labels"]["version"] = "v3"

    assert told(compare()) == [
        "9:5: MG615: none of the 2 pods behind Service shop/users has the labels version=v2 of 'v2'"
    ]


def test_mistakes_in_the_specs_are_told_before_a_cluster_is_compared(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "specs.yaml").write_text(SPECS.replace("ports:", "port:"))
    with ApiServer(cluster) as server:
        outcome = run("discover", "--kubeconfig", server.kubeconfig(tmp_path), "--against", tmp_path / "specs.yaml")
        assert server.requests == []

    assert outcome.code == 1
    assert "did you mean 'ports'?" in outcome.err


def test_who_may_not_list_pods_is_told_the_rule_that_is_missing(cluster: Cluster, tmp_path: Path) -> None:
    def respond(request: Request) -> None:
        if request.about == "pods":
            request.answer(failed(403, "pods is forbidden"), 403)
        else:
            cluster(request)

    (tmp_path / "specs.yaml").write_text(SPECS)
    with ApiServer(respond) as server:
        outcome = run("discover", "--kubeconfig", server.kubeconfig(tmp_path), "--against", tmp_path / "specs.yaml")

    assert (
        'missing RBAC rule: {apiGroups: [""], resources: [pods], verbs: [list]} in a Role of namespace shop'
        in outcome.err
    )
