"""Spec files become entries: which spec a document is, what others have to know of it, and where its text lies meanwhile."""

from __future__ import annotations

import marshal
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from meshgen.diagnostic import Diagnostic, MeshgenError
from meshgen.document import Document, parse
from meshgen.facts import Facts, Key, gateway_facts, service_facts
from meshgen.findings import Findings
from meshgen.ownership import MARK
from meshgen.source import Source
from meshgen.spool import Place, Spool

API_VERSION = "meshgen.dev/v1"
KINDS = ("Service", "Gateway")


class Entry(NamedTuple):
    """One document that says which spec it is, right or not. Its text and data lie in a spool."""

    kind: str
    key: Key
    named: bool
    """Whether it says its name and namespace; if not, its key stands for nothing that others could refer to."""
    facts: Facts
    file: str
    label: str
    start: int
    end: int
    text: Place
    data: Place

    def document(self, spool: Spool) -> Document:
        """The document, read anew at each call from the spool that it was put into."""
        text, data = spool.read(self.text), spool.read(self.data)
        return Document(
            marshal.loads(data),  # noqa: S302 - packed by this program
            self.file,
            self.label,
            text.decode(),
            self.start,
            self.end,
        )


@dataclass(slots=True)
class Entries:
    """What came of a file: its specs, what was wrong, and the names in what could not be read."""

    found: list[Entry] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def __reduce__(self) -> tuple[Any, ...]:
        return Entries, (self.found, self.unread, self.diagnostics)


def read(source: Source, namespace: str | None, spool: Spool) -> Entries:
    """The entries of a file; `namespace` is that of specs which name none. Raises OSError where the spool has no room.

    A file that meshgen made is passed over where it was met in a folder: outputs may lie among the specs.
    """
    try:
        content = source.read()
    except MeshgenError as error:
        return Entries(diagnostics=list(error.diagnostics))
    if source.met and content.startswith(MARK):
        return Entries()
    parsed = parse(content, source.file, source.label)
    entries = entries_of(parsed.documents, namespace, spool)
    entries.diagnostics[:0] = parsed.diagnostics
    for broken in parsed.broken:
        entries.unread |= broken.names()
    return entries


def entries_of(documents: Iterable[Document], namespace: str | None, spool: Spool) -> Entries:
    """The entries of documents that were parsed already. Raises as `read` does."""
    entries = Entries()
    text: str | None = None
    place: Place = (0, 0, 0)
    for document in documents:
        findings = Findings(document)
        kind, said = _identity(document, namespace or None, findings)
        if kind is None or said is None:
            entries.unread |= _names_in(document)
        entries.diagnostics += findings.diagnostics
        if kind is None:
            continue
        packed = marshal.dumps(document.data)
        if document.text is text:
            (data,) = spool.add([packed])
        else:  # the documents of one file share its text
            text = document.text
            place, data = spool.add([text.encode(), packed])
        key = said or Key("", f"{document.file}#{document.start}")
        facts = (service_facts if kind == "Service" else gateway_facts)(key, document.data.get("spec"))
        entries.found.append(
            Entry(
                kind, key, said is not None, facts, document.file, document.label, document.start, document.end,
                place, data,
            )
        )  # fmt: skip
    return entries


def _names_in(document: Document) -> set[str]:
    """The name that a document gives itself, if it does."""
    metadata = document.data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return {name} if isinstance(name, str) else set()


def _identity(document: Document, namespace: str | None, findings: Findings) -> tuple[str | None, Key | None]:
    """Which spec a document is: its kind, its name and namespace. What cannot be told is None, and noted."""
    data = document.data
    version, kind = data.get("apiVersion"), data.get("kind")
    if version != API_VERSION:
        _refuse_version(findings, version)
        return None, None
    if kind not in KINDS:
        _refuse_kind(findings, kind)
        return None, None
    metadata = data.get("metadata")
    if not isinstance(metadata, dict):
        return kind, None
    name, stated = metadata.get("name"), metadata.get("namespace")
    namespace = stated if stated is not None else namespace
    if isinstance(name, str) and namespace is None:
        findings.error(
            "MG104",
            ("metadata", "name"),
            f"{kind} {name!r} says no namespace",
            "write metadata.namespace, or give one with --namespace",
        )
    if not isinstance(name, str) or not isinstance(namespace, str) or not namespace:
        return kind, None
    return kind, Key(namespace, name)


def _refuse_version(findings: Findings, version: Any) -> None:
    seen = f"apiVersion is {_seen(version)}" if "apiVersion" in findings.document.data else "apiVersion is missing"
    foreign = isinstance(version, str) and not version.startswith("meshgen.dev/")
    hint = "keep other manifests outside the folder of specs" if foreign else f"write apiVersion: {API_VERSION}"
    findings.error("MG102", ("apiVersion",), f"{seen}, but a spec has {API_VERSION}", hint)


def _refuse_kind(findings: Findings, kind: Any) -> None:
    import difflib

    near = difflib.get_close_matches(str(kind), KINDS, n=1)
    seen = f"no kind of spec is named {_seen(kind)}" if "kind" in findings.document.data else "kind is missing"
    hint = f"did you mean {near[0]!r}?" if near else ""
    findings.error("MG103", ("kind",), f"{seen}; there are: {', '.join(KINDS)}", hint)


def _seen(value: object) -> str:
    return "null" if value is None else repr(value)
