"""The first line tells from which specs a file was made, whatever they are called."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from meshgen.ownership import File, first_line, made_from, quoted, strangers

LABELS = st.lists(st.text(st.characters(exclude_categories=[])), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        (["accounts/user-service.yaml"], "# Made by meshgen from accounts/user-service.yaml; change that.\n"),
        (["a/x.yaml", "a/y.yaml"], "# Made by meshgen from a/x.yaml, a/y.yaml; change those.\n"),
        (["-"], "# Made by meshgen from standard input; change that.\n"),
        (["standard input"], '# Made by meshgen from "standard input"; change that.\n'),
        (["a/größe 2.yaml"], "# Made by meshgen from a/größe 2.yaml; change that.\n"),
        (["a/x, y.yaml", 'a/"'], '# Made by meshgen from "a/x, y.yaml", "a/\\""; change those.\n'),
        (["a\nb: 1\x7f\u2028"], '# Made by meshgen from "a\\nb: 1\\u007f\\u2028"; change that.\n'),
    ],
)
def test_the_first_line_names_the_specs(labels: list[str], line: str) -> None:
    assert first_line(tuple(labels)) == line


@given(LABELS)
@example([" "])
@example([""])
@example(["; change that."])
@example(["a", ", b"])
@example(["\\"])
@example(["\udcff"])
@example(["\x85"])
def test_any_label_is_read_back_and_stays_one_comment_line(labels: list[str]) -> None:
    line = first_line(tuple(labels))

    assert made_from(line.encode().removesuffix(b"\n")) == tuple(labels)
    assert len(line.splitlines()) == 1
    assert yaml.load(line + "a: 1\n", yaml.CSafeLoader) == yaml.safe_load(line + "a: 1\n") == {"a": 1}


def test_a_checkout_with_windows_line_ends_is_still_ours() -> None:
    assert made_from(b"# Made by meshgen from a/x.yaml; change that.\r") == ("a/x.yaml",)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"apiVersion: v1",
        b"# Made by meshgen",
        b"# Made by meshgen from a/x.yaml",
        b"# Made by meshgen from ; change that.",
        b"# Made by meshgen from a/x.yaml; change that. Or not.",
        b" # Made by meshgen from a/x.yaml; change that.",
        b"# made by meshgen from a/x.yaml; change that.",
        b'# Made by meshgen from "a/x.yaml; change that.',
        b'# Made by meshgen from "\\x"; change that.',
        b"# Made by meshgen from \xff; change that.",
    ],
)
def test_another_first_line_is_not_ours(line: bytes) -> None:
    assert made_from(line) is None


@pytest.mark.parametrize(
    ("roots", "others"),
    [
        (["accounts/"], ["users.yaml", "shop/a.yaml", "-", "accounts2/a.yaml"]),
        (
            ["shop/a.yaml"],
            ["accounts/a.yaml", "accounts/deep/b.yaml", "users.yaml", "-", "accounts/", "accounts2/a.yaml"],
        ),
        (["accounts/deep/", "-"], ["accounts/a.yaml", "users.yaml", "shop/a.yaml", "accounts/", "accounts2/a.yaml"]),
        (
            [],
            [
                "accounts/a.yaml",
                "accounts/deep/b.yaml",
                "users.yaml",
                "shop/a.yaml",
                "-",
                "accounts/",
                "accounts2/a.yaml",
            ],
        ),
    ],
)
def test_a_spec_is_among_those_given_if_it_is_named_or_below_a_folder_that_is(
    roots: list[str], others: list[str]
) -> None:
    labels = [
        "accounts/a.yaml",
        "accounts/deep/b.yaml",
        "users.yaml",
        "shop/a.yaml",
        "-",
        "accounts/",
        "accounts2/a.yaml",
    ]

    assert strangers(labels, roots) == others


@pytest.mark.parametrize("path", ["", "/a", "../a", "a/../b", "a//b", "a/", ".a", "a/.b", "./a", "a/\x00"])
def test_a_file_cannot_lie_outside_the_folder_or_hidden_in_it(path: str) -> None:
    with pytest.raises(ValueError, match="is no path below the output folder"):
        File(path, "", ("a.yaml",))


def test_a_file_is_made_from_something() -> None:
    with pytest.raises(ValueError, match="made from nothing"):
        File("a.yaml", "", ())


def test_a_file_is_its_first_line_and_its_text_in_utf_8_with_line_feeds() -> None:
    assert (
        File("a.yaml", "a: ü\n", ("x.yaml",)).content == b"# Made by meshgen from x.yaml; change that.\na: \xc3\xbc\n"
    )


def test_an_odd_name_is_quoted_so_that_a_terminal_shows_it() -> None:
    assert quoted("a\x1b[31m") == '"a\\u001b[31m"'
