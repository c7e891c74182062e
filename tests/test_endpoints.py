"""Endpoints given by hand: a Service without selector, and EndpointSlices that change as little as they can."""

from __future__ import annotations

from typing import Any

import pytest
from meshes import Object, get, mesh, names, said, service


def slices(*addresses: str) -> dict[str, Object]:
    """The slices of a service with these endpoints, by name."""
    items = ", ".join(f"{{addresses: ['{address}']}}" for address in addresses)
    made = mesh(service(f"ports: [{{name: http, port: 80}}]\nendpoints: [{items}]"))
    return {each.name: each.data for each in made if each.kind == "EndpointSlice"}


def test_endpoints_make_a_service_without_selector_and_a_slice() -> None:
    spec = """
    ports: [{name: http, port: 80, targetPort: 8080}, {name: dns, port: 53, protocol: UDP}, {name: tcp-x, port: 9}]
    endpoints: [{addresses: [10.0.0.1]}]
    """
    made = mesh(service(spec))

    assert names(made) == ["Service a", "EndpointSlice a-ipv4"]
    assert "selector" not in get(made, "Service")["spec"]
    found = get(made, "EndpointSlice", "a-ipv4")
    assert found["addressType"] == "IPv4"
    assert found["ports"] == [
        {"name": "http", "port": 8080, "appProtocol": "http"},
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "tcp-x", "port": 9, "appProtocol": "tcp"},
    ]
    assert found["endpoints"] == [{"addresses": ["10.0.0.1"]}]


def test_a_slice_says_whose_it_is_and_who_manages_it() -> None:
    labels = slices("10.0.0.1")["a-ipv4"]["metadata"]["labels"]

    assert labels["kubernetes.io/service-name"] == "a"
    assert labels["endpointslice.kubernetes.io/managed-by"] == "meshgen"
    assert labels["app.kubernetes.io/managed-by"] == "meshgen"


def test_each_address_family_has_a_slice_of_its_own() -> None:
    found = slices("10.0.0.1", "2001:db8::1", "10.0.0.2")

    assert {name: (each["addressType"], each["endpoints"]) for name, each in found.items()} == {
        "a-ipv4": ("IPv4", [{"addresses": ["10.0.0.1"]}, {"addresses": ["10.0.0.2"]}]),
        "a-ipv6": ("IPv6", [{"addresses": ["2001:db8::1"]}]),
    }


def test_an_endpoint_has_the_shape_of_kubernetes() -> None:
    endpoint: dict[str, Any] = {
        "addresses": ["10.0.0.1", "10.0.0.2"],
        "conditions": {"ready": True, "serving": True, "terminating": False},
        "hostname": "x",
        "nodeName": "node-1.example.com",
        "zone": "eu-1a",
        "targetRef": {"kind": "Pod", "name": "x", "namespace": "n"},
    }
    spec = f"ports: [{{name: http, port: 80}}]\nendpoints: [{endpoint}]"

    assert get(mesh(service(spec)), "EndpointSlice", "a-ipv4")["endpoints"] == [endpoint]


def test_nulls_in_an_endpoint_are_left_out() -> None:
    spec = (
        "ports: [{name: http, port: 80}]\nendpoints: [{addresses: [10.0.0.1], zone: null, conditions: {ready: null}}]"
    )

    assert get(mesh(service(spec)), "EndpointSlice", "a-ipv4")["endpoints"] == [
        {"addresses": ["10.0.0.1"], "conditions": {}}
    ]


def many(count: int) -> list[str]:
    """As many addresses."""
    return [f"10.1.{number // 250}.{number % 250 + 1}" for number in range(count)]


def test_no_slice_has_more_endpoints_than_kubernetes_takes() -> None:
    found = slices(*many(2500))
    there = [endpoint["addresses"][0] for each in found.values() for endpoint in each["endpoints"]]

    assert sorted(found) == ["a-ipv4", "a-ipv4-1", "a-ipv4-2", "a-ipv4-3"]
    assert all(len(each["endpoints"]) <= 1000 for each in found.values())
    assert sorted(there) == sorted(many(2500))


@pytest.mark.parametrize("gone", [0, 700, 1499])
def test_an_address_that_goes_changes_one_slice_only(gone: int) -> None:
    addresses = many(1500)
    before, after = slices(*addresses), slices(*addresses[:gone], *addresses[gone + 1 :])

    assert before.keys() == after.keys()
    assert len([name for name in before if before[name] != after[name]]) == 1


def test_a_slice_that_becomes_too_full_gives_some_to_a_new_one() -> None:
    before, after = slices(*many(1000)), slices(*many(1001))

    assert sorted(before) == ["a-ipv4"]
    assert sorted(after) == ["a-ipv4", "a-ipv4-1"]


@pytest.mark.parametrize(("count", "new"), [(1500, []), (1993, ["a-ipv4-2"]), (2006, ["a-ipv4-3"])])
def test_other_slices_stay_as_they_are_when_one_is_split(count: int, new: list[str]) -> None:
    before, after = slices(*many(count)), slices(*many(count + 1))

    assert before.keys() <= after.keys()
    assert sorted(after.keys() - before.keys()) == new
    assert len([name for name in before if before[name] != after[name]]) == 1


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        (
            "endpoints: [{addresses: [10.0.0.1]}]\nworkload: {container: {image: a}}",
            "1.yaml:6:3 MG116 workload and endpoints both say what stands behind the service | keep one of them",
        ),
        (
            "endpoints: [{addresses: [10.0.0.1]}]\nselector: {app: x}",
            "1.yaml:6:3 MG116 selector and endpoints both say what stands behind the service | keep one of them",
        ),
        (
            "endpoints: [{addresses: [10.0.0.1]}]\nexisting: true",
            "1.yaml:6:3 MG116 existing and endpoints both say what stands behind the service | keep one of them",
        ),
        (
            "endpoints: [{addresses: [10.0.0.1]}]\nversions: [{name: v1}]",
            (
                "1.yaml:7:3 MG116 endpoints given by hand have no labels, so no version could be told from another"
                " | drop 'versions'"
            ),
        ),
        ("endpoints: [{addresses: [10.0.0.256]}]", "1.yaml:6:28 MG101 '10.0.0.256' is no IP address"),
        ("endpoints: [{addresses: [a.example.com]}]", "1.yaml:6:28 MG101 'a.example.com' is no IP address"),
        (
            "endpoints: [{addresses: ['::ffff:10.0.0.1']}]",
            (
                "1.yaml:6:28 MG101 '::ffff:10.0.0.1' is an IPv4 address in disguise, which Kubernetes refuses"
                " | write 10.0.0.1"
            ),
        ),
        (
            "endpoints: [{addresses: [10.0.0.1, '2001:db8::1']}]",
            "1.yaml:6:16 MG101 the addresses of one endpoint are of two families | make an endpoint for each family",
        ),
        (
            "endpoints: [{addresses: [127.0.0.1]}]",
            (
                "1.yaml:6:28 MG101 127.0.0.1 cannot be an endpoint: Kubernetes refuses unspecified, loopback and"
                " link-local addresses"
            ),
        ),
    ],
)
def test_what_endpoints_cannot_be_is_told(spec: str, what: str) -> None:
    assert said(service(f"ports: [{{name: http, port: 80}}]\n{spec}")) == [what]


def test_endpoints_need_numbers_as_target_ports() -> None:
    spec = "ports: [{name: http, port: 80, targetPort: web}]\nendpoints: [{addresses: [10.0.0.1]}]"

    assert said(service(spec)) == [
        "1.yaml:5:34 MG116 endpoints need a number here: there is no container that says what 'web' is"
    ]


def test_endpoints_may_have_routes_and_a_policy() -> None:
    spec = """
    ports: [{name: http, port: 80}]
    endpoints: [{addresses: [10.0.0.1]}]
    timeout: 1s
    trafficPolicy: {loadBalancer: {simple: RANDOM}}
    """

    assert names(mesh(service(spec))) == [
        "Service a",
        "EndpointSlice a-ipv4",
        "DestinationRule a",
        "VirtualService a",
    ]
