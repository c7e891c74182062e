"""Changes files that people wrote, where a rule knows the text of a value to write instead: every other byte is kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from meshgen.diagnostic import Diagnostic, Location, Severity
from meshgen.ownership import MARK, STDIN
from meshgen.written import Span


class Fix(NamedTuple):
    """A piece of a file, and what to write in its place."""

    span: Span
    text: str


def apply(fixes: Iterable[Fix]) -> tuple[int, list[Diagnostic]]:
    """Make all changes, a whole file at a time; returns how many were made, and which files could not be written.

    Files that meshgen made are left alone: their specs are to be changed.
    """
    files: dict[str, list[Fix]] = {}
    for fix in dict.fromkeys(fixes):
        files.setdefault(fix.span.file, []).append(fix)
    done, problems = 0, []
    for file, wanted in files.items():
        try:
            done += _change(Path(file), wanted) if file != STDIN else 0
        except OSError as error:
            message = f"cannot be changed: {error.strerror}"
            problems.append(Diagnostic(Location(file), "MG503", Severity.ERROR, message))
    return done, problems


def _change(file: Path, wanted: list[Fix]) -> int:
    content = file.read_bytes()
    if content.startswith(MARK):
        return 0
    mark = "\ufeff" if content.startswith("\ufeff".encode()) else ""
    lines = content.decode().removeprefix(mark).split("\n")
    for span, text in sorted(wanted, key=lambda fix: fix.span.start, reverse=True):
        (line, column), (end_line, end_column) = span.start, span.end
        if line == end_line:
            lines[line] = lines[line][:column] + text + lines[line][end_column:]
    _replace(file, (mark + "\n".join(lines)).encode())
    return len(wanted)


def _replace(file: Path, content: bytes) -> None:
    """Put whole content in a file's place, with the file's own rights."""
    target = file.resolve()
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".meshgen-", delete=False) as made:
        try:
            made.write(content)
            made.flush()
            os.fchmod(made.fileno(), target.stat().st_mode & 0o7777)
            os.replace(made.name, target)
        except BaseException:
            os.unlink(made.name)
            raise
