"""Backends as a test sees them: told what to do, and asked what reached them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from lab.behaviour import Behaviour
from lab.remote import Remote


@dataclass(frozen=True)
class Arrived:
    """A request that reached a backend; `status` 0 means that it was not answered."""

    at: float  # seconds since 1970
    namespace: str
    pod: str
    version: str
    port: int
    method: str
    path: str
    status: int
    headers: dict[str, str]

    @property
    def attempt(self) -> int:
        """Which try of its request this was, as the proxy says; 1 where it does not say."""
        return int(self.headers.get("x-envoy-attempt-count", "1"))


class Backends:
    """The pods with some labels, of one namespace or all."""

    def __init__(
        self, remote: Remote, rules: list[dict[str, Any]], namespace: str, pod: str, labels: dict[str, str]
    ) -> None:
        self._remote = remote
        self._rules = rules
        self._whose: dict[str, Any] = {"namespace": namespace, "pod": pod, "labels": labels}
        self._since = 0

    def behave(self, **how: Any) -> None:
        """Add a rule, which goes before those said earlier: the fields of `Behaviour`, times in seconds.

        `fail_first=2` limits it to the first two tries of each request.
        """
        self._rules.append(asdict(Behaviour(**self._whose, **how)))
        self._remote.call("behave", rules=self._rules)

    def normal(self) -> None:
        """Forget what was said to these backends."""
        self._rules[:] = [rule for rule in self._rules if any(rule[key] != value for key, value in self._whose.items())]
        self._remote.call("behave", rules=self._rules)

    def forget(self) -> None:
        """Begin to count anew: what came before is not told by this object again."""
        self._since = self._remote.call("count")

    def arrived(self) -> list[Arrived]:
        """What reached these backends, the oldest first."""
        return [Arrived(*entry) for entry in self._remote.call("arrived", since=self._since, whose=self._whose)]

    def counts(self, by: str = "pod") -> Counter[Any]:
        """How many requests reached them, by a field of `Arrived`."""
        return Counter(getattr(one, by) for one in self.arrived())
