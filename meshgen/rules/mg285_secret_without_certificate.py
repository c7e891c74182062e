"""A Gateway's certificate is to come from a Secret that holds none, so every TLS connection to it fails.

Istio reads `tls.crt` and `tls.key`, or `cert` and `key`, as PEM; a Secret with one of them missing or empty, or with
other text, counts as none. It is looked for where the gateway's pods are, or in istio-system where that is not known.
Secrets without any data are somebody else's to fill, and encrypted values are not looked at. Whether a certificate has
ended is not looked at: the same files would be answered otherwise tomorrow.

Bad:

    apiVersion: v1
    kind: Secret
    metadata: {name: users-tls, namespace: istio-system}
    stringData:   # <- MG285
      certificate.pem: "-----BEGIN CERTIFICATE-----"
      tls.key: "-----BEGIN PRIVATE KEY-----"
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: istio-system}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        tls: {mode: SIMPLE, credentialName: users-tls}
        hosts: [users.example.com]

Good:

    apiVersion: v1
    kind: Secret
    metadata: {name: users-tls, namespace: istio-system}
    stringData:
      tls.crt: "-----BEGIN CERTIFICATE-----"
      tls.key: "-----BEGIN PRIVATE KEY-----"
    ---
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: public, namespace: istio-system}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 443, name: https, protocol: HTTPS}
        tls: {mode: SIMPLE, credentialName: users-tls}
        hosts: [users.example.com]
    ---
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: users-public, namespace: shop}
    spec:
      hosts: [users.example.com]
      gateways: [istio-system/public]
      http:
      - route:
        - destination: {host: users, port: {number: 80}}
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Mapping

from meshgen.diagnostic import Severity
from meshgen.registry import ROOT_NAMESPACE, Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.ERROR
KINDS = ("Secret",)
COVERS = ("IST0161",)

_PAIRS = (("cert", "key"), ("tls.crt", "tls.key"))


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at a Secret that a Gateway names."""
    gateway = registry.credentials.get(seen.name)
    data, texts = seen.data.get("data") or {}, seen.data.get("stringData") or {}
    if gateway is None or not (data or texts) or seen.key in registry.partial or "sops" in seen.data:
        return
    pods = registry.anywhere(registry.gateways[gateway].selector)
    if seen.namespace not in ({each.key.namespace for each in pods} or {ROOT_NAMESPACE}):
        return  # the Secret of that name is another one
    word = "data" if data else "stringData"
    values = {**{name: _decoded(value) for name, value in data.items()}, **texts}
    pair = next((each for each in _PAIRS if all(values.get(name) for name in each)), None)
    who = f"Gateway {gateway} takes its certificate from here"
    if pair is None:
        listed = ", ".join(sorted(values)[:5])
        yield Finding(
            (word,),
            f"{who}, and reads tls.crt and tls.key (there are: {listed}): every TLS connection fails",
            "write the certificate as tls.crt and its key as tls.key",
        )
        return
    for name in pair:
        if not _may_be_pem(values[name]):
            place = ("stringData", name) if name in texts else ("data", name)
            yield Finding(
                place,
                f"{who}, and this is no PEM text: every TLS connection fails",
                "write what begins with -----BEGIN",
            )
            return


def _decoded(value: str) -> str:
    try:
        return binascii.a2b_base64(value).decode("utf-8", "replace")
    except binascii.Error:
        return "?"


def _may_be_pem(value: str | Mapping[str, str]) -> bool:
    """Whether it is PEM, or a place for something that is put in later."""
    return isinstance(value, str) and ("-----BEGIN " in value or value.startswith(("ENC[", "${", "{{", "<", "$(")))
