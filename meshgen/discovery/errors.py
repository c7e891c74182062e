"""What can go wrong between a client and the cluster: one exception for each thing that a person would do about it."""

from __future__ import annotations


class DiscoveryError(Exception):
    """Any fault of discovery. `message` says what happened, `hint` what to do; as text they are two lines."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class NotInstalled(DiscoveryError):
    """The extra `cluster` is not installed."""


class Misconfigured(DiscoveryError):
    """Nothing that can be used says where the cluster is and who asks: no kubeconfig, no such context, a broken file."""


class NotFound(DiscoveryError):
    """There is no such Service. (One that exists and has no endpoints is an empty list.)"""


class Forbidden(DiscoveryError):
    """The cluster knows who asks and does not allow it; the hint is the RBAC rule that is missing."""


class Unauthorised(DiscoveryError):
    """The cluster does not know who asks: no credentials, or they have expired or were revoked."""


class Unreachable(DiscoveryError):
    """No usable answer came: no connection, a broken or silent one, or a server that cannot answer now."""


class Rejected(DiscoveryError):
    """The API server answered with an error that is none of the others; `status` is its HTTP status."""

    def __init__(self, message: str, hint: str = "", *, status: int = 0) -> None:
        super().__init__(message, hint)
        self.status = status


class PortUnclear(DiscoveryError):
    """A Service's URL was asked for, and which port is meant cannot be told."""


class ManagedByKubernetes(DiscoveryError):
    """Registration by a client: Kubernetes does it, from the Service's selector and the pods' readiness."""
