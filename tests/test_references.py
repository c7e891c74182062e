"""References: how one spec names another's service, and the port of it that is meant."""

from __future__ import annotations

import pytest
from meshes import RUNS, get, http, mesh, said, service

WORKLOAD = "\nworkload: {container: {image: a}}"


OTHER = "ports: [{name: http, port: 8080}, {name: admin, port: 8081}]" + WORKLOAD


ONE = "ports: [{name: web, port: 8080}]" + WORKLOAD


def mirrored(reference: str, *others: str) -> tuple[str, int]:
    """Where a mirror goes."""
    [rule] = http(f"routes: [{{name: r, mirrors: [{{percent: 1, {reference}}}]}}]", *others)
    destination = rule["mirrors"][0]["destination"]
    return destination["host"], destination["port"]["number"]


@pytest.mark.parametrize(
    ("reference", "host", "port"),
    [
        ("service: b", "b.n.svc.cluster.local", 8080),
        ("service: m/b", "b.m.svc.cluster.local", 8080),
        ("service: b, port: admin", "b.n.svc.cluster.local", 8081),
        ("service: b, port: 8081", "b.n.svc.cluster.local", 8081),
        ("service: b.n.svc.cluster.local", "b.n.svc.cluster.local", 8080),
        ("service: b.n.svc.cluster.local, port: admin", "b.n.svc.cluster.local", 8081),
        ("service: db.example.com, port: 443", "db.example.com", 443),
        ("service: x.y.svc.cluster.local, port: 80", "x.y.svc.cluster.local", 80),
        ("service: a", "a.n.svc.cluster.local", 80),
    ],
)
def test_a_reference_is_a_name_a_namespace_and_name_or_a_full_host(reference: str, host: str, port: int) -> None:
    others = [service(OTHER, name="b"), service(ONE, name="b", namespace="m")]

    assert mirrored(reference, *others) == (host, port)


@pytest.mark.parametrize(
    ("reference", "what"),
    [
        ("service: c", "1.yaml:8:53 MG118 'c' has several ports: x (1), y (2) | say which one with 'port'"),
        ("service: bb", "1.yaml:8:53 MG110 no service is named 'bb'; there are: a, b, c | did you mean 'b'?"),
        ("service: n/bb", "1.yaml:8:53 MG110 no service is named 'n/bb'; there are: a, b, c"),
        (
            "service: b, port: ht",
            "1.yaml:8:65 MG110 no port of 'b' is named 'ht'; there are: admin (8081), http (8080)",
        ),
        (
            "service: db.example.com",
            (
                "1.yaml:8:53 MG118 the host 'db.example.com' is none of the specs', so its port is not known"
                " | give its number with 'port'"
            ),
        ),
        (
            "service: db.example.com, port: http",
            (
                "1.yaml:8:78 MG118 the host 'db.example.com' is none of the specs', so its port is not known"
                " | give its number with 'port'"
            ),
        ),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(reference: str, what: str) -> None:
    spec = f"{RUNS}\n\nroutes: [{{name: everyone, mirrors: [{{percent: 10, {reference}}}]}}]"
    several = "ports: [{name: x, port: 1}, {name: y, port: 2}]" + WORKLOAD

    assert said(service(spec), service(OTHER, name="b"), service(several, name="c")) == [what]


def test_hosts_end_with_the_clusters_domain() -> None:
    made = mesh(
        service(f"{RUNS}\ntrafficPolicy: {{loadBalancer: {{simple: RANDOM}}}}\nroutes: [{{name: r, mirrors: [{{service: b.n.svc.k8s.test, percent: 1}}]}}]"),
        service(ONE, name="b"),
        cluster_domain="k8s.test",
    )  # fmt: skip
    spec = get(made, "VirtualService")["spec"]

    assert spec["hosts"] == ["a.n.svc.k8s.test"]
    assert get(made, "DestinationRule")["spec"]["host"] == "a.n.svc.k8s.test"
    assert spec["http"][0]["route"][0]["destination"]["host"] == "a.n.svc.k8s.test"
    assert spec["http"][0]["mirrors"][0]["destination"]["port"] == {"number": 8080}
