"""Values that each of the spec language's own field types refuses."""

from __future__ import annotations

from typing import Any

from meshgen.spec import (
    balancing,
    base,
    certificates,
    connections,
    headers,
    http,
    injection,
    locality,
    names,
    policy,
    reference,
    regex,
    retry,
    server,
    sticky,
    traffic,
    workload,
)

_OF_TYPES: list[tuple[Any, list[object]]] = [
    (balancing.Only, [False]),
    (balancing.TableSize, [4, 5000011]),
    (base.AnnotationKey, ["a/b/c"]),
    (names.ObjectAnnotationKey, ["a/b/c", "istio.io/dry-run", "internal.istio.io/parents"]),
    (base.AppProtocol, ["http 2"]),
    (base.Duration, ["soon", "0s", "1500us", "-1s"]),
    (base.DurationOrZero, ["30", "1ns"]),
    (base.GatewayHost, ["short"]),
    (base.HeaderName, ["x y"]),
    (base.LabelKey, ["a b"]),
    (base.LabelValue, ["a b"]),
    (base.Name, ["Not_A_Name", "a" * 64]),
    (base.ObjectName, ["a..b"]),
    (base.Percent, [101, -1, 0.125]),
    (base.PortNumber, [0, 65536]),
    (base.ServiceName, ["1st"]),
    (base.WildcardHost, ["short", "a.*.example.com"]),
    (certificates.Authorities, ["shop-ca"]),
    (certificates.CertificateHash, ["abc"]),
    (certificates.SpkiHash, ["abc"]),
    (headers.HeaderValue, ["50%"]),
    (headers.MatchedHeader, ["@request.auth.claims"]),
    (headers.PlainHeader, ["host"]),
    (headers.SettableHeader, [":path"]),
    (http.Authority, ["a/b"]),
    (http.Base64, ["not base64"]),
    (http.NewPath, ["x"]),
    (http.WholeSeconds, ["1500ms"]),
    (injection.Chance, [101, -1, 0.00001]),
    (injection.Status, [100, 600]),
    (locality.Locality, ["a/*/b"]),
    (locality.Region, ["a/b"]),
    (policy.HostOrAddress, ["a b"]),
    (reference.ExportTo, ["Not_A_Name"]),
    (reference.PortReference, [0, 65536, "Not_A_Name"]),
    (reference.Reference, ["Not_A_Name"]),
    (reference.ServiceReference, ["Not_A_Name"]),
    (regex.Regex, ["(?=x)"]),
    (retry.RetryOn, ["5xx, reset", "sometimes"]),
    (server.Bind, ["somewhere"]),
    (sticky.CookiePath, ["x", "/a b"]),
    (connections.CredentialName, ["configmap://x", "configmap:///x", "configmap://n/x/y"]),
    (traffic.ExposedPath, ["cart", "/cart/", "/a//b", "/é", "/a/../b", "/a/.", "/a\\b"]),
    (workload.Address, ["users.example.com", "10.1.1"]),
]  # fmt: skip


class _Values:
    """Wrong values by the rule that a type stands for."""

    def __init__(self) -> None:
        self._of_rules = {_rules(alias.__metadata__)[-1]: values for alias, values in _OF_TYPES}
        self._used: set[object] = set()

    def of(self, rules: tuple[Any, ...]) -> list[object]:
        """The values that the rules around a type refuse; KeyError where a new type has none yet."""
        found = _rules(rules)
        self._used.update(found)
        return [value for rule in found for value in self._of_rules[rule]]

    def unused(self) -> list[list[object]]:
        """The values of types that no field has any more."""
        return [values for rule, values in self._of_rules.items() if rule not in self._used]


def _rules(metadata: tuple[Any, ...]) -> list[Any]:
    return [rule.func for rule in metadata if hasattr(rule, "func")]


VALUES = _Values()
