"""The registry: who has which host, pods, subsets, gateways and routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import islice
from sys import intern

from meshgen.mesh import ObjectKey
from meshgen.registry.facts import ROOT_NAMESPACE, WORKLOADS, Labels, Object, Pods, Rule, Service, Target
from meshgen.registry.hosts import Hosts
from meshgen.registry.known import Known
from meshgen.registry.places import all_routes, destinations

_GUESSES = 100_000
_MANY = 100


class Registry(Known):
    """All that the objects of a mesh say of themselves to others, and how it is looked up."""

    __slots__ = ()

    def host(self, host: str, namespace: str) -> str:
        """A host in full, as an object in a namespace means it."""
        full = host.lower() if "." in host or "*" in host else f"{host}.{namespace}.svc.{self.domain}".lower()
        return intern(full)  # each is said a dozen times

    def service(self, host: str, namespace: str) -> Service | None:
        """The service that a host, said in a namespace, leads to; the one of a wildcard, if no other."""
        return self.service_at(self.host(host, namespace))

    def service_of(self, seen: Object) -> Service | None:
        """What is known of a Service that is looked at, without reading it again."""
        host = f"{seen.name}.{seen.namespace}.svc.{self.domain}".lower()
        return next((each for each in self.services.get(host, ()) if each.key == seen.key), None)

    def service_at(self, full: str) -> Service | None:
        """The service that a full host leads to; the one of a wildcard, if no other."""
        found = self.services.get(full)
        if found is None:
            labels = full.split(".")
            wildcards = ("*." + ".".join(labels[start:]) for start in range(1, len(labels)))
            found = next((self.services[each] for each in wildcards if each in self.services), None)
        return found[0] if found else None

    def targets(self, seen: Object) -> list[Target]:
        """The destinations and mirrors of a VirtualService; kept for those who ask of the same one next."""
        if self._targets_of is not seen:
            self._targets_of = seen
            self._targets = [
                Target(
                    (*path, *below), said, self.host(said.get("host", ""), seen.namespace), route, below[0] != "route"
                )
                for path, route in all_routes(seen.spec)
                for below, said in destinations(route)
            ]
        return self._targets

    def is_ours(self, host: str, namespace: str) -> bool:
        """Whether a host, said in a namespace, is a name that only this cluster can have."""
        return self.host(host, namespace).endswith(f".svc.{self.domain}")

    def may_be_made(self, namespace: str, name: str) -> bool:
        """Whether an object of another kind may make something of that name: one of that name, or of its beginning."""
        makers = self.makers.get(namespace)
        if not makers:
            return False
        parts = name.split("-")
        return any("-".join(parts[:end]) in makers for end in range(1, len(parts) + 1))

    def knows(self, namespace: str) -> bool:
        """Whether any Service of a namespace is here: if none is, what is missing may be elsewhere."""
        return namespace in self.names

    def select(self, namespace: str, labels: Labels) -> list[Pods]:
        """The workloads of a namespace whose pods have all of some labels."""
        if not labels:
            return self._pods.get(namespace, [])
        asked = namespace, *labels.items()
        known = self._selected.get(asked)
        if known is None:
            found = [self._with_label(namespace, key).get(value, []) for key, value in labels.items()]
            pods = min(found, key=len)
            known = self._selected[asked] = [each for each in pods if labels.items() <= each.labels.items()]
        return known

    def _with_label(self, namespace: str, key: str) -> dict[str, list[Pods]]:
        """The workloads of a namespace by the value that their pods have for a label."""
        known = self._labelled.get((namespace, key))
        if known is None:
            known = self._labelled[namespace, key] = {}
            for pods in self._pods.get(namespace, ()):
                if key in pods.labels:
                    known.setdefault(pods.labels[key], []).append(pods)
        return known

    def anywhere(self, labels: Labels) -> list[Pods]:
        """The workloads of any namespace whose pods have all of some labels; none for no labels."""
        asked = frozenset(labels.items())
        if asked not in self._anywhere:
            self._anywhere[asked] = [pods for each in self._pods if labels for pods in self.select(each, labels)]
        return self._anywhere[asked]

    def unread(self, namespace: str) -> bool:
        """Whether some workload of a namespace could not be read as a whole."""
        if self._unread is None:
            self._unread = {key.namespace for key in self.partial if key.kind in WORKLOADS}
        return namespace in self._unread

    def servers_at(self, gateway: str) -> Hosts:
        """The hosts of a Gateway's servers, with the namespace whose VirtualServices each takes, or `*`."""
        if gateway not in self._servers:
            self._servers[gateway] = hosts = Hosts()
            for server in self.gateways[gateway].servers:
                for host in server.hosts:
                    place, slash, name = host.rpartition("/")
                    hosts.add(name, gateway.partition("/")[0] if place == "." else place if slash else "*")
        return self._servers[gateway]

    def is_routed(self, host: str) -> bool:
        """Whether a VirtualService of the mesh has a full host."""
        return (host, "") in self.claims

    def bound_to(self, gateway: str) -> Hosts:
        """The hosts of the VirtualServices that are bound to a Gateway, with their namespaces."""
        if gateway not in self._bound:
            self._bound[gateway] = hosts = Hosts()
            for routes in self.routes_at.get(gateway, []):
                for host in routes.hosts:
                    hosts.add(host, routes.key.namespace)
        return self._bound[gateway]

    def near(self, name: str, known: Iterable[str]) -> str | None:
        """The known name that is most like one that is not; the first hundred thousand comparisons of a run are made."""
        candidates = list(islice(known, max(_GUESSES - self._guesses, 0)))
        self._guesses += len(candidates)
        return next(iter(get_close_matches(name, candidates, n=1)), None)

    def selecting(self, namespace: str, labels: Labels) -> Iterator[Service]:
        """The Services of a namespace that select by all of some labels, and perhaps by more."""
        found = [self._selecting.get((namespace, key, value), []) for key, value in labels.items()]
        return (each for each in min(found, key=len, default=[]) if labels.items() <= (each.selector or {}).items())

    def behind(self, key: ObjectKey) -> list[Service]:
        """The Services that select the pods of a workload, the first hundred of them."""
        if self._behind is None:
            self._behind = {}
            alike: dict[object, list[Service]] = {}
            for service in (each for services in self.names.values() for each in services if each.selector):
                asked = service.key.namespace, frozenset((service.selector or {}).items())
                alike.setdefault(asked, []).append(service)
            for services in alike.values():
                for pods in self.select(services[0].key.namespace, services[0].selector or {}):
                    known = self._behind.setdefault(pods.key, [])
                    known += services[: _MANY - len(known)]
        return self._behind.get(key, [])

    def replicas(self, pods: Pods) -> int | None:
        """How many pods a workload has; None where an autoscaler or somebody else decides it."""
        if self.scaled and (pods.key.namespace, pods.key.kind, pods.key.name) in self.scaled:
            return None
        return pods.replicas

    def rules_for(self, host: str, *namespaces: str) -> list[Rule]:
        """The DestinationRules of a full host that callers may get: those of its own, the root's and further namespaces."""
        parts = host.split(".")
        own = parts[1] if host.endswith(f".svc.{self.domain}") else None
        places = {own, ROOT_NAMESPACE, *namespaces} if own is not None else None
        wildcards = ["*." + ".".join(parts[start:]) for start in range(1, len(parts))]
        return [
            rule
            for each in (host, *wildcards, "*")
            for rule in self.rules.get(each, [])
            if places is None or rule.key.namespace in places
        ]
