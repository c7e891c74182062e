"""Counts the instructions that `meshgen --help` costs, by callgrind; fails when they are too many.

python bench/startup.py
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

MOST = 100_000_000
"""Instructions that `meshgen --help` may cost, the interpreter included."""

COMMANDS = {
    "the interpreter alone": ["-c", "pass"],
    "meshgen --help": ["-m", "meshgen", "--help"],
    "meshgen --version": ["-m", "meshgen", "--version"],
}


def instructions(arguments: list[str]) -> int:
    """What this Python executes for `python ARGUMENTS...`, the second time, when bytecode is cached."""
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, capture_output=True)
    callgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    result = subprocess.run([*callgrind, *command], check=True, capture_output=True, text=True)
    counted = re.search(r"Collected : (\d+)", result.stderr)
    if counted is None:
        raise SystemExit(f"callgrind counted nothing: {result.stderr}")
    return int(counted[1])


def main() -> None:
    """Print a table of counts; exit 1 when help costs more than MOST."""
    if shutil.which("valgrind") is None:
        raise SystemExit("startup: needs valgrind on PATH to count instructions")
    counts = {name: instructions(arguments) for name, arguments in COMMANDS.items()}
    for name, count in counts.items():
        print(f"{name:24} {count / 1e6:7.1f} M instructions")
    if counts["meshgen --help"] > MOST:
        raise SystemExit(f"meshgen --help costs more than {MOST / 1e6:.0f} M instructions")


if __name__ == "__main__":
    main()
