"""Options that cannot be meant: wrong usage, told before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import run
from meshes import RUNS, fleet, said, service

SPEC = service(RUNS).replace(", namespace: n", "")


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--namespace", "", "it is empty; leave the option out, or give it a value"),
        ("-n", "", "it is empty; leave the option out, or give it a value"),
        ("-n", "Bad NS", "'Bad NS' is no namespace: its name has lower-case letters, digits and '-'"),
        ("-n", "a.b", "'a.b' is no namespace"),
        ("-n", "-a", "'-a' is no namespace"),
        ("-n", "a" * 64, "is no namespace"),
        ("--cluster-domain", "", "it is empty; leave the option out, or give it a value"),
        ("--cluster-domain", "foo bar", "'foo bar' is no domain of a cluster: it is names of lower-case letters"),
        ("--cluster-domain", "UPPER.Local", "'UPPER.Local' is no domain of a cluster"),
        ("--cluster-domain", "cluster.local.", "'cluster.local.' is no domain of a cluster"),
        ("--cluster-domain", ".local", "'.local' is no domain of a cluster"),
        ("--cluster-domain", f"{'a' * 61}.{'b' * 61}", "is no domain of a cluster"),
        ("--only", "", "it is empty; leave the option out, or give it a value"),
        ("--kubeconform", "", "it is empty; leave the option out, or give it a value"),
    ],
)
@pytest.mark.parametrize("command", ["render", "validate"])
def test_an_option_that_cannot_be_meant_is_wrong_usage(command: str, option: str, value: str, says: str) -> None:
    outcome = run(command, "nowhere", option, value)

    assert (outcome.code, outcome.out) == (2, "")
    assert says in " ".join(outcome.err.split())
    assert "MG" not in outcome.err


@pytest.mark.parametrize("argv", [("render", "nowhere", "-o", ""), ("init", "a", "-o", "")])
def test_an_empty_output_is_wrong_usage(argv: tuple[str, ...]) -> None:
    outcome = run(*argv)

    assert outcome.code == 2
    assert "it is empty; leave the option out, or give it a value" in outcome.err


def test_an_empty_namespace_removes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SPEC)
    out = tmp_path / "out"
    assert run("render", tmp_path / "a.yaml", "-n", "prod", "-o", out).code == 0
    before = sorted(out.rglob("*.yaml"))

    assert run("render", tmp_path / "a.yaml", "-n", "", "-o", out).code == 2
    assert sorted(out.rglob("*.yaml")) == before != []


def test_an_option_that_is_an_empty_variable_is_not_given(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SPEC)

    outcome = run("render", tmp_path / "a.yaml", MESHGEN_NAMESPACE="", MESHGEN_CLUSTER_DOMAIN="")
    assert (outcome.code, outcome.out) == (1, "")
    assert "MG104: Service 'a' says no namespace" in outcome.err


def test_longest_names_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SPEC)
    domain = f"{'a' * 63}.{'b' * 57}"

    assert run("render", tmp_path / "a.yaml", "-n", "n" * 63, "--cluster-domain", domain).code == 0


def test_a_library_that_gives_an_empty_namespace_gives_none() -> None:
    assert said(SPEC, namespace="") == [
        "1.yaml:3:12 MG104 Service 'a' says no namespace | write metadata.namespace, or give one with --namespace"
    ]
    assert not fleet(SPEC, namespace="n").failed


def test_an_empty_namespace_in_a_spec_is_told_once() -> None:
    empty = service(RUNS).replace("namespace: n", "namespace: ''")
    other = service(f"{RUNS}\nroutes: [{{name: r, mirrors: [{{service: a, percent: 1}}]}}]", name="b")

    [line] = said(empty, other)
    assert line.startswith("1.yaml:3:21 MG101 '' is no name")
