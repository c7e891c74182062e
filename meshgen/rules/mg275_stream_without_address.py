"""A ServiceEntry for TCP has no address, so nothing but the port tells its connections from others.

A sidecar knows a TCP connection by the address that it goes to. Where a ServiceEntry names none, its listener takes
all connections to that port, whatever host they are for; two such entries of one port exclude each other. Istio gives
addresses of its own to entries without any, but only clients whose proxies answer DNS use them (`ISTIO_META_DNS_CAPTURE`, or
ambient mode): with these the entry is right as it is, and `status.addresses` in the cluster shows them.

Bad:

    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: ledger, namespace: shop}
    spec:
      hosts: [ledger.example.com]
      resolution: DNS
      ports:
      - {name: tcp, number: 5432, protocol: TCP}   # <- MG275

Good:

    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: ledger, namespace: shop}
    spec:
      hosts: [ledger.example.com]
      addresses: [10.1.2.3]
      resolution: DNS
      ports:
      - {name: tcp, number: 5432, protocol: TCP}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("ServiceEntry",)
COVERS = ("IST0134",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look for ports that are streams, or whose protocol is not said, where there is no address."""
    given = seen.spec.get("addresses") or (seen.data.get("status") or {}).get("addresses")
    for number, port in enumerate(seen.spec.get("ports") or [] if seen.key not in registry.partial else []):
        if not given and port.get("protocol", "").upper() in ("", "TCP"):
            at = f"port {port.get('number', port.get('name', ''))}"
            yield Finding(
                ("spec", "ports", number, "protocol" if "protocol" in port else "number"),
                f"no address tells connections to {at} from others: a sidecar takes all of that port for this host",
                "write addresses, or the protocol if it is TLS or HTTP",
            )
