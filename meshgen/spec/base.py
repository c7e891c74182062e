"""What every spec model shares: its strictness, and the field types that say in words what a value may be."""

from __future__ import annotations

from meshgen.spec.model import Many, SpecModel, Text, check_groups, fault, faults, fields_by_key, seen, written
from meshgen.spec.names import (
    AnnotationKey,
    Annotations,
    AppProtocol,
    GatewayHost,
    HeaderName,
    Host,
    LabelKey,
    Labels,
    LabelValue,
    Name,
    ObjectAnnotations,
    ObjectName,
    ServiceName,
    WildcardHost,
    check_header_name,
    check_host,
    check_name,
)
from meshgen.spec.numbers import Count, Duration, DurationOrZero, Percent, PortNumber, UInt32, milliseconds

__all__ = [
    "AnnotationKey", "Annotations", "AppProtocol", "Count", "Duration", "DurationOrZero", "GatewayHost", "HeaderName",
    "Host", "LabelKey", "LabelValue", "Labels", "Many", "Name", "ObjectAnnotations", "ObjectName", "Percent", "PortNumber", "ServiceName",
    "SpecModel", "Text", "UInt32", "WildcardHost", "check_groups", "check_header_name", "check_host", "check_name",
    "fault", "faults", "fields_by_key", "milliseconds", "seen", "written",
]  # fmt: skip
