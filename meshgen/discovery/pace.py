"""How long to wait until something is tried again."""

from __future__ import annotations

import random

FIRST = 0.1
LONGEST = 3.0
"""Seconds. What was lost is whole again within five seconds of the API answering, so no pause may be longer."""


class Pace:
    """Pauses that double, each shortened by chance, so that not all clients come back at the same moment."""

    def __init__(self) -> None:
        self._next = FIRST

    def reset(self) -> None:
        """It went well: begin small again."""
        self._next = FIRST

    def pause(self) -> float:
        """Seconds to wait now."""
        now, self._next = self._next, min(self._next * 2, LONGEST)
        return now * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
