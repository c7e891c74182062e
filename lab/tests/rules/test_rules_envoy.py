"""Rules whose effect is seen in what istiod tells Envoy: that it says something else than the manifest, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from lab import wait
from lab.tests import cases
from lab.tests.rules.scene import Case, Scene

BANK = """
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bank, namespace: NS}
spec:
  hosts: [api.bank.NS.example.com]
  resolution: DNS
  ports: [{name: https, number: 443, protocol: HTTP}]
"""
USERS = """
apiVersion: v1
kind: Service
metadata: {name: users, namespace: NS}
spec:
  selector: {app: users}
  ports: [{name: http, port: 80, targetPort: 3000}]
"""
NO_SELECTOR = """
apiVersion: v1
kind: Service
metadata: {name: users, namespace: NS}
spec: {ports: [{name: http, port: 80, targetPort: 3000}]}
"""

NO_POD = [("10.1.1.", "192.0.2.")]  # addresses that no pod of the lab has


def of_cluster(*keys: str, subset: str = "", nothing: Any = None) -> Any:
    """A field of the cluster of `users`."""

    def look(scene: Scene) -> Any:
        found: Any = scene.cluster(subset)
        for key in keys:
            found = found[int(key)] if isinstance(found, list) else found.get(key, {})
        return found or nothing

    return look


def ejects(scene: Scene) -> bool:
    return "outlier_detection" in scene.cluster()


def endpoints(scene: Scene) -> list[str]:
    return scene.stage.seen.endpoints.get(scene.called(), [])


def headers(scene: Scene) -> list[list[str]]:
    """The headers that each rule of the Service looks at, in order, as far as Envoy got it."""
    return [[each["name"] for each in route["match"].get("headers", ())] for route in scene.routes()]


def faults(scene: Scene) -> list[bool]:
    """Whether each rule, in order, injects a fault."""
    return [any("fault" in name for name in route.get("typed_per_filter_config", {})) for route in scene.routes()]


def retries(scene: Scene) -> list[int]:
    """How often each rule retries."""
    return [route["route"].get("retry_policy", {}).get("num_retries", 0) for route in scene.routes()]


def mirrored(scene: Scene) -> list[float]:
    """Which share of its requests the only rule mirrors, in percent, for each mirror."""
    (route,) = scene.routes()
    shares = [each["runtime_fraction"]["default_value"] for each in route["route"].get("request_mirror_policies", ())]
    return [
        share["numerator"] / {"HUNDRED": 1, "MILLION": 10_000}[share.get("denominator", "HUNDRED")] for share in shares
    ]


def public_prefixes(scene: Scene) -> list[str]:
    """The prefixes that the gateway compares for a host, in order."""
    return [route["match"]["prefix"] for route in scene.public_routes()]


def inbound(scene: Scene) -> dict[int, int]:
    """For each port of the pod, in how many ways its sidecar treats what comes in: as HTTP, as a stream."""
    found: dict[int, set[str]] = {}
    for chain in scene.inside.listeners["virtualInbound"]["filter_chains"]:
        port = chain["filter_chain_match"].get("destination_port", 0)
        found.setdefault(port, set()).add(chain["filters"][-1]["name"])
    return {port: len(kinds) for port, kinds in found.items() if port in {3000, 7000}}


def guarded(scene: Scene) -> bool:
    """Whether the pod's sidecar asks a policy before it lets requests in."""
    return "envoy.filters.http.rbac" in str(scene.inside.listeners["virtualInbound"])


def takes(scene: Scene) -> list[str]:
    """Which addresses the sidecar's listeners take for the ledger."""
    cluster = f"outbound|5432||ledger.{scene.namespace}.example.com"
    return sorted(name for name, each in scene.stage.seen.listeners.items() if cluster in str(each))


def timeouts(scene: Scene) -> list[str]:
    """Of the rules of a public host, or of the Service."""
    return [route["route"]["timeout"] for route in scene.public_routes() or scene.routes()]


def handed_on(scene: Scene) -> bool:
    """Whether the port that one of the ServiceEntries calls HTTP is a stream to the sidecar."""
    cluster = f"outbound|{443 if scene.word == 'Bad' else 80}||api.{scene.namespace}.example.com"
    return any(cluster in str(each) for each in scene.stage.seen.listeners.values())


def rules(scene: Scene) -> tuple[int, int]:
    """How many rules the VirtualService has, and how many of them reach Envoy."""
    made = scene.lab.get("networking.istio.io/v1", "VirtualService", "users", scene.namespace)
    return len(made["spec"]["http"]), len(scene.routes())


def ready(scene: Scene) -> set[bool]:
    """Whether pods that are not ready are given to those who look for them."""

    def told() -> tuple[bool, list[Any]]:
        slices = scene.lab.list("discovery.k8s.io/v1", "EndpointSlice", scene.namespace)
        found = [each["conditions"] for one in slices for each in one.get("endpoints") or ()]
        return bool(found) and not any(each["serving"] for each in found), found

    with cases.behaving(scene.backends, ready=False):
        return {each["ready"] for each in wait("pods that are not ready", told, 30.0)}


def owner(scene: Scene) -> str:
    """Which VirtualService has the say for a Service."""
    told = scene.routes()[0].get("metadata", {}).get("filter_metadata", {}).get("istio", {}).get("config", "")
    return str(told).rpartition("/")[2]


CASES = [
    Case("MG207", ready, {False}, {True}),
    Case("MG212", inbound, {3000: 1}, {3000: 1, 7000: 1}, inside={"app": "users"}),
    Case("MG256", rules, (2, 1), (3, 3), number=1),
    Case("MG261", public_prefixes, ["/users/v2"], ["/users/v2", "/users"], number=1),
    Case("MG262", owner, "", "users-mg262-good"),
    Case("MG265", timeouts, ["0s"], ["30s"]),
    Case("MG275", takes, ["0.0.0.0_5432"], ["10.1.2.3_5432"]),
    Case("MG276", handed_on, True, False),
    Case(
        "MG277",
        lambda scene: any(".istio-system." in name for name in scene.inside.clusters),
        False,
        True,
        inside={"app": "front"},
    ),
    Case(
        "MG278",
        lambda scene: scene.cluster(seen=scene.inside)["connect_timeout"],
        "10s",
        "1s",
        inside={"app": "users"},
        around=USERS,
    ),
    Case("MG280", guarded, False, True, inside={"app": "users"}),
    Case("MG292", endpoints, [], ["192.0.2.7:3000"]),
    Case("MG205", lambda scene: "192.0.2.1:3000" in endpoints(scene), False, True, rewrite=NO_POD),
    Case(
        "MG206", endpoints, ["192.0.2.1:3000"], ["192.0.2.1:3000", "192.0.2.4:3000"], around=NO_SELECTOR, rewrite=NO_POD
    ),
    Case("MG214", ejects, False, True),
    Case("MG215", of_cluster("connect_timeout", subset="v2"), "10s", "1s"),
    Case("MG219", of_cluster("circuit_breakers", "thresholds", "0", "max_retries"), 3, 4294967295),
    Case("MG225", faults, [True], [True, False]),
    Case("MG227", headers, [[]], [["x-beta"], []]),
    Case("MG229", retries, [2, 2], [0, 2]),
    Case(
        "MG230",
        lambda scene: (scene.cluster()["connect_timeout"], scene.routes()[0]["route"]["timeout"]),
        ("30s", "30s"),
        ("1s", "30s"),
    ),
    Case("MG232", of_cluster("lb_policy"), "LEAST_REQUEST", "LEAST_REQUEST"),
    Case("MG233", of_cluster("outlier_detection", "consecutive_5xx", nothing=5), 5, 3),
    Case("MG234", ejects, False, True),
    Case("MG235", of_cluster("lb_policy"), "LEAST_REQUEST", "RANDOM"),
    Case("MG237", of_cluster("circuit_breakers", "thresholds", "0", "max_connections"), 4294967295, 100),
    Case("MG245", of_cluster("lb_policy"), "LEAST_REQUEST", "RANDOM"),
    Case("MG243", lambda scene: scene.cluster("v1", port=3000)["type"], "ORIGINAL_DST", "EDS"),
    Case("MG259", mirrored, [], [10]),
    Case("MG263", rules, (2, 1), (1, 1)),
    Case("MG272", public_prefixes, ["/more", "/", "/"], ["/more", "/"]),
    Case("MG279", mirrored, [10], [10]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_shows_in_what_envoy_is_told(case: Case, seen: tuple[Any, Any]) -> None:  # noqa: ARG001
    said, expected = seen

    assert said == expected
