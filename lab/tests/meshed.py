"""What the cases with identities share: policies, and what a proxy saw of its peers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab import Answer, Lab

MESHED = "microservices"  # the namespace whose pods are injected

Object = dict[str, Any]


def namespace(name: str, labels: dict[str, str]) -> Object:
    """A Namespace with labels."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def security(kind: str, name: str, spec: Object) -> Object:
    """An object of security.istio.io in the meshed namespace."""
    meta = {"name": name, "namespace": MESHED}
    return {"apiVersion": "security.istio.io/v1", "kind": kind, "metadata": meta, "spec": spec}


STRICT = security("PeerAuthentication", "default", {"mtls": {"mode": "STRICT"}})
SHOPPERS_ONLY = security(
    "AuthorizationPolicy",
    "shoppers-only",
    {"action": "ALLOW", "rules": [{"from": [{"source": {"principals": ["cluster.local/ns/shoppers/sa/shopper"]}}]}]},
)


@contextmanager
def applied(lab: Lab, one: Object) -> Iterator[None]:
    """Have an object for a while."""
    lab.apply(one)
    try:
        lab.settled()
        yield
    finally:
        lab.delete(one)
        lab.settled()


def pods(lab: Lab, where: str, **labels: str) -> list[Object]:
    """The pods of a namespace that have these labels."""
    selector = ",".join(f"{name}={value}" for name, value in labels.items())
    return list(lab.list("v1", "Pod", where, labelSelector=selector))


def peers(answer: Answer) -> dict[str, str]:
    """Who called, and who was called, as the proxy of the called one saw it by their certificates."""
    told = answer.arrived.get("x-forwarded-client-cert", "")
    parts = dict(part.split("=", 1) for part in told.split(";") if part)
    return {"by": parts.get("By", ""), "from": parts.get("URI", "")}


def only(status: int, answers: list[Answer]) -> tuple[bool, Counter[int]]:
    """Whether all answers have that status, and how many have which."""
    counted = Counter(answer.status for answer in answers)
    return counted.keys() == {status}, counted


def spiffe(where: str, account: str) -> str:
    """How a certificate names a ServiceAccount."""
    return f"spiffe://cluster.local/ns/{where}/sa/{account}"
