"""Lint finds each defect of the document that this began with, at its line, and says nothing else of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import run

SEED = Path(__file__).parent / "seed"
DEFECTS: dict[int, dict[str, Any]] = yaml.safe_load((SEED / "defects.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def said() -> list[str]:
    """What lint says of the document: code, severity and line of each finding."""
    outcome = run("lint", SEED / "as-written.yaml", "--all", "--format", "json")
    return [f"{each['code']} {each['severity']} {each['line']}" for each in json.loads(outcome.out)["findings"]]


@pytest.mark.parametrize("number", DEFECTS)
def test_a_defect_is_found_at_its_line(number: int, said: list[str]) -> None:
    assert [each for each in DEFECTS[number]["found"] if each not in said] == []


def test_nothing_else_is_found(said: list[str]) -> None:
    assert sorted(said) == sorted(each for defect in DEFECTS.values() for each in defect["found"])


def test_every_defect_that_manifests_can_show_is_listed() -> None:
    assert sorted(DEFECTS) == [*range(1, 28), *range(29, 36), 37]
    assert all(defect["what"] and defect["found"] for defect in DEFECTS.values())
