"""What a registry holds: all that objects said, under the words by which others look it up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from meshgen.mesh import ObjectKey
from meshgen.registry.facts import (
    Gateway,
    Labels,
    Listener,
    Object,
    PeerPolicy,
    Pods,
    Root,
    Routes,
    Rule,
    Service,
    Target,
    Use,
)
from meshgen.registry.hosts import Hosts


@dataclass(slots=True)
class Known:
    """All that the objects of a mesh say of themselves to others."""

    domain: str = "cluster.local"
    wants_info: bool = True
    """Whether anybody will see findings of severity info."""
    services: dict[str, list[Service]] = field(default_factory=dict)
    """By host; a host with a wildcard too."""
    names: dict[str, list[Service]] = field(default_factory=dict)
    """Services by namespace."""
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    """By host."""
    gateways: dict[str, Gateway] = field(default_factory=dict)
    """By NAMESPACE/NAME."""
    routes: list[Routes] = field(default_factory=list)
    routes_at: dict[str, list[Routes]] = field(default_factory=dict)
    """By each of their gateways."""
    uses: dict[str, list[Use]] = field(default_factory=dict)
    """Destinations, by host."""
    routed: set[str] = field(default_factory=set)
    """The namespaces that have VirtualServices."""
    virtual_services: dict[str, Routes] = field(default_factory=dict)
    """By NAMESPACE/NAME."""
    delegated: dict[str, list[str]] = field(default_factory=dict)
    """The names of VirtualServices without hosts, by namespace."""
    roots: dict[str, list[Root]] = field(default_factory=dict)
    """By NAMESPACE/NAME of a VirtualService, each rule that is left to it."""
    makers: dict[str, set[str]] = field(default_factory=dict)
    """The names of objects of other kinds, by namespace: what makes them work may make Services and pods of such names."""
    steered: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Of DestinationRules by namespace and name, the subsets into which a rollout writes more labels when it runs."""
    splits: dict[str, list[ObjectKey]] = field(default_factory=dict)
    """The VirtualServices that route a host of theirs to subsets of it."""
    claims: dict[tuple[str, str], Routes] = field(default_factory=dict)
    """Of a host in the mesh and a scope of exportTo: the first VirtualService; of no scope, the first of all."""
    gateway_names: dict[str, list[str]] = field(default_factory=dict)
    """Gateways as NAMESPACE/NAME, by namespace and by name alone."""
    listeners: dict[Listener, dict[str, str]] = field(default_factory=dict)
    """By selector, port and bind of servers: their hosts, with the first Gateway of each."""
    first_at: dict[Listener, tuple[str, int, str]] = field(default_factory=dict)
    """The first server of a listener: its Gateway as NAMESPACE/NAME, which of its servers it is, and how it speaks."""
    catch_alls: dict[tuple[str, str], Routes] = field(default_factory=dict)
    """By gateway and host, the first VirtualService with a rule that asks for nothing."""
    certificates: dict[tuple[object, int, str], str] = field(default_factory=dict)
    """The first Gateway that has a certificate, by selector, port and credentialName."""
    secret_places: dict[str, list[str]] = field(default_factory=dict)
    """The namespaces that have a Secret, by its name."""
    plain: dict[tuple[str, str], ObjectKey] = field(default_factory=dict)
    """The first Sidecar or Telemetry of a namespace that selects no workload, by kind and namespace."""
    selected: dict[tuple[str, str], list[tuple[ObjectKey, Labels]]] = field(default_factory=dict)
    """Sidecars and Telemetries that select workloads, by kind and namespace, with the labels."""
    token_checks: dict[str, list[Labels]] = field(default_factory=dict)
    """The labels that each RequestAuthentication of a namespace selects by; none for all workloads."""
    labelless: dict[str, bool] = field(default_factory=dict)
    """By host, whether all EndpointSlices of a Service name addresses only, and no Pods, which have labels."""
    shown: dict[tuple[str, str], list[tuple[ObjectKey, bytes]]] = field(default_factory=dict)
    """By gateway and host, the VirtualServices there, each with the matches of its HTTP rules, packed."""
    worked_out: dict[tuple[str, str], Any] = field(default_factory=dict)
    """What a rule found for all VirtualServices of a gateway and host at once."""
    namespaces: dict[str, Labels] = field(default_factory=dict)
    """The labels of each Namespace."""
    credentials: dict[str, str] = field(default_factory=dict)
    """The first Gateway that names a Secret, by the Secret's name."""
    entry_ports: dict[tuple[str, str, int], dict[str, ObjectKey]] = field(default_factory=dict)
    """Of scope, host and port of ServiceEntries: the first for each protocol."""
    secrets: set[tuple[str, str]] = field(default_factory=set)
    """Namespaces and names of Secrets."""
    kinds: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    """How many objects there are of each kind."""
    partial: set[ObjectKey] = field(default_factory=set)
    """Objects of which a part could not be read: what they seem not to have, they may have."""
    scaled: set[tuple[str, str, str]] = field(default_factory=set)
    """Namespace, kind and name of what an autoscaler scales."""
    peers: dict[str, list[PeerPolicy]] = field(default_factory=dict)
    """PeerAuthentications by namespace."""
    injected: set[str] = field(default_factory=set)
    """Namespaces whose labels ask for sidecars."""
    hidden: dict[str, list[Rule]] = field(default_factory=dict)
    """By each domain, DestinationRules of hosts in it: one of each of at most two namespaces."""
    _pods: dict[str, list[Pods]] = field(default_factory=dict)
    _selecting: dict[tuple[str, str, str], list[Service]] = field(default_factory=dict)
    _behind: dict[ObjectKey, list[Service]] | None = None
    _labelled: dict[tuple[str, str], dict[str, list[Pods]]] = field(default_factory=dict)
    _selected: dict[object, list[Pods]] = field(default_factory=dict)
    _anywhere: dict[object, list[Pods]] = field(default_factory=dict)
    _servers: dict[str, Hosts] = field(default_factory=dict)
    _bound: dict[str, Hosts] = field(default_factory=dict)
    _unread: set[str] | None = None
    _guesses: int = 0
    _targets_of: Object | None = None
    _targets: list[Target] = field(default_factory=list)
