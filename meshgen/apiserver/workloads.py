"""Deployments and StatefulSets: `apps` is pkg/apis/apps/validation/validation.go of Kubernetes."""

from __future__ import annotations

import re

from meshgen.apiserver.claims import check_claim
from meshgen.apiserver.found import Data, Found, Object
from meshgen.apiserver.pods import check_host_name, check_template
from meshgen.apiserver.selectors import check_selector, is_selected
from meshgen.apiserver.values import is_label
from meshgen.fault import KeyPath
from meshgen.refusal import described

_PATIENCE = 600
"""Seconds in which a Deployment must get on (pkg/apis/apps/v1/defaults.go: SetDefaults_Deployment)."""


def check_deployment(found: Found, data: Data) -> None:
    """What kube-apiserver refuses in a Deployment (apps: ValidateDeploymentSpec)."""
    spec: Object = data["spec"]
    if spec.get("strategy"):
        _check_strategy(found, spec["strategy"])
    if "minReadySeconds" in spec or "progressDeadlineSeconds" in spec:
        _check_patience(found, spec)
    _check_labels(found, spec)
    check_template(found, spec["template"])
    check_host_name(found, spec["template"]["spec"])


def check_stateful_set(found: Found, data: Data) -> None:
    """What kube-apiserver refuses in a StatefulSet (apps: ValidateStatefulSetSpec).

    Until 1.33 it takes its template and its claims as they are; what is wrong in them it refuses when the pods are made.
    """
    spec: Object = data["spec"]
    for key in spec:
        rule = _RULES.get(key)
        if rule is not None:
            rule(found, spec)
    _check_labels(found, spec)
    check_template(found, spec["template"])


def _check_labels(found: Found, spec: Object) -> None:
    """The pods are those that are selected (apps: ValidatePodTemplateSpecForReplicaSet and …ForStatefulSet)."""
    selector, template = spec["selector"], spec["template"]
    if "matchExpressions" in selector:
        check_selector(found, ("spec", "selector"), selector)
    labels = template["metadata"].get("labels") or {} if "metadata" in template else {}
    if not is_selected(selector, labels):
        found.refuse(
            ("spec", "template", "metadata", "labels"),
            "are not those that the selector asks for",
            "give the pods the labels of spec.selector",
        )


def _check_strategy(found: Found, strategy: Object) -> None:
    """How fast pods are replaced, if one after the other (apps: ValidateDeploymentStrategy)."""
    path, rolling = ("spec", "strategy", "rollingUpdate"), strategy.get("rollingUpdate")
    if rolling is None:
        return
    if strategy.get("type") == "Recreate":
        found.refuse(path, "'rollingUpdate' cannot stand beside type Recreate", "keep one of them")
    elif all(re.fullmatch("0+%?", str(rolling.get(key))) for key in ("maxSurge", "maxUnavailable")):
        message = "maxSurge and maxUnavailable are both 0, so that no pod can be replaced"
        found.refuse((*path, "maxUnavailable"), message, "raise one of them")


def _check_patience(found: Found, spec: Object) -> None:
    """Time to get on must be longer than that to be ready (apps: ValidateDeploymentSpec)."""
    ready, patience = spec.get("minReadySeconds", 0), spec.get("progressDeadlineSeconds", _PATIENCE)
    if patience <= ready:
        key = "progressDeadlineSeconds" if "progressDeadlineSeconds" in spec else "minReadySeconds"
        found.refuse(
            ("spec", key),
            f"minReadySeconds is {ready}, and progressDeadlineSeconds is {patience}",
            f"write progressDeadlineSeconds: {ready + _PATIENCE}",
        )


def _check_update(found: Found, spec: Object) -> None:
    """A part of the pods, if one after the other (apps: ValidateStatefulSetSpec)."""
    if spec["updateStrategy"].get("type") == "OnDelete" and "rollingUpdate" in spec["updateStrategy"]:
        path = ("spec", "updateStrategy", "rollingUpdate")
        found.refuse(path, "'rollingUpdate' cannot stand beside type OnDelete", "keep one of them")


def _check_claims(found: Found, spec: Object) -> None:
    """Each a volume's name and a claim (apps: validateVolumeClaimTemplates, volumesToAddForTemplates)."""
    names = [(claim.get("metadata") or {}).get("name", "") for claim in spec["volumeClaimTemplates"]]
    found.claimed = frozenset(names)
    for number, claim in enumerate(spec["volumeClaimTemplates"]):
        path: KeyPath = ("spec", "volumeClaimTemplates", number)
        if not is_label(names[number]):
            found.refuse((*path, "metadata", "name"), f"takes a volume's name, not {described(names[number])}")
        check_claim(found, path, claim)


_RULES = {
    "updateStrategy": _check_update,
    "volumeClaimTemplates": _check_claims,
}
