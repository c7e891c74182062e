"""A syntax error is told in plain words, at the place where a person has to look."""

from __future__ import annotations

import pytest

from meshgen.document import parse


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 'b\nc: d\n", "1:4: the quote ' that opens here is never closed"),
        ('a: b\nc: "d\n', '2:4: the quote " that opens here is never closed'),
        ("a: [b, c\nd: e\n", "1:4: the '[' that opens here is never closed"),
        ("a: [\n  b\nd: e\n", "1:4: the '[' that opens here is never closed"),
        ("a: {b: c\n", "1:4: the '{' that opens here is never closed"),
        ("a: 1\nb: [\n", "2:4: the '[' that opens here is never closed"),
        ("a: [b, {c: d]\n", "1:13: ',' or '}' is missing before ']'"),
        ("a: {b: 'it's'}", "1:12: ',' or '}' is missing before 's'}'"),
        ("a: [b, c: d: e]", "1:12: ',' or ']' is missing before ': e]'"),
        ("a: [\n  'b'\n  'c'\n  ]\n", "3:3: ',' or ']' is missing before ''c''"),
        ("a: [,]", "1:5: a value is missing before ',]'"),
        ("a: ]", "1:4: a value is missing before ']'"),
        ("a: b: c", "1:5: a second ': ' in one line: the value before it ends there"),
        ("'a': b: c", "1:7: a second ': ' in one line: the value before it ends there"),
        ("a: b\n  c: d", "2:3: a key cannot stand here: 'a: b' above it has a value already"),
        ("a:\n- b\n\n  c: d", "4:3: a key cannot stand here: '- b' above it has a value already"),
        ("a: b\nfoo\nc: d", "2:1: 'foo' is no key: no colon stands behind it"),
        ("a\nb: c", "1:1: 'a' is no key: no colon stands behind it"),
        ("a:b\nc: d", "1:3: a space is missing behind the colon"),
        ("a: b\nc:d\n", "2:3: a space is missing behind the colon"),
        ("- a\n-b\nc", "2:1: a space is missing behind '-'"),
        ("a: 1\n: b\n", "2:1: no key stands before the colon"),
        ("a:\n   b: c\n  d: e", "3:3: the indentation fits nothing above: column 3, not 1 or 4"),
        ("a:\n  - name: x\n   port: 1", "3:4: the indentation fits nothing above: column 4, not 1 or 3 or 5"),
        ("a: b\n- c", "2:1: a list item stands among the keys of a mapping"),
        ("a:\n  - b: c\n    - d", "3:5: a list item stands among the keys of a mapping"),
        ("- a\nb: c", "2:1: a key stands among the items of a list"),
        ("a: - b", "1:4: a list item cannot begin here"),
        ("a: 'x' y", "1:8: 'y' stands behind a value that is complete"),
        ("a: [b]]", "1:7: ']' stands behind a value that is complete"),
        ("a: |x\n y", "1:5: nothing may stand behind '|' or '>' in its line"),
        ("\ta: b", "1:1: the line is indented with a tab; YAML wants spaces"),
        ("a:\n\tb: c", "2:1: the line is indented with a tab; YAML wants spaces"),
        ("a:\n  b: c\n \td: e", "3:2: the line is indented with a tab; YAML wants spaces"),
        ("a: @x", "1:4: an unquoted value cannot begin with '@'"),
        ("a: `x`", "1:4: an unquoted value cannot begin with '`'"),
        ("a: 10\nb: %x", "2:4: an unquoted value cannot begin with '%'"),
        ("hosts: [*.example.com]", "1:9: an unquoted value cannot begin with '*'"),
        ("a: &", "1:4: an unquoted value cannot begin with '&'"),
        ("a: !<x", "1:4: an unquoted value cannot begin with '!'"),
        ('a: "\\d"', "1:5: '\\d' is no escape in double quotes"),
        ('a: "\\xZZ"', "1:7: the escape in double quotes gives no Unicode character"),
        ('a: "\\uD800"', "1:7: the escape in double quotes gives no Unicode character"),
        ("a: {{ .Values.x }}\nb: c", "1:4: a template expression ('{{ … }}') is no YAML"),
        ("a: b\n{{- if x }}\nc: d\n{{- end }}", "2:1: a template expression ('{{ … }}') is no YAML"),
        ("{% if x %}\na: b", "1:1: a template expression ('{% … %}') is no YAML"),
        ("name: x-{{ a }}: b", "1:9: a template expression ('{{ … }}') is no YAML"),
    ],
)
def test_a_syntax_error_is_told_in_plain_words(text: str, said: str) -> None:
    for before in ("", "x: 1\n---\n"):
        (found,) = parse(before + text, "a.yaml").diagnostics
        line, rest = said.split(":", 1)

        assert (
            f"{found.location.line}:{found.location.column}: {found.message}"
            == f"{int(line) + before.count(chr(10))}:{rest}"
        )
        assert (found.code, bool(found.hint)) == ("MG001", True)
