"""Negative controls: what meshgen renders, with one thing broken, and what real proxies then answer.

A control is a file in lab/controls/: the rule, what is changed in the rendered objects, what is asked, and what is
expected of the right and of the broken variant.
"""

from __future__ import annotations

import difflib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from lab.client import Answer
from lab.errors import LabError
from lab.lab import Lab
from lab.proxies import Asking, Caller
from meshgen import build

Object = dict[str, Any]
Objects = list[Object]

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "lab" / "controls"
WORKLOADS = {"Deployment", "StatefulSet"}
FLAGS = {
    "NC": "no such cluster",
    "NR": "no route",
    "UF": "connection failed",
    "UH": "no healthy upstream",
    "UO": "overflow",
    "FI": "fault injected",
}


def rendered(namespace: str, *specs: str) -> Objects:
    """What meshgen makes of these files of specs/, such as `shop/cart`, in a namespace of the caller's own."""
    with tempfile.TemporaryDirectory(prefix="specs-") as folder:
        for spec in specs:
            text = (ROOT / "specs" / f"{spec}.yaml").read_text(encoding="utf-8")
            moved = re.sub(
                r"(metadata: \{name: [^}]*?namespace:|^  namespace:) [\w-]+",
                rf"\1 {namespace}",
                text,
                flags=re.MULTILINE,
            )
            Path(folder, f"{spec.replace('/', '-')}.yaml").write_text(moved, encoding="utf-8")
        made = build([folder])
    if made.diagnostics:
        raise ValueError("\n".join(map(str, made.diagnostics)))
    return read("".join(made.mesh.stream()))


def read(text: str) -> Objects:
    """The objects of a YAML stream."""
    return [each for each in yaml.load_all(text, yaml.CSafeLoader) if each]


def find(objects: Iterable[Object], kind: str, name: str) -> Object:
    """A copy of the object of that kind and name."""
    return deepcopy(next(each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name)))


def scaled(objects: Iterable[Object], replicas: int) -> Objects:
    """The same objects, with so many pods for each workload."""
    return [
        each | {"spec": each["spec"] | {"replicas": replicas}} if each["kind"] in WORKLOADS else each
        for each in objects
    ]


def take_away(lab: Lab, objects: Sequence[Object]) -> None:
    """Delete objects, those first that refer to others."""
    lab.delete(list(reversed(objects)))


@dataclass(frozen=True)
class Control:
    """One rule, and how it is broken and asked about. `{namespace}` in a URL stands for the namespace of the run."""

    name: str
    rule: str
    because: str
    change: Sequence[Mapping[str, Any]]
    ask: Mapping[str, Any]
    right: str
    broken: str
    add: Sequence[Mapping[str, Any]] = ()
    ask_broken: Mapping[str, Any] | None = None

    def changes(self, objects: Objects) -> list[tuple[Object, Object]]:
        """The objects that are changed, before and after. Raises ValueError where a change changes nothing."""
        found: dict[tuple[str, str], tuple[Object, Object]] = {}
        for change in self.change:
            key = change["kind"], change["name"]
            before, after = found.setdefault(key, (find(objects, *key), find(objects, *key)))
            was = deepcopy(after)
            for holder, last in list(_places(after, change["at"].split("."))):
                _put(holder, last, change)
            if after == was:
                raise ValueError(f"{self.name}: {change} changes nothing in {before}")
        return list(found.values())

    def added(self, namespace: str) -> Objects:
        """The objects that are there besides."""
        return [
            _filled(cast("Object", deepcopy(each)), namespace)
            | {"metadata": {**each["metadata"], "namespace": namespace}}
            for each in self.add
        ]


def controls() -> list[Control]:
    """All controls, in the order of their files' names."""
    return [
        Control(name=path.stem.partition("-")[2], **yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))
        for path in sorted(FOLDER.glob("*.yaml"))
    ]


def _places(holder: Any, steps: Sequence[str]) -> Iterator[tuple[Any, Any]]:
    """Where a path leads: the mapping or list, and the key there; `*` stands for all items of a list."""
    first, *rest = steps
    keys: Iterable[Any] = range(len(holder)) if first == "*" else [int(first) if isinstance(holder, list) else first]
    for key in keys:
        if not rest:
            yield holder, key
        elif isinstance(holder, list) or key in holder:
            yield from _places(holder[key], rest)


def _put(holder: Any, key: Any, change: Mapping[str, Any]) -> None:
    if "to" in change:
        holder[key] = change["to"]
    elif isinstance(holder, list) or key in holder:
        del holder[key]


def _filled(value: Any, namespace: str) -> Any:
    """The same data with the namespace in all its texts that ask for it."""
    if isinstance(value, dict):
        return {key: _filled(each, namespace) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, namespace) for each in value]
    return value.replace("{namespace}", namespace) if isinstance(value, str) else value


@dataclass(frozen=True)
class Answered:
    """What came of a control: the answers to the right variant and to the broken one, and how the two differ."""

    control: Control
    right: str
    broken: str
    difference: str


class Bench:
    """Services as meshgen renders them, and whom to ask about them."""

    def __init__(self, lab: Lab, objects: Objects, namespace: str, askers: Mapping[str, Asking]) -> None:
        self._lab = lab
        self._objects = objects
        self._namespace = namespace
        self._askers = askers

    def run(self, control: Control) -> Answered:
        """Ask, break, ask again, and mend."""
        changes, added = control.changes(self._objects), control.added(self._namespace)
        self._lab.settled()
        right = self._ask(control.ask)
        try:
            self._apply([after for _, after in changes] + added)
            broken = self._ask(control.ask_broken or control.ask)
        finally:
            if added:
                take_away(self._lab, added)
            self._apply([before for before, _ in changes])
        return Answered(control, right, broken, self._difference(changes, added))

    def _apply(self, objects: Objects) -> None:
        workloads = [each for each in objects if each["kind"] in WORKLOADS]
        take_away(self._lab, workloads)  # their selectors cannot be changed
        self._lab.apply(objects)
        if workloads:
            self._lab.wait_ready(self._namespace)
        self._lab.settled()

    def _ask(self, how: Mapping[str, Any]) -> str:
        asker = self._askers[how["from"]]
        backends = self._lab.backends(self._namespace)
        try:
            for behaviour in how.get("behave", ()):
                backends.behave(**behaviour)
            if "tcp" in how:
                return _said(cast("Caller", asker), how["tcp"].format(namespace=self._namespace), how["port"])
            url = how["http"].format(namespace=self._namespace)
            connections = how.get("together", 8)
            answers = asker.ask(how["times"], url, headers=how.get("headers", {}), connections=connections)
            return in_words(answers, how.get("tell", ""))
        finally:
            backends.normal()

    def _difference(self, changes: Sequence[tuple[Object, Object]], added: Objects) -> str:
        parts = ["".join(f"{line}\n" for line in _diff(_text(before), _text(after))) for before, after in changes]
        parts += ["".join(f"+{line}\n" for line in _text(each)) for each in added]
        return "".join(parts).replace(self._namespace, "weather")


def _text(data: Object) -> list[str]:
    return yaml.safe_dump(data, sort_keys=False, width=1000).splitlines()


def _diff(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """The lines that differ, below the object that they are of."""
    kind, name = (next(line for line in before if line.strip().startswith(key)) for key in ("kind: ", "name: "))
    yield f"@@ {kind.split()[1]} {name.split()[1]} @@"
    for line in list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]:
        yield "  …" if line.startswith("@@") else line


def _said(caller: Caller, host: str, port: int) -> str:
    """What a server that speaks first says, where it does."""
    try:
        greeting: str = caller.tcp(host, port, timeout=2.0)["greeting"]
    except LabError as fault:
        return "silence" if "timed out" in str(fault) else str(fault)
    return f"greeted with {greeting.strip()!r}"


def in_words(answers: Iterable[Answer], tell: str = "") -> str:
    """The kinds of answers that came, without their numbers, which chance decides; `tell` is a field of a backend's."""
    return "; ".join(sorted({_in_words(answer, tell) for answer in answers}))


def _in_words(answer: Answer, tell: str) -> str:
    if answer.fault:
        return answer.fault
    if answer.status == 200:
        return f"200 from {tell} {getattr(answer, tell)}".replace("version ", "") if tell else "200"
    if answer.header("location"):
        return f"{answer.status} to {answer.header('location')}"
    flags = [flag for flag in answer.flags.split(",") if flag in FLAGS]
    return f"{answer.status} {flags[-1]} ({FLAGS[flags[-1]]})" if flags else str(answer.status)
