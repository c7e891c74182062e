"""What is in an output folder, compared with what is wanted there."""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Collection, Mapping, Sequence

from meshgen.changes import Change, Stamp, Steps, leftover, parents
from meshgen.diagnostic import Diagnostic, Location, Severity
from meshgen.ownership import MARK, STDIN, File, made_from, quoted, strangers

_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_ENDINGS = (".yaml", ".yml")
_CHUNK = 4_096
_NAMED = 3
_CASE = "upper and lower case alone, which many file systems take for one name"


class Survey:
    """A look at every file and folder below `folder`, once; symbolic links and hidden folders are not entered."""

    def __init__(self, folder: str, wanted: Mapping[str, File], roots: Collection[str], *, prune: bool) -> None:
        self.unchanged = 0
        self.problems: list[Diagnostic] = []
        self._folder = folder
        self._wanted = wanted
        self._roots = roots
        self._prune = prune
        self._needed = parents(wanted)
        self._folded = {_folded(path): path for path in wanted}
        self._seen: set[str] = set()
        self._visited: set[str] = set()
        self._abandoned: set[str] = set()
        self._leftovers: list[str] = []
        self._changes: list[Change] = []
        self._compare_wanted()
        self._enter_all()

    @property
    def steps(self) -> Steps:
        """What makes the folder hold what is wanted, sorted by path."""
        created = [Change(path, file, None) for path, file in self._wanted.items() if path not in self._seen]
        changes = sorted([*self._changes, *created])
        emptied = parents(change.path for change in self._changes if not change.file) | self._abandoned & self._visited
        return Steps(
            changes,
            sorted(self._needed - self._visited),
            sorted(emptied - self._needed),
            sorted(self._leftovers),
        )

    def _compare_wanted(self) -> None:
        """Find what one folder cannot hold, whatever is in it."""
        for path, file in self._wanted.items():
            other = self._folded[_folded(path)]
            if other != path:
                sources = _names(self._wanted[other].sources)
                message = (
                    f"made from {_names(file.sources)}, differs from {quoted(other)!r}, made from {sources}, in {_CASE}"
                )
                self._report(path, "MG506", message, "rename one of the two")
            if path in self._needed:
                inner = min(each for each in self._wanted if each.startswith(path + "/"))
                message = f"made from {_names(file.sources)}, would have to be a folder as well, for {quoted(inner)!r}"
                self._report(path, "MG501", message, "choose another --layout")

    def _enter_all(self) -> None:
        folders = [""]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(self._at(folder)) as entries:
                    for entry in entries:
                        path = f"{folder}/{entry.name}" if folder else entry.name
                        if self._is_to_be_entered(path, entry):
                            folders.append(path)
            except OSError as error:
                self._not_entered(folder, error)
            else:
                self._visited.add(folder)

    def _is_to_be_entered(self, path: str, entry: os.DirEntry[str]) -> bool:
        if path in self._wanted or path in self._needed:
            return self._met(path, entry)
        if entry.is_dir(follow_symlinks=False):
            return not entry.name.startswith(".")
        if not entry.is_file(follow_symlinks=False):
            return False
        if entry.name.startswith("."):
            self._hidden(path)
        else:
            self._unwanted(path)
        return False

    def _met(self, path: str, entry: os.DirEntry[str]) -> bool:
        """Something stands where a file or a folder of ours belongs."""
        self._seen.add(path)
        file = self._wanted.get(path)
        if entry.is_symlink():
            self._in_the_way(
                path, "MG502", "a symbolic link", "remove the link; links are neither followed nor replaced"
            )
        elif entry.is_dir(follow_symlinks=False):
            if path in self._needed:
                return True
            self._in_the_way(path, "MG501", "a folder", "move it away, or choose another --layout")
        elif file is None:
            self._in_the_way(path, "MG501", "a file", "move it away, or choose another --layout")
        elif not entry.is_file(follow_symlinks=False):
            self._in_the_way(
                path, "MG501", "something that is no ordinary file", "move it away, or choose another --layout"
            )
        else:
            self._compare(file)
        return False

    def _compare(self, file: File) -> None:
        content = file.content
        try:
            with _reading(self._at(file.path)) as descriptor:
                status = os.fstat(descriptor)
                if status.st_size == len(content) and os.read(descriptor, len(content) + 1) == content:
                    self.unchanged += 1
                    return
                os.lseek(descriptor, 0, os.SEEK_SET)
                sources = _sources(descriptor)
        except OSError as error:
            self._unreadable(file.path, error)
            return
        if sources is None:
            hint = "move it away, or choose another --output or --layout"
            self._in_the_way(file.path, "MG501", "a file that meshgen did not make", hint)
        elif others := strangers(sources, self._roots):
            hint = "render those specs together with these, or choose another --output or --layout"
            what = f"what meshgen made from {_names(others)} (not among the specs given)"
            self._in_the_way(file.path, "MG501", what, hint)
        else:
            self._changes.append(Change(file.path, file, Stamp.of(status)))

    def _unwanted(self, path: str) -> None:
        """A file that no spec asks for: ours to remove, if these specs made it."""
        other = self._folded.get(_folded(path))
        if other is not None:
            message = f"is there already, and differs from {quoted(other)!r} in {_CASE}"
            self._report(path, "MG506", message, "remove it, or rename one of the two")
        elif self._prune and path.endswith(_ENDINGS):
            try:
                with _reading(self._at(path)) as descriptor:
                    sources = _sources(descriptor)
                    before = Stamp.of(os.fstat(descriptor))
            except OSError as error:
                self._unreadable(path, error, Severity.WARNING)
                return
            if sources is not None and not strangers(sources, self._roots):
                self._changes.append(Change(path, None, before))

    def _hidden(self, path: str) -> None:
        folders = leftover(self._at(path))
        if folders is not None:
            self._leftovers.append(path)
            self._abandoned.update(folders)

    def _not_entered(self, folder: str, error: OSError) -> None:
        if isinstance(error, FileNotFoundError):
            if not folder and os.path.islink(self._folder):
                self._report(
                    "", "MG502", "is a symbolic link that leads nowhere", "remove the link, or choose another --output"
                )
        elif error.errno == errno.ENOTDIR and not folder:
            self._report("", "MG501", "is no folder, so nothing can be written into it", "choose another --output")
        else:
            is_needed = not folder or folder in self._needed
            self._unreadable(folder, error, Severity.ERROR if is_needed else Severity.WARNING)

    def _unreadable(self, path: str, error: OSError, severity: Severity = Severity.ERROR) -> None:
        if isinstance(error, FileNotFoundError):  # gone since the folder was listed
            self._seen.discard(path)
            return
        reason = error.strerror or str(error)
        message = f"cannot be read: {reason[:1].lower()}{reason[1:]}"
        if severity is Severity.WARNING:
            message += "; whether meshgen made it once and no longer does is not known"
        self._report(path, "MG007", message, "check its permissions", severity)

    def _in_the_way(self, path: str, code: str, what: str, hint: str) -> None:
        if path in self._wanted:
            purpose = f"the file made from {_names(self._wanted[path].sources)}"
        else:
            inner = min(each for each in self._wanted if each.startswith(path + "/"))
            purpose = f"the folder of {inner!r}"
        self._report(path, code, f"{what} is in the way of {purpose}", hint)

    def _report(self, path: str, code: str, message: str, hint: str, severity: Severity = Severity.ERROR) -> None:
        self.problems.append(Diagnostic(Location(self._at(path)), code, severity, message, hint=hint))

    def _at(self, path: str) -> str:
        return f"{self._folder}/{path}" if path else self._folder


class _reading:  # noqa: N801 - a function in all but speed: contextlib would cost half as much as the reading
    """Opens a file to read, never by way of a link, and closes it."""

    __slots__ = ("_descriptor", "_path")

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> int:
        self._descriptor = os.open(self._path, _READ)
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _sources(descriptor: int) -> tuple[str, ...] | None:
    """The labels in the first line of a file that is open at its beginning."""
    head = os.read(descriptor, _CHUNK)
    if not head.startswith(MARK):
        return None
    while b"\n" not in head and (more := os.read(descriptor, _CHUNK)):
        head += more
    return made_from(head.partition(b"\n")[0])


def _folded(path: str) -> str:
    """What a file system that sees no difference of case, or of ways to write an accent, takes a path for."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()


def _names(labels: Sequence[str]) -> str:
    named = ["standard input" if label == STDIN else f"'{quoted(label)}'" for label in labels[:_NAMED]]
    return ", ".join(named) + (f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else "")
