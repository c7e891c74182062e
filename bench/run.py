"""`make bench`: meshgen beside the plain script (and Helm, where it is on PATH), on fleets of growing size.

All figures are of whole processes: CPU seconds and wall seconds are medians of several runs that take turns.
Memory is the peak over all processes of one further run: looking at it takes a processor from what is measured.
Compare inside a table only.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import fleets
import helm
import yaml

HERE = Path(__file__).parent
RENDER = [sys.executable, "-m", "meshgen", "render", "--quiet"]
# The plain script knows no rules, so meshgen is compared without its own; what they cost is told apart.
MESHGEN = [*RENDER, "--no-lint"]
RULES = "with rules"
# Where Python keeps no bytecode, each run would compile all of meshgen; where it buffers nothing, the plain script would
# write each line of its output alone, and look worse than it is.
for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
    os.environ.pop(name, None)
PLAIN = [sys.executable, str(HERE / "plain.py")]
SIZES = (1, 10, 100, 1_000, 10_000)


class Figures(NamedTuple):
    """What one run took: seconds and seconds."""

    cpu: float
    wall: float


def run(command: list[str], output: Path | None = None) -> Figures:
    """Run a command to its end; its standard output goes to a file or nowhere."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with open(output or os.devnull, "wb") as out:
        _succeeded(command, subprocess.call(command, stdout=out, cwd=HERE.parent))
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Figures(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


def peak(command: list[str]) -> float:
    """Megabytes that all processes of a command hold at one time, at most."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=HERE.parent)
    watch = _Memory(process.pid)
    watch.start()
    code = process.wait()
    watch.stop()
    _succeeded(command, code)
    return watch.peak


def _succeeded(command: list[str], code: int) -> None:
    if code:
        sys.exit(f"{' '.join(command)} ended with {code}")


class _Memory(threading.Thread):
    """Adds up, every few milliseconds, what a process and its children hold for themselves (Linux: Pss)."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._ended = threading.Event()
        self.peak = 0.0

    def run(self) -> None:
        while not self._ended.wait(0.01):
            self.peak = max(self.peak, sum(map(_held, _family(self._process))))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _family(process: int) -> Iterator[int]:
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _held(process: int) -> float:
    """Megabytes; memory that processes share counts once."""
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def same_objects(specs: Path, folder: Path) -> int:
    """Compare as data what each program makes of the specs; returns how many objects."""
    results = {}
    for name, command in _commands(specs).items():
        run(command, folder / "objects")
        with (folder / "objects").open() as file:
            documents = list(yaml.load_all(file, Loader=yaml.CSafeLoader))
        results[name] = {
            (each["kind"], each["metadata"]["namespace"], each["metadata"]["name"]): each for each in documents
        }
    ours = results.pop("meshgen")
    for name, theirs in results.items():
        different = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
        if different:
            sys.exit(f"meshgen and {name} differ in {len(different)} objects, such as {min(different)}")
    return len(ours)


def _commands(specs: Path) -> dict[str, list[str]]:
    commands = {
        "meshgen": [*MESHGEN, str(specs)],
        RULES: [*RENDER, str(specs)],
        "plain script": [*PLAIN, str(specs)],
    }
    if shutil.which("helm"):
        commands["helm"] = helm.command(specs)
    return commands


def compare(specs: Path, rounds: int) -> dict[str, Figures]:
    """The median figures of each program on one fleet; they take turns."""
    runs: dict[str, list[Figures]] = {}
    for _ in range(rounds):
        for name, command in _commands(specs).items():
            runs.setdefault(name, []).append(run(command))
    return {name: Figures(*map(median, zip(*figures, strict=True))) for name, figures in runs.items()}


def instructions(specs: Path, folder: Path) -> int | None:
    """Instructions of a whole run in one process, or None where there is no valgrind."""
    if not shutil.which("valgrind"):
        return None
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder / 'callgrind'}", "--trace-children=no"]
    result = subprocess.run(
        [*command, *MESHGEN, str(specs)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
        cwd=HERE.parent,
    )
    return int(next(line for line in result.stderr.splitlines() if "Collected" in line).split()[-1])


def stages(specs: Path) -> str:
    """What `--verbose` says of a run's stages."""
    command = [*RENDER[:-1], "--verbose", str(specs)]
    return subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True, cwd=HERE.parent
    ).stderr


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-instructions", action="store_true")
    arguments = parser.parse_args()
    costs: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(
            f"{'services':>8}  {'program':<13} {'CPU s':>8} {'wall s':>8} {'peak MB':>8} {'CPU':>6} {'wall':>6}  (ratios to the plain script)"
        )
        for size in arguments.sizes:
            specs = folder / f"fleet-{size}"
            fleets.make(specs, size)
            objects = same_objects(specs, folder) if size <= 1_000 else 0
            rounds = arguments.rounds if size <= 1_000 else 1
            figures = compare(specs, rounds)
            base = figures["plain script"]
            for program, each in figures.items():
                held = peak(_commands(specs)[program])
                print(
                    f"{size:>8}  {program:<13} {each.cpu:8.3f} {each.wall:8.3f} {held:8.1f} {each.cpu / base.cpu:6.2f} {each.wall / base.wall:6.2f}"
                )
            if objects:
                print(f"{'':>8}  the same {objects} objects, compared as data")
            print(f"{'':>8}  rules and all over --no-lint: CPU {figures[RULES].cpu / figures['meshgen'].cpu:.2f}")
            costs[size] = figures["meshgen"].cpu / size
        if {1_000, 10_000} <= costs.keys():
            print(f"\nCPU a service at 10,000 over that at 1,000: {costs[10_000] / costs[1_000]:.2f}")
        if not arguments.no_instructions and (
            counted := instructions(folder / "fleet-100", folder) if 100 in arguments.sizes else None
        ):
            one = instructions(folder / "fleet-1", folder) if 1 in arguments.sizes else 0
            print(f"instructions a service, from fleets of 1 and 100: {(counted - (one or 0)) / 99 / 1e6:.2f} M")
        if 1_000 in arguments.sizes:
            print(f"\nstages at 1,000 services:\n{stages(folder / 'fleet-1000')}", end="")


if __name__ == "__main__":
    main()
