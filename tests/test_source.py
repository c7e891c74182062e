"""Files, folders and standard input become sources; what cannot be read is told by its name."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from conftest import run

from meshgen.diagnostic import MeshgenError
from meshgen.source import Source, find, roots


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `conf` in the working directory."""
    for name in (
        "accounts/user.yaml",
        "accounts/b/z.yml",
        "accounts/.hidden/x.yaml",
        "accounts/.x.yaml",
        "accounts/kustomization.yaml",
    ):
        file = tmp_path / "conf" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("a: 1\n")
    (tmp_path / "conf/accounts/notes.txt").write_text("no")
    (tmp_path / "conf/empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "conf"


def found(*arguments: str) -> list[tuple[str, str]]:
    sources, diagnostics = find(arguments)
    assert not diagnostics
    return [(source.file, source.label) for source in sources]


def told(*arguments: str) -> list[str]:
    return [f"{each.location} {each.code}: {each.message}" for each in find(arguments)[1]]


@pytest.mark.usefixtures("conf")
def test_a_folder_means_all_yaml_below_it_sorted_by_name() -> None:
    files = [("conf/accounts/b/z.yml", "accounts/b/z.yml"), ("conf/accounts/user.yaml", "accounts/user.yaml")]

    assert found("conf/accounts") == found("conf/accounts/") == files
    assert found("./conf/accounts")[0] == ("./conf/accounts/b/z.yml", "accounts/b/z.yml")
    assert found("conf")[0] == ("conf/accounts/b/z.yml", "conf/accounts/b/z.yml")


def test_an_ending_may_be_written_in_upper_case(conf: Path) -> None:
    (conf / "accounts/B.YAML").write_text("a: 1\n")
    (conf / "accounts/c.Yml").write_text("a: 1\n")

    assert [label for _, label in found("conf/accounts")] == [
        "accounts/B.YAML", "accounts/b/z.yml", "accounts/c.Yml", "accounts/user.yaml",
    ]  # fmt: skip


@pytest.mark.usefixtures("conf")
def test_a_file_is_labelled_with_its_folder() -> None:
    assert found("conf/accounts/user.yaml") == [("conf/accounts/user.yaml", "accounts/user.yaml")]
    assert found("conf/accounts/notes.txt") == [("conf/accounts/notes.txt", "accounts/notes.txt")]


def test_the_working_directory_is_labelled_with_its_name(conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(conf / "accounts")

    assert found(".") == [("./b/z.yml", "accounts/b/z.yml"), ("./user.yaml", "accounts/user.yaml")]
    assert found("user.yaml") == [("user.yaml", "accounts/user.yaml")]
    assert found("../accounts/b") == [("../accounts/b/z.yml", "b/z.yml")]
    assert found(str(conf / "accounts" / "b")) == [(f"{conf}/accounts/b/z.yml", "b/z.yml")]


@pytest.mark.usefixtures("conf")
def test_what_lies_below_the_arguments_is_known_by_label() -> None:
    assert roots(["conf/accounts/", "conf/accounts/user.yaml", "-", "."]) == (
        "accounts/",
        "accounts/user.yaml",
        "-",
        f"{Path.cwd().name}/",
    )


def test_nothing_is_read_twice(conf: Path) -> None:
    (conf / "accounts/c").symlink_to("b")
    (conf / "accounts/link.yaml").symlink_to("user.yaml")

    assert [
        label
        for _, label in found(
            "conf/accounts", "conf/accounts/user.yaml", "conf", "conf/accounts/../accounts", "conf/accounts"
        )
    ] == [
        "accounts/b/z.yml",
        "accounts/link.yaml",
    ]


def test_links_that_lead_in_circles_end(conf: Path) -> None:
    (conf / "accounts/b/back").symlink_to("..")
    (conf / "accounts/b/self.yaml").symlink_to("self.yaml")

    assert [each.label for each in find(["conf/accounts"])[0]] == ["accounts/b/z.yml", "accounts/user.yaml"]
    assert told("conf/accounts") == [
        "conf/accounts/b/self.yaml MG007: cannot be read: too many levels of symbolic links"
    ]


def test_what_is_not_there_or_empty_is_told_by_name(conf: Path) -> None:
    (conf / "accounts/gone.yaml").symlink_to("nowhere")

    assert told("conf/none.yaml", "conf/empty", "nothing/", "conf/accounts", "a\0b") == [
        "conf/none.yaml MG007: there is no such file or folder",
        "conf/empty MG006: the folder holds no .yaml or .yml file",
        "nothing/ MG007: there is no such file or folder",
        "conf/accounts/gone.yaml MG007: there is no such file or folder",
        "a\\x00b MG007: cannot be read: there is a NUL in its name",
    ]


def test_what_is_no_file_is_told_and_not_waited_for(conf: Path) -> None:
    os.mkfifo(conf / "accounts/pipe.yaml")

    assert told("conf/accounts") == ["conf/accounts/pipe.yaml MG007: cannot be read: it is no regular file"]


@pytest.mark.parametrize("name", ["a\nkind: x.yaml", "b\x1b.yaml", os.fsdecode(b"c\xff.yaml"), "d\u2028.yaml"])
def test_a_name_that_would_break_the_first_line_is_refused(conf: Path, name: str) -> None:
    (conf / "empty" / name).write_text("a: 1\n")

    (said,) = told("conf/empty")
    assert (
        said == f"conf/empty/{ascii(name)[1:-1]} MG007: cannot be read: its name has characters that cannot be printed"
    )


def test_an_unreadable_file_is_told_when_it_is_read(conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = find(["conf/accounts/user.yaml"])[0]
    assert source.read() == b"a: 1\n"
    (conf / "accounts/user.yaml").unlink()

    with pytest.raises(MeshgenError, match=r"conf/accounts/user.yaml: error MG007: there is no such file"):
        source.read()
    monkeypatch.setattr("os.open", _denied)
    with pytest.raises(MeshgenError, match=r"user.yaml: error MG007: cannot be read: permission denied"):
        source.read()


def _denied(file: str, _: int) -> int:
    raise PermissionError(13, "Permission denied", file)


def test_an_unreadable_folder_is_told_by_name(monkeypatch: pytest.MonkeyPatch, conf: Path) -> None:
    def scandir(folder: str) -> object:
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr("os.scandir", scandir)

    assert told("conf/accounts")[0] == "conf/accounts/ MG007: cannot be read: permission denied"
    assert conf.exists()


def test_a_dash_means_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a: 1\n")))

    assert find(["-", "-"])[0] == [Source("-", "-")]
    assert Source("-", "-").read() == b"a: 1\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [("", "standard input is empty"), ("# x\n", "standard input holds no document, only comments or blank lines")],
)
def test_standard_input_without_documents_is_no_file_to_remove(text: str, what: str) -> None:
    outcome = run("validate", "-", stdin=text)

    assert outcome.code == 1
    assert outcome.err.splitlines()[:2] == [
        f"-: error MG006: {what}",
        "  hint: the program before the pipe wrote no document",
    ]
