"""A mistake in one part of a spec does not hide those in others, and makes none of what is right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from conftest import run
from meshes import RUNS, gateway, said, service

from meshgen.document import KeyPath, parse
from meshgen.emitter import block

SPECS = Path(__file__).parent.parent / "specs"
FILES = sorted(path for path in SPECS.rglob("*.yaml") if path.name != "kustomization.yaml")
UNKNOWN = "notAField"


def branches(spec: dict[str, Any]) -> Iterator[KeyPath]:
    """Where an unknown key may stand in the parts of a spec that others can do without."""
    for part in ("trafficPolicy", "retries"):
        if isinstance(spec.get(part), dict):
            yield (part,)
    for part in ("routes", "expose"):
        for number in range(len(spec.get(part, ()))):
            yield (part, number)
    for number, version in enumerate(spec.get("versions", ())):
        if isinstance(version.get("trafficPolicy"), dict):
            yield ("versions", number, "trafficPolicy")


def cases() -> Iterator[Any]:
    """One mistake for each such place in specs/."""
    for path in FILES:
        documents = [document.data for document in parse(path.read_bytes(), str(path)).documents]
        for number, document in enumerate(documents):
            for branch in branches(document["spec"]) if document["kind"] == "Service" else ():
                changed = deepcopy(documents)
                at: Any = changed[number]["spec"]
                for step in branch:
                    at = at[step]
                at[UNKNOWN] = 1
                name = f"{document['metadata']['name']}: {'.'.join(map(str, branch))}"
                yield pytest.param(path, "---\n".join(map(block, changed)), id=name)


@pytest.mark.parametrize(("path", "text"), [*cases()])
def test_one_mistake_in_a_fleet_is_one_message(path: Path, text: str, tmp_path: Path) -> None:
    for each in FILES:
        (tmp_path / f"{each.parent.name}-{each.name}").write_text(text if each == path else each.read_text())

    outcome = run("validate", str(tmp_path))

    assert outcome.err.count(" error ") == 1
    assert f"unknown key '{UNKNOWN}'" in outcome.err


def test_what_is_wrong_in_one_part_does_not_hide_what_is_wrong_in_another() -> None:
    lines = said(
        service(
            """ports: [{name: http, port: 80}, {name: http, port: 81}]
workload: {container: {image: i}}
timeout: 5
trafficPolicy: {outlierDetection: {interval: 10}}
expose: [{name: e, gateway: nowhere, hosts: [a.example.com]}]"""
        ),
        gateway("hosts: [a.example.com]"),
    )

    assert [line.split(" ")[1] for line in lines] == ["MG113", "MG101", "MG101", "MG110"]


def test_versions_that_are_taken_away_are_no_obstacle() -> None:
    lines = said(service(f"{RUNS}\nversions: null\ntrafficPolicy: wrong"))

    assert [line.split(" ")[1] for line in lines] == ["MG101"]


def test_what_kubernetes_refuses_of_a_workload_is_told_beside_mistakes_of_routes(tmp_path: Path) -> None:
    spec = """ports: [{name: http, port: 80}]
workload: {container: {image: i}, replicas: -1}
timeout: 5
routes: [{name: a, to: v1}]"""
    (tmp_path / "a.yaml").write_text(service(spec))

    outcome = run("validate", str(tmp_path))

    assert re.findall("MG[0-9]+", outcome.err) == ["MG301", "MG101", "MG110"]
