"""Rules say nothing of YAML that is right, nor where what they would have to know is not among the files."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from meshgen.linter import lint
from meshgen.manifests import read_manifests

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: users, namespace: shop}
spec: {selector: {app: users}, ports: [{name: http, port: 80, targetPort: 3000}]}
---"""
PODS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: users, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: users}}
  template:
    metadata: {labels: {app: users, version: v1}}
    spec: {containers: [{name: users, image: "users:v1"}]}
---"""
EJECTION = """
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: users, namespace: shop}
spec: {host: users, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}}
---"""
SCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: users, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: users}, minReplicas: 2, maxReplicas: 40}
---"""
PLAIN = """
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: users, namespace: shop}
spec: {host: users, trafficPolicy: {tls: {mode: DISABLE}}}
---"""
STRICT = """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: NAMESPACE}
spec: {mtls: {mode: STRICT}}
---"""
HERE, ROOT = STRICT.replace("NAMESPACE", "shop"), STRICT.replace("NAMESPACE", "istio-system")
OPEN_PORT = """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: users, namespace: shop}
spec: {selector: {matchLabels: {app: users}}, mtls: {mode: STRICT}, portLevelMtls: {"3000": {mode: PERMISSIVE}}}
---"""
INJECTED = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---"""
HEADLESS = """
apiVersion: v1
kind: Service
metadata: {name: peers, namespace: shop}
spec: {clusterIP: None, selector: {app: users}, ports: [{name: http, port: 80, targetPort: web}]}
---"""
APART = PODS.replace("version: v1}", 'version: v1, sidecar.istio.io/inject: "false"}')
ROLE = SERVICE.replace("{app: users}", "{app: users, role: leader}")
TIER = SERVICE.replace("{app: users}", "{app: users, tier: web}")
CACHE = SERVICE.replace("{app: users}", "{app: users, version: v2}")
EDGE = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: edge}, hosts: [a.b]}]
---"""
BEFORE = """
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: istio-system}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata: {labels: {istio: ingressgateway}}
    spec: {containers: [{name: proxy, image: "proxy:1", ports: [{containerPort: 443}]}]}
---"""
PASSWORD = """
apiVersion: v1
kind: Secret
metadata: {name: edge, namespace: istio-system}
stringData: {password: secret}
---"""
BY_HAND = (
    SERVICE.replace("selector: {app: users}, ", "")
    + """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: users-1, namespace: shop, labels: {kubernetes.io/service-name: users}}
addressType: IPv4
endpoints: [{addresses: [192.0.2.7]}]
ports: [{name: http, port: 3000}]
---"""
)
OF_PODS = BY_HAND.replace("[192.0.2.7]}", "[192.0.2.7], targetRef: {kind: Pod, name: users-0, namespace: shop}}")
SUBSET = """
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: users, namespace: shop}
spec: {host: users, subsets: [{name: v1, labels: {version: v1}}]}
---"""


def codes(text: str, folder: Path) -> set[str]:
    """The codes of what is found in a text."""
    file = folder / "mesh.yaml"
    file.write_text(textwrap.dedent(text))
    return {each.code for each in lint(read_manifests([str(file)]).manifests).diagnostics}


@pytest.mark.parametrize(
    ("code", "text", "says"),
    [
        pytest.param("MG201", TIER + PODS, True, id="a label that no template has"),
        pytest.param("MG201", ROLE + PODS, False, id="a label that a controller writes"),
        pytest.param("MG201", TIER, False, id="no workload is there"),
        pytest.param("MG201", CACHE + PODS, False, id="the pods of that version are elsewhere"),
        pytest.param("MG204", BY_HAND + SUBSET, True, id="addresses without labels"),
        pytest.param("MG204", OF_PODS + SUBSET, False, id="addresses of pods"),
        pytest.param("MG204", BY_HAND + SUBSET.replace(", labels: {version: v1}", ""), False, id="a subset of all"),
        pytest.param("MG211", HEADLESS, False, id="a port by name, and no pods"),
        pytest.param("MG217", SERVICE + PODS + EJECTION, True, id="a tenth of three pods"),
        pytest.param("MG217", SERVICE + PODS + EJECTION + SCALER, False, id="as many pods as an autoscaler wants"),
        pytest.param("MG217", SERVICE + EJECTION, False, id="pods that are not there"),
        pytest.param("MG240", SERVICE + PODS + PLAIN + HERE, True, id="strict in the namespace"),
        pytest.param("MG240", SERVICE + PODS + PLAIN + ROOT + INJECTED, True, id="strict in the mesh, with sidecars"),
        pytest.param("MG240", SERVICE + PODS + PLAIN + ROOT, False, id="strict in the mesh, perhaps without sidecars"),
        pytest.param("MG240", SERVICE + PODS + PLAIN + HERE + OPEN_PORT, False, id="the port takes plain text"),
        pytest.param("MG240", SERVICE + APART + PLAIN + HERE, False, id="pods without sidecar"),
        pytest.param("MG283", EDGE + BEFORE, True, id="a port that the gateway's Service lacks"),
        pytest.param(
            "MG283",
            EDGE + BEFORE.replace("spec: {cont", "spec: {hostNetwork: true, cont"),
            False,
            id="the node's network",
        ),
        pytest.param(
            "MG283",
            EDGE + BEFORE.replace("containerPort: 443", "containerPort: 443, hostPort: 443"),
            False,
            id="a port of the node",
        ),
        pytest.param("MG285", EDGE + PASSWORD, True, id="a Secret where gateways are"),
        pytest.param("MG285", EDGE + PASSWORD.replace("istio-system", "shop"), False, id="another Secret of that name"),
    ],
)
def test_a_rule_says_no_more_than_it_knows(code: str, text: str, says: bool, tmp_path: Path) -> None:
    assert (code in codes(text, tmp_path)) is says


def test_null_where_the_schema_takes_it_means_absent(tmp_path: Path) -> None:
    text = """
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: users, namespace: shop}
spec:
  host: users.shop.svc.cluster.local
  trafficPolicy:
    outlierDetection: {consecutive5xxErrors: null, consecutiveGatewayErrors: null, consecutiveErrors: 3}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: more, namespace: shop}
spec:
  host: more.shop.svc.cluster.local
  trafficPolicy: {outlierDetection: {consecutive5xxErrors: null, consecutiveGatewayErrors: 7}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: users, namespace: shop}
spec:
  hosts: [users.shop.svc.cluster.local]
  http:
  - mirrorPercent: null
    route: [{destination: {host: users.shop.svc.cluster.local, port: {number: 80}}}]
"""
    (tmp_path / "a.yaml").write_text(text)

    found = lint(read_manifests([str(tmp_path)]).manifests, info=False).diagnostics

    assert [(each.code, "5" in each.message) for each in found] == [("MG233", True), ("MG216", True)]


def test_a_workload_scaled_to_nothing_has_no_pods_to_be_ejected(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SERVICE + PODS.replace("replicas: 3", "replicas: 0") + EJECTION)

    assert not lint(read_manifests([str(tmp_path)]).manifests, info=False).diagnostics
