"""One file a rule: what is right for every schema and wrong on the way of a request.

A rule is a file `mgNNN_what_is_wrong.py`. Its docstring is its page: one sentence, an explanation, then examples below
`Bad:` (each line that is found ends in `# <- MGNNN`) and `Good:` (nothing is found). It names its SEVERITY, the KINDS
of objects that it looks at, the codes of `istioctl analyze` that it COVERS, the fields of which it NEEDS one (see
meshgen.registry.fields), and the WORST severity of its findings, where that is not its own. SETTLED says that specs
cannot have it: what is rendered is right by construction, or the fleet has looked, which knows more (what `existing`
says is there, say). What it claims is shown in lab/tests/rules; where that cannot be, its page has a line
`Not shown: REASON.` before the examples. Its `check` is called for each such object and yields findings in it.

What the files say of themselves stands in index.py too, which `make docs` writes: a run reads the files of those rules
alone that have something to look at.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from meshgen.codes import CODES
from meshgen.diagnostic import Severity
from meshgen.editing import Change
from meshgen.fault import KeyPath
from meshgen.registry import Object, Registry

_UNSHOWN = re.compile(r"^Not shown: ([^.\n]+)\.$", re.MULTILINE)
_FILE = re.compile(r"(mg\d{3})_(\w+)\.py")


class Finding(NamedTuple):
    """What a rule found in an object."""

    path: KeyPath
    """Of the value to change."""
    message: str
    """What is wrong, and what it does to requests."""
    hint: str = ""
    severity: Severity | None = None
    """Where it is not that of the rule."""
    fix: Change | None = None
    """The text to write in place of the scalar at `path`, or a key beside or instead, where that is all that is to be done."""


class LintRule(NamedTuple):
    """A rule: what its file says of itself, and what it is called."""

    code: str
    title: str
    severity: Severity
    kinds: tuple[str, ...]
    covers: tuple[str, ...]
    needs: frozenset[str]
    """Without one of these fields nothing can be found in an object; empty where that cannot be said."""
    worst: Severity
    """The highest severity of its findings."""
    settled: bool
    """Whether what is rendered from specs cannot have it."""

    @property
    def check(self) -> Callable[[Object, Registry], Iterator[Finding]]:
        """What yields the findings in an object."""
        check: Callable[[Object, Registry], Iterator[Finding]] = _module(self.code, self.title).check
        return check

    @property
    def page(self) -> str:
        """What is to be known of it, with its examples."""
        return _module(self.code, self.title).__doc__ or ""

    @property
    def not_shown(self) -> str:
        """Why nothing shows on real proxies what it claims; empty where something does."""
        found = _UNSHOWN.search(self.page)
        return found[1] if found else ""


def _module(code: str, title: str) -> Any:
    name = f"meshgen.rules.{code.lower()}_{title.replace('-', '_')}"
    return sys.modules.get(name) or import_module(name)


@cache
def rules() -> tuple[LintRule, ...]:
    """All rules, in the order of their codes."""
    from meshgen.rules.index import INDEX

    return tuple(
        LintRule(code, title, Severity(severity), kinds, covers, frozenset(needs), Severity(worst), settled)
        for code, title, severity, kinds, covers, needs, worst, settled in INDEX
    )


def read_index() -> tuple[LintRule, ...]:
    """What the files of rules say of themselves, each file read."""
    found = []
    for file in sorted(os.listdir(os.path.dirname(__file__))):
        if match := _FILE.fullmatch(file):
            code, title = match[1].upper(), match[2].replace("_", "-")
            said = _module(code, title)
            needs, worst = frozenset(getattr(said, "NEEDS", ())), getattr(said, "WORST", said.SEVERITY)
            covers, settled = tuple(getattr(said, "COVERS", ())), getattr(said, "SETTLED", False)
            found.append(LintRule(code, title, said.SEVERITY, tuple(said.KINDS), covers, needs, worst, settled))
    return tuple(found)


def explained(code: str) -> tuple[str, str]:
    """The title of a code and what is to be known of it, a rule's page included."""
    for rule in rules():
        if rule.code == code:
            return rule.title, rule.page.strip()
    return CODES[code]
