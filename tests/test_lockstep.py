"""Work that is done in step: every part of it gets as far as the others, and ends as it would alone."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from meshgen.lockstep import in_step


def _steps(name: str, count: int, said: list[str]) -> Generator[None, None, str]:
    for number in range(count):
        said.append(f"{name}{number}")
        yield
    said.append(f"{name} ends")
    return name


def test_each_step_is_done_for_all_before_the_next() -> None:
    said: list[str] = []

    assert in_step([_steps("a", 2, said), _steps("b", 0, said), _steps("c", 1, said)]) == ["a", "b", "c"]
    assert said == ["a0", "b ends", "c0", "a1", "c ends", "a ends"]


def test_no_work_gives_no_results() -> None:
    assert in_step([]) == []


def test_what_goes_wrong_in_one_is_raised() -> None:
    def fails() -> Generator[None, None, str]:
        yield
        raise ValueError("it went wrong")

    with pytest.raises(ValueError, match="it went wrong"):
        in_step([_steps("a", 1, []), fails()])
