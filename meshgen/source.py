"""Which files the arguments of a command mean, and what they are called in messages and in outputs."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity
from meshgen.document import MAX_SIZE

STDIN = "-"
"""The argument that means standard input, and the name of what is read from it."""

_STDIN_IDENTITY = (-1, -1)
_ENDINGS = (".yaml", ".yml")
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_PIECE = 64 * 1024  # bytes
_NO_TEXT = bytes(16)
_KUSTOMIZATIONS = frozenset(["kustomization.yaml", "kustomization.yml"])


class Source(NamedTuple):
    """One file to read."""

    file: str
    """As the person typed it, with what lies below: for messages."""
    label: str
    """Relative to the argument, that folder's own name in front: for the first line of what is made from it."""
    met: bool = False
    """Whether it was met in a folder, and not named by a person."""

    def read(self, limit: int = MAX_SIZE) -> bytes:
        """Give the file's bytes, at most one more than `limit`, which is too many. Raises MeshgenError (MG007)."""
        try:
            if self.file == STDIN:
                return _content(sys.stdin.buffer.read, limit)
            descriptor = os.open(self.file, _READ)
            try:
                return _content(partial(os.read, descriptor), limit)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise MeshgenError(_unreadable(self.file, error)) from None


def _content(read: Callable[[int], bytes], limit: int) -> bytes:
    """Read to the end or beyond the limit, in pieces: to ask for so much at once costs more than to read a spec.

    What begins with NULs is no text, whatever follows, and may have no end.
    """
    parts: list[bytes] = []
    size = 0
    while size <= limit and (part := read(_PIECE)):
        parts.append(part)
        size += len(part)
        if parts[0].startswith(_NO_TEXT):
            break
    return b"".join(parts)


def find(arguments: Sequence[str], endings: tuple[str, ...] = _ENDINGS) -> tuple[list[Source], list[Diagnostic]]:
    """Give the files that files, folders or `-` mean, each once, and what is wrong with the arguments.

    A folder means its files with one of the endings, in upper or lower case, and those of the folders in it, sorted by
    name; hidden folders and files and kustomizations are left out. Symbolic links are followed, but nothing is read twice.
    """
    sources: list[Source] = []
    diagnostics: list[Diagnostic] = []
    seen: set[tuple[int, int]] = set()
    for argument in arguments:
        for found in _sources(argument, seen, endings):
            if isinstance(found, Source):
                sources.append(found)
            else:
                diagnostics.append(found)
    return sources, diagnostics


def roots(arguments: Sequence[str]) -> tuple[str, ...]:
    """Give the labels that lie below the arguments: `accounts/` for all below a folder, the whole label for a file."""
    found = []
    for argument in arguments:
        if argument != STDIN and os.path.isdir(argument):
            found.append(_folder_label(argument) + "/")
        else:
            found.append(_file_label(argument))
    return tuple(dict.fromkeys(found))


def _sources(argument: str, seen: set[tuple[int, int]], endings: tuple[str, ...]) -> Iterator[Source | Diagnostic]:
    if argument == STDIN:
        if _STDIN_IDENTITY not in seen:
            seen.add(_STDIN_IDENTITY)
            yield Source(STDIN, STDIN)
        return
    try:
        status = os.stat(argument)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        yield _unreadable(argument, error)
        return
    file = argument.replace(os.sep, "/")
    if not stat.S_ISDIR(status.st_mode):
        if _is_new(status, seen):
            yield _source(file, _file_label(argument))
        return
    folder = file if file.endswith("/") else file + "/"
    found = list(_below(folder, _folder_label(argument) + "/", seen, endings))
    yield from found
    if not found and not any(_names(folder, endings)):
        wanted = f"{', '.join(endings[:-1])} or {endings[-1]}"
        message, hint = f"the folder holds no {wanted} file", "name the folder where the files are"
        yield Diagnostic(Location(_shown(file)), "MG006", Severity.ERROR, message, hint=hint)


def _below(
    folder: str, label: str, seen: set[tuple[int, int]], endings: tuple[str, ...]
) -> Iterator[Source | Diagnostic]:
    """`folder` and `label` end with a slash. Each folder is gone through once, so links cannot lead in circles."""
    try:
        if not _is_new(os.stat(folder), seen):
            return
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(folder, error)
        return
    for entry in ordered:
        if entry.name.startswith("."):
            continue
        path = folder + entry.name
        try:
            if entry.is_dir():
                yield from _below(path + "/", f"{label}{entry.name}/", seen, endings)
            elif _is_wanted(entry.name, endings):
                status = os.stat(path)
                if not stat.S_ISREG(status.st_mode):
                    yield _unusable(path, "it is no regular file")
                elif _is_new(status, seen):
                    yield _source(path, label + entry.name, met=True)
        except OSError as error:
            yield _unreadable(path, error)


def _source(file: str, label: str, *, met: bool = False) -> Source | Diagnostic:
    """The label becomes part of a comment: what would break its line, or is no Unicode, is refused."""
    if label.isprintable():
        return Source(file, label, met)
    return _unusable(file, "its name has characters that cannot be printed")


def _names(folder: str, endings: tuple[str, ...]) -> Iterator[str]:
    """All files that count below a folder, whether read already or not."""
    for _, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (name for name in files if _is_wanted(name, endings))


def _is_wanted(name: str, endings: tuple[str, ...]) -> bool:
    return name.lower().endswith(endings) and not name.startswith(".") and name not in _KUSTOMIZATIONS


def _is_new(status: os.stat_result, seen: set[tuple[int, int]]) -> bool:
    """A file is known by its number, so that links and other spellings of its path are seen through."""
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def _folder_label(folder: str) -> str:
    return os.path.basename(os.path.abspath(folder)) or "root"


def _file_label(file: str) -> str:
    if file == STDIN:
        return STDIN
    folder, name = os.path.split(os.path.abspath(file))
    return f"{_folder_label(folder)}/{name}"


def _unreadable(file: str, error: OSError | ValueError) -> Diagnostic:
    if isinstance(error, FileNotFoundError):
        message = "there is no such file or folder"
        return Diagnostic(Location(_shown(file)), "MG007", Severity.ERROR, message, hint="check the path")
    if isinstance(error, ValueError):
        return _unusable(file, "there is a NUL in its name")
    reason = error.strerror or str(error)
    return _unusable(file, f"{reason[:1].lower()}{reason[1:]}")


def _unusable(file: str, reason: str) -> Diagnostic:
    return Diagnostic(Location(_shown(file)), "MG007", Severity.ERROR, f"cannot be read: {reason}")


def _shown(file: str) -> str:
    return file if file.isprintable() else ascii(file)[1:-1]
