"""What kube-apiserver checks beyond its published OpenAPI, as far as a schema can say it.

Never stricter than kube-apiserver: the sources are the validation functions of the module k8s.io/kubernetes, named
beside each rule (`core` is pkg/apis/core/validation/validation.go), and its defaults (pkg/apis/core/v1/defaults.go),
which turn an empty string into the default, so enumerations accept "" wherever a field is optional. A `title` says what
is taken, for messages.
"""

from __future__ import annotations

from strict import FORMATS, Schema

_LABEL: Schema = {
    "title": "a name of lower-case letters, digits and hyphens, 63 characters at most",
    "type": "string",
    "maxLength": 63,
}
_KEY = "a key of letters, digits, '-', '_' and '.', 63 characters at most, with a DNS name and '/' before it or without"
_PORT_NAME = "a port's name: lower-case letters (one at least), digits and single hyphens, 15 characters at most"

NAMES: Schema = {
    # IsDNS1123Label, IsDNS1123Subdomain and IsDNS1035Label: apimachinery's util/validation.
    "name.Label": _LABEL | {"pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"},
    "name.LabelOrEmpty": _LABEL | {"pattern": "^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$"},
    "name.Label1035": {
        "title": "a name of lower-case letters, digits and hyphens that begins with a letter, 63 characters at most",
        "type": "string",
        "maxLength": 63,
        "pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$",
    },
    "name.Subdomain": {
        "title": "a name of lower-case letters, digits, hyphens and dots, 253 characters at most",
        "type": "string",
        "maxLength": 253,
        "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    },
    # IsQualifiedName; annotation keys are lower-cased first (apimachinery's ValidateAnnotations).
    "name.Qualified": {
        "title": _KEY,
        "type": "string",
        "maxLength": 317,
        "pattern": r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
        r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$",
    },
    "name.AnnotationKey": {
        "title": _KEY,
        "type": "string",
        "maxLength": 317,
        "pattern": r"^([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*/)?"
        r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$",
    },
    # IsValidLabelValue.
    "name.LabelValue": {
        "title": "a label's value of letters, digits, '-', '_' and '.', 63 characters at most",
        "type": "string",
        "maxLength": 63,
        "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$",
    },
    # IsValidPortName: at least one letter, no two hyphens in a row.
    "name.Port": {
        "title": _PORT_NAME,
        "type": "string",
        "maxLength": 15,
        "pattern": "^([a-z0-9]+-)*[0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*$",
    },
    "name.PortOrEmpty": {
        "title": _PORT_NAME,
        "type": "string",
        "maxLength": 15,
        "pattern": "^(([a-z0-9]+-)*[0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*)?$",
    },
    "name.Labels": {
        "type": "object",
        "propertyNames": {"$ref": "#/$defs/name.Qualified"},
        "additionalProperties": {"$ref": "#/$defs/name.LabelValue"},
    },
}

SPECIAL: Schema = {
    # UnmarshalJSON of Quantity trims blanks, and takes numbers as they are written.
    "api.resource.Quantity": {
        "title": "a quantity such as 250m, 1.5 or 512Mi",
        "type": ["string", "number"],
        "pattern": r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?\s*$",
    },
    "util.intstr.IntOrString": {"type": ["integer", "string"], "minimum": -(2**31), "maximum": 2**31 - 1},
    # Not IntOrString's own, but what ValidatePortNumOrName takes; in a Service, 0 and "" mean the port itself.
    "name.PortOrNumber": {
        "title": "a port from 1 to 65535, or the name of one",
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": 65535,
        "maxLength": 15,
        "pattern": "^([a-z0-9]+-)*[0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*$",
    },
    "name.TargetPort": {
        "title": "a port from 1 to 65535, or the name of one",
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": 65535,
        "maxLength": 15,
        "pattern": "^(([a-z0-9]+-)*[0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*)?$",
    },
    "meta.v1.Time": FORMATS["date-time"] | {"type": "string"},
    "meta.v1.MicroTime": {"$ref": "#/$defs/meta.v1.Time"},
    # Null is how Go writes a time that is not set: kubectl and controller-gen leave it in what they print.
    "name.TimeOrNull": FORMATS["date-time"] | {"type": ["string", "null"]},
    # Objects of any kind, and sets of fields: really open.
    "meta.v1.FieldsV1": {"type": "object"},
    "pkg.runtime.RawExtension": {"type": "object"},
}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _one_of(*names: str) -> list[Schema]:
    return [{"required": [name]} for name in names]


_PORT = {"minimum": 1, "maximum": 65535}
_PORT_OR_ZERO = {"minimum": 0, "maximum": 65535}
_NOT_NEGATIVE = {"minimum": 0}
_NOT_EMPTY = {"minLength": 1}
_LABELS: dict[str, Schema] = {
    "labels": _ref("name.Labels"),
    "annotations": {"propertyNames": _ref("name.AnnotationKey")},
}
# "empty selector is invalid": pkg/apis/apps/validation/validation.go.
_SELECTED = {
    "anyOf": [
        {"required": ["matchExpressions"], "properties": {"matchExpressions": {"minItems": 1}}},
        {"required": ["matchLabels"], "properties": {"matchLabels": {"minProperties": 1}}},
    ]
}
# The same file: "Unsupported value: supported values: Always" and "activeDeadlineSeconds ... is not Supported"; core:
# ValidatePodTemplateSpec ("ephemeral containers not allowed in pod template").
_ALWAYS = {
    "properties": {
        "spec": {
            "properties": {
                "restartPolicy": {"enum": ["", "Always"]},
                "ephemeralContainers": {"maxItems": 0},
            },
            "not": {"required": ["activeDeadlineSeconds"]},
        }
    }
}
_PROBE: dict[str, Schema] = {  # core: validateProbe, validateHandler
    "": {"oneOf": _one_of("exec", "grpc", "httpGet", "tcpSocket")},
    "initialDelaySeconds": _NOT_NEGATIVE,
    "timeoutSeconds": _NOT_NEGATIVE,
    "periodSeconds": _NOT_NEGATIVE,
    "successThreshold": _NOT_NEGATIVE,
    "failureThreshold": _NOT_NEGATIVE,
    "terminationGracePeriodSeconds": {"minimum": 1},
}
_CONTAINER: dict[str, Schema] = {  # core: validateContainerCommon
    "": {"required": ["name", "image"]},
    "name": _ref("name.Label"),
    "image": _NOT_EMPTY,
}

CONSTRAINTS: dict[str, dict[str, Schema]] = {
    "meta.v1.ObjectMeta": {
        "namespace": _ref("name.LabelOrEmpty"),
        "creationTimestamp": _ref("name.TimeOrNull"),
        **_LABELS,
    },
    "meta.v1.LabelSelector": {"matchLabels": _ref("name.Labels")},
    "meta.v1.LabelSelectorRequirement": {  # apimachinery: ValidateLabelSelectorRequirement
        "key": _ref("name.Qualified"),
        "operator": {"enum": ["In", "NotIn", "Exists", "DoesNotExist"]},
    },
    "core.v1.Container": _CONTAINER,
    "core.v1.EphemeralContainer": _CONTAINER,
    "core.v1.ContainerPort": {  # core: validateContainerPorts
        "containerPort": _PORT,
        "hostPort": _PORT_OR_ZERO,
        "name": _ref("name.PortOrEmpty"),
    },
    # core: ValidateEnv, IsRelaxedEnvVarName, validateEnvVarValueFrom
    "core.v1.EnvVar": {
        "": {"not": {"required": ["value", "valueFrom"], "properties": {"value": _NOT_EMPTY}}},
        "name": {"title": "a name of printable ASCII characters without '='", "pattern": "^[ -<>-~]+$"},
    },
    "core.v1.EnvVarSource": {"": {"minProperties": 1, "maxProperties": 1}},
    "core.v1.EnvFromSource": {"": {"oneOf": _one_of("configMapRef", "secretRef")}},  # core: ValidateEnvFrom
    "core.v1.Probe": _PROBE,
    "core.v1.LifecycleHandler": {"": {"minProperties": 1, "maxProperties": 1}},  # core: validateHandler
    "core.v1.HTTPGetAction": {"port": _ref("name.PortOrNumber")},  # core: ValidatePortNumOrName
    "core.v1.TCPSocketAction": {"port": _ref("name.PortOrNumber")},
    "core.v1.GRPCAction": {"port": _PORT},
    "core.v1.Volume": {"": {"maxProperties": 2}, "name": _ref("name.Label")},  # core: validateVolumeSource
    "core.v1.VolumeMount": {"mountPath": _NOT_EMPTY, "name": _NOT_EMPTY},  # core: ValidateVolumeMounts
    "core.v1.PodSpec": {  # core: ValidatePodSpec
        "containers": {"minItems": 1},
        "activeDeadlineSeconds": {"minimum": 1, "maximum": 2**31 - 1},
        "nodeSelector": _ref("name.Labels"),
    },
    "core.v1.ServiceSpec": {"selector": _ref("name.Labels"), "healthCheckNodePort": _PORT_OR_ZERO},
    "apps.v1.DeploymentSpec": {
        "replicas": _NOT_NEGATIVE,
        "minReadySeconds": _NOT_NEGATIVE,
        "revisionHistoryLimit": _NOT_NEGATIVE,
        "progressDeadlineSeconds": _NOT_NEGATIVE,
        "selector": _SELECTED,
        "template": _ALWAYS,
    },
    "apps.v1.StatefulSetSpec": {
        "replicas": _NOT_NEGATIVE,
        "minReadySeconds": _NOT_NEGATIVE,
        "selector": _SELECTED,
        "template": _ALWAYS,
    },
    "apps.v1.DaemonSetSpec": {"minReadySeconds": _NOT_NEGATIVE, "selector": _SELECTED, "template": _ALWAYS},
    "apps.v1.ReplicaSetSpec": {
        "replicas": _NOT_NEGATIVE,
        "minReadySeconds": _NOT_NEGATIVE,
        "selector": _SELECTED,
        "template": _ALWAYS,
    },
}

OBJECT_NAMES: dict[tuple[str, str], str] = {  # what ValidateObjectMeta is given for these kinds
    ("v1", "Namespace"): "name.Label",
    ("v1", "Service"): "name.Label",
    ("v1", "ServiceAccount"): "name.Subdomain",
    ("v1", "ConfigMap"): "name.Subdomain",
    ("v1", "Secret"): "name.Subdomain",
    ("v1", "Pod"): "name.Subdomain",
    ("apps/v1", "Deployment"): "name.Subdomain",
    ("apps/v1", "StatefulSet"): "name.Label",
    ("discovery.k8s.io/v1", "EndpointSlice"): "name.Subdomain",
}
STRICT_SERVICE_NAMES = ("1.32", "1.33", "1.34", "1.35")
"""Where a Service's name begins with a letter: RelaxedServiceNameValidation is on from 1.36 (pkg/features)."""

ENUM_GROUPS = ("admissionregistration", "apps", "batch", "certificates", "core", "discovery", "networking", "policy")
"""API groups whose `+enum` fields validation is known to enforce."""

NAMELESS_GROUPS = ("authentication.k8s.io/", "authorization.k8s.io/")
NAMELESS_KINDS = ("Binding", "Eviction", "Scale", "TokenRequest")
"""Kinds that are questions or subresources: they are posted without a name of their own."""
