"""A full or read-only disk is said, and nothing has been changed: tried on real file systems."""

from __future__ import annotations

import os
import pickle
import subprocess
from pathlib import Path
from typing import Any

import pytest
from folders import (
    NEW,
    OLD,
    ROOTS,
    TEXT,
    contents,
    made,
    script,
)

from meshgen.ownership import File

# Mounts need root, or a user namespace that has it.
MOUNTED = """
    import os, pickle, subprocess, sys
    from meshgen import writer
    from meshgen.diagnostic import MeshgenError
    folder, options, setup, later, files, roots = pickle.load(sys.stdin.buffer)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)

    def snapshot():
        found = {}
        for above, folders, names in os.walk(folder):
            for name in folders + names:
                path = os.path.join(above, name)
                found[os.path.relpath(path, folder)] = None if os.path.isdir(path) else open(path, "rb").read()
        return found

    writer.apply(writer.plan(setup, folder, roots))
    for command in later:
        subprocess.run(command, check=True)
    before, said = snapshot(), ""
    try:
        writer.apply(writer.plan(files, folder, roots))
    except MeshgenError as error:
        said = str(error)
    sys.stdout.buffer.write(pickle.dumps((said, before, snapshot())))
"""


def on_a_mount(
    folder: Path, options: str, later: list[list[str]], *files: File
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """What is said on a file system of its own that holds OLD, and the folder before and after it."""
    folder.mkdir()
    command = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    try:
        probe = subprocess.run(
            [*command, "mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("there is no unshare here to mount a file system with")
    if probe.returncode:
        pytest.skip(f"no file system can be mounted here: {probe.stderr.strip()}")
    result = script(MOUNTED, (str(folder), options, OLD, later, files, ROOTS), *command)
    assert result.returncode == 0, result.stderr.decode()
    said, before, after = pickle.loads(result.stdout)
    return said, before, after


def test_a_full_disk_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    many = [made(f"shop/{number:03}.yaml", TEXT) for number in range(100)]

    said, before, after = on_a_mount(tmp_path / "disk", "size=128k", [], *NEW, *many)

    assert "error MG503: cannot be written: no space left on device; nothing was changed" in said
    assert f"{tmp_path}/disk/shop/" in said
    assert before.items() >= contents(*OLD).items()
    assert after == before


def test_a_disk_without_inodes_left_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    said, before, after = on_a_mount(
        tmp_path / "disk", "nr_inodes=14", [], *NEW, *(made(f"{number}.yaml") for number in range(9))
    )

    assert "no space left on device; nothing was changed" in said
    assert after == before


def test_a_read_only_folder_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    said, before, after = on_a_mount(folder, "size=1m", [["mount", "-o", "remount,ro", str(folder)]], *NEW)

    assert said == f"{folder}: error MG503: cannot be written: read-only file system; nothing was changed"
    assert after == before


def test_a_read_only_folder_with_stale_files_alone_is_noticed_before_anything_is_changed(tmp_path: Path) -> None:
    inner = f"{tmp_path}/disk/mixed"
    said, before, after = on_a_mount(
        tmp_path / "disk", "size=1m", [["mount", "--bind", "-o", "ro", inner, inner]], *NEW
    )

    assert said == f"{inner}: error MG503: cannot be written: read-only file system; nothing was changed"
    assert after == before
