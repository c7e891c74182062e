"""Diagnostics as text: a line that editors can jump to, the field below it, and what to do."""

from __future__ import annotations

from collections.abc import Iterable

from meshgen.diagnostic import Diagnostic, Severity


def text(diagnostics: Iterable[Diagnostic]) -> str:
    """All diagnostics, one after the other, as they are given."""
    return "".join(_lines(each) for each in diagnostics)


def _lines(diagnostic: Diagnostic) -> str:
    lines = [f"{diagnostic.location}: {diagnostic.severity.value} {diagnostic.code}: {diagnostic.message}"]
    if diagnostic.subject:
        lines.append(f"  in: {diagnostic.subject}")
    if diagnostic.hint:
        lines.append(f"  hint: {diagnostic.hint}")
    return "".join(f"{_visible(line)}\n" for line in lines)


def _visible(line: str) -> str:
    """Control characters of a hostile value must not reach the terminal."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many of each severity: `2 errors, 1 warning`; empty where there are none."""
    counts = dict.fromkeys(Severity, 0)
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += 1
    return ", ".join(counted(count, severity.value) for severity, count in counts.items() if count)


def counted(number: int, noun: str) -> str:
    """A number of things: `1 spec`, `2 specs`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
