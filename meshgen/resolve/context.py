"""One service on its way to its objects: the spec, the fleet around it, and what was found wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, NamedTuple

from meshgen.document import KeyPath
from meshgen.facts import Key, PortFacts, ServiceFacts, reference
from meshgen.findings import Findings
from meshgen.fleet import Fleet
from meshgen.spec.service import Service, ServiceSpec

MANAGED_BY = {"app.kubernetes.io/managed-by": "meshgen"}


class Target(NamedTuple):
    """Where requests go: a host, a port of it (0 where a broken spec hides it), and whose spec it is, if any."""

    host: str
    port: int
    facts: ServiceFacts | None = None


class Context(NamedTuple):
    """What every part of a service's resolution needs. `raw` is the data below `spec`, as written, without parts that are wrong."""

    fleet: Fleet
    model: Service
    spec: ServiceSpec
    raw: dict[str, Any]
    key: Key
    facts: ServiceFacts
    findings: Findings
    name: str
    namespace: str
    """Where all of the service's own objects stand."""
    host: str
    """The service's full host name in the mesh."""

    @classmethod
    def of(cls, fleet: Fleet, model: Service, raw: dict[str, Any], key: Key, findings: Findings) -> Context:
        """The context of the service whose spec is `model`, made from `raw`, which may be less than is written."""
        facts, host = fleet.services[key], _host(key, fleet)
        if "expose" not in raw:
            facts = facts._replace(exposes=())
        return cls(fleet, model, model.spec, raw, key, facts, findings, key.name, key.namespace, host)

    def host_of(self, key: Key) -> str:
        """The full host name of any service."""
        return _host(key, self.fleet)

    def labels(self, **version: str) -> dict[str, str]:
        """Labels of an object of this service; `version` adds those of a workload."""
        own = {"app": self.name, "app.kubernetes.io/name": self.name}
        if version:
            own |= {"app.kubernetes.io/version": version["version"], "version": version["version"]}
        return own | MANAGED_BY | dict(self.model.metadata.labels or {})

    @property
    def annotations(self) -> dict[str, str] | None:
        """Annotations of every object of this service."""
        return dict(self.model.metadata.annotations) if self.model.metadata.annotations else None

    @property
    def export_to(self) -> list[str] | None:
        """Istio's exportTo of the service's own objects."""
        return list(self.spec.export_to) if self.spec.export_to else None

    def unknown(self, path: KeyPath, what: str, name: str, known: Iterable[str]) -> None:
        """Say that nothing has the name at `path`."""
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        there = f"there are: {', '.join(names)}" if names else "there are none"
        self.findings.error(
            "MG110", path, f"no {what} is named {name!r}; {there}", f"did you mean {near[0]!r}?" if near else ""
        )

    def target(self, service: str, port: Any, path: KeyPath, own_port: PortFacts | None) -> Target:
        """What a reference to another service means.

        `port` is a number, a name or None: then the port named as `own_port`, else the only one.
        `path` is that of the mapping which holds `service` and `port`.
        """
        key = self.key_of(service)
        host = self.host_of(key) if key is not None else service
        facts = self.fleet.services.get(key) if key else None
        if facts is None:
            return self._outside(service, key, host, port, path)
        if facts.ports is None:
            self.unreadable(facts, (*path, "service"))
            return Target(host, 0, facts)
        found = _choose(facts.ports, port, own_port)
        if found is None:
            self._no_port(service, facts.ports, port, path)
        return Target(host, found.number if found is not None else 0, facts)

    def _no_port(self, service: str, ports: tuple[PortFacts, ...], port: Any, path: KeyPath) -> None:
        """Say that a service has no such port, or none, or more than one, that requests can go to."""
        other = next((each for each in ports if port in (each.name, each.number)), None)
        usable = [each for each in ports if each.protocol == "TCP"]
        if other is not None:
            message = f"port {port!r} of {service!r} speaks {other.protocol}, and routes need HTTP"
            self.findings.error("MG119", (*path, "port"), message)
        elif not usable:
            message = (
                f"{service!r} has no port for HTTP: {', '.join(f'{each.name} ({each.protocol})' for each in ports)}"
            )
            self.findings.error("MG119", (*path, "service"), message)
        elif port is None:
            names = ", ".join(f"{each.name} ({each.number})" for each in usable)
            message = f"{service!r} has several ports: {names}"
            self.findings.error("MG118", (*path, "service"), message, "say which one with 'port'")
        else:
            known = (f"{each.name} ({each.number})" for each in ports)
            self.unknown((*path, "port"), f"port of {service!r}", str(port), known)

    def key_of(self, service: str) -> Key | None:
        """The key of the service that a reference means; None for a host outside the cluster."""
        if "." not in service:
            return reference(service, self.namespace)
        name, _, rest = service.lower().removesuffix(".").partition(".")
        namespace, _, domain = rest.partition(".")
        return Key(namespace, name) if domain == f"svc.{self.fleet.options.cluster_domain}" else None

    def _meant(self, host: str) -> Key | None:
        """The service that a host is nearly, or is in a short form: Istio completes no name with a dot in it."""
        name, namespace, *rest = host.lower().removesuffix(".").split(".", 3)
        domain = f"svc.{self.fleet.options.cluster_domain}"
        there = self.fleet.names.get(namespace, set())
        if ".".join(rest) not in ("", "svc", domain):
            return None
        near = name if name in there else next((each for each in sorted(there) if is_slip(name, each)), None)
        return Key(namespace, near) if near is not None else None

    def unreadable(self, facts: ServiceFacts, path: KeyPath) -> None:
        """Say that a spec cannot be read for its mistakes, where nobody else does: the run is of another part only."""
        if self.fleet.options.only is not None:
            self.findings.error(
                "MG110", path, f"the spec of {facts.key} has mistakes and cannot be read", "render all to see them"
            )

    def _outside(self, service: str, key: Key | None, host: str, port: Any, path: KeyPath) -> Target:
        """A service that is none of the fleet's: a full host with a number, or a mistake."""
        if key is not None and {key.name, service} & self.fleet.unread:
            return Target(host, port if isinstance(port, int) else 0)
        if "." not in service:
            here = [str(each) if each.namespace != self.namespace else each.name for each in self.fleet.services]
            self.unknown((*path, "service"), "service", service, here)
            return Target(host, 0)
        meant = self._meant(service)
        if meant is not None:
            self.findings.error(
                "MG110",
                (*path, "service"),
                f"the host {service!r} is no service's: none of the specs' has it",
                f"did you mean {str(meant) if meant.namespace != self.namespace else meant.name!r}?"
                + (" Somebody else's service gets a spec with existing: true" if key is not None else ""),
            )
            return Target(host, 0)
        if not isinstance(port, int):
            self.findings.error(
                "MG118",
                (*path, "port" if port else "service"),
                f"the host {service!r} is none of the specs', so its port is not known",
                "give its number with 'port'",
            )
            return Target(host, 0)
        return Target(host, port)


def _host(key: Key, fleet: Fleet) -> str:
    return f"{key.name}.{key.namespace}.svc.{fleet.options.cluster_domain}"


def is_slip(text: str, word: str) -> bool:
    """Whether a text is a word with one letter too few, too many, wrong or in the wrong place.

    A digit is never wrong by mistake, nor is a letter of a short word: orders-v1 is no slip for orders-v2, nor app for api.
    """
    length = len(word)
    while text and word and text[0] == word[0]:
        text, word = text[1:], word[1:]
    while text and word and text[-1] == word[-1]:
        text, word = text[:-1], word[:-1]
    if any(letter.isdigit() for letter in text + word):
        return False
    if len(text) == len(word) == 1:
        return length > 5
    return len(text) + len(word) <= 1 or (len(text) == 2 and text == word[::-1])


def _choose(ports: tuple[PortFacts, ...], port: Any, own: PortFacts | None) -> PortFacts | None:
    """The port that is meant, of those to which requests can go: Istio has no cluster for UDP."""
    ports = tuple(each for each in ports if each.protocol == "TCP")
    if port is not None:
        return next((each for each in ports if port in (each.name, each.number)), None)
    same = next((each for each in ports if own is not None and each.name == own.name), None)
    return same or (ports[0] if len(ports) == 1 else None)
