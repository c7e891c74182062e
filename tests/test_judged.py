"""What the rules of lint say of specs: in render and validate as in lint, unless they are told not to."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from conftest import Outcome, run
from test_robustness import SPECS, paths

from meshgen.diagnostic import Severity
from meshgen.document import parse
from meshgen.emitter import block
from meshgen.fleet import fleet_of
from meshgen.linter import lint
from meshgen.mesh import Manifest
from meshgen.renderer import doubles, render_unit, units
from meshgen.rules import rules
from meshgen.validator import check

GATEWAY = """\
apiVersion: meshgen.dev/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  servers:
    - {port: {number: 80, protocol: HTTP, name: http}, hosts: [shop.example.com]}
"""
FAULT = """\
apiVersion: meshgen.dev/v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  ports: [{name: http, port: 80}]
  workload: {container: {image: "nginx:1"}}
  routes:
    - name: slow
      fault: {delay: {fixedDelay: 2s, percentage: {value: 100}}}
"""
UNUSED = FAULT.replace("fault: {delay: {fixedDelay: 2s, percentage: {value: 100}}}", "timeout: 3s") + "---\n" + GATEWAY
"""A gateway that nobody is exposed at."""
EXISTING = """\
apiVersion: meshgen.dev/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  existing: true
  servers:
    - {port: {number: 80, protocol: HTTP, name: http}, hosts: [shop.example.com]}
---
apiVersion: meshgen.dev/v1
kind: Service
metadata: {name: helms, namespace: shop}
spec:
  existing: true
  ports: [{name: http, port: 80}]
---
apiVersion: meshgen.dev/v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  ports: [{name: http, port: 80}]
  workload: {container: {image: "nginx:1"}}
  expose: [{name: shop, gateway: edge, hosts: [shop.example.com]}]
  routes:
    - name: main
      mirrors: [{service: helms, percent: 1}]
"""


def ask(folder: Path, specs: str, command: str, *options: str) -> Outcome:
    """A command on one file of specs."""
    file = folder / "specs.yaml"
    file.write_text(specs)
    return run(command, str(file), *options)


@pytest.mark.parametrize("command", ["render", "validate", "lint"])
def test_what_a_rule_finds_is_told_at_the_line_of_the_spec(command: str, tmp_path: Path) -> None:
    result = ask(tmp_path, FAULT, command)

    said = result.err + (result.out if command == "lint" else "")
    assert f"{tmp_path}/specs.yaml:9:7: warning MG225" in said
    assert result.code == 0
    assert ask(tmp_path, FAULT, command, "--strict").code == 1


def test_an_error_of_a_rule_stops_render_before_anything_is_written(tmp_path: Path) -> None:
    result = ask(tmp_path, UNUSED, "render", "-o", str(tmp_path / "out"))

    assert result.code == 1
    assert "error MG252" in result.err
    assert not (tmp_path / "out").exists()
    assert ask(tmp_path, UNUSED, "render").out == ""


@pytest.mark.parametrize("command", ["render", "validate"])
def test_without_lint_the_rules_say_nothing(command: str, tmp_path: Path) -> None:
    result = ask(tmp_path, UNUSED, command, "--no-lint")

    assert result.code == 0
    assert "MG252" not in result.err


def test_a_part_of_the_specs_is_not_judged_as_if_it_were_all(tmp_path: Path) -> None:
    assert ask(tmp_path, UNUSED, "render").code == 1
    assert ask(tmp_path, UNUSED, "render", "--only", "web").err == ""


def test_what_exists_already_is_not_missed(tmp_path: Path) -> None:
    result = ask(tmp_path, EXISTING, "validate", "--strict", "--quiet")

    assert (result.code, result.err) == (0, "")


def test_a_line_of_a_spec_that_is_in_many_objects_is_told_once(tmp_path: Path) -> None:
    retries = "retries: {attempts: 2, perTryTimeout: 1s, retryOn: connect-failure}"
    routes = f"  retries: {{attempts: 2}}\n  expose: [{{name: shop, gateway: edge, hosts: [shop.example.com]}}]\n  routes:\n    - {{name: main, {retries}}}\n"
    specs = FAULT.partition("  routes:")[0] + routes + "---\n" + GATEWAY

    result = ask(tmp_path, specs, "lint", "--all", "--format", "json", "--select", "MG273")

    (found,) = json.loads(result.out)["findings"]
    assert (found["line"], found["others"]) == (10, 1)
    assert " and 1 more\n" in ask(tmp_path, specs, "lint", "--all", "--select", "MG273").out


OURS = [spec for spec in SPECS if not spec["spec"].get("existing")]
SETTLED = frozenset(rule.code for rule in rules() if rule.settled)


@pytest.mark.parametrize("seed", range(0, 400, 40))
def test_specs_cannot_have_what_is_said_to_be_settled(seed: int) -> None:
    right = [objects for number in range(seed, seed + 40) if (objects := _changed(random.Random(number)))]

    for objects in right:
        assert lint(objects, chosen=SETTLED).diagnostics == []


def test_the_changes_leave_specs_that_are_right() -> None:
    assert sum(_changed(random.Random(number)) is not None for number in range(100)) >= 15


def _changed(chance: random.Random) -> list[Manifest] | None:
    """The objects of specs/ after some changes; None where a mistake is told of them."""
    specs = deepcopy(OURS)
    for _ in range(chance.randint(1, 3)):
        _change(chance.choice(specs), chance.choice(OURS), chance)
    fleet = fleet_of(parse("---\n".join(block(spec) for spec in specs), "specs.yaml").documents)
    rendered = [render_unit(fleet, unit) for unit in units(fleet)]
    objects = [found for each in rendered for found in each.objects]
    manifests = [manifest for manifest, _ in objects]
    wrong = [*fleet.diagnostics, *(each for unit in rendered for each in unit.diagnostics), *doubles(manifests)]
    wrong += [each for manifest, data in objects for each in check(manifest, data, "1.36", "1.31")]
    return None if any(each.severity is Severity.ERROR for each in wrong) else manifests


def _change(spec: dict[str, Any], other: dict[str, Any], chance: random.Random) -> None:
    """Leave something out, or write what another spec says under the same word."""
    places = {path[-1]: path for path in paths(other, ()) if path[0] == "spec" and len(path) > 1}
    mine = [path for path in paths(spec, ()) if path[0] == "spec" and len(path) > 1]
    *above, last = chance.choice(mine)
    holder: Any = spec
    for step in above:
        holder = holder[step]
    if last in places and chance.random() < 0.5:
        value: Any = other
        for step in places[last]:
            value = value[step]
        holder[last] = deepcopy(value)
    else:
        del holder[last]
