"""Instances of Services for people and for programs: one function a format, all of the same snapshots."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from unicodedata import combining, east_asian_width

from meshgen.emitter import block

if TYPE_CHECKING:
    from meshgen.discovery import Instance, Snapshot, Update

Row = tuple[str, ...]

_COLUMNS = ("SERVICE", "STATUS", "HOST", "PORT", "NAME", "POD", "NODE", "ZONE")
_MORE = ("PROTOCOL", "SERVING", "HEALTH", "UID", "SEEN")
_NONE = "-"


def table(snapshots: Sequence[Snapshot], *, wide: bool = False) -> str:
    """A line for each instance, below a line of headings; nothing where there is no instance."""
    rows = [_row(one, wide=wide) for snapshot in snapshots for one in snapshot.instances]
    return "".join(f"{line}\n" for line in _aligned([_headings(wide=wide), *rows])) if rows else ""


def as_json(snapshots: Sequence[Snapshot]) -> str:
    """One object with all Services, each with its instances."""
    return json.dumps(_document(snapshots), indent=2) + "\n"


def as_yaml(snapshots: Sequence[Snapshot]) -> str:
    """The same in YAML."""
    return block(_document(snapshots))


def names(snapshots: Sequence[Snapshot]) -> str:
    """The id of each instance, one a line."""
    return "".join(f"{one.id}\n" for snapshot in snapshots for one in snapshot.instances)


FORMATS: dict[str, Callable[[Sequence[Snapshot]], str]] = {
    "table": table,
    "wide": lambda snapshots: table(snapshots, wide=True),
    "json": as_json,
    "yaml": as_yaml,
    "name": names,
}


def change(update: Update, style: str, now: datetime) -> str:
    """What a watch tells of one change, with the time: lines, or one document in the style json or yaml."""
    if style == "json":
        return json.dumps(_change(update, now)) + "\n"
    if style == "yaml":
        return f"---\n{block(_change(update, now))}"
    return "".join(f"{now:%H:%M:%S} {line}\n" for line in _lines(update, style))


def _lines(update: Update, style: str) -> Iterator[str]:
    """`+` for what came, `-` for what went, `~` for what is no longer as it was."""

    def said(one: Instance) -> str:
        return one.id if style == "name" else "  ".join(_row(one, wide=style == "wide"))

    yield from (f"- {said(one)}" for one in update.removed)
    if update.after is None:
        yield f"! {update.key}  there is no such Service"
        return
    yield from (f"+ {said(one)}" for one in update.added)
    yield from (f"~ {said(each.after)}  (was {each.before.status.value})" for each in update.changed)
    if not update.after.instances:
        yield f"! {update.key}  has no endpoints"


def _document(snapshots: Iterable[Snapshot]) -> dict[str, Any]:
    return {"services": [_service(snapshot) for snapshot in snapshots]}


def _service(snapshot: Snapshot) -> dict[str, Any]:
    service = snapshot.service
    return {
        "namespace": service.key.namespace,
        "name": service.key.name,
        "type": service.type,
        "labels": dict(service.labels),
        "annotations": dict(service.annotations),
        "selector": dict(service.selector),
        "clusterIPs": list(service.cluster_ips),
        "externalName": service.external_name,
        "ports": [
            {
                "name": port.name,
                "port": port.port,
                "targetPort": port.target_port,
                "protocol": port.protocol,
                "appProtocol": port.app_protocol,
            }
            for port in service.ports
        ],
        "instances": [_instance(one) for one in snapshot.instances],
    }


def _instance(one: Instance) -> dict[str, Any]:
    return {
        "id": one.id,
        "status": one.status.value,
        "host": one.host,
        "port": one.port,
        "portName": one.port_name,
        "protocol": one.protocol,
        "appProtocol": one.app_protocol,
        "addressType": one.address_type,
        "ready": one.ready,
        "serving": one.serving,
        "terminating": one.terminating,
        "hostname": one.hostname,
        "pod": one.pod,
        "podUid": one.pod_uid,
        "node": one.node,
        "zone": one.zone,
        "healthUrl": one.health_url,
        "seen": one.seen.isoformat(timespec="milliseconds"),
    }


def _change(update: Update, now: datetime) -> dict[str, Any]:
    return {
        "time": now.isoformat(timespec="milliseconds"),
        "namespace": update.key.namespace,
        "name": update.key.name,
        "exists": update.after is not None,
        "added": [_instance(one) for one in update.added],
        "removed": [_instance(one) for one in update.removed],
        "changed": [{"before": _instance(each.before), "after": _instance(each.after)} for each in update.changed],
        "instances": [_instance(one) for one in update.after.instances] if update.after else [],
    }


def _headings(*, wide: bool) -> Row:
    return _COLUMNS + _MORE if wide else _COLUMNS


def _row(one: Instance, *, wide: bool) -> Row:
    port = str(one.port) if one.port is not None else ""
    shown = [str(one.service), one.status.value, one.host, port, one.port_name, one.pod, one.node, one.zone]
    if wide:
        seen = one.seen.isoformat(timespec="seconds")
        shown += [one.protocol, "yes" if one.serving else "no", one.health_url or "", one.pod_uid, seen]
    return tuple(_printable(each) or _NONE for each in shown)


def _printable(text: str) -> str:
    """Text that moves no cursor: whoever may write EndpointSlices by hand may write anything into a zone."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _aligned(rows: Sequence[Row]) -> Iterator[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    """Columns of a terminal: East Asian signs take two, and marks that stand on others none."""
    return len(text) if text.isascii() else sum(not combining(c) and 1 + (east_asian_width(c) in "WF") for c in text)
