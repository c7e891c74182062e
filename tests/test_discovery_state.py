"""What slices say, whatever order they come in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slices import HTTP, endpoint, endpoint_slice, read, service

from meshgen.discovery import Instance, Key, Snapshot, Status, Unauthorised, Unreachable, Update
from meshgen.discovery.kubeconfig import Place
from meshgen.discovery.reading import read_service, read_slice
from meshgen.discovery.state import State
from meshgen.discovery.watch import Scope, Watch

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LATER = datetime(2026, 1, 3, tzinfo=UTC)
USERS = Key("shop", "users")


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


def test_a_fault_is_told_once_for_each_kind_until_all_is_well() -> None:
    told: list[object] = []
    watch = Watch(Place(), Scope("shop", ("users",), ""), 1.0)
    watch.on_fault(lambda fault: told.append(fault and fault.message))
    for resource, fault in (
        ("services", Unreachable("reset")),
        ("endpointslices", Unreachable("refused")),
        ("services", Unreachable("refused")),
        ("services", Unauthorised("who?")),
        ("endpointslices", Unreachable("refused")),
    ):
        watch.troubled(resource, fault)
    watch.follows("services")
    watch.follows("endpointslices")
    watch.troubled("services", Unreachable("again"))

    assert told == ["reset", "who?", None, "again"]
