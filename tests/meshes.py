"""Spec text in; objects, or what was said, out. Line numbers in the tests are those of the text."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Any

import pytest

from meshgen.diagnostic import MeshgenError
from meshgen.document import parse
from meshgen.fleet import Fleet, Options, fleet_of
from meshgen.mesh import Mesh
from meshgen.renderer import render
from meshgen.validator import check

Object = dict[str, Any]

HTTP = "ports: [{name: http, port: 80}]"
"""The ports of most services."""

RUNS = HTTP + "\nworkload: {container: {image: a}}"
"""A service that runs, and says nothing else."""


def service(spec: str, name: str = "a", namespace: str = "n", **metadata: str) -> str:
    """The text of a service's spec; `spec` begins in its line 5."""
    return _spec("Service", spec, name, namespace, metadata)


def gateway(spec: str = "hosts: [a.example.com]", name: str = "gw", namespace: str = "n") -> str:
    """The text of a gateway's spec; `spec` begins in its line 5."""
    return _spec("Gateway", spec, name, namespace, {})


def _spec(kind: str, spec: str, name: str, namespace: str, metadata: dict[str, str]) -> str:
    more = "".join(f", {key}: {value}" for key, value in metadata.items())
    head = (
        f"apiVersion: meshgen.dev/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}{more}}}\nspec:\n"
    )
    return head + indent(dedent(spec).strip("\n"), "  ") + "\n"


def fleet(*texts: str, **options: Any) -> Fleet:
    """The fleet of the specs, each in a file of its own: 1.yaml, 2.yaml ..."""
    documents = []
    for number, text in enumerate(texts, 1):
        parsed = parse(text, f"{number}.yaml", f"specs/{number}.yaml")
        assert not parsed.diagnostics, text
        documents += parsed.documents
    return fleet_of(documents, Options(**options))


def mesh(*texts: str, **options: Any) -> Mesh:
    """What comes of specs that are right. All of it is what the Kubernetes and Istio schemas take."""
    made = render(fleet(*texts, **options))
    for manifest in made:
        assert not check(manifest, manifest.data, "1.36", "1.31"), manifest.text
    return made


def get(made: Mesh, kind: str, name: str = "a", namespace: str = "n") -> Object:
    """One object, which must be there."""
    manifest = made.get(kind, namespace, name)
    assert manifest is not None, [str(each.key) for each in made]
    return manifest.data


def names(made: Mesh) -> list[str]:
    """The kinds and names of all objects, in the order in which they are applied."""
    return [f"{each.kind} {each.name}" for each in made]


def said(*texts: str, **options: str) -> list[str]:
    """What is wrong with the specs, as `FILE:LINE:COLUMN CODE words`; the hint, if any, stands behind a bar."""
    with pytest.raises(MeshgenError) as error:
        render(fleet(*texts, **options))
    return [
        f"{each.location} {each.code} {each.message}" + (f" | {each.hint}" if each.hint else "")
        for each in error.value.diagnostics
    ]


def http(spec: str, *others: str) -> list[Object]:
    """The rules inside the mesh of a service `a` that runs."""
    rules: list[Object] = get(mesh(service(f"{RUNS}\n{dedent(spec)}"), *others), "VirtualService")["spec"]["http"]
    return rules


def policy(spec: str) -> Object:
    """What the DestinationRule of a service `a` that runs says."""
    rule: Object = get(mesh(service(f"{RUNS}\n{dedent(spec)}")), "DestinationRule")["spec"]
    return rule


HOST = "a.example.com"
"""A public host, which `gateway()` has."""


def exposed(expose: str, spec: str = "", **options: Any) -> list[dict[str, Any]]:
    """The rules for requests from outside to a service `a` that runs, and is exposed at HOST."""
    text = f"{RUNS}\nexpose: [{{name: web, gateway: gw, hosts: [{HOST}], {expose}}}]\n{dedent(spec)}"
    rules: list[dict[str, Any]] = get(mesh(service(text), gateway(), **options), "VirtualService", f"gw-{HOST}")[
        "spec"
    ]["http"]
    return rules
