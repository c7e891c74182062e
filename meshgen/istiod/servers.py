"""Gateway (ValidateGateway)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.fault import KeyPath
from meshgen.istiod.values import Refusal, is_address, is_label, port, socket, wrong_host

PROTOCOLS = frozenset(["HTTP", "HTTP2", "GRPC", "GRPC-WEB", "MONGO", "REDIS", "MYSQL", "TCP", "TLS", "HTTPS"])
_LISTED = "HTTP, HTTPS, TLS, TCP, GRPC, HTTP2"
_CERTIFICATES = ("serverCertificate", "tlsCertificates", "credentialName", "credentialNames")
_FILES = ("serverCertificate", "privateKey", "caCertificates", "tlsCertificates", "credentialName", "credentialNames")


def refusals(spec: dict[str, Any], namespace: str) -> Iterator[Refusal]:  # noqa: ARG001
    """All that is refused of a Gateway."""
    if not spec.get("servers"):
        yield Refusal(("spec",), "the Gateway has no server", "write servers")
    names: set[str] = set()
    for number, server in enumerate(spec.get("servers") or []):
        path = ("spec", "servers", number)
        if not server.get("hosts"):
            yield Refusal((*path, "hosts"), "the server has no host", "write hosts")
        for position, host in enumerate(server.get("hosts") or []):
            yield from host_of((*path, "hosts", position), host, in_sidecar=False)
        said = server.get("port") or {}
        yield from _port((*path, "port"), said, server.get("bind", ""))
        name = said.get("name", "")
        if name and name in names:
            yield Refusal(
                (*path, "port", "name"), f"a server above has a port {name!r} too", "give each a name of its own"
            )
        names.add(name)
        if "tls" in server:
            yield from tls_settings((*path, "tls"), server["tls"], said.get("protocol", "").upper())


def _port(path: KeyPath, said: Mapping[str, Any], bind: str) -> Iterator[Refusal]:
    protocol = said.get("protocol")
    if protocol is not None and protocol.upper() not in PROTOCOLS:
        yield Refusal((*path, "protocol"), f"{protocol!r} is no protocol that Istio knows", f"write {_LISTED} …")
    if bind.startswith("unix://"):
        yield from socket((*path[:-1], "bind"), bind.removeprefix("unix://"))
        if said.get("number"):
            yield Refusal((*path, "number"), "a Unix socket has no port", "write 0")
    else:
        if bind and not is_address(bind):
            yield Refusal((*path[:-1], "bind"), f"{bind!r} is no address", "write an IP address")
        if "number" in said:
            yield from port((*path, "number"), said["number"])
    if said.get("targetPort"):
        yield Refusal((*path, "targetPort"), "a server has no targetPort", "drop it; the Service says where it leads")
    if said.get("name") == "":
        yield Refusal((*path, "name"), "a port needs a name", "write one")


def host_of(path: KeyPath, host: str, *, in_sidecar: bool) -> Iterator[Refusal]:
    """A host of a server or of a Sidecar's way out (ValidateNamespaceSlashWildcardHostname)."""
    namespace, slash, name = host.partition("/")
    if not slash:
        if in_sidecar:
            yield Refusal(path, f"{host!r} does not say whose it is", "write NAMESPACE/HOST, or ./HOST or */HOST")
            return
        namespace, name = "*", host
    place = namespace.removeprefix("~") if in_sidecar else namespace
    if place not in ("*", ".") and not is_label(place) and not (in_sidecar and namespace == "~"):
        yield Refusal(path, f"{namespace!r} is no namespace", "write its name, '.' or '*'")
    elif name != "*" and "*" in name and not name.startswith("*."):
        yield Refusal(path, f"{name!r} has a '*' that stands for a part of a name", "write '*.' and a domain, or '*'")
    elif name != "*" and "." not in name and not (not in_sidecar and is_address(name)):
        yield Refusal(path, f"{name!r} is a short name", "write the host in full, as in users.shop.svc.cluster.local")
    elif (wrong := wrong_host(name)) is not None and not (not in_sidecar and is_address(name)):
        yield Refusal(path, wrong, "write a name in full, or *.example.com")


def tls_settings(path: KeyPath, tls: Mapping[str, Any], protocol: str) -> Iterator[Refusal]:
    """The TLS settings of a server (validateTLSOptions)."""
    mode = tls.get("mode", "PASSTHROUGH")
    yield from _sources(path, tls, mode)
    if protocol in PROTOCOLS - {"HTTPS", "TLS", "HTTP", "HTTP2", "GRPC", "GRPC-WEB"}:
        yield Refusal(path, f"a server of {protocol} has no TLS settings", "write protocol: TLS, or drop tls")
    elif protocol in ("HTTP", "HTTP2", "GRPC", "GRPC-WEB"):
        files = next((key for key in ("privateKey", "caCertificates") if tls.get(key)), None)
        if (mode not in ("PASSTHROUGH", "AUTO_PASSTHROUGH") or files) and not any(
            tls.get(key) for key in _CERTIFICATES
        ):
            yield Refusal(
                (*path, files or "mode"),
                f"a server of {protocol} does not end TLS",
                "write protocol: HTTPS, or drop it",
            )
    elif mode == "ISTIO_MUTUAL":
        for key in _FILES:
            if tls.get(key):
                yield Refusal((*path, key), "ISTIO_MUTUAL uses the mesh's own certificates", f"drop {key}")
    elif mode in ("MUTUAL", "OPTIONAL_MUTUAL") and not any(
        tls.get(key) for key in ("credentialName", "credentialNames", "caCertificates")
    ):
        yield Refusal((*path, "mode"), f"{mode} does not say whose certificates it takes", "write credentialName")


def _sources(path: KeyPath, tls: Mapping[str, Any], mode: str) -> Iterator[Refusal]:
    """Where certificates and lists of revoked ones come from."""
    if mode == "ISTIO_MUTUAL":
        return
    sources = [key for key in ("credentialName", "credentialNames", "tlsCertificates") if tls.get(key)]
    if tls.get("serverCertificate") and tls.get("privateKey"):
        sources.append("serverCertificate")
    if len(sources) > 1:
        yield Refusal((*path, sources[1]), f"the certificate is said by {sources[0]} too", "keep one of them")
    ends = mode not in ("PASSTHROUGH", "AUTO_PASSTHROUGH")
    secrets = tls.get("credentialName") or tls.get("credentialNames")
    if tls.get("caCrl") and ((mode == "SIMPLE" and not secrets) or (tls.get("credentialName") and not ends)):
        yield Refusal((*path, "caCrl"), "a list of revoked certificates is for MUTUAL, and with files", "drop it")
