"""Values are values: no string of a spec becomes structure, another type, template code or a path."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from readers import READERS, alike

from meshgen.diagnostic import MeshgenError
from meshgen.document import parse
from meshgen.emitter import block
from meshgen.fleet import Fleet, fleet_of
from meshgen.mesh import Mesh
from meshgen.renderer import render, render_unit, units

# Whatever YAML can carry: no surrogates, no NUL, nothing that Unicode says is no character.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\ufffe\uffff"), max_size=30
) | st.sampled_from(
    ["on", "yes", "~", "null", "0755", "1e3", "12:30", "{{ service.name }}", "{% raw %}", "../../etc/passwd", "a: b", "- x", "# x", "---", "...", "\n---\n", "'\"", "${HOME}", "é\u0085\u2028", " x ", "<<", "*x", "&x", "!!str x"]
)  # fmt: skip
NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


def fleet_with(*specs: dict[str, Any]) -> Fleet:
    """The fleet of specs that can be read, given as data."""
    parsed = parse("\n---\n".join(block(spec) for spec in specs), "specs.yaml", "specs.yaml")
    if parsed.diagnostics:
        raise MeshgenError(*parsed.diagnostics)
    return fleet_of(parsed.documents)


def mesh_of(*specs: dict[str, Any]) -> Mesh:
    """What comes of specs that are right, given as data."""
    return render(fleet_with(*specs))


def spec_with(texts: dict[str, str], name: str) -> dict[str, Any]:
    """A spec in which each text stands in several places where any text may stand."""
    text = texts["text"]
    return {
        "apiVersion": "meshgen.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": name, "annotations": {"note": text}},
        "spec": {
            "ports": [{"name": "http", "port": 80}],
            "workload": {
                "container": {
                    "image": text,
                    "args": [text, texts["other"]],
                    "env": [{"name": texts["key"] or "X", "value": text}],
                    "workingDir": texts["other"],
                },
                "pod": {"annotations": {"note": texts["other"]}, "nodeSelector": {texts["key"]: text}},
            },
            "service": {"annotations": {"note": text}},
            "routes": [
                {
                    "name": "r",
                    "match": [{"headers": {"x-text": {"exact": text}}, "uri": {"exact": "/" + texts["other"]}}],
                    "directResponse": {"status": 200, "body": {"string": text}},
                },
                {"name": "rest"},
            ],
        },
    }


@settings(max_examples=150)
@given(texts=st.fixed_dictionaries({"text": TEXTS, "other": TEXTS, "key": TEXTS}), name=NAMES)
def test_every_reader_reads_every_text_as_it_was_meant(texts: dict[str, str], name: str) -> None:
    try:
        fleet = fleet_with(spec_with(texts, name))
        mesh = render(fleet)
    except MeshgenError as refused:
        # A text may be refused for what it is (no image name, no header value), but it may not be misread.
        if any(each.code not in ("MG101", "MG130") for each in refused.diagnostics):
            raise
        reject()
    for manifest, data in (found for unit in units(fleet) for found in render_unit(fleet, unit).objects):
        for reader, load in READERS.items():
            assert alike(load(manifest.text), data), f"{reader} reads something else in {manifest.text}"
    deployment = mesh.get("Deployment", name, name)
    routes = mesh.get("VirtualService", name, name)
    assert deployment is not None
    assert routes is not None
    pod = deployment.data["spec"]["template"]
    container = pod["spec"]["containers"][0]
    assert container["image"] == texts["text"]
    assert container["args"] == [texts["text"], texts["other"]]
    assert container["env"] == [{"name": texts["key"] or "X", "value": texts["text"]}]
    assert pod["spec"]["nodeSelector"] == {texts["key"]: texts["text"]}
    assert pod["metadata"]["annotations"] == {"note": texts["other"]}
    match = routes.data["spec"]["http"][0]["match"][0]
    assert (match["headers"]["x-text"]["exact"], match["uri"]["exact"]) == (texts["text"], "/" + texts["other"])
    assert routes.data["spec"]["http"][0]["directResponse"]["body"]["string"] == texts["text"]


@pytest.mark.parametrize(
    "code", ["{{ service.__class__ }}", "{% for x in ().__class__.__mro__ %}x{% endfor %}", "{{ 7 * 7 }}"]
)
def test_template_code_in_a_spec_is_only_text(code: str) -> None:
    manifest = mesh_of(spec_with({"text": code, "other": "x", "key": "k"}, "shop")).get("Deployment", "shop", "shop")

    assert manifest is not None
    assert manifest.data["spec"]["template"]["spec"]["containers"][0]["image"] == code
