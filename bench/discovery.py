"""`make bench`: meshgen.discovery beside the informers of the official `kubernetes` client, on the lab's API server.

Both follow the same Services and EndpointSlices, one after the other, round after round; figures are medians. The
official client keeps an index from each Service to its slices and nothing else; ours works out what changed, too.
The API server is real. Nothing but its watchers is: istiod and kube-controller-manager are stopped meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Self

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import crowd  # noqa: E402

from lab import Lab  # noqa: E402
from lab.door import ApiDoor  # noqa: E402

for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
    os.environ.pop(name, None)
PEER = HERE.parent / ".venv" / "peer" / "bin" / "python"
QUIET = ("istiod", "kube-controller-manager")

Figures = dict[str, float]
ROWS = {
    "first": "first state, s",
    "first cpu": "first state, CPU s",
    "relist": "full relist, s",
    "relist cpu": "full relist, CPU s",
    "delay": "a change's delay, ms, median",
    "delay most": "a change's delay, ms, 95th percentile",
    "change cpu": "a change, CPU ms",
    "held": "memory after the first state, MB",
    "peak": "memory at most, MB",
    "grown": "memory after all changes and relists, MB more",
}


def main() -> None:
    """Measure, and print a table; exit 1 where ours is slower or larger by more than times repeat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=1_000)
    parser.add_argument("--endpoints", type=int, default=50, help="of each Service")
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--relists", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", type=Path, default=PEER, help="a Python that has the package kubernetes")
    parser.add_argument("--alone", action="store_true", help="measure meshgen.discovery only")
    given = parser.parse_args()
    programs = {"meshgen": sys.executable} | ({} if given.alone else {"kubernetes": str(given.peer)})
    found: dict[str, list[Figures]] = {client: [] for client in programs}
    with tempfile.TemporaryDirectory() as folder, Lab.start(logs=Path(folder, "logs")) as lab, lab.api.door() as door:
        crowd.populate(lab, given.services, given.endpoints)
        kubeconfig = Path(folder, "kubeconfig")
        kubeconfig.write_text(json.dumps(crowd.kubeconfig(lab, door.port)), encoding="utf-8")
        with _silence(lab):
            for _ in range(given.rounds):
                for client, python in programs.items():
                    with Follower(python, client, kubeconfig, given.services) as follower:
                        found[client].append(measure(lab, door, follower, given))
    sys.exit(1 if _print(found) else 0)


def measure(lab: Lab, door: ApiDoor, follower: Follower, given: argparse.Namespace) -> Figures:
    """What one client takes for each of the rows."""
    begin, first = follower.until("begin"), follower.until("whole")
    if first["endpoints"] != given.services * given.endpoints:
        sys.exit(f"{follower.client} found {first['endpoints']} endpoints")
    weight = follower.weigh()
    delays = sorted(change(lab, follower, number % given.services) for number in range(given.changes))
    after = follower.weigh()
    relists = [relist(lab, door, follower) for _ in range(given.relists)]
    last = follower.weigh()
    return {
        "first": first["at"] - begin["at"],
        "first cpu": first["cpu"] - begin["cpu"],
        "held": weight["held"],
        "delay": 1000 * median(delays),
        "delay most": 1000 * delays[len(delays) * 95 // 100],
        "change cpu": 1000 * (after["cpu"] - weight["cpu"]) / given.changes,
        "relist": median(wall for wall, _ in relists),
        "relist cpu": median(cpu for _, cpu in relists),
        "peak": last["peak"],
        "grown": last["held"] - weight["held"],
    }


def change(lab: Lab, follower: Follower, service: int) -> float:
    """Have one endpoint no longer be ready, or be ready again; seconds from the request until the client tells of it."""
    _ready[service] = not _ready.get(service, True)
    patch = [{"op": "replace", "path": "/endpoints/0/conditions/ready", "value": _ready[service]}]
    return _patched(lab, follower, f"{crowd.SLICES}/{crowd.slice_name(service, 0)}", patch, service)


_ready: dict[int, bool] = {}


def relist(lab: Lab, door: ApiDoor, follower: Follower) -> tuple[float, float]:
    """Cut the connections of a client that has forgotten its version; wall and CPU seconds until it knows all again.

    It is told of two changes first, so that both of its connections stand when they are cut.
    """
    change(lab, follower, 0)
    stamp = [{"op": "add", "path": "/metadata/annotations", "value": {"changed": str(time.monotonic())}}]
    _patched(lab, follower, f"{crowd.SERVICES}/{crowd.service_name(1)}", stamp, 1)
    follower.tell("forget")
    before = follower.until("forgotten")
    began = time.monotonic()
    door.cut()
    after = follower.until("whole")
    return float(after["at"]) - began, float(after["cpu"]) - float(before["cpu"])


def _patched(lab: Lab, follower: Follower, path: str, patch: list[dict[str, Any]], service: int) -> float:
    began = time.monotonic()
    lab.kubernetes.request("PATCH", path, patch, kind="application/json-patch+json")
    return float(follower.until("seen", crowd.service_name(service))["at"]) - began


class Follower:
    """A client in a process of its own. Use in `with`."""

    def __init__(self, python: str, client: str, kubeconfig: Path, services: int) -> None:
        self.client = client
        command = [python, str(HERE / "followers.py"), client, str(kubeconfig), str(services)]
        environment = os.environ | {"PYTHONPATH": str(HERE.parent)} if client == "meshgen" else None
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def tell(self, word: str) -> None:
        """Write a word to its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def until(self, what: str, name: str = "") -> dict[str, Any]:
        """The next thing of this sort that it tells; others are passed over."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told: dict[str, Any] = json.loads(line)
            if told["what"] == what and told.get("name", "") == name:
                return told
        sys.exit(f"{self.client} ended with {self._process.wait()}")

    def weigh(self) -> dict[str, Any]:
        """Its CPU and memory now."""
        self.tell("weigh")
        return self.until("weight")


@contextmanager
def _silence(lab: Lab) -> Iterator[None]:
    """Have only the API server and etcd run."""
    for program in QUIET:
        lab.kill(program, signal.SIGSTOP)
    try:
        yield
    finally:
        for program in QUIET:
            lab.kill(program, signal.SIGCONT)


def _print(found: dict[str, list[Figures]]) -> int:
    """The table; how many rows ours loses by more than a tenth."""
    print(f"| | {' | '.join(found)} | {'ratio |' if len(found) > 1 else ''}\n|---|{'---:|' * (2 * len(found) - 1)}")
    lost = 0
    for key, title in ROWS.items():
        ours, *theirs = (median(each[key] for each in of_client) for of_client in found.values())
        lost += any(ours > 1.1 * one for one in theirs)
        print(f"| {title} | {ours:.3g} |", *(f"{one:.3g} | {ours / one:.2f} |" for one in theirs))
    return lost


if __name__ == "__main__":
    main()
