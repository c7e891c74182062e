"""Random faults and changes in any order: at the end, and after each, a client of discovery knows what is true.

`--fault-seconds=600` runs it for ten minutes; a failure names its seed, and `--fault-seed` repeats it.
"""

from __future__ import annotations

import gc
import logging
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import Lab
from lab.tests import discovering, shop
from lab.tests.discovering import Site

LOG = logging.getLogger(__name__)
GROWTH = 300_000  # bytes; each fault that left something behind would soon make more
CONTROLLERS = 120.0  # seconds: after several restarts kube-controller-manager waits long until it watches again
CLIENT = [
    tracemalloc.Filter(True, f"*/{part}/*")
    for part in ("meshgen", "lightkube", "httpx2", "httpcore2", "anyio", "h11", "msgspec", "asyncio")
]
WARM = 6  # rounds after which memory is measured for the first time


def test_discovery_ends_random_faults_without_difference_and_without_growth(
    new_lab: Callable[[], Lab], tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = pytestconfig.getoption("--fault-seed") or random.randrange(2**32)
    seconds = pytestconfig.getoption("--fault-seconds")
    chance = random.Random(seed)
    LOG.info("seed %d", seed)
    monkeypatch.setattr(logging.getLogger("httpx2"), "disabled", True)  # pytest keeps what is logged
    heard: list[None] = []
    with (
        discovering.site(new_lab(), "random", tmp_path) as site,
        site.client(patience=2.0) as client,
        client.watch("users") as watch,
    ):
        subscribed = client.subscribe(lambda _: heard.append(None), "users")
        tracemalloc.start()
        try:
            first, done, ends = 0, Counter[str](), time.monotonic() + seconds
            while time.monotonic() < ends or done.total() <= WARM:
                done[disturb(site, chance)] += 1
                site.agree(watch)
                site.agree(subscribed)
                if done.total() == WARM:
                    first = allocated()
            grown = allocated() - first
        finally:
            tracemalloc.stop()

    LOG.info("%d rounds: %s", done.total(), ", ".join(f"{count} {name}" for name, count in done.most_common()))
    LOG.info("%d updates, %d bytes more", len(heard), grown)
    assert grown < GROWTH, f"{grown} bytes more after {done.total()} rounds with seed {seed}"
    assert heard


def allocated() -> int:
    """Bytes that are held and were asked for by the client and the libraries below it; the lab's own do not count."""
    gc.collect()
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces(CLIENT).traces)


def disturb(site: Site, chance: random.Random) -> str:
    """Do up to three things to the cluster, during one fault or none; its name is given back."""
    fault = chance.choice(FAULTS)
    LOG.info("%s", fault.__name__)

    def changes() -> None:
        for _ in range(chance.randrange(1, 4)):
            change(site, chance)

    fault(site, changes)
    return fault.__name__


def change(site: Site, chance: random.Random) -> None:
    """Change the service, so that the cluster says something else."""
    what = chance.randrange(4)
    if what == 0:
        site.lab.delete(shop.service(site.namespace))
    if what in {0, 1}:
        site.lab.apply(shop.service(site.namespace))
    elif what == 2:
        pods = site.lab.backends(site.namespace, app="users")
        pods.behave(ready=False)
        pods.normal()
    else:
        site.lab.apply(shop.workload(site.namespace, "v1", chance.randrange(5), kind="StatefulSet"))
        site.lab.wait_ready(site.namespace, seconds=CONTROLLERS)


Changes = Callable[[], None]


def no_fault(_: Site, changes: Changes) -> None:
    changes()


def cut(site: Site, changes: Changes) -> None:
    site.door.cut()
    changes()


def locked(site: Site, changes: Changes) -> None:
    site.door.closed = True
    site.door.cut()
    changes()
    site.door.closed = False


def cut_in_a_frame(site: Site, changes: Changes) -> None:
    site.door.cut_after = 6000
    site.door.cut()
    changes()
    site.door.cut_after = None
    site.door.cut()


def silent(site: Site, changes: Changes) -> None:
    site.door.hold()
    changes()


def compacted(site: Site, changes: Changes) -> None:
    changes()
    site.lab.api.compact()


def restarted(site: Site, changes: Changes) -> None:
    site.lab.api.down()
    site.lab.api.up()
    changes()


def restarted_and_forgotten(site: Site, changes: Changes) -> None:
    site.door.closed = True
    site.door.cut()
    changes()
    site.lab.api.compact()
    site.lab.api.down()
    site.lab.api.up()
    site.door.closed = False


FAULTS = [no_fault, cut, locked, cut_in_a_frame, silent, compacted, restarted, restarted_and_forgotten]
