"""What kube-apiserver checks of volumes beyond its published OpenAPI, by the rules of constraints.py.

All is in core, which is pkg/apis/core/validation/validation.go: validate…VolumeSource, by the volume's own name.
"""

from __future__ import annotations

from conditions import NOT_EMPTY, SOME, having, needing, ref, without
from strict import Schema

_PARTITION: Schema = {"minimum": 0, "maximum": 255}
_UNIT: Schema = {"minimum": 0, "maximum": 255}
_SECRET: dict[str, Schema] = {"secretRef": needing(name=NOT_EMPTY)}
_BLOB: Schema = {"title": "an address that begins with https://, as all kinds but Managed have", "pattern": "^https://"}
_DISK: Schema = {"title": "a path that begins with /subscriptions/, as kind Managed has", "pattern": "^/subscriptions/"}
_TARGET: Schema = {  # iscsiInitiatorIqnRegex, iscsiInitiatorEuiRegex, iscsiInitiatorNaaRegex
    "title": "a name such as iqn.2001-04.com.example:disk1",
    "pattern": r"^(iqn(.*iqn)?\.[0-9]{4}-[0-9]{2}\.[-A-Za-z0-9.]+:[^,;*&$| \t\n\f\r]+|eui.[A-Za-z0-9]{16}|naa.[A-Za-z0-9]{32})$",
}
_HOST_AND_PORT = r"([^]\[,:]*|\[[^]\[,]*\]):[^]\[,:]*"

_METADATA: Schema = {  # ValidateTemplateObjectMeta: labels and annotations, and nothing else
    "allOf": [
        {"not": needing(name=NOT_EMPTY)},
        {"not": needing(generateName=NOT_EMPTY)},
        {"not": needing(namespace=NOT_EMPTY)},
        {"not": needing(uid=NOT_EMPTY)},
        *without("finalizers", "ownerReferences")["allOf"],
    ]
}
_MODE: Schema = {"enum": ["Block", "Filesystem"]}  # no "", which no default replaces: the field is a pointer
_DATA: Schema = {  # validateDataSource, validateDataSourceRef
    "properties": {"kind": NOT_EMPTY, "name": NOT_EMPTY},
    "if": needing(apiGroup=NOT_EMPTY),
    "then": {"properties": {"apiGroup": ref("name.Subdomain")}},
    "else": having(kind="PersistentVolumeClaim"),
}
CLAIM: Schema = {  # ValidatePersistentVolumeClaimSpec
    "required": ["accessModes", "resources"],
    "properties": {
        "accessModes": SOME,
        "resources": needing(requests=needing(storage=ref("name.PositiveAmount"))),
        "volumeMode": _MODE,
        "dataSource": _DATA,
        "dataSourceRef": _DATA,
    },
}
CLASS: Schema = {"properties": {"volumeAttributesClassName": ref("name.SubdomainOrEmpty")}}
"""Of a claim, from 1.34 on: VolumeAttributesClass is on (pkg/features)."""

VOLUME_CONSTRAINTS: dict[str, dict[str, Schema]] = {
    "core.v1.AWSElasticBlockStoreVolumeSource": {"volumeID": NOT_EMPTY, "partition": _PARTITION},
    "core.v1.AzureDiskVolumeSource": {
        "": {  # the default of kind is Shared (pkg/apis/core/v1/defaults.go: SetDefaults_AzureDiskVolumeSource)
            "if": having(kind="Managed"),
            "then": {"properties": {"diskURI": _DISK}},
            "else": {"properties": {"diskURI": _BLOB}},
        },
        "diskName": NOT_EMPTY,
        "cachingMode": {"enum": ["None", "ReadOnly", "ReadWrite"]},
        "kind": {"enum": ["Dedicated", "Managed", "Shared"]},
    },
    "core.v1.AzureFileVolumeSource": {"secretName": NOT_EMPTY, "shareName": NOT_EMPTY},
    "core.v1.CSIVolumeSource": {"nodePublishSecretRef": needing(name=ref("name.Subdomain"))},
    "core.v1.CephFSVolumeSource": {"monitors": SOME},
    "core.v1.CinderVolumeSource": {"volumeID": NOT_EMPTY, **_SECRET},
    "core.v1.FCVolumeSource": {
        "": {
            "oneOf": [needing(targetWWNs=SOME), needing(wwids=SOME)],
            "if": needing(targetWWNs=SOME),
            "then": needing(lun=_UNIT),
        }
    },
    "core.v1.FlexVolumeSource": {
        "driver": NOT_EMPTY,
        "options": {
            "propertyNames": {
                "title": "a key outside kubernetes.io and k8s.io, which are Kubernetes' own",
                "not": {"pattern": r"^([^/]*\.)?([kK][uU][bB][eE][rR][nN][eE][tT][eE][sS]|[kK]8[sS])\.[iI][oO](/|$)"},
            }
        },
    },
    "core.v1.FlockerVolumeSource": {
        "": {"oneOf": [needing(datasetName=NOT_EMPTY), needing(datasetUUID=NOT_EMPTY)]},
        "datasetName": {"title": "a name without '/'", "pattern": "^[^/]*$"},
    },
    "core.v1.GCEPersistentDiskVolumeSource": {"pdName": NOT_EMPTY, "partition": _PARTITION},
    "core.v1.GlusterfsVolumeSource": {"endpoints": NOT_EMPTY, "path": NOT_EMPTY},
    "core.v1.ISCSIVolumeSource": {
        "": {
            "if": {"anyOf": [needing(chapAuthDiscovery={"const": True}), needing(chapAuthSession={"const": True})]},
            "then": {"required": ["secretRef"]},
        },
        "targetPortal": NOT_EMPTY,
        "iqn": _TARGET,
        "initiatorName": _TARGET,
        "lun": _UNIT,
    },
    "core.v1.PersistentVolumeClaimTemplate": {"metadata": _METADATA, "spec": CLAIM},
    "core.v1.PhotonPersistentDiskVolumeSource": {"pdID": NOT_EMPTY},
    "core.v1.PortworxVolumeSource": {"volumeID": NOT_EMPTY},
    "core.v1.QuobyteVolumeSource": {
        "registry": {
            "title": "host:port, or several of them with commas between",
            "pattern": rf"^{_HOST_AND_PORT}(,{_HOST_AND_PORT})*$",
        },
        "tenant": {"maxLength": 64},
        "volume": NOT_EMPTY,
    },
    "core.v1.RBDVolumeSource": {"image": NOT_EMPTY, "monitors": SOME},
    "core.v1.ScaleIOVolumeSource": {
        "": {"required": ["volumeName"]},
        "gateway": NOT_EMPTY,
        "system": NOT_EMPTY,
        "volumeName": NOT_EMPTY,
    },
    "core.v1.StorageOSVolumeSource": {
        "": {"required": ["volumeName"]},
        "volumeName": ref("name.Label"),
        "volumeNamespace": ref("name.LabelOrEmpty"),
        **_SECRET,
    },
    "core.v1.VsphereVirtualDiskVolumeSource": {"volumePath": NOT_EMPTY},
}
