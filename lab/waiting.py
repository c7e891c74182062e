"""The one place where the lab waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from lab.errors import Late

Seen = TypeVar("Seen")

_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.1


def wait(what: str, look: Callable[[], tuple[bool, Seen]], seconds: float) -> Seen:
    """Look until `look` says that it is so, and give what it saw.

    Raises Late after `seconds`, which says `what` was awaited and what was seen last; whatever `look` raises ends
    the waiting too.
    """
    deadline = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        done, seen = look()
        if done:
            return seen
        if time.monotonic() > deadline:
            raise Late(f"waited {seconds:g} s for {what}; last seen: {seen}")
        time.sleep(pause)
        pause = min(pause * 1.3, _LONGEST_PAUSE)
