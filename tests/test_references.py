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


@pytest.mark.parametrize(
    ("reference", "what"),
    [
        ("service: b.n, port: 8080", "the host 'b.n' is no service's: none of the specs' has it | did you mean 'b'?"),
        ("service: b.n.svc, port: 8080", "the host 'b.n.svc' is no service's: none of the specs' has it | did you mean 'b'?"),
        ("service: b.n", "the host 'b.n' is no service's: none of the specs' has it | did you mean 'b'?"),
        ("service: B.N.Svc, port: 8080", "the host 'B.N.Svc' is no service's: none of the specs' has it | did you mean 'b'?"),
        ("service: c.m, port: 8080", "the host 'c.m' is no service's: none of the specs' has it | did you mean 'm/c'?"),
        ("service: cc.m, port: 8080", "the host 'cc.m' is no service's: none of the specs' has it | did you mean 'm/c'?"),
        (
            "service: bb.n.svc.cluster.local, port: 80",
            ("the host 'bb.n.svc.cluster.local' is no service's: none of the specs' has it"
            " | did you mean 'b'? Somebody else's service gets a spec with existing: true"),
        ),
        (
            "service: custoner.m.svc.cluster.local, port: 80",
            ("the host 'custoner.m.svc.cluster.local' is no service's: none of the specs' has it"
            " | did you mean 'm/customer'? Somebody else's service gets a spec with existing: true"),
        ),
    ],
)  # fmt: skip
def test_a_host_that_is_short_or_misspelt_is_no_full_host(reference: str, what: str) -> None:
    others = [
        service(ONE, name="b"),
        service(ONE, name="c", namespace="m"),
        service(ONE, name="customer", namespace="m"),
    ]
    mirror = f"{RUNS}\nroutes: [{{name: r, mirrors: [{{{reference}, percent: 1}}]}}]"
    version = f"{RUNS}\nversions: [{{name: v1}}, {{name: v2, {reference}}}]\nroutes: [{{name: r, to: v2}}]"

    assert said(service(mirror), *others) == [f"1.yaml:7:33 MG110 {what}"]
    assert said(service(version), *others) == [f"1.yaml:7:37 MG110 {what}"]


@pytest.mark.parametrize(
    "reference",
    [
        "n.com", "shop.n", "b.x", "b.n.example.com", "b.example.n", "b.n.svc.k8s.test", "b.m.svc.cluster.local",
        "legacy.n.svc.cluster.local", "customer-v2.m.svc.cluster.local", "customer-v1.n.svc.cluster.local", "app.m.svc.cluster.local",
    ],
)  # fmt: skip
def test_hosts_that_no_spec_describes_stand_as_they_are(reference: str) -> None:
    others = [
        service(ONE, name="b"),
        service(ONE, name="api", namespace="m"),
        service(ONE, name="customer-v1", namespace="m"),
    ]

    assert mirrored(f"service: {reference}, port: 80", *others) == (reference, 80)


@pytest.mark.parametrize("host", ["b.n.svc.cluster.local.", "B.n.svc.cluster.local"])
def test_a_full_host_is_written_as_istio_knows_it(host: str) -> None:
    assert mirrored(f"service: {host}", service(ONE, name="b")) == ("b.n.svc.cluster.local", 8080)


TWICE = "ports: [{name: http, port: 443, protocol: UDP}, {name: web, port: 443}]" + WORKLOAD
DNS = "ports: [{name: http, port: 53, protocol: UDP}]" + WORKLOAD


def test_references_pass_over_ports_that_no_request_can_go_to() -> None:
    assert mirrored("service: b", service(TWICE, name="b")) == ("b.n.svc.cluster.local", 443)
    assert mirrored("service: b, port: 443", service(TWICE, name="b")) == ("b.n.svc.cluster.local", 443)


@pytest.mark.parametrize(
    ("reference", "other", "what"),
    [
        ("service: b", DNS, "7:33 MG119 'b' has no port for HTTP: http (UDP)"),
        ("service: b, port: http", TWICE, "7:45 MG119 port 'http' of 'b' speaks UDP, and routes need HTTP"),
        ("service: b, port: 53", DNS, "7:45 MG119 port 53 of 'b' speaks UDP, and routes need HTTP"),
    ],
)
def test_a_reference_to_a_port_of_another_transport_is_told(reference: str, other: str, what: str) -> None:
    text = f"{RUNS}\nroutes: [{{name: r, mirrors: [{{{reference}, percent: 1}}]}}]"

    assert said(service(text), service(other, name="b")) == [f"1.yaml:{what}"]
