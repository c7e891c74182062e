"""The same fleet as a Helm chart: one template that ranges over all services, for where Helm is on PATH."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from plain import gateway, service

TEMPLATE = """\
{{- range $s := .Values.services }}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: {{ $s.name }}, namespace: {{ $s.namespace }}, labels: {{ toJson $s.labels }}}
---
apiVersion: v1
kind: Service
metadata: {name: {{ $s.name }}, namespace: {{ $s.namespace }}, labels: {{ toJson $s.labels }}}
spec:
  selector: {app: {{ $s.name }}}
  ports:
  {{- range $p := $s.ports }}
  - name: {{ $p.name }}
    port: {{ $p.port }}
    targetPort: {{ $p.targetPort | default $p.port }}
    appProtocol: {{ $p.appProtocol | default "http" }}
  {{- end }}
{{- if $s.stateful }}
---
apiVersion: v1
kind: Service
metadata: {name: {{ $s.name }}-headless, namespace: {{ $s.namespace }}, labels: {{ toJson $s.labels }}}
spec:
  clusterIP: "None"
  {{- if $s.headless }}
  publishNotReadyAddresses: {{ $s.headless.publishNotReadyAddresses }}
  {{- end }}
  selector: {app: {{ $s.name }}}
  ports:
  {{- range $p := $s.ports }}
  - name: {{ $p.name }}
    port: {{ $p.targetPort | default $p.port }}
    targetPort: {{ $p.targetPort | default $p.port }}
    appProtocol: {{ $p.appProtocol | default "http" }}
  {{- end }}
{{- end }}
{{- range $w := $s.workloads }}
---
apiVersion: apps/v1
kind: {{ $w.kind }}
metadata:
  name: {{ $w.name }}
  namespace: {{ $s.namespace }}
  labels: {{ toJson $w.labels }}
spec:
  replicas: {{ $w.replicas }}
  {{- if eq $w.kind "StatefulSet" }}
  serviceName: {{ $s.name }}-headless
  {{- end }}
  selector:
    matchLabels: {app: {{ $s.name }}, version: {{ $w.version }}}
  template:
    metadata:
      labels: {{ toJson $w.pod_labels }}
      {{- if $w.annotations }}
      annotations: {{ toJson $w.annotations }}
      {{- end }}
    spec:
      serviceAccountName: {{ $s.name }}
      {{- range $key, $value := $w.pod }}
      {{ $key }}: {{ toJson $value }}
      {{- end }}
      containers:
      - {{ toJson $w.container }}
{{- end }}
{{- if $s.subsets }}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: {{ $s.name }}, namespace: {{ $s.namespace }}, labels: {{ toJson $s.labels }}}
spec:
  host: {{ $s.host }}
  trafficPolicy: {{ toJson $s.policy }}
  subsets:
  {{- range $subset := $s.subsets }}
  - name: {{ $subset.name }}
    labels: {version: {{ $subset.name }}}
    {{- if $subset.policy }}
    trafficPolicy: {{ toJson $subset.policy }}
    {{- end }}
  {{- end }}
{{- end }}
{{- range $v := $s.virtual_services }}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: {{ $v.name }}, namespace: {{ $s.namespace }}, labels: {{ toJson $s.labels }}}
spec:
  hosts: [{{ $v.host }}]
  {{- if $v.gateway }}
  gateways: [{{ $v.gateway }}]
  {{- end }}
  http:
  {{- range $r := $v.routes }}
  - name: {{ $v.prefix }}{{ $r.name }}
    {{- if or $v.port $r.match }}
    match:
    {{- range $m := $r.match | default (list (dict)) }}
    {{- if $v.port }}
    - {{ toJson (merge (dict "port" $v.port) $m) }}
    {{- else }}
    - {{ toJson $m }}
    {{- end }}
    {{- end }}
    {{- end }}
    route:
    {{- range $d := $r.destinations }}
    - destination: {host: {{ $s.host }}, subset: {{ $d.subset }}, port: {number: {{ $s.port }}}}
      {{- if $d.weight }}
      weight: {{ $d.weight }}
      {{- end }}
    {{- end }}
    timeout: {{ $s.timeout }}
    retries: {{ toJson $s.retries }}
    {{- if $r.fault }}
    fault: {{ toJson $r.fault }}
    {{- end }}
    {{- if $r.mirrors }}
    mirrors:
    {{- range $m := $r.mirrors }}
    - destination: {host: {{ $m.service }}.{{ $s.namespace }}.svc.cluster.local, port: {number: {{ $s.port }}}}
      percentage: {value: {{ $m.percent }}}
    {{- end }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}
{{- range $g := .Values.gateways }}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: {{ $g.name }}, namespace: {{ $g.namespace }}, labels: {app.kubernetes.io/managed-by: meshgen}}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: {{ toJson $g.hosts }}
    tls: {httpsRedirect: true}
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: {{ toJson $g.hosts }}
    tls: {mode: SIMPLE, minProtocolVersion: TLSV1_2, credentialName: {{ $g.credential }}}
{{- end }}
"""


def command(specs: Path) -> list[str]:
    """Write a chart whose values are what the plain script works out, and give the command that renders it."""
    chart = specs.parent / f"chart-{specs.name}"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    documents: list[dict[str, Any]] = [
        document
        for path in sorted(specs.rglob("*.yaml"))
        for document in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader)
    ]
    values = {
        "services": [service(document) for document in documents if document["kind"] == "Service"],
        "gateways": [gateway(document) for document in documents if document["kind"] == "Gateway"],
    }
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: fleet\nversion: 0.1.0\n")
    (chart / "values.yaml").write_text(json.dumps(values))
    (chart / "templates" / "all.yaml").write_text(TEMPLATE)
    return ["helm", "template", "fleet", str(chart)]
