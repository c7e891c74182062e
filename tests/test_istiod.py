"""What istiod's webhook refuses is refused here too, and nothing else: verdicts of `istioctl validate` 1.31 on random objects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meshgen.istiod.actions import wrong_text
from meshgen.istiod.values import durations, wrong_host
from meshgen.linter import lint
from meshgen.manifests import read_manifests

VERDICTS = Path(__file__).parent / "istiod_verdicts.jsonl"
TOLD_BY = {"MG236", "MG258", "MG269", "MG290", "MG301"}
"""What tells of a refusal: the webhook's own, those that say more of one, and the schema."""


def test_each_object_gets_the_verdict_of_istioctl(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in VERDICTS.read_text("utf-8").splitlines()]
    objects = [
        {"apiVersion": "networking.istio.io/v1", "kind": row["kind"],
         "metadata": {"name": f"o{number}", "namespace": "shop"}, "spec": row["spec"]}
        for number, row in enumerate(rows)
    ]  # fmt: skip
    file = tmp_path / "objects.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    found = lint(read_manifests([str(file)]).manifests).diagnostics

    errors = [each for each in found if each.severity.value == "error" and each.code in TOLD_BY]
    refused = {each.subject.split()[1].removeprefix("shop/o") for each in errors}
    assert refused == {str(number) for number, row in enumerate(rows) if row["refused"]}
    assert len({json.dumps(row["spec"]) for row in rows if row["refused"]}) > 150


@pytest.mark.parametrize(
    ("host", "taken"),
    [("users", True), ("*.example.com", True), ("*-a.example.com", True), ("Users.Shop", True), ("a.example.com.", True),
     ("", False), ("a_b", False), ("a..b", False), ("a.*.b", False), ("example.1", False), ("a" * 64, False), ("-a", False)],
)  # fmt: skip
def test_hosts_are_taken_as_istio_takes_them(host: str, taken: bool) -> None:
    assert (wrong_host(host) is None) is taken


@pytest.mark.parametrize(
    ("text", "taken"),
    [("1ms", True), ("1h2m", True), ("0.5s", True), ("0s", False), ("999us", False), ("1.5ms", False)],
)
def test_durations_are_whole_milliseconds(text: str, taken: bool) -> None:
    assert (not list(durations((), {"timeout": text}, "timeout"))) is taken


@pytest.mark.parametrize(
    ("text", "taken"),
    [("v", True), ("100%%", True), ("%HOSTNAME%", True), ('%REQ("a")%', True), ("%REQ(a)% b", True), ("50%", False),
     ("%REQ(a", False), ("%HOSTNAME", False), ("a\nb", False)],
)  # fmt: skip
def test_commands_in_headers_end(text: str, taken: bool) -> None:
    assert (wrong_text(text) is None) is taken
