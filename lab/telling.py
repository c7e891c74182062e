"""Requests and answers in the words of `make lab CASE=...`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from lab.client import Answer, Request


def told_of(requests: Sequence[Request]) -> str:
    """The first of the requests in words, and how many there were."""
    first = requests[0]
    headers = "".join(f" {name}: {value}" for name, value in first.headers)
    times = f" {len(requests)} times" if len(requests) > 1 else ""
    return f"{first.method} {first.host}{first.path}{headers}{times}"


def counted(answers: Sequence[Answer]) -> str:
    """How often each kind of answer came; of a single one, what its headers were and what arrived at the pod."""
    kinds = Counter(f"{one.status or one.fault} {one.version or one.body[:60]!r}" for one in answers)
    counts = ", ".join(f"{count} x {kind}" for kind, count in kinds.most_common(8))
    if len(answers) > 1:
        return counts
    (answer,) = answers
    arrived = f"; {answer.pod} got {answer.path} with {_listed(answer.arrived.items())}" if answer.pod else ""
    return f"{counts} with {_listed(answer.headers)}{arrived}"


def _listed(headers: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in headers) or "no headers"
