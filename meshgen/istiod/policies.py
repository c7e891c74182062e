"""DestinationRule (ValidateDestinationRule, validateTrafficPolicy, agent.ValidateTLS, agent.ValidateLocalityLbSetting)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meshgen.fault import KeyPath
from meshgen.istiod.values import (
    Refusal,
    durations,
    exported_to,
    is_address,
    is_label,
    labels,
    milliseconds,
    non_negative,
    port,
    up_to_100,
    wrong_host,
)

_BLOCKS = ("outlierDetection", "connectionPool", "loadBalancer", "tls")
_MOST_ENTRIES = 5_000_011
_TOPOLOGY = frozenset(["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"])


def refusals(spec: dict[str, Any], namespace: str) -> Iterator[Refusal]:
    """All that is refused of a DestinationRule."""
    host = spec.get("host")
    if host is not None and (wrong := wrong_host(host)) is not None:
        yield Refusal(("spec", "host"), wrong, "write the host of a service")
    if "trafficPolicy" in spec:
        yield from _policy(("spec", "trafficPolicy"), spec["trafficPolicy"])
    for number, subset in enumerate(spec.get("subsets") or []):
        path = ("spec", "subsets", number)
        name = subset.get("name")
        if name is not None and not is_label(name):
            yield Refusal((*path, "name"), f"{name!r} is no name of a subset", "write letters, digits and dashes")
        yield from labels((*path, "labels"), subset.get("labels") or {})
        if "trafficPolicy" in subset:
            yield from _policy((*path, "trafficPolicy"), subset["trafficPolicy"])
    yield from exported_to(spec, namespace)
    said = {namespace if each == "." else each for each in spec.get("exportTo") or []}
    if "workloadSelector" in spec and said - {namespace}:
        message = "with workloadSelector it is for callers of its own namespace only"
        yield Refusal(("spec", "exportTo"), message, "write exportTo: ['.'], or drop it")


def _policy(path: KeyPath, policy: Mapping[str, Any]) -> Iterator[Refusal]:
    if not any(key in policy for key in (*_BLOCKS, "portLevelSettings", "tunnel", "proxyProtocol", "retryBudget")):
        yield Refusal(path, "the policy says nothing", "write loadBalancer, connectionPool …, or drop it")
        return
    if "tunnel" in policy and "proxyProtocol" in policy:
        yield Refusal((*path, "proxyProtocol"), "a policy has either tunnel or proxyProtocol", "keep one of them")
    yield from _blocks(path, policy)
    for number, settings in enumerate(policy.get("portLevelSettings") or []):
        at = (*path, "portLevelSettings", number)
        if "port" not in settings:
            yield Refusal(at, "the settings are for no port", "write port: {number: …}")
        if not any(key in settings for key in _BLOCKS):
            yield Refusal(
                at, "the settings for the port say nothing", "write loadBalancer, connectionPool …, or drop them"
            )
        yield from _blocks(at, settings)
    if "tunnel" in policy:
        yield from _tunnel((*path, "tunnel"), policy["tunnel"])


def _blocks(path: KeyPath, policy: Mapping[str, Any]) -> Iterator[Refusal]:
    if "outlierDetection" in policy:
        yield from _detection((*path, "outlierDetection"), policy["outlierDetection"])
    if "connectionPool" in policy:
        yield from pool_refusals((*path, "connectionPool"), policy["connectionPool"])
    if "loadBalancer" in policy:
        yield from _balancer((*path, "loadBalancer"), policy["loadBalancer"])
    if "tls" in policy:
        yield from _tls((*path, "tls"), policy["tls"])


def _detection(path: KeyPath, detection: Mapping[str, Any]) -> Iterator[Refusal]:
    yield from durations(path, detection, "baseEjectionTime", "interval")
    yield from up_to_100(path, detection, "maxEjectionPercent", "minHealthPercent")
    if detection.get("consecutiveLocalOriginFailures") and not detection.get("splitExternalLocalOriginErrors"):
        message = "failures of the caller's side are not counted apart"
        yield Refusal((*path, "consecutiveLocalOriginFailures"), message, "write splitExternalLocalOriginErrors: true")


def pool_refusals(path: KeyPath, pool: Mapping[str, Any]) -> Iterator[Refusal]:
    """A connection pool (validateConnectionPool)."""
    if "http" not in pool and "tcp" not in pool:
        yield Refusal(path, "the pool says nothing", "write tcp or http, or drop it")
    http, tcp = pool.get("http") or {}, pool.get("tcp") or {}
    at = (*path, "http")
    yield from non_negative(
        at, http, "http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection", "maxRetries",
        "maxConcurrentStreams",
    )  # fmt: skip
    yield from durations(at, http, "idleTimeout")
    if http.get("h2UpgradePolicy") == "UPGRADE" and http.get("useClientProtocol"):
        yield Refusal(
            (*at, "useClientProtocol"), "UPGRADE and the client's own protocol exclude each other", "keep one"
        )
    if "http2KeepAlive" in http:
        alive = http["http2KeepAlive"]
        for key in ("interval", "timeout"):
            if key not in alive:
                yield Refusal((*at, "http2KeepAlive"), f"it needs {key}", f"write {key}")
        yield from durations((*at, "http2KeepAlive"), alive, "interval", "timeout")
    at = (*path, "tcp")
    yield from non_negative(at, tcp, "maxConnections")
    yield from durations(at, tcp, "connectTimeout", "maxConnectionDuration")
    if (idle := milliseconds(tcp.get("idleTimeout"))) is not None and idle >= 1:
        yield from durations(at, tcp, "idleTimeout")
    yield from durations((*at, "tcpKeepalive"), tcp.get("tcpKeepalive") or {}, "time", "interval")


def _balancer(path: KeyPath, balancer: Mapping[str, Any]) -> Iterator[Refusal]:
    hash_ = balancer.get("consistentHash") or {}
    at = (*path, "consistentHash")
    yield from _cookie((*at, "httpCookie"), hash_.get("httpCookie") or {})
    if hash_.get("minimumRingSize") and ("maglev" in hash_ or "ringHash" in hash_):
        yield Refusal((*at, "minimumRingSize"), "minimumRingSize excludes maglev and ringHash", "drop it")
    if "maglev" in hash_:
        size = (hash_["maglev"] or {}).get("tableSize", 0)
        if not 0 < size < _MOST_ENTRIES or not _is_prime(size):
            where = (*at, "maglev", "tableSize") if size else (*at, "maglev")
            yield Refusal(
                where, f"{size} is no prime number below {_MOST_ENTRIES}", "write 65537, which is the default"
            )
    if "localityLbSetting" in balancer:
        if "zoneAwareLbSetting" in balancer:
            yield Refusal((*path, "zoneAwareLbSetting"), "localityLbSetting is there too", "keep one of them")
        yield from _locality((*path, "localityLbSetting"), balancer["localityLbSetting"])
    warmup = balancer.get("warmup")
    if warmup is not None:
        yield from durations((*path, "warmup"), warmup, "duration")
        if (growth := warmup.get("aggression")) is not None and growth <= 0:
            yield Refusal(
                (*path, "warmup", "aggression"), f"{growth} is not above 0", "write 1.0, which is the default"
            )


def _cookie(path: KeyPath, cookie: Mapping[str, Any]) -> Iterator[Refusal]:
    if cookie.get("name") == "":
        yield Refusal((*path, "name"), "a cookie needs a name", "write one")
    names: set[str] = set()
    for number, attribute in enumerate(cookie.get("attributes") or []):
        name = attribute.get("name", "")
        if not name or name in names:
            message = f"{name!r} is there already" if name else "an attribute needs a name"
            yield Refusal((*path, "attributes", number), message, "give each a name of its own")
        names.add(name)


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


def _locality(path: KeyPath, setting: Mapping[str, Any]) -> Iterator[Refusal]:
    distribute, failover = setting.get("distribute") or [], setting.get("failover") or []
    if distribute and failover:
        yield Refusal((*path, "failover"), "distribute and failover exclude each other", "keep one of them")
        return
    clash = next((each for each in setting.get("failoverPriority") or [] if each in _TOPOLOGY), None)
    if failover and clash:
        yield Refusal((*path, "failoverPriority"), f"{clash!r} excludes failover", "keep one of them")
    for number, each in enumerate(distribute):
        shares = (each.get("to") or {}).values()
        if any(not 1 <= share <= 100 for share in shares) or sum(shares) != 100:
            message = f"the shares add up to {sum(shares)}; each is from 1 to 100"
            yield Refusal((*path, "distribute", number, "to"), message, "let them add up to 100")
        yield from _overlaps((*path, "distribute", number, "to"), list(each.get("to") or {}))
    yield from _overlaps((*path, "distribute"), [each.get("from", "") for each in distribute])
    for number, each in enumerate(failover):
        origin, target = each.get("from", ""), each.get("to", "")
        if origin == target:
            yield Refusal((*path, "failover", number), f"{origin!r} fails over to itself", "name another region")
        elif any(sign in origin + target for sign in "/*"):
            yield Refusal(
                (*path, "failover", number), "a failover names regions, without zones and '*'", "write the region"
            )


def _overlaps(path: KeyPath, localities: list[str]) -> Iterator[Refusal]:
    """Localities of which none may have another (validateLocalities)."""
    there: list[list[str]] = []
    for locality in localities:
        parts = locality.split("/")
        if "" in parts[:3] or "*" in locality[:-1]:
            yield Refusal(path, f"{locality!r} is no locality", "write region/zone/subzone; a '*' at the end only")
            return
        own = [part for part in parts if part != "*"]
        if any(all(one == two for one, two in zip(own, other, strict=False)) for other in there):
            yield Refusal(path, f"{locality!r} overlaps with another one", "name each place once")
            return
        there.append(own)


def _tls(path: KeyPath, tls: Mapping[str, Any]) -> Iterator[Refusal]:
    mode = tls.get("mode", "DISABLE")
    credential = tls.get("credentialName")
    files = [key for key in ("clientCertificate", "caCertificates", "privateKey", "caCrl") if tls.get(key)]
    if tls.get("insecureSkipVerify") and mode in ("SIMPLE", "MUTUAL"):
        checks = ("caCertificates", "subjectAltNames", *(("credentialName",) if mode == "SIMPLE" else ()))
        for key in checks:
            if tls.get(key):
                yield Refusal((*path, key), "insecureSkipVerify leaves nothing to verify with it", "drop one of them")
    if mode in ("SIMPLE", "MUTUAL") and credential:
        for key in files:
            yield Refusal((*path, key), "with credentialName all of it comes from the Secret", f"drop {key}")
    elif mode == "MUTUAL":
        for key in ("clientCertificate", "privateKey"):
            if not tls.get(key):
                yield Refusal((*path, "mode"), f"MUTUAL without {key}", f"write {key}, or credentialName")


def _tunnel(path: KeyPath, tunnel: Mapping[str, Any]) -> Iterator[Refusal]:
    if tunnel.get("protocol", "CONNECT") not in ("", "CONNECT", "POST"):
        yield Refusal((*path, "protocol"), f"{tunnel['protocol']!r} makes no tunnel", "write CONNECT or POST")
    host = tunnel.get("targetHost", "")
    if wrong_host(host, wildcard=False) is not None and not is_address(host):
        yield Refusal((*path, "targetHost"), f"{host!r} is no host", "write a name or an address")
    yield from port((*path, "targetPort"), tunnel.get("targetPort", 0))
