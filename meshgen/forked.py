"""Work shared among processes: each takes every n-th item, and the results come back in the order of the items."""

from __future__ import annotations

import gc
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
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
    function: Callable[[int, Item], Result],
    items: Sequence[Item],
    workers: int,
    finish: Callable[[int], None] = _nothing,
) -> Iterator[Result]:
    """`function` of each worker's number and item, in order. Results of other workers than 0 are pickled.

    `finish` is asked by each of these, with its number, before it hands results over. An OSError of a worker is raised
    here. Any other exception in one ends the run: it is a bug, and its traceback is shown.
    """
    if not items:
        return
    yield function(0, items[0])  # what is imported and compiled for the first item, every worker then has
    items = items[1:]
    started = [_start(function, worker, items[worker::workers], _BATCH, finish) for worker in range(1, workers)]
    try:
        others = [_results(pipe) for _, pipe in started]
        for number, item in enumerate(items):
            worker = number % workers
            yield function(0, item) if worker == 0 else next(others[worker - 1])
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
        function: Callable[[int, Item], Result],
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
        """The function of a worker's number (1 for the other process) and each item, in order; to be asked for once."""
        if self._other is not None:
            own = [self._function(0, item) for item in self._items[self._taken :]]
            others = _results(self._other[1])
            yield from (next(others) for _ in range(self._taken))
            yield from own
        else:
            yield from (self._function(0, item) for item in self._items)

    def close(self) -> None:
        """End the other process, if it is not done."""
        if self._other is not None:
            process, pipe = self._other
            pipe.close()
            os.waitpid(process, 0)
            self._other = None


def _start(
    function: Callable[[int, Item], Any],
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
                    batch = [function(worker, item) for item in items[start : start + batch_size]]
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
