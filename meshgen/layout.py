"""Which file of the output folder an object goes to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from meshgen import emitter
from meshgen.ownership import STDIN, File

if TYPE_CHECKING:
    from meshgen.mesh import Manifest

LAYOUT = "{namespace}/{kind}-{name}.yaml"
"""Where objects go unless `--layout` says otherwise."""

_ENDINGS = (".yaml", ".yml")
_LONGEST_NAME = 255  # bytes, on every common file system
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\xa0\ud800-\udfff\\:*?"<>|%{}]')
# What Windows keeps for devices, and what makes kustomize read a folder in another way.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)|kustomization(?:\.ya?ml)?\Z", re.IGNORECASE)


def _service(manifest: Manifest) -> str:
    labels = manifest.data.get("metadata", {}).get("labels") or {}
    return str(labels.get("app.kubernetes.io/name") or manifest.name)


def _source(manifest: Manifest) -> str:
    label = min(manifest.sources)
    if label == STDIN:
        return "stdin"
    return next((label.removesuffix(ending) for ending in _ENDINGS if label.endswith(ending)), label)


_VALUES: dict[str, Callable[[Manifest], str]] = {
    "namespace": lambda manifest: manifest.namespace,
    "kind": lambda manifest: manifest.kind.lower(),
    "name": lambda manifest: manifest.name,
    "service": _service,
    "source": _source,
}


def check_layout(pattern: str) -> str:
    """Give `pattern` back where it can serve as a layout. ValueError says in words why not."""
    unknown = [name for name in _PLACEHOLDER.findall(pattern) if name not in _VALUES]
    if unknown:
        raise ValueError(f"no placeholder is named {unknown[0]!r}; there are: {', '.join(_VALUES)}")
    literal = _PLACEHOLDER.sub("x", pattern)
    if literal.startswith("/"):
        raise ValueError(f"{pattern!r} is absolute; the layout goes below the output folder")
    if ".." in literal.split("/"):
        raise ValueError(f"{pattern!r} leads out of the output folder")
    if any(not part or part.startswith(".") for part in literal.split("/")):
        raise ValueError(
            f"{pattern!r} has a part that is empty or begins with a dot; hidden files are not looked at again"
        )
    odd = _NOT_IN_NAMES.search(literal)
    if odd:
        raise ValueError(f"{pattern!r} has the character {odd[0]!r}, which not every file system takes")
    reserved = next(filter(_RESERVED.match, literal.split("/")), "")
    if reserved:
        raise ValueError(f"{pattern!r} has the name {reserved!r}, which Windows or kustomize takes for something else")
    if not literal.endswith(_ENDINGS):
        raise ValueError(f"{pattern!r} ends neither with '.yaml' nor with '.yml'")
    return pattern


def layout(manifests: Iterable[Manifest], pattern: str = LAYOUT) -> list[File]:
    """Give the files of `manifests`, sorted by path; objects that share one stay in the given order, behind `---`.

    No two names make one path, and none leaves the folder, hides in it or is refused by a file system: other
    characters than letters, digits, `.`, `_` and `-` are written as `%2a`. ValueError where `pattern` is no layout.
    """
    check_layout(pattern)
    needed = {name: _VALUES[name] for name in _PLACEHOLDER.findall(pattern)}
    groups: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        values = {name: _safe(name, value(manifest)) for name, value in needed.items()}
        path = "/".join([_segment(part) for part in pattern.format_map(values).split("/")])
        groups.setdefault(path, []).append(manifest)
    return [_file(path, groups[path]) for path in sorted(groups)]


def kustomization(files: Iterable[File], roots: Sequence[str]) -> File:
    """Give the kustomization.yaml that names all `files`; it is made from the arguments rather than from every spec."""
    resources = sorted(file.path for file in files)
    content = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": resources}
    return File("kustomization.yaml", emitter.block(content), tuple(sorted(roots)))


def _file(path: str, manifests: Sequence[Manifest]) -> File:
    sources = {label for manifest in manifests for label in manifest.sources}
    return File(path, partial(_text, manifests), tuple(sorted(sources)))


def _text(manifests: Sequence[Manifest]) -> str:
    return "---\n".join([manifest.text for manifest in manifests])


def _safe(placeholder: str, value: str) -> str:
    if placeholder == "source":
        return "/".join(_name(part) for part in value.split("/"))
    return _name(value)


def _name(value: str) -> str:
    """A value as part of a file name. What is empty is `_`, so a `_` of its own is written otherwise."""
    if value in {"", "_"}:
        return "_" if not value else "%5f"
    return _UNSAFE.sub(lambda match: _escaped(match[0]), value)


def _segment(name: str) -> str:
    """A folder's or file's name that is neither hidden nor reserved nor too long."""
    if name.startswith(".") or _RESERVED.match(name):
        name = _escaped(name[0]) + name[1:]
    if name.endswith("."):
        name = name[:-1] + _escaped(".")
    if len(name.encode()) > _LONGEST_NAME:
        return _shortened(name)
    return name


def _shortened(name: str) -> str:
    from hashlib import sha256  # hardly ever needed

    ending = next((ending for ending in _ENDINGS if name.endswith(ending)), "")
    tail = f"%-{sha256(name.encode()).hexdigest()[:16]}{ending}"  # `%-` comes from nowhere else
    return name.encode()[: _LONGEST_NAME - len(tail)].decode(errors="ignore") + tail


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
