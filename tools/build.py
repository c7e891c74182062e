"""Builds sets of Go tools from their pinned modules, once, and prints the paths of their programs.

A set is a folder tools/NAME with a go.mod that lists its programs under `tool`, and a go.sum. What is built lies in a
cache outside the checkout (MESHGEN_TOOLS_CACHE, or meshgen/tools in the user's cache), under a name made from both files
and from Go's version, so that it is built again only when one of them changes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOOLS = Path(__file__).resolve().parent


def main() -> int:
    """Run the command line: a line for each program."""
    sets = sorted(path.parent.name for path in TOOLS.glob("*/go.mod"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", choices=sets, metavar="SET", help=f"which tools: {', '.join(sets)}")
    parser.add_argument("--find", action="store_true", help="build nothing: fail where something is not built yet")
    arguments = parser.parse_args()
    if shutil.which("go") is None:
        print(
            "Go is not on PATH; it builds the tools (any version from 1.21: it fetches the one it needs)",
            file=sys.stderr,
        )
        return 1
    folders = [TOOLS / name for name in arguments.sets]
    unbuilt = [folder.name for folder in folders if arguments.find and not _target(folder).is_dir()]
    if unbuilt:
        print(f"the tools of tools/{unbuilt[0]} are not built: run make tools", file=sys.stderr)
        return 1
    for folder in folders:
        for program in build(folder):
            print(program)
    return 0


def build(folder: Path) -> list[Path]:
    """The programs of the set in `folder`, built if they are not in the cache yet.

    Raises CalledProcessError where Go cannot build them; it has told why on standard error.
    """
    target = _target(folder)
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as made:
            print(f"building the tools of tools/{folder.name}", file=sys.stderr, flush=True)
            began = time.monotonic()
            command = ["go", "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", f"{made}/bin/", "tool"]
            subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr, env={**os.environ, "GOWORK": "off"})
            _keep(Path(made, "bin"), target)
            names = ", ".join(path.name for path in sorted(target.iterdir()))
            print(f"built {names} in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return sorted(target.iterdir())


def _target(folder: Path) -> Path:
    return _cache() / f"{folder.name}-{_key(folder)}"


def _keep(made: Path, target: Path) -> None:
    """Move what was built to its place, unless another run was faster."""
    try:
        made.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def _cache() -> Path:
    chosen = os.environ.get("MESHGEN_TOOLS_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "meshgen" / "tools"


def _key(folder: Path) -> str:
    go = subprocess.run(["go", "env", "GOVERSION", "GOOS", "GOARCH"], cwd=folder, check=True, capture_output=True)
    pinned = (folder / "go.mod").read_bytes() + (folder / "go.sum").read_bytes()
    return hashlib.sha256(pinned + go.stdout).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
