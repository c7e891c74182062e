"""Specs with a few values changed at random are told what is wrong with them, or are right; they never end in a traceback.

And whatever comes of them: what is checked against the schemas is what everybody reads in the text.
"""

from __future__ import annotations

import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from readers import READERS, alike

from meshgen.document import parse, read_output
from meshgen.emitter import block
from meshgen.fleet import fleet_of, load_fleet
from meshgen.renderer import render_unit, units
from meshgen.validator import check

ROOT = Path(__file__).parent.parent
SPECS = [
    document.data
    for path in sorted((ROOT / "specs").rglob("*.yaml"))
    for document in parse(path.read_bytes(), path.name).documents
]
VALUES: list[Any] = [
    None, True, 0, -1, 3.5, "", "x", "on", "*", "a/b", "v1", [], {}, [None], [{}], {"a": None}, [[1]], {"name": "x"},
    10**12, "é", "../x", "*.example.com", "UPPER.Example.com",
]  # fmt: skip
KEYS = ["port", "service", "versions", "exportTo", "match", "to", "existing", "selector", "null", "$patch", "kind"]


@pytest.mark.parametrize("seed", range(0, 400, 20))
def test_whatever_is_changed_there_is_no_traceback(seed: int) -> None:
    for number in range(seed, seed + 20):
        chance = random.Random(number)
        specs = deepcopy(chance.sample(SPECS, 8))
        for _ in range(chance.randint(1, 4)):
            _change(chance.choice(specs), chance)
        fleet = fleet_of(parse("---\n".join(block(spec) for spec in specs), "specs.yaml").documents)
        for unit in units(fleet):
            for manifest, data in render_unit(fleet, unit).objects:
                check(manifest, data, "1.36", "1.31")
                assert alike(read_output(manifest.text), data), manifest.text
                assert manifest.text == block(data)


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_reads_in_the_output_what_was_checked(reader: str) -> None:
    fleet = load_fleet([str(ROOT / "specs")])
    objects = [found for unit in units(fleet) for found in render_unit(fleet, unit).objects]

    assert len(objects) > 50
    assert [str(manifest.key) for manifest, data in objects if not alike(READERS[reader](manifest.text), data)] == []


def _change(spec: dict[str, Any], chance: random.Random) -> None:
    *above, last = chance.choice(paths(spec, ()))
    holder: Any = spec
    for step in above:
        holder = holder[step]
    what = chance.random()
    if what < 0.25:
        del holder[last]
    elif what < 0.75:
        holder[last] = deepcopy(chance.choice(VALUES))
    elif isinstance(holder, list):
        holder.append(deepcopy(holder[last]))
    else:
        holder[chance.choice(KEYS)] = deepcopy(chance.choice(VALUES))


def paths(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The places of all values in a value, each as keys and positions."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [found for step, item in steps for found in paths(item, (*path, step))]
    return [path, *below] if path else below
