"""Changes to a folder that are prepared in full before the first of them can be seen."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from meshgen.changes import JOURNAL, Change, Stamp, Steps
from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity

_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_HINTS = {
    errno.ENOSPC: "free some space, then run again",
    errno.EDQUOT: "free some space, then run again",
    errno.EROFS: "choose a folder that can be written with --output",
    errno.EACCES: "check the permissions of the folder",
    errno.EPERM: "check the permissions of the folder",
    errno.ENAMETOOLONG: "choose a shorter --layout",
}


@contextmanager
def opened(folder: str) -> Iterator[Staging]:
    """Make `folder` where it is missing, keep other runs out, and take it away again where nothing came to be in it.

    Waits for a run that is at work there. Raises MeshgenError (MG503) where the folder cannot be made.
    """
    made: list[str] = []
    try:
        _make_missing(folder, made)
        lock = _lock(folder)
        try:
            yield Staging(folder, is_locked=lock is not None)
        finally:
            _remove_empty(made)
            if lock is not None:
                os.close(lock)
    except OSError as error:
        _remove_empty(made)
        raise MeshgenError(_failure(folder, error)) from None


class Staging:
    """A folder that is being changed."""

    def __init__(self, folder: str, *, is_locked: bool) -> None:
        self._folder = folder
        self._is_locked = is_locked
        self._prefix = f".meshgen-{os.urandom(8).hex()}-"
        self._place = folder
        self._staged = 0
        self._done = 0

    def carry_out(self, steps: Steps) -> bool:
        """Do all of `steps`; do nothing and give False where the folder is no longer what they were planned for.

        Raises MeshgenError (MG503); all that can be foreseen comes before the first rename, with nothing changed.
        """
        # A kustomization comes after all files that it names and before those go that it no longer names.
        writes = sorted((change for change in steps.changes if change.file), key=_is_kustomization)
        removals = [change for change in steps.changes if not change.file]
        made: list[str] = []
        self._staged = self._done = 0
        try:
            self._prepare(steps, writes, removals, made)
            if not all(map(self._is_unchanged, steps.changes)):
                return False
            self._finish(writes, removals)
        except OSError as error:
            raise MeshgenError(_failure(self._place, error, self._done, len(steps.changes))) from None
        finally:
            self._tidy(steps, writes, made)
        return True

    def _prepare(self, steps: Steps, writes: Sequence[Change], removals: Sequence[Change], made: list[str]) -> None:
        """Meet everything that can go wrong: a full disk, a read-only folder, a name too long."""
        self._clean(path for path in steps.leftovers if not path.endswith("-folders.tmp"))
        self._place = self._folder
        if steps.new_folders or steps.emptied:
            content = json.dumps([*steps.new_folders, *steps.emptied])
            self._write(self._journal, JOURNAL + content.encode())
        for folder in steps.new_folders:
            self._place = self._at(folder)
            os.mkdir(self._place)
            made.append(self._place)
        for index, change in enumerate(writes):
            self._place = self._at(change.path)
            self._staged = index + 1
            self._write(self._temporary(index, change.path), change.file.content if change.file else b"", change.before)
        for folder in sorted({change.path.rpartition("/")[0] for change in removals}):
            self._place = self._at(folder)
            probe = self._temporary(len(writes), folder + "/")
            try:
                self._write(probe, b"")
            finally:
                with suppress(FileNotFoundError):
                    os.remove(probe)

    def _finish(self, writes: Sequence[Change], removals: Sequence[Change]) -> None:
        for index, change in enumerate(writes):
            self._place = self._at(change.path)
            os.replace(self._temporary(index, change.path), self._place)
            self._done += 1
        for change in removals:
            self._place = self._at(change.path)
            os.remove(self._place)
            self._done += 1

    def _tidy(self, steps: Steps, writes: Sequence[Change], made: Sequence[str]) -> None:
        """Leave nothing behind that is not wanted, whether all went well or not; the journal goes last."""
        for index in range(self._done, self._staged):
            with suppress(OSError):
                os.remove(self._temporary(index, writes[index].path))
        _remove_empty([*made, *map(self._at, steps.emptied)])
        if self._done == len(steps.changes):
            self._clean(steps.leftovers)
        with suppress(OSError):
            os.remove(self._journal)

    def _clean(self, leftovers: Iterable[str]) -> None:
        """Only where no other run can be at work on them."""
        for path in leftovers if self._is_locked else ():
            with suppress(OSError):
                os.remove(self._at(path))

    def _is_unchanged(self, change: Change) -> bool:
        self._place = self._at(change.path)
        try:
            return Stamp.of(os.lstat(self._place)) == change.before
        except FileNotFoundError:
            return change.before is None

    def _write(self, path: str, content: bytes, before: Stamp | None = None) -> None:
        descriptor = os.open(path, _WRITE, 0o666)
        try:
            if before:
                _take_over(descriptor, before)
            written = os.write(descriptor, content)
            while written < len(content):
                written += os.write(descriptor, memoryview(content)[written:])
        except BaseException:
            with suppress(OSError):
                os.close(descriptor)
            raise
        os.close(descriptor)

    def _at(self, path: str) -> str:
        return f"{self._folder}/{path}" if path else self._folder

    def _temporary(self, index: int, path: str) -> str:
        folder, slash, _ = path.rpartition("/")
        return self._at(f"{folder}{slash}{self._prefix}{index}.tmp".removeprefix("/"))

    @property
    def _journal(self) -> str:
        return self._at(f"{self._prefix}folders.tmp")


def _is_kustomization(change: Change) -> bool:
    return change.path == "kustomization.yaml"


def _take_over(descriptor: int, before: Stamp) -> None:
    """Whoever replaces a file in another's folder leaves it to them, where the system lets them."""
    status = os.fstat(descriptor)
    if (status.st_uid, status.st_gid) != (before.user, before.group):
        with suppress(OSError):
            os.fchown(descriptor, before.user, before.group)
    if status.st_mode != before.mode:
        os.fchmod(descriptor, stat.S_IMODE(before.mode))


def _make_missing(folder: str, made: list[str]) -> None:
    missing = []
    while folder and not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        try:
            os.mkdir(path)
        except FileExistsError:
            if not os.path.isdir(path):
                raise
        else:
            made.append(path)


def _remove_empty(folders: Sequence[str]) -> None:
    """Innermost first; what is not empty stays."""
    for folder in reversed(folders):
        with suppress(OSError):
            os.rmdir(folder)


def _lock(folder: str) -> int | None:
    """Wait for other runs; None where folders cannot be locked, as on some network file systems."""
    if sys.platform == "win32":
        return None
    import fcntl  # not there on Windows

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _failure(place: str, error: OSError, done: int = 0, changes: int = 0) -> Diagnostic:
    outcome = f"{done} of {changes} changes were made, each of them whole" if done else "nothing was changed"
    reason = error.strerror or str(error)
    message = f"cannot be written: {reason[:1].lower()}{reason[1:]}; {outcome}"
    hint = _HINTS.get(error.errno or 0, "put that right, then run again")
    return Diagnostic(Location(place), "MG503", Severity.ERROR, message, hint=hint)
