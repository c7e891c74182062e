"""What stays the same of a diagnostic when lines move, and the baseline that is made of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity

_PLACE = re.compile(r":\d+:\d+\b")
_POSITION = re.compile(r"\.\d+(?=\.|\Z)")
_VERSION = 1

Fingerprint = tuple[str, str, str, str]
"""File, code, object and field, message: without lines, and without positions in lists."""


def fingerprint(diagnostic: Diagnostic) -> Fingerprint:
    """What a diagnostic is known by in a later run."""
    return (
        diagnostic.location.file,
        diagnostic.code,
        _POSITION.sub(".*", diagnostic.subject),
        _PLACE.sub("", diagnostic.message),
    )


def baseline(diagnostics: Iterable[Diagnostic]) -> str:
    """The text of a baseline file that knows all of these, sorted, so that it can be reviewed and merged."""
    known = Counter(fingerprint(each) for each in diagnostics)
    rows = [
        {"file": file, "code": code, "subject": subject, "message": message, "count": count}
        for (file, code, subject, message), count in sorted(known.items())
    ]
    return json.dumps({"version": _VERSION, "findings": rows}, indent=1, ensure_ascii=False) + "\n"


def new(diagnostics: Sequence[Diagnostic], text: str, file: str) -> list[Diagnostic]:
    """Those diagnostics that a baseline does not know, or not as many times.

    Raises MeshgenError (MG007) where `text`, the content of `file`, is no baseline.
    """
    known = _known(text)
    if known is None:
        message = "it is no baseline of this version of meshgen"
        hint = "write it anew with --write-baseline"
        raise MeshgenError(Diagnostic(Location(file), "MG007", Severity.ERROR, message, hint=hint))
    kept = []
    for each in diagnostics:
        print_ = fingerprint(each)
        if known[print_] > 0:
            known[print_] -= 1
        else:
            kept.append(each)
    return kept


def is_baseline(text: str) -> bool:
    """Whether a text is a baseline, of whatever version."""
    try:
        return isinstance(json.loads(text).get("findings"), list)
    except (ValueError, RecursionError, AttributeError):
        return False


def _known(text: str) -> Counter[Fingerprint] | None:
    """The findings in a baseline, and how often each; None for what is none of this version."""
    known: Counter[Fingerprint] = Counter()
    try:
        content = json.loads(text)
        if content["version"] != _VERSION:
            return None
        for row in content["findings"]:
            known[row["file"], row["code"], row["subject"], row["message"]] += int(row["count"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    return known
