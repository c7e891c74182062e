"""How Kubernetes reads quantities, addresses, names and paths that a schema takes for plain text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_WORD = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_QUANTITY = r"([+-]?)([0-9]*)\.?([0-9]*)(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?[0-9]+))?"
_NANO = 10**9
_UNITS: dict[str, int] = {"n": 1, "u": 10**3, "m": 10**6} | {
    unit: factor * _NANO
    for power, letter in enumerate("kMGTPE", 1)
    for unit, factor in ((letter, 1000**power), (f"{letter.upper()}i", 1024**power))
}


@lru_cache(maxsize=1024)
def nano(quantity: Any) -> int:
    """A quantity in billionths, of which Kubernetes has no parts (apimachinery: ParseQuantity)."""
    match = re.fullmatch(_QUANTITY, str(quantity).strip())
    if match is None:
        return 0
    sign, whole, part, unit, exponent = match.groups()
    number = int(f"{whole}{part}" or "0") * _UNITS.get(unit or "", _NANO)
    places = int(exponent or 0) - len(part)
    if places >= 0:
        number *= int(10 ** min(places, 30))
    else:
        number = -(-number // int(10 ** min(-places, 60)))
    return -number if sign == "-" else number


@cache
def fits(pattern: str) -> Callable[[str], object]:
    """What tells whether a text is wholly of a pattern. Most runs need only a few, so each is read when it is needed."""
    return re.compile(pattern).fullmatch


@lru_cache(maxsize=1024)
def is_label(text: str) -> bool:
    """Whether text is one part of a DNS name (apimachinery: IsDNS1123Label)."""
    return len(text) <= 63 and fits(_LABEL)(text) is not None


@lru_cache(maxsize=1024)
def is_subdomain(text: str) -> bool:
    """Whether text is a DNS name in lower case (apimachinery: IsDNS1123Subdomain)."""
    return len(text) <= 253 and fits(_SUBDOMAIN)(text) is not None


def is_qualified(text: str) -> bool:
    """Whether text is a key such as `app` or `example.com/app` (apimachinery: IsQualifiedName)."""
    prefix, slash, name = text.rpartition("/")
    if slash and not is_subdomain(prefix):
        return False
    return len(name) <= 63 and fits(_WORD)(name) is not None


def is_label_value(text: str) -> bool:
    """Whether text can be a label's value (apimachinery: IsValidLabelValue)."""
    return not text or (len(text) <= 63 and fits(_WORD)(text) is not None)


def address(text: str, kubernetes: str) -> tuple[str, str]:
    """An address as it is written best, and why it is refused, if it is (apimachinery: parseIP).

    Until 1.36, octets may begin with 0, and an IPv4 address may stand within an IPv6 one.
    """
    from ipaddress import IPv6Address, ip_address

    strict = kubernetes >= "1.36"
    plain = re.sub(r"(^|[.:])0+(?=[0-9]+(\.|$))", r"\1", text) if "." in text else text
    try:
        found = ip_address(plain)
    except ValueError:
        found = None
    if found is None or "%" in text:
        return "", "is no address such as 10.9.8.7 or 2001:db8::ffff"
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped), "is an IPv4 address within an IPv6 one" if strict else ""
    return str(found), "has an octet that begins with 0" if strict and plain != text else ""


def network(text: str, kubernetes: str) -> str:
    """Why a range of addresses is refused, if it is (apimachinery: parseCIDR)."""
    from ipaddress import ip_network

    base, slash, bits = text.partition("/")
    best, fault = address(base, kubernetes)
    width = 128 if ":" in base else 32
    if not slash or not best or re.fullmatch("[0-9]+", bits) is None or int(bits) > width:
        return "is no range of addresses such as 10.9.8.0/24 or 2001:db8::/64"
    if fault or kubernetes < "1.36":
        return fault
    if bits != str(int(bits)):
        return "has a length that begins with 0"
    wide = str(ip_network(f"{best}/{bits}", strict=False))
    return "" if wide.partition("/")[0] == best else f"has bits beyond its length: {wide} is the range"


def special(best: str) -> str:
    """Why an address cannot be a place in the network, if it cannot (core: ValidateEndpointIP)."""
    from ipaddress import ip_address, ip_network

    found = ip_address(best)
    if found.is_unspecified:
        return "is no address of anybody"
    if found.is_loopback:
        return "is a loopback address"
    if found.is_link_local:
        return "is a link-local address"
    multicast = ip_network("ff02::/16") if found.version == 6 else ip_network("224.0.0.0/24")
    return "is a link-local multicast address" if found in multicast else ""


def are_apart(ports: list[dict[str, Any]], number: str, node: str) -> bool:
    """Whether no port has another's name or number, or one of the node's: so it nearly always is, and nothing more is asked."""
    seen = set()
    for port in ports:
        if node in port:
            return False
        seen.add(port[number])
        seen.add(port.get("name"))
    return len(seen) == 2 * len(ports)


def climbs(path: str) -> bool:
    """Whether a path leads upwards (core: validatePathNoBacksteps)."""
    return ".." in path and ".." in path.split("/")
