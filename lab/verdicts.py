"""What kube-apiserver says of objects, good and broken, kept for the tests that run without a cluster.

Each line of tests/apiserver_verdicts.jsonl is the object that others of its kind change, or a change of it (or an object of
its own) with what kube-apiserver answered. `python -m lab.verdicts` asks anew and writes the answers; a line that lacks
one gets it. A line whose verdict is not meshgen's names the reason, one of lab/agreement_page.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meshgen.validator import mistakes

if TYPE_CHECKING:
    from lab.lab import Lab

Object = dict[str, Any]

FILE = Path(__file__).resolve().parent.parent / "tests" / "apiserver_verdicts.jsonl"
_AT_ONCE = 8
_LONGEST = 120


@dataclass(frozen=True)
class Judged:
    """An object, and what kube-apiserver 1.36 says against it: nothing where it takes it.

    `why` is the title of the reason for which meshgen does not say the same; empty where it does.
    """

    line: Object
    data: Object
    refused: str
    why: str


def judged(file: Path = FILE) -> list[Judged]:
    """The objects of a file, without those that are there only to be changed."""
    bases: dict[str, Object] = {}
    found: list[Judged] = []
    for line in _lines(file):
        if "base" in line:
            bases[line["base"]["kind"]] = line["base"]
        else:
            data = line["object"] if "object" in line else _changed(bases[line["kind"]], line["put"])
            found.append(Judged(line, data, line.get("refused", ""), line.get("why", "")))
    return found


def _lines(file: Path) -> Iterator[Object]:
    yield from map(json.loads, file.read_text("utf-8").splitlines())


def _changed(base: Object, changes: Object) -> Object:
    """An object with other values at these paths, whose steps stand between slashes."""
    made = deepcopy(base)
    for path, value in changes.items():
        *above, last = path.split("/")
        owner: Any = made
        for step in above:
            owner = owner[int(step)] if isinstance(owner, list) else owner.setdefault(step, {})
        owner[int(last) if isinstance(owner, list) else last] = _written_out(value)
    return made


def _written_out(value: Any) -> Any:
    """A value in which {"times": [TEXT, NUMBER]} is that text so many times."""
    if isinstance(value, list):
        return [_written_out(each) for each in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["times"]:
        text, number = value["times"]
        return str(text) * int(number)
    return {key: _written_out(each) for key, each in value.items()}


def told(lab: Lab, objects: Iterable[Object]) -> list[str]:
    """The beginning of what a lab's kube-apiserver says against each object; nothing where it takes it."""
    from lab.agreement import refused_by_server

    lab.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}])
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [_short(answer) for answer in pool.map(partial(refused_by_server, lab.kubernetes), objects)]


def refused_here(data: Object) -> list[str]:
    """What meshgen says against an object, by the schema and by the rules beside it."""
    from lab.keywords import ISTIO, KUBERNETES

    found = [each for each in mistakes(data, KUBERNETES, ISTIO) if each.code != "MG306"]  # which kube-apiserver takes
    return [f"{'.'.join(map(str, each.path))}: {each.message}" for each in found]


def _why(answer: str, here: list[str]) -> str:
    """The reason for which meshgen and kube-apiserver disagree. Raises ValueError where nothing excuses it."""
    from lab.agreement_page import STRICTER, WEAKER, excuse

    if bool(answer) == bool(here):
        return ""
    found = excuse([answer], WEAKER) if answer else excuse(here, STRICTER)
    if found is None:
        raise ValueError(f"nothing excuses {answer or here}")
    return found.title


def main() -> None:
    """Ask a lab of its own about all objects of the file, and write its answers there."""
    from lab.lab import Lab

    known = judged()
    lines = [line for line in _lines(FILE) if "base" in line]
    with Lab.start() as lab:
        answers = told(lab, (each.data for each in known))
    for each, answer in zip(known, answers, strict=True):
        line = {key: value for key, value in each.line.items() if key not in ("refused", "why")}
        why = _why(answer, refused_here(each.data))
        lines.append(line | {key: text for key, text in (("refused", answer), ("why", why)) if text})
    FILE.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")


def _short(answer: str) -> str:
    """The beginning of what is said: the place and the kind of refusal; the value itself may be very long."""
    return answer.partition(" is invalid: ")[2][:_LONGEST] or answer[:_LONGEST]


if __name__ == "__main__":
    main()
