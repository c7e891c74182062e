"""An error, a late change or Ctrl-C while a folder is written: nothing is lost, torn or left over."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from folders import (
    FOREIGN,
    NEW,
    NEW_LIST,
    OLD,
    ROOTS,
    contents,
    files_in,
    lay_before,
    made,
    put,
    tree,
    write,
)

from meshgen import writer
from meshgen.diagnostic import MeshgenError


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A folder with files of all fates."""
    return lay_before(tmp_path / "before")


def test_an_error_before_the_first_rename_changes_nothing(
    before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leftovers = {path for path in tree(before) if ".meshgen-" in path} - FOREIGN.keys()
    kept = {path: content for path, content in tree(before).items() if path not in leftovers | {"abandoned"}}
    for number in range(1, 1000):
        folder = tmp_path / f"{number}/out"
        shutil.copytree(before, folder)
        failing, said = FailingOperations(number), ""
        with monkeypatch.context() as patch:
            for name in ["open", "write", "close", "mkdir", "lstat", "replace"]:
                patch.setattr(os, name, failing.wrap(name))
            try:
                write(folder, *NEW, NEW_LIST)
            except MeshgenError as error:
                said = str(error)
        if failing.renamed:
            break
        assert "MG503: cannot be written: no space left on device; nothing was changed" in said
        left = {path: content for path, content in tree(folder).items() if path not in leftovers | {"abandoned"}}
        assert left == kept, f"operation {number}"
    assert failing.renamed
    assert number > 20


class FailingOperations:
    """Lets the n-th operation of the writer fail as on a full disk, once."""

    def __init__(self, number: int) -> None:
        self._left = number
        self._opened: set[int] = set()
        self.renamed = False

    def wrap(self, name: str) -> Callable[..., Any]:
        function = getattr(os, name)

        def operation(path: Any, *rest: Any, **named: Any) -> Any:
            is_reading = name == "open" and rest[0] & os.O_ACCMODE == os.O_RDONLY
            if not is_reading and ("/out" in str(path) or path in self._opened):
                self._left -= 1
                if not self._left:
                    if name == "close":
                        function(path)
                    raise OSError(errno.ENOSPC, "No space left on device")
                self.renamed |= name == "replace"
            result = function(path, *rest, **named)
            if name == "open" and not is_reading:
                self._opened.add(result)
            return result

        return operation


def test_an_error_after_the_first_rename_says_how_far_it_came_and_leaves_whole_files(
    before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, done = os.replace, list[str]()

    def fail_at_third(source: str, target: str) -> None:
        if len(done) == 2:
            raise OSError(errno.EIO, "Input/output error")
        done.append(target)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail_at_third)
        with pytest.raises(MeshgenError, match=r"input/output error; 2 of 8 changes were made, each of them whole"):
            write(before, *NEW, NEW_LIST)

    temporary = {path for path in tree(before) if path.endswith(".tmp")} - FOREIGN.keys()
    assert all(path.endswith("-folders.tmp") for path in temporary)
    write(before, *NEW, NEW_LIST)
    assert files_in(before).items() >= contents(*NEW, NEW_LIST).items()


def test_ctrl_c_while_staging_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, OLD[0])
    real, count = os.write, iter(range(10))

    def interrupted(descriptor: int, content: bytes) -> int:
        if next(count) == 2:
            raise KeyboardInterrupt
        return real(descriptor, content)

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, *NEW)

    assert tree(tmp_path) == {"shop": None, **contents(OLD[0])}


def test_a_write_that_the_system_cuts_short_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: real(descriptor, content[:100]))

    write(tmp_path, *NEW)

    assert files_in(tmp_path) == contents(*NEW)


def test_a_name_that_is_too_long_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    put(tmp_path, *OLD)
    before = tree(tmp_path)

    with pytest.raises(MeshgenError, match="cannot be written: file name too long; nothing was changed"):
        write(tmp_path, *NEW, made(f"zoo/{'n' * 300}.yaml"))
    with pytest.raises(MeshgenError, match="file name too long; nothing was changed"):
        write(tmp_path / "x" / ("n" * 300), *NEW)

    assert tree(tmp_path) == before


def test_a_replaced_file_keeps_its_mode_and_owner_and_a_new_one_follows_the_umask(tmp_path: Path) -> None:
    put(tmp_path, *OLD)
    (tmp_path / "shop/a.yaml").chmod(0o640)
    if os.geteuid() == 0:
        os.chown(tmp_path / "shop/a.yaml", 1234, 2345)
    before = (tmp_path / "shop/a.yaml").stat()
    mask = os.umask(0o027)
    try:
        write(tmp_path, *NEW)
    finally:
        os.umask(mask)

    after = (tmp_path / "shop/a.yaml").stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino
    assert stat.S_IMODE((tmp_path / "g.yaml").stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["shop/a.yaml", "new", "g.yaml"])
def test_a_foreign_file_that_appears_after_the_plan_is_not_overwritten(name: str, tmp_path: Path) -> None:
    put(tmp_path, *OLD)
    planned = writer.plan(NEW, tmp_path, ROOTS)
    (tmp_path / name).write_text("mine\n")
    before = tree(tmp_path)

    with pytest.raises(MeshgenError, match="MG501"):
        writer.apply(planned)

    assert tree(tmp_path) == before


def test_a_folder_that_becomes_a_link_after_the_plan_is_not_written_through(tmp_path: Path) -> None:
    put(tmp_path / "in", *OLD)
    planned = writer.plan(NEW, tmp_path / "in", ROOTS)
    (tmp_path / "in/shop").rename(tmp_path / "outside")
    (tmp_path / "in/shop").symlink_to("../outside")
    before = tree(tmp_path)

    with pytest.raises(MeshgenError, match="MG502"):
        writer.apply(planned)

    assert tree(tmp_path) == before


def test_a_foreign_file_that_appears_while_others_are_staged_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, *OLD)
    before, real = tree(tmp_path), os.write

    def write_and_meddle(descriptor: int, content: bytes) -> int:
        (tmp_path / "g.yaml").write_text("mine\n")
        return real(descriptor, content)

    monkeypatch.setattr(os, "write", write_and_meddle)
    with pytest.raises(MeshgenError, match="MG501"):
        write(tmp_path, *NEW)

    assert tree(tmp_path) == {**before, "g.yaml": b"mine\n"}


def test_a_folder_that_never_keeps_still_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, *OLD)
    before, real, times = tree(tmp_path), os.write, iter(range(1, 1000))

    def write_and_meddle(descriptor: int, content: bytes) -> int:
        os.utime(tmp_path / "shop/b.yaml", ns=(0, next(times)))
        return real(descriptor, content)

    monkeypatch.setattr(os, "write", write_and_meddle)
    with pytest.raises(MeshgenError, match="MG503: changes faster than it can be written; nothing was changed"):
        write(tmp_path, *NEW)

    assert tree(tmp_path) == before


def test_a_plan_that_another_run_was_faster_with_is_made_anew(tmp_path: Path) -> None:
    put(tmp_path, *OLD)
    planned = writer.plan(NEW, tmp_path, ROOTS)
    write(tmp_path, made("shop/a.yaml", "b: 1\n"), made("new/deep/f.yaml"), made("new/h.yaml"))

    assert writer.apply(planned).removed == ["new/h.yaml"]
    assert files_in(tmp_path) == contents(*NEW)


def test_where_folders_cannot_be_locked_nothing_is_cleaned_that_another_run_may_need(
    before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)

    write(before, *NEW)

    assert files_in(before).items() >= contents(*NEW).items()
    assert (before / ".meshgen-bbbbbbbbbbbbbbbb-0.tmp").exists()
