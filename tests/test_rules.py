"""Each rule says what its page says: everything that is marked in its bad examples, and nothing in any good one."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from meshgen.diagnostic import Diagnostic, Severity
from meshgen.linter import lint
from meshgen.manifests import read_manifests
from meshgen.registry import GROUPS
from meshgen.rules import LintRule, rules

ORDER = list(Severity)
EXAMPLE = re.compile(r"^(Bad|Good)[^\n:]*:\n\n((?:    .*\n|\n)+)", re.MULTILINE)
EXAMPLES = [
    pytest.param(rule, word, textwrap.dedent(body), id=f"{rule.code}-{word}-{number}")
    for rule in rules()
    for number, (word, body) in enumerate(EXAMPLE.findall(rule.page))
]


def found_in(text: str, folder: Path) -> list[Diagnostic]:
    """What lint says of one file."""
    file = folder / "example.yaml"
    file.write_text(text)
    found = read_manifests([str(file)])
    return [*found.diagnostics, *lint(found.manifests).diagnostics]


@pytest.mark.parametrize(("rule", "word", "text"), EXAMPLES)
def test_a_rule_says_what_its_page_says(rule: LintRule, word: str, text: str, tmp_path: Path) -> None:
    marked = [number for number, line in enumerate(text.splitlines(), 1) if f"<- {rule.code}" in line]
    found = found_in(text, tmp_path)

    own = [each for each in found if each.code == rule.code]
    assert sorted(each.location.line for each in own) == marked
    assert bool(marked) is (word == "Bad")
    assert all(ORDER.index(each.severity) >= ORDER.index(rule.worst) for each in own)


@pytest.mark.parametrize(("rule", "word", "text"), EXAMPLES)
def test_nothing_but_rules_is_said_of_a_good_example(rule: LintRule, word: str, text: str, tmp_path: Path) -> None:  # noqa: ARG001
    found = found_in(text, tmp_path)

    assert [each for each in found if not each.code.startswith("MG2")] == []
    if word == "Good":
        assert [each for each in found if each.severity.value != "info"] == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_a_rule_has_a_page_with_examples_and_names_kinds_that_are_known(rule: LintRule) -> None:
    first, _, explanation = rule.page.partition("\n\n")

    assert first.endswith(".")
    assert "\n" not in first
    assert explanation
    assert {word for word, _ in EXAMPLE.findall(rule.page)} == {"Bad", "Good"}
    assert set(rule.kinds) <= set(GROUPS)
    assert all(re.fullmatch(r"IST\d{4}", code) for code in rule.covers)


LAB = Path(__file__).parent.parent / "lab" / "tests"
SHOWN = {
    code
    for file in [*LAB.glob("rules/test_*.py"), *LAB.glob("test_*_rules.py")]
    for code in re.findall(r"\bMG2\d\d\b", file.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_a_rule_is_shown_in_the_lab_or_says_why_not(rule: LintRule) -> None:
    assert bool(rule.not_shown) is (rule.code not in SHOWN)
    assert ("Not shown" in rule.page) is bool(rule.not_shown)


def test_golden_is_clean() -> None:
    found = read_manifests([str(Path(__file__).parent.parent / "golden")])

    run = lint(found.manifests)

    assert [str(each) for each in run.diagnostics if each.severity.value != "info"] == []
    assert run.objects > 70
