"""Whatever is wrong with manifests, lint ends with findings or with silence, and in time."""

from __future__ import annotations

import random
import textwrap
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from conftest import run
from test_rules import EXAMPLE

from meshgen.emitter import block
from meshgen.linter import lint
from meshgen.manifests import read_manifests
from meshgen.mesh import Manifest
from meshgen.rules import LintRule, rules

ROOT = Path(__file__).parent.parent
WRONG: list[Any] = [
    None, "", "x", 0, -1, 2**40, 1.5, True, [], {}, [None], [[]], {"": ""}, {"a": None}, "a" * 5000, "*", "mesh", "None",
    "1h-1s", {"number": "80"}, [{"name": 7}], "\n", "x.y", "../..", "${x}",
]  # fmt: skip


class Given:
    """An object that stands nowhere."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        self.text = ""

    @property
    def data(self) -> dict[str, Any]:
        return deepcopy(self._data)

    def locate(self, path: tuple[str | int, ...]) -> Any:  # noqa: ARG002
        from meshgen.diagnostic import Location

        return Location("given", 1, 1)


def originals() -> list[Manifest]:
    """What is in golden/ and in the seed."""
    return read_manifests([str(ROOT / "golden"), str(ROOT / "tests" / "seed" / "as-written.yaml")]).manifests


def broken(data: Any, chance: random.Random) -> Any:
    """The data with one value replaced, removed or doubled somewhere."""
    if isinstance(data, dict) and data and chance.random() < 0.9:
        key = chance.choice(list(data))
        if chance.random() < 0.1:
            return {each: value for each, value in data.items() if each != key}
        return {**data, key: broken(data[key], chance)}
    if isinstance(data, list) and data and chance.random() < 0.9:
        position = chance.randrange(len(data))
        if chance.random() < 0.1:
            return [*data, data[position]]
        return [*data[:position], broken(data[position], chance), *data[position + 1 :]]
    return chance.choice(WRONG)


@pytest.mark.parametrize("seed", range(12))
def test_broken_objects_give_findings_and_no_traceback(seed: int) -> None:
    chance = random.Random(seed)
    manifests = originals()
    for _ in range(3):
        changed = []
        for manifest in manifests:
            data = manifest.data
            for _ in range(chance.choice([0, 1, 1, 3])):
                spec = broken(data.get("spec", {}), chance) if chance.random() < 0.8 else data.get("spec", {})
                data = {
                    **data,
                    "spec": spec,
                    "metadata": data["metadata"] if chance.random() < 0.8 else broken(data["metadata"], chance),
                }
            changed.append(Manifest(manifest.key, manifest.sources, Given(data)))

        assert lint(changed).objects > 0


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_broken_examples_of_a_rule_give_findings_and_no_traceback(rule: LintRule, tmp_path: Path) -> None:
    chance = random.Random(rule.code)
    for number, (_, body) in enumerate(EXAMPLE.findall(rule.page)):
        (tmp_path / f"{number}.yaml").write_text(textwrap.dedent(body), "utf-8")
        manifests = read_manifests([str(tmp_path / f"{number}.yaml")]).manifests
        for _ in range(15):
            changed = []
            for manifest in manifests:
                data = manifest.data
                for _ in range(chance.choice([0, 1, 1, 3])):
                    data = {**data, "spec": broken(data.get("spec", {}), chance)}
                changed.append(Manifest(manifest.key, manifest.sources, Given(data)))

            assert lint(changed).objects >= 0


def test_text_that_is_broken_gives_findings_and_no_traceback(tmp_path: Path) -> None:
    chance = random.Random(1)
    text = (ROOT / "tests" / "seed" / "as-written.yaml").read_text("utf-8")
    for _ in range(60):
        start = chance.randrange(len(text))
        piece = chance.choice(
            ["\n", ": ", "- ", "{", "]", "&a ", "*a", "!!int ", "\t", "'", '"', "|", "---\n", "\x00", "é", "{{ x }}"]
        )
        file = tmp_path / "a.yaml"
        file.write_text(text[:start] + piece + text[start + chance.choice([0, 1, 9]) :], "utf-8")
        found = read_manifests([str(file)])

        assert [*found.diagnostics, *lint(found.manifests).diagnostics]


def test_ten_thousand_routes_are_judged_in_seconds(tmp_path: Path) -> None:
    routes = [
        {"match": [{"uri": {"prefix": f"/p{number}/"}, "port": 80}], "route": [{"destination": {"host": "users", "subset": "v2", "port": {"number": 80}}}]}
        for number in range(10_000)
    ]  # fmt: skip
    objects: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "users", "namespace": "n"}, "spec": {"selector": {"app": "users"}, "ports": [{"name": "http", "port": 80}]}},
        {"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": {"name": "users", "namespace": "n"}, "spec": {"host": "users", "subsets": [{"name": "v1", "labels": {"v": "1"}}]}},
        {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"name": "users", "namespace": "n"}, "spec": {"hosts": ["users"], "http": routes}},
    ]  # fmt: skip
    (tmp_path / "a.yaml").write_text("---\n".join(map(block, objects)))
    began = time.process_time()

    run = lint(read_manifests([str(tmp_path)]).manifests)

    assert (run.objects, sum(each.code == "MG221" for each in run.diagnostics)) == (3, 10_000)
    assert time.process_time() - began < 20


@pytest.mark.parametrize("kind", ["Service", "Namespace", "ConfigMap", "Secret", "EndpointSlice", "Gateway"])
def test_a_field_that_only_workloads_have_is_told_on_other_kinds(kind: str, tmp_path: Path) -> None:
    versions = {"EndpointSlice": "discovery.k8s.io/v1", "Gateway": "networking.istio.io/v1"}
    text = f"apiVersion: {versions.get(kind, 'v1')}\nkind: {kind}\nmetadata: {{name: a, namespace: b, annotations: {{c: d}}}}\n"
    (tmp_path / "a.yaml").write_text(f"{text}spec: {{template: x, jobTemplate: [], workload: 7}}\n")

    assert {each.code for each in lint(read_manifests([str(tmp_path)]).manifests).diagnostics} >= {"MG301"}


def test_thousands_of_services_of_the_same_pods_are_judged_in_seconds(tmp_path: Path) -> None:
    objects: list[dict[str, Any]] = []
    for number in range(3_000):
        metadata = {"name": f"users-{number}", "namespace": "n"}
        pods = {"metadata": {"labels": {"app": "users"}}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}
        workload = {"selector": {"matchLabels": {"app": "users"}}, "template": pods}
        objects += [
            {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": {"app": "users"}, "ports": [{"name": "http", "port": 80}]}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": workload},
        ]  # fmt: skip
    (tmp_path / "a.yaml").write_text("---\n".join(map(block, objects)))
    began = time.process_time()

    run = lint(read_manifests([str(tmp_path)]).manifests)

    assert run.objects == 6_000
    assert time.process_time() - began < 20


@pytest.mark.parametrize("value", ["a" * 5000, "a" * 250 + "/v1", "../../x", "v1/v1/v1", "", "x y", "É", "\n"])
@pytest.mark.parametrize("key", ["apiVersion", "kind"])
def test_whatever_stands_for_a_kind_is_no_bug_of_ours(key: str, value: str, tmp_path: Path) -> None:
    data = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "shop"}} | {key: value}
    (tmp_path / "a.yaml").write_text(block(data), "utf-8")

    assert run("lint", str(tmp_path)).code in (0, 1)
