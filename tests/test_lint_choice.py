"""What lint leaves out because somebody said so: codes, annotations, a baseline."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from conftest import run
from handwritten import RULE, SEED, SERVICE, codes


def test_codes_are_selected_and_ignored() -> None:
    assert set(codes(run("lint", SEED, "--format", "json", "--select", "MG203").out)) == {"MG203"}
    assert set(codes(run("lint", SEED, "--format", "json", "--select", "service-pins-version").out)) == {"MG203"}
    assert set(codes(run("lint", SEED, "--format", "json", "--select", "IST0173,MG203").out)) == {"MG203", "MG204"}
    assert "MG301" not in codes(run("lint", SEED, "--format", "json", "--ignore", "MG3").out)


def test_an_annotation_silences_codes_on_its_object() -> None:
    for annotation in ("meshgen.dev/ignore: MG203", 'meshgen.dev/ignore: "*"', "meshgen.dev/ignore: 'MG111, MG203'"):
        silent = SERVICE.replace("namespace: shop", f"namespace: shop, annotations: {{{annotation}}}")
        assert run("lint", "-", stdin=f"{silent}---\n{RULE}").code == 0


def test_a_baseline_leaves_only_what_is_new_though_lines_move(tmp_path: Path) -> None:
    file, known = tmp_path / "a.yaml", tmp_path / "known.json"
    file.write_text(f"{SERVICE}---\n{RULE}")
    assert run("lint", file, "--write-baseline", known).code == 0
    file.write_text(f"# moved\n\n{SERVICE}---\n{RULE}")

    assert run("lint", file, "--baseline", known).code == 0
    file.write_text(f"{SERVICE}---\n{RULE}  - {{name: v2, lables: {{version: v3}}}}\n")
    outcome = run("lint", file, "--baseline", known)
    assert outcome.code == 1
    assert "lables" in outcome.out
    assert "subset 'v2' is empty" not in outcome.out or "subsets" in outcome.out
    known.write_text("[]")
    assert "no baseline" in run("lint", file, "--baseline", known).err


def test_a_baseline_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    outcome = run("lint", SEED, "--write-baseline", tmp_path / "nowhere" / "known.json")

    assert (outcome.code, outcome.out) == (1, "")
    assert "known.json: error MG503: cannot be written: No such file or directory" in outcome.err


@pytest.mark.parametrize("words", [("--format", "xml"), ("--baseline", "")])
def test_wrong_usage(words: tuple[str, ...]) -> None:
    assert run("lint", SEED, *words).code == 2


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_code_that_nothing_has_is_wrong_usage(option: str) -> None:
    outcome = run("lint", SEED, option, "MG203,MG999")

    assert (outcome.code, outcome.out) == (2, "")
    assert "no code or rule is named 'MG999'" in outcome.err


def test_a_rule_explains_itself() -> None:
    assert run("rules", "MG203").out.startswith("MG203 service-pins-version (error)\n\nA Service selects one version")
    assert "MG204" in run("rules", "IST0173").out
    assert "MG203  error    service-pins-version\n" in run("rules").out
    assert "did you mean service-pins-version?" in run("rules", "service-pins-versions").err


def row(**changed: object) -> str:
    """A baseline of one finding."""
    finding = {"file": "a", "code": "MG203", "subject": "", "message": "b", "count": 1} | changed
    return json.dumps({"version": 1, "findings": [finding]})


@pytest.mark.parametrize(
    "content",
    ["", "{", "3", "[]", "[" * 100_000, '{"version": 1, "findings": null}', '{"version": 2, "findings": []}',
     row(count="x"), row(count=float("inf")), row(file=[]), "\ud800"],
)  # fmt: skip
def test_what_is_no_baseline_is_said(content: str, tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(content, "utf-8", "surrogatepass")

    outcome = run("lint", SEED, "--baseline", tmp_path / "known.json")

    assert (outcome.code, outcome.out) == (1, "")
    assert f"{tmp_path}/known.json: error MG007: " in outcome.err


def test_a_baseline_is_written_over_no_file_but_a_baseline(tmp_path: Path) -> None:
    manifest, known = tmp_path / "a.yaml", tmp_path / "known.json"
    manifest.write_text(f"{SERVICE}---\n{RULE}")

    outcome = run("lint", manifest, "--write-baseline", manifest)

    assert (outcome.code, manifest.read_text()) == (1, f"{SERVICE}---\n{RULE}")
    assert "is no baseline: it is left alone" in outcome.err
    assert [run("lint", manifest, "--write-baseline", known).code for _ in range(2)] == [0, 0]


def test_a_baseline_that_cannot_be_written_whole_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, known = tmp_path / "a.yaml", tmp_path / "known.json"
    manifest.write_text(f"{SERVICE}---\n{RULE}")
    run("lint", manifest, "--write-baseline", known)
    before = known.read_text()
    manifest.write_text(SERVICE)

    with monkeypatch.context() as full:
        full.setattr(os, "fchmod", no_room)
        outcome = run("lint", manifest, "--write-baseline", known)

    assert (outcome.code, known.read_text()) == (1, before)
    assert "No space left on device" in outcome.err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.yaml", "known.json"]


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_new_baseline_has_the_rights_of_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SERVICE)

    run("lint", tmp_path / "a.yaml", "--write-baseline", tmp_path / "known.json")

    assert (tmp_path / "known.json").stat().st_mode == (tmp_path / "a.yaml").stat().st_mode


def test_a_baseline_that_is_written_anew_keeps_what_is_still_there(tmp_path: Path) -> None:
    manifest, known = tmp_path / "a.yaml", tmp_path / "known.json"
    manifest.write_text(f"{SERVICE}---\n{RULE}")
    run("lint", manifest, "--write-baseline", known)

    run("lint", manifest, "--baseline", known, "--write-baseline", known)

    assert run("lint", manifest, "--baseline", known).code == 0
