"""EndpointSlices: `discovery` is pkg/apis/discovery/validation/validation.go of Kubernetes."""

from __future__ import annotations

from meshgen.apiserver.found import Data, Found, Object
from meshgen.apiserver.values import address, is_label_value, is_subdomain, special
from meshgen.fault import KeyPath
from meshgen.refusal import described

_MOST_HINTS = 8


def check_slice(found: Found, data: Data) -> None:
    """What kube-apiserver refuses in an EndpointSlice (discovery: ValidateEndpointSlice)."""
    _check_ports(found, data.get("ports") or [])
    family = data["addressType"]
    for number, endpoint in enumerate(data.get("endpoints") or ()):
        _check_addresses(found, number, endpoint["addresses"], family)
        for key, names in (endpoint.get("hints") or {}).items():
            _check_hints(found, ("endpoints", number, "hints", key), [each.get("name", "") for each in names])


def _check_ports(found: Found, ports: list[Object]) -> None:
    """No name stands twice, and no name is one too (discovery: validatePorts)."""
    names: set[str] = set()
    for number, port in enumerate(ports):
        name = port.get("name") or ""
        if name in names:
            what = f"the name {name!r}" if name else "a port without name"
            found.twice(("ports", number, "name"), what)
        names.add(name)


def _check_addresses(found: Found, number: int, texts: list[str], family: str) -> None:
    """Of places in the network (discovery: validateEndpoints)."""
    for place, text in enumerate(texts if family != "FQDN" else ()):
        fault = _address_fault(text, family, found.kubernetes)
        if fault:
            found.refuse(("endpoints", number, "addresses", place), *fault)


def _address_fault(text: str, family: str, kubernetes: str) -> tuple[str, str] | None:
    """Why it is no address of a pod (discovery: validateEndpoints); since 1.33, IPv6 in one form only."""
    best, fault = address(text, kubernetes)
    if fault:
        return f"{text!r} {fault}", ""
    if family == "IPv6" and best != text and kubernetes >= "1.33":
        return f"{text!r} is not in canonical form", f"write {best}"
    fault = special(best)
    return (f"{text!r} {fault}", "") if fault else None


def _check_hints(found: Found, path: KeyPath, names: list[str]) -> None:
    """Few, and each once (discovery: validateHints)."""
    if len(names) > _MOST_HINTS:
        found.refuse(path, f"takes at most {_MOST_HINTS} items, and has {len(names)}")
    for number, name in enumerate(names):
        if name in names[:number]:
            found.twice((*path, number, "name"), f"{name!r}")
        elif path[-1] == "forNodes":
            if not is_subdomain(name):
                found.refuse((*path, number, "name"), f"takes a node's name, in lower case, not {described(name)}")
        elif not is_label_value(name):
            found.refuse((*path, number, "name"), f"takes a zone's name, not {described(name)}")
