"""Every code of `istioctl analyze` is found by a rule with Istio's verdict, or a row says why ours differs."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import run

from meshgen.rules import rules
from meshgen.rules.analysis import ANALYSIS

ISTIO = {
    code: (level.lower(), name)
    for code, level, name in (
        line.split("\t")
        for line in (Path(__file__).parent / "analysis_codes.tsv").read_text("utf-8").splitlines()
        if not line.startswith("#")
    )
}


def test_the_table_has_istios_codes_with_its_names_and_levels_and_no_others() -> None:
    assert {code: row[:2] for code, row in ANALYSIS.items()} == ISTIO
    assert len(ISTIO) == 68


def test_rules_name_codes_that_there_are() -> None:
    assert {code for rule in rules() for code in rule.covers} <= set(ISTIO)


@pytest.mark.parametrize("code", ISTIO)
def test_a_code_without_a_rule_of_its_level_has_a_reason(code: str) -> None:
    levels = {rule.severity.value for rule in rules() if code in rule.covers}

    assert ISTIO[code][0] in levels or ANALYSIS[code][2]


@pytest.mark.parametrize("code", ISTIO)
def test_meshgen_rules_knows_the_code(code: str) -> None:
    asked = run("rules", code)

    assert asked.code == 0
    assert f"{code} {ISTIO[code][1]}" in asked.out
