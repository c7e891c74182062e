"""Diagnostics as SARIF 2.1.0, with the page of each code: what code scanning shows beside the line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from meshgen import __version__
from meshgen.diagnostic import Diagnostic, Severity
from meshgen.fingerprint import fingerprint
from meshgen.rules import explained

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """One run with all diagnostics; a rule for each of their codes (OASIS SARIF 2.1.0, sections 3.14 to 3.27)."""
    codes = sorted({each.code for each in diagnostics})
    run = {
        "tool": {"driver": {"name": "meshgen", "version": __version__, "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, codes.index(each.code)) for each in diagnostics],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def _rule(code: str) -> dict[str, Any]:
    title, page = explained(code)
    return {
        "id": code,
        "name": title.replace("-", " ").title().replace(" ", ""),
        "shortDescription": {"text": title.replace("-", " ")},
        "fullDescription": {"text": page.partition("\n")[0]},
        "help": {"text": page, "markdown": page},
    }


def _result(diagnostic: Diagnostic, index: int) -> dict[str, Any]:
    location = diagnostic.location
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(location.file, errors="surrogateescape")}}
    if location.line:
        place["region"] = {"startLine": location.line, "startColumn": max(location.column, 1)}
    said = [diagnostic.message, diagnostic.subject and f"in: {diagnostic.where}", diagnostic.hint]
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": "\n".join(filter(None, said))},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"meshgen/v1": _hash(fingerprint(diagnostic))},
    }


def _hash(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]
