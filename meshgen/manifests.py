"""Anybody's YAML to manifests: files of one or many documents, lists of objects and JSON, as kubectl takes them."""

from __future__ import annotations

import marshal
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from meshgen import goyaml, lists
from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity
from meshgen.document import KeyPath, empty, split
from meshgen.fault import Fault
from meshgen.mesh import Manifest, ObjectKey
from meshgen.ownership import made_from
from meshgen.source import Source, find
from meshgen.spool import Place, Spool, no_room
from meshgen.written import Written

ENDINGS = (".yaml", ".yml", ".json")
SPECS = "meshgen.dev/"
"""How the apiVersion of a spec begins: it is to be rendered, and no manifest itself."""

_MAX_SIZE = 1024 * 1024 * 1024  # bytes of one file
_TEMPLATE = re.compile(r"^\s*(?:- )?\{\{-?|^\s*\{%|: \{\{", re.MULTILINE)
_CLUSTER_SCOPED = frozenset(
    ["APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "ComponentStatus",
     "CustomResourceDefinition", "FlowSchema", "GatewayClass", "IngressClass", "MutatingWebhookConfiguration", "Namespace", "Node",
     "PersistentVolume", "PriorityClass", "PriorityLevelConfiguration", "RuntimeClass", "StorageClass",
     "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "VolumeAttachment"]
)  # fmt: skip


@dataclass(slots=True)
class Found:
    """What came of some files."""

    manifests: list[Manifest] = field(default_factory=list)
    specs: list[str] = field(default_factory=list)
    """The files that hold specs."""
    others: Counter[str] = field(default_factory=Counter)
    """How many documents were passed over, by what they are."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    made: dict[str, set[str]] = field(default_factory=dict)
    """The files that meshgen made, and the labels of their specs."""
    labels: set[str] = field(default_factory=set)
    """The labels of the files that hold specs."""

    def doubled(self) -> list[Diagnostic]:
        """Files that were made from specs which stand among the paths too: each object would be there twice."""
        message = "it was made from specs that are linted too, so each of its objects is there twice"
        hint = "lint either the specs or what was made from them"
        return [
            Diagnostic(Location(file), "MG200", Severity.ERROR, message, hint=hint)
            for file, labels in self.made.items()
            if any(f"/{here}".endswith(f"/{label}") for label in labels for here in self.labels)
        ]


def read_manifests(arguments: Sequence[str], namespace: str | None = None) -> Found:
    """The objects in files, folders (searched for .yaml, .yml and .json) or, for `-`, standard input.

    `namespace` is that of objects which name none. Never raises for what a person wrote, but MeshgenError where there is
    no room to keep it.
    """
    try:
        return _found(arguments, namespace, Spool())
    except OSError as error:
        raise MeshgenError(no_room(error)) from None


def _found(arguments: Sequence[str], namespace: str | None, spool: Spool) -> Found:
    found = Found()
    sources, found.diagnostics = find(arguments, ENDINGS)
    for source in sources:
        try:
            content = source.read(_MAX_SIZE)
        except MeshgenError as error:
            found.diagnostics += error.diagnostics
            continue
        _File(source, namespace, spool, found).read(content)
    spool.flush()
    return found


class _File:
    """The reading of one file."""

    def __init__(self, source: Source, namespace: str | None, spool: Spool, found: Found) -> None:
        self._source, self._namespace, self._spool, self._found = source, namespace, spool, found
        self._homeless: list[tuple[int, str]] = []
        self._documents = 0

    def read(self, content: bytes) -> None:
        """Add all that the file says to what is found."""
        text = self._decoded(content)
        if text is None:
            return
        labels = made_from(text.partition("\n")[0].encode())
        if labels:
            self._found.made[self._source.file] = set(labels)
        line = counted = 0
        for start, end in split(text):
            line += text.count("\n", counted, start)
            counted = start
            chunk = text[start:end]
            if len(chunk) >= lists.LARGE and self._is_taken_apart(chunk, line):
                continue
            data, faults = goyaml.load(chunk)
            if faults and _TEMPLATE.search(text):
                self._refuse(_template(text), 0)
                return
            if faults and (values := list(lists.stream(chunk))):
                for each in values:
                    self._take(*goyaml.load(each.text), each.text, (line + each.line, each.column))
            else:
                self._take(data, faults, chunk, (line, 0))
        if self._homeless:
            self._say_homeless()
        if not self._source.met and not self._documents:
            self._found.diagnostics.append(empty(self._source.file, text))

    def _decoded(self, content: bytes) -> str | None:
        if len(content) > _MAX_SIZE:
            self._refuse(Fault(-1, -1, "MG008", "the file is larger than 1 GiB", "split it into several files"), 0)
            return None
        try:
            text = content.removeprefix(b"\xef\xbb\xbf").decode()
        except UnicodeDecodeError:
            self._refuse(Fault(-1, -1, "MG005", "the file is not UTF-8", "save it as UTF-8"), 0)
            return None
        return text.replace("\r\n", "\n")

    def _is_taken_apart(self, chunk: str, line: int) -> bool:
        """Whether a document could be read item by item; if not, nothing came of it."""
        items = lists.items(chunk)
        if items is None:
            return False
        alone = _File(self._source, self._namespace, self._spool, Found())
        for item in items:
            data, faults = goyaml.load(item.text)
            if faults:
                return False
            if isinstance(data, dict):
                alone._item(data, item.text, ((line + item.line, item.column), ()))
        self._found.manifests += alone._found.manifests
        self._found.others += alone._found.others
        self._homeless += alone._homeless
        self._documents += 1
        return True

    def _take(self, data: Any, faults: list[Fault], chunk: str, start: tuple[int, int]) -> None:
        self._documents += data is not None or bool(faults)
        for fault in faults:
            self._refuse(fault if fault.line else fault._replace(column=fault.column + start[1]), start[0])
        if data is not None:
            self._document(data, chunk, start)

    def _document(self, data: Any, chunk: str, start: tuple[int, int]) -> None:
        if not isinstance(data, dict):
            self._found.others["no mapping"] += 1
            return
        if str(data.get("apiVersion", "")).startswith(SPECS):
            if self._source.file not in self._found.specs:
                self._found.specs.append(self._source.file)
                self._found.labels.add(self._source.label)
            return
        text: Place | None = None
        for path, item in _items(data):
            text = self._item(item, chunk, (start, path), text)

    def _item(
        self, data: dict[str, Any], chunk: str, at: tuple[tuple[int, int], KeyPath], text: Place | None = None
    ) -> Place | None:
        """Take in what may be an object; returns where the text of its document lies, once it is needed."""
        kind, version, metadata = data.get("kind"), data.get("apiVersion"), data.get("metadata")
        if not isinstance(kind, str) or not isinstance(version, str) or not isinstance(metadata, dict):
            self._found.others["no object"] += 1
            return text
        if text is None:
            (text,) = self._spool.add([chunk.encode()])
        self._object(data, kind, metadata, (*at, text))
        return text

    def _object(
        self, data: dict[str, Any], kind: str, metadata: dict[str, Any], at: tuple[tuple[int, int], KeyPath, Place]
    ) -> None:
        name, namespace = metadata.get("name", metadata.get("generateName")), metadata.get("namespace")
        start, path, text = at
        if kind in _CLUSTER_SCOPED:
            namespace = ""
        elif namespace in (None, ""):
            namespace = self._namespace
            if namespace is None:
                self._homeless.append((start[0], kind))
                namespace = "default"
        elif not isinstance(namespace, str):
            namespace = str(namespace).lower()  # its schema says that this is no name
        if not isinstance(name, str):
            name = ""
        _drop_nulls(data)
        (packed,) = self._spool.add([marshal.dumps(data)])
        origin = Written(self._spool, self._source.file, start, path, text, packed)
        self._found.manifests.append(Manifest(ObjectKey.of(kind, namespace, name), (self._source.label,), origin))

    def _refuse(self, fault: Fault, line: int) -> None:
        message = fault.message
        if fault.also:
            message += f" at {line + fault.also[0] + 1}:{fault.also[1] + 1}"
        location = Location(self._source.file)
        if fault.line >= 0:
            location = Location(self._source.file, line + fault.line + 1, fault.column + 1)
        self._found.diagnostics.append(Diagnostic(location, fault.code, Severity.ERROR, message, hint=fault.hint))

    def _say_homeless(self) -> None:
        line, kind = self._homeless[0]
        more = len(self._homeless) - 1
        also = f", and {more} more in this file do not either" if more else ""
        message = f"{kind} names no namespace{also}"
        hint = "write metadata.namespace, or give the one that it is applied to with --namespace"
        location = Location(self._source.file, line + 1, 1)
        self._found.diagnostics.append(Diagnostic(location, "MG104", Severity.ERROR, message, hint=hint))


def _items(data: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """The objects in a document: itself, or those of a list, such as kubectl prints."""
    items, kind = data.get("items"), data.get("kind")
    if isinstance(items, list) and isinstance(kind, str) and kind.endswith("List"):
        for number, item in enumerate(items):
            if isinstance(item, dict):
                yield ("items", number), item
    else:
        yield (), data


def _drop_nulls(data: Any) -> None:
    """Take out keys without a value: the API server does so too, before it looks at anything else."""
    if type(data) is dict:
        if None in data.values():
            for key in [key for key, value in data.items() if value is None]:
                del data[key]
        below: Iterable[Any] = data.values()
    else:
        below = data
    for value in below:
        if type(value) is dict or type(value) is list:
            _drop_nulls(value)


def _template(text: str) -> Fault:
    match = _TEMPLATE.search(text)
    line = text.count("\n", 0, match.start()) if match else 0
    message = "the file is a template, and no manifest before it is rendered"
    return Fault(line, 0, "MG001", message, "lint what `helm template` or its like makes of it")
