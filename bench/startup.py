"""Counts the instructions that starting meshgen costs, by callgrind; fails when they are too many.

python bench/startup.py
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import fleets

AS_INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Bytecode is cached. Compiling our sources each time would be a quarter of a small run."""


def instructions(arguments: list[str]) -> int:
    """What this Python executes for `python ARGUMENTS...`, the second time, when bytecode is cached."""
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, capture_output=True, env=AS_INSTALLED)
    callgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    result = subprocess.run([*callgrind, *command], check=True, capture_output=True, text=True, env=AS_INSTALLED)
    counted = re.search(r"Collected : (\d+)", result.stderr)
    if counted is None:
        raise SystemExit(f"callgrind counted nothing: {result.stderr}")
    return int(counted[1])


def main() -> None:
    """Print a table of counts; exit 1 where one is more than it may be."""
    if shutil.which("valgrind") is None:
        raise SystemExit("startup: needs valgrind on PATH to count instructions")
    with tempfile.TemporaryDirectory() as name:
        fleets.make(Path(name), 1)
        most = {
            "the interpreter alone": (["-c", "pass"], None),
            "meshgen --help": (["-m", "meshgen", "--help"], 100),
            "meshgen --version": (["-m", "meshgen", "--version"], 100),
            "meshgen render, one service": (["-m", "meshgen", "render", "--quiet", name], 1_350),
        }
        counts = {title: instructions(arguments) / 1e6 for title, (arguments, _) in most.items()}
    for title, count in counts.items():
        print(f"{title:28} {count:8.1f} M instructions")
    for title, (_, limit) in most.items():
        if limit is not None and counts[title] > limit:
            raise SystemExit(f"{title} costs more than {limit} M instructions")


if __name__ == "__main__":
    main()
