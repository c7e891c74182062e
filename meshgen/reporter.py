"""Diagnostics in every form that people and programs read: one function a format, all of the same findings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from meshgen.diagnostic import Diagnostic, Severity

Format = Callable[[Sequence[Diagnostic], Severity], str]
"""Diagnostics, and the severity from which one fails the run."""


def text(diagnostics: Iterable[Diagnostic]) -> str:
    """All diagnostics, one after the other, as they are given: a line that editors can jump to, and what to do."""
    return "".join(_lines(each) for each in diagnostics)


def _lines(diagnostic: Diagnostic) -> str:
    lines = [f"{diagnostic.location}: {diagnostic.severity.value} {diagnostic.code}: {diagnostic.message}"]
    if diagnostic.subject:
        lines.append(f"  in: {diagnostic.where}")
    if diagnostic.hint:
        lines.append(f"  hint: {diagnostic.hint}")
    return "".join(f"{_visible(line)}\n" for line in lines)


def _visible(line: str) -> str:
    """Control characters of a hostile value must not reach the terminal."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)


def _json(diagnostics: Sequence[Diagnostic], limit: Severity) -> str:  # noqa: ARG001
    """One object: the findings, each with the same keys, and how many there are of each severity."""
    counts = {severity.value: sum(each.severity is severity for each in diagnostics) for severity in Severity}
    return json.dumps({"findings": [_as_dict(each) for each in diagnostics], "counts": counts}, indent=2) + "\n"


def _as_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    location = diagnostic.location
    return {
        "file": location.file,
        "line": location.line,
        "column": location.column,
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "subject": diagnostic.subject,
        "others": diagnostic.others,
        "hint": diagnostic.hint,
    }


def _github(diagnostics: Sequence[Diagnostic], limit: Severity) -> str:  # noqa: ARG001
    """Workflow commands: GitHub shows them beside the changed lines (docs.github.com, workflow commands)."""
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
    lines = []
    for each in diagnostics:
        properties = {"file": each.location.file}
        if each.location.line:
            properties |= {"line": str(each.location.line), "col": str(each.location.column)}
        properties["title"] = each.code
        listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        message = "\n".join(filter(None, [each.message, each.subject and f"in: {each.where}", each.hint]))
        lines.append(f"::{words[each.severity]} {listed}::{_data(message)}\n")
    return "".join(lines)


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _sarif(diagnostics: Sequence[Diagnostic], limit: Severity) -> str:  # noqa: ARG001
    from meshgen.sarif import sarif  # it knows the pages of all rules

    return sarif(diagnostics)


def _junit(diagnostics: Sequence[Diagnostic], limit: Severity) -> str:
    """A test case for each finding, failed if the run fails by it; a passed one where nothing was found."""
    from xml.sax.saxutils import escape, quoteattr  # it brings all of HTTP along

    order = list(Severity)
    cases = []
    failures = 0
    for each in diagnostics:
        fails = order.index(each.severity) <= order.index(limit)
        failures += fails
        body = escape(_xml(_lines(each)))
        told = (
            f"<failure type={quoteattr(each.severity.value)} message={quoteattr(_xml(each.message))}>{body}</failure>"
        )
        told = told if fails else f"<system-out>{body}</system-out>"
        name, file = quoteattr(f"{each.code} {_xml(str(each.location))}"), quoteattr(_xml(each.location.file))
        cases.append(f"    <testcase name={name} classname={file}>{told}</testcase>\n")
    if not cases:
        cases = ['    <testcase name="no findings" classname="meshgen"/>\n']
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
        f'  <testsuite name="meshgen" tests="{len(cases)}" failures="{failures}" errors="0" skipped="0">\n'
        f"{''.join(cases)}  </testsuite>\n</testsuites>\n"
    )


def _xml(value: str) -> str:
    """What XML can hold of a text: most control characters have no place in it."""
    return "".join(sign if sign in "\t\n" or sign.isprintable() else "\ufffd" for sign in value)


FORMATS: dict[str, Format] = {
    "text": lambda diagnostics, _: text(diagnostics),
    "json": _json,
    "github": _github,
    "sarif": _sarif,
    "junit": _junit,
}
"""What `--format` takes."""


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many of each severity: `2 errors, 1 warning`; empty where there are none."""
    counts = dict.fromkeys(Severity, 0)
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += 1
    return ", ".join(counted(count, severity.value) for severity, count in counts.items() if count)


def counted(number: int, noun: str) -> str:
    """A number of things: `1 spec`, `2 specs`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
