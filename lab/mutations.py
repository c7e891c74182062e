"""Good and broken objects, each made from one of golden/ by one change, for every keyword of its kind's schema there."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from lab.keywords import Change, Reader, Schema
from meshgen.document import KeyPath, read_output

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
NAMESPACE = "agreement"
"""Where all of them stand: a namespace of their own, in which nothing is yet that they could collide with."""

_AT_LEAST = 6


@dataclass(frozen=True)
class Mutation:
    """One golden object with one change, which is named by kind, place, keyword and what was done."""

    kind: str
    path: str
    keyword: str
    done: str
    base: dict[str, Any] = field(repr=False, compare=False)
    steps: KeyPath = field(repr=False, compare=False)
    value: Any = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """What the mutation is called in lists: the same in every run."""
        return f"{self.kind} {self.path or '.'} {self.keyword}: {self.done}"

    @cached_property
    def data(self) -> dict[str, Any]:
        """The object as it is after the change."""
        made: dict[str, Any] = {"whole": deepcopy(self.base)}
        *above, last = ("whole", *self.steps)
        owner: Any = made
        for step in above:
            owner = owner[step]
        owner[last] = deepcopy(self.value)
        whole: dict[str, Any] = made["whole"]
        return whole


def corpus(golden: Path = GOLDEN) -> list[Mutation]:
    """Of the mutations of each kind and keyword six, and more where there are many: always the same ones.

    They are drawn by the hash of their names, so that a new golden object adds its own and hardly moves the others.
    """
    groups: dict[tuple[str, str], list[Mutation]] = {}
    for each in mutations(golden):
        groups.setdefault((each.kind, each.keyword), []).append(each)
    drawn = [
        each for group in groups.values() for each in sorted(group, key=_draw)[: max(_AT_LEAST, math.isqrt(len(group)))]
    ]
    return sorted(drawn, key=lambda each: each.id)


def mutations(golden: Path = GOLDEN) -> Iterator[Mutation]:
    """Every mutation, made of the first golden object in which its place stands."""
    known: set[str] = set()
    readers: dict[str, Reader] = {}
    for data in (read_output(path.read_text("utf-8")) for path in sorted(golden.glob("*/*.yaml"))):
        data["metadata"]["namespace"] = NAMESPACE
        kind = data["kind"]
        if kind not in readers:
            readers[kind] = Reader(data["apiVersion"], kind)
        reader = readers[kind]
        for place in _places(reader, _Place((), "", reader.whole, data)):
            for change in reader.changes(place.schema, place.value):
                made = Mutation(kind, place.name, change.keyword, change.done, data, place.steps, change.value)
                if made.id not in known and _is_a_change(place, change):
                    known.add(made.id)
                    yield made


def keywords(golden: Path = GOLDEN) -> set[tuple[str, str]]:
    """Kind and keyword of every schema that says something of a value in a golden object."""
    found: set[tuple[str, str]] = set()
    for data in (read_output(path.read_text("utf-8")) for path in sorted(golden.glob("*/*.yaml"))):
        reader = Reader(data["apiVersion"], data["kind"])
        for place in _places(reader, _Place((), "", reader.whole, data)):
            found |= {(data["kind"], keyword) for keyword in reader.resolved(place.schema)}
    return found


def _draw(mutation: Mutation) -> str:
    return hashlib.sha256(mutation.id.encode()).hexdigest()


@dataclass(frozen=True)
class _Place:
    """A value in a golden object, and its schema. The name is the same for all items of a list, or of an open mapping."""

    steps: KeyPath
    name: str
    schema: Schema
    value: Any


def _is_a_change(place: _Place, change: Change) -> bool:
    """Whether it is one, and leaves an object."""
    return json.dumps(change.value) != json.dumps(place.value) and (bool(place.steps) or isinstance(change.value, dict))


def _places(reader: Reader, place: _Place) -> Iterator[_Place]:
    yield place
    schema = reader.resolved(place.schema)
    if isinstance(place.value, dict):
        known = schema.get("properties", {})
        for key, value in place.value.items():
            name = f"{place.name}.{key}".lstrip(".") if key in known else f"{place.name}{{}}"
            below = known.get(key, schema.get("additionalProperties"))
            yield from _places(reader, _Place((*place.steps, key), name, below, value))
    elif isinstance(place.value, list):
        for number, value in enumerate(place.value):
            yield from _places(reader, _Place((*place.steps, number), f"{place.name}[]", schema["items"], value))
