"""Work that is shared among processes gives what one process would give."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from meshgen.forked import WORTH_IT, Ahead, map_forked, workers_for


def _square(worker: int, items: Sequence[int]) -> list[tuple[int, int]]:
    return [(worker, item * item) for item in items]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 64, 65, 1000])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_the_order_of_the_items(count: int, workers: int) -> None:
    results = list(map_forked(_square, range(count), workers))

    assert [square for _, square in results] == [item * item for item in range(count)]
    assert {worker for worker, _ in results} == set(range(min(workers, max(count - 1, 1 if count else 0))))


def _dies(worker: int, items: Sequence[int]) -> list[int]:
    if worker == 1 and items[-1] > 200:
        os._exit(9)
    return list(items)


def _fails(worker: int, items: Sequence[int]) -> list[int]:
    if worker == 1:
        raise ValueError(f"cannot do {items[0]}")
    return list(items)


@pytest.mark.parametrize("function", [_dies, _fails])
def test_a_worker_that_ends_early_ends_the_run(function: object, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="ended before its work was done"):
        list(map_forked(function, range(1000), 2))  # type: ignore[arg-type]

    assert function is _dies or "cannot do 2" in capfd.readouterr().err


def _is_full(worker: int, items: Sequence[int]) -> list[int]:
    if worker == 1:
        raise OSError(28, f"no room for {items[0]}")
    return list(items)


def test_what_the_system_refuses_a_worker_is_raised_here() -> None:
    with pytest.raises(OSError, match="no room for 2"):
        list(map_forked(_is_full, range(1000), 2))
    ahead = Ahead(_is_full, range(1000), 0)
    with pytest.raises(OSError, match="no room for 0"):
        list(ahead.results())
    ahead.close()


def test_a_worker_finishes_before_it_hands_results_over(tmp_path: Path) -> None:
    held: list[int] = []

    def function(_: int, items: Sequence[int]) -> list[int]:
        held.extend(items)
        return list(items)

    def finish(worker: int) -> None:
        with (tmp_path / "done").open("a") as file:
            file.writelines(f"{worker} {item}\n" for item in held)
        held.clear()

    for item in map_forked(function, range(300), 2, finish):
        assert item == 0 or item % 2 or f"1 {item}\n" in (tmp_path / "done").read_text()


def test_a_run_that_stops_early_leaves_no_process_behind() -> None:
    results = map_forked(_square, range(100_000), 2)
    next(results)
    next(results)
    results.close()  # type: ignore[attr-defined]

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("count", [0, 1, WORTH_IT - 1, WORTH_IT, 1000])
@pytest.mark.parametrize("head_start", [0, 100, 10_000])
def test_work_begun_ahead_gives_results_in_the_order_of_the_items(count: int, head_start: int) -> None:
    ahead = Ahead(_square, range(count), head_start)
    results = list(ahead.results())
    ahead.close()

    taken = min(count, (count + head_start) // 2) if workers_for(count) > 1 else 0
    assert results == [(int(item < taken), item * item) for item in range(count)]


@pytest.mark.parametrize("function", [_dies, _fails])
def test_work_ahead_that_ends_early_ends_the_run(function: object, capfd: pytest.CaptureFixture[str]) -> None:
    ahead: Ahead[int, int] = Ahead(function, range(1000), 0)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="ended before its work was done"):
        list(ahead.results())
    ahead.close()

    assert function is _dies or "cannot do 0" in capfd.readouterr().err


def test_work_ahead_that_nobody_asks_for_leaves_no_process_behind() -> None:
    ahead = Ahead(_square, range(100_000), 0)
    ahead.close()

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
