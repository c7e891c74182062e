"""What the specs make beside what a cluster runs: Services, their ports and pods. Nothing is asked of a cluster here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from meshgen.diagnostic import Diagnostic, Severity, in_order
from meshgen.discovery.models import Key, Pod, Service, Snapshot

if TYPE_CHECKING:
    from meshgen.document import KeyPath
    from meshgen.mesh import Manifest
    from meshgen.pipeline import Build

Pods = Mapping[tuple[str, str], Pod]
"""By namespace and name."""


def namespaces(built: Build) -> list[str]:
    """The namespaces in which the specs have Services."""
    return sorted({entry.key.namespace for entry in built.fleet.entries if entry.kind == "Service"})


def compare(built: Build, running: Mapping[Key, Snapshot], pods: Pods) -> list[Diagnostic]:
    """How the cluster differs, each at the line of the spec that says otherwise, in order."""
    found: list[Diagnostic] = []
    split: set[Key] = set()
    for manifest in built.mesh:
        if manifest.kind == "DestinationRule":
            found += _subsets(manifest, running, pods, split)
    for manifest in built.mesh:
        if manifest.kind == "Service":
            found += _service(manifest, running, split)
    found += _existing(built, running)
    return in_order(found)


class _Said(NamedTuple):
    """Says what is wrong with an object, at the line of its spec."""

    manifest: Manifest

    def error(self, code: str, path: KeyPath, message: str, hint: str = "") -> Diagnostic:
        """An error about the value at a path."""
        place, subject = self.manifest.locate(path), self.manifest.subject(path)
        return Diagnostic(place, code, Severity.ERROR, message, subject, hint)


def _service(manifest: Manifest, running: Mapping[Key, Snapshot], split: set[Key]) -> Iterator[Diagnostic]:
    say, key = _Said(manifest), Key(manifest.namespace, manifest.name)
    snapshot = running.get(key)
    if snapshot is None:
        yield say.error("MG611", ("metadata", "name"), f"the cluster has no Service {key}", "apply what is rendered")
        return
    spec = manifest.data["spec"]
    yield from _ports(say, spec.get("ports") or [], snapshot.service)
    wanted, there = spec.get("selector") or {}, dict(snapshot.service.selector)
    if wanted != there:
        words = f"the Service in the cluster selects {_labels(there)}, not {_labels(wanted)}"
        yield say.error("MG613", ("spec", "selector"), words, "apply what is rendered")
    if key not in split and spec.get("clusterIP") != "None" and wanted and not snapshot.ready:
        yield say.error("MG614", ("metadata", "name"), _unready(snapshot), "see kubectl describe of its pods")


def _unready(snapshot: Snapshot) -> str:
    count = len({each.pod for each in snapshot.instances})
    return f"none of its {count} pods is ready" if count else "no pod runs behind it"


def _ports(say: _Said, wanted: list[dict[str, Any]], service: Service) -> Iterator[Diagnostic]:
    there = {port.name: port for port in service.ports}
    for number, said in enumerate(wanted):
        path = ("spec", "ports", number)
        found = there.pop(said.get("name", ""), None)
        if found is None:
            yield say.error(
                "MG612", path, f"the Service in the cluster has no port {said.get('name')!r}", "apply what is rendered"
            )
            continue
        target = said.get("targetPort", said["port"])
        for field, mine, theirs in (
            ("port", said["port"], found.port),
            ("targetPort", target, found.target_port),
            ("protocol", said.get("protocol", "TCP"), found.protocol),
            ("appProtocol", said.get("appProtocol"), found.app_protocol),
        ):
            if mine != theirs:
                words = f"{field} of port {found.name!r} is {_shown(mine)} here and {_shown(theirs)} in the cluster"
                yield say.error("MG612", (*path, field), words, "apply what is rendered")
    for name, port in there.items():
        words = f"the Service in the cluster has a port {name!r} ({port.port}) that is not here"
        yield say.error("MG612", ("spec", "ports"), words, "apply what is rendered, or add it")


def _shown(value: object) -> str:
    return "absent" if value is None else str(value)


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items())) or "nothing"


def _subsets(manifest: Manifest, running: Mapping[Key, Snapshot], pods: Pods, split: set[Key]) -> Iterator[Diagnostic]:
    """Subsets by the pods behind the Service; those Services are remembered in `split`."""
    say = _Said(manifest)
    spec = manifest.data["spec"]
    name, namespace = [*spec["host"].split("."), ""][:2]
    key = Key(namespace, name)
    snapshot = running.get(key)
    if snapshot is None:
        return
    behind = {each.pod: each for each in snapshot.instances if each.pod}
    ready = {each.pod for each in snapshot.ready}
    for number, subset in enumerate(spec.get("subsets") or []):
        split.add(key)
        labels = subset.get("labels") or {}
        chosen = [pod for pod in behind if _has(pods.get((namespace, pod)), labels)]
        path = ("spec", "subsets", number)
        if not chosen:
            words = f"none of the {len(behind)} pods behind Service {key} has the labels {_labels(labels)} of {subset['name']!r}"
            hint = "every request to it gets 503: have pods with these labels before requests go there"
            yield say.error("MG615", path, words, hint)
        elif not ready.intersection(chosen):
            words = f"none of the {len(chosen)} pods of {subset['name']!r} is ready"
            yield say.error("MG614", path, words, "see kubectl describe of its pods")


def _has(pod: Pod | None, labels: Mapping[str, str]) -> bool:
    return pod is not None and labels.items() <= pod.labels.items()


def _existing(built: Build, running: Mapping[Key, Snapshot]) -> Iterator[Diagnostic]:
    """Services that the specs say are there: only names and numbers of ports are known of them."""
    for entry in built.fleet.entries:
        facts = built.fleet.services.get(entry.key) if entry.kind == "Service" else None
        if facts is None or not facts.existing:
            continue
        document, key = built.fleet.document(entry), Key(*entry.key)

        def error(code: str, path: KeyPath, message: str, hint: str) -> Diagnostic:
            return Diagnostic(document.locate(path), code, Severity.ERROR, message, hint=hint)  # noqa: B023 - asked at once

        snapshot = running.get(key)
        if snapshot is None:
            hint = "whoever owns it has not made it; or drop existing: true"
            yield error("MG611", ("metadata", "name"), f"the cluster has no Service {key}", hint)
            continue
        there = {port.name: port.port for port in snapshot.service.ports}
        for number, port in enumerate(facts.ports or ()):
            if there.get(port.name) != port.number:
                words = f"port {port.name!r} is {port.number} here and {_shown(there.get(port.name))} in the cluster"
                yield error("MG612", ("spec", "ports", number), words, "write here what its owner has")
