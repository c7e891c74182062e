"""The lab's network: one namespace for all, and one for each proxy, joined by a bridge. The door to pyroute2."""

from __future__ import annotations

import socket
import struct
from typing import Any

from pyroute2 import IPRoute  # type: ignore[import-untyped]
from pyroute2.netlink.nfnetlink.nftsocket import Cmp, Meta  # type: ignore[import-untyped]
from pyroute2.nftables.expressions import genex  # type: ignore[import-untyped]
from pyroute2.nftables.main import NFTables  # type: ignore[import-untyped]

from lab import linux

HOST = "10.2.255.254"  # the lab's own address, as proxies see it
ADVERTISED = "10.255.0.1"  # where kube-apiserver says that it is
PODS = "10.1.0.0/16"  # addresses of pods without a namespace of their own
REDIRECTED = 0x1AB  # mark of the sockets whose traffic goes through the proxy beside them

_BRIDGE = "lab0"
_OUTBOUND, _INBOUND = 15001, 15006
_DIRECT = (15020, 15021, 15090)  # ports at which a proxy itself answers


def join_host() -> None:
    """Set up the namespace where the control plane runs. Raises NetlinkError or OSError."""
    with IPRoute() as route:
        loopback = _index(route, "lo")
        route.link("set", index=loopback, state="up")
        route.addr("add", index=loopback, address=ADVERTISED, prefixlen=32)
        # Every address of the pods' range is local: a pod's server can bind its own without a call for each.
        route.route("add", dst=PODS, oif=loopback, type="local", table=255, scope="host")
        route.link("add", ifname=_BRIDGE, kind="bridge")
        bridge = _index(route, _BRIDGE)
        route.addr("add", index=bridge, address=HOST, prefixlen=16)
        route.link("set", index=bridge, state="up")
        route.route("add", family=socket.AF_INET, dst="default", oif=loopback, scope="link")


def join_pod(network: int, address: str, name: str) -> None:
    """Give the namespace `network` an eth0 with `address`, on the bridge; `name` is its other end's. Raises OSError."""
    with linux.inside(network), IPRoute() as route:
        route.link("set", index=_index(route, "lo"), state="up")
    with IPRoute() as route:
        route.link("add", ifname=name, kind="veth", peer={"ifname": "eth0", "net_ns_fd": network})
        outer = _index(route, name)
        route.link("set", index=outer, master=_index(route, _BRIDGE), state="up")
    with linux.inside(network), IPRoute() as route:
        inner = _index(route, "eth0")
        route.addr("add", index=inner, address=address, prefixlen=16)
        route.link("set", index=inner, state="up")
        route.route("add", dst="default", gateway=HOST)


def redirect(network: int) -> None:
    """Send what marked sockets send, and what comes in from others, through the proxy's ports. Raises NetlinkError.

    In production the proxy is told from the application by its user, here by the mark: so it also works where only
    one user exists.
    """
    tcp = [*_load(Meta.NFT_META_L4PROTO), _compare(Cmp.NFT_CMP_EQ, bytes([socket.IPPROTO_TCP]))]
    marked = [*_load(Meta.NFT_META_MARK), _compare(Cmp.NFT_CMP_EQ, struct.pack("=I", REDIRECTED))]
    others = [
        part for port in _DIRECT for part in (*_DESTINATION_PORT, _compare(Cmp.NFT_CMP_NEQ, struct.pack("!H", port)))
    ]
    with linux.inside(network), NFTables(nfgen_family=socket.AF_INET) as tables:
        tables.table("add", name="lab")
        for name, hook in (("outbound", "output"), ("inbound", "prerouting")):
            tables.chain("add", table="lab", name=name, hook=hook, type="nat", policy=1)
        tables.rule("add", table="lab", chain="outbound", expressions=[tcp, marked, _to_port(_OUTBOUND)])
        tables.rule("add", table="lab", chain="inbound", expressions=[tcp, others, _to_port(_INBOUND)])


def open_socket(network: int | None, marked: bool) -> socket.socket:
    """A TCP socket of that namespace, not yet connected. Raises OSError."""
    with linux.inside(network):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if marked:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, REDIRECTED)
    return made


def listening_socket(network: int | None, address: str, port: int) -> socket.socket:
    """A TCP socket of that namespace, bound and ready to listen. Raises OSError."""
    made = open_socket(network, marked=False)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
    except BaseException:
        made.close()
        raise
    return made


def _index(route: Any, name: str) -> int:
    return int(route.link_lookup(ifname=name)[0])


_REGISTER = 1
_DESTINATION_PORT = [genex("payload", {"dreg": _REGISTER, "base": 2, "offset": 2, "len": 2})]


def _load(key: int) -> list[Any]:
    return [genex("meta", {"key": key, "dreg": _REGISTER})]


def _compare(how: int, value: bytes) -> Any:
    return genex("cmp", {"sreg": _REGISTER, "op": how, "data": _data(value)})


def _to_port(port: int) -> list[Any]:
    load = genex("immediate", {"dreg": _REGISTER, "data": _data(struct.pack("!H", port))})
    return [load, genex("redir", {"reg_proto_min": _REGISTER})]


def _data(value: bytes) -> Any:
    return {"attrs": [("NFTA_DATA_VALUE", value)]}
