"""What backends are told to do, and how a rule finds the pods and requests that it is about."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass
class Pod:
    """What a backend knows of the pod that it answers for."""

    namespace: str
    name: str
    labels: dict[str, str]
    address: str
    ports: list[int] = field(default_factory=list)
    joined: bool = True  # whether its proxy, if it has one, is ready
    reported: bool | None = None  # what the API was last told of its readiness
    servers: list[asyncio.Server] = field(default_factory=list)

    @property
    def version(self) -> str:
        """Its label `version`, empty where it has none."""
        return self.labels.get("version", "")


@dataclass
class Arrival:
    """A request as a backend sees it; header names have small letters."""

    pod: Pod
    port: int
    method: str
    path: str
    headers: dict[str, str]

    @property
    def request(self) -> str:
        """The number that the lab's client gave the request; the same for all tries of one request."""
        return self.headers.get("x-lab-request", "")


@dataclass
class Behaviour:
    """What pods with some labels do with requests to a port and below a path; empty means any.

    Times are in seconds.
    """

    namespace: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    pod: str = ""
    port: int = 0
    path: str = ""
    status: int = 0
    fail_first: int | None = None
    delay: float = 0.0
    hang: bool = False
    drop: bool = False
    body: str | None = None
    headers: list[list[str]] = field(default_factory=list)
    greeting: str | None = None
    ready: bool = True

    @property
    def reacts(self) -> bool:
        """Whether this is about requests at all, and not only about a greeting or readiness."""
        return bool(self.status or self.delay or self.hang or self.drop or self.body is not None or self.headers)

    def matches_pod(self, pod: Pod) -> bool:
        """Whether this is about that pod."""
        return (
            self.namespace in {"", pod.namespace}
            and self.pod in {"", pod.name}
            and self.labels.items() <= pod.labels.items()
        )

    def matches(self, arrival: Arrival) -> bool:
        """Whether this is about that request, once it is about its pod."""
        return self.port in {0, arrival.port} and arrival.path.startswith(self.path)
