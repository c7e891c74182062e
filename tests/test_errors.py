"""Each mistake in tests/errors/ is explained in the words that stand beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import run

ERRORS = Path(__file__).parent / "errors"
CASES = sorted(path.name for path in ERRORS.iterdir() if path.suffix == ".yaml" or path.is_dir())


@pytest.fixture(autouse=True)
def _beside_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ERRORS)


@pytest.mark.parametrize("case", CASES)
def test_the_mistake_is_explained(case: str, update_golden: bool) -> None:
    outcome = run("render", case)
    expected = ERRORS / f"{case.removesuffix('.yaml')}.txt"

    if update_golden:
        expected.write_text(outcome.err)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == expected.read_text()
    assert "Traceback" not in outcome.err


def test_each_explanation_belongs_to_a_mistake() -> None:
    assert {path.stem for path in ERRORS.glob("*.txt")} == {case.removesuffix(".yaml") for case in CASES}


def test_there_are_at_least_sixty_mistakes() -> None:
    assert len(CASES) >= 60
