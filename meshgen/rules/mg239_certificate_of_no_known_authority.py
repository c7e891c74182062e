"""TLS is spoken to pods of the cluster, but nothing says who signed their certificate.

Without `caCertificates`, a sidecar checks the server's certificate against the public authorities of its own image. Pods
of the cluster seldom have a certificate from one of these, and for the name of the Service: the handshake fails, and each
request gets 503. Where the pods have sidecars, nothing is needed at all: mutual TLS comes by itself.

Told of hosts whose pods are selected by a Service that is among what is linted; not with `insecureSkipVerify`,
`credentialName`, `sni` or `subjectAltNames`. Istio's own analyzer tells of every host, and says that nothing is checked,
which was so until Istio 1.20.

Bad:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: https, port: 443}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        tls:
          mode: SIMPLE   # <- MG239

Good:

    apiVersion: v1
    kind: Service
    metadata: {name: users, namespace: shop}
    spec:
      selector: {app: users}
      ports:
      - {name: https, port: 443}
    ---
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: users, namespace: shop}
    spec:
      host: users
      trafficPolicy:
        tls:
          mode: SIMPLE
          caCertificates: /etc/certs/shop-ca.pem
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.WARNING
KINDS = ("DestinationRule",)
COVERS = ("IST0128", "IST0129")
NEEDS = ("tls",)

_SAYS_MORE = frozenset(["caCertificates", "credentialName", "insecureSkipVerify", "sni", "subjectAltNames"])


def check(seen: Object, registry: Registry) -> Iterator[Finding]:
    """Look at TLS settings for pods of the cluster."""
    service = registry.service(seen.spec.get("host", ""), seen.namespace)
    if service is None or not service.selector or seen.key in registry.partial:
        return
    for level in seen.policies:
        settings = level.policy.get("tls") or {}
        if settings.get("mode") in ("SIMPLE", "MUTUAL") and _SAYS_MORE.isdisjoint(settings):
            yield Finding(
                (*level.path, "tls", "mode"),
                "the pods' certificate is checked against public authorities only: of any other, requests get 503",
                "write caCertificates; for pods with sidecars drop tls, mutual TLS comes by itself",
            )
