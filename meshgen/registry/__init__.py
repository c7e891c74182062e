"""What the objects of a mesh have to know of each other: who has which host, pods, subsets, gateways and routes.

Names are resolved as istiod does (pilot/pkg/model/conversion.go ResolveShortnameToFQDN): a host without a dot gets the
namespace of the object that says it, every other is taken as it is.
"""

from __future__ import annotations

from meshgen.registry.facts import (
    GROUPS,
    ROOT_NAMESPACE,
    WORKLOADS,
    Gateway,
    Labels,
    Level,
    Object,
    PeerPolicy,
    Pods,
    Port,
    Routes,
    Rule,
    Server,
    Service,
    Subset,
    Use,
)
from meshgen.registry.hosts import Hosts, covers, exported, gateway_name, meet, own_host, scopes
from meshgen.registry.lookup import Registry
from meshgen.registry.places import (
    all_routes,
    can_share,
    comes_later,
    destinations,
    fields,
    listening,
    seconds,
    template,
)

__all__ = [
    "GROUPS",
    "ROOT_NAMESPACE",
    "WORKLOADS",
    "Gateway",
    "Hosts",
    "Labels",
    "Level",
    "Object",
    "PeerPolicy",
    "Pods",
    "Port",
    "Registry",
    "Routes",
    "Rule",
    "Server",
    "Service",
    "Subset",
    "Use",
    "all_routes",
    "can_share",
    "comes_later",
    "covers",
    "destinations",
    "exported",
    "fields",
    "gateway_name",
    "listening",
    "meet",
    "own_host",
    "scopes",
    "seconds",
    "template",
]
