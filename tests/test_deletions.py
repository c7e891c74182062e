"""Deleting an item that is not there is a mistake in the name."""

from __future__ import annotations

import pytest
from meshes import HTTP, RUNS, mesh, said, service

BASE = """workload:
  container: {image: a, env: [{name: ALPHA, value: b}, {name: BETA, value: b}]}
  pod: {containers: [{name: x, image: i, env: [{name: Q, value: r}]}]}"""


@pytest.mark.parametrize(
    ("version", "what"),
    [
        (
            "{container: {env: [{name: ALPA, $patch: delete}]}}",
            "9:67 MG110 no item of env is named 'ALPA'; there are: ALPHA, BETA | did you mean 'ALPHA'?",
        ),
        (
            "{pod: {containers: [{name: x, env: [{name: q, $patch: delete}]}]}}",
            "9:81 MG110 no item of env is named 'q'; there are: Q",
        ),
        (
            "{pod: {volumes: [{name: v, $patch: delete}]}}",
            "9:62 MG110 no item of volumes is named 'v'; there are none",
        ),
    ],
)
def test_an_item_that_is_deleted_must_be_there(version: str, what: str) -> None:
    assert said(service(f"{HTTP}\n{BASE}\nversions: [{{name: v1, workload: {version}}}]")) == [f"1.yaml:{what}"]


@pytest.mark.parametrize(
    ("version", "what"),
    [
        (
            "{container: {env: [{name: NEW, value: x}, {name: NEW, value: y}]}}",
            "9:78 MG113 there is an item named 'NEW' in env already | keep one of them: they would be laid over one another",
        ),
        (
            "{container: {env: [{name: BETA, value: x}, {name: BETA, $patch: delete}]}}",
            "9:79 MG113 there is an item named 'BETA' in env already | keep one of them: they would be laid over one another",
        ),
        (
            "{volumeClaimTemplates: [{metadata: {name: d}}, {metadata: {name: e}}, {metadata: {name: d}}], kind: StatefulSet}",
            "9:106 MG113 there is an item named 'd' in volumeClaimTemplates already | keep one of them: they would be laid over one another",
        ),
    ],
)  # fmt: skip
def test_a_name_stands_once_in_a_list_that_is_laid_over_another(version: str, what: str) -> None:
    assert said(service(f"{HTTP}\n{BASE}\nversions: [{{name: v1, workload: {version}}}]")) == [f"1.yaml:{what}"]


def test_and_in_one_that_versions_are_laid_over() -> None:
    twice = f"{HTTP}\nworkload: {{container: {{image: a, env: [{{name: A, value: b}}, {{name: A, value: c}}]}}}}"

    assert said(service(f"{twice}\nversions: [{{name: v1}}, {{name: v2, workload: {{container: {{env: []}}}}}}]")) == [
        "1.yaml:6:64 MG113 there is an item named 'A' in env already | keep one of them: they would be laid over one another"
    ]


def test_nothing_lies_below_the_services_own_workload() -> None:
    spec = f"{HTTP}\nworkload: {{container: {{image: a, env: [{{name: A, $patch: delete}}]}}}}"

    assert said(service(spec)) == ["1.yaml:6:52 MG110 no item of env is named 'A'; there are none"]


def test_a_port_whose_settings_are_deleted_must_have_some() -> None:
    settings = "portLevelSettings: [{port: {number: 80}, $patch: delete}]"
    own = f"{RUNS}\ntrafficPolicy: {{loadBalancer: {{simple: RANDOM}}"

    assert said(service(f"{own}}}\nversions: [{{name: v1, trafficPolicy: {{{settings}}}}}]")) == [
        "1.yaml:8:82 MG110 no item of portLevelSettings is named '80'; there are none"
    ]
    assert said(service(f"{own}, {settings}}}")) == [
        "1.yaml:7:92 MG101 deletes an item of what lies below, and nothing lies below here | drop the item"
    ]


def test_an_item_that_is_there_is_deleted() -> None:
    version = "{container: {env: [{name: ALPHA, $patch: delete}]}, pod: {containers: [{name: x, $patch: delete}]}}"

    assert mesh(service(f"{HTTP}\n{BASE}\nversions: [{{name: v1, workload: {version}}}]"))


def test_the_words_may_stand_anywhere_else() -> None:
    assert mesh(service(f"{RUNS}\nserviceAccount: {{annotations: {{note: '$patch: delete'}}}}"))
