"""From what an HTTP library and an API server say to the exceptions of discovery."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from meshgen.discovery.errors import (
    DiscoveryError,
    Forbidden,
    Misconfigured,
    NotFound,
    Rejected,
    Unauthorised,
    Unreachable,
)

if TYPE_CHECKING:
    from meshgen.discovery.connection import Query

_UNREADABLE = "what came is no answer of an API server; does a proxy stand in between?"
_BY_HAND = "try the token file or the kubeconfig's plugin by hand"


@asynccontextmanager
async def told(server: str, verb: str, query: Query) -> AsyncIterator[None]:
    """Turn the faults of the libraries inside into DiscoveryErrors."""
    import httpx2
    import msgspec
    from lightkube.core.exceptions import ConfigError

    doing = f"{verb} {query.resource}"
    try:
        yield
    except httpx2.TimeoutException as fault:
        silent = "no connection in time" if isinstance(fault, httpx2.ConnectTimeout) else "silence"
        raise Unreachable(f"{server}: {silent} at {doing}", _hint(server, silent)) from fault
    except httpx2.UnsupportedProtocol as fault:
        raise Misconfigured(f"{server} is no URL of an API server: {fault}", "it begins with https://") from fault
    except httpx2.RequestError as fault:
        words = str(fault) or type(fault).__name__
        raise Unreachable(f"{server}: {words} at {doing}", _hint(server, words)) from fault
    except json.JSONDecodeError as fault:  # answers are read by msgspec, a plugin's words are not
        raise Unauthorised(
            f"{server}: no credentials for {doing}: the plugin said no JSON: {fault}", _BY_HAND
        ) from fault
    except (msgspec.MsgspecError, ValueError) as fault:
        raise Unreachable(f"{server}: unreadable answer to {doing}: {fault}", _UNREADABLE) from fault
    except (ConfigError, FileNotFoundError, PermissionError, KeyError) as fault:
        lack = f"the plugin gave no {fault}" if isinstance(fault, KeyError) else fault
        raise Unauthorised(f"{server}: no credentials for {doing}: {lack}", _BY_HAND) from fault


def _hint(server: str, words: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in words:
        return "the server's certificate is not vouched for by the configuration's certificate-authority"
    parts = urlsplit(server)
    if parts.hostname and not proxy_bypass(parts.hostname):
        for kind in (parts.scheme, "all"):
            if kind in getproxies():  # its URL may have a password in it
                name = f"{kind.upper()}_PROXY"
                return f"it is asked through the proxy of {name}; NO_PROXY={parts.hostname} has it asked directly"
    return "is the API server up, and reachable from here?"


def check(status: int, content: bytes, verb: str, query: Query) -> None:
    """Raise the DiscoveryError that fits an answer which is none of success."""
    if status < 300:
        return
    raise _fault(status, _words(content) or f"HTTP {status}", verb, query)


def _fault(status: int, words: str, verb: str, query: Query) -> DiscoveryError:
    if status == 404 and verb == "get":
        return NotFound(words, f"kubectl get services{_where(query)} lists those that are there")
    if status == 403:
        return Forbidden(words, f"missing RBAC rule: {rule(verb, query)}")
    if status == 401:
        return Unauthorised(words, "the token or certificate is missing, expired or revoked: log in again")
    if status == 429 or status >= 500:
        return Unreachable(f"the API server cannot answer now: {words}", "it is overloaded or starting; try again")
    return Rejected(f"the API server refuses to {verb} {query.resource}: {words}", status=status)


def rule(verb: str, query: Query) -> str:
    """The RBAC rule that allows it, as it stands in a Role or, for all namespaces, in a ClusterRole."""
    kind = f"Role of namespace {query.namespace}" if query.namespace else "ClusterRole"
    return f'{{apiGroups: ["{query.group}"], resources: [{query.resource}], verbs: [{verb}]}} in a {kind}'


def _where(query: Query) -> str:
    return f" -n {query.namespace}" if query.namespace else " -A"


def _words(content: bytes) -> str:
    """The message of a Status; text that is none is shown shortened."""
    try:
        status = json.loads(content)
    except ValueError:
        return " ".join(content[:200].decode(errors="replace").split())
    return str(status.get("message", "")) if isinstance(status, dict) else ""
