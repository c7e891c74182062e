"""What is wrong in one place is told in one run, and each mistake once."""

from __future__ import annotations

from pathlib import Path

from conftest import run
from meshes import RUNS, gateway, policy, said, service


def test_all_that_has_no_effect_beside_a_redirect_is_told_in_one_run() -> None:
    idle = {"mirrors": "[{to: v1, percent: 1}]", "timeout": "1s", "retries": "{attempts: 1}", "rewrite": "{uri: /}"}
    route = "".join(f", {key}: {value}" for key, value in idle.items())

    assert [
        line.partition(" MG101 ")[2]
        for line in said(service(f"{RUNS}\nroutes: [{{name: r, redirect: {{uri: /x}}{route}}}]"))
    ] == [f"has no effect beside redirect: nothing is sent to the service | drop {key!r}" for key in idle]


def test_all_that_attempts_0_leave_without_effect_is_told_in_one_run() -> None:
    lines = said(service(f"{RUNS}\nretries: {{attempts: 0, perTryTimeout: 1s, retryOn: 5xx}}"))

    assert [line[:19] for line in lines] == ["1.yaml:7:26 MG101 h", "1.yaml:7:45 MG101 h"]


def test_without_tls_nothing_of_it_has_an_effect() -> None:
    lines = said(service(f"{RUNS}\ntrafficPolicy: {{tls: {{mode: DISABLE, sni: a.b, subjectAltNames: [c]}}}}"))

    assert lines == [
        "1.yaml:7:40 MG101 has no effect in mode DISABLE",
        "1.yaml:7:50 MG101 has no effect in mode DISABLE",
    ]


def test_a_version_that_switches_tls_off_is_rid_of_all_of_it() -> None:
    found = policy(
        "trafficPolicy: {tls: {mode: SIMPLE, sni: a.b}}\nversions: [{name: v1, trafficPolicy: {tls: {mode: DISABLE}}}]"
    )

    assert found["subsets"][0]["trafficPolicy"] == {"tls": {"mode": "DISABLE"}}


def test_what_all_versions_and_ways_in_share_is_told_once(tmp_path: Path) -> None:
    spec = service(
        """ports: [{name: http, port: 80}]
workload: {container: {image: i, volumeMounts: [{name: n, mountPath: /x}]}}
versions: [{name: v1}, {name: v2, workload: {pod: {volumes: [{name: z, emptyDir: {}}]}}}]
expose: [{name: e, gateway: gw, hosts: [a.example.com, b.example.com]}]"""
    )
    (tmp_path / "a.yaml").write_text(f"{spec}---\n{gateway('hosts: [a.example.com, b.example.com]')}")

    _, _, told = run("validate", str(tmp_path))

    assert told.count("error MG305: no volume is named 'n'") == 1
    assert "and 1 more" in told
