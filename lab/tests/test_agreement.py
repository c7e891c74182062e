"""kube-apiserver, meshgen and kubeconform judge the same good and broken objects, and every disagreement has its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from lab import Lab
from lab.agreement import Verdict, compare
from lab.agreement_page import PAGE, page, reason
from lab.mutations import corpus, keywords
from lab.programs import find

SAYING_NOTHING = {"$defs", "$schema", "title"}
TRIED_WITH = {"then": "if", "else": "if"}


@pytest.fixture(scope="session")
def verdicts(lab: Lab) -> list[Verdict]:
    """What each judge says of each mutation."""
    return compare(corpus(), lab.kubernetes, find().kubeconform)


def test_every_kind_and_keyword_is_tried_at_least_three_times() -> None:
    tried = Counter((each.kind, each.keyword) for each in corpus())
    wanted = {(kind, TRIED_WITH.get(keyword, keyword)) for kind, keyword in keywords() if keyword not in SAYING_NOTHING}

    assert {each: tried[each] for each in wanted if tried[each] < 3} == {}
    assert len(tried) > 100


def test_the_corpus_is_the_same_each_time_and_nothing_in_it_twice() -> None:
    first, second = corpus(), corpus()
    names = [each.id for each in first]

    assert [(each.id, each.data) for each in second] == [(each.id, each.data) for each in first]
    assert len(set(names)) == len(names) >= 300


def test_at_least_a_third_is_taken_and_a_third_refused(verdicts: list[Verdict]) -> None:
    taken = sum(each.taken for each in verdicts)

    assert len(verdicts) / 3 <= taken <= len(verdicts) * 2 / 3


def test_meshgen_and_kubeconform_agree_on_all(verdicts: list[Verdict]) -> None:
    assert [each for each in verdicts if bool(each.meshgen) != bool(each.kubeconform)] == []


def test_every_disagreement_with_the_api_server_has_its_reason(verdicts: list[Verdict]) -> None:
    unexplained = [f"{each.mutation.id}: {each}" for each in verdicts if not each.agreed and reason(each) is None]

    if unexplained:
        pytest.fail("\n".join(unexplained), pytrace=False)


def test_the_list_of_disagreements_is_exact(verdicts: list[Verdict]) -> None:
    expected, committed = page(verdicts).splitlines(), PAGE.read_text(encoding="utf-8").splitlines()
    gone = [f"- {line}" for line in committed if line not in expected]
    new = [f"+ {line}" for line in expected if line not in committed]

    if expected != committed:
        lines = [f"{PAGE.name} is not what the judges say; see `python -m lab.agreement_page`", *gone, *new]
        pytest.fail("\n".join(lines), pytrace=False)


def test_no_reason_excuses_a_second_fault_beside_the_first(verdicts: list[Verdict]) -> None:
    excused = next(each for each in verdicts if not each.agreed and each.server)

    assert reason(excused) is not None
    assert reason(replace(excused, server=f"{excused.server}, spec.ports[0].port: Invalid value: 0: too low")) is None
    assert reason(replace(excused, kubeconform="it says more")) is None
