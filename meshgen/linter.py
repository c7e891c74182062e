"""Runs the rules over a mesh: each object is read once to know of it, and once to be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from meshgen.diagnostic import Diagnostic, Severity, in_order
from meshgen.editing import Change
from meshgen.fault import KeyPath
from meshgen.kinds import group_of, today
from meshgen.mesh import Manifest, ObjectKey
from meshgen.registry import GROUPS, Object, Registry, fields
from meshgen.registry.others import take_in_other
from meshgen.registry.reading import says_something, take_in
from meshgen.rules import Finding, LintRule, rules
from meshgen.validator import errors, mistakes, schema_set

IGNORE = "meshgen.dev/ignore"
"""The annotation that silences codes on its object: `MG201,MG214`, or `*`."""
_SUPPRESS = "galley.istio.io/analyze-suppress"


_Checks = tuple[tuple[LintRule, Callable[[Object, Registry], Iterator[Finding]]], ...]
"""Rules, each with what finds."""


class Cluster(NamedTuple):
    """Where the objects are to be applied."""

    kubernetes_version: str = "1.36"
    istio_version: str = "1.31"
    domain: str = "cluster.local"


@dataclass(slots=True)
class Lint:
    """What a run found, and what it passed over."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    objects: int = 0
    others: Counter[str] = field(default_factory=Counter)
    """Objects of kinds that nothing is known of, by apiVersion and kind."""
    fixes: list[tuple[str, Manifest, KeyPath, Change]] = field(default_factory=list)
    """Values for which the rule of a code knows what to write."""


def lint(
    manifests: Iterable[Manifest],
    cluster: Cluster | None = None,
    *,
    rendered: Iterable[Manifest] = (),
    known: Iterable[Manifest] = (),
    chosen: Collection[str] | None = None,
    info: bool = True,
) -> Lint:
    """Judge some objects as one mesh; `chosen` are the codes of the rules to run, by default all.

    What its schema refuses is told too, and taken out of an object before a rule sees it. The `rendered` were made from
    specs by this program: neither schemas nor rules that specs settle are asked about them. The `known` are there too
    and not judged; one that stands among the others is passed over, as it was before the change. Without `info` nothing
    is looked for that is no error or warning.
    """
    asked = [
        rule
        for rule in rules()
        if (chosen is None or rule.code in chosen) and (info or rule.worst is not Severity.INFO)
    ]
    mesh = _Mesh(cluster or Cluster(), asked, info=info)
    for manifest in manifests:
        mesh.add(manifest)
    for manifest in rendered:
        mesh.add(manifest, is_rendered=True)
    for manifest in known:
        mesh.know(manifest)
    mesh.judge()
    mesh.run.diagnostics = in_order(mesh.run.diagnostics)
    return mesh.run


class _Mesh:
    """The objects that are judged together."""

    def __init__(self, cluster: Cluster, asked: Sequence[LintRule], *, info: bool) -> None:
        self.run = Lint()
        self._asked = asked
        self._judged = frozenset(kind for rule in asked for kind in rule.kinds)
        self._needed = frozenset(field for rule in asked for field in rule.needs)
        self._info = info
        self._versions = cluster.kubernetes_version, cluster.istio_version
        self._schemas = schema_set(*self._versions)
        self._registry = Registry(cluster.domain, wants_info=info)
        self._known: dict[ObjectKey, Manifest] = {}
        self._pruned: dict[ObjectKey, list[KeyPath]] = {}
        self._read_as: dict[ObjectKey, str] = {}
        self._work: list[tuple[Manifest, _Checks, frozenset[str]]] = []
        self._applicable: dict[tuple[str, bool, frozenset[str]], _Checks] = {}

    def add(self, manifest: Manifest, *, is_rendered: bool = False) -> None:
        """Take in an object: what its schema says of it, and what others have to know of it."""
        key, kind = manifest.key, manifest.kind
        if is_rendered and kind not in self._judged and not says_something(kind):
            self.run.objects += 1
            return
        data = manifest.data
        if not is_rendered and not self._schemas.is_ours(data["apiVersion"], kind):
            self.run.others[f"{data['apiVersion']} {kind}"] += 1
            take_in_other(self._registry, Object(key, data))
            return
        self.run.objects += 1
        version = data["apiVersion"] if is_rendered else self._tell(manifest, data)
        if GROUPS.get(kind) != group_of(version):
            return
        pruned = [] if is_rendered else _pruned(data, self._versions)
        twin = self._known.setdefault(key, manifest)
        if twin is not manifest:
            self.run.diagnostics.append(_twice(manifest, twin))
            return
        if pruned:
            self._pruned[key] = pruned
            self._registry.partial.add(key)
        seen = Object(key, data)
        take_in(self._registry, seen)
        if kind in self._judged:
            said = fields(seen)
            applicable = self._applicable_to(kind, is_rendered, self._needed.intersection(said))
            if applicable:
                self._work.append((manifest, applicable, _silenced(seen) if "annotations" in said else frozenset()))

    def know(self, manifest: Manifest) -> None:
        """Take in an object that others may refer to, without a word about it."""
        data = manifest.data
        if not self._schemas.is_ours(data["apiVersion"], manifest.kind):
            take_in_other(self._registry, Object(manifest.key, data))
        if manifest.key not in self._known and GROUPS.get(manifest.kind) == group_of(data["apiVersion"]):
            self._known[manifest.key] = manifest
            if _pruned(data, self._versions):
                self._registry.partial.add(manifest.key)
            take_in(self._registry, Object(manifest.key, data))

    def _tell(self, manifest: Manifest, data: dict[str, Any]) -> str:
        """Tell what the schema and kube-apiserver refuse; returns the apiVersion by which the object is read.

        One of a version that is gone is read by today's, so that others find in it what they ask for.
        """
        for code, path, message, hint in mistakes(data, *self._versions):
            place, subject = manifest.locate(path), manifest.subject(path)
            self.run.diagnostics.append(Diagnostic(place, code, Severity.ERROR, message, subject, hint))
        version: str = data["apiVersion"]
        if self._schemas.validator(version, manifest.kind) is None and manifest.kind in GROUPS:
            version = today(version, manifest.kind, GROUPS[manifest.kind], self._schemas.kinds) or version
            self._read_as[manifest.key] = data["apiVersion"] = version
        return version

    def _applicable_to(self, kind: str, is_rendered: bool, said: frozenset[str]) -> _Checks:
        """The rules that may find something in an object which has these of the fields that rules need."""
        known = self._applicable.get((kind, is_rendered, said))
        if known is None:
            known = tuple(
                (rule, rule.check)
                for rule in self._asked
                if kind in rule.kinds
                and not (is_rendered and rule.settled)
                and not (rule.needs and rule.needs.isdisjoint(said))
            )
            self._applicable[kind, is_rendered, said] = known
        return known

    def judge(self) -> None:
        """Run the rules, now that all objects are known."""
        for manifest, applicable, silenced in self._work:
            seen = Object(manifest.key, None, partial(self._read, manifest))
            if silenced:
                applicable = tuple(each for each in applicable if not _is_silenced(each[0], silenced))  # noqa: PLW2901
            self._judge(manifest, seen, applicable)

    def _read(self, manifest: Manifest) -> dict[str, Any]:
        data = manifest.data
        if manifest.key in self._read_as:
            data["apiVersion"] = self._read_as[manifest.key]
        for path in self._pruned.get(manifest.key, ()):
            _remove(data, path)
        return data

    def _judge(self, manifest: Manifest, seen: Object, applicable: _Checks) -> None:
        for rule, check in applicable:
            for found in check(seen, self._registry):
                severity = found.severity or rule.severity
                if severity is Severity.INFO and not self._info:
                    continue
                if found.fix is not None:
                    self.run.fixes.append((rule.code, manifest, found.path, found.fix))
                place, subject = manifest.locate(found.path), manifest.subject(found.path)
                self.run.diagnostics.append(Diagnostic(place, rule.code, severity, found.message, subject, found.hint))


def _silenced(seen: Object) -> frozenset[str]:
    annotations = seen.annotations
    said = f"{annotations.get(IGNORE, '')},{annotations.get(_SUPPRESS, '')}"
    return frozenset(code.strip() for code in said.split(",")) - {""}


def _is_silenced(rule: LintRule, silenced: frozenset[str]) -> bool:
    return "*" in silenced or rule.code in silenced or not silenced.isdisjoint(rule.covers)


def _twice(manifest: Manifest, twin: Manifest) -> Diagnostic:
    message = f"{manifest.key} is there already, at {twin.locate(('metadata', 'name'))}: the one applied last replaces the other"
    place = manifest.locate(("metadata", "name"))
    return Diagnostic(
        place, "MG200", Severity.WARNING, message, str(manifest.key), "keep one of them, or lint them apart"
    )


def _pruned(data: dict[str, Any], versions: tuple[str, str]) -> list[KeyPath]:
    """Take out of `data` what their schema refuses; returns the paths taken out."""
    removed: list[KeyPath] = []
    while wrong := [error.path for error in errors(data, *versions) if error.keyword != "additionalProperties"]:
        paths = {_removable(path) for path in wrong}
        if () in paths:
            data.clear()
            return [()]
        for path in paths:
            _remove(data, path)
            removed.append(path)
    return removed


def _removable(path: KeyPath) -> KeyPath:
    """The nearest key at or above `path`: items are not taken out of lists, for the others would move."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


def _remove(data: dict[str, Any], path: KeyPath) -> None:
    if not path:
        data.clear()
        return
    at: Any = data
    for step in path[:-1]:
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(at, dict):
        at.pop(path[-1], None)
