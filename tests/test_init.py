"""`meshgen init` writes a first spec that works as it is, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from conftest import run

from meshgen.document import parse


def data_of(text: str) -> dict[str, Any]:
    (document,) = parse(text, "spec").documents
    return document.data


@pytest.mark.parametrize("name", ["reviews", "a", "on", "y", "null", "user-service-2", "a" * 60])
def test_the_spec_validates_and_renders_as_it_is(name: str) -> None:
    text = run("init", name).out

    assert data_of(text)["metadata"] == {"name": name, "namespace": "default"}
    assert run("validate", "-", stdin=text).code == 0
    rendered = run("render", "-", stdin=text)
    assert (rendered.code, rendered.err) == (0, "")
    assert re.findall(r"^kind: (\w+)$", rendered.out, re.MULTILINE) == [
        "ServiceAccount", "Service", "Deployment", "Deployment", "DestinationRule", "VirtualService",
    ]  # fmt: skip


def test_the_namespace_is_the_one_that_is_asked_for() -> None:
    assert data_of(run("init", "reviews", "-n", "shop").out)["metadata"]["namespace"] == "shop"
    assert data_of(run("init", "reviews", MESHGEN_NAMESPACE="shop").out)["metadata"]["namespace"] == "shop"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Reviews", "'Reviews' is no name of a service"),
        ("re views", "'re views' is no name of a service"),
        ("a: b", "'a: b' is no name of a service"),
        ("1st", "'1st' is no name of a service"),
        ("../reviews", "'../reviews' is no name of a service"),
        ("{{ name }}", "'{{ name }}' is no name of a service"),
        ("a\nb", "'a\\nb' is no name of a service"),
        ("", "'' is no name of a service"),
        ("a" * 61, "has 64 characters, and may have 63"),
    ],
)
def test_a_bad_name_is_refused_in_words(name: str, why: str, tmp_path: Path) -> None:
    outcome = run("init", "-o", tmp_path / "spec.yaml", "--", name)

    assert (outcome.code, outcome.out) == (2, "")
    assert why in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_bad_namespace_is_refused_in_words() -> None:
    outcome = run("init", "reviews", "-n", "My Shop")

    assert (outcome.code, outcome.out) == (2, "")
    assert "'My Shop' is no name" in outcome.err


def test_output_is_the_same_as_a_file_and_its_folder_is_made(tmp_path: Path) -> None:
    file = tmp_path / "new" / "specs" / "reviews.yaml"

    outcome = run("init", "reviews", "-o", file)

    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == f"wrote {file}; next: meshgen render {file}\n"
    assert file.read_text() == run("init", "reviews").out


def test_the_first_line_leads_editors_to_a_schema_that_takes_the_spec(tmp_path: Path) -> None:
    file = tmp_path / "reviews.yaml"
    run("init", "reviews", "-o", file)
    first, _, rest = file.read_text().partition("\n")

    schema = file.parent / first.removeprefix("# yaml-language-server: $schema=")

    assert schema.read_text("utf-8") == run("schema").out
    assert jsonschema_rs.Draft202012Validator(json.loads(schema.read_text("utf-8"))).is_valid(data_of(rest))
    assert run("render", tmp_path).code == 0


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    spec, schema = tmp_path / "reviews.yaml", tmp_path / "meshgen.schema.json"
    spec.write_text("mine")
    schema.write_text("mine too")

    outcome = run("init", "reviews", "-o", spec)

    assert (outcome.code, outcome.out, spec.read_text()) == (1, "", "mine")
    assert outcome.err == f"Error: {spec} exists already; nothing was written\n"
    assert run("init", "reviews", "-o", tmp_path / "other.yaml").code == 0
    assert schema.read_text() == "mine too"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    outcome = run("init", "reviews", "-o", tmp_path / "file" / "reviews.yaml")

    assert outcome.code == 1
    assert outcome.err.startswith(f"Error: {tmp_path / 'file' / 'reviews.yaml'} cannot be written: no folder ")
