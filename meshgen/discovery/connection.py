"""HTTP to one API server, by lightkube's configuration, authentication and models. The only door to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from meshgen.discovery import faults
from meshgen.discovery.errors import Misconfigured
from meshgen.discovery.frames import Lines
from meshgen.discovery.kubeconfig import Config

if TYPE_CHECKING:
    import httpx2

Item = TypeVar("Item")

_CONNECT = 5.0  # seconds until a connection stands
_PLAIN = {"Accept": "application/json", "Accept-Encoding": "identity"}  # compressing costs more than it saves here
_PAGE = "100"  # objects in one answer to a list


class Query(NamedTuple):
    """Which objects: of `resource` (services, endpointslices or pods), in a namespace or in all (empty)."""

    resource: str
    namespace: str
    labels: str = ""
    fields: str = ""

    @property
    def group(self) -> str:
        """The API group of the resource."""
        return "discovery.k8s.io" if self.resource == "endpointslices" else ""

    @property
    def path(self) -> str:
        """Where the API server lists them."""
        inside = f"/namespaces/{self.namespace}" if self.namespace else ""
        root = f"/apis/{self.group}/v1" if self.group else "/api/v1"
        return f"{root}{inside}/{self.resource}"

    @property
    def parameters(self) -> dict[str, str]:
        """The selectors."""
        given = {"labelSelector": self.labels, "fieldSelector": self.fields}
        return {name: value for name, value in given.items() if value}


class Event(NamedTuple):
    """One line of a watch: ADDED, MODIFIED, DELETED or BOOKMARK, and the version to resume from after it."""

    kind: str
    object: Any
    version: str


class Outdated(Exception):
    """The API server no longer has the changes since the version that was asked for."""


class Connection:
    """Requests to one API server. Usable in `async with`; its TCP connections end with it."""

    def __init__(self, config: Config, patience: float, auth: httpx2.Auth | None = None) -> None:
        import httpx2
        from lightkube.config import client_adapter

        self.server = config.single.cluster.server
        self._patience = patience
        timeout = httpx2.Timeout(patience, connect=min(_CONNECT, patience))
        try:
            parameters = client_adapter.ConnectionParams(timeout=timeout, proxy=config.proxy)
            self._http = client_adapter.AsyncClient(config.single, parameters)
        except Exception as fault:  # certificates that are none, a URL that is none, a proxy of an unknown kind
            hint = "see cluster and user in the kubeconfig, and HTTPS_PROXY and ALL_PROXY in the environment"
            raise Misconfigured(f"the configuration cannot be used: {fault}", hint) from fault
        if auth is not None:
            self._http.auth = auth

    @property
    def auth(self) -> httpx2.Auth | None:
        """What shows who asks; it may have read a token, or asked a plugin for one."""
        return self._http.auth

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, query: Query, name: str) -> Any:
        """One object, by name. Raises DiscoveryError."""
        from lightkube.core import decoders

        async with faults.told(self.server, "get", query):
            answer = await self._http.get(f"{query.path}/{name}", headers=_PLAIN)
            faults.check(answer.status_code, answer.content, "get", query)
            return decoders.decode_object(answer.content, _model(query))

    async def list(self, query: Query, read: Callable[[Any], Item]) -> tuple[list[Item], str]:
        """What `read` makes of all objects, and the version at which they were so. Raises Outdated and DiscoveryError.

        It is made page by page, so that only one page of lightkube's objects, which are large, is there at a time.
        """
        from lightkube.core import decoders

        items: list[Item] = []
        parameters = {**query.parameters, "limit": _PAGE}
        async with faults.told(self.server, "list", query):
            while True:
                answer = await self._http.get(query.path, params=parameters, headers=_PLAIN)
                if answer.status_code == 410:
                    raise Outdated
                faults.check(answer.status_code, answer.content, "list", query)
                more, version, page = decoders.decode_list(answer.content, _model(query))
                items += map(read, page)
                if not more:
                    return items, version or ""
                parameters["continue"] = more

    @asynccontextmanager
    async def watch(self, query: Query, version: str, seconds: int) -> AsyncIterator[AsyncIterator[Event]]:
        """Every change since a version, for some seconds; entered once the server has agreed to tell them.

        Raises Outdated where the server has forgotten that version, and DiscoveryError.
        """
        parameters = {
            **query.parameters,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(seconds),
        }
        async with AsyncExitStack() as stack:
            async with faults.told(self.server, "watch", query):
                stream = self._http.stream("GET", query.path, params=parameters, headers=_PLAIN)
                answer = await stack.enter_async_context(stream)
                if answer.status_code == 410:
                    raise Outdated
                if answer.status_code != 200:
                    faults.check(answer.status_code, await answer.aread(), "watch", query)
            yield self._events(answer, query)

    async def _events(self, answer: httpx2.Response, query: Query) -> AsyncIterator[Event]:
        from lightkube.core import decoders

        lines = Lines()
        async with faults.told(self.server, "watch", query):
            async for chunk in answer.aiter_bytes():
                for line in lines.feed(chunk):
                    event = decoders.decode_watch_event(line)
                    if event.type == "ERROR":  # too old, or the server's own trouble: only a list is sure to be whole
                        raise Outdated
                    # A bookmark has nothing but a version, and of other fields what the server writes for lack of any.
                    found = decoders.decode_object(bytes(event.object), _model(query, event.type == "BOOKMARK"))
                    yield Event(event.type, found, found.metadata.resourceVersion or "")


def _model(query: Query, bookmark: bool = False) -> Any:
    if bookmark or query.resource == "services":  # of a Service, every field may be lacking
        from lightkube.resources.core_v1 import Service

        return Service
    if query.resource == "pods":
        from lightkube.resources.core_v1 import Pod

        return Pod
    from lightkube.resources.discovery_v1 import EndpointSlice

    return EndpointSlice
