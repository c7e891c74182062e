"""Makes meshgen/schemas/ from the pinned Go modules of Kubernetes and Istio; `--check` makes it elsewhere and compares."""

from __future__ import annotations

import argparse
import filecmp
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import istio
import kubernetes
from strict import reachable

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "meshgen" / "schemas"
INPUTS = Path(__file__).parent
SUMS = "SHA256SUMS"
ISTIO_VERSIONS = ("1.30", "1.31")


def main() -> int:
    """Run the command line; the exit code is 1 where `--check` finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if anything would change")
    if not parser.parse_args().check:
        _write(SCHEMAS)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder))
        different = sorted(_different(filecmp.dircmp(folder, SCHEMAS, ignore=["__pycache__"]), Path()))
    for path in different:
        print(f"meshgen/schemas/{path} is not what its upstream packages make; run make schemas", file=sys.stderr)
    return 1 if different else 0


def _write(folder: Path) -> None:
    made = {path: text.encode() for path, text in _schemas()}
    sums = {f"meshgen/schemas/{path}": data for path, data in made.items()}
    sums |= {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in INPUTS.iterdir() if path.is_file()}
    lines = (f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(sums.items()))
    made[SUMS] = "".join(lines).encode()
    for path in [each for each in folder.rglob("*") if each.is_file()]:
        if path.relative_to(folder).as_posix() not in made:
            path.unlink()
    for name, data in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def _schemas() -> Iterator[tuple[str, str]]:
    """Path below the schemas' folder and text of each file."""
    pins = [line.split() for line in (INPUTS / "upstream.sum").read_text("utf-8").splitlines()]
    folders = {(module, version): _download(module, version, checksum) for module, version, checksum in pins}
    newest = ""
    for (module, version), folder in folders.items():
        if module == "k8s.io/kubernetes":
            minor = ".".join(version.removeprefix("v").split(".")[:2])
            for path, text in kubernetes.schemas(folder, minor):
                newest = text if path.endswith("/_definitions.json") else newest
                yield path, text
    [api] = [folder for (module, _), folder in folders.items() if module == "istio.io/api"]
    definitions = json.loads(newest)["$defs"]
    shared = reachable(definitions, [istio.METADATA])
    for minor in ISTIO_VERSIONS:
        yield from istio.schemas(api, minor, shared)


def _download(module: str, version: str, checksum: str) -> Path:
    """The folder of a module's source, after its checksum was compared with the pinned one."""
    with tempfile.TemporaryDirectory() as outside:  # no go.mod there that go could change
        command = ["go", "mod", "download", "-json", f"{module}@{version}"]
        result = subprocess.run(command, cwd=outside, stdout=subprocess.PIPE, check=True)
    downloaded = json.loads(result.stdout)
    if downloaded["Sum"] != checksum:
        raise SystemExit(f"{module}@{version} has the checksum {downloaded['Sum']}, not the pinned {checksum}")
    return Path(downloaded["Dir"])


def _different(compared: filecmp.dircmp[str], below: Path) -> Iterator[Path]:
    _, differing, unreadable = filecmp.cmpfiles(compared.left, compared.right, compared.common_files, shallow=False)
    for name in [*compared.left_only, *compared.right_only, *differing, *unreadable]:
        yield below / name
    for name, inner in compared.subdirs.items():
        yield from _different(inner, below / name)


if __name__ == "__main__":
    sys.exit(main())
