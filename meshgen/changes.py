"""What is to be done to an output folder, and what a run leaves there when it is killed while doing it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from meshgen.ownership import File

_TEMPORARY = re.compile(r"\.meshgen-[0-9a-f]{16}-(?:[0-9]+|folders)\.tmp")
_OURS = b"# Made by meshgen "
JOURNAL = _OURS + b"at work: folders that go where they are left empty\n"
"""What a list of folders begins with that a run keeps beside its temporary files."""


class Stamp(NamedTuple):
    """What tells whether a file is still the one that was looked at, and what its successor takes over."""

    size: int
    modified: int
    mode: int
    user: int
    group: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """Read it off a status."""
        return cls(status.st_size, status.st_mtime_ns, status.st_mode, status.st_uid, status.st_gid)


class Change(NamedTuple):
    """One path that is created (no `before`), replaced, or removed (no `file`)."""

    path: str
    file: File | None
    before: Stamp | None


class Steps(NamedTuple):
    """All that is to be done to a folder; paths are relative to it."""

    changes: Sequence[Change] = ()
    new_folders: Sequence[str] = ()
    """Parents before what is in them."""
    emptied: Sequence[str] = ()
    """Folders to remove if nothing is left in them."""
    leftovers: Sequence[str] = ()
    """Temporary files of runs that were killed."""


def parents(paths: Iterable[str]) -> set[str]:
    """Give all folders that relative paths lie in, other than the one that they are relative to."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def leftover(path: str) -> list[str] | None:
    """Give the folders that a killed run would have removed if empty; None where `path` was not left by such a run."""
    if not _TEMPORARY.fullmatch(os.path.basename(path)):
        return None
    try:
        with open(path, "rb") as file:
            head = file.readline(len(JOURNAL))
            if head == JOURNAL:
                folders = json.load(file)
                return [str(folder) for folder in folders] if isinstance(folders, list) else []
    except OSError:
        return None
    except ValueError:
        return []
    return [] if _OURS.startswith(head[: len(_OURS)]) else None
