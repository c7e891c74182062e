"""What kube-apiserver checks of pods and workloads beyond its published OpenAPI, by the rules of constraints.py.

`core` is pkg/apis/core/validation/validation.go, `apps` is pkg/apis/apps/validation/validation.go.
"""

from __future__ import annotations

from conditions import NONE, NOT_EMPTY, SOME, having, needing, ref, without
from constraints import NAMES
from strict import Schema

WORKLOAD_NAMES: Schema = {
    "name.SubdomainOrEmpty": {
        "title": "a name of lower-case letters, digits, hyphens and dots, 253 characters at most",
        "type": "string",
        "maxLength": 253,
        "pattern": r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$",
    },
    # core: ValidateNonnegativeQuantity.
    "name.Amount": {
        "title": "a quantity such as 250m, 1.5 or 512Mi",
        "type": ["string", "number"],
        "minimum": 0,
        "pattern": r"^\s*(\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)|-0*\.?0+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?\s*$",
    },
    # core: ValidatePositiveQuantityValue.
    "name.PositiveAmount": {
        "title": "a quantity above zero, such as 250m, 1.5 or 512Mi",
        "type": ["string", "number"],
        "exclusiveMinimum": 0,
        "pattern": r"^\s*\+?([0-9]*[1-9][0-9]*(\.[0-9]*)?|[0-9]*\.[0-9]*[1-9][0-9]*)"
        r"([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?\s*$",
    },
    # core: validateContainerResourceName.
    "name.Resource": {
        "title": "cpu, memory, ephemeral-storage, hugepages-SIZE or a name with a DNS name and '/' before it",
        "type": "string",
        "maxLength": 317,
        "pattern": r"^(cpu|memory|ephemeral-storage|hugepages-[-A-Za-z0-9_.]*[A-Za-z0-9]"
        r"|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])$",
    },
    # pkg/apis/apps/validation/validation.go: ValidatePositiveIntOrPercent.
    "name.IntOrPercent": {
        "title": "a whole number, or a share such as 25%",
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": 2**31 - 1,
        "pattern": "^[0-9]+%$",
    },
}

_AMOUNTS: Schema = {"propertyNames": ref("name.Resource"), "additionalProperties": ref("name.Amount")}
_LOCAL_PROFILE: Schema = {  # core: validateAppArmorProfileField
    "if": having(type="Localhost"),
    "then": needing(localhostProfile=NOT_EMPTY),
    "else": without("localhostProfile"),
}
_LOCAL_FILE: Schema = _LOCAL_PROFILE | {  # core: validateSeccompProfileField, which takes an empty path
    "then": {"required": ["localhostProfile"]},
}
_WITH_VALUES: Schema = {  # apimachinery: ValidateLabelSelectorRequirement
    "if": {"properties": {"operator": {"enum": ["In", "NotIn"]}}},
    "then": needing(values=SOME),
    "else": {"properties": {"values": NONE}},
}
_NO_SURGE: Schema = {"enum": [0, "0%"]}
_LABELLED: Schema = {  # apps: "`selector` does not match template `labels`", of which this is what a schema can say
    "if": needing(selector=needing(matchLabels={"minProperties": 1})),
    "then": {"properties": {"template": needing(metadata=needing(labels={"minProperties": 1}))}},
}
_UNPRIVILEGED: Schema = {
    "title": "None or HostToContainer, unless the container is privileged",
    "enum": ["None", "HostToContainer"],
}
_CONTAINER: list[Schema] = [
    {"if": {"required": ["restartPolicyRules"]}, "then": {"required": ["restartPolicy"]}},
    {  # core: validateMountPropagation
        "if": needing(securityContext=needing(privileged={"const": True})),
        "else": {"properties": {"volumeMounts": {"items": {"properties": {"mountPropagation": _UNPRIVILEGED}}}}},
    },
]
_SECCOMP: Schema = {  # core: ValidateSeccompProfile
    "type": "string",
    "title": "runtime/default, docker/default, unconfined or localhost/PATH",
    "pattern": "^(runtime/default|docker/default|unconfined|localhost/.*)$",
}
_POD_ANNOTATIONS: Schema = {  # core: ValidatePodSpecificAnnotations
    "properties": {
        "controller.kubernetes.io/pod-deletion-cost": {
            "title": "a whole number of 32 bits, without '+'",
            "pattern": "^-?(0|[1-9][0-9]{0,9})$",
        },
        "seccomp.security.alpha.kubernetes.io/pod": _SECCOMP,
    },
}
_LINUX_OPTIONS = ("appArmorProfile", "runAsGroup", "runAsUser", "seccompProfile", "seLinuxOptions")
_OF_CONTAINERS = ("allowPrivilegeEscalation", "capabilities", "privileged", "procMount", "readOnlyRootFilesystem")
_OF_PODS = ("fsGroup", "fsGroupChangePolicy", "seLinuxChangePolicy", "supplementalGroups", "supplementalGroupsPolicy")


def _secured(pod: Schema, container: Schema) -> Schema:
    """A pod whose security context, and those of its containers, are so."""
    secured = {"items": {"properties": {"securityContext": container}}}
    return {"properties": {"securityContext": pod, "containers": secured, "initContainers": secured}}


_ON_WINDOWS = _secured(
    without(*_LINUX_OPTIONS, *_OF_PODS) | {"properties": {"sysctls": NONE}}, without(*_LINUX_OPTIONS, *_OF_CONTAINERS)
)
_NOT_SHARED: Schema = {"hostPID": {"const": False}, "hostIPC": {"const": False}}
_SYSTEMS: list[Schema] = [
    {
        "if": needing(os=having(name="linux")),  # core: validateLinux
        "then": _secured(without("windowsOptions"), without("windowsOptions")),
    },
    {
        "if": needing(os=having(name="windows")),  # core: validateWindows
        "then": without("hostUsers", "shareProcessNamespace") | {"properties": _ON_WINDOWS["properties"] | _NOT_SHARED},
    },
]
_PARTS = "|".join(
    rf"{part}\['{NAMES[key]['pattern'][1:-1]}'\]"
    for part, key in (("labels", "name.Qualified"), ("annotations", "name.AnnotationKey"))
)
_FIELDS = rf"metadata\.(name|namespace|uid|{_PARTS})|spec\.(nodeName|serviceAccountName|host)"

WORKLOAD_CONSTRAINTS: dict[str, dict[str, Schema]] = {
    "meta.v1.LabelSelectorRequirement": {"": _WITH_VALUES},
    "core.v1.PodTemplateSpec": {  # core: ValidatePodTemplateSpec
        "": {"required": ["spec"]},
        "metadata": {"properties": {"annotations": _POD_ANNOTATIONS}},
    },
    "core.v1.PodSpec": {  # core: ValidatePodSpec, validateOverhead
        "": {"allOf": _SYSTEMS},
        "serviceAccountName": ref("name.SubdomainOrEmpty"),
        "overhead": _AMOUNTS,
    },
    "core.v1.PodOS": {"name": {"enum": ["linux", "windows"]}},  # core: validateOS
    "core.v1.PodResourceClaim": {  # core: validatePodResourceClaim
        "": {"oneOf": [{"required": ["resourceClaimName"]}, {"required": ["resourceClaimTemplateName"]}]}
    },
    "core.v1.PodSecurityContext": {"seLinuxChangePolicy": {"enum": ["MountOption", "Recursive"]}},
    "core.v1.AppArmorProfile": {"": _LOCAL_PROFILE},
    "core.v1.SeccompProfile": {"": _LOCAL_FILE},
    "core.v1.Toleration": {  # core: ValidateTolerations
        "": {"if": having(operator="Exists"), "else": needing(key=NOT_EMPTY)}
    },
    "core.v1.HostAlias": {"ip": ref("name.IP")},  # core: ValidateHostAliases
    "core.v1.Container": {
        "": {"allOf": _CONTAINER},
        "readinessProbe": {"not": {"required": ["terminationGracePeriodSeconds"]}},  # core: validateReadinessProbe
    },
    "core.v1.ContainerResizePolicy": {  # core: validateResizePolicy
        "resourceName": {"enum": ["cpu", "memory"]},
        "restartPolicy": {"enum": ["NotRequired", "RestartContainer"]},
    },
    "core.v1.ExecAction": {"": {"required": ["command"]}, "command": SOME},  # core: validateExecAction
    "core.v1.ObjectFieldSelector": {"apiVersion": {"enum": ["", "v1"]}},  # pods.ConvertDownwardAPIFieldLabel
    "core.v1.EnvVarSource": {  # core: validEnvDownwardAPIFieldPathExpressions
        "fieldRef": {
            "properties": {
                "fieldPath": {
                    "title": "a field such as metadata.name or status.podIP",
                    "pattern": rf"^({_FIELDS}|status\.(hostIPs?|podIPs?))$",
                }
            }
        }
    },
    "core.v1.ResourceRequirements": {"limits": _AMOUNTS, "requests": _AMOUNTS},  # core: validateContainerResourceName
    "core.v1.ServiceAccount": {"secrets": {"items": {"required": ["name"]}}},  # the key of a list that is a map
    "apps.v1.DeploymentStrategy": {  # apps: ValidateDeploymentStrategy
        "": {"if": having(type="Recreate"), "then": without("rollingUpdate")}
    },
    "apps.v1.RollingUpdateDeployment": {  # apps: ValidateRollingUpdateDeployment
        "": {"not": needing(maxSurge=_NO_SURGE, maxUnavailable=_NO_SURGE)},
        "maxSurge": ref("name.IntOrPercent"),
        "maxUnavailable": ref("name.IntOrPercent")
        | {"title": "a whole number, or a share of 100% at most", "pattern": "^0*(100|[0-9]{1,2})%$"},
    },
    "apps.v1.DaemonSetSpec": {"": _LABELLED},
    "apps.v1.DeploymentSpec": {"": _LABELLED},
    "apps.v1.ReplicaSetSpec": {"": _LABELLED},
    "apps.v1.StatefulSetSpec": {"": _LABELLED},
}

NEED_SPEC = (
    ("v1", "Pod"),
    ("v1", "Service"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
)
"""Kinds whose empty spec is refused, so that it cannot be left out either."""

KEPT_BY: dict[str, Schema] = {
    "finalizers": {
        "items": ref("name.Qualified")
        | {  # core: validateKubeFinalizerName
            "title": "a name with a DNS name and '/' before it",
            "pattern": "/|^(kubernetes|orphan|foregroundDeletion)$",
        }
    },
    "ownerReferences": {  # apimachinery: validateOwnerReference
        "items": {
            "properties": {
                "apiVersion": {"title": "GROUP/VERSION, or a version alone", "pattern": "^([^/]*/)?[^/]+$"},
                "kind": NOT_EMPTY,
                "name": NOT_EMPTY,
                "uid": NOT_EMPTY,
            },
        }
    },
}
"""What ties an object to others: of objects, not of templates (apimachinery: ValidateObjectMetaAccessor)."""
