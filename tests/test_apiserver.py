"""What holds for all that is judged as kube-apiserver would: versions, places, and no traceback for anybody's YAML."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from admitted import MAIN, POD, PORTS, Object, deployment, endpoint_slice, init_container, security, service, told
from conftest import run
from objects import GOOD, changed
from test_apiserver_containers import TAKEN as CONTAINERS
from test_apiserver_services import TAKEN as SERVICES
from test_apiserver_workloads import TAKEN as WORKLOADS

from meshgen.apiserver.objects import findings
from meshgen.apiserver.values import address, nano, network
from meshgen.validator import KUBERNETES_VERSIONS, mistakes

ABSENT = object()
ODD: list[Any] = [ABSENT, None, "", "a", 0, -1, 0.5, True, [], [None], ["a", "a"], [{}], {}, {"a": 1}]

SPREADING = service(trafficDistribution="PreferSameZone")
MAPPED = endpoint_slice("endpoints.0.addresses", ["010.0.0.1"])
LONG_FORM = changed("EndpointSlice", "addressType", "IPv6") | {"endpoints": [{"addresses": ["FD00::1"]}]}
SLEEPING = deployment(f"{MAIN}.lifecycle", {"preStop": {"sleep": {"seconds": 0}}})
RESTARTED = deployment(f"{MAIN}.restartPolicy", "Never")
ENDING = init_container(restartPolicy="Never")
DEVICES = {"name": "a", "image": "a", "volumeDevices": [{"name": "a", "devicePath": "/dev/a"}]}
OWN_USERS = deployment(
    POD,
    {
        "hostUsers": False,
        "containers": [DEVICES],
        "volumes": [{"name": "a", "persistentVolumeClaim": {"claimName": "a"}}],
    },
)


@pytest.mark.parametrize(
    ("data", "last_refused", "first_taken"),
    [
        (SPREADING, "1.33", "1.34"),
        (SLEEPING, "1.32", "1.33"),
        (RESTARTED, "1.34", "1.35"),
        (ENDING, "1.34", "1.35"),
    ],
)
def test_what_later_versions_take_is_taken_from_then_on(data: Object, last_refused: str, first_taken: str) -> None:
    assert [len(told(data, last_refused)), told(data, first_taken)] == [1, []]


@pytest.mark.parametrize(
    ("data", "last_taken", "first_refused"),
    [
        (MAPPED, "1.35", "1.36"),
        (LONG_FORM, "1.32", "1.33"),
        (security(procMount="Unmasked"), "1.32", "1.33"),
        (OWN_USERS, "1.33", "1.34"),
    ],
)
def test_what_earlier_versions_take_is_refused_from_then_on(data: Object, last_taken: str, first_refused: str) -> None:
    assert [told(data, last_taken), len(told(data, first_refused))] == [[], 1]


@pytest.mark.parametrize("kubernetes", KUBERNETES_VERSIONS)
def test_good_objects_are_good_in_all_versions(kubernetes: str) -> None:
    assert [findings(data, kubernetes) for data in GOOD.values()] == [[] for _ in GOOD]


def _parts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    for step, below in steps:
        yield (*path, step)
        yield from _parts(below, (*path, step))


@pytest.mark.parametrize("data", [*GOOD.values(), *SERVICES, *WORKLOADS, *CONTAINERS])
def test_an_object_that_lacks_a_part_or_has_something_odd_there_is_no_surprise(data: Object) -> None:
    good = GOOD[data["kind"]]
    for path in {*_parts(data)} - ({*_parts(good)} if data is not good else set()):
        for odd in ODD:
            made = deepcopy(data)
            owner = made
            for step in path[:-1]:
                owner = owner[step]
            if odd is ABSENT:
                del owner[path[-1]]
            else:
                owner[path[-1]] = odd
            mistakes(made, "1.36", "1.31")


def test_kinds_that_have_no_rules_pass() -> None:
    assert findings(GOOD["ConfigMap"], "1.36") == findings(GOOD["VirtualService"], "1.36") == []


@pytest.mark.parametrize(
    ("quantity", "billionths"),
    [
        ("1", 10**9), (1, 10**9), (0.5, 5 * 10**8), ("250m", 25 * 10**7), (".5", 5 * 10**8), ("1.", 10**9),
        ("1Ki", 1024 * 10**9), ("1k", 10**12), ("1e3", 10**12), ("1E3", 10**12), ("1E", 10**27), ("1Gi", 2**30 * 10**9),
        ("-1", -(10**9)), ("+1", 10**9), (" 1 ", 10**9), ("1n", 1), ("1u", 1000), ("1e-9", 1), ("0.1n", 1), ("0", 0),
        (1e22, 10**31), ("1e99", 10**39), ("1e-99", 1), ("", 0),
    ],
)  # fmt: skip
def test_quantities_are_read_as_kubernetes_reads_them(quantity: Any, billionths: int) -> None:
    assert nano(quantity) == billionths


@pytest.mark.parametrize(
    ("text", "best"),
    [("10.0.0.1", "10.0.0.1"), ("FD00:0::1", "fd00::1"), ("010.0.0.1", "10.0.0.1"), ("::ffff:1.2.3.4", "1.2.3.4")],
)
def test_until_1_35_addresses_are_read_generously(text: str, best: str) -> None:
    assert address(text, "1.35") == (best, "")


@pytest.mark.parametrize("text", ["", "a", "10.0.0", "10.0.0.0/8", "256.0.0.1", "fe80::1%eth0", "1::2::3", " 10.0.0.1"])
def test_what_is_no_address_is_none_in_any_version(text: str) -> None:
    assert address(text, "1.32")[0] == address(text, "1.37")[0] == ""


@pytest.mark.parametrize(
    ("text", "fault_in_1_35", "fault_in_1_36"),
    [
        ("10.0.0.0/8", False, False), ("fd00::/64", False, False), ("10.0.0.1/8", False, True), ("10.0.0.0/08", False, True),
        ("10.0.0.0/33", True, True), ("10.0.0.0", True, True), ("10.0.0.0/", True, True), ("a/8", True, True),
    ],
)  # fmt: skip
def test_ranges_are_read_more_strictly_from_1_36_on(text: str, fault_in_1_35: bool, fault_in_1_36: bool) -> None:
    assert [bool(network(text, version)) for version in ("1.35", "1.36")] == [fault_in_1_35, fault_in_1_36]


def test_both_commands_tell_it_at_the_place_that_a_person_edits(tmp_path: Any) -> None:
    spec = tmp_path / "a.yaml"
    spec.write_text(
        "apiVersion: meshgen.dev/v1\nkind: Service\nmetadata: {name: a, namespace: n}\nspec:\n"
        "  ports: [{name: http, port: 80, nodePort: 30080}]\n  workload: {container: {image: a}}\n"
    )

    for command in ("render", "validate"):
        outcome = run(command, spec)
        assert (outcome.code, outcome.out) == (1, "")
        assert f"{spec}:5:34: error MG305: a Service of type ClusterIP has no nodePort" in outcome.err


def test_several_mistakes_are_all_told() -> None:
    ports = [{"name": "http", "port": 80, "nodePort": 1}]
    made = service(ports=ports, externalTrafficPolicy="Local", loadBalancerClass="a")

    assert len(told(made)) == 3
    assert PORTS == [{"name": "http", "port": 80}]
