"""Hosts and gateways as istiod takes their names, and what is visible to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Hosts:
    """Patterns of hosts, each with a word of whoever has it: which of them meet a host is found without reading all."""

    _own: dict[str, dict[str, None]] = field(default_factory=dict)
    _below: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, pattern: str, word: str) -> None:
        """Take in a pattern."""
        self._own.setdefault(pattern, {})[word] = None
        for above in _above(pattern):
            self._below.setdefault(above, {})[word] = None

    def meeting(self, host: str) -> Iterator[Mapping[str, None]]:
        """The words of all patterns that mean some host that `host`, which may be a pattern too, means; first come first."""
        for each in (host, *_above(host)):
            if each in self._own:
                yield self._own[each]
        if host.startswith("*") and host in self._below:
            yield self._below[host]


def _above(host: str) -> Iterator[str]:
    """The wider patterns that mean a host, `*` the last."""
    at = host.find(".", 2 if host.startswith("*.") else 0)
    while at >= 0:
        yield f"*{host[at:]}"
        at = host.find(".", at + 1)
    if host != "*":
        yield "*"


def covers(pattern: str, host: str) -> bool:
    """Whether a host, which may have a wildcard itself, is one of those that a pattern means."""
    if pattern in ("*", host):
        return True
    return pattern.startswith("*.") and host.endswith(pattern[1:])


def gateway_name(name: str, namespace: str) -> str:
    """NAMESPACE/NAME of a gateway as a VirtualService of a namespace names it, and `mesh` (istiod's resolveGatewayName)."""
    if name == "mesh":
        return name
    place, slash, rest = name.partition("/")
    if slash:
        return f"{namespace}/{rest}" if place == "." else name
    parts = name.split(".")
    return f"{parts[1]}/{parts[0]}" if len(parts) > 1 else f"{namespace}/{name}"


def scopes(export_to: Iterable[str], own: str) -> set[str]:
    """The namespaces that see what a namespace exports; `*` for all."""
    return {own if each == "." else each for each in export_to} or {"*"}


def meet(one: str, other: str) -> bool:
    """Whether some host is meant by both patterns."""
    return covers(one, other) or covers(other, one)


def exported(export_to: Iterable[str], own: str, namespace: str) -> bool:
    """Whether what a namespace exports can be seen in another (Istio's exportTo; nothing means everywhere)."""
    said = tuple(export_to)
    return not said or "*" in said or namespace in said or ("." in said and own == namespace)


def own_host(host: str, namespace: str) -> str:
    """A server's host, with the namespace for `.`."""
    return f"{namespace}{host[1:]}".lower() if host.startswith("./") else host.lower()
