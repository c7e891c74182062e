"""Names of things, each with the words that say what it may be: objects, hosts, headers, labels."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from meshgen.spec.model import fault, seen

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_DOMAIN = r"[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*\.?"
_QUALIFIED = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"

_is_label = re.compile(_LABEL).fullmatch
_is_service = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?").fullmatch
_is_subdomain = re.compile(_SUBDOMAIN).fullmatch
_is_domain = re.compile(_DOMAIN).fullmatch
_is_qualified = re.compile(_QUALIFIED).fullmatch
_is_token = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+").fullmatch


@lru_cache(4096)
def check_name(value: str) -> str:
    """The value, if it is a DNS label. Source: Kubernetes, IsDNS1123Label."""
    if not _is_label(value):
        raise fault(
            f"{seen(value)} is no name: a name has lower-case letters, digits and '-', at most 63, "
            "and begins and ends with a letter or digit"
        )
    return value


def _service_name(value: str) -> str:
    if not _is_service(value):
        raise fault(
            f"{seen(value)} is no name of a service: it has lower-case letters, digits and '-', at most 63, "
            "begins with a letter and ends with a letter or digit"
        )
    return value


def _object_name(value: str) -> str:
    if not _is_subdomain(value) or len(value) > 253:
        raise fault(
            f"{seen(value)} is no name: it has lower-case letters, digits, '-' and '.', at most 253, "
            "and each part between dots begins and ends with a letter or digit"
        )
    return value


def check_host(value: str) -> str:
    """The value, if it is a full host name. Source: Istio pkg/config/validation/agent, ValidateFQDN."""
    if not _is_domain(value) or len(value) > 255 or value.rstrip(".").rpartition(".")[2].isdecimal():
        raise fault(
            f"{seen(value)} is no host name: it has letters, digits and '-', at most 63 from dot to dot, "
            "and its last part is not a number"
        )
    return value


def _wildcard_host(value: str) -> str:
    if value == "*":
        return value
    rest = value.removeprefix("*.")
    if rest.startswith("*"):
        raise fault(f"{seen(value)} is no host: '*' stands for whole parts, as in *.example.com")
    check_host(rest)
    if value.endswith("."):
        raise fault(f"{seen(value)} ends with a dot, which callers leave out", hint=f"write {value.rstrip('.')}")
    if "." not in value:
        raise fault(
            f"{seen(value)} is a short name, which means another host in each namespace", hint="write the full host"
        )
    return value


def _gateway_host(value: str) -> str:
    namespace, slash, host = value.rpartition("/")
    if slash and namespace not in ("*", "."):
        check_name(namespace)
    _wildcard_host(host)
    return value


def _qualified(value: str, what: str) -> str:
    prefix, slash, name = value.rpartition("/")
    if not _is_qualified(name) or (slash and (not _is_subdomain(prefix.lower()) or len(prefix) > 253)):
        raise fault(
            f"{seen(value)} is no {what}: it has letters, digits, '-', '_' and '.', at most 63, begins and ends with a "
            "letter or digit, and may stand behind a domain and '/'"
        )
    return value


@lru_cache(1024)
def _label_key(value: str) -> str:
    return _qualified(value, "label")


@lru_cache(1024)
def _annotation_key(value: str) -> str:
    return _qualified(value, "annotation")


def _object_annotation_key(value: str) -> str:
    """Source: Istio pkg/config/validation, validateMetadata."""
    if value == "istio.io/dry-run":
        raise fault(f"{seen(value)} is for AuthorizationPolicies: Istio refuses its other objects with it")
    if value.startswith("internal.istio.io/"):
        raise fault(f"{seen(value)} is Istio's own: it refuses objects of others with it")
    return _annotation_key(value)


def _app_protocol(value: str) -> str:
    return _qualified(value, "protocol")


@lru_cache(1024)
def _label_value(value: str) -> str:
    if value and not _is_qualified(value):
        raise fault(
            f"{seen(value)} is no value of a label: it has letters, digits, '-', '_' and '.', at most 63, "
            "and begins and ends with a letter or digit"
        )
    return value


@lru_cache(1024)
def check_header_name(value: str) -> str:
    """The value, if it is a token. Source: RFC 9110 5.6.2; Istio lets a comma pass, which Envoy never finds."""
    if not _is_token(value):
        raise fault(f"{seen(value)} is no name of a header: it has letters, digits and '-'")
    return value


NAME_PATTERN = f"^{_LABEL}$"
"""What a JSON Schema asks of a Name."""

_SCHEMA_KEY = {"type": "string", "pattern": f"^([^/]+/)?{_QUALIFIED}$"}
_SCHEMA_LABEL_VALUE = {"type": "string", "pattern": rf"^({_QUALIFIED})?$"}

Name = Annotated[str, AfterValidator(check_name), WithJsonSchema({"type": "string", "pattern": NAME_PATTERN})]
"""Lower-case letters, digits and `-`, at most 63; begins and ends with a letter or digit."""

ServiceName = Annotated[
    str,
    AfterValidator(_service_name),
    WithJsonSchema({"type": "string", "pattern": "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"}),
]
"""As Name, and begins with a letter."""

ObjectName = Annotated[
    str,
    AfterValidator(_object_name),
    WithJsonSchema({"type": "string", "maxLength": 253, "pattern": f"^{_SUBDOMAIN}$"}),
]
"""Names with dots between them, at most 253 characters."""

Host = Annotated[
    str, AfterValidator(check_host), WithJsonSchema({"type": "string", "maxLength": 255, "pattern": f"^{_DOMAIN}$"})
]
"""A full host name."""

WildcardHost = Annotated[
    str, AfterValidator(_wildcard_host), WithJsonSchema({"type": "string", "pattern": r"^\*$|\.[^.]"})
]
"""A full host name with a dot, or one whose first part is `*`, or `*` alone."""

GatewayHost = Annotated[
    str, AfterValidator(_gateway_host), WithJsonSchema({"type": "string", "pattern": r"^([^/]+/)?(\*$|[^/]*\.[^.])"})
]
"""As WildcardHost; `NAMESPACE/`, `./` or `*/` before it says whose routes may use it."""

AppProtocol = Annotated[str, AfterValidator(_app_protocol), WithJsonSchema(_SCHEMA_KEY)]
"""A protocol as Kubernetes takes it: `http`, `grpc`, `kubernetes.io/h2c` ..."""

HeaderName = Annotated[
    str,
    AfterValidator(check_header_name),
    WithJsonSchema({"type": "string", "pattern": "^[-!#$%&'*+.^_`|~0-9A-Za-z]+$"}),
]
"""The name of an HTTP header (or cookie): letters, digits and `-`, at least one."""

LabelKey = Annotated[str, AfterValidator(_label_key), WithJsonSchema(_SCHEMA_KEY)]
"""The name of a label, with or without a domain and `/` before it."""

LabelValue = Annotated[str, AfterValidator(_label_value), WithJsonSchema(_SCHEMA_LABEL_VALUE)]
"""The value of a label: at most 63 letters, digits, `-`, `_` and `.`, or nothing."""

AnnotationKey = Annotated[str, AfterValidator(_annotation_key), WithJsonSchema(_SCHEMA_KEY)]
"""The name of an annotation, with or without a domain and `/` before it."""

Labels = dict[LabelKey, LabelValue]
"""Names of labels to their values; all of them are text."""

Annotations = dict[AnnotationKey, str]
"""Names of annotations to their values; all of them are text."""

ObjectAnnotationKey = Annotated[
    str,
    AfterValidator(_object_annotation_key),
    WithJsonSchema({"type": "string", "pattern": f"^(?!istio.io/dry-run$|internal.istio.io/)([^/]+/)?{_QUALIFIED}$"}),
]
"""As AnnotationKey, without those that Istio refuses on its objects."""

ObjectAnnotations = dict[ObjectAnnotationKey, str]
"""Annotations of objects of which some are Istio's."""
