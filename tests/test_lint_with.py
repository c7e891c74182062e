"""lint --with: manifests that are there already are known, and not judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import run

RULES = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http: [{route: [{destination: {host: web, subset: v2, port: {number: 80}}}]}]
"""
THERE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, name: http}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec: {host: web.shop.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}], traffic: {}}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "there").mkdir()
    (tmp_path / "there/all.yaml").write_text(THERE)
    return tmp_path


def test_what_is_given_is_known_and_nothing_is_said_of_it(place: Path) -> None:
    alone = run("lint", place / "there")
    code, out, _ = run("lint", place / "rules.yaml", "--with", place / "there")

    assert "'traffic'" in alone.out
    assert code == 1
    assert f"{place}/rules.yaml:6:53: error MG221" in out
    assert "traffic" not in out


def test_what_is_linted_itself_counts_in_place_of_its_twin(place: Path) -> None:
    """`lint CHANGED --with ALL`: what changed stands in ALL as it was before, and as it is now."""
    (place / "there/rules.yaml").write_text(RULES)
    (place / "rules.yaml").write_text(RULES.replace("v2", "v1"))

    assert run("lint", place / "rules.yaml", "--with", place / "there").out == ""
    assert run("lint", place / "there/rules.yaml", "--with", place).code == 1


def test_beside_specs_it_is_known_once(place: Path) -> None:
    (place / "spec.yaml").write_text(
        "apiVersion: meshgen.dev/v1\nkind: Service\nmetadata: {name: pay, namespace: shop}\nspec:\n"
        "  ports: [{name: http, port: 80}]\n  selector: {app: pay}\n"
        "  routes: [{name: all, mirrors: [{service: web, percent: 5}]}]\n"
    )

    assert run("lint", place / "spec.yaml").code == 1
    assert run("lint", place / "spec.yaml", place / "rules.yaml", "--with", place / "there").out.count("MG2") == 1


def test_what_cannot_be_read_is_told(place: Path) -> None:
    (place / "broken.yaml").write_text("a: [")

    assert "broken.yaml:1:" in run("lint", place / "rules.yaml", "--with", place / "broken.yaml").out
    assert "MG007" in run("lint", place / "rules.yaml", "--with", place / "nothing").out
