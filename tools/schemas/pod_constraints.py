"""What kube-apiserver checks of single values in pods beyond its published OpenAPI, by the rules of constraints.py.

`core` is pkg/apis/core/validation/validation.go. What depends on several values is in meshgen/apiserver.
"""

from __future__ import annotations

from conditions import NONE, NOT_EMPTY, SOME, needing, ref
from strict import Schema

_ID: Schema = {"minimum": 0, "maximum": 2**31 - 1}  # apimachinery: IsValidUserID, IsValidGroupID
_IDS: dict[str, Schema] = {"runAsUser": _ID, "runAsGroup": _ID}
_ONCE: Schema = {"properties": {"successThreshold": {"maximum": 1}}}  # what works once works
_SHARE: Schema = {"minimum": 1, "maximum": 100}
_KEPT: Schema = {"enum": ["", "Delete", "Retain"]}
_HONOR: Schema = {"enum": ["Honor", "Ignore"]}
_NAME: Schema = {"": {"required": ["name"]}, "name": NOT_EMPTY}
_KEY: dict[str, Schema] = {  # core: validateConfigMapKeySelector, validateSecretKeySelector
    "": {"required": ["name"]},
    "name": ref("name.Subdomain"),
    "key": {
        "title": "a key of letters, digits, '-', '_' and '.', 253 characters at most",
        "pattern": r"^([-_a-zA-Z0-9]|\.[-_a-zA-Z0-9])[-._a-zA-Z0-9]*$",
        "maxLength": 253,
    },
}
_SOURCE: dict[str, Schema] = {  # core: ValidateEnvFrom, by apimachinery's NameIsDNSSubdomain for a prefix
    "": {"required": ["name"]},
    "name": {
        "title": "an object's name of lower-case letters, digits, hyphens and dots",
        "maxLength": 253,
        "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*-?$",
    },
}
_VARIABLE = {"title": "printable ASCII characters without '='", "pattern": "^[ -<>-~]+$"}


def _counted(count: Schema, *operators: str) -> Schema:
    """So many values for these operators."""
    values = needing(values=count) if "minItems" in count else {"properties": {"values": count}}
    return {"if": {"properties": {"operator": {"enum": [*operators]}}}, "then": values}


POD_CONSTRAINTS: dict[str, dict[str, Schema]] = {
    "core.v1.PodSpec": {  # core: ValidatePodSpec
        "nodeName": ref("name.SubdomainOrEmpty"),
        "priorityClassName": ref("name.SubdomainOrEmpty"),
        "runtimeClassName": ref("name.Subdomain"),
        "preemptionPolicy": {"enum": ["Never", "PreemptLowerPriority"]},  # no "": the field is a pointer
    },
    "core.v1.PodSchedulingGate": {"name": ref("name.Qualified")},  # core: validateSchedulingGates
    "core.v1.PodReadinessGate": {"conditionType": ref("name.Qualified")},  # core: validateReadinessGates
    "core.v1.PodResourceClaim": {  # core: validatePodResourceClaim
        "name": ref("name.Label"),
        "resourceClaimName": ref("name.Subdomain"),
        "resourceClaimTemplateName": ref("name.Subdomain"),
    },
    "core.v1.HostAlias": {"hostnames": {"items": ref("name.Subdomain")}},  # core: ValidateHostAliases
    "core.v1.PodDNSConfig": {  # core: validatePodDNSConfig
        "nameservers": {"maxItems": 3, "items": ref("name.IP")},
        "searches": {"maxItems": 32},
    },
    "core.v1.PodDNSConfigOption": _NAME,
    "core.v1.PodSecurityContext": {  # core: validatePodSpecSecurityContext
        **_IDS,
        "fsGroup": _ID,
        "supplementalGroups": {"items": _ID},
        "fsGroupChangePolicy": {"enum": ["Always", "OnRootMismatch"]},
        "supplementalGroupsPolicy": {"enum": ["Merge", "Strict"]},
    },
    "core.v1.SecurityContext": {
        **_IDS,
        "procMount": {"enum": ["Default", "Unmasked"]},
    },  # core: ValidateSecurityContext
    "core.v1.TopologySpreadConstraint": {  # core: validateTopologySpreadConstraints
        "maxSkew": {"minimum": 1},
        "minDomains": {"minimum": 1},
        "topologyKey": NOT_EMPTY,
        "nodeAffinityPolicy": _HONOR,
        "nodeTaintsPolicy": _HONOR,
    },
    "core.v1.PodAffinityTerm": {  # core: validatePodAffinityTerm
        "topologyKey": ref("name.Qualified"),
        "namespaces": {"items": ref("name.Label")},
    },
    "core.v1.WeightedPodAffinityTerm": {"weight": _SHARE},  # core: validateWeightedPodAffinityTerms
    "core.v1.PreferredSchedulingTerm": {"weight": _SHARE},  # core: ValidatePreferredSchedulingTerms
    "core.v1.NodeSelector": {"nodeSelectorTerms": SOME},  # core: ValidateNodeSelector
    "core.v1.NodeSelectorRequirement": {  # core: ValidateNodeSelectorRequirement
        "": {
            "allOf": [
                _counted(SOME, "In", "NotIn"),
                _counted(NONE, "Exists", "DoesNotExist"),
                _counted({"minItems": 1, "maxItems": 1}, "Gt", "Lt"),
            ]
        },
    },
    "core.v1.Container": {  # core: validateLivenessProbe, validateStartupProbe
        "livenessProbe": _ONCE,
        "startupProbe": _ONCE,
        "restartPolicy": {"enum": ["Always", "Never", "OnFailure"]},
    },
    "core.v1.HTTPHeader": {"name": {"title": "a header's name", "pattern": "^[-A-Za-z0-9]+$"}},  # validateHTTPGetAction
    "core.v1.EnvFromSource": {"prefix": _VARIABLE | {"pattern": "^[ -<>-~]*$"}},  # core: ValidateEnvFrom
    "core.v1.ConfigMapEnvSource": _SOURCE,
    "core.v1.SecretEnvSource": _SOURCE,
    "core.v1.ConfigMapKeySelector": _KEY,
    "core.v1.SecretKeySelector": _KEY,
    "core.v1.VolumeMount": {
        "mountPropagation": {"enum": ["Bidirectional", "HostToContainer", "None"]},
        "recursiveReadOnly": {"enum": ["Disabled", "Enabled", "IfPossible"]},
    },
    "core.v1.WindowsSecurityContextOptions": {  # core: validateWindowsSecurityContextOptions
        "gmsaCredentialSpecName": ref("name.Subdomain"),
        "gmsaCredentialSpec": {"minLength": 1, "maxLength": 65536},
        "runAsUserName": {
            "title": "a user's name, with a domain's and one backslash before it or without",
            "maxLength": 360,
            "pattern": r'^([^\x00-\x1f\x7f\\]+\\)?[. ]*[^\x00-\x1f\x7f."/\\:;|=,+*?<>@\[\] ][^\x00-\x1f\x7f"/\\:;|=,+*?<>@\[\]]*$',
        },
    },
    "core.v1.EmptyDirVolumeSource": {"sizeLimit": ref("name.Amount")},  # core: validateVolumeSource
    "core.v1.HostPathVolumeSource": {"path": NOT_EMPTY},  # core: validateHostPathVolumeSource
    "core.v1.PersistentVolumeClaimVolumeSource": {"claimName": NOT_EMPTY},
    "core.v1.SecretVolumeSource": {"": {"required": ["secretName"]}, "secretName": NOT_EMPTY},
    "core.v1.ConfigMapVolumeSource": _NAME,
    "core.v1.SecretProjection": _NAME,  # core: validateProjectionSources
    "core.v1.ConfigMapProjection": _NAME,
    "core.v1.ServiceAccountTokenProjection": {"expirationSeconds": {"minimum": 600, "maximum": 2**32}},
    "core.v1.KeyToPath": {"key": NOT_EMPTY},  # core: validateKeyToPath
    "core.v1.EphemeralVolumeSource": {"": {"required": ["volumeClaimTemplate"]}},  # core: validateEphemeralVolumeSource
    "core.v1.NFSVolumeSource": {  # core: validateNFSVolumeSource
        "server": NOT_EMPTY,
        "path": {"title": "a path that begins with '/'", "pattern": "^/"},
    },
    "core.v1.PersistentVolumeClaimSpec": {"storageClassName": ref("name.SubdomainOrEmpty")},
    "apps.v1.StatefulSetOrdinals": {"start": {"minimum": 0}},  # apps: ValidateStatefulSetSpec
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy": {"whenDeleted": _KEPT, "whenScaled": _KEPT},
    "apps.v1.RollingUpdateStatefulSetStrategy": {"partition": {"minimum": 0}},
}
