"""A folder becomes equal to the files that are wanted, and nobody else's file is touched on the way."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from folders import ROOTS, contents, files_in, made, put, tree, write
from hypothesis import given, settings
from hypothesis import strategies as st

from meshgen import writer
from meshgen.diagnostic import MeshgenError
from meshgen.ownership import File

NEW = made("shop/a.yaml")


def test_a_missing_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    done = write(tmp_path / "k8s/prod/", NEW, made("b.yaml"))

    assert files_in(tmp_path / "k8s/prod") == contents(NEW, made("b.yaml"))
    assert (done.created, done.replaced, done.removed, done.unchanged) == (["b.yaml", "shop/a.yaml"], [], [], 0)


def test_what_changed_is_replaced_what_is_stale_goes_and_the_rest_is_not_touched(tmp_path: Path) -> None:
    put(
        tmp_path,
        made("shop/a.yaml", "old: 1\n"),
        made("shop/same.yaml"),
        made("old/deep/stale.yaml"),
        made("shop/stale.yml"),
    )
    os.utime(tmp_path / "shop/same.yaml", ns=(5, 5))
    before = (tmp_path / "shop/same.yaml").stat()

    done = write(tmp_path, NEW, made("shop/same.yaml"))

    assert tree(tmp_path) == {"shop": None, **contents(NEW, made("shop/same.yaml"))}
    after = (tmp_path / "shop/same.yaml").stat()
    assert (after.st_mtime_ns, after.st_ino) == (5, before.st_ino)
    assert (done.replaced, done.removed, done.unchanged) == (
        ["shop/a.yaml"],
        ["old/deep/stale.yaml", "shop/stale.yml"],
        1,
    )


def test_a_folder_that_is_as_it_should_be_may_be_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, NEW)
    for name in ["mkdir", "replace", "remove", "rmdir", "write"]:
        monkeypatch.delattr(os, name)

    assert not write(tmp_path, NEW).drift


def test_a_file_of_the_same_length_with_another_text_is_replaced(tmp_path: Path) -> None:
    put(tmp_path, made("shop/a.yaml", "a: 2\n"))

    assert write(tmp_path, NEW).replaced == ["shop/a.yaml"]
    assert files_in(tmp_path) == contents(NEW)


def test_foreign_files_and_empty_folders_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, made("mixed/stale.yaml"), made("empty/x/y.txt"))
    (tmp_path / "empty/x/y.txt").unlink()
    put(tmp_path / "mixed", **{"foreign.yaml": "a: 1\n", "README": "x", ".keep": "", "empty.yaml": ""})
    (tmp_path / "binary.yaml").write_bytes(b"\xff\x00" * 50_000)
    (tmp_path / "notes.txt").write_bytes(made("notes.txt").content)
    (tmp_path / ".hidden").mkdir()
    put(tmp_path / ".hidden", made("ours.yaml"))
    before = tree(tmp_path)

    write(tmp_path, NEW)

    del before["mixed/stale.yaml"]
    assert tree(tmp_path) == {**before, "shop": None, **contents(NEW)}


def test_only_what_came_from_below_the_specs_given_is_removed(tmp_path: Path) -> None:
    stay = [
        made("b.yaml", "b: 1\n", "users/b.yaml"),
        made("c.yaml", "c: 1\n", "shop/a.yaml", "users/b.yaml"),
        made("d.yaml", "c: 1\n", "-"),
        made("e.yaml", "c: 1\n", "shop.yaml"),
    ]
    put(tmp_path, *stay, made("stale.yaml", "a: 1\n", "shop/a.yaml", "shop/deep/b.yaml"))

    assert write(tmp_path).removed == ["stale.yaml"]
    assert files_in(tmp_path) == contents(*stay)


def test_without_pruning_nothing_is_removed(tmp_path: Path) -> None:
    put(tmp_path, made("stale.yaml"))

    assert not writer.plan([], tmp_path, ROOTS, prune=False).drift


def test_a_stale_file_with_a_very_long_first_line_is_found(tmp_path: Path) -> None:
    put(tmp_path, made("stale.yaml", "", *(f"shop/{number:0200}.yaml" for number in range(100))))

    assert write(tmp_path).removed == ["stale.yaml"]


def test_files_that_git_checked_out_with_windows_line_ends_are_replaced(tmp_path: Path) -> None:
    put(tmp_path, NEW)
    (tmp_path / NEW.path).write_bytes(NEW.content.replace(b"\n", b"\r\n"))

    write(tmp_path, NEW)

    assert files_in(tmp_path) == contents(NEW)


def test_two_files_of_one_path_are_a_bug_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"two files are to be 'shop/a\.yaml'"):
        writer.plan([NEW, made("shop/a.yaml")], tmp_path, ROOTS)


def test_the_difference_can_be_applied_by_patch_and_nothing_is_written_for_it(tmp_path: Path) -> None:
    wanted = [
        made("shop/a.yaml", "a: 1\nb: x\u2028y\n" + "c: 1\n" * 20 + "d"),
        made("new/b.yaml", "x: 1\r\ny: 2\n"),
        made("same.yaml"),
    ]
    put(tmp_path, made("shop/a.yaml", "a: 2\n" + "c: 1\n" * 20 + "d: 2"), made("old.yaml", ""), made("same.yaml"))
    before = tree(tmp_path)
    planned = writer.plan(wanted, tmp_path, ROOTS)
    difference = writer.diff(planned)

    assert planned.drift
    assert tree(tmp_path) == before
    assert [line for line in difference.split("\n") if re.match(r"(---|\+\+\+) ", line)] == [
        "--- /dev/null", "+++ b/new/b.yaml", "--- a/old.yaml", "+++ /dev/null", "--- a/shop/a.yaml", "+++ b/shop/a.yaml"
    ]  # fmt: skip
    git = ["git", "-c", "core.autocrlf=false", "apply", "-p1", "--whitespace=nowarn"]
    subprocess.run(
        git, cwd=tmp_path, input=difference.encode(), check=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": "/"}
    )
    assert files_in(tmp_path) == contents(*wanted)


def test_there_is_no_difference_where_nothing_would_change(tmp_path: Path) -> None:
    write(tmp_path, NEW)

    assert writer.diff(writer.plan([NEW], tmp_path, ROOTS)) == ""


def test_the_name_of_a_stale_file_cannot_play_tricks_on_the_reader_of_a_difference(tmp_path: Path) -> None:
    put(tmp_path, made("a\x1b[2J\n+++ b.yaml"))

    assert writer.diff(writer.plan([], tmp_path, ROOTS)).split("\n")[0] == '--- "a/a\\u001b[2J\\n+++ b.yaml"'


PARTS = st.sampled_from(["x", "y"])
PATHS = st.builds(
    lambda folders, name: "/".join([*folders, name]), st.lists(PARTS, max_size=2), st.sampled_from(["a.yaml", "b.yaml"])
)
FOREIGN = PATHS | st.builds("/".join, st.lists(PARTS, min_size=1, max_size=2))
RUNS = st.lists(
    st.tuples(st.sampled_from(["p", "q"]), st.dictionaries(PATHS, st.sampled_from(["1", "2"]))), min_size=1, max_size=5
)


def _clash(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


@settings(max_examples=150)
@given(st.lists(FOREIGN, max_size=2), RUNS)
def test_any_sequence_of_runs_ends_with_what_was_wanted_and_keeps_foreign_files(
    foreign: list[str], runs: list[tuple[str, dict[str, str]]]
) -> None:
    with TemporaryDirectory() as name:
        folder, theirs = Path(name), dict[str, bytes]()
        for path in foreign:
            if not any(_clash(path, other) for other in theirs):
                theirs[path] = b"theirs: 1\n"
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(theirs[path])
        ours: dict[str, dict[str, bytes]] = {"p": {}, "q": {}}
        for specs, texts in runs:
            files = [made(path, f"a: {text}\n", f"{specs}/s.yaml") for path, text in texts.items()]
            others = theirs | ours["q" if specs == "p" else "p"]
            if any(_clash(file.path, other) for file in files for other in others):
                with pytest.raises(MeshgenError, match="MG501"):
                    write(folder, *files, roots=(f"{specs}/",))
            else:
                write(folder, *files, roots=(f"{specs}/",))
                ours[specs] = contents(*files)
            assert files_in(folder) == theirs | ours["p"] | ours["q"]
            assert all(
                any(folder.joinpath(path).iterdir()) for path, content in tree(folder).items() if content is None
            )


@given(st.text(max_size=20))
def test_no_path_leaves_the_folder(path: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name, "in")
        try:
            write(folder, File(path, "", ("shop/a.yaml",)))
        except (ValueError, MeshgenError):
            assert not folder.exists()
        assert os.listdir(name) in ([], ["in"])
