"""What slices say, whatever order they come in; and the URL that leads to a Service."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slices import HTTP, endpoint, endpoint_slice, read, service

from meshgen.discovery import Instance, Key, PortUnclear, Service, Snapshot, Status, Update
from meshgen.discovery.ports import url
from meshgen.discovery.reading import read_service, read_slice
from meshgen.discovery.state import State

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LATER = datetime(2026, 1, 3, tzinfo=UTC)
USERS = Key("shop", "users")


def described(found: dict[str, Any]) -> Service:
    return read_service(read(found), NOW)


def state(*objects: dict[str, Any], seen: datetime = NOW) -> State:
    made = State()
    for each in objects:
        put(made, each, seen)
    return made


def put(made: State, found: dict[str, Any], seen: datetime = NOW) -> None:
    if found["kind"] == "Service":
        one = read_service(read(found), seen)
        made.put_service(one.key, one)
    else:
        part = read_slice(read(found), seen)
        made.put_slice(part.key, part)


def instances(*objects: dict[str, Any]) -> tuple[Instance, ...]:
    snapshot = state(*objects).snapshot(USERS)
    assert snapshot is not None
    return snapshot.instances


def test_several_slices_are_one_list() -> None:
    found = instances(
        service(), endpoint_slice("a", endpoint("10.0.0.1")), endpoint_slice("b", endpoint("10.0.0.2", pod="users-2"))
    )

    assert [(one.host, one.port, one.port_name, one.pod) for one in found] == [
        ("10.0.0.1", 3000, "http", ""),
        ("10.0.0.2", 3000, "http", "users-2"),
    ]


@pytest.mark.parametrize("newer", ["a", "b"])
def test_an_endpoint_in_two_slices_is_one_instance_as_the_newer_slice_says(newer: str) -> None:
    older = "b" if newer == "a" else "a"
    found = instances(
        service(),
        endpoint_slice(newer, endpoint("10.0.0.1", ready=False), version=100),
        endpoint_slice(older, endpoint("10.0.0.1", ready=True), version=99),  # as text it would be the greater one
    )

    assert [one.status for one in found] == [Status.STARTING]


def test_a_dual_stack_pod_has_an_instance_of_each_family() -> None:
    found = instances(
        service(),
        endpoint_slice("a", endpoint("10.0.0.1", pod="users-1")),
        endpoint_slice("b", endpoint("fd00::1", pod="users-1"), kind="IPv6"),
    )

    assert [(one.address_type, one.authority) for one in found] == [
        ("IPv4", "10.0.0.1:3000"),
        ("IPv6", "[fd00::1]:3000"),
    ]
    assert {one.pod_uid for one in found} == {"uid-users-1"}


def test_a_named_target_port_may_be_another_number_at_each_pod() -> None:
    other = {**HTTP, "port": 4000}
    found = instances(
        service(), endpoint_slice("a", endpoint("10.0.0.1")), endpoint_slice("b", endpoint("10.0.0.2"), ports=[other])
    )

    assert [(one.host, one.port) for one in found] == [("10.0.0.1", 3000), ("10.0.0.2", 4000)]


@pytest.mark.parametrize(
    ("conditions", "status", "serving"),
    [
        ({}, Status.UP, True),
        ({"ready": True, "serving": True, "terminating": False}, Status.UP, True),
        ({"ready": False, "serving": False, "terminating": False}, Status.STARTING, False),
        ({"ready": False, "serving": True, "terminating": True}, Status.STOPPING, True),
        ({"ready": False, "serving": False, "terminating": True}, Status.STOPPING, False),
        # publishNotReadyAddresses: ready is then always true
        ({"ready": True, "serving": False, "terminating": True}, Status.STOPPING, False),
    ],
)
def test_conditions_are_a_status(conditions: dict[str, bool], status: Status, serving: bool) -> None:
    one = {**endpoint("10.0.0.1"), "conditions": conditions}
    (found,) = instances(service(), endpoint_slice("a", one))

    assert (found.status, found.serving) == (status, serving)


def test_an_endpoint_without_ports_is_an_instance_without_a_port() -> None:
    (found,) = instances(service(clusterIPs=["None"], ports=[]), endpoint_slice("a", endpoint("10.0.0.1"), ports=[]))

    assert (found.port, found.id, found.health_url) == (None, "shop/users/10.0.0.1/TCP", None)


def test_an_external_name_is_one_host_and_what_is_left_of_its_slices_is_not() -> None:
    outside = service(type="ExternalName", externalName="db.example.com", clusterIPs=[], selector={})
    (found,) = instances(outside, endpoint_slice("left", endpoint("10.0.0.1")))

    assert (found.authority, found.address_type, found.status) == ("db.example.com:80", "FQDN", Status.UP)


def test_no_service_is_no_empty_list() -> None:
    assert state(endpoint_slice("a", endpoint("10.0.0.1"))).snapshot(USERS) is None
    assert instances(service()) == ()


def test_a_slice_of_another_service_or_of_none_is_not_counted() -> None:
    strangers = endpoint_slice("a", endpoint("10.0.0.1"), of="orders"), endpoint_slice("b", endpoint("10.0.0.2"), of="")

    assert instances(service(), *strangers) == ()


def test_the_time_of_seeing_is_no_change() -> None:
    objects = service(), endpoint_slice("a", endpoint("10.0.0.1"))
    earlier, later = state(*objects).snapshot(USERS), state(*objects, seen=LATER).snapshot(USERS)

    assert earlier == later
    assert later is not None
    assert [one.seen for one in later.instances] == [LATER]


def test_ids_tell_apart_what_differs_only_in_port_name_or_protocol() -> None:
    ports = [{**HTTP}, {**HTTP, "name": "alt"}, {"name": "dns", "port": 3000, "protocol": "UDP"}]
    found = instances(service(), endpoint_slice("a", endpoint("10.0.0.1"), ports=ports))

    assert len({one.id for one in found}) == 3


ADDRESSES = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"])
ENDPOINTS = st.builds(
    lambda at, ready, end: endpoint(at, ready=ready, terminating=end), ADDRESSES, st.booleans(), st.booleans()
)
OWNERS = st.sampled_from(["users", "orders", ""])
WRITES = st.lists(
    st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.tuples(OWNERS, st.lists(ENDPOINTS, max_size=3)))),
    max_size=12,
)


@given(WRITES, st.data())
def test_any_way_of_hearing_of_changes_leads_to_the_state_of_the_final_objects(writes: Any, data: Any) -> None:
    final: dict[str, dict[str, Any]] = {}
    heard = state(service(), service("orders"))
    for version, (name, content) in enumerate(writes):
        if content is None:
            final.pop(name, None)
            heard.put_slice(Key("shop", name), None)
        else:
            final[name] = endpoint_slice(name, *content[1], version=version, of=content[0])
            put(heard, final[name])
        repeated = data.draw(st.sampled_from(sorted(final))) if final else None
        if repeated is not None and data.draw(st.booleans()):
            put(heard, final[repeated])  # told twice
        if data.draw(st.booleans()):  # a gap, and the list after it
            parts = [
                read_slice(read(each), LATER) for each in data.draw(st.permutations(sorted(final.values(), key=str)))
            ]
            heard.replace_slices({each.key: each for each in parts})
    fresh = state(service(), service("orders"), *final.values())

    for key in (USERS, Key("shop", "orders")):
        assert heard.snapshot(key) == fresh.snapshot(key)


def test_what_changed_is_told_as_a_difference() -> None:
    before = state(service(), endpoint_slice("a", endpoint("10.0.0.1"), endpoint("10.0.0.2"))).snapshot(USERS)
    after = state(
        service(), endpoint_slice("a", endpoint("10.0.0.2", ready=False), endpoint("10.0.0.3"), version=2)
    ).snapshot(USERS)
    update = Update(USERS, before, after)

    assert [one.host for one in update.added] == ["10.0.0.3"]
    assert [one.host for one in update.removed] == ["10.0.0.1"]
    assert [(one.before.status, one.after.status) for one in update.changed] == [(Status.UP, Status.STARTING)]
    assert Update(USERS, after, None).removed == (after.instances if isinstance(after, Snapshot) else None)


def port(name: str, number: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "port": number, "targetPort": number, "protocol": "TCP", **more}


@pytest.mark.parametrize(
    ("ports", "wanted", "expected"),
    [
        ([port("http", 80)], None, "http://users.shop.svc.cluster.local"),
        ([port("", 80)], None, "http://users.shop.svc.cluster.local"),
        ([port("", 443)], None, "https://users.shop.svc.cluster.local"),
        ([port("web", 8000, appProtocol="http")], None, "http://users.shop.svc.cluster.local:8000"),
        ([port("https-web", 8443), port("tcp-x", 1)], None, "https://users.shop.svc.cluster.local:8443"),
        ([port("http", 80), port("http-admin", 81)], None, "http://users.shop.svc.cluster.local"),
        ([port("http-a", 80), port("http-b", 81)], "http-b", "http://users.shop.svc.cluster.local:81"),
        ([port("http-a", 80), port("http-b", 81)], 81, "http://users.shop.svc.cluster.local:81"),
        ([port("http", 80), port("management", 8080)], "management", "http://users.shop.svc.cluster.local:8080"),
    ],
)
def test_the_url_of_a_service(ports: Any, wanted: Any, expected: str) -> None:
    assert url(described(service(ports=ports)), (), wanted, "cluster.local") == expected


@pytest.mark.parametrize(
    ("ports", "wanted", "words"),
    [
        (
            [port("http-a", 80), port("http-b", 81)],
            None,
            r"name one of its ports: http-a \(80/TCP\), http-b \(81/TCP\)",
        ),
        ([port("tcp-db", 5432)], None, "cannot be told"),
        ([], None, "its ports: none"),
        ([port("http", 80)], "grpc", r"no port 'grpc'\n  hint: its ports: http \(80/TCP\)"),
        ([port("mysql", 3306)], "mysql", "speaks mysql, not HTTP"),
        ([port("dns", 53, protocol="UDP")], 53, "speaks UDP, not HTTP"),
    ],
)
def test_a_port_that_cannot_be_told_has_to_be_named(ports: Any, wanted: Any, words: str) -> None:
    with pytest.raises(PortUnclear, match=words):
        url(described(service(ports=ports)), (), wanted, "cluster.local")


def test_the_url_of_a_headless_service_has_the_port_of_its_pods() -> None:
    numbered = service(clusterIPs=["None"])
    named = service(clusterIPs=["None"], ports=[port("http", 80, targetPort="web")])
    same = endpoint_slice("a", endpoint("10.0.0.1"), endpoint("10.0.0.2"))
    other = endpoint_slice("b", endpoint("10.0.0.3"), ports=[{**HTTP, "port": 4000}])

    assert url(described(numbered), (), None, "c.l") == "http://users.shop.svc.c.l:3000"
    assert url(described(named), instances(named, same), None, "c.l") == "http://users.shop.svc.c.l:3000"
    with pytest.raises(PortUnclear, match="its pods have 3000, 4000"):
        url(described(named), instances(named, same, other), None, "c.l")
