"""Versions whose pods stand behind another service."""

from __future__ import annotations

import pytest
from meshes import RUNS, get, mesh, said, service


def test_a_version_may_be_another_service() -> None:
    other = service("ports: [{name: web, port: 8000}]\nworkload: {container: {image: a}}", name="b")
    made = mesh(
        service(
            f"{RUNS}\nversions: [{{name: v1}}, {{name: v2, service: b}}]\n"
            "routes: [{name: r, canary: {stable: v1, candidate: v2, weight: 25}}]"
        ),
        other,
    )
    [rule] = get(made, "VirtualService")["spec"]["http"]

    assert rule["route"] == [
        {
            "destination": {"host": "a.n.svc.cluster.local", "subset": "v1", "port": {"number": 80}},
            "weight": 3,
        },
        {"destination": {"host": "b.n.svc.cluster.local", "port": {"number": 8000}}, "weight": 1},
    ]
    assert [subset["name"] for subset in get(made, "DestinationRule")["spec"]["subsets"]] == ["v1"]


@pytest.mark.parametrize("routes", ["", "\nroutes: [{name: r, to: v2}]"])
def test_a_version_that_is_no_service_is_told_whether_routed_or_not(routes: str) -> None:
    spec = f"{RUNS}\nversions: [{{name: v1}}, {{name: v2, service: bb}}]{routes}"

    assert said(service(spec), service(RUNS, name="b")) == [
        "1.yaml:7:37 MG110 no service is named 'bb'; there are: a, b | did you mean 'b'?"
    ]


@pytest.mark.parametrize("itself", ["a", "n/a", "a.n.svc.cluster.local"])
def test_a_version_cannot_be_its_own_service(itself: str) -> None:
    assert said(service(f"{RUNS}\nversions: [{{name: v1}}, {{name: v2, service: {itself}}}]")) == [
        "1.yaml:7:37 MG116 version 'v2' is this very service | drop 'service'"
    ]
