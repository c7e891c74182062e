"""Containers: what meshgen fills into the main one, and what stands beside it."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from meshes import HTTP, Object, fleet, get, mesh, said, service

from meshgen.renderer import render_unit


def pod_of(spec: str, kind: str = "Deployment", name: str = "a") -> Object:
    """The pod template of a service's workload."""
    template: Object = get(mesh(service(dedent(spec))), kind, name)["spec"]["template"]
    return template


def main_of(container: str, ports: str = HTTP, pod: str = "") -> Object:
    """The main container of a service."""
    spec = f"{ports}\nworkload: {{container: {{image: a, {container}}}, {pod}}}"
    container_: Object = pod_of(spec)["spec"]["containers"][0]
    return container_


@pytest.mark.parametrize(
    ("ports", "container", "declared"),
    [
        (HTTP, "", [{"name": "http", "containerPort": 80}]),
        ("ports: [{name: http, port: 80, targetPort: 3000}]", "", [{"name": "http", "containerPort": 3000}]),
        (
            "ports: [{name: dns, port: 53, protocol: UDP}, {name: tcp-dns, port: 53}]",
            "",
            [{"name": "dns", "containerPort": 53, "protocol": "UDP"}, {"name": "tcp-dns", "containerPort": 53}],
        ),
        (HTTP, "ports: [{containerPort: 80}]", [{"containerPort": 80}]),
        (
            HTTP,
            "ports: [{name: x, containerPort: 9}]",
            [{"name": "x", "containerPort": 9}, {"name": "http", "containerPort": 80}],
        ),
        (
            HTTP,
            "ports: [{name: http, containerPort: 9}]",
            [{"name": "http", "containerPort": 9}, {"containerPort": 80}],
        ),
        ("ports: [{name: a-name-of-over-15-signs, port: 80}]", "", [{"containerPort": 80}]),
        (
            "ports: [{name: http, port: 80}, {name: web, port: 81, targetPort: 80}]",
            "",
            [{"name": "http", "containerPort": 80}],
        ),
        (HTTP, "ports: null", [{"name": "http", "containerPort": 80}]),
    ],
)
def test_the_ports_that_the_services_lead_to_are_declared(ports: str, container: str, declared: list[Any]) -> None:
    assert main_of(container, ports)["ports"] == declared


def test_a_port_that_another_container_declares_is_not_declared_again() -> None:
    pod = "pod: {containers: [{name: proxy, image: p, ports: [{containerPort: 80}]}]}"

    assert "ports" not in main_of("", pod=pod)


SIDECAR = (
    "pod: {initContainers: [{name: proxy, image: p, restartPolicy: Always, ports: [{name: http, containerPort: 9}]}]}"
)


def test_a_name_that_a_sidecars_port_has_is_not_given_again() -> None:
    assert main_of("", pod=SIDECAR)["ports"] == [{"containerPort": 80}]


def test_a_port_that_a_sidecar_declares_is_not_declared_again() -> None:
    assert "ports" not in main_of("", "ports: [{name: web, port: 80, targetPort: 9}]", SIDECAR)


def test_the_name_of_a_sidecars_port_is_known_and_its_number_too() -> None:
    ports = "ports: [{name: web, port: 80, targetPort: http}]"
    made = mesh(service(f"{ports}\nworkload: {{kind: StatefulSet, container: {{image: a}}, {SIDECAR}}}"))

    [port] = get(made, "Service", "a-headless")["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (9, 9)


def test_the_ports_of_a_container_that_ends_are_not_the_pods() -> None:
    assert main_of("", pod=SIDECAR.replace("restartPolicy: Always, ", ""))["ports"] == [
        {"name": "http", "containerPort": 80}
    ]


@pytest.mark.parametrize(
    ("probe", "filled"),
    [
        ("{httpGet: {path: /}}", {"httpGet": {"path": "/", "port": 3000}}),
        ("{httpGet: {path: /, port: 9}}", {"httpGet": {"path": "/", "port": 9}}),
        ("{tcpSocket: {}}", {"tcpSocket": {"port": 3000}}),
        ("{grpc: {service: x}}", {"grpc": {"service": "x", "port": 81}}),
        ("{exec: {command: [x]}}", {"exec": {"command": ["x"]}}),
        (
            "{httpGet: {path: /, port: null}, periodSeconds: 3}",
            {"httpGet": {"path": "/", "port": 3000}, "periodSeconds": 3},
        ),
    ],
)
@pytest.mark.parametrize("kind", ["livenessProbe", "readinessProbe", "startupProbe"])
def test_a_probe_that_names_no_port_means_the_services(kind: str, probe: str, filled: Object) -> None:
    ports = "ports: [{name: http, port: 80, targetPort: 3000}, {name: grpc, port: 81}]"

    assert main_of(f"{kind}: {probe}", ports)[kind] == filled


def test_a_hook_that_names_no_port_means_the_services() -> None:
    assert main_of("lifecycle: {preStop: {httpGet: {path: /bye}}, postStart: null}")["lifecycle"] == {
        "preStop": {"httpGet": {"path": "/bye", "port": 80}}
    }


@pytest.mark.parametrize(
    ("ports", "probe"),
    [
        ("[{name: web, port: 80}, {name: api, port: 81}]", "httpGet: {path: /}"),
        ("[{name: tcp, port: 80}]", "httpGet: {path: /}"),
        ("[{name: http, port: 80}]", "grpc: {}"),
    ],
)
def test_a_probe_that_could_mean_several_ports_must_say(ports: str, probe: str) -> None:
    spec = f"ports: {ports}\nworkload:\n  container:\n    image: a\n    livenessProbe: {{{probe}}}"

    assert said(service(spec)) == [
        "1.yaml:9:23 MG118 several ports could be meant, or none | say which one with 'port'"
    ]


def test_further_containers_stand_behind_the_main_one() -> None:
    spec = f"""{HTTP}
workload:
  container: {{image: a, env: [{{name: X, value: "1"}}, {{name: Y, value: "1"}}]}}
  pod: {{containers: [{{name: log, image: l}}, {{name: extra, image: e}}]}}
versions:
- name: v1
  workload:
    container: {{env: [{{name: Y, $patch: delete}}, {{name: Z, valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}}}]}}
    pod: {{containers: [{{name: extra, $patch: delete}}, {{name: log, image: l2}}]}}"""
    main, log = pod_of(spec, name="a-v1")["spec"]["containers"]

    assert [item["name"] for item in main["env"]] == ["X", "Z"]
    assert (main["name"], log) == ("a", {"name": "log", "image": "l2"})


@pytest.mark.parametrize(
    ("container", "pod", "what"),
    [
        (
            "ports: [{name: web, containerPort: 9, protocol: UDP}]",
            "",
            "MG110 no container port for TCP is named 'web': it is for UDP | give both one protocol",
        ),
        (
            "ports: [{name: web, containerPort: 9}]",
            "containers: [{name: side, image: s, ports: [{name: web, containerPort: 10}]}]",
            (
                "MG118 containers 'a', 'side' have a port named 'web' each"
                " | rename all but one of them, or write a number"
            ),
        ),
    ],
)
def test_a_target_by_name_is_one_containers_port_of_the_same_transport(container: str, pod: str, what: str) -> None:
    spec = f"ports: [{{name: http, port: 80, targetPort: web}}]\nworkload: {{container: {{image: a, {container}}}, pod: {{{pod}}}}}"

    assert said(service(spec)) == [f"1.yaml:5:34 {what}"]


def test_a_target_of_a_udp_port_is_not_a_containers_tcp_port() -> None:
    ports = "ports: [{name: http, port: 80}, {name: dns, port: 53, protocol: UDP, targetPort: web}]"

    assert said(
        service(f"{ports}\nworkload: {{container: {{image: a, ports: [{{name: web, containerPort: 9}}]}}}}")
    ) == ["1.yaml:5:72 MG110 no container port for UDP is named 'web': it is for TCP | give both one protocol"]


@pytest.mark.parametrize("odd", ["{name: [x], ports: [{name: web, containerPort: 1}]}", "{name: x, ports: 5}"])
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_odd_shapes_beside_a_named_target_are_no_bug(kind: str, odd: str) -> None:
    main = "{image: a, ports: [{name: web, containerPort: 9}]}"
    spec = f"ports: [{{name: http, port: 80, targetPort: web}}]\nworkload: {{kind: {kind}, container: {main}, pod: {{containers: [{odd}]}}}}"

    assert fleet(service(spec)).diagnostics == []
    render_unit(fleet(service(spec)), 0)


def test_one_name_for_two_transports_is_two_ports() -> None:
    ports = "ports: [{name: http, port: 80, targetPort: web}, {name: dns, port: 53, protocol: UDP, targetPort: web}]"
    side = "pod: {containers: [{name: side, image: s, ports: [{name: web, containerPort: 10, protocol: UDP}]}]}"

    assert main_of("ports: [{name: web, containerPort: 9}]", ports, side)["ports"] == [
        {"name": "web", "containerPort": 9}
    ]
