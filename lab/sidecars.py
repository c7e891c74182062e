"""Runs a pilot-agent and its Envoy for each pod that has a proxy, as its injected containers would."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from lab import envoy, identities, network
from lab.envoy import Node
from lab.networks import Networks
from lab.supervisor import Supervisor

_STATUS_PORT = 15020  # where pilot-agent says whether its Envoy is ready
_PAUSE = 0.05  # seconds until it is asked again
_BOOTSTRAP = "bootstrap.json"
_TOKEN = "var/run/secrets/tokens/istio-token"  # noqa: S105 - a path, which pilot-agent knows
_ROOT = "var/run/secrets/istio/root-cert.pem"


@dataclass(frozen=True)
class Place:
    """Where programs and folders are, and who vouches for the mesh."""

    pilot_agent: str
    envoy: str
    folder: str
    logs: str
    root: str


class Sidecars:
    """The proxies that run, by the ids of their nodes."""

    def __init__(self, supervisor: Supervisor, networks: Networks, place: Place) -> None:
        self._supervisor = supervisor
        self._networks = networks
        self._place = place
        self.nodes: dict[str, Node] = {}

    async def start(self, node: Node, token: str) -> int:
        """Start a proxy that proves by `token` who it is; a descriptor of its network. Raises OSError."""
        await self._networks.make(node.id, node.address, redirected=node.kind == "sidecar")
        folder = self._folder(node, token)
        command = [self._place.pilot_agent, "proxy", node.kind, f"--domain={node.namespace}.svc.cluster.local",
                   "--proxyLogLevel=warning", "--log_output_level=default:warn"]  # fmt: skip
        self._supervisor.start(
            node.program, command, str(folder), _environment(node, self._place.envoy), self._networks[node.id]
        )
        self.nodes[node.id] = node
        return self._networks[node.id]

    def stop(self, node: Node) -> None:
        """End a proxy with its pod. Raises KeyError."""
        del self.nodes[node.id]
        self._supervisor.stop(node.program)
        self._networks.drop(node.id)

    async def ready(self, node: Node) -> bool:
        """Wait until a proxy is ready; whether it still runs then."""
        while node.id in self.nodes:
            try:
                if await _answers(self._networks[node.id]):
                    return True
            except (OSError, EOFError):
                pass  # it does not listen yet
            await asyncio.sleep(_PAUSE)
        return False

    def _folder(self, node: Node, token: str) -> Path:
        """A folder with all that a proxy reads; its access log is with the other logs."""
        folder, logs = Path(self._place.folder, node.program), Path(self._place.logs, node.program)
        texts = {_BOOTSTRAP: envoy.bootstrap_with_agent(node), _TOKEN: token, _ROOT: self._place.root}
        for name, text in texts.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        logs.mkdir(exist_ok=True)
        (logs / "access.log").unlink(missing_ok=True)
        (folder / "access.log").unlink(missing_ok=True)
        (folder / "access.log").symlink_to(logs / "access.log")
        return folder


def _environment(node: Node, binary: str) -> dict[str, str]:
    config = {
        "discoveryAddress": f"{network.HOST}:{identities.XDS_PORT}",
        "statusPort": _STATUS_PORT,
        "proxyAdminPort": envoy.ADMIN_PORT,
        "concurrency": 1,
        "binaryPath": binary,
        "customConfigFile": f"./{_BOOTSTRAP}",
        "terminationDrainDuration": "1s",
        "drainDuration": "1s",
        "fileFlushInterval": "0.02s",
    }
    return {
        "PROXY_CONFIG": json.dumps(config),
        "POD_NAME": node.name,
        "POD_NAMESPACE": node.namespace,
        "INSTANCE_IP": node.address,
        "SERVICE_ACCOUNT": node.account,
        "TRUST_DOMAIN": "cluster.local",
        "ISTIO_META_CLUSTER_ID": "Kubernetes",
        "ISTIOD_SAN": "istiod.istio-system.svc",
        "CLOUD_PLATFORM": "none",
    }


async def _answers(place: int) -> bool:
    """Whether the pilot-agent in that network says that its Envoy is ready. Raises OSError or EOFError."""
    made = network.open_socket(place, marked=False)
    made.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", _STATUS_PORT))
        reader, writer = await asyncio.open_connection(sock=made)
    except BaseException:
        made.close()
        raise
    writer.write(b"GET /healthz/ready HTTP/1.0\r\n\r\n")
    status = await reader.readuntil(b"\r\n")
    writer.transport.abort()
    return b" 200 " in status
