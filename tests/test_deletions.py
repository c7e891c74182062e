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
