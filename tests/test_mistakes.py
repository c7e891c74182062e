"""Whatever a person gets wrong in a spec is said once, at its line and column, with what was seen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from conftest import Outcome, run
from mistakes import Mistake, declared, mistakes
from wrong_values import VALUES

from meshgen.document import KeyPath
from meshgen.emitter import block

MISTAKES = mistakes()
CODES: dict[KeyPath, str] = {("apiVersion",): "MG102", ("kind",): "MG103"}
LINE = re.compile(r"^(?P<file>\S+?)\.yaml:(?P<line>\d+):(?P<column>\d+): error (?P<code>MG\d+): ", re.MULTILINE)


class Said(NamedTuple):
    """One message."""

    line: int
    column: int
    code: str
    words: str


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What is said of all mistakes in one run, each in a file of its own."""
    folder = tmp_path_factory.mktemp("mistakes")
    for number, mistake in enumerate(MISTAKES):
        (folder / f"{number}.yaml").write_text(block(mistake.data), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return run("validate", ".")


@pytest.fixture(scope="module")
def said(outcome: Outcome) -> dict[str, list[Said]]:
    """The messages of each file."""
    found: dict[str, list[Said]] = {}
    starts = [*LINE.finditer(outcome.err)]
    for start, after in zip(starts, [*starts[1:], None], strict=True):
        words = outcome.err[start.end() : after.start() if after else None]
        place = Said(int(start["line"]), int(start["column"]), start["code"], words)
        found.setdefault(Path(start["file"]).name, []).append(place)
    return found


def place_of(text: str, path: KeyPath) -> tuple[int, int]:
    """Line and column of a key or item, or of the last on the way to it that is written, as PyYAML sees them."""
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    mark = node.start_mark
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is None:
                break
            mark, node = pair[0].start_mark, pair[1]
        else:
            node = node.value[step]
            mark = node.start_mark
    return mark.line + 1, mark.column + 1


def test_a_run_full_of_mistakes_ends_as_one_with_errors(outcome: Outcome) -> None:
    assert (outcome.code, outcome.out) == (1, "")
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("number", range(len(MISTAKES)), ids=[each.sentence for each in MISTAKES])
def test_the_mistake_is_said_once_at_its_place(number: int, said: dict[str, list[Said]]) -> None:
    mistake: Mistake = MISTAKES[number]
    text = block(mistake.data)

    (found,) = said[str(number)]

    missing = next((CODES[key,] for key in ("apiVersion", "kind") if key not in mistake.data), "MG101")
    assert found.code == CODES.get(mistake.place, missing)
    assert (found.line, found.column) == place_of(text, mistake.place)
    for words in mistake.says:
        assert words in found.words


def test_a_mistake_was_made_in_every_field_of_every_model() -> None:
    made = {re.sub(r":.*", "", each.sentence).replace("Part.", ".") for each in MISTAKES}

    assert sorted(declared() - made) == []


def test_every_field_type_was_given_wrong_values() -> None:
    assert VALUES.unused() == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("spec: {port: [{name: http, port: 80}]}", "ports"),
        ("spec: {ports: [{nmae: http, port: 80}]}", "name"),
        ("spec: {ports: [{name: http, port: 80}], retries: {numRetries: 2}}", "attempts"),
        ("spec: {ports: [{name: http, port: 80}], routes: [{name: a, canary: {stable: a, Candidate: b, weight: 1}}]}", "candidate"),
        ("specs: {ports: [{name: http, port: 80}]}", "spec"),
    ],
)  # fmt: skip
def test_a_misspelt_key_is_not_also_missing(written: str, meant: str) -> None:
    spec = f"apiVersion: meshgen.dev/v1\nkind: Service\nmetadata: {{name: users, namespace: shop}}\n{written}\n"

    outcome = run("validate", "-", stdin=spec)

    assert outcome.err.count("error MG101") == 1
    assert re.search(rf"hint: (did you mean '{meant}'\?|write {meant})$", outcome.err, re.MULTILINE)
    assert "is missing" not in outcome.err


def test_an_unknown_key_that_means_nothing_hides_no_missing_one() -> None:
    spec = "apiVersion: meshgen.dev/v1\nkind: Service\nmetadata: {name: users, namespace: shop}\nspec: {zzz: 1}\n"

    outcome = run("validate", "-", stdin=spec)

    assert "unknown key 'zzz'" in outcome.err
    assert "'ports' is missing" in outcome.err
