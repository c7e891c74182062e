"""Kubernetes-native service discovery: the instances behind Services, and every change of them.

Names are loaded when they are first used: importing this costs next to nothing and needs no library. Talking to a
cluster needs the extra `cluster`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is to type checkers, without the cost of importing typing
if TYPE_CHECKING:
    from meshgen.discovery.blocking import BlockingDiscovery, BlockingWatch
    from meshgen.discovery.client import Discovery, Watch
    from meshgen.discovery.errors import (
        DiscoveryError,
        Forbidden,
        ManagedByKubernetes,
        Misconfigured,
        NotFound,
        NotInstalled,
        PortUnclear,
        Rejected,
        Unauthorised,
        Unreachable,
    )
    from meshgen.discovery.models import Change, Instance, Key, Pod, Service, ServicePort, Snapshot, Status, Update

_MODULES = {
    "blocking": ("BlockingDiscovery", "BlockingWatch"),
    "client": ("Discovery", "Watch"),
    "errors": (
        "DiscoveryError", "Forbidden", "ManagedByKubernetes", "Misconfigured", "NotFound", "NotInstalled",
        "PortUnclear", "Rejected", "Unauthorised", "Unreachable",
    ),
    "models": ("Change", "Instance", "Key", "Pod", "Service", "ServicePort", "Snapshot", "Status", "Update"),
}  # fmt: skip

__all__ = [
    "BlockingDiscovery",
    "BlockingWatch",
    "Change",
    "Discovery",
    "DiscoveryError",
    "Forbidden",
    "Instance",
    "Key",
    "ManagedByKubernetes",
    "Misconfigured",
    "NotFound",
    "NotInstalled",
    "Pod",
    "PortUnclear",
    "Rejected",
    "Service",
    "ServicePort",
    "Snapshot",
    "Status",
    "Unauthorised",
    "Unreachable",
    "Update",
    "Watch",
]


if not TYPE_CHECKING:  # or type checkers would believe every name

    def __getattr__(name: str) -> object:
        for module, names in _MODULES.items():
            if name in names:
                from importlib import import_module

                value: object = getattr(import_module(f"{__name__}.{module}"), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
