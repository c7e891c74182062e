"""Negative controls: each rule, broken, fails as it should; so the lab does not pass by accident."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator

import pytest

from lab import Lab
from lab.controls import Answered, Control, controls
from lab.why_page import PAGE, as_written, bench, page

CONTROLS = controls()


@pytest.fixture(scope="module")
def run(lab: Lab) -> Iterator[Callable[[Control], Answered]]:
    """Runs a control, once for all who ask."""
    with bench(lab) as there:
        answered = {}

        def once(control: Control) -> Answered:
            if control.name not in answered:
                answered[control.name] = there.run(control)
            return answered[control.name]

        yield once


@pytest.fixture(scope="module")
def written(lab: Lab) -> dict[str, str]:
    """The answers to the seed's documents as they were written."""
    return as_written(lab)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_a_broken_rule_fails_as_the_rule_says(control: Control, run: Callable[[Control], Answered]) -> None:
    answered = run(control)

    assert {"right": answered.right, "broken": answered.broken} == {"right": control.right, "broken": control.broken}
    assert answered.right != answered.broken


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("as-written, gateway", "404 NR (no route)"),
        ("as-written, mesh", "503 UH (no healthy upstream)"),
        ("as-specified, gateway", "301 to https://api.microservices.local/"),
        ("as-specified, mesh", "200 from v1; 200 from v2"),
    ],
)
def test_the_seed_as_written_answers_nobody_and_as_specified_all(
    written: dict[str, str], asked: str, answer: str
) -> None:
    assert written[asked] == answer


def test_the_seed_as_written_is_refused_by_a_strict_server(written: dict[str, str]) -> None:
    refused = written["kube-apiserver"].splitlines()

    assert 'DestinationRule user-service: unknown field "spec.trafficPolicy.circuitBreaker"' in refused
    assert {line.split(":")[0] for line in refused} == {"DestinationRule user-service"}


def test_the_page_says_what_the_proxies_answered(run: Callable[[Control], Answered], written: dict[str, str]) -> None:
    expected, committed = page(map(run, CONTROLS), written), PAGE.read_text(encoding="utf-8")
    difference = difflib.unified_diff(
        committed.splitlines(), expected.splitlines(), "committed", "answered", lineterm=""
    )

    if expected != committed:
        pytest.fail("\n".join(["write it anew with `python -m lab.why_page`", *difference]), pytrace=False)
