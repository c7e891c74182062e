"""Folders as the writer's tests see them: every path with what is there, and files made from given specs."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

from meshgen import writer
from meshgen.diagnostic import Diagnostic
from meshgen.layout import kustomization
from meshgen.ownership import File

ROOTS = ("shop/",)


def made(path: str, text: str = "a: 1\n", *sources: str) -> File:
    """A file of ours, made from `shop/users.yaml` unless sources are given."""
    return File(path, text, sources or ("shop/users.yaml",))


def put(folder: Path, *files: File, **foreign: str) -> None:
    """Lay files of ours, and texts of somebody else by name, into a folder."""
    for file in files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    for name, text in foreign.items():
        (folder / name).write_text(text)


def tree(folder: Path) -> dict[str, bytes | str | None]:
    """Every path below `folder`: a file's bytes, None for a folder, where a link leads."""
    found: dict[str, bytes | str | None] = {}
    for above, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(above, name)
            content = os.readlink(path) if path.is_symlink() else None if path.is_dir() else path.read_bytes()
            found[path.relative_to(folder).as_posix()] = content
    return found


def contents(*files: File) -> dict[str, bytes]:
    """The files of a tree that these make."""
    return {file.path: file.content for file in files}


def files_in(folder: Path) -> dict[str, bytes | str]:
    """A tree without its folders."""
    return {path: content for path, content in tree(folder).items() if content is not None}


def write(folder: Path, *files: File, roots: tuple[str, ...] = ROOTS) -> writer.Plan:
    """Plan and apply in one go."""
    return writer.apply(writer.plan(files, folder, roots))


def said(folder: Path, problems: tuple[Diagnostic, ...]) -> list[str]:
    """What a person reads, with places relative to the folder."""
    places = [each.location.file.removeprefix(f"{folder}/").removeprefix(str(folder)) for each in problems]
    return [
        f"{place}: {each.severity.value} {each.code}: {each.message}"
        for place, each in zip(places, problems, strict=True)
    ]


TEXT = "a: 1\n" * 500
STAY = [made("shop/same.yaml"), made("mixed/theirs.yaml", "", "users/b.yaml")]
OLD = [
    made("shop/a.yaml", "old: 1\n" * 500),
    made("shop/b.yaml", "old: 2\n"),
    made("gone/c.yaml"),
    made("gone/deep/d.yaml"),
    made("mixed/e.yaml"),
]
NEW = [
    made("shop/a.yaml", TEXT),
    made("shop/b.yaml", TEXT),
    made("new/deep/f.yaml", TEXT),
    made("g.yaml", TEXT),
    STAY[0],
]
OLD_LIST, NEW_LIST = kustomization([STAY[0], *OLD], ROOTS), kustomization(NEW, ROOTS)
FOREIGN: dict[str, str] = {
    "README": "x",
    "mixed.yaml": "a: 1\n",
    ".meshgen-0123456789abcdef-9.tmp": "somebody else's\n",
}


def lay_before(folder: Path) -> Path:
    """Lay files that NEW keeps, replaces and removes, foreign ones, and what an earlier killed run left."""
    put(folder, *STAY, *OLD, OLD_LIST)
    put(folder, **FOREIGN)
    put(folder, **{".meshgen-aaaaaaaaaaaaaaaa-0.tmp": "# Made by mesh", ".meshgen-bbbbbbbbbbbbbbbb-0.tmp": ""})
    (folder / "abandoned").mkdir()
    (folder / "empty").mkdir()
    journal = "# Made by meshgen at work: folders that go where they are left empty\n"
    put(folder, **{".meshgen-aaaaaaaaaaaaaaaa-folders.tmp": journal + '["abandoned"]'})
    put(folder, **{".meshgen-bbbbbbbbbbbbbbbb-folders.tmp": journal + '["aban'})
    return folder


def script(code: str, given: object, *command: str) -> subprocess.CompletedProcess[bytes]:
    """Run Python code in a process of its own, with something pickled on its standard input."""
    root = Path(writer.__file__).parents[1]
    return subprocess.run(
        [*command, sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        input=pickle.dumps(given),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
