"""What kube-apiserver 1.36 takes is taken here, and what it refuses is refused, but for a list that may only shrink.

The verdicts are a real kube-apiserver's: `python -m lab.verdicts` asks one. docs/agreement.md explains the reasons.
"""

from __future__ import annotations

import json
from collections import Counter

import pytest

from lab.verdicts import judged, refused_here
from meshgen.validator import errors

KNOWN = {
    "A field whose feature is off": 5,
    "A label of a claim": 1,
    "A number too large for its field": 6,
    "Null where it means absent": 18,
    "The cluster has no such address": 1,
    "The cluster's policy is another": 4,
}
"""Objects of which we do not say what kube-apiserver says, by reason."""

ALL = judged()


def test_each_object_gets_the_verdict_of_kube_apiserver() -> None:
    found = [(each, refused_here(each.data)) for each in ALL if not each.why]

    wrong = [f"{json.dumps(each.line)}\n  here: {here}" for each, here in found if bool(here) != bool(each.refused)]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def test_the_list_of_disagreements_is_exact_and_only_shrinks() -> None:
    apart = [each for each in ALL if each.why]

    assert [each.line for each in apart if bool(refused_here(each.data)) == bool(each.refused)] == []
    assert Counter(each.why for each in apart) == KNOWN


def test_there_are_many_of_both_verdicts_and_kinds() -> None:
    assert min(Counter(bool(each.refused) for each in ALL).values()) > 200
    assert set(Counter(each.data["kind"] for each in ALL)) >= {"Deployment", "StatefulSet", "Service", "EndpointSlice"}


def test_what_is_refused_is_refused_by_the_schema_too_where_that_can_say_it() -> None:
    refused = [each for each in ALL if each.refused and not each.why]
    by_rules_alone = [each for each in refused if not errors(each.data, "1.36", "1.31")]

    assert len(by_rules_alone) < len(refused) / 4
