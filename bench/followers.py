"""Follows all Services and EndpointSlices of a namespace with one of two clients, and tells when it knows what.

python bench/followers.py meshgen|kubernetes KUBECONFIG SERVICES

Run by bench/discovery.py, each client by the Python that has it. Words on standard input: `forget` has it list anew at
its next connection, `weigh` asks for its CPU and memory. Each line of standard output is a JSON object.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

NAMESPACE = "scale"
LABEL = "kubernetes.io/service-name"


def say(what: str, **more: Any) -> None:
    """Tell it, with the time by the clock that all processes share, and this one's CPU seconds."""
    line = {"what": what, "at": time.monotonic(), "cpu": time.process_time(), **more}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def weigh() -> None:
    """Tell the memory that is held, and the most that ever was, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    held = {line.partition(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith("Vm")}
    say("weight", held=held["VmRSS"], peak=held["VmHWM"])


def with_meshgen(kubeconfig: str, services: int) -> None:
    """By meshgen.discovery: one watch of all."""
    import httpx2  # noqa: F401 - what is imported later would be measured
    import lightkube.resources.core_v1
    import lightkube.resources.discovery_v1  # noqa: F401

    from meshgen.discovery import Discovery, DiscoveryError

    def whole_again(fault: DiscoveryError | None) -> None:
        if fault is None:
            say("whole")

    async def follow() -> None:
        say("begin")
        async with Discovery(NAMESPACE, kubeconfig=kubeconfig) as client, client.watch() as watch:
            watch.on_fault(whole_again)

            def forget() -> None:
                for reader in watch._readers:  # noqa: SLF001 - no user can ask for it
                    reader._version = ""  # noqa: SLF001

            loop = asyncio.get_running_loop()
            threading.Thread(target=obey, args=(lambda: loop.call_soon_threadsafe(forget),), daemon=True).start()
            told = 0
            async for update in watch:
                told += 1
                if told == services:
                    say("whole", endpoints=sum(len(each.instances) for each in watch.states.values() if each))
                elif told > services:
                    say("seen", name=update.key.name)

    asyncio.run(follow())


class Official:
    """The official client's informers: one for Services, one for EndpointSlices, and an index of the latter."""

    def __init__(self, services: int) -> None:
        self._services = services
        self._of_service: dict[str, dict[str, Any]] = {}
        self._fired = {"services": 0, "slices": 0}
        self._listing = True
        self._first = True
        self._informers: list[Any] = []

    def start(self) -> None:
        """Follow, in threads of the informers."""
        client = import_module("kubernetes.client")
        shared = import_module("kubernetes.informer").SharedInformer
        say("begin")
        services = shared(client.CoreV1Api().list_namespaced_service, namespace=NAMESPACE)
        slices = shared(client.DiscoveryV1Api().list_namespaced_endpoint_slice, namespace=NAMESPACE)
        self._informers = [services, slices]
        for kind in ("ADDED", "MODIFIED"):
            services.add_event_handler(kind, self._put_service)
            slices.add_event_handler(kind, self._put_slice)
        for one in self._informers:
            one.start()

    def forget(self) -> None:
        """Have the next connection begin with a list."""
        self._fired.update(services=0, slices=0)
        self._listing = True
        for one in self._informers:
            one._resource_version = None  # noqa: SLF001 - no user can ask for it

    def _put_service(self, found: Any) -> None:
        self._told("services", found.metadata.name)

    def _put_slice(self, found: Any) -> None:
        name = found.metadata.labels[LABEL]
        self._of_service.setdefault(name, {})[found.metadata.name] = found
        self._told("slices", name)

    def _told(self, resource: str, name: str) -> None:
        if not self._listing:
            say("seen", name=name)
            return
        self._fired[resource] += 1
        if self._fired["services"] == self._services and len(self._of_service) == self._services:
            self._whole()

    def _whole(self) -> None:
        found = [one for each in self._of_service.values() for one in each.values()]
        if self._fired["slices"] == len(found):
            self._listing = False
            say("whole", **({"endpoints": sum(len(one.endpoints) for one in found)} if self._first else {}))
            self._first = False


def with_kubernetes(kubeconfig: str, services: int) -> None:
    """By the informers of the official client."""
    import_module("kubernetes.informer")  # what is imported later would be measured
    logging.disable()  # a cut connection is a traceback there
    import_module("kubernetes.config").load_kube_config(kubeconfig)
    official = Official(services)
    official.start()
    obey(official.forget)


def obey(forget: Callable[[], object]) -> None:
    """Do what standard input says, until it ends."""
    for line in sys.stdin:
        if line.strip() == "forget":
            forget()
            say("forgotten")
        else:
            weigh()


if __name__ == "__main__":
    {"meshgen": with_meshgen, "kubernetes": with_kubernetes}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
