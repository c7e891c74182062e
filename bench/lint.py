"""`make bench`: meshgen lint on rendered fleets, each rule's share, and istioctl validate beside it where it is built.

CPU seconds are medians of several runs that take turns. Compare inside a table only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import fleets
from run import peak, run

from meshgen.linter import lint
from meshgen.manifests import read_manifests
from meshgen.mesh import Manifest
from meshgen.rules import rules

HERE = Path(__file__).parent
MESHGEN = [sys.executable, "-m", "meshgen"]
SIZES = (1_000, 10_000)


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each command")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        files = {size: _rendered(size, Path(folder)) for size in SIZES}
        small = files[SIZES[0]]
        costs = {}
        print("| services | objects | lint, CPU s | a service, ms | peak, MB |\n| --- | --- | --- | --- | --- |")
        for size, file in files.items():
            command = [*MESHGEN, "lint", "--quiet", str(file)]
            costs[size] = median(run(command).cpu for _ in range(rounds if size == SIZES[0] else 1))
            objects = file.read_text("utf-8").count("\nkind: ")
            print(
                f"| {size:,} | {objects:,} | {costs[size]:.2f} | {costs[size] / size * 1000:.2f} | {peak(command):.0f} |"
            )
        print(
            f"\na service at {SIZES[1]:,} / at {SIZES[0]:,}: {costs[SIZES[1]] / costs[SIZES[0]] * SIZES[0] / SIZES[1]:.2f}"
        )
        _beside(small, rounds)
        _shares(small)


def _rendered(size: int, folder: Path) -> Path:
    specs, file = folder / f"specs-{size}", folder / f"{size}.yaml"
    fleets.make(specs, size)
    with file.open("wb") as out:
        subprocess.run([*MESHGEN, "render", "--quiet", str(specs)], stdout=out, check=True)
    return file


def _beside(file: Path, rounds: int) -> None:
    """All rules together, and what istioctl validate takes for the same objects."""
    found = subprocess.run(
        [sys.executable, str(HERE.parent / "tools" / "build.py"), "--find", "istio"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    programs = [line for line in found.stdout.splitlines() if line.endswith("/istioctl")]
    if programs:
        command = [programs[0], "validate", "-f", str(file)]
        print(f"istioctl validate: {median(run(command).cpu for _ in range(rounds)):.2f} s of CPU")


def _shares(file: Path) -> None:
    """The CPU of each rule alone, over what it costs to know of all objects."""
    manifests = read_manifests([str(file)]).manifests
    base = min(_cpu(manifests, []) for _ in range(3))
    print("\n| rule | CPU ms |\n| --- | --- |")
    total = 0.0
    for rule in rules():
        cost = min(_cpu(manifests, [rule.code]) for _ in range(2)) - base
        total += max(cost, 0)
        print(f"| {rule.code} {rule.title} | {cost * 1000:.0f} |")
    print(f"| all, and what objects know of each other | {min(_cpu(manifests, None) for _ in range(3)) * 1000:.0f} |")


def _cpu(manifests: Sequence[Manifest], chosen: list[str] | None) -> float:
    began = time.process_time()
    lint(manifests, chosen=chosen, info=False)
    return time.process_time() - began


if __name__ == "__main__":
    main()
