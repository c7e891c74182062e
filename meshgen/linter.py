"""Runs the rules over a mesh: each object is read once to know of it, and once to be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from meshgen.diagnostic import Diagnostic, Severity
from meshgen.fault import KeyPath
from meshgen.mesh import Manifest, ObjectKey
from meshgen.registry import GROUPS, Object, Registry
from meshgen.registry.reading import take_in
from meshgen.rules import LintRule, rules
from meshgen.validator import errors, mistakes, schema_set

IGNORE = "meshgen.dev/ignore"
"""The annotation that silences codes on its object: `MG201,MG214`, or `*`."""
_SUPPRESS = "galley.istio.io/analyze-suppress"
_BUILT_IN = frozenset(["", "apps", "batch", "autoscaling", "policy", "extensions"])


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
    fixes: list[tuple[str, Manifest, KeyPath, str]] = field(default_factory=list)
    """Values for which the rule of a code knows the text to write."""


def lint(
    manifests: Iterable[Manifest],
    cluster: Cluster | None = None,
    *,
    chosen: Collection[str] | None = None,
    info: bool = True,
    valid: bool = False,
) -> Lint:
    """Judge some objects as one mesh; `chosen` are the codes of the rules to run, by default all.

    What its schema refuses is told too, and taken out of an object before a rule sees it; not where the objects are
    `valid`. Without `info` nothing is looked for that is no error or warning.
    """
    mesh = _Mesh(cluster or Cluster(), info=info, valid=valid)
    for manifest in manifests:
        mesh.add(manifest)
    mesh.judge([rule for rule in rules() if chosen is None or rule.code in chosen])
    mesh.run.diagnostics = sorted(set(mesh.run.diagnostics), key=lambda each: each.sort_key)
    return mesh.run


class _Mesh:
    """The objects that are judged together."""

    def __init__(self, cluster: Cluster, *, info: bool, valid: bool) -> None:
        self.run = Lint()
        self._info, self._valid = info, valid
        self._versions = cluster.kubernetes_version, cluster.istio_version
        self._registry = Registry(cluster.domain)
        self._known: dict[ObjectKey, Manifest] = {}
        self._pruned: dict[ObjectKey, list[KeyPath]] = {}

    def add(self, manifest: Manifest) -> None:
        """Take in an object: what its schema says of it, and what others have to know of it."""
        data = manifest.data
        if not _is_known(data, *self._versions):
            self.run.others[f"{data['apiVersion']} {manifest.kind}"] += 1
            return
        self.run.objects += 1
        group = data["apiVersion"].rpartition("/")[0]
        pruned = [] if self._valid else _schema(manifest, data, self._versions, self.run)
        if GROUPS.get(manifest.kind) != group:
            return
        twin = self._known.setdefault(manifest.key, manifest)
        if twin is not manifest:
            self.run.diagnostics.append(_twice(manifest, twin))
            return
        if pruned:
            self._pruned[manifest.key] = pruned
            self._registry.partial.add(manifest.key)
        take_in(self._registry, Object(manifest.key, data))

    def judge(self, chosen: Iterable[LintRule]) -> None:
        """Run some rules on all objects."""
        wanted: dict[str, list[LintRule]] = {}
        for rule in chosen:
            for kind in rule.kinds:
                wanted.setdefault(kind, []).append(rule)
        for key, manifest in self._known.items():
            if key.kind in wanted:
                data = manifest.data
                for path in self._pruned.get(key, ()):
                    _remove(data, path)
                self._judge(manifest, Object(key, data), wanted[key.kind])

    def _judge(self, manifest: Manifest, seen: Object, wanted: list[LintRule]) -> None:
        silenced = _silenced(seen)
        for rule in wanted:
            if silenced and ("*" in silenced or rule.code in silenced or not silenced.isdisjoint(rule.covers)):
                continue
            for found in rule.check(seen, self._registry):
                severity = found.severity or rule.severity
                if severity is Severity.INFO and not self._info:
                    continue
                if found.fix is not None:
                    self.run.fixes.append((rule.code, manifest, found.path, found.fix))
                place, subject = manifest.locate(found.path), manifest.subject(found.path)
                self.run.diagnostics.append(Diagnostic(place, rule.code, severity, found.message, subject, found.hint))


def _silenced(seen: Object) -> set[str]:
    said = f"{seen.annotations.get(IGNORE, '')},{seen.annotations.get(_SUPPRESS, '')}"
    return {code.strip() for code in said.split(",")} - {""}


def _twice(manifest: Manifest, twin: Manifest) -> Diagnostic:
    message = f"{manifest.key} is there already, at {twin.locate(('metadata', 'name'))}: the one applied last replaces the other"
    place = manifest.locate(("metadata", "name"))
    return Diagnostic(
        place, "MG200", Severity.WARNING, message, str(manifest.key), "keep one of them, or lint them apart"
    )


def _is_known(data: dict[str, Any], kubernetes: str, istio: str) -> bool:
    """Whether there is a schema for an object, or there should be one: its API group is Kubernetes' or Istio's."""
    version: str = data["apiVersion"]
    kind: str = data["kind"]
    if schema_set(kubernetes, istio).validator(version, kind) is not None:
        return True
    group = version.rpartition("/")[0]
    return group in _BUILT_IN or (group.endswith(".istio.io") and group.partition(".")[0] in ("networking", "security"))


def _schema(manifest: Manifest, data: dict[str, Any], versions: tuple[str, str], run: Lint) -> list[KeyPath]:
    """Tell what the schema and kube-apiserver refuse, and take it out of `data`; returns the paths taken out."""
    for code, path, message, hint in mistakes(data, *versions):
        place, subject = manifest.locate(path), manifest.subject(path)
        run.diagnostics.append(Diagnostic(place, code, Severity.ERROR, message, subject, hint))
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
