"""A lab: a real control plane and real proxies on one machine, as a context manager."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from lab import applying, controlplane, envoy, keeping, names, presence, programs, rollout, settling
from lab.backends import Backends
from lab.client import Door, Request, exchange
from lab.errors import LabError
from lab.kubernetes import Json
from lab.objects import Manifests
from lab.proxies import Caller, Gateway, Proxy
from lab.remote import Remote
from lab.trouble import Api
from lab.waiting import wait

_SETTLED = 30.0  # seconds


class Ran(NamedTuple):
    """How a program ended that was run to its end."""

    code: int
    output: str
    complaints: str


class Lab:
    """Everything that runs in a lab. Use `Lab.start()` in a `with`."""

    def __init__(self, remote: Remote, found: programs.Programs, logs: Path, identities: bool) -> None:
        self.logs = logs
        self._end = ExitStack()
        self._remote = remote
        self._programs = found
        self._rules: list[dict[str, Any]] = []
        self._proxies: list[Proxy] = []
        self._address = itertools.count(1)
        self._mark = itertools.count(1)
        self._injected: dict[str, Proxy] = {}
        self._plane = controlplane.start(remote, found, identities)
        self._identities = identities
        if identities:
            place = {"pilot_agent": found.pilot_agent, "envoy": found.envoy, "folder": remote.folder}
            remote.call("identities", place=place | {"logs": str(logs.resolve()), "root": self._plane.root})
        self.kubernetes = self._plane.kubernetes
        self.api = Api(remote, found, self.kubernetes)

    @classmethod
    def start(cls, *, logs: Path | None = None, identities: bool = False) -> Self:
        """Start the control plane; its programs log to `logs`, or to a folder that ends with the lab.

        With `identities`, pods of labelled namespaces are injected, and proxies have certificates.
        Raises Missing where this machine cannot, LabError where it did not work.
        """
        found = programs.find()
        with ExitStack() as stack:
            folder = logs or stack.enter_context(keeping.passing_logs())
            folder.mkdir(parents=True, exist_ok=True)
            remote = Remote(folder)
            stack.callback(remote.close)
            lab = cls(remote, found, folder, identities)
            lab._end = stack.pop_all()
        return lab

    @property
    def folder(self) -> str:
        """Where the lab's own files are, for those inside; nobody else sees them."""
        return self._remote.folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything."""
        self.kubernetes.close()
        self._end.close()

    def apply(self, manifests: Manifests, *, dry_run: bool = False) -> None:
        """Apply objects strictly, on the server's side; namespaces first, and made where they are missing.

        Raises Refused with the words of kube-apiserver for each object that it does not take; the others are applied.
        """
        applying.apply(self.kubernetes, manifests, dry_run)

    def delete(self, manifests: Manifests) -> None:
        """Delete objects, and wait until they are gone; one that is not there is gone already."""
        applying.delete(self.kubernetes, manifests)

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Json:
        """One object. Raises ApiError."""
        return self.kubernetes.request("GET", self.kubernetes.resource(api_version, kind).path(namespace, name))

    def list(self, api_version: str, kind: str, namespace: str = "", **query: str) -> Sequence[Json]:
        """All objects of a kind, of one namespace or of all. Raises ApiError."""
        path = self.kubernetes.resource(api_version, kind).path(namespace)
        items: Sequence[Json] = self.kubernetes.request("GET", path, **query)["items"]
        return items

    def wait_ready(self, namespace: str, name: str = "", seconds: float = 30.0) -> None:
        """Wait until Deployments and StatefulSets, all or one by name, have all their pods ready. Raises Late."""
        what = f"workloads of {namespace}{'/' + name if name else ''} to be ready"
        wait(what, lambda: rollout.ready(self.kubernetes, namespace, name), seconds)

    def gateway(
        self, name: str = "istio-ingressgateway", namespace: str = "istio-ingress", labels: dict[str, str] | None = None,
        ports: tuple[int, ...] = (80, 443),
    ) -> Gateway:  # fmt: skip
        """Start an ingress gateway: its Envoy, Pod and Service."""
        node = self._node("router", name, namespace, labels or {"istio": "ingressgateway", "app": name}, {})
        gateway = Gateway(self._remote, node, self.logs)
        self.apply(presence.reading_secrets(node))
        self._begin(gateway, redirected=False)
        self.apply(presence.service(node, ports))
        self._configured(gateway)
        return gateway

    def caller(
        self, name: str = "client", namespace: str = "default", labels: dict[str, str] | None = None, *,
        redirected: bool = True, account: str = "default",
    ) -> Caller:  # fmt: skip
        """Start a client with a sidecar; without redirection it has to ask the proxy's own listeners.

        With identities it is a pod that gets its sidecar by injection, and its identity from its ServiceAccount.
        """
        metadata: dict[str, Any] = {"INTERCEPTION_MODE": "REDIRECT"}
        if not redirected:
            metadata = {"INTERCEPTION_MODE": "NONE", "HTTP_PROXY_PORT": str(envoy.HTTP_PROXY_PORT)}
        node = self._node("sidecar", name, namespace, labels or {"app": name}, metadata, account)
        caller = Caller(self._remote, node, self.logs)
        caller.redirected = redirected
        caller.resolve = lambda host, inside: names.resolve(self.kubernetes, host, inside)
        self._begin(caller, redirected)
        self._configured(caller)
        return caller

    def backends(self, namespace: str = "", pod: str = "", **labels: str) -> Backends:
        """The pods of a namespace that have these labels, now and later: to tell what to do, and to ask what came."""
        return Backends(self._remote, self._rules, namespace, pod, labels)

    def settled(self) -> None:
        """Wait until every proxy runs what istiod makes of all that was applied. Raises Late, and LabError at a NACK."""
        settling.settle(self, next(self._mark), self._running(), _SETTLED)

    def istiod(self, path: str) -> str:
        """What istiod's debug interface says. Raises LabError."""
        door = Door(controlplane.ISTIOD, lambda count: self._remote.sockets(None, count))
        answer = exchange(door, [Request("istiod", path)], 1, 10.0, lambda _: {})[0]
        self._remote.check()
        if answer.status != 200:
            raise LabError(f"istiod: {path}: {answer.status} {answer.fault or answer.body}")
        return answer.body

    def run(self, program: str, *arguments: str, seconds: float = 60.0) -> Ran:
        """Run istioctl or kubectl inside, where the API is: exit code, what it printed, complaints. Raises Late."""
        command = [getattr(self._programs, program), *arguments]
        environment = {"KUBECONFIG": self._plane.kubeconfig}
        ran = self._remote.call("run", seconds=seconds, command=command, folder=self.folder, environment=environment)
        return Ran(*ran)

    def kill(self, program: str, signal: int = 9) -> None:
        """Send a signal to a program, as a fault from outside would. Raises LabError where there is none."""
        self._remote.call("signal", name=program, number=signal)

    def programs(self) -> dict[str, int]:
        """The programs that run inside, with their process ids there."""
        running: dict[str, int] = self._remote.call("programs")
        return running

    def stop(self, proxy: Proxy) -> None:
        """End a proxy that is no longer needed, and its Pod."""
        self._proxies.remove(proxy)
        if not self._identities:
            self._remote.call("stop", name=proxy.program)
        self.delete(presence.pod(proxy.node))

    def _node(
        self, kind: str, name: str, namespace: str, labels: dict[str, str], metadata: dict[str, Any],
        account: str = "default",
    ) -> envoy.Node:  # fmt: skip
        number = next(self._address)
        address = f"10.2.{number // 250}.{number % 250 + 1}"
        return envoy.Node(kind, name, namespace, address, labels, metadata, account)

    def _begin(self, proxy: Proxy, redirected: bool) -> None:
        node = proxy.node
        self.apply(presence.account(node))
        if self._identities:
            self._inject(node, redirected)
        else:
            self.apply(presence.pod(node))
            token = self.kubernetes.request("POST", presence.token_path(node), presence.TOKEN)["status"]["token"]
            proxy.start(self._programs.envoy, self.logs / proxy.program, redirected, token)
        self._proxies.append(proxy)

    def _inject(self, node: envoy.Node, redirected: bool) -> None:
        """Make the Pod of a proxy, which the kubelet's stand-in then runs. Raises LabError where it gets no proxy."""
        if node.kind == "sidecar" and not redirected:
            raise LabError("with identities, what a caller sends is always redirected")
        self.apply(presence.pod(node, "client" if node.kind == "sidecar" else presence.PROXY))
        if not presence.has_proxy(self.get("v1", "Pod", node.name, node.namespace)):
            self.delete(presence.pod(node))
            raise LabError(
                f"{node.name} was not injected: does {node.namespace} have the label istio-injection=enabled?"
            )

    def _running(self) -> Sequence[Proxy]:
        """The proxies that were started here, and those of injected pods."""
        if not self._identities:
            return self._proxies
        found = [envoy.Node(**each) for each in self._remote.call("sidecars")]
        known = self._injected | {proxy.node.id: proxy for proxy in self._proxies}
        self._injected = {node.id: known.get(node.id) or Proxy(self._remote, node, self.logs) for node in found}
        return list(self._injected.values())

    def _configured(self, proxy: Proxy) -> None:
        def ready() -> tuple[bool, str]:
            self._remote.check()
            try:
                return True, proxy.admin("/ready")
            except LabError as fault:
                return False, str(fault)

        wait(f"{proxy.program} to be configured", ready, _SETTLED)
        self.settled()
