"""What kube-apiserver checks of some versions only, by the rules of constraints.py.

What a feature gate turns on is as the version's own default of the gate says (pkg/features/kube_features.go): a cluster
that sets its gates otherwise may take more or less.
"""

from __future__ import annotations

from conditions import also, needing, ref
from strict import Schema
from volume_constraints import CLAIM, CLASS

_FALSE: Schema = {"const": False}
_OWN_USERS: Schema = {  # core: validateHostUsers
    "if": needing(hostUsers=_FALSE),
    "then": {"properties": {"hostNetwork": _FALSE, "hostPID": _FALSE, "hostIPC": _FALSE}},
}
_OWN_NAME: Schema = {  # core: validatePodHostName
    "if": {"required": ["hostnameOverride"]},
    "then": {"properties": {"hostNetwork": _FALSE, "setHostnameAsFQDN": _FALSE}},
}
_SHARED: Schema = {  # core: validatePodResourceName
    "propertyNames": {"title": "cpu, memory or hugepages-SIZE", "pattern": "^(cpu$|memory$|hugepages-)"}
}
_LATER_CLAIM: Schema = needing(  # apps: validateVolumeClaimTemplates
    metadata=needing(name=ref("name.Label")), spec=also(CLAIM, **CLASS["properties"])
)

CONSTRAINTS_FROM: dict[str, dict[str, dict[str, Schema]]] = {
    "1.33": {
        "apps.v1.StatefulSetSpec": {"serviceName": ref("name.LabelOrEmpty")},  # apps: AllowInvalidServiceName
        "core.v1.PodSecurityContext": {"seLinuxChangePolicy": {"enum": ["Recursive"]}},  # validateSELinuxChangePolicy
        "core.v1.PodSpec": {"": {"allOf": [_OWN_USERS]}},  # UserNamespacesSupport
    },
    "1.34": {
        "apps.v1.StatefulSetSpec": {"volumeClaimTemplates": {"items": _LATER_CLAIM}},
        "core.v1.PersistentVolumeClaimTemplate": {"spec": CLASS},  # VolumeAttributesClass
        "core.v1.PodSpec": {  # PodLevelResources; core: validatePodResources
            "resources": {"properties": {"limits": _SHARED, "requests": _SHARED}, "not": {"required": ["claims"]}}
        },
        "core.v1.ServiceSpec": {  # core: validateServiceTrafficDistribution
            "trafficDistribution": {"enum": ["PreferClose", "PreferSameNode", "PreferSameZone"]}
        },
    },
    "1.35": {
        "core.v1.PodSpec": {  # HostnameOverride
            "": {"allOf": [_OWN_NAME]},
            "hostnameOverride": ref("name.Subdomain") | {"maxLength": 64},
        }
    },
    "1.37": {"core.v1.PodSecurityContext": {"seLinuxChangePolicy": {"enum": ["MountOption", "Recursive"]}}},
}
"""What is checked from a version on."""

UNREQUIRED = {
    "core.v1.HTTPHeader": "value",
    "core.v1.ISCSIVolumeSource": "lun",
    "core.v1.PreferredSchedulingTerm": "preference",
    "core.v1.ScaleIOVolumeSource": "secretRef",
    "core.v1.SleepAction": "seconds",
    "discovery.v1.ForZone": "name",
}
"""What the OpenAPI requires and the API server does not: it takes what is not there for 0 or for empty."""
