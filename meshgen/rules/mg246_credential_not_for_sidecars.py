"""A DestinationRule names a credential, which sidecars do not fetch: they send plain text instead.

Only gateways get the Secret of `credentialName`, and sidecars that a workloadSelector chooses. For any other sidecar
istiod leaves the TLS settings out as a whole: its requests go to the server in plain text. Nothing is wrong where
gateways alone call this host. A `configmap://` is for all.

Bad:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: bank, namespace: shop}
    spec:
      host: api.bank.example.com
      trafficPolicy:
        tls:
          mode: MUTUAL
          credentialName: bank-client   # <- MG246

Good:

    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: bank, namespace: shop}
    spec:
      host: api.bank.example.com
      workloadSelector: {matchLabels: {app: payments}}
      trafficPolicy:
        tls:
          mode: MUTUAL
          credentialName: bank-client
"""

from __future__ import annotations

from collections.abc import Iterator

from meshgen.diagnostic import Severity
from meshgen.registry import Object, Registry
from meshgen.rules import Finding

SEVERITY = Severity.INFO
KINDS = ("DestinationRule",)
COVERS = ("IST0128", "IST0129")
NEEDS = ("tls",)


def check(seen: Object, registry: Registry) -> Iterator[Finding]:  # noqa: ARG001
    """Look at TLS settings for all callers."""
    if "workloadSelector" in seen.spec:
        return
    for level in seen.policies:
        settings = level.policy.get("tls") or {}
        name = settings.get("credentialName", "")
        if name and not name.startswith("configmap://") and settings.get("mode") in ("SIMPLE", "MUTUAL"):
            yield Finding(
                (*level.path, "tls", "credentialName"),
                "only gateways fetch this Secret: sidecars leave TLS out and send plain text",
                "choose the callers by workloadSelector, or write the paths of mounted files",
            )
