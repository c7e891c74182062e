"""How certificates are named in a gateway: by hash, by the hash of their key, and by the Secret of their authorities."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from meshgen.spec.base import fault, seen

_is_hash = re.compile(r"[0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31}").fullmatch


def _spki(value: str) -> str:
    try:
        right = len(base64.b64decode(value, validate=True)) == 32
    except (binascii.Error, ValueError):
        right = False
    if not right:
        raise fault(f"{seen(value)} is no SHA-256 hash in base64, which has 44 characters")
    return value


def _hash(value: str) -> str:
    if not _is_hash(value):
        raise fault(f"{seen(value)} is no SHA-256 hash in hexadecimal, which has 64 digits, or 32 pairs with ':'")
    return value


def _authorities(value: str) -> str:
    """The value, if istiod reads authorities from it. Source: Istio pilot/pkg/xds/sds.go, SdsCaSuffix."""
    if not value.endswith("-cacert") and not value.startswith("configmap://"):
        raise fault(
            f"{seen(value)} would be read as a serving certificate, not as authorities",
            hint=f"write {value}-cacert: istiod takes Secret {value}-cacert, or else {value}",
        )
    return value


SpkiHash = Annotated[str, AfterValidator(_spki)]
"""A SHA-256 hash in base64."""

Authorities = Annotated[
    str,
    Field(min_length=1),
    AfterValidator(_authorities),
    WithJsonSchema({"type": "string", "pattern": "^configmap://|-cacert$"}),
]
"""A Secret or ConfigMap with certificates of authorities, as istiod tells it from a serving certificate."""

CertificateHash = Annotated[str, AfterValidator(_hash)]
"""A SHA-256 hash in hexadecimal."""
