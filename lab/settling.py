"""Waits until every proxy runs what istiod makes of the objects that were applied."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol
from urllib.parse import quote

from lab.controlplane import SYSTEM
from lab.errors import LabError
from lab.knowing import endpoints_follow, knows_endpoints, knows_objects
from lab.kubernetes import Json, Kubernetes
from lab.proxies import Proxy
from lab.waiting import wait

MARKER = "lab-settled"
_TYPES = ("cluster", "listener", "route", "endpoint")
_PUSH = re.compile(r"/(\d+)")  # of a version such as 2026-11-23T05:53:50Z/15


def mark(number: int) -> Json:
    """An object that adds one unused cluster to every proxy: who has it, has all that istiod knew before it."""
    cluster = {"name": f"{MARKER}-{number}", "type": "STATIC", "connect_timeout": "1s"}
    patch = {"applyTo": "CLUSTER", "match": {"context": "ANY"}, "patch": {"operation": "ADD", "value": cluster}}
    return {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": {"name": MARKER, "namespace": SYSTEM},
        "spec": {"configPatches": [patch]},
    }


def push_of(version: str) -> int:
    """The number of the push that a version of istiod belongs to, 0 for none."""
    found = _PUSH.search(version)
    return int(found[1]) if found else 0


def _push_of_nonce(nonce: str) -> int:
    """The same for a nonce, which is a version with a UUID right behind it."""
    return push_of(nonce[:-36])


class Mesh(Protocol):
    """What is asked while waiting: the lab."""

    kubernetes: Kubernetes

    def apply(self, manifests: Json) -> None:
        """Apply an object."""

    def istiod(self, path: str) -> str:
        """What istiod's debug interface says."""


def settle(lab: Mesh, number: int, proxies: Sequence[Proxy], seconds: float) -> None:
    """Wait until istiod knows all that there is, and all proxies run it.

    Raises Late after `seconds`, and LabError where a proxy rejected what it got.
    """
    wait("endpoints to follow their pods", lambda: endpoints_follow(lab.kubernetes), seconds)
    if not proxies:
        return
    wait("istiod to know all objects", lambda: knows_objects(lab), seconds)
    wait("istiod to know all endpoints", lambda: knows_endpoints(lab), seconds)
    lab.apply(mark(number))
    pushes = {proxy.node.id: wait(f"{proxy.program} to get the last push", partial(_marked, proxy, number), seconds)
              for proxy in proxies}  # fmt: skip
    wait("all proxies to acknowledge the last push", lambda: _acknowledged(lab.istiod("/debug/syncz"), pushes), seconds)
    for proxy in proxies:
        _check(proxy)


def _check(proxy: Proxy) -> None:
    rejected = proxy.newly_rejected()
    if rejected:
        raise LabError(f"{proxy.program} rejected what istiod sent: {rejected}; {proxy.program}.log says why")


def _marked(proxy: Proxy, number: int) -> tuple[bool, int]:
    """The push by which a proxy got the mark, or 0 while it has not. Raises LabError where it rejected a push."""
    _check(proxy)
    regex = f"^{MARKER}-{number}$"
    dump = json.loads(proxy.admin(f"/config_dump?resource=dynamic_active_clusters&name_regex={quote(regex)}"))
    found = dump.get("configs", [])
    push = push_of(found[0]["version_info"]) if found else 0
    return push > 0, push


def _acknowledged(syncz: str, pushes: Mapping[str, int]) -> tuple[bool, str]:
    """Whether every proxy has acknowledged everything sent, and been sent what belongs to its last push."""
    behind = []
    found = {status["proxy"]: status for status in json.loads(syncz)}
    for proxy, push in pushes.items():
        status = found.get(proxy.split("~")[2], {})
        for kind in _TYPES:
            sent, acked = status.get(f"{kind}_sent", ""), status.get(f"{kind}_acked", "")
            if sent != acked or (sent and _push_of_nonce(sent) < push):
                wanted = max(push, _push_of_nonce(sent))
                behind.append(f"{proxy.split('~')[2]} {kind}: push {_push_of_nonce(acked)} of {wanted}")
    return not behind, ", ".join(behind) or "all acknowledged"
