"""What kube-apiserver checks of pods and workloads beyond its published OpenAPI, by the rules of constraints.py.

`core` is pkg/apis/core/validation/validation.go, `apps` is pkg/apis/apps/validation/validation.go.
"""

from __future__ import annotations

from conditions import NONE, NOT_EMPTY, SOME, also, having, needing, ref, without
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
_DATA_SOURCE: Schema = {"if": needing(apiGroup=NOT_EMPTY), "else": having(kind="PersistentVolumeClaim")}
_LATER_CLAIM: Schema = needing(  # apps: validateVolumeClaimTemplates; core: ValidatePersistentVolumeClaimSpec
    metadata=needing(name=ref("name.Label")),
    spec=also(
        needing(accessModes=SOME, resources=needing(requests=needing(storage=ref("name.PositiveAmount")))),
        dataSource=_DATA_SOURCE,  # core: validateDataSource, validateDataSourceRef
        dataSourceRef=_DATA_SOURCE,
    ),
)
_LOCAL_PROFILE: Schema = {  # core: validateSeccompProfileField, validateAppArmorProfileField
    "if": having(type="Localhost"),
    "then": needing(localhostProfile=NOT_EMPTY),
    "else": without("localhostProfile"),
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
    "enum": ["", "None", "HostToContainer"],
}
_CONTAINER: list[Schema] = [
    {"if": {"required": ["restartPolicyRules"]}, "then": {"required": ["restartPolicy"]}},
    {  # core: validateMountPropagation
        "if": needing(securityContext=needing(privileged={"const": True})),
        "else": {"properties": {"volumeMounts": {"items": {"properties": {"mountPropagation": _UNPRIVILEGED}}}}},
    },
]
_PARTS = "|".join(
    rf"{part}\['{NAMES[key]['pattern'][1:-1]}'\]"
    for part, key in (("labels", "name.Qualified"), ("annotations", "name.AnnotationKey"))
)
_FIELDS = rf"metadata\.(name|namespace|uid|{_PARTS})|spec\.(nodeName|serviceAccountName|host)"

WORKLOAD_CONSTRAINTS: dict[str, dict[str, Schema]] = {
    "meta.v1.LabelSelectorRequirement": {"": _WITH_VALUES},
    "core.v1.PodTemplateSpec": {"": {"required": ["spec"]}},  # core: ValidatePodTemplateSpec
    "core.v1.PodSpec": {"serviceAccountName": ref("name.SubdomainOrEmpty")},  # core: ValidatePodSpec
    "core.v1.PodOS": {"name": {"enum": ["linux", "windows"]}},  # core: validateOS
    "core.v1.PodResourceClaim": {  # core: validatePodResourceClaim
        "": {"oneOf": [{"required": ["resourceClaimName"]}, {"required": ["resourceClaimTemplateName"]}]}
    },
    "core.v1.PodSecurityContext": {"seLinuxChangePolicy": {"enum": ["MountOption", "Recursive"]}},
    "core.v1.AppArmorProfile": {"": _LOCAL_PROFILE},
    "core.v1.SeccompProfile": {"": _LOCAL_PROFILE},
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

CONSTRAINTS_FROM: dict[str, dict[str, dict[str, Schema]]] = {
    "1.33": {"apps.v1.StatefulSetSpec": {"serviceName": ref("name.LabelOrEmpty")}},  # apps: AllowInvalidServiceName
    "1.34": {
        "apps.v1.StatefulSetSpec": {"volumeClaimTemplates": {"items": _LATER_CLAIM}},
        "core.v1.ServiceSpec": {  # core: validateServiceTrafficDistribution
            "trafficDistribution": {"enum": ["PreferClose", "PreferSameNode", "PreferSameZone"]}
        },
    },
}
"""What is checked from a version on."""

UNREQUIRED = ("core.v1.SleepAction",)
"""What the OpenAPI requires and the API server does not: 0 seconds are the same (core: validateSleepAction)."""

NEED_SPEC = (
    ("v1", "Pod"),
    ("v1", "Service"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
)
"""Kinds whose empty spec is refused, so that it cannot be left out either."""

FINALIZER: Schema = {  # core: validateKubeFinalizerName
    "title": "a name with a DNS name and '/' before it",
    "pattern": "/|^(kubernetes|orphan|foregroundDeletion)$",
}
"""Beside what every finalizer must be: a qualified name."""
