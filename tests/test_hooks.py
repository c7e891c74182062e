"""The hooks offered to pre-commit run as their users will run them."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml
from conftest import run

ROOT = Path(__file__).parent.parent
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}


def test_the_hooks_are_these() -> None:
    assert sorted(HOOKS) == ["meshgen-render-check", "meshgen-validate"]


@pytest.mark.parametrize(
    ("hook", "args"), [("meshgen-validate", ["specs/"]), ("meshgen-render-check", ["specs/", "-o", "golden/"])]
)
def test_a_hook_passes_where_all_is_well(hook: str, args: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    program, *arguments = shlex.split(HOOKS[hook]["entry"])

    assert program == "meshgen"
    assert run(*arguments, *args).code == 0


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_a_hook_reads_the_whole_fleet_when_any_yaml_file_changes(hook: str) -> None:
    assert HOOKS[hook]["files"] == r"\.ya?ml$"
    assert HOOKS[hook]["pass_filenames"] is False
