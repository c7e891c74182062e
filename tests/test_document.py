"""YAML files become documents with places, and every mistake in them is told once, in plain words."""

from __future__ import annotations

import time

import pytest

from meshgen.diagnostic import Location
from meshgen.document import MAX_SIZE, Document, parse

SPEC = """\
# a comment
apiVersion: v1
spec:
  ports:
  - {name: http, port: 80}
  - name: "grpc"
    port: 90
  - [a, b]
  empty:
  text: |
    one
  "quoted key": 1.10   # ten
"""


def document(text: str) -> Document:
    parsed = parse(text, "a.yaml", "x/a.yaml")
    assert not parsed.diagnostics
    return parsed.documents[-1]


def told(text: str | bytes) -> list[str]:
    """What is said of a text, as `line:column code: message`."""
    parsed = parse(text, "a.yaml")
    return [f"{each.location.line}:{each.location.column} {each.code}: {each.message}" for each in parsed.diagnostics]


@pytest.mark.parametrize(
    "before", ["", "---\n", "--- # x\n", "# c\n---\na: 1\n---\n", "a: é🚀\n---\n", "a: 1\r\n---\r\n", "a: 1\n...\n"]
)
def test_a_value_is_found_in_whatever_document_of_the_file(before: str) -> None:
    found = document(before + SPEC)
    line = before.count("\n")

    assert found.locate(("spec", "ports", 0, "port")) == Location("a.yaml", line + 5, 18)
    assert found.locate_value(("spec", "ports", 0, "port")) == Location("a.yaml", line + 5, 24)
    assert found.locate(("spec", "ports", 1)) == Location("a.yaml", line + 6, 5)
    assert found.locate(("spec", "quoted key")) == Location("a.yaml", line + 12, 3)


def test_a_value_that_is_not_written_is_sought_at_the_nearest_one_above() -> None:
    found = document(SPEC)

    assert found.locate(("spec", "ports", 0, "targetPort", "x")) == Location("a.yaml", 5, 5)
    assert found.locate_value(("spec", "ports", 7)) == Location("a.yaml", 4, 3)
    assert found.locate(("nothing",)) == Location("a.yaml", 2, 1)


def test_a_scalar_is_shown_as_it_is_written() -> None:
    found = document(SPEC)

    assert found.written(("spec", "quoted key")) == "1.10"
    assert found.written(("spec", "ports", 1, "name")) == '"grpc"'
    assert found.written(("spec", "empty")) == ""
    assert (found.written(("spec", "ports")), found.written(("spec", "x"))) == (None, None)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (("spec", "ports", 0, "port"), "port: 80}", "port: NEW}"),
        (("spec", "ports", 1, "name"), '"grpc"', "NEW"),
        (("spec", "ports", 2, 1), "[a, b]", "[a, NEW]"),
        (("spec", "quoted key"), "1.10 ", "NEW "),
        (("spec", "empty"), "empty:", "empty: NEW"),
        (("spec", "text"), "|\n    one\n", "NEW\n"),
    ],
)
def test_one_scalar_is_changed_and_no_other_byte(path: tuple[str | int, ...], old: str, new: str) -> None:
    for before in ("", "x: é🚀\n---\n"):
        assert document(before + SPEC + "---\nb: 1\n").text == before + SPEC + "---\nb: 1\n"
        changed = parse(before + SPEC + "---\nb: 1\n", "a.yaml").documents[-2].replace(path, "NEW")
        assert changed == before + SPEC.replace(old, new, 1) + "---\nb: 1\n"


@pytest.mark.parametrize("path", [(), ("spec",), ("spec", "ports", 2), ("spec", "nothing")])
def test_only_a_scalar_that_is_there_can_be_changed(path: tuple[str | int, ...]) -> None:
    with pytest.raises(KeyError):
        document(SPEC).replace(path, "x")


def test_a_broken_document_hides_nothing_of_the_others() -> None:
    parsed = parse("a: 1\n---\nname: shop\nb: [\n---\nc: 3\nc: 4\n---\n'\n---\nd: 5\n", "a.yaml")

    assert [each.data for each in parsed.documents] == [{"a": 1}, {"d": 5}]
    assert [(each.line, each.file) for each in parsed.broken] == [(2, "a.yaml"), (5, "a.yaml"), (8, "a.yaml")]
    assert [str(each.location) for each in parsed.diagnostics] == ["a.yaml:4:4", "a.yaml:7:1", "a.yaml:9:1"]


def test_the_names_in_a_broken_document_are_known() -> None:
    (broken,) = parse('metadata: {name: users, "name" : \'b.c\'}\nversions:\n- name: v1\n  x: "\n', "a.yaml").broken

    assert broken.names() == {"users", "b.c", "v1"}


@pytest.mark.parametrize("text", ["---\n", "# c\n---\n# d\n...\n---\n\n", "\n" * 50_000 + "\n", "# a\r\n\r\n"])
def test_a_file_of_comments_is_an_error(text: str) -> None:
    assert told(text) == ["0:0 MG006: the file holds no document, only comments or blank lines"]


def test_empty_documents_beside_others_are_nothing() -> None:
    assert [each.data for each in parse("---\n# x\n---\na: 1\n---\n...\n---\nb: 2\n...\n# end\n", "f").documents] == [
        {"a": 1},
        {"b": 2},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "0:0 MG006: the file is empty"),
        ("- a\n- b\n", "1:1 MG009: the document is a list; it must be a mapping"),
        ("a: 1\n---\n\nhello\n", "4:1 MG009: the document is the value hello; it must be a mapping"),
        ("--- null\n", "1:5 MG009: the document is null; it must be a mapping"),
        (b"a: b\nc: \xe9\n", "2:4 MG005: byte 0xE9 is not UTF-8"),
        (b"\xef\xbb\xbfa: b\n", "1:1 MG005: a byte order mark (U+FEFF) stands here"),
        ("a: b\n".encode("utf-16"), "0:0 MG005: the file is not UTF-8 but UTF-16"),
        ("a: b\n".encode("utf-16-be"), "0:0 MG005: the file is not UTF-8 but UTF-16"),
        ("a: b\0\n", "1:5 MG005: the control character U+0000 is not allowed in YAML"),
        ("a: 'x\x1b'\n", "1:6 MG005: the control character U+001B is not allowed in YAML"),
        ("# \x85\na: 1", "1:3 MG005: U+0085 breaks the line for some YAML readers and not for others"),
        ("a: \u2028\n", "1:4 MG005: U+2028 breaks the line for some YAML readers and not for others"),
        ("a: \ud800\n", "1:4 MG005: the control character U+D800 is not allowed in YAML"),
        ("a: b\rc: d\n", "1:5 MG005: a carriage return (U+000D) without line feed"),
        ('a: "\\0"', "1:4 MG005: the character U+0000 cannot be written to YAML"),
        ('a: "\\uFFFF"', "1:4 MG005: the character U+FFFF cannot be written to YAML"),
        ("%YAML 1.2\n---\na: 1\n", "1:1 MG004: directives ('%YAML 1.2') are not read"),
        ("{a: 1, b: {c: 1, d: 2, c: 3}}", "1:24 MG002: key 'c' is written twice; first at 1:12"),
        ('x: 1\n---\na: 1\n"a": 2\n', "4:1 MG002: key 'a' is written twice; first at 3:1"),
        ("[" * 20_000, "1:151 MG008: nested deeper than 150 levels"),
        ("[\n" * 20_000, "151:1 MG008: nested deeper than 150 levels"),
        ("a: " + "{a: " * 20_000, "1:600 MG008: nested deeper than 150 levels"),
        ("- " * 20_000, "1:301 MG008: nested deeper than 150 levels"),
        ("a:\n" + "".join(" " * n + "a:\n" for n in range(1, 1000)), "151:151 MG008: nested deeper than 150 levels"),
        ("? " * 20_000, "1:301 MG008: nested deeper than 150 levels"),
        (b"#" * (MAX_SIZE + 1), "0:0 MG008: the file is larger than 64 MiB"),
    ],
    ids=lambda value: None if isinstance(value, bytes) or len(value) > 99 else value,
)
def test_what_cannot_be_read_is_told_at_once(text: str | bytes, said: str) -> None:
    begin = time.process_time()

    assert told(text) == [said]
    assert time.process_time() - begin < 2


def test_an_anchors_bomb_costs_nothing() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{last}'] * 9)}]\n" for last, name in zip("abcdefgh", "bcdefghi", strict=True)
    )

    assert told(bomb) == [
        f"{line}:4 MG004: anchors ('&{name}') are not read" for line, name in enumerate("abcdefghi", 1)
    ]


def test_all_mistakes_of_a_document_are_told_together() -> None:
    text = "a: on\nb: !!str 0755\n? [x]\n: 1\na: &x 2\n<<: *x\n80: c\n~: d\ntrue: e\nno: f\n*y : g\nz: 'x\n"

    assert told(text) == [
        "1:4 MG003: plain on is true to some YAML readers and text to others",
        "2:4 MG004: tags ('!!str') are not read",
        "2:4 MG003: plain 0755 is 493 to YAML readers that take it for octal, and not to others",
        "3:3 MG003: a list cannot be a key",
        "5:4 MG004: anchors ('&x') are not read",
        "5:1 MG002: key 'a' is written twice; first at 1:1",
        "6:1 MG004: merge keys ('<<') are not read",
        "7:1 MG003: key 80 is not text to YAML",
        "8:1 MG003: key ~ is not text to YAML",
        "9:1 MG003: key true is not text to YAML",
        "10:1 MG003: plain no is false to some YAML readers and text to others",
        "11:1 MG004: aliases ('*y') are not read",
        "12:4 MG001: the quote ' that opens here is never closed",
    ]


def test_windows_line_ends_change_nothing() -> None:
    assert document(SPEC.replace("\n", "\r\n")).data == document(SPEC).data
