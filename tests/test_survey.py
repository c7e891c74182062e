"""What stands in the way in an output folder is named and left alone, and so is everything else of other people."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import ROOTS, contents, files_in, made, put, said, tree, write

from meshgen import writer
from meshgen.diagnostic import MeshgenError

NEW = made("shop/a.yaml")


def _foreign(folder: Path) -> None:
    put(folder, made("shop/a.txt"))
    put(folder / "shop", **{"a.yaml": "mine: true\n"})


def _link(folder: Path) -> None:
    put(folder.parent, **{"outside.yaml": NEW.content.decode()})
    put(folder, made("shop/a.txt"))
    (folder / "shop/a.yaml").symlink_to("../../outside.yaml")


def _linked_folder(folder: Path) -> None:
    (folder.parent / "outside").mkdir()
    put(folder.parent / "outside", made("stale.yaml"))
    (folder / "shop").symlink_to("../outside")


def _others(folder: Path) -> None:
    put(folder, made("shop/a.yaml", "", "shop/users.yaml", "b/x.yaml", "b/y, z.yaml", "-", "c.yaml", "d.yaml"))


def _pipe(folder: Path) -> None:
    (folder / "shop").mkdir()
    os.mkfifo(folder / "shop/a.yaml")


IN_THE_WAY: list[tuple[Callable[[Path], object], str]] = [
    (
        _foreign,
        (
            "shop/a.yaml: error MG501: a file that meshgen did not make is in the way of the file"
            " made from 'shop/users.yaml'"
        ),
    ),
    (
        _others,
        (
            "shop/a.yaml: error MG501: what meshgen made from 'b/x.yaml', '\"b/y, z.yaml\"', standard input and 2 more"
            " (not among the specs given) is in the way of the file made from 'shop/users.yaml'"
        ),
    ),
    (_link, "shop/a.yaml: error MG502: a symbolic link is in the way of the file made from 'shop/users.yaml'"),
    (_linked_folder, "shop: error MG502: a symbolic link is in the way of the folder of 'shop/a.yaml'"),
    (
        lambda folder: (folder / "shop/a.yaml").mkdir(parents=True),
        "shop/a.yaml: error MG501: a folder is in the way of the file made from 'shop/users.yaml'",
    ),
    (lambda folder: put(folder, shop="x"), "shop: error MG501: a file is in the way of the folder of 'shop/a.yaml'"),
    (
        _pipe,
        (
            "shop/a.yaml: error MG501: something that is no ordinary file is in the way of the file"
            " made from 'shop/users.yaml'"
        ),
    ),
    (
        lambda folder: put(folder, made("shop/A.yaml")),
        (
            "shop/A.yaml: error MG506: is there already, and differs from 'shop/a.yaml' in upper and lower case alone,"
            " which many file systems take for one name"
        ),
    ),
]


@pytest.mark.parametrize(("lay", "words"), IN_THE_WAY, ids=[re.sub(r"\W+", "-", words[:70]) for _, words in IN_THE_WAY])
def test_what_is_in_the_way_is_named_once_and_nothing_is_changed(
    lay: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    put(folder, made("stale.yaml"))
    lay(folder)
    before = _still(tmp_path)
    planned = writer.plan([NEW, made("new.yaml")], folder, ROOTS)

    assert said(folder, planned.problems) == [words]
    assert all(problem.hint for problem in planned.problems)
    with pytest.raises(MeshgenError, match=planned.problems[0].code):
        writer.apply(planned)
    assert _still(tmp_path) == before


def _still(folder: Path) -> dict[str, bytes | str | None]:
    """The tree, without waiting for somebody to write into a pipe."""
    pipes = [path for path in folder.rglob("*") if path.is_fifo()]
    for path in pipes:
        path.unlink()
    found = tree(folder)
    for path in pipes:
        os.mkfifo(path)
        found[path.relative_to(folder).as_posix()] = "a pipe"
    return found


def test_links_and_pipes_that_are_not_in_the_way_are_neither_followed_nor_removed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "out"
    put(outside, made("stale.yaml"))
    folder.mkdir()
    (folder / "linked").symlink_to(outside)
    (folder / "linked.yaml").symlink_to(outside / "stale.yaml")
    (folder / "dead.yaml").symlink_to("nowhere")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.yaml")
    os.mkfifo(folder / ".meshgen-0123456789abcdef-0.tmp")

    done = write(folder, NEW)

    assert (done.removed, done.problems) == ([], ())
    assert files_in(outside) == contents(made("stale.yaml"))
    assert sorted(os.listdir(folder)) == [
        ".meshgen-0123456789abcdef-0.tmp",
        "dead.yaml",
        "linked",
        "linked.yaml",
        "loop",
        "pipe.yaml",
        "shop",
    ]


def test_the_output_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")

    write(tmp_path / "out", NEW)

    assert files_in(tmp_path / "real") == contents(NEW)


@pytest.mark.parametrize(
    ("lay", "words"),
    [
        (lambda out: out.write_text("x"), ": error MG501: is no folder, so nothing can be written into it"),
        (lambda out: out.symlink_to("nowhere"), ": error MG502: is a symbolic link that leads nowhere"),
        (lambda out: out.symlink_to(out.name), ": error MG007: cannot be read: too many levels of symbolic links"),
    ],
)
def test_an_output_folder_that_is_none_is_said(lay: Callable[[Path], object], words: str, tmp_path: Path) -> None:
    lay(tmp_path / "out")

    assert said(tmp_path / "out", writer.plan([NEW], tmp_path / "out", ROOTS).problems) == [words]


def test_a_place_is_written_as_an_editor_takes_it(tmp_path: Path) -> None:
    put(tmp_path, **{"a.yaml": "mine: true\n"})

    (problem,) = writer.plan([made("a.yaml")], f"{tmp_path}/", ROOTS).problems
    assert str(problem.location) == f"{tmp_path}/a.yaml"


def test_an_output_folder_below_a_file_is_said(tmp_path: Path) -> None:
    put(tmp_path, file="x")

    with pytest.raises(MeshgenError, match="is no folder"):
        write(tmp_path / "file/out", NEW)


def test_what_cannot_be_read_is_an_error_in_the_way_and_a_warning_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, NEW, made("b.yaml"), made("locked/x.yaml"), made("shop2/x.yaml"))
    locked = {f"{tmp_path}/{name}" for name in ["shop/a.yaml", "b.yaml", "locked", "shop2"]}
    for name in ["open", "scandir"]:
        monkeypatch.setattr(os, name, _refusing(getattr(os, name), locked))

    planned = writer.plan([NEW, made("shop2/y.yaml")], tmp_path, ROOTS)

    unknown = "; whether meshgen made it once and no longer does is not known"
    assert said(tmp_path, planned.problems) == [
        f"b.yaml: warning MG007: cannot be read: permission denied{unknown}",
        f"locked: warning MG007: cannot be read: permission denied{unknown}",
        "shop/a.yaml: error MG007: cannot be read: permission denied",
        "shop2: error MG007: cannot be read: permission denied",
    ]


def test_a_file_that_breaks_off_while_it_is_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, NEW)

    def break_off(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", break_off)

    problems = writer.plan([NEW], tmp_path, ROOTS).problems
    assert said(tmp_path, problems) == ["shop/a.yaml: error MG007: cannot be read: input/output error"]


def _refusing(function: Callable[..., object], refused: set[str]) -> Callable[..., object]:
    """As for a user without permission: the tests may be run by root, whom no permission stops."""

    def refuse(path: str, *rest: object) -> object:
        if path in refused:
            raise PermissionError(13, "Permission denied", path)
        return function(path, *rest)

    return refuse


def test_names_that_differ_by_case_alone_are_an_error_before_anything_is_there(tmp_path: Path) -> None:
    planned = writer.plan(
        [made("x/A.yaml", "", "s/a.yaml"), made("x/a.yaml", "", "s/b.yaml"), made("x/b.yaml")], tmp_path, ROOTS
    )

    assert said(tmp_path, planned.problems) == [
        (
            "x/A.yaml: error MG506: made from 's/a.yaml', differs from 'x/a.yaml', made from 's/b.yaml', in upper"
            " and lower case alone, which many file systems take for one name"
        ),
    ]


def test_accents_written_in_two_ways_are_one_name_too(tmp_path: Path) -> None:
    assert writer.plan([made("\u00e9.yaml"), made("e\u0301.yaml")], tmp_path, ROOTS).failed


@pytest.mark.parametrize("is_there", [True, False])
def test_a_path_cannot_be_a_file_and_a_folder(is_there: bool, tmp_path: Path) -> None:
    if is_there:
        (tmp_path / "a.yaml").mkdir()
    planned = writer.plan([made("a.yaml"), made("a.yaml/b.yaml")], tmp_path, ROOTS)

    assert said(tmp_path, planned.problems) == [
        "a.yaml: error MG501: made from 'shop/users.yaml', would have to be a folder as well, for 'a.yaml/b.yaml'"
    ]
