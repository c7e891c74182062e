"""What YAML's parser says of a mistake, turned into plain words and the place where a person looks."""

from __future__ import annotations

import re
from typing import NamedTuple

from meshgen.fault import Fault, short


class Snag(NamedTuple):
    """Where a parser stopped, as it tells it itself: its own words, and the construct it was in."""

    problem: str
    context: str
    line: int
    column: int
    from_line: int
    from_column: int


_TEMPLATE = re.compile(r"\{[{%]")
_NO_SPACE = re.compile(r"""\s*(?:- )*[^\s"'{\[:#]+:[^\s:/]""")
_CLOSERS = {"]": ("[", "list"), "}": ("{", "mapping")}
_PROPERTIES = {"anchor": "&", "alias": "*", "tag": "!"}
_QUOTE = "put the value into quotes"
_INDENT = "indent with spaces, the same number for all that belongs together"


def template(text: str, line: int) -> Fault | None:
    """Tell of a template expression in that line, which explains whatever is wrong there."""
    match = _TEMPLATE.search(_line(text, line))
    if not match:
        return None
    message = f"a template expression ('{match[0]} … {'}' if match[0] == '{{' else '%'}}}') is no YAML"
    return Fault(line, match.start(), "MG001", message, "write the value itself, or put it into quotes if it is text")


def explain(snag: Snag, text: str) -> Fault:
    """Say in words what stopped the parser in `text`."""
    found = template(text, snag.line) or template(text, snag.from_line)
    if found:
        return found
    for say in (_characters, _quotes, _brackets, _colons, _blocks):
        found = say(snag, text)
        if found:
            return found
    return _fault(snag, f"no YAML: {snag.problem}" + (f" ({snag.context})" if snag.context else ""), "")


def _characters(snag: Snag, text: str) -> Fault | None:
    """Tabs, and characters that have a meaning of their own at the beginning of a value."""
    line = _line(text, snag.line)
    char = line[snag.column : snag.column + 1]
    if char == "\t" and ("tab character" in snag.problem or "cannot start any token" in snag.problem):
        if line[: snag.column].strip():
            return _fault(snag, "a tab stands where YAML wants spaces", "replace the tab by spaces")
        return _fault(snag, "the line is indented with a tab; YAML wants spaces", "replace the tab by spaces")
    if "directive" in snag.context or text.startswith("%"):
        at = snag.line if "directive" in snag.context else 0
        return Fault(at, 0, "MG004", f"directives ('{short(_line(text, at))}') are not read", "drop the line")
    if "cannot start any token" in snag.problem:
        return _fault(snag, f"an unquoted value cannot begin with '{char}'", _QUOTE)
    for word, sign in _PROPERTIES.items():
        if snag.context.endswith((f"an {word}", f"a {word}")) or (sign == "!" and "tag" in snag.problem):
            return _fault(_start(snag), f"an unquoted value cannot begin with '{sign}'", _QUOTE)
    return None


def _quotes(snag: Snag, text: str) -> Fault | None:
    if "quoted scalar" not in snag.context:
        return None
    escape = _line(text, snag.line)[snag.column : snag.column + 2]
    if "unexpected" in snag.problem:
        quote = _line(text, snag.from_line)[snag.from_column : snag.from_column + 1]
        return _fault(
            _start(snag), f"the quote {quote} that opens here is never closed", f"write {quote} behind the text"
        )
    if "unknown escape" in snag.problem:
        return _fault(
            snag, f"'{escape}' is no escape in double quotes", "write \\\\ for a backslash, or use single quotes"
        )
    if "hexdec" in snag.problem or "Unicode" in snag.problem:
        return _fault(snag, "the escape in double quotes gives no Unicode character", "write the character itself")
    return None


def _brackets(snag: Snag, text: str) -> Fault | None:
    line = _line(text, snag.line)
    closer = snag.problem[-2:-1]
    if closer in _CLOSERS and "',' or" in snag.problem:
        opener, kind = _CLOSERS[closer]
        outside = snag.line > snag.from_line and _indent(line) <= _indent(_line(text, snag.from_line))
        if outside or not line[snag.column :].strip():
            return _fault(
                _start(snag),
                f"the '{opener}' that opens here is never closed",
                f"write '{closer}' where the {kind} ends",
            )
        message = f"',' or '{closer}' is missing before {_seen(line, snag.column)}"
        return _fault(snag, message, "put values with quotes, colons or brackets in them into quotes")
    if "expected node content" in snag.problem and not line[snag.column :].strip():
        start = max(text.rfind("["), text.rfind("{"))
        at = snag._replace(line=text.count("\n", 0, start), column=start - text.rfind("\n", 0, start) - 1)
        return _fault(at, f"the '{text[start]}' that opens here is never closed", "write the bracket that closes it")
    if "expected node content" in snag.problem:
        return _fault(snag, f"a value is missing before {_seen(line, snag.column)}", _QUOTE + ", if this belongs to it")
    return None


def _colons(snag: Snag, text: str) -> Fault | None:
    if "could not find expected ':'" in snag.problem:
        return _no_colon(_start(snag), text)
    if "mapping values are not allowed" not in snag.problem:
        return None
    before = _line(text, snag.line)[: snag.column]
    if ": " in before or re.match(r"""\s*(?:- )*(".*"|'.*'):""", before):
        return _fault(
            snag, "a second ': ' in one line: the value before it ends there", _QUOTE + ", if the colon belongs to it"
        )
    above = snag.line - 1
    while above >= 0 and not _line(text, above).split("#")[0].strip():
        above -= 1
    upper = _line(text, above) if above >= 0 else ""
    if upper and not upper.lstrip().startswith("- ") and ": " not in upper and not upper.rstrip().endswith(":"):
        return _no_colon(snag._replace(line=above, column=_indent(upper)), text)
    at = snag._replace(column=_indent(before))
    return _fault(at, f"a key cannot stand here: '{short(upper.strip())}' above it has a value already", _INDENT)


def _no_colon(snag: Snag, text: str) -> Fault:
    line = _line(text, snag.line)
    rest = line[snag.column :].strip()
    if _NO_SPACE.match(line):
        column = line.index(":", snag.column) + 1
        return _fault(snag._replace(column=column), "a space is missing behind the colon", "write 'key: value'")
    if re.match(r"-[^\s-]", rest):
        return _fault(snag, "a space is missing behind '-'", "write '- value'")
    return _fault(snag, f"'{short(rest)}' is no key: no colon stands behind it", "write 'key: value'")


def _blocks(snag: Snag, text: str) -> Fault | None:
    line = _line(text, snag.line)
    first = not line[: snag.column].strip()
    if first and line[snag.column : snag.column + 1] == ":":
        return _fault(snag, "no key stands before the colon", "write 'key: value'")
    if "block sequence entries" in snag.problem:
        return _fault(
            snag, "a list item cannot begin here", "begin the list on a line of its own, or put the value into quotes"
        )
    if "expected comment or line break" in snag.problem:
        return _fault(snag, "nothing may stand behind '|' or '>' in its line", "begin the text on the next line")
    if "expected <document start>" in snag.problem or (not first and "did not find expected" in snag.problem):
        return _fault(
            snag, f"{_seen(line, snag.column)} stands behind a value that is complete", _QUOTE + ", all of it"
        )
    if snag.column == snag.from_column and "expected '-' indicator" in snag.problem:
        return _fault(
            snag, "a key stands among the items of a list", "begin the line with '- ', or indent it differently"
        )
    if snag.column == snag.from_column and "expected key" in snag.problem:
        return _fault(snag, "a list item stands among the keys of a mapping", "indent the list below its key")
    if "expected key" in snag.problem or "expected '-' indicator" in snag.problem:
        fitting = " or ".join(str(column + 1) for column in _columns(text, snag.line))
        return _fault(snag, f"the indentation fits nothing above: column {snag.column + 1}, not {fitting}", _INDENT)
    return None


def _fault(snag: Snag, message: str, hint: str) -> Fault:
    return Fault(snag.line, snag.column, "MG001", message, hint)


def _start(snag: Snag) -> Snag:
    return snag._replace(line=snag.from_line, column=snag.from_column)


def _line(text: str, number: int) -> str:
    lines = text.split("\n", number + 1)
    return lines[number].rstrip("\r") if number < len(lines) else ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _columns(text: str, number: int) -> list[int]:
    """Tell the columns in which keys or items above that line begin, and could go on."""
    found: list[int] = []
    for line in reversed(text.split("\n")[:number]):
        match = re.match(r" *((?:- +)*)(?=[^\s#])", line)
        if match and (not found or match.start(1) < found[0]):
            columns = {match.start(1), match.end() if re.search(r":(?: |$)", line) else match.start(1)}
            found = sorted(column for column in columns if not found or column < found[0]) + found
    return found


def _seen(line: str, column: int) -> str:
    rest = line[column:].strip()
    return f"'{short(rest)}'" if rest else "the end of the line"
