"""What a person sees while a run goes on: a line that moves on a terminal, or what each stage took."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self


class Progress:
    """Shows the stages of a run on standard error: moving where somebody watches, as times where asked for."""

    def __init__(self, *, moving: bool, timed: bool) -> None:
        self._moving = moving
        self._timed = timed
        self._stage = ""
        self._started = (time.perf_counter(), time.process_time())
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish()
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Note that of a stage so much is done."""
        if stage != self._stage:
            self._finish()
            self._stage = stage
            self._started = (time.perf_counter(), time.process_time())
        if self._moving:
            self._move(stage, done, total)

    def _finish(self) -> None:
        if self._timed and self._stage:
            wall, cpu = time.perf_counter() - self._started[0], time.process_time() - self._started[1]
            sys.stderr.write(f"{self._stage}: {wall:.3f} s, {cpu:.3f} s CPU in this process\n")

    def _move(self, stage: str, done: int, total: int) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import Progress as Bar

            # No thread that redraws: a process with threads must not fork.
            self._bar = Bar(console=Console(stderr=True), transient=True, auto_refresh=False)
            self._task = self._bar.add_task(stage)
            self._bar.start()
        if done % 50 == 0:
            self._bar.update(self._task, description=stage, completed=done, total=total, refresh=True)
