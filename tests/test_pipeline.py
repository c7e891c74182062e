"""A large fleet is rendered as a small one is, whatever the number of processes."""

from __future__ import annotations

import errno
import gc
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import run

from meshgen import forked, pipeline
from meshgen.fleet import Options
from meshgen.linter import lint
from meshgen.manifests import read_manifests
from meshgen.pipeline import build

SPEC = """\
apiVersion: meshgen.dev/v1
kind: Service
metadata: {{name: users-{number:03d}, namespace: shop}}
spec:
  ports: [{{name: http, port: 80}}]
  workload: {{container: {{image: "users:{number}"}}}}
  timeout: {timeout}
"""
SIZE = forked.WORTH_IT + 10


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """More specs than one process takes, of which numbers 7 and 8 are wrong."""
    for number in range(SIZE):
        timeout = "soon" if number in (7, 8) else "1s"
        (tmp_path / f"{number}.yaml").write_text(SPEC.format(number=number, timeout=timeout))
    return tmp_path


def test_two_processes_make_what_one_makes(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (7, 8):
        (fleet / f"{number}.yaml").unlink()
    together = "".join(build([str(fleet)]).mesh.stream())
    monkeypatch.setattr(forked, "WORTH_IT", 10**9)

    assert "".join(build([str(fleet)]).mesh.stream()) == together != ""


def test_mistakes_found_in_any_process_are_told_in_order(fleet: Path) -> None:
    outcome = run("validate", fleet)

    assert outcome.code == 1
    places = [line.partition(":7:3: error MG101")[0] for line in outcome.err.splitlines() if "MG101" in line]
    assert places == [f"{fleet}/7.yaml", f"{fleet}/8.yaml"]


def test_a_value_is_placed_when_its_object_came_from_another_process(fleet: Path) -> None:
    for manifest in build([str(fleet)]).mesh:
        if manifest.kind == "Deployment":
            container = ("spec", "template", "spec", "containers", 0)
            number = int(manifest.name.removeprefix("users-"))
            assert str(manifest.locate((*container, "image"))) == f"{fleet}/{number}.yaml:6:26"


def test_a_machine_without_a_folder_for_temporary_files_will_do(monkeypatch: pytest.MonkeyPatch, fleet: Path) -> None:
    expected = run("render", fleet / "0.yaml").out
    monkeypatch.setattr(tempfile, "tempdir", "/proc")

    assert run("render", fleet / "0.yaml").out == expected != ""


def test_no_room_for_temporary_files_is_told(monkeypatch: pytest.MonkeyPatch, fleet: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/proc")
    monkeypatch.delattr(os, "memfd_create")

    outcome = run("render", fleet)

    assert (outcome.code, outcome.out) == (1, "")
    assert "/proc: error MG503: text cannot be kept there" in outcome.err
    assert "TMPDIR" in outcome.err


GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.mark.parametrize(
    "work",
    [
        lambda fleet: pipeline.judge(pipeline.build([str(fleet)], Options(keep_data=True))),
        lambda _: lint(read_manifests([str(GOLDEN)]).manifests),
    ],
    ids=["render", "lint"],
)
def test_what_nobody_needs_any_more_is_closed_at_once(fleet: Path, work: Callable[[Path], object]) -> None:
    gc.disable()  # a program that does it again and again must not have to wait for it
    try:
        work(fleet)
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            work(fleet)
        assert len(os.listdir("/proc/self/fd")) == before
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("command", "count"),
    [
        (["render"], 1),
        (["render"], 400),
        (["lint"], 1),
        (["render", "--with", str(GOLDEN)], 1),
        (["lint", str(GOLDEN)], 1),
    ],
    ids=lambda each: str(each) if isinstance(each, int) else each[0] + str(len(each)),
)
def test_a_full_disk_is_told_whoever_meets_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str], count: int
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for number in range(count):
        (tmp_path / f"{number}.yaml").write_text(SPEC.format(number=number, timeout="1s"))
    monkeypatch.setattr(os, "pwrite", full)
    outcome = run(*command, tmp_path)

    assert (outcome.code, outcome.out) == (1, "")
    assert "error MG503: text cannot be kept there: No space left on device" in outcome.err


def test_what_was_made_below_the_specs_is_no_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(SPEC.format(number=1, timeout="1s"))
    assert run("render", ".", "-o", "deploy").code == 0

    again = run("render", ".", "-o", "deploy")
    assert (again.code, again.err.rpartition(": ")[2]) == (
        0,
        "0 created, 0 replaced, 0 removed, 4 unchanged\n",
    )
    assert run("render", "deploy", "-o", "x").err.startswith(
        "deploy: error MG006: the folder holds no spec, only files that meshgen made\n"
    )
    (made,) = (tmp_path / "deploy/shop").glob("service-*.yaml")
    assert "MG102" in run("render", made).err
