"""Which ports speak HTTP, and the URL that leads to a Service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from meshgen import protocol as protocols

if TYPE_CHECKING:
    from meshgen.discovery.models import Instance, Service, ServicePort

_SECURE = {"https", "kubernetes.io/wss"}
_STANDARD = {"http": 80, "https": 443}
_WELL_KNOWN = {80: "http", 8080: "http", 443: "https", 8443: "https"}


def scheme(name: str, app_protocol: str | None, protocol: str, number: int | None) -> str | None:
    """The scheme of a URL to a port, http or https; None where it does not speak HTTP, or nothing says so.

    The port's appProtocol decides, then its name as Istio reads it, then, for a port without a name, its number.
    """
    if protocol != "TCP":
        return None
    said = (app_protocol or protocols.from_name(name) or "").lower()
    if said in _SECURE:
        return "https"
    if said in protocols.HTTP:
        return "http"
    return _WELL_KNOWN.get(number or 0) if not said and not name else None


def choose(service: Service, wanted: str | int | None) -> ServicePort:
    """The port that is meant: the one that is wanted, else the only one that speaks HTTP, else the one named http.

    Raises PortUnclear where there is no such port or more than one.
    """
    from meshgen.discovery.errors import PortUnclear

    there = ", ".join(f"{port.name or 'unnamed'} ({port.port}/{port.protocol})" for port in service.ports) or "none"
    if wanted is not None:
        named = [port for port in service.ports if wanted in (port.name, port.port)]
        spoken = [port for port in named if port.protocol == "TCP"] or named
        if not spoken:
            raise PortUnclear(f"Service {service.key} has no port {wanted!r}", f"its ports: {there}")
        return spoken[0]
    speaking = [port for port in service.ports if port.scheme]
    if len(speaking) != 1:
        speaking = [port for port in speaking if port.name == "http"]
    if len(speaking) != 1:
        raise PortUnclear(
            f"which port of Service {service.key} is meant cannot be told", f"name one of its ports: {there}"
        )
    return speaking[0]


def url(service: Service, instances: Sequence[Instance], wanted: str | int | None, domain: str) -> str:
    """The URL of a Service by cluster DNS. `instances` matter only where the Service is headless.

    Its name then leads to the pods themselves, so the port is theirs. Raises PortUnclear.
    """
    from meshgen.discovery.errors import PortUnclear

    port = choose(service, wanted)
    said = (port.app_protocol or protocols.from_name(port.name) or "").lower()
    scheme = port.scheme or (None if said or port.protocol != "TCP" else "http")  # named by the caller, who knows
    if scheme is None:
        what = said or port.protocol
        raise PortUnclear(f"port {port.name or port.port} of Service {service.key} speaks {what}, not HTTP")
    number = _at_pods(service, port, instances) if service.headless else port.port
    end = "" if _STANDARD[scheme] == number else f":{number}"
    return f"{scheme}://{service.key.name}.{service.key.namespace}.svc.{domain}{end}"


def _at_pods(service: Service, port: ServicePort, instances: Sequence[Instance]) -> int:
    from meshgen.discovery.errors import PortUnclear

    if isinstance(port.target_port, int):
        return port.target_port
    numbers = sorted({each.port for each in instances if each.port_name == port.name and each.port is not None})
    if len(numbers) != 1:
        seen = f"its pods have {', '.join(map(str, numbers))}" if numbers else "no pod is there to tell"
        raise PortUnclear(
            f"Service {service.key} is headless and port {port.name or port.port} leads to {port.target_port!r}: {seen}",
            "ask each instance for its own url()",
        )
    return numbers[0]
