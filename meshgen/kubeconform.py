"""The kubeconform binary as an independent second reader of the bytes that meshgen writes."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from meshgen.diagnostic import Diagnostic, Location, MeshgenError, Severity
from meshgen.document import KeyPath
from meshgen.mesh import Manifest, Mesh

SCHEMAS = Path(__file__).parent / "schemas"

_FINDING = re.compile(r" *- at '((?:[^'\\]|\\.)*)': ")
_PLACE = Location("--kubeconform")
_ELSE = "name another kubeconform with --kubeconform, or leave the option out"


def find(program: str | None = None) -> str | None:
    """The absolute path of `program`, which is a path or a name on PATH; without one, of a kubeconform on PATH, if any.

    Raises MeshgenError (MG505) where a program was named and is not there.
    """
    found = shutil.which(program or "kubeconform")
    if found is None and program is not None:
        hint = "in a checkout of meshgen, `make tools` builds it and prints its path"
        raise MeshgenError(_error("MG505", f"there is no program {program!r}", hint))
    return None if found is None else str(Path(found).absolute())


def schema_locations(kubernetes: str, istio: str) -> list[str]:
    """What `-schema-location` takes, for each of the two versions; relative to the folder of the schemas."""
    file = "{{.ResourceKind}}{{.KindSuffix}}.json"
    return [f"kubernetes/v{kubernetes}/{file}", f"istio/v{istio}/{file}"]


def check(mesh: Mesh, binary: str, kubernetes: str, istio: str) -> list[Diagnostic]:
    """What kubeconform refuses in the objects of `mesh`, at the places that a person edits.

    Raises MeshgenError (MG505) where the binary does not do its work.
    """
    manifests = list(mesh)
    # One worker, so that results come in the order of the documents: only that tells namespaces apart.
    command = [binary, "-strict", "-output", "json", "-summary", "-verbose", "-n", "1"]
    for location in schema_locations(kubernetes, istio):
        command += ["-schema-location", location]
    # A result without status is that of an empty document.
    results = [each for each in _run([*command, "-"], mesh.stream()) if each["status"] not in ("", "statusSkipped")]
    read = [(result["kind"], result["name"]) for result in results]
    if read != [(manifest.kind, manifest.name) for manifest in manifests]:
        return [_miscounted(manifests, read)]
    return [each for manifest, result in zip(manifests, results, strict=True) for each in _findings(manifest, result)]


def _run(command: list[str], pieces: Iterable[str]) -> list[dict[str, Any]]:
    """One result for each document that kubeconform found in the text."""
    pipe = subprocess.PIPE
    try:
        with subprocess.Popen(command, cwd=SCHEMAS, stdin=pipe, stdout=pipe, stderr=pipe) as process:
            _feed(process, pieces)
            output, errors = process.communicate()
    except OSError as error:
        raise MeshgenError(_error("MG505", f"{command[0]} cannot be run: {error.strerror}", _ELSE)) from None
    try:
        results: list[dict[str, Any]] = json.loads(output)["resources"]
    except (ValueError, KeyError, TypeError):
        said = " ".join(errors.decode(errors="replace").split()) or "it said nothing"
        raise MeshgenError(_error("MG505", f"{command[0]} ended with {process.returncode}: {said}", _ELSE)) from None
    return results


def _feed(process: subprocess.Popen[bytes], pieces: Iterable[str]) -> None:
    """Write all to kubeconform, which says nothing before it has read the end. What it dies of, it says itself."""
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.writelines(piece.encode() for piece in pieces)


def _findings(manifest: Manifest, result: dict[str, Any]) -> Iterator[Diagnostic]:
    if result["status"] == "statusValid":
        return
    _, *parts = _FINDING.split(result["msg"])
    pairs = [pair for pair in zip(parts[::2], parts[1::2], strict=True) if pair[1].strip() != "validation failed"]
    for pointer, words in pairs or [("", result["msg"])]:
        path = _path(pointer, manifest.data) if pointer else ()
        yield Diagnostic(
            manifest.locate(path),
            "MG303",
            Severity.ERROR,
            f"kubeconform: {words.strip()}",
            manifest.subject(path),
            "meshgen's own check took it: one of the two is wrong, and that is a bug to report",
        )


def _path(pointer: str, data: Any) -> KeyPath:
    """A JSON pointer, in kubeconform's quotes, as the path in `data`: what counts items is a number there."""
    path: list[str | int] = []
    for token in pointer.replace("\\'", "'").replace("\\\\", "\\").split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        step = int(key) if isinstance(data, list) else key
        path.append(step)
        data = data[step]
    return tuple(path)


def _miscounted(manifests: list[Manifest], read: list[tuple[str, str]]) -> Diagnostic:
    written = [(manifest.kind, manifest.name) for manifest in manifests]
    message = f"meshgen wrote {len(written)} objects and kubeconform validated {len(read)}"
    if len(written) == len(read):
        number = next(number for number, each in enumerate(written) if each != read[number])
        message = (
            f"object {number + 1} is {' '.join(written[number])} to meshgen and {' '.join(read[number])} to kubeconform"
        )
    return _error("MG304", message, "the output does not mean the same to both, and that is a bug to report")


def _error(code: str, message: str, hint: str = "") -> Diagnostic:
    return Diagnostic(_PLACE, code, Severity.ERROR, message, hint=hint)
