"""What the parts of one service's spec must not say beside one another."""

from __future__ import annotations

from typing import Any

from meshgen.document import KeyPath
from meshgen.resolve.context import MANAGED_BY, Context
from meshgen.resolve.versions import check_versions
from meshgen.spec.connections import CONFIG_MAP

_RESERVED = ("app", "version", "app.kubernetes.io/name", "app.kubernetes.io/version", *MANAGED_BY)


def check_consistency(context: Context) -> None:
    """Find what cannot go together."""
    _check_what_runs(context)
    _check_around_workloads(context)
    check_versions(context)
    _check_service(context)
    _check_export(context)
    _check_credentials(context)
    for label in context.model.metadata.labels or ():
        if label in _RESERVED:
            context.findings.error(
                "MG127",
                ("metadata", "labels", label),
                f"label {label!r} is meshgen's: versions and selectors depend on it",
            )


def _check_what_runs(context: Context) -> None:
    """Exactly one thing says which pods are meant."""
    spec, findings = context.spec, context.findings
    said = [key for key in ("workload", "selector", "existing", "endpoints") if getattr(spec, key)]
    for key in said[1:]:
        findings.error(
            "MG116", ("spec", key), f"{said[0]} and {key} both say what stands behind the service", "keep one of them"
        )
    versions = spec.versions or ()
    elsewhere = bool(versions) and all(version.service is not None for version in versions)
    if spec.endpoints and versions:
        findings.error(
            "MG116",
            ("spec", "versions"),
            "endpoints given by hand have no labels, so no version could be told from another",
            "drop 'versions'",
        )
    if not said and not (
        versions and all(version.workload is not None or version.service is not None for version in versions)
    ):
        findings.error(
            "MG116",
            ("spec",),
            "nothing says what runs the service",
            "add a workload, or a selector, endpoints, or existing: true",
        )
    elif elsewhere and said[:1] in ([], ["workload"]):
        findings.error(
            "MG116",
            ("spec", "versions"),
            "all versions are other services, so nothing stands behind this one",
            "add existing: true, or a selector",
        )


def _check_around_workloads(context: Context) -> None:
    """What is said of workloads must have one to be said of."""
    spec, findings = context.spec, context.findings
    versions, workload, account = spec.versions or (), spec.workload, spec.service_account
    if account is not None and workload is None and not any(version.workload is not None for version in versions):
        findings.error("MG116", ("spec", "serviceAccount"), "there is no workload whose identity it could be")
    if account is not None and account.existing and account.annotations:
        findings.error(
            "MG116", ("spec", "serviceAccount", "annotations"), "somebody else makes it, so they have no effect"
        )
    if spec.headless is not None and not _has_stateful_set(context):
        findings.error("MG116", ("spec", "headless"), "only a StatefulSet has a headless Service")
    if workload is not None and versions:
        for key, value, most in (("name", workload.name, 0), ("selector", workload.selector, 1)):
            if value is not None and len(versions) > most:
                findings.error(
                    "MG116",
                    ("spec", "workload", key),
                    f"each version has a workload of its own, and they cannot have one {key}",
                    f"give the {key} below the version",
                )


def _has_stateful_set(context: Context) -> bool:
    spec = context.spec
    base = spec.workload.kind if spec.workload is not None else None
    if not spec.versions:
        return base == "StatefulSet"
    return any(
        ((version.workload.kind if version.workload is not None else None) or base) == "StatefulSet"
        for version in spec.versions
        if version.service is None
    )


def _check_service(context: Context) -> None:
    """The part of ServiceSpec that is the spec's to say, and the part that is not."""
    service, findings = context.raw.get("service"), context.findings
    if service is None:
        return
    if context.spec.existing:
        findings.error(
            "MG116", ("spec", "service"), "somebody else makes the Service, so nothing can be said of it here"
        )
    for key in ("ports", "selector"):
        if key in service:
            findings.error(
                "MG116",
                ("spec", "service", key),
                f"meshgen writes {key!r} of the Service itself",
                f"write it as spec.{key}",
            )
    if service.get("clusterIP") == "None":
        findings.error(
            "MG116",
            ("spec", "service", "clusterIP"),
            "routes, subsets and policies have no effect on a headless Service",
            "a StatefulSet gets one beside this Service",
        )
    if service.get("type") == "ExternalName":
        findings.error("MG116", ("spec", "service", "type"), "an ExternalName Service has no pods to route to")
    annotations = service.get("annotations")
    if annotations is not None and not (
        isinstance(annotations, dict) and all(isinstance(value, str) for value in annotations.values())
    ):
        findings.error("MG101", ("spec", "service", "annotations"), "annotations are texts by name")


def _check_export(context: Context) -> None:
    """Source of the rules: Istio pkg/config/validation, validateExportTo."""
    names = context.export_to or []
    if "*" in names and len(names) > 1:
        context.findings.error(
            "MG116", ("spec", "exportTo"), "'*' means all namespaces, so no other can stand beside it"
        )
    resolved = [context.namespace if name == "." else name for name in names]
    for number, name in enumerate(resolved):
        if name in resolved[:number]:
            context.findings.error("MG113", ("spec", "exportTo", number), f"{names[number]!r} is there already")


def _check_credentials(context: Context) -> None:
    """A ConfigMap with a service's authorities stands beside it. Source: Istio pkg/config/validation/agent, ValidateTLS."""
    policies: list[tuple[KeyPath, Any]] = [(("spec", "trafficPolicy"), context.spec.traffic_policy)]
    for number, version in enumerate(context.spec.versions or ()):
        policies.append((("spec", "versions", number, "trafficPolicy"), version.traffic_policy))
    for path, policy in policies:
        ports = (policy.port_level_settings or ()) if policy is not None else ()
        below = [(path, policy), *(((*path, "portLevelSettings", number), port) for number, port in enumerate(ports))]
        for place, part in below:
            name = part.tls.credential_name if part is not None and part.tls is not None else None
            if (
                name is not None
                and name.startswith(CONFIG_MAP)
                and not name.startswith(f"{CONFIG_MAP}{context.namespace}/")
            ):
                context.findings.error(
                    "MG116",
                    (*place, "tls", "credentialName"),
                    f"{name!r} is in another namespace than the service, and Istio refuses it",
                    f"copy it to {CONFIG_MAP}{context.namespace}/",
                )
