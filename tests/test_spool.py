"""What is put into a spool comes out of it, whenever it is asked for, here and in the parent process."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshgen import spool
from meshgen.spool import Place, Spool


@given(
    st.lists(st.lists(st.binary(max_size=40), max_size=4), max_size=12),
    st.lists(st.integers(0, 100), max_size=30),
    st.sampled_from([0, 1, 30, 100, 10_000]),
    st.sampled_from([1, 50, 10_000]),
)
def test_everything_is_read_as_it_was_added(added: list[list[bytes]], asked: list[int], small: int, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "_SMALL", small)
        patch.setattr(spool, "_PIECE", piece)
        kept, there = Spool(3), dict[Place, bytes]()
        for parts in added:
            there.update(zip(kept.add(parts), parts, strict=True))
            for number in asked[: len(parts) * 3]:
                place = list(there)[number % len(there)]
                assert kept.read(place) == there[place]
        for place, content in there.items():
            assert kept.read(place) == content


@pytest.mark.parametrize("size", [10, 16 * 2**20 - 10, 16 * 2**20 + 10])
def test_the_parent_reads_what_a_child_has_flushed(size: int) -> None:
    kept = Spool(1)
    parts = [b"first", b"x" * size, b"last"]
    process = os.fork()
    if not process:
        kept.add(parts)
        kept.flush()
        os._exit(0)
    os.waitpid(process, 0)

    assert [kept.read(place) for place in [(1, 0, 5), (1, 5, size), (1, 5 + size, 4)]] == parts


def test_files_are_closed_with_the_spool() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        kept = Spool()
        (place,) = kept.add([b"content"])
        assert kept.read(place) == b"content"
    del kept

    assert len(os.listdir("/proc/self/fd")) == before
