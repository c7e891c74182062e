"""What a person may write in the shapes taken from Istio, and what is said of what they may not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import ValidationError

import meshgen.spec.check  # noqa: F401  (all kinds of spec, with their models)
from meshgen.spec import gateway, http, injection, policy, server, service, traffic
from meshgen.spec.base import Annotations, AppProtocol, ObjectName, Percent, ServiceName, milliseconds
from meshgen.spec.errors import problems
from meshgen.spec.http import HTTPDirectResponse, HTTPMatchRequest, HTTPRetry, HTTPRewrite
from meshgen.spec.model import SpecModel, fields_by_key
from meshgen.spec.partial import partial
from meshgen.spec.policy import TrafficPolicy
from meshgen.spec.retired import KEYS
from meshgen.spec.server import Server

HERE = Path(__file__).parent
MODULES = (gateway, http, injection, policy, server, service, traffic)


class Case(NamedTuple):
    """A line of spec_models_*.tsv."""

    sentence: str
    model: type[SpecModel]
    data: Any
    said: str = ""


def cases(name: str) -> list[Case]:
    found = []
    for line in (HERE / name).read_text("utf-8").splitlines()[1:]:
        sentence, model, data, *words = line.split("\t")
        [home] = {getattr(module, model) for module in MODULES if hasattr(module, model)}
        found.append(Case(sentence, home, json.loads(data), *words))
    return found


def said(model: type[SpecModel], data: Any) -> list[str]:
    """What is wrong with the data, each as `path: message (hint)`."""
    try:
        model.model_validate(data)
    except ValidationError as error:
        return [
            f"{'.'.join(map(str, problem.path))}: {problem.message}" + (f" ({problem.hint})" if problem.hint else "")
            for problem in problems(error)
        ]
    return []


def serving(hosts: list[Any]) -> dict[str, Any]:
    return {"port": {"number": 80, "name": "web", "protocol": "HTTP"}, "hosts": hosts}


@pytest.mark.parametrize("case", cases("spec_models_refused.tsv"), ids=lambda case: case.sentence)
def test_a_mistake_is_said_once_at_its_place(case: Case) -> None:
    words = said(case.model, case.data)

    assert any(each.startswith(case.said) for each in words), words
    assert len(words) == len(set(words))


@pytest.mark.parametrize("case", cases("spec_models_taken.tsv"), ids=lambda case: case.sentence)
def test_what_istio_takes_is_taken(case: Case) -> None:
    assert said(case.model, case.data) == []


def test_a_body_has_at_most_a_mebibyte() -> None:
    body = {"string": "é" * 600_000}

    assert said(HTTPDirectResponse, {"status": 200, "body": body}) == [
        "body.string: the body has 1200000 bytes: Istio takes 1048576"
    ]


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("1ms", 1), ("1.5s", 1500), ("1h30m", 5_400_000), (".25s", 250), ("1000us", 1), ("2s1ms", 2001), ("0s", 0), ("+1m", 60_000)],
)  # fmt: skip
def test_a_duration_has_milliseconds(duration: str, expected: int) -> None:
    assert milliseconds(duration) == expected


class Sample(SpecModel):
    """One field of each type that no shape of Istio's has."""

    service_name: ServiceName | None = None
    object_name: ObjectName | None = None
    percent: Percent | None = None
    app_protocol: AppProtocol | None = None
    annotations: Annotations | None = None


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("serviceName", "1a", "'1a' is no name of a service"),
        ("serviceName", "a" * 64, "is no name of a service"),
        ("objectName", "a..b", "'a..b' is no name"),
        ("objectName", ".".join(["a" * 63] * 4), "at most 253"),
        ("percent", 100.01, "100.01 is no share: it goes from 0 to 100"),
        ("percent", float("nan"), "nan is no share"),
        ("percent", 0.125, "0.125 is too fine: a share has at most two decimals"),
        ("appProtocol", "http 2", "'http 2' is no protocol"),
        ("annotations", {"a/b/c": "d"}, "'a/b/c' is no annotation"),
        ("annotations", {"a": True}, "takes text, not true"),
    ],
)
def test_a_value_says_what_it_may_be(key: str, value: Any, why: str) -> None:
    (words,) = said(Sample, {key: value})

    assert why in words


def test_names_shares_and_protocols_of_every_form_are_taken() -> None:
    names = {"serviceName": "a1-b", "objectName": "a.b-1.c", "appProtocol": "kubernetes.io/h2c"}

    assert said(Sample, names | {"percent": 33.33, "annotations": {"a.io/B_c.d": " any\ntext "}}) == []
    assert said(Sample, {"percent": 100, "serviceName": None}) == []


def test_a_wrong_item_does_not_make_its_list_too_short() -> None:
    (words,) = said(Server, serving(["A B"]))

    assert words.startswith(
        "hosts.0: 'A B' is no host name: it has letters, digits and '-', at most 63 from dot to dot"
    )


def test_the_name_of_an_entry_and_its_value_are_two_mistakes() -> None:
    words = said(HTTPMatchRequest, {"headers": {"a b": {"exact": 1}}})

    assert [each.partition(":")[0] for each in words] == ["headers.a b", "headers.a b.exact"]


def test_a_long_value_is_not_repeated_in_full() -> None:
    (words,) = said(HTTPRewrite, {"uri": "x" * 5000})

    assert words.startswith("uri: 'xxx")
    assert "(5000 characters)" in words
    assert len(words) < 200


def test_keys_are_text() -> None:
    assert said(HTTPRewrite, {1: "a"}) == ["1: takes keys that are text, not the number 1"]


def test_mistakes_come_in_the_order_of_their_places() -> None:
    words = said(TrafficPolicy, {"tls": {}, "loadBalancer": {"simple": 1}, "portLevelSettings": [1] * 11})

    assert [each.partition(":")[0] for each in words] == [
        "loadBalancer.simple",
        *(f"portLevelSettings.{number}" for number in range(11)),
        "tls.mode",
    ]


def test_a_spec_cannot_be_changed() -> None:
    policy = TrafficPolicy.model_validate({"loadBalancer": {"simple": "RANDOM"}})

    with pytest.raises(ValidationError, match="frozen"):
        policy.load_balancer = None


def test_a_fragment_may_leave_out_everything() -> None:
    assert said(partial(TrafficPolicy), {}) == []
    assert (
        said(partial(TrafficPolicy), {"tls": {"sni": "a"}, "connectionPool": {"tcp": None}, "loadBalancer": {}}) == []
    )
    assert said(partial(TrafficPolicy), {"loadBalancer": {"consistentHash": {"httpCookie": {"ttl": "1s"}}}}) == []
    assert said(partial(HTTPRetry), {"retryOn": "5xx"}) == []


def test_a_fragment_is_checked_field_by_field() -> None:
    fragment = {
        "conectionPool": 1,
        "connectionPool": {"tcp": {"connectTimeout": "0s"}},
        "loadBalancer": {"simple": "X"},
    }

    assert [each.partition(": ")[2][:30] for each in said(partial(TrafficPolicy), fragment)] == [
        "unknown key 'conectionPool' (d",
        "'0s' is too short: Istio takes",
        "takes ROUND_ROBIN, LEAST_REQUE",
    ]


def test_an_item_of_a_fragment_has_the_name_by_which_it_is_found() -> None:
    fragment = {
        "portLevelSettings": [{"port": {}}, {"loadBalancer": None}, {"port": {"number": 80}, "$patch": "delete"}]
    }

    assert [each.partition(" (")[0] for each in said(partial(TrafficPolicy), fragment)] == [
        "portLevelSettings.0.port.number: 'number' is missing",
        "portLevelSettings.1.port: 'port' is missing",
    ]


def test_only_a_fragment_takes_items_away() -> None:
    settings = {"port": {"number": 80}, "loadBalancer": {}, "$patch": "delete"}

    assert "portLevelSettings.0.$patch: deletes an item" in said(TrafficPolicy, {"portLevelSettings": [settings]})[0]


def models(model: type[SpecModel] = SpecModel) -> dict[str, type[SpecModel]]:
    """All models below one, by name."""
    found = {child.__name__: child for child in model.__subclasses__() if child.__module__.startswith("meshgen.")}
    return found | {name: each for child in found.values() for name, each in models(child).items()}


def test_an_endless_duration_is_refused() -> None:
    (words,) = said(HTTPRetry, {"attempts": 1, "backoff": "1" * 5000 + "s"})

    assert "is no duration" in words


def test_words_of_yesterday_are_not_words_of_today() -> None:
    known = models()
    for name, _, key in (word.rpartition(".") for word in KEYS):
        assert not name or key not in fields_by_key(known[name]), f"{name}.{key}"


def test_every_field_says_in_a_sentence_what_it_means() -> None:
    fields = [(f"{name}.{key}", field) for name, each in models().items() for key, field in each.model_fields.items()]

    assert len(fields) > 200
    assert [name for name, field in fields if not (field.description or "").endswith(".")] == []


def test_a_one_of_group_has_keys_of_its_model() -> None:
    groups = [(each, key) for each in models().values() for group in each.one_of for key in group]

    assert len(groups) > 20
    assert [(each.__name__, key) for each, key in groups if key not in fields_by_key(each)] == []
