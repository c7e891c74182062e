"""Changes files that people wrote, where a rule knows the text of a value to write instead: every other byte is kept."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from meshgen.diagnostic import Diagnostic, Location, Severity
from meshgen.ownership import MARK
from meshgen.written import Edit

_OTHER_BREAKS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
"""What YAML 1.1 takes for the end of a line and editors may not: with one of these, places cannot be trusted."""


def apply(edits: Iterable[Edit]) -> tuple[int, list[Diagnostic]]:
    """Make all changes, a whole file at a time; returns how many were made, and which files could not be written.

    Files that meshgen made are left alone: their specs are to be changed.
    """
    files: dict[str, list[Edit]] = {}
    for edit in dict.fromkeys(edits):
        files.setdefault(edit.file, []).append(edit)
    done, problems = 0, []
    for file, wanted in files.items():
        try:
            done += _change(Path(file), wanted)
        except OSError as error:
            message = f"cannot be changed: {error.strerror}"
            problems.append(Diagnostic(Location(file), "MG503", Severity.ERROR, message))
    return done, problems


def _change(file: Path, wanted: list[Edit]) -> int:
    with file.open("r+b") as opened:  # to write beside and rename would go past the file's rights
        content = opened.read()
    text = content.decode()
    if content.startswith(MARK) or _OTHER_BREAKS.search(text):
        return 0
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    lines = text.removeprefix(mark).split("\n")
    for _, (line, start), (_, end), new in sorted(wanted, key=lambda edit: edit.start, reverse=True):
        old = lines[line]
        lines[line] = old[:start] + new.replace("\n", "\r\n" if old.endswith("\r") else "\n") + old[end:]
    replace(file, (mark + "\n".join(lines)).encode())
    return len(wanted)


def replace(file: Path, content: bytes) -> None:
    """Put whole content in a file's place, with the file's own rights; what is no file, as a pipe, is written to.

    Whoever reads it meanwhile, or afterwards where this fails, finds the old content or the new. Raises OSError.
    """
    target = file.resolve()
    if target.exists() and not target.is_file():
        target.write_bytes(content)
        return
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".meshgen-", delete=False) as made:
        try:
            made.write(content)
            made.flush()
            os.fchmod(made.fileno(), _rights(target))
            os.replace(made.name, target)
        except BaseException:
            os.unlink(made.name)
            raise


def _rights(file: Path) -> int:
    """The permissions of a file; of one that is not there, those that a new one gets."""
    try:
        return file.stat().st_mode & 0o7777
    except FileNotFoundError:
        os.umask(mask := os.umask(0))
        return 0o666 & ~mask
