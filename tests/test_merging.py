"""What one layer of a spec laid over another makes, and where each value of the result was written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshgen.merging import ONE_OF, merge, merge_all, origin

LAYERS: list[tuple[str, str, Any, Any, Any]] = [
    ("field by field", "container", {"image": "a:1", "tty": True}, {"image": "a:2"}, {"image": "a:2", "tty": True}),
    ("deep fields", "pod", {"securityContext": {"fsGroup": 1}}, {"securityContext": {"runAsUser": 2}}, {"securityContext": {"fsGroup": 1, "runAsUser": 2}}),
    ("named things by name", "env", [{"name": "A", "value": "1"}, {"name": "B", "value": "1"}], [{"name": "B", "value": "2"}, {"name": "C", "value": "3"}], [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "C", "value": "3"}]),
    ("ports by name", "ports", [{"name": "http", "containerPort": 80}], [{"name": "http", "containerPort": 81}], [{"name": "http", "containerPort": 81}]),
    ("servers by port name", "servers", [{"port": {"name": "http", "number": 80}, "hosts": ["a"]}], [{"port": {"name": "http"}, "hosts": ["b"]}], [{"port": {"name": "http", "number": 80}, "hosts": ["b"]}]),
    ("port levels by number", "portLevelSettings", [{"port": {"number": 80}, "tls": {"mode": "DISABLE"}}], [{"port": {"number": 80}, "loadBalancer": {}}, {"port": {"number": 81}}], [{"port": {"number": 80}, "tls": {"mode": "DISABLE"}, "loadBalancer": {}}, {"port": {"number": 81}}]),
    ("other lists are replaced", "args", ["a", "b"], ["c"], ["c"]),
    ("lists without names are replaced", "volumeMounts", [{"name": "x", "mountPath": "/x"}], [{"name": "x", "mountPath": "/y"}], [{"name": "x", "mountPath": "/y"}]),
    ("null takes away", "container", {"image": "a", "command": ["x"]}, {"command": None}, {"image": "a"}),
    ("null takes away what is not there", "container", {"image": "a"}, {"command": None}, {"image": "a"}),
    ("null takes away a whole mapping", "pod", {"affinity": {"nodeAffinity": {}}}, {"affinity": None}, {}),
    ("$patch deletes an item", "env", [{"name": "A", "value": "1"}, {"name": "B"}], [{"name": "A", "$patch": "delete"}], [{"name": "B"}]),
    ("one member of a group removes its sibling", "loadBalancer", {"simple": "RANDOM"}, {"consistentHash": {"useSourceIp": True}}, {"consistentHash": {"useSourceIp": True}}),
    ("members of another group stay", "loadBalancer", {"simple": "RANDOM", "localityLbSetting": {"enabled": True}}, {"simple": "ROUND_ROBIN"}, {"simple": "ROUND_ROBIN", "localityLbSetting": {"enabled": True}}),
    ("groups inside list items", "env", [{"name": "A", "value": "1"}], [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}], [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}]),
    ("groups deep below", "container", {"livenessProbe": {"httpGet": {"path": "/"}, "periodSeconds": 5}}, {"livenessProbe": {"tcpSocket": {}}}, {"livenessProbe": {"periodSeconds": 5, "tcpSocket": {}}}),
    ("a member of a group is laid over itself", "readinessProbe", {"httpGet": {"path": "/a", "port": 80}}, {"httpGet": {"path": "/b"}}, {"httpGet": {"path": "/b", "port": 80}}),
    ("another type takes away what it does not have", "strategy", {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}, {"type": "Recreate"}, {"type": "Recreate"}),
    ("so does one over no type", "updateStrategy", {"rollingUpdate": {"partition": 1}}, {"type": "OnDelete"}, {"type": "OnDelete"}),
    ("the same type does not", "strategy", {"rollingUpdate": {"maxSurge": 1}}, {"type": "RollingUpdate"}, {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}),
    ("profiles of the node", "seccompProfile", {"type": "Localhost", "localhostProfile": "x"}, {"type": "RuntimeDefault"}, {"type": "RuntimeDefault"}),
    ("what both layers write stays", "strategy", {"rollingUpdate": {"maxSurge": 1}}, {"type": "Recreate", "rollingUpdate": {}}, {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
    ("a null member removes nothing else", "loadBalancer", {"simple": "RANDOM"}, {"consistentHash": None}, {"simple": "RANDOM"}),
    ("another type replaces", "pod", {"dnsConfig": {"a": 1}}, {"dnsConfig": "x"}, {"dnsConfig": "x"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "base", "over", "merged"), [case[1:] for case in LAYERS], ids=[case[0] for case in LAYERS]
)
def test_a_layer_is_laid_over_another(key: str, base: Any, over: Any, merged: Any) -> None:
    assert merge(merge(None, base, key), over, key) == merged


def test_nulls_of_the_lowest_layer_vanish_too() -> None:
    assert merge_all([{"a": None, "b": {"c": None, "d": 1}}]) == {"b": {"d": 1}}


def test_deleting_what_nobody_has_stays_to_be_told() -> None:
    assert merge([{"name": "A"}], [{"name": "B", "$patch": "delete"}], "env") == [
        {"name": "A"},
        {"name": "B", "$patch": "delete"},
    ]


def test_what_is_merged_is_not_changed() -> None:
    base, over = {"a": {"b": [1]}}, {"a": {"c": 2}}

    merge(base, over)

    assert (base, over) == ({"a": {"b": [1]}}, {"a": {"c": 2}})


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("image",), (1, ("image",))),
        (("tty",), (0, ("tty",))),
        (("env", 0, "value"), (0, ("env", 0, "value"))),
        (("env", 1, "value"), (1, ("env", 0, "value"))),
        (("env", 2, "value"), (1, ("env", 1, "value"))),
        (("args", 0), (1, ("args", 0))),
        (("env", 1, "missing"), (1, ("env", 0))),
        (("resources", "limits"), (0, ("resources",))),
        (("nothing", "here"), (1, ())),
        ((), (1, ())),
    ],
)
def test_each_value_knows_the_layer_that_wrote_it(
    path: tuple[str | int, ...], place: tuple[int, tuple[str | int, ...]]
) -> None:
    base = {
        "image": "a",
        "tty": True,
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "1"}],
        "args": ["x", "y"],
        "resources": {"requests": {}},
    }
    over = {"image": "b", "env": [{"name": "B", "value": "2"}, {"name": "C", "value": "3"}], "args": ["z"]}

    assert origin([base, over], path, "container") == place


def test_every_group_names_each_member_once() -> None:
    for groups in ONE_OF.values():
        members = [member for group in groups for member in group]
        assert len(members) == len(set(members))


_KEYS = st.sampled_from(["name", "value", "valueFrom", "env", "image", "args"])
_VALUES = st.recursive(
    st.none() | st.integers(0, 3) | st.sampled_from(["A", "B"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_KEYS, _VALUES), st.dictionaries(_KEYS, _VALUES))
def test_whatever_the_layers_a_merged_value_stands_where_its_origin_says(
    base: dict[str, Any], over: dict[str, Any]
) -> None:
    layers = [base, over]
    for path, value in _leaves(merge_all(layers)):
        number, place = origin(layers, path)
        written: Any = layers[number]
        for step in place:
            written = written[step]
        assert merge(None, written, str(path[-1])) == value


@given(st.dictionaries(_KEYS, _VALUES))
def test_laying_a_value_over_itself_changes_nothing(value: dict[str, Any]) -> None:
    once = merge_all([value])

    assert merge_all([once, once]) == once


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict) and value:
        return [leaf for key, item in value.items() for leaf in _leaves(item, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for number, item in enumerate(value) for leaf in _leaves(item, (*path, number))]
    return [(path, value)] if path else []
