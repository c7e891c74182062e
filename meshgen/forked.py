"""Work shared among processes: each takes every n-th item, and the results come back in the order of the items."""

from __future__ import annotations

import gc
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import IO, Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH_IT = 250
"""Items from which a second process costs less than it saves; measured on fleets of the seed's shape."""

_BATCH = 64


def workers_for(items: int) -> int:
    """How many processes to use: two at most, one for little work or where forking is not safe."""
    if items < WORTH_IT or not sys.platform.startswith("linux"):
        return 1
    return min(2, len(os.sched_getaffinity(0)))


def _nothing(_: int) -> None: ...


def map_forked(
    function: Callable[[int, Sequence[Item]], list[Result]],
    items: Sequence[Item],
    workers: int,
    finish: Callable[[int], None] = _nothing,
) -> Iterator[Result]:
    """What `function` gives for each item, in order; it is asked with a worker's number for some of them at once.

    Results of other workers than 0 are pickled. `finish` is asked by each of these, with its number, before it hands results
    over. An OSError of a worker is raised here. Any other exception in one ends the run: it is a bug, and its traceback is
    shown.
    """
    yield from function(0, items[:1])  # what is imported and compiled for the first item, every worker then has
    items = items[1:]
    started = [_start(function, worker, items[worker::workers], _BATCH, finish) for worker in range(1, workers)]
    try:
        own = chain.from_iterable(_batches(function, 0, items[::workers], _BATCH))
        results = [own, *(_results(pipe) for _, pipe in started)]
        for number in range(len(items)):
            yield next(results[number % workers])
    finally:
        for process, pipe in started:
            pipe.close()
            os.waitpid(process, 0)


class Ahead(Generic[Item, Result]):
    """Work that another process begins at once, while this one does something else first.

    `head_start` is how many items the other can do in that time; what is left after them is shared. Where two
    processes are not worth it, all is done here when the results are wanted.
    """

    def __init__(
        self,
        function: Callable[[int, Sequence[Item]], list[Result]],
        items: Sequence[Item],
        head_start: int,
        finish: Callable[[int], None] = _nothing,
    ) -> None:
        self._function = function
        self._items = items
        self._taken = min(len(items), (len(items) + head_start) // 2) if workers_for(len(items)) > 1 else 0
        # One batch: the pipe is read late, and a process that waits until then would not work.
        self._other = _start(function, 1, items[: self._taken], self._taken, finish) if self._taken else None

    def results(self) -> Iterator[Result]:
        """What the function gives for each item, in order; 1 is the other process's number. To be asked for once."""
        own = self._function(0, self._items[self._taken :])
        if self._other is not None:
            others = _results(self._other[1])
            yield from (next(others) for _ in range(self._taken))
        yield from own

    def close(self) -> None:
        """End the other process, if it is not done."""
        if self._other is not None:
            process, pipe = self._other
            pipe.close()
            os.waitpid(process, 0)
            self._other = None


def _batches(
    function: Callable[[int, Sequence[Item]], list[Result]], worker: int, items: Sequence[Item], size: int
) -> Iterator[list[Result]]:
    return (function(worker, items[start : start + size]) for start in range(0, len(items), size))


def _start(
    function: Callable[[int, Sequence[Item]], list[Any]],
    worker: int,
    items: Sequence[Item],
    batch_size: int,
    finish: Callable[[int], None],
) -> tuple[int, IO[bytes]]:
    reader, writer = os.pipe()
    gc.freeze()  # what stands in memory is shared with the child as long as nobody writes to it
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        os.close(writer)
        return process, os.fdopen(reader, "rb")
    os.close(reader)
    try:
        with os.fdopen(writer, "wb") as pipe:
            for start in range(0, len(items), batch_size):
                batch: list[Any] | OSError
                try:
                    batch = function(worker, items[start : start + batch_size])
                    finish(worker)
                except OSError as error:
                    batch = error
                pickle.dump(batch, pipe, pickle.HIGHEST_PROTOCOL)
    except BrokenPipeError:
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the parent sees that results are missing
        traceback.print_exc()
        os._exit(3)
    os._exit(0)


def _results(pipe: IO[bytes]) -> Iterator[Any]:
    while True:
        try:
            batch = pickle.load(pipe)  # noqa: S301 - our own child wrote it
        except EOFError:
            raise RuntimeError("a worker process ended before its work was done") from None
        if isinstance(batch, OSError):
            raise batch
        yield from batch
