"""What istiod needs to give out identities, to validate and to inject, as in production."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from lab import network
from lab.errors import ApiError
from lab.kubernetes import Json, Kubernetes

XDS_PORT = 15012  # for those who show a token and get a certificate
ENVIRONMENT = {
    "REVISION": "default",
    "INJECT_ENABLED": "true",
    "INJECTION_WEBHOOK_CONFIG_NAME": "istio-sidecar-injector",
    "VALIDATION_WEBHOOK_CONFIG_NAME": "istio-validator",
    "ISTIOD_CUSTOM_HOST": "127.0.0.1",
}

_SYSTEM = "istio-system"
_WEBHOOK_PORT = 15017
_REGISTRATION = "/apis/admissionregistration.k8s.io/v1"
_WEBHOOKS = {
    "ValidatingWebhookConfiguration": f"{_REGISTRATION}/validatingwebhookconfigurations",
    "MutatingWebhookConfiguration": f"{_REGISTRATION}/mutatingwebhookconfigurations",
}
_INJECTOR = "istio-sidecar-injector"  # how pods are changed, beside the webhook that changes them
_MAPS = f"/api/v1/namespaces/{_SYSTEM}/configmaps"


def arguments() -> list[str]:
    """Where istiod serves proxies with tokens, and webhooks."""
    return [f"--secureGRPCAddr=:{XDS_PORT}", f"--httpsAddr=:{_WEBHOOK_PORT}"]


def prepare(kubernetes: Kubernetes, manifest: str) -> None:
    """Make the webhooks that istioctl would install, and the Service by which kube-apiserver reaches istiod."""
    for path, one in [*_reached(), *_installed(manifest)]:
        kubernetes.request("POST", path, one)


def ready(kubernetes: Kubernetes) -> tuple[bool, str]:
    """Whether istiod has put its certificate into all webhooks and has them refuse; then who vouches for the mesh."""
    found = [one for path in _WEBHOOKS.values() for one in kubernetes.request("GET", path)["items"]]
    if not all(_guards(one) for one in found):
        return False, "webhooks without a certificate"
    try:
        return True, str(kubernetes.request("GET", f"{_MAPS}/istio-ca-root-cert")["data"]["root-cert.pem"])
    except ApiError as fault:
        return False, str(fault)


def _guards(configuration: Json) -> bool:
    return all(
        hook["clientConfig"].get("caBundle") and hook["failurePolicy"] == "Fail" for hook in configuration["webhooks"]
    )


def _installed(manifest: str) -> Iterator[tuple[str, Json]]:
    """The path and the object of each webhook, and what the injecting one puts into pods."""
    for text in Path(manifest).read_text(encoding="utf-8").split("\n---\n"):
        if any(f"\nkind: {kind}\n" in text for kind in _WEBHOOKS) or f"\n  name: {_INJECTOR}\n" in text:
            one = yaml.load(text, Loader=yaml.CSafeLoader)
            yield _WEBHOOKS.get(one["kind"], _MAPS), one
            if one["kind"] == "ValidatingWebhookConfiguration":
                yield _WEBHOOKS[one["kind"]], _default_validator(one)


def _default_validator(of_revision: Json) -> Json:
    """The webhook for objects that name no revision, which installing makes beside the one for those that do."""
    (hook,) = of_revision["webhooks"]
    selector = {"matchExpressions": [{"key": "istio.io/rev", "operator": "DoesNotExist"}]}
    return {
        "metadata": {"name": "istiod-default-validator", "labels": of_revision["metadata"]["labels"]},
        "webhooks": [hook | {"name": "validation.istio.io", "objectSelector": selector}],
    }


def _reached() -> Iterator[tuple[str, Json]]:
    """The Service istiod and where it leads, by path."""
    meta = {"name": "istiod", "namespace": _SYSTEM}
    port = {"name": "https-webhook", "port": 443, "targetPort": _WEBHOOK_PORT}
    yield f"/api/v1/namespaces/{_SYSTEM}/services", {"metadata": meta, "spec": {"ports": [port]}}
    part = {
        "metadata": {**meta, "labels": {"kubernetes.io/service-name": "istiod"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [network.HOST], "conditions": {"ready": True}}],
        "ports": [{"name": "https-webhook", "port": _WEBHOOK_PORT, "protocol": "TCP"}],
    }
    yield f"/apis/discovery.k8s.io/v1/namespaces/{_SYSTEM}/endpointslices", part
