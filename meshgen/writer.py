"""Keeps a folder equal to a set of files, and leaves everybody else's alone."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from meshgen.changes import Change, Steps
from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity
from meshgen.ownership import File, quoted
from meshgen.staging import opened
from meshgen.survey import Survey

_TRIES = 3


class Plan(NamedTuple):
    """What would make a folder equal to a set of files, and what is in the way. Nothing was written for it."""

    folder: str
    files: Mapping[str, File]
    roots: frozenset[str]
    prune: bool
    problems: tuple[Diagnostic, ...]
    unchanged: int
    """How many files are as they should be already."""
    steps: Steps

    @property
    def drift(self) -> bool:
        """Whether the folder differs from the files."""
        return bool(self.steps.changes)

    @property
    def failed(self) -> bool:
        """Whether an error stands against carrying this out."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def created(self) -> list[str]:
        """Paths of files that are not there yet."""
        return [change.path for change in self.steps.changes if not change.before]

    @property
    def replaced(self) -> list[str]:
        """Paths of files that say something else."""
        return [change.path for change in self.steps.changes if change.before and change.file]

    @property
    def removed(self) -> list[str]:
        """Paths of files that the specs made once and no longer do."""
        return [change.path for change in self.steps.changes if not change.file]


def plan(files: Iterable[File], folder: str | os.PathLike[str], roots: Iterable[str], *, prune: bool = True) -> Plan:
    """Compare `files` with what is in `folder`.

    `roots` are the labels of the specs given, one that ends with `/` for a folder of them: what was made from others is
    neither replaced nor removed. Without `prune` nothing is removed. ValueError for two files of one path.
    """
    wanted: dict[str, File] = {}
    for file in files:
        if wanted.setdefault(file.path, file) is not file:
            raise ValueError(f"two files are to be {file.path!r}")
    place = os.fspath(folder)
    return _plan(place.rstrip("/") or place[:1], wanted, frozenset(roots), prune=prune)


def diff(plan: Plan) -> str:
    """Give what `apply` would change as a unified diff, which `patch -p1` and `git apply` take."""
    return "".join(line for change in plan.steps.changes for line in _difference(plan.folder, change))


def apply(plan: Plan) -> Plan:
    """Do what `plan` says, and give the plan that was carried out: another one if the folder had changed meanwhile.

    The folder is looked at again once no other run is at work there, for a look while one is sees half of its work.
    Raises MeshgenError: the plan's problems where one of them is an error, MG503 where the folder cannot be written.
    """
    _refuse(plan)
    if not plan.drift and not plan.steps.leftovers:
        return plan
    with opened(plan.folder) as staging:
        for _ in range(_TRIES):
            plan = _plan(plan.folder, plan.files, plan.roots, prune=plan.prune)
            _refuse(plan)
            if staging.carry_out(plan.steps):
                return plan
    message = "changes faster than it can be written; nothing was changed"
    hint = "stop what else writes there, then run again"
    raise MeshgenError(Diagnostic(Location(plan.folder), "MG503", Severity.ERROR, message, hint=hint))


def _plan(folder: str, wanted: Mapping[str, File], roots: frozenset[str], *, prune: bool) -> Plan:
    survey = Survey(folder, wanted, roots, prune=prune)
    problems = sorted(survey.problems, key=lambda problem: problem.sort_key)
    return Plan(folder, wanted, roots, prune, tuple(problems), survey.unchanged, survey.steps)


def _refuse(plan: Plan) -> None:
    if plan.failed:
        raise MeshgenError(*plan.problems)


def _difference(folder: str, change: Change) -> Iterator[str]:
    old = new = ""
    if change.before:
        old = Path(folder, change.path).read_bytes().decode(errors="replace")
    if change.file:
        new = change.file.content.decode()
    lines = difflib.unified_diff(
        _lines(old),
        _lines(new),
        quoted(f"a/{change.path}") if change.before else "/dev/null",
        quoted(f"b/{change.path}") if change.file else "/dev/null",
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Only a line feed ends a line here: str.splitlines would also cut at U+2028 and its like."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1].removesuffix("\n")
    return lines if lines[-1] else lines[:-1]
