"""Two ServiceEntries give one port of a host different protocols, and only one of them is used.

Where they name an address, sidecars hand on as bytes what goes there, whichever entry is older: the routes, timeouts and
retries for HTTP are not applied. Without an address the first bytes of a connection decide, and HTTP and streams lead to
the same endpoints. Entries that no caller sees both of (`exportTo`) do not meet.

Bad:

    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: first, namespace: shop}
    spec:
      hosts: [api.example.com]
      addresses: [10.1.2.4]
      resolution: DNS
      ports:
      - {name: https, number: 443, protocol: TLS}
    ---
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: second, namespace: shop}
    spec:
      hosts: [api.example.com]
      addresses: [10.1.2.4]
      resolution: DNS
      ports:
      - {name: http, number: 443, protocol: HTTP}   # <- MG276

Good:

    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: first, namespace: shop}
    spec:
      hosts: [api.example.com]
      addresses: [10.1.2.4]
      resolution: DNS
      ports:
      - {name: https, number: 443, protocol: TLS}
      - {name: http, number: 80, protocol: HTTP}
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry, scopes
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("ServiceEntry",)
COVERS = ("IST0177",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look up what others say of each port; told at all but the first."""
    if seen.key in registry.partial:
        return
    places = {*scopes(seen.spec.get("exportTo") or [], seen.namespace), "*"}
    for number, port in enumerate(seen.spec.get("ports") or []):
        spoken = port.get("protocol", "").upper()
        for host in seen.spec.get("hosts") or []:
            said = [
                registry.entry_ports.get((place, host.lower(), port.get("number", 0)), {}) for place in sorted(places)
            ]
            firsts = [next(iter(each.items())) for each in said if each]
            other = next((key for word, key in firsts if word != spoken and key not in registry.partial), None)
            if other is not None and other != seen.key:
                yield Finding(
                    ("spec", "ports", number, "protocol" if "protocol" in port else "number"),
                    f"{other} gives port {port.get('number')} of {host!r} another protocol: only one of the two is used",
                    "write the same protocol into both",
                )
                break
