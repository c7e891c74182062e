"""Rules know what other tools make of objects of their own kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_rule_silence import PODS, SERVICE, SUBSET, codes

USERS_V2 = PODS.replace("name: users, namespace", "name: users-v2, namespace").replace("version: v1}", "version: v2}")
ORDERS = SERVICE.replace("name: users", "name: orders").replace("app: users", "app: orders")


def routes(spec: str, name: str = "users") -> str:
    """A VirtualService."""
    return f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {name}, namespace: shop}}
spec: {spec}
---"""


def other(kind: str, name: str, spec: str = "{}") -> str:
    """An object of a kind that lint does not judge."""
    return f"""
apiVersion: example.com/v1
kind: {kind}
metadata: {{name: {name}, namespace: shop}}
spec: {spec}
---"""


def entry(kind: str, labels: str) -> str:
    """A machine outside the cluster, or a group of such."""
    spec = f"{{address: 192.0.2.7, labels: {labels}}}"
    if kind == "WorkloadGroup":
        spec = f"{{metadata: {{labels: {labels}}}, template: {{ports: {{http: 80}}}}}}"
    return f"""
apiVersion: networking.istio.io/v1
kind: {kind}
metadata: {{name: old, namespace: shop}}
spec: {spec}
---"""


PRIMARY = routes("{hosts: [a.b], gateways: [edge], http: [{route: [{destination: {host: db-primary}}]}]}")
RULE_OF_PRIMARY = SUBSET.replace("host: users", "host: db-primary")
SET = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db-primary
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "db:1"}]}
---"""
STRICT_OLD = """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: old, namespace: shop}
spec: {selector: {matchLabels: {app: old}}, mtls: {mode: STRICT}}
---"""
STRICT_EDGE = STRICT_OLD.replace("app: old", "gateway.networking.k8s.io/gateway-name: edge")
STEERED = SUBSET.replace(
    "[{name: v1, labels: {version: v1}}]",
    "[{name: stable, labels: {app: users}}, {name: canary, labels: {app: users}}]",
)
TO_BOTH = routes(
    "{hosts: [users], http: [{route: ["
    "{destination: {host: users, subset: stable}, weight: 90}, {destination: {host: users, subset: canary}, weight: 10}]}]}"
)
ROLLOUT = other(
    "Rollout",
    "users",
    "{strategy: {canary: {trafficRouting: {istio: {destinationRule:"
    " {name: users, canarySubsetName: canary, stableSubsetName: stable}}}}}}",
)
ROLLOUT_OF_PODS = other("Rollout", "users", "{template: {metadata: {labels: {app: users, version: v1}}}}")
REVISION = SUBSET.replace("version: v1", "rollouts-pod-template-hash: abc")
USED = routes("{hosts: [users], http: [{route: [{destination: {host: users, subset: v1}}]}]}")
EJECTION = SUBSET.replace(
    "subsets: [{name: v1, labels: {version: v1}}]", "trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}"
)
KEDA = other("ScaledObject", "users", "{scaleTargetRef: {name: users}}")
EDGE = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [a.b]}]}
---"""
CANARY = other("Canary", "users", "{service: {hosts: [a.b], gateways: [edge]}}")


@pytest.mark.parametrize(
    ("code", "text", "says"),
    [
        pytest.param("MG220", ORDERS + PRIMARY, True, id="no such Service"),
        pytest.param("MG220", ORDERS + PRIMARY + other("Cluster", "db"), False, id="an operator makes the Service"),
        pytest.param("MG220", ORDERS + PRIMARY + other("Cluster", "d"), True, id="an operator makes another Service"),
        pytest.param(
            "MG220", ORDERS + PRIMARY + other("HTTPRoute", "db"), True, id="a kind of which no Service is made"
        ),
        pytest.param("MG235", ORDERS + RULE_OF_PRIMARY, True, id="a rule for no Service"),
        pytest.param("MG235", ORDERS + RULE_OF_PRIMARY + other("Cluster", "db"), False, id="a rule for a made Service"),
        pytest.param("MG244", ORDERS + SET, True, id="no governing Service"),
        pytest.param("MG244", ORDERS + SET + other("Cluster", "db"), False, id="a made governing Service"),
        pytest.param("MG252", USED + EDGE, True, id="a host that nobody routes"),
        pytest.param("MG252", USED + EDGE + CANARY, False, id="a host that Flagger routes"),
        pytest.param("MG280", PODS + STRICT_OLD, True, id="a policy for no pods"),
        pytest.param("MG280", PODS + STRICT_OLD + other("Cluster", "old"), False, id="a policy for made pods"),
        pytest.param(
            "MG280", PODS + STRICT_OLD + entry("WorkloadEntry", "{app: old}"), False, id="a policy for a machine"
        ),
        pytest.param(
            "MG280", PODS + STRICT_OLD + entry("WorkloadGroup", "{app: old}"), False, id="a policy for machines"
        ),
        pytest.param("MG280", PODS + STRICT_OLD + entry("WorkloadEntry", "{app: new}"), True, id="another machine"),
        pytest.param("MG280", PODS + STRICT_EDGE, False, id="a policy for pods of a Gateway of the Gateway API"),
        pytest.param("MG202", SERVICE + PODS + STEERED + TO_BOTH, True, id="subsets alike"),
        pytest.param(
            "MG202", SERVICE + PODS + STEERED + TO_BOTH + ROLLOUT, False, id="subsets that a rollout tells apart"
        ),
        pytest.param("MG204", SERVICE + USERS_V2 + SUBSET + USED, True, id="no pods of a version"),
        pytest.param("MG204", SERVICE + USERS_V2 + SUBSET + USED + ROLLOUT_OF_PODS, False, id="pods of a rollout"),
        pytest.param("MG204", SERVICE + PODS + REVISION + USED, False, id="a label that a rollout writes"),
        pytest.param("MG217", SERVICE + PODS + EJECTION, True, id="a tenth of three pods"),
        pytest.param("MG217", SERVICE + PODS + EJECTION + KEDA, False, id="as many pods as KEDA wants"),
    ],
)
def test_a_rule_knows_what_others_make(code: str, text: str, says: bool, tmp_path: Path) -> None:
    assert (code in codes(text, tmp_path)) is says


@pytest.mark.parametrize("spec", ["[]", "text", "7", "{template: 7}", "{template: {metadata: {labels: {app: 7}}}}"])
@pytest.mark.parametrize("kind", ["Rollout", "Canary", "ScaledObject", "Cluster"])
def test_objects_that_nobody_checked_are_no_trouble(kind: str, spec: str, tmp_path: Path) -> None:
    without = codes(SERVICE + PODS, tmp_path)
    assert codes(SERVICE + PODS + other(kind, "users", spec), tmp_path) == without
