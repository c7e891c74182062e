"""A port does not say what is spoken there, so Istio guesses from the first bytes of each connection.

Istio reads `appProtocol`, or a name that begins with the protocol: `http-metrics`, not `metrics`. Without either it
waits for the client to speak. What looks like HTTP is routed as HTTP, all else as TCP: policies for requests apply by
guess, and telemetry differs. Where the server speaks first (SSH, FTP, SMTP, POP3, IMAP), both sides wait for each other
and the connection hangs; that is told as a warning. Nothing is told of ports that Istio knows (25, 53, 3306, 27017), of
UDP, and of the ports of Istio's own proxies.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - name: metrics   # <- MG209
        port: 9090
      - name: shell   # <- MG209
        port: 22

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - name: http-metrics
        port: 9090
      - name: shell
        appProtocol: tcp
        port: 22
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.protocol import SERVER_FIRST, from_name
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("Service",)
COVERS = ("IST0118",)
WORST = Severity.WARNING
SETTLED = True

_KNOWN = {25, 53, 3306, 27017}
_PROXY = {15010, 15012, 15014, 15017, 15020, 15021, 15090}
_SILENT_CLIENT = {21, 22, 110, 143, 587}
"""Ports at which the server speaks first, and Istio does not know it."""


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at each port's name and appProtocol."""
    if seen.spec.get("type") == "ExternalName" or seen.key in registry.partial:
        return
    for number, port in enumerate(seen.spec.get("ports") or []):
        name, said = port.get("name", ""), {port.get("port"), port.get("targetPort")}
        if port.get("protocol", "TCP") != "TCP" or port.get("appProtocol") or from_name(name):
            continue
        if not said.isdisjoint(_KNOWN | _PROXY):
            continue
        path = ("spec", "ports", number, "name") if name else ("spec", "ports", number)
        hanging = said & _SILENT_CLIENT
        if hanging:
            spoken = SERVER_FIRST[hanging.pop()]
            message = f"Istio waits for the client's first bytes, and at this port ({spoken}) the server speaks first: connections hang"
            yield Finding(path, message, "write appProtocol: tcp", Severity.WARNING)
        else:
            what = f"{name!r} does not begin with a protocol" if name else "the port has no name"
            hint = "tcp" if said & SERVER_FIRST.keys() else "http (or grpc, tcp …)"
            yield Finding(path, f"{what}: Istio guesses what is spoken here", f"write appProtocol: {hint}")
