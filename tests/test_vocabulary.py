"""Keys of a workload that are misspelt, or stand a level too high or too low."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from meshes import HTTP, RUNS, said, service

from meshgen.pipeline import build
from meshgen.resolve.vocabulary import FIELDS
from meshgen.validator import KUBERNETES_VERSIONS, schema_set


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("kind", FIELDS)
def test_a_workload_has_the_fields_that_kubernetes_has(kind: str, version: str) -> None:
    schema = json.loads(schema_set(version, "1.31").text("apps/v1", kind) or "")
    spec = schema["properties"]["spec"]
    if "$ref" in spec:
        for step in spec["$ref"].split("/")[1:]:
            schema = schema[step]
        spec = schema
    fields = set(spec["properties"])

    assert fields - {"selector", "template", "serviceName"} == FIELDS[kind]


POSSIBLE = "kind, name, selector, container, pod, minReadySeconds, paused, progressDeadlineSeconds, replicas, revisionHistoryLimit, strategy"


@pytest.mark.parametrize(
    ("workload", "what"),
    [
        ("{contianer: {image: a}}", "6:14 MG101 unknown key 'contianer' | did you mean 'container'?"),
        ("{container: {imge: a}}", "6:26 MG130 the main container of 'a' has no image | unknown key 'imge'; did you mean 'image'?"),
        ("{image: a}", "6:14 MG101 unknown key 'image' | write it below 'container'"),
        ("{container: {image: a}, nodeSelector: {}}", "6:37 MG101 unknown key 'nodeSelector' | write it below 'pod'"),
        ("{container: {image: a}, Replicas: 3}", "6:37 MG101 unknown key 'Replicas' | did you mean 'replicas'?"),
        ("{container: {image: a}, ordinals: {start: 1}}", "6:37 MG101 a Deployment has no 'ordinals' | write kind: StatefulSet, or leave it out"),
        ("{kind: StatefulSet, container: {image: a}, strategy: {}}", "6:56 MG101 a StatefulSet has no 'strategy' | write kind: Deployment, or leave it out"),
        ("{container: {image: a}, zzz: 1}", f"6:37 MG101 unknown key 'zzz' | possible here: {POSSIBLE}"),
        ("{container: {image: a, $patch: delete}}", "6:36 MG101 deletes an item of a list of named things, and here is none | write null in place of what is to be taken away"),
        ("{container: {image: a, env: [{name: A, $patch: replace}]}}", "6:52 MG101 takes delete, not 'replace' | what is written is laid over what lies below"),
    ],
)  # fmt: skip
def test_what_is_no_key_of_a_workload_is_told_in_the_words_of_the_spec(workload: str, what: str) -> None:
    assert said(service(f"{HTTP}\nworkload: {workload}")) == [f"1.yaml:{what}"]


def test_a_versions_workload_is_told_of_once_and_where_it_is_written() -> None:
    versions = "versions: [{name: v1}, {name: v2, workload: {contianer: {}}}, {name: v3}]"

    assert said(service(f"{RUNS}\n{versions}")) == [
        "1.yaml:7:48 MG101 unknown key 'contianer' | did you mean 'container'?"
    ]
    assert said(
        service(f"{HTTP}\nworkload: {{container: {{image: a}}, replica: 1}}\nversions: [{{name: v1}}, {{name: v2}}]")
    ) == ["1.yaml:6:37 MG101 unknown key 'replica' | did you mean 'replicas'?"]


def test_a_misspelt_key_hides_nothing_of_the_pod(tmp_path: Path) -> None:
    text = service(f"{HTTP}\nworkload: {{container: {{image: a}}, replica: 1, pod: {{nodeselector: {{}}}}}}")
    (tmp_path / "a.yaml").write_text(text)

    assert [each.message for each in build([str(tmp_path)]).diagnostics] == [
        "unknown key 'replica'",
        "unknown key 'nodeselector'",
    ]


def test_all_that_meshgen_fills_in_itself_is_told_beside_what_has_another_shape() -> None:
    lines = said(
        service(f"{HTTP}\nworkload: {{container: {{image: a}}, template: {{}}, serviceName: x, selector: {{}}}}")
    )

    assert [line[:15] for line in lines] == ["1.yaml:6:37 MG1", "1.yaml:6:51 MG1", "1.yaml:6:67 MG1"]
