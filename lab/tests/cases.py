"""What the cases of routing share: specs rendered as they stand or changed, proxies kept for the run, bounds of chance."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import meshgen
from lab import Caller, Gateway, Lab
from lab.backends import Backends
from lab.certificates import Authority, Certificate

SPECS = Path(__file__).resolve().parents[2] / "specs"
ALARM = 1e-6  # how often one bound may be missed by chance; some 50 bounds together stay below 1 in 10,000

Change = tuple[str, str]  # a text that stands once in the specs, and what is to stand there


def bounds(count: int, share: float) -> range:
    """How many of `count` requests may go one way by chance, where each does so with the probability `share`.

    Exact, by the binomial distribution: fewer come with at most half the probability ALARM, more with the other half.
    """
    chances = [chance(count, share, hits) for hits in range(count + 1)]
    return range(_first(chances), count + 1 - _first(chances[::-1]))


def chance(count: int, share: float, hits: int) -> float:
    """How likely it is that exactly so many hit."""
    ways = math.lgamma(count + 1) - math.lgamma(hits + 1) - math.lgamma(count - hits + 1)
    return math.exp(ways + hits * math.log(share) + (count - hits) * math.log1p(-share))


def _first(chances: Sequence[float]) -> int:
    """The first number of hits that is likely enough, counted with all before it."""
    sums = 0.0
    for hits, chance in enumerate(chances):
        sums += chance
        if sums > ALARM / 2:
            return hits
    raise ValueError("chances that do not add up to 1")


@cache
def render(*paths: str, changes: tuple[Change, ...] = ()) -> tuple[str, ...]:
    """What meshgen makes of these files and folders of specs/, an object each, after `changes` to their text."""
    with tempfile.TemporaryDirectory(prefix="specs-") as folder:
        for number, path in enumerate(paths):
            copy = shutil.copytree if (SPECS / path).is_dir() else shutil.copy
            copy(SPECS / path, Path(folder, f"{number}-{Path(path).name}"))
        for change in changes:
            _change(Path(folder), *change)
        made = meshgen.build([folder])
        if made.failed:
            raise ValueError("\n".join(map(str, made.diagnostics)))
        return tuple(made.mesh.stream())


def _change(folder: Path, old: str, new: str) -> None:
    files = [(path, path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.yaml"))]
    if sum(text.count(old) for _, text in files) != 1:
        raise ValueError(f"{old!r} has to stand in the specs once")
    for path, text in files:
        path.write_text(text.replace(old, new), encoding="utf-8")


def use(lab: Lab, namespace: str, *paths: str, changes: tuple[Change, ...] = ()) -> None:
    """Apply what meshgen renders, and wait until its pods are ready and all proxies know it."""
    lab.apply("".join(render(*paths, changes=changes)))
    lab.wait_ready(namespace)
    lab.settled()


@contextmanager
def replaced(lab: Lab, before: Sequence[str], after: Sequence[str]) -> Iterator[None]:
    """Apply those objects that differ, and afterwards what they were."""
    if [_subject(one) for one in before] != [_subject(one) for one in after]:
        raise ValueError("a change may neither add an object nor take one away")
    pairs = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    apply(lab, [new for _, new in pairs])
    try:
        yield
    finally:
        apply(lab, [old for old, _ in pairs])


@contextmanager
def behaving(backends: Backends, **how: Any) -> Iterator[Backends]:
    """Have backends do as they are told, and afterwards as always; what comes meanwhile is counted from here."""
    backends.forget()
    backends.behave(**how)
    try:
        yield backends
    finally:
        backends.normal()


def _subject(manifest: str) -> list[str]:
    return [line for line in manifest.splitlines() if line.startswith(("kind:", "  name:", "  namespace:"))][:3]


def apply(lab: Lab, manifests: Sequence[str]) -> None:
    """Apply objects, and wait until all proxies know them."""
    if manifests:
        lab.apply("".join(manifests))
        lab.settled()


@cache
def shopper(lab: Lab) -> Caller:
    """A client in the namespace shop, with nothing special about it."""
    return lab.caller("shopper", namespace="shop")


@cache
def product_page(lab: Lab) -> Caller:
    """The client that reviews knows by its labels."""
    return lab.caller("productpage", namespace="bookinfo")


@cache
def back_office(lab: Lab) -> Caller:
    """The client that cart knows by its namespace."""
    return lab.caller("clerk", namespace="backoffice")


@cache
def neighbour(lab: Lab) -> Caller:
    """A client that knows in which zone it is."""
    return lab.caller("neighbour", namespace="zones", labels={"app": "neighbour", "istio-locality": "eu-central-1.a"})


@cache
def authority(lab: Lab) -> Authority:  # noqa: ARG001 - one for each lab
    """Who vouches for the gateways' certificates."""
    return Authority("cases")


@cache
def certificates(lab: Lab) -> None:
    """Apply the Secrets that the gateways of specs/ name."""
    hosts = {
        ("microservices-tls", "istio-system"): ["api.microservices.local", "orders.microservices.local"],
        ("shop-tls", "shop-ingress"): ["www.example.com", "nobody.example.com"],
        ("partners-tls", "shop-ingress"): ["partners.example.org"],
        ("trial-ecdsa", "partner-ingress"): ["trial.partners.example.com"],
        ("trial-rsa", "partner-ingress"): ["trial.partners.example.com"],
    }
    lab.apply([secret(*name, authority(lab).certificate(names)) for name, names in hosts.items()])
    lab.apply(opaque("shop-ca-cacert", "shop-ingress", {"ca.crt": authority(lab).pem}))


@cache
def edge(lab: Lab) -> Gateway:
    """The gateway of microservices-gateway, with its certificate."""
    certificates(lab)
    made = lab.gateway("edge", namespace="istio-system", labels={"istio": "ingressgateway", "app": "edge"})
    made.trust = authority(lab).pem
    return made


@cache
def shop_edge(lab: Lab) -> Gateway:
    """The gateway of shop-gateway, with its certificate."""
    certificates(lab)
    made = lab.gateway("shop-edge", namespace="shop-ingress", labels={"istio": "shop-ingress", "app": "shop-edge"})
    made.trust = authority(lab).pem
    return made


def secret(name: str, namespace: str, made: Certificate) -> dict[str, Any]:
    """The Secret of a gateway's certificate."""
    return opaque(name, namespace, {"tls.crt": made.certificate, "tls.key": made.key}) | {"type": "kubernetes.io/tls"}


def opaque(name: str, namespace: str, values: dict[str, str]) -> dict[str, Any]:
    """A Secret with these values."""
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": values}
