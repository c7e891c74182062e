"""Runs that are killed, or meet each other: whole files only, and the next run completes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from folders import (
    FOREIGN,
    NEW,
    NEW_LIST,
    OLD,
    OLD_LIST,
    ROOTS,
    STAY,
    TEXT,
    contents,
    files_in,
    lay_before,
    made,
    script,
    tree,
    write,
)

from meshgen.ownership import File

# Runs `apply` in a child for every n and kills it at its n-th operation; a write is cut in two by it.
KILLER = """
    import fcntl, os, pickle, shutil, signal, sys
    from meshgen import writer
    template, base, files, roots = pickle.load(sys.stdin.buffer)
    EVENTS = {"open", "os.scandir", "fcntl.flock"}
    EVENTS |= {f"os.{name}" for name in ["rename", "remove", "mkdir", "rmdir", "chmod", "chown"]}
    write = os.write

    def step(half=b"", descriptor=-1):
        global left
        left -= 1
        if not left:
            if half:
                write(descriptor, half)
            os.kill(os.getpid(), signal.SIGKILL)

    def write_or_die(descriptor, content):
        step(bytes(content[: len(content) // 2]), descriptor)
        return write(descriptor, content)

    for left in range(1, 1000):
        folder = f"{base}/{left}/out"
        os.mkdir(f"{base}/{left}")
        if template:
            shutil.copytree(template, folder)
        child = os.fork()
        if not child:
            os.write = write_or_die
            sys.addaudithook(lambda event, arguments: step() if event in EVENTS else None)
            writer.apply(writer.plan(files, folder, roots))
            os._exit(0)
        if os.waitpid(child, 0)[1] != signal.SIGKILL:
            break
"""


def killed_at_each_step(template: Path | None, base: Path, *files: File) -> list[Path]:
    """The folders of runs that were killed at their first operation, their second and so on; the last one ended."""
    base.mkdir()
    result = script(KILLER, (str(template or ""), str(base), files, ROOTS))
    assert (result.returncode, result.stderr.decode()) == (0, "")
    return [folder / "out" for folder in sorted(base.iterdir(), key=lambda path: int(path.name))]


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """A folder with files of all fates."""
    return lay_before(tmp_path / "before")


def test_a_run_killed_at_any_operation_leaves_whole_files_and_the_next_one_completes(
    before: Path, tmp_path: Path
) -> None:
    theirs = {name: text.encode() for name, text in FOREIGN.items()}
    old, new = contents(*STAY, *OLD, OLD_LIST) | theirs, contents(STAY[1], *NEW, NEW_LIST) | theirs
    whole = set(old.items()) | set(new.items())
    runs = killed_at_each_step(before, tmp_path / "runs", *NEW, NEW_LIST)
    wanted = {**new, "shop": None, "mixed": None, "empty": None, "new": None, "new/deep": None}

    assert len(runs) > 40
    assert tree(runs[-1]) == wanted
    assert files_in(runs[0]).items() >= old.items()
    for number, folder in enumerate(runs, 1):
        seen = {
            path: content for path, content in files_in(folder).items() if ".meshgen-" not in path or path in theirs
        }
        assert seen.items() <= whole, f"killed at operation {number}"
        assert seen.keys() >= old.keys() & new.keys()
        assert set(yaml.safe_load(seen["kustomization.yaml"])["resources"]) <= seen.keys()
        shutil.copytree(folder, folder.with_name("again"))
        write(folder, *NEW, NEW_LIST)
        assert tree(folder) == wanted, f"killed at operation {number}"
        write(folder.with_name("again"))
        left = {**theirs, **contents(STAY[1]), "mixed": None, "empty": None}
        assert tree(folder.with_name("again")) == left, f"killed at operation {number}, all specs gone by the next run"


def test_a_run_killed_while_it_makes_the_folder_is_completed_by_the_next_one(tmp_path: Path) -> None:
    for folder in killed_at_each_step(None, tmp_path / "runs", *NEW):
        write(folder, *NEW)
        assert files_in(folder) == contents(*NEW)


# Eight runs of two kinds at once; whoever is last has its files there, and nobody fails.
RACE = """
    import os, pickle, sys
    from meshgen import writer
    folder, kinds, roots = pickle.load(sys.stdin.buffer)
    children = []
    for number in range(8):
        children.append(os.fork())
        if not children[-1]:
            for _ in range(5):
                writer.apply(writer.plan(kinds[number % 2], folder, roots))
            os._exit(0)
    sys.exit(any([os.waitpid(child, 0)[1] for child in children]))
"""


def test_runs_at_the_same_time_wait_for_each_other(tmp_path: Path) -> None:
    many = [made(f"{number % 7}/{number}.yaml", TEXT) for number in range(60)]
    kinds = [many[:40], many[20:]]

    result = script(RACE, (str(tmp_path / "out"), kinds, ROOTS))

    assert (result.returncode, result.stderr.decode()) == (0, "")
    assert files_in(tmp_path / "out") in [contents(*kind) for kind in kinds]
