"""Tables of instances on terminals: columns that stand below each other, and nothing that a terminal would obey."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from slices import endpoint, endpoint_slice, read, service

from meshgen.discovery.models import Snapshot, Update
from meshgen.discovery.reading import read_service, read_slice
from meshgen.discovery.state import instances_of
from meshgen.listing import change, table

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def in_zones(*zones: str) -> Snapshot:
    endpoints: list[dict[str, Any]] = [endpoint(f"10.0.0.{n}") | {"zone": zone} for n, zone in enumerate(zones, 1)]
    found = read_service(read(service()), NOW)
    return Snapshot(found, instances_of(found, [read_slice(read(endpoint_slice("a", *endpoints)), NOW)]))


def test_wide_signs_take_two_columns_and_marks_none() -> None:
    lines = table([in_zones("plain", "東京", "e\u0301e\u0301")], wide=True).splitlines()[1:]
    plain, wide, marked = (line.index("TCP") for line in lines)

    assert (wide - plain, marked - plain) == (-2, 2)  # signs fewer or more, for as many columns


def test_what_would_move_the_cursor_is_shown_and_not_obeyed() -> None:
    shown = in_zones("a\x1b[2J\nb")
    words = table([shown]), change(Update(shown.service.key, None, shown), "table", NOW)

    for one in words:
        assert r"a\x1b[2J\nb" in one
        assert "\x1b" not in one
