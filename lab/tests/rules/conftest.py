"""One lab for all rules: the examples of all cases are applied at once, each in a namespace of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import Authority, Lab
from lab.examples import FRONT, PODS, ROOT, Object, examples, filled, moved, secrets
from lab.tests.rules.scene import Case, Scene, Stage, Views, wait_for_pods

WORDS = ("Bad", "Good")
THREADS = 4  # that apply examples


def namespace(case: Case, word: str) -> str:
    """Where an example is applied."""
    return f"{case.name}-{word.lower()}"


def prepared(case: Case, word: str, authority: Authority) -> list[Object]:
    """All objects of an example."""
    where = namespace(case, word)
    text = examples(case.code)[word][case.number if word == "Bad" else case.good_number]
    for old, new in case.rewrite:
        text = text.replace(old, new)
    around = [each for each in yaml.safe_load_all(case.around.replace("NS", where)) if each]
    objects = filled([*moved(text, where), *around], where, case.replicas)
    made = [*secrets(objects, where, authority), *objects]
    return sorted(made, key=lambda each: each["kind"] not in {"Service", *PODS})


@pytest.fixture(scope="package")
def stage(new_logs: Callable[[], Path], request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The lab, with all examples of the cases that are to run."""
    cases: dict[str, Case] = {}
    for case in filter(None, map(_case, request.session.items)):
        if cases.setdefault(case.name, case) is not case:
            raise ValueError(f"two cases are called {case.name}")
    authority = Authority("rules")
    with Lab.start(logs=new_logs()) as lab:
        gateway = lab.gateway("rules-edge", namespace=ROOT, labels={"istio": "ingressgateway"})
        gateway.trust = authority.pem
        caller = lab.caller("front", namespace=FRONT, labels={"app": "front"})
        inside = {
            where: Views(lab.caller("inside", namespace=where, labels=dict(case.inside)))
            for case in cases.values() if case.inside for where in (namespace(case, word) for word in WORDS)
        }  # fmt: skip
        groups = [prepared(case, word, authority) for case in cases.values() for word in WORDS]
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(lab.apply, groups))
        wait_for_pods(
            lab, {each["metadata"]["namespace"] for objects in groups for each in objects if each["kind"] in PODS}
        )
        lab.settled()
        yield Stage(lab, caller, gateway, Views(caller), Views(gateway), inside)


def _case(item: Any) -> Case | None:
    found = getattr(item, "callspec", None)
    case = found.params.get("case") if found else None
    return case if isinstance(case, Case) else None


@pytest.fixture(params=WORDS)
def seen(request: pytest.FixtureRequest, stage: Stage, case: Case) -> tuple[Any, Any]:
    """What the case sees of an example, and what it is to see."""
    word = request.param
    return case.look(Scene(stage, namespace(case, word), word)), case.bad if word == "Bad" else case.good
