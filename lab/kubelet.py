"""Stands in for the kubelet, the only part of the lab that is not real.

It runs no containers: it gives each pod an address, a server for every container port, and a status; with identities
also a proxy, where the pod has one. Other init containers, volumes and probes are ignored; readiness is what the lab
is told (`Backends.ready`).
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from lab.asyncapi import AsyncApi, Conflict, Json
from lab.backend import Backends
from lab.behaviour import Pod
from lab.envoy import Node
from lab.presence import ADDRESS, KIND, PROXY, TOKEN, containers, has_proxy, token_path
from lab.sidecars import Sidecars

NODE = "lab"
_PAUSE = 0.1  # seconds until kube-apiserver is tried again
_FIRST = 10 * 2**24 + 1 * 2**16  # 10.1.0.0
_FIRST_MESHED = 10 * 2**24 + 2 * 2**16 + 2**15  # 10.2.128.0, on the bridge of proxies


class Kubelet:
    """The pods that it knows, by uid, each with its address and servers."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._pods: dict[str, Pod] = {}
        self._given = 0
        self._api: AsyncApi
        self._waiting: asyncio.TaskGroup
        self._proxies: dict[str, Node] = {}  # of pods, by uid
        self.sidecars: Sidecars | None = None

    async def run(self, token: str, authority: str) -> None:
        """Follow all pods until the lab ends."""
        self._api = AsyncApi("127.0.0.1", 6443, token, ssl.create_default_context(cadata=authority))
        async with asyncio.TaskGroup() as self._waiting:
            while True:
                try:
                    async for change, pod in self._api.watch("/api/v1/pods"):
                        with suppress(Conflict):  # it changed meanwhile: the watch brings what it is now
                            await self._follow(change, pod)
                except (OSError, EOFError):
                    await asyncio.sleep(_PAUSE)  # kube-apiserver went away, which is told by who watches it

    async def report(self) -> None:
        """Tell the API which pods are ready now that were not, and the other way round."""
        for pod in list(self._pods.values()):
            if pod.reported is not self._backends.ready(pod):
                await self._report(pod)

    async def _follow(self, change: str, pod: Json) -> None:
        if change == "LISTED":
            for uid in self._pods.keys() - {one["metadata"]["uid"] for one in pod["items"]}:
                self._end(uid)
            return
        meta = pod["metadata"]
        if change == "DELETED":
            self._end(meta["uid"])
        elif "deletionTimestamp" in meta:
            self._end(meta["uid"])
            await self._finish(meta)
        elif meta["uid"] in self._pods:
            self._pods[meta["uid"]].labels = meta.get("labels", {})
        else:
            await self._begin(pod)

    async def _begin(self, pod: Json) -> None:
        meta = pod["metadata"]
        address = meta.get("annotations", {}).get(ADDRESS)
        first = _FIRST_MESHED if self._meshed(pod) else _FIRST
        known = Pod(meta["namespace"], meta["name"], meta.get("labels", {}), address or self._next_address(first))
        self._pods[meta["uid"]] = known
        known.ports = _ports(pod["spec"])
        if self._meshed(pod):
            await self._join(known, pod)
        elif not address:
            await self._backends.serve(known)
        if not pod["spec"].get("nodeName"):
            binding = {"apiVersion": "v1", "kind": "Binding", "target": {"kind": "Node", "name": NODE}}
            await self._api.send("POST", f"{_path(known)}/binding", {**binding, "metadata": {"name": known.name}})
        await self._report(known, [container["name"] for container in pod["spec"]["containers"]])

    def _meshed(self, pod: Json) -> bool:
        return self.sidecars is not None and has_proxy(pod)

    async def _join(self, known: Pod, pod: Json) -> None:
        """Start a pod's proxy and, behind it, its servers; the pod is ready when its proxy is."""
        assert self.sidecars is not None  # noqa: S101 - who calls has seen it
        kind = pod["metadata"].get("annotations", {}).get(KIND, "sidecar")
        metadata = {"INTERCEPTION_MODE": "REDIRECT"} if kind == "sidecar" else {}
        account = pod["spec"].get("serviceAccountName", "default")
        node = Node(kind, known.name, known.namespace, known.address, known.labels, metadata, account)
        given = await self._api.send("POST", token_path(node), TOKEN)
        known.joined = False
        place = await self.sidecars.start(node, given["status"]["token"])
        self._proxies[pod["metadata"]["uid"]] = node
        await self._backends.serve(known, place)
        self._waiting.create_task(self._joined(self.sidecars, known, node))

    async def _joined(self, sidecars: Sidecars, pod: Pod, node: Node) -> None:
        if await sidecars.ready(node):
            pod.joined = True
            with suppress(Conflict):  # it was deleted meanwhile
                await self._report(pod)

    def _end(self, uid: str) -> None:
        node = self._proxies.pop(uid, None)
        if node is not None and self.sidecars is not None:
            self.sidecars.stop(node)
        pod = self._pods.pop(uid, None)
        if pod is not None:
            self._backends.close(pod)

    async def _finish(self, meta: Json) -> None:
        options = {"gracePeriodSeconds": 0, "preconditions": {"uid": meta["uid"]}}
        await self._api.send("DELETE", f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}", options)

    async def _report(self, pod: Pod, containers: list[str] | None = None) -> None:
        ready = self._backends.ready(pod)
        await self._api.send("PATCH", f"{_path(pod)}/status", {"status": _status(pod, ready, containers)})
        pod.reported = ready

    def _next_address(self, first: int) -> str:
        self._given += 1
        number = first + self._given
        return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _path(pod: Pod) -> str:
    return f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}"


def _ports(spec: Json) -> list[int]:
    ports = [port for one in containers(spec) if one["name"] != PROXY for port in one.get("ports", [])]
    return sorted({port["containerPort"] for port in ports if port.get("protocol", "TCP") == "TCP"})


def _status(pod: Pod, ready: bool, containers: list[str] | None) -> Json:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    kinds = {"Initialized": True, "PodScheduled": True, "ContainersReady": ready, "Ready": ready}
    status: dict[str, Any] = {
        "phase": "Running",
        "podIP": pod.address,
        "podIPs": [{"ip": pod.address}],
        "hostIP": "10.255.0.1",
        "conditions": [{"type": kind, "status": str(true), "lastTransitionTime": now} for kind, true in kinds.items()],
    }
    if containers is not None:
        status["startTime"] = now
        running = {"image": "none", "imageID": "", "restartCount": 0, "state": {"running": {"startedAt": now}}}
        status["containerStatuses"] = [{"name": name, "ready": True, "started": True, **running} for name in containers]
    return status
