"""The verdicts that tests/apiserver_verdicts.jsonl keeps are those of a kube-apiserver of today."""

from __future__ import annotations

from lab import Lab
from lab.verdicts import judged, told


def test_kube_apiserver_still_says_what_is_kept(lab: Lab) -> None:
    known = judged()

    answers = told(lab, (each.data for each in known))

    changed = [
        (each.line, answer) for each, answer in zip(known, answers, strict=True) if bool(answer) != bool(each.refused)
    ]
    assert changed == []
