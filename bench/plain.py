"""The script that somebody writes in an afternoon: the same objects from the same specs, without model, checks or places.

    python bench/plain.py SPECS > out.yaml

It knows the shape of the fleets that bench/fleets.py makes, and no more of the spec language than they use.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jinja2
import yaml

TEMPLATE = """\
{% for s in services %}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: {{ s.name }}, namespace: {{ s.namespace }}, labels: {{ s.labels|j }}}
---
apiVersion: v1
kind: Service
metadata: {name: {{ s.name }}, namespace: {{ s.namespace }}, labels: {{ s.labels|j }}}
spec:
  selector: {app: {{ s.name }}}
  ports:
{% for p in s.ports %}
  - name: {{ p.name }}
    port: {{ p.port }}
    targetPort: {{ p.targetPort or p.port }}
    appProtocol: {{ p.appProtocol or "http" }}
{% endfor %}
{% if s.stateful %}
---
apiVersion: v1
kind: Service
metadata: {name: {{ s.name }}-headless, namespace: {{ s.namespace }}, labels: {{ s.labels|j }}}
spec:
  clusterIP: "None"
{% if s.headless %}
  publishNotReadyAddresses: {{ s.headless.publishNotReadyAddresses|j }}
{% endif %}
  selector: {app: {{ s.name }}}
  ports:
{% for p in s.ports %}
  - name: {{ p.name }}
    port: {{ p.targetPort or p.port }}
    targetPort: {{ p.targetPort or p.port }}
    appProtocol: {{ p.appProtocol or "http" }}
{% endfor %}
{% endif %}
{% for w in s.workloads %}
---
apiVersion: apps/v1
kind: {{ w.kind }}
metadata:
  name: {{ w.name }}
  namespace: {{ s.namespace }}
  labels: {{ w.labels|j }}
spec:
  replicas: {{ w.replicas }}
{% if w.kind == "StatefulSet" %}
  serviceName: {{ s.name }}-headless
{% endif %}
  selector:
    matchLabels: {app: {{ s.name }}, version: {{ w.version }}}
  template:
    metadata:
      labels: {{ w.pod_labels|j }}
{% if w.annotations %}
      annotations: {{ w.annotations|j }}
{% endif %}
    spec:
      serviceAccountName: {{ s.name }}
{% for key, value in w.pod.items() %}
      {{ key }}: {{ value|j }}
{% endfor %}
      containers:
      - {{ w.container|j }}
{% endfor %}
{% if s.subsets %}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: {{ s.name }}, namespace: {{ s.namespace }}, labels: {{ s.labels|j }}}
spec:
  host: {{ s.host }}
  trafficPolicy: {{ s.policy|j }}
  subsets:
{% for subset in s.subsets %}
  - name: {{ subset.name }}
    labels: {version: {{ subset.name }}}
{% if subset.policy %}
    trafficPolicy: {{ subset.policy|j }}
{% endif %}
{% endfor %}
{% endif %}
{% for v in s.virtual_services %}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: {{ v.name }}, namespace: {{ s.namespace }}, labels: {{ s.labels|j }}}
spec:
  hosts: [{{ v.host }}]
{% if v.gateway %}
  gateways: [{{ v.gateway }}]
{% endif %}
  http:
{% for r in v.routes %}
  - name: {{ v.prefix }}{{ r.name }}
{% if v.port or r.match %}
    match:
{% for m in r.match or [{}] %}
{% if v.port %}
    - {port: {{ v.port }}{% for key, value in m.items() %}, {{ key }}: {{ value|j }}{% endfor %}}
{% else %}
    - {{ m|j }}
{% endif %}
{% endfor %}
{% endif %}
    route:
{% for d in r.destinations %}
    - destination: {host: {{ s.host }}, subset: {{ d.subset }}, port: {number: {{ s.port }}}}
{% if d.weight %}
      weight: {{ d.weight }}
{% endif %}
{% endfor %}
    timeout: {{ s.timeout }}
    retries: {{ s.retries|j }}
{% if r.fault %}
    fault: {{ r.fault|j }}
{% endif %}
{% if r.mirrors %}
    mirrors:
{% for m in r.mirrors %}
    - destination: {host: {{ m.service }}.{{ s.namespace }}.svc.cluster.local, port: {number: {{ s.port }}}}
      percentage: {value: {{ m.percent }}}
{% endfor %}
{% endif %}
{% endfor %}
{% endfor %}
{% endfor %}
{% for g in gateways %}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: {{ g.name }}, namespace: {{ g.namespace }}, labels: {app.kubernetes.io/managed-by: meshgen}}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: {{ g.hosts|j }}
    tls: {httpsRedirect: true}
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: {{ g.hosts|j }}
    tls: {mode: SIMPLE, minProtocolVersion: TLSV1_2, credentialName: {{ g.credential }}}
{% endfor %}
"""


def merge(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    merged = dict(base)
    for key, value in over.items():
        merged[key] = merge(merged[key], value) if key in merged else value
    return merged


def service(document: dict[str, Any]) -> dict[str, Any]:
    metadata, spec = document["metadata"], document["spec"]
    name, namespace = metadata["name"], metadata["namespace"]
    own = {"app": name, "app.kubernetes.io/name": name}
    extra = metadata.get("labels", {})
    managed = {"app.kubernetes.io/managed-by": "meshgen"}
    ports = spec["ports"]
    workloads = []
    for version in spec.get("versions", [{"name": "latest"}]):
        workload = merge(spec["workload"], version.get("workload", {}))
        label = {"app.kubernetes.io/version": version["name"], "version": version["name"]}
        container = {"name": name, **workload["container"]}
        target = ports[0].get("targetPort", ports[0]["port"])
        if "readinessProbe" in container:
            probe = container["readinessProbe"]
            container["readinessProbe"] = {**probe, "httpGet": {**probe["httpGet"], "port": target}}
        container["ports"] = [
            {"name": port["name"], "containerPort": port.get("targetPort", port["port"])} for port in ports
        ]
        pod = dict(workload.get("pod", {}))
        workloads.append(
            {
                "kind": workload.get("kind", "Deployment"),
                "name": f"{name}-{version['name']}" if "versions" in spec else name,
                "version": version["name"],
                "labels": {**own, **label, **managed, **extra},
                "pod_labels": {**own, **label, **extra},
                "annotations": pod.pop("annotations", None),
                "replicas": workload["replicas"],
                "pod": pod,
                "container": container,
            }
        )
    policy = spec.get("trafficPolicy")
    subsets = [
        {
            "name": version["name"],
            "policy": merge(policy, version["trafficPolicy"]) if "trafficPolicy" in version else None,
        }
        for version in spec.get("versions", [])
    ]
    result = {
        "name": name,
        "namespace": namespace,
        "host": f"{name}.{namespace}.svc.cluster.local",
        "labels": {**own, **managed, **extra},
        "ports": ports,
        "port": ports[0]["port"],
        "stateful": spec["workload"].get("kind") == "StatefulSet",
        "headless": spec.get("headless"),
        "workloads": workloads,
        "policy": policy,
        "subsets": subsets,
        "timeout": spec.get("timeout"),
        "retries": spec.get("retries"),
        "virtual_services": [],
    }
    if "routes" in spec:
        routes = [{**route, "destinations": destinations(route)} for route in spec["routes"]]
        mesh = {
            "name": name,
            "host": result["host"],
            "prefix": "",
            "port": ports[0]["port"] if len(ports) > 1 else None,
        }
        result["virtual_services"].append({**mesh, "routes": routes})
        for expose in spec.get("expose", []):
            for host in expose["hosts"]:
                public = {
                    "name": f"{expose['gateway']}-{host}",
                    "host": host,
                    "gateway": f"{namespace}/{expose['gateway']}",
                }
                result["virtual_services"].append({**public, "prefix": f"{name}.{expose['name']}.", "routes": routes})
    return result


def destinations(route: dict[str, Any]) -> list[dict[str, Any]]:
    if "to" in route:
        return [{"subset": route["to"]}]
    canary = route["canary"]
    weight = canary["weight"]
    divisor = 1
    for factor in (50, 25, 20, 10, 5, 4, 2):
        if weight % factor == 0 and (100 - weight) % factor == 0:
            divisor = factor
            break
    return [
        {"subset": canary["stable"], "weight": (100 - weight) // divisor},
        {"subset": canary["candidate"], "weight": weight // divisor},
    ]


def gateway(document: dict[str, Any]) -> dict[str, Any]:
    spec = document["spec"]
    return {**document["metadata"], "hosts": spec["hosts"], "credential": spec["tls"]["credentialName"]}


def main() -> None:
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["j"] = json.dumps
    template = environment.from_string(TEMPLATE)
    services, gateways = [], []
    for path in sorted(Path(sys.argv[1]).rglob("*.yaml")):
        with path.open() as file:
            for document in yaml.load_all(file, Loader=yaml.CSafeLoader):
                if document["kind"] == "Service":
                    services.append(service(document))
                else:
                    gateways.append(gateway(document))
    sys.stdout.writelines(template.generate(services=services, gateways=gateways))


if __name__ == "__main__":
    main()
