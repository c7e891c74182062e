"""The door to jsonschema_rs: objects against the strict schemas of one Kubernetes and one Istio version, and beyond."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meshgen.diagnostic import Diagnostic, Severity
from meshgen.kinds import group_of, ours, without_schema
from meshgen.refusal import SchemaError, described, refusals

if TYPE_CHECKING:
    import jsonschema_rs

    from meshgen.apiserver.found import Finding
    from meshgen.mesh import Manifest

__all__ = [
    "ISTIO_VERSIONS",
    "KUBERNETES_VERSIONS",
    "SCHEMAS",
    "SchemaError",
    "SchemaSet",
    "check",
    "errors",
    "validate",
]

SCHEMAS = Path(__file__).parent / "schemas"
"""The folder that holds the schemas, in a layout that kubeconform reads too."""

KUBERNETES_VERSIONS = ("1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
ISTIO_VERSIONS = ("1.30", "1.31")

_SHAPE = ("", "additionalProperties", "allOf", "anyOf", "oneOf", "required", "type")
"""What is missing, unknown or of another type: of an object where one of these is refused, nothing else is said."""

MADE = (
    ("v1", "ServiceAccount"),
    ("v1", "Service"),
    ("discovery.k8s.io/v1", "EndpointSlice"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("networking.istio.io/v1", "Gateway"),
    ("networking.istio.io/v1", "DestinationRule"),
    ("networking.istio.io/v1", "VirtualService"),
)
"""What meshgen makes of specs."""

_DIALECT = '"$schema":"https://json-schema.org/draft/2020-12/schema",'
_DEFINITIONS = "_definitions.json"
_REFERENCE = re.compile(r'"#/\$defs/([^"]+)"')
_CONSTANTS = re.compile(r'"apiVersion":\{"const":"([^"]+)"\},\n"kind":\{"const":"([^"]+)"\}')
_API_VERSION = re.compile(r"(?:([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*)/)?([a-z0-9]{1,63})")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")


class SchemaSet:
    """The schemas of one Kubernetes and one Istio version, each read and compiled when it is first asked for."""

    def __init__(self, kubernetes: str, istio: str) -> None:
        if kubernetes not in KUBERNETES_VERSIONS or istio not in ISTIO_VERSIONS:
            raise ValueError(f"no schemas for Kubernetes {kubernetes} with Istio {istio}")
        self.kubernetes = kubernetes
        self.istio = istio
        self._folders = (SCHEMAS / "kubernetes" / f"v{kubernetes}", SCHEMAS / "istio" / f"v{istio}")
        self._validators: dict[tuple[str, str], jsonschema_rs.Validator | None] = {}
        self._missing: dict[tuple[str, str], SchemaError] = {}

    def validator(self, api_version: str, kind: str) -> jsonschema_rs.Validator | None:
        """The compiled schema of a kind; None where there is no such kind."""
        key = api_version, kind
        try:
            return self._validators[key]
        except KeyError:
            text = self.text(api_version, kind)
            return self._validators.setdefault(key, _compiled(text) if text is not None else None)

    def text(self, api_version: str, kind: str) -> str | None:
        """The schema of a kind as JSON text that refers to nothing outside itself; None where there is no such kind."""
        body, definitions = self._parts(api_version, kind)
        return f'{body[:-1]},"$defs":{_mapping(definitions)}}}' if body else None

    def accepts(self, data: Mapping[str, Any], api_version: str, kind: str) -> bool:
        """Whether an object, which has this apiVersion and kind, is as their schema says; False where there is none."""
        if (api_version, kind) in MADE:
            return self._of_made.is_valid(data)
        validator = self.validator(api_version, kind)
        return validator is not None and validator.is_valid(data)

    @cached_property
    def _of_made(self) -> jsonschema_rs.Validator:
        """The schemas of what meshgen makes, compiled as one: they have so much in common that it takes half the time."""
        definitions: dict[str, str] = {}
        choices = []
        for api_version, kind in MADE:
            body, needed = self._parts(api_version, kind)
            definitions |= {**needed, f"made/{kind}": body.replace(_DIALECT, "", 1)}
            choices.append(
                f'{{"if":{{"properties":{{"kind":{{"const":"{kind}"}}}}}},"then":{{"$ref":"#/$defs/made~1{kind}"}}}}'
            )
        return _compiled(f'{{{_DIALECT}"allOf":[{",".join(choices)}],"$defs":{_mapping(definitions)}}}')

    def _parts(self, api_version: str, kind: str) -> tuple[str, dict[str, str]]:
        """The schema of a kind without definitions, and those that it needs; empty where there is no such kind."""
        group_version = _API_VERSION.fullmatch(api_version)
        if group_version is None or not _KIND.fullmatch(kind):
            return "", {}
        group, version = group_version.groups()
        suffix = f"{group.partition('.')[0]}-{version}" if group else version
        file = self._folders[(group or "").endswith(".istio.io")] / f"{kind}-{suffix}.json".lower()
        text = _read(file)
        if text is None or _constants(text) != (api_version, kind):
            return "", {}
        body = text.rstrip().replace(f'"{_DEFINITIONS}#', '"#')
        return body, dict(_needed(body, _lines(file.parent)))

    @cached_property
    def kinds(self) -> list[tuple[str, str]]:
        """apiVersion and kind of everything that has a schema."""
        files = (file for folder in self._folders for file in folder.glob("[a-z]*.json"))
        return sorted(_constants(file.read_text("utf-8")) for file in files)

    def is_ours(self, api_version: str, kind: str) -> bool:
        """Whether there is a schema for a kind, or there should be one: its API group is Kubernetes' or Istio's."""
        return self.validator(api_version, kind) is not None or group_of(api_version) in self._groups

    def missing(self, api_version: str, kind: str) -> SchemaError:
        """What to say of a kind that has no schema."""
        versions = f"Kubernetes {self.kubernetes} and Istio {self.istio}"
        key = api_version, kind
        if key not in self._missing:
            self._missing[key] = without_schema(api_version, kind, self.kinds, versions)
        return self._missing[key]

    @cached_property
    def _groups(self) -> frozenset[str]:
        return ours(self.kinds)


def _compiled(text: str) -> jsonschema_rs.Validator:
    import jsonschema_rs

    # The patterns are written for Go's regular expressions, which Rust's plain engine understands as they are.
    return jsonschema_rs.Draft202012Validator(text, pattern_options=jsonschema_rs.RegexOptions())


@cache
def schema_set(kubernetes: str, istio: str) -> SchemaSet:
    """The schemas of two versions; the same object each time, so that nothing is compiled twice.

    Raises ValueError for a version that has no schemas.
    """
    return SchemaSet(kubernetes, istio)


def errors(data: Mapping[str, Any], kubernetes: str, istio: str) -> list[SchemaError]:
    """What the schema of the object's kind refuses in it, or that its kind has none."""
    schemas = schema_set(kubernetes, istio)
    api_version, kind = data.get("apiVersion"), data.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return [
            SchemaError((), f"{key!r} is missing", "begin with apiVersion and kind")
            if value is None
            else SchemaError((key,), f"takes text, not {described(value)}")
            for key, value in (("apiVersion", api_version), ("kind", kind))
            if not isinstance(value, str)
        ]
    if schemas.accepts(data, api_version, kind):
        return []
    if schemas.validator(api_version, kind) is None:
        return [schemas.missing(api_version, kind)]
    return [_dated(error, data, schemas) for error in _refused(data, schemas)]


def _refused(data: Mapping[str, Any], schemas: SchemaSet) -> list[SchemaError]:
    key = data["apiVersion"], data["kind"]
    validator = schemas.validator(*key)
    if validator is None or validator.is_valid(data):
        return []
    return refusals(validator.iter_errors(data), data, json.loads(schemas.text(*key) or ""))


def _dated(error: SchemaError, data: Mapping[str, Any], schemas: SchemaSet) -> SchemaError:
    """What a later version takes is not misspelt, nor too little: say from which version on it is right."""
    istio = ".istio.io/" in data["apiVersion"]
    versions = ISTIO_VERSIONS if istio else KUBERNETES_VERSIONS
    for version in versions[versions.index(schemas.istio if istio else schemas.kubernetes) + 1 :]:
        later = schema_set(schemas.kubernetes, version) if istio else schema_set(version, schemas.istio)
        refused = [each for each in _refused(data, later) if each.path == error.path]
        is_new = error.message.startswith("unknown key") and error.message not in [each.message for each in refused]
        if is_new or not refused:
            has = "has" if is_new else "takes"
            return error._replace(hint=f"{'Istio' if istio else 'Kubernetes'} {has} it from {version} on")
    return error


def check(manifest: Manifest, data: Mapping[str, Any], kubernetes: str, istio: str) -> list[Diagnostic]:
    """What is wrong with one object, whose data are given, at the places that a person edits."""
    found = mistakes(data, kubernetes, istio)
    if not found:
        return []
    return [
        Diagnostic(manifest.locate(path), code, Severity.ERROR, message, manifest.subject(path), hint)
        for code, path, message, hint in found
    ]


def mistakes(data: Mapping[str, Any], kubernetes: str, istio: str) -> list[Finding]:
    """What the schema refuses in an object, and what kube-apiserver refuses beyond it.

    Where both speak of one place, or the rule of one inside it, the rule knows the reason and is told alone; but a doubt
    says less than a refusal.
    """
    refused = errors(data, kubernetes, istio)
    if not refused:
        return _rules()(data, kubernetes)
    found = [] if any(error.keyword in _SHAPE for error in refused) else _rules()(data, kubernetes)
    from meshgen.apiserver.found import Finding

    places = {error.path for error in refused}
    found = [each for each in found if each.code != "MG306" or each.path not in places]
    told = {each.path[:length] for each in found for length in range(len(each.path) + 1)}
    return found + [
        Finding("MG302" if error.unknown_kind else "MG301", error.path, error.message, error.hint)
        for error in refused
        if error.path not in told
    ]


@cache
def _rules() -> Callable[[Mapping[str, Any], str], list[Finding]]:
    """kube-apiserver's rules. Commands that judge no object do without them."""
    from meshgen.apiserver.objects import findings

    return findings


def validate(manifests: Iterable[Manifest], kubernetes: str, istio: str) -> list[Diagnostic]:
    """What is wrong with each object."""
    return [found for manifest in manifests for found in check(manifest, manifest.data, kubernetes, istio)]


def _constants(text: str) -> tuple[str, str]:
    match = _CONSTANTS.search(text)
    if match is None:
        raise ValueError("a schema does not say its apiVersion and kind")
    return match[1], match[2]


def _read(file: Path) -> str | None:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return None


@cache
def _lines(folder: Path) -> dict[str, str]:
    """The text of each definition in a folder: one a line, so that nothing is parsed that nobody needs."""
    lines = (folder / _DEFINITIONS).read_text("utf-8").splitlines()[1:-1]
    return {name[1:]: body.removesuffix(",") for name, _, body in (line.partition('":') for line in lines)}


def _mapping(definitions: Mapping[str, str]) -> str:
    """As JSON, the values being so already."""
    return "{" + ",".join([f'"{name}":{body}' for name, body in definitions.items()]) + "}"


def _needed(text: str, definitions: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The definitions that a schema's text refers to, and those that these refer to."""
    waiting = set(_REFERENCE.findall(text))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        yield name, definitions[name]
        waiting |= set(_REFERENCE.findall(definitions[name])) - found
