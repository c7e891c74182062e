"""specs/ renders to golden/, byte for byte, whatever surrounds the run."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from conftest import assert_same, run

from meshgen.document import parse
from meshgen.spec.gateway import Gateway
from meshgen.spec.model import SpecModel
from meshgen.spec.service import Service

ROOT = Path(__file__).parent.parent
SPECS, GOLDEN = ROOT / "specs", ROOT / "golden"


def test_specs_render_to_golden(update_golden: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    if update_golden:
        assert run("render", "specs", "-o", "golden").code == 0

    outcome = run("render", "specs", "-o", "golden", "--check")

    assert_same(outcome.out)
    assert (outcome.code, outcome.err) == (0, "")


def test_golden_has_nothing_else() -> None:
    for path in GOLDEN.rglob("*"):
        assert path.is_dir() or path.read_text().startswith("# Made by meshgen from specs/"), path


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"},
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
    ],
)
def test_the_bytes_depend_on_nothing_around_the_run(surroundings: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "meshgen", "render", str(SPECS)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    here = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=environment)
    there = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, env=environment | surroundings)

    assert there.stdout == here.stdout != b""


def test_the_bytes_do_not_depend_on_the_order_of_files() -> None:
    files = sorted(SPECS.rglob("*.yaml"))
    random.Random(3).shuffle(files)

    assert run("render", *files).out == run("render", SPECS).out


def test_the_bytes_do_not_depend_on_how_specs_are_split_into_files(tmp_path: Path) -> None:
    together = tmp_path / "all.yaml"
    together.write_text("---\n".join(path.read_text() for path in sorted(SPECS.rglob("*.yaml"), reverse=True)))

    assert run("render", together).out == run("render", SPECS).out


def test_between_them_the_specs_use_every_field_of_the_models() -> None:
    used: set[str] = set()
    for path in SPECS.rglob("*.yaml"):
        for document in parse(path.read_bytes(), str(path)).documents:
            model: type[SpecModel] = Service if document.data["kind"] == "Service" else Gateway
            used |= _fields(model.model_validate(document.data))

    assert sorted((_declared(Service) | _declared(Gateway)) - used) == []


def _declared(annotation: Any) -> set[str]:
    """`Model.field` for every field of every model that can stand in a value of that type."""
    if isinstance(annotation, type) and issubclass(annotation, SpecModel):
        name = annotation.__name__.removesuffix("Part")
        found = {f"{name}.{field}" for field in annotation.model_fields}
        return found.union(*(_declared(field.annotation) for field in annotation.model_fields.values()))
    return set().union(*map(_declared, get_args(annotation)))


def _fields(value: object) -> set[str]:
    if isinstance(value, SpecModel):
        name = type(value).__name__.removesuffix("Part")
        found = {f"{name}.{field}" for field in value.model_fields_set if field in type(value).model_fields}
        return found.union(*(_fields(getattr(value, field)) for field in value.model_fields_set))
    if isinstance(value, dict):
        return set().union(*map(_fields, value.values()))
    return set().union(*map(_fields, value)) if isinstance(value, tuple) else set()
