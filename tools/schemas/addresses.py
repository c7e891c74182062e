"""Patterns for what net.ParseIP of Go takes: addresses of both families, and the names that stand beside them.

The source is apimachinery's pkg/util/validation/ip.go (parseIP) and, for names, validation.go (IsFullyQualifiedDomainName).
"""

from __future__ import annotations

from strict import Schema

STRICT_FROM = "1.36"
"""From here on leading zeros are refused: StrictIPCIDRValidation is on (pkg/features)."""

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_GROUP = "[0-9A-Fa-f]{1,4}"
_GROUPS = [  # where `::` stands, and how many groups it may leave
    f"({_GROUP}:){{7}}{_GROUP}",
    *(f"({_GROUP}:){{1,{before}}}(:{_GROUP}){{1,{7 - before}}}" for before in range(1, 7)),
    f"({_GROUP}:){{1,7}}:",
    f":(:{_GROUP}){{1,7}}",
    "::",
]


def addresses(minor: str) -> dict[str, Schema]:
    """The definitions of addresses as Kubernetes `minor` takes them."""
    zeros = "" if _number(minor) >= _number(STRICT_FROM) else "0*"
    v4 = rf"{zeros}{_OCTET}(\.{zeros}{_OCTET}){{3}}"
    # An IPv4 address may stand for the last two groups; how many stand before it is not said here.
    v6 = "|".join([*_GROUPS, f"[0-9A-Fa-f:]*:{v4}"])
    return {
        "name.IPv4": {"title": "an IPv4 address", "type": "string", "pattern": f"^{v4}$"},
        "name.IPv6": {"title": "an IPv6 address", "type": "string", "pattern": f"^({v6})$"},
        "name.IP": {"title": "an IP address", "type": "string", "pattern": f"^({v4}|{v6})$"},
        "name.ClusterIP": {"title": "an IP address, or None", "type": "string", "pattern": f"^(None|{v4}|{v6})?$"},
        "name.FQDN": {
            "title": "a full DNS name of lower-case letters, digits, hyphens and at least one dot",
            "type": "string",
            "maxLength": 254,
            "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+\.?$",
        },
    }


def _number(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split("."))
