"""The models have the fields of Istio's CRDs, or a committed list says why not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import pytest

import meshgen
from meshgen.spec.http import (
    CorsPolicy,
    Headers,
    HTTPDirectResponse,
    HTTPFaultInjection,
    HTTPMatchRequest,
    HTTPRedirect,
    HTTPRetry,
    HTTPRewrite,
)
from meshgen.spec.model import SpecModel
from meshgen.spec.policy import TrafficPolicy
from meshgen.spec.server import Server

SCHEMAS = Path(meshgen.__file__).parent / "schemas" / "istio" / "v1.31"
NOT_MODELLED = Path(__file__).with_name("crd_fields_not_modelled.tsv")
MOST_NOT_MODELLED = 102
"""How many fields the list may have: lower it when one is modelled, never raise it."""

REASONS = {"deprecated", "later", "ours", "refused"}
OURS_ALONE = {"VirtualService spec.http[].match[].cookies"}
MODELS: dict[str, dict[str, type[SpecModel]]] = {
    "VirtualService": {
        "spec.http[].corsPolicy": CorsPolicy,
        "spec.http[].directResponse": HTTPDirectResponse,
        "spec.http[].fault": HTTPFaultInjection,
        "spec.http[].headers": Headers,
        "spec.http[].match[]": HTTPMatchRequest,
        "spec.http[].redirect": HTTPRedirect,
        "spec.http[].retries": HTTPRetry,
        "spec.http[].rewrite": HTTPRewrite,
    },
    "DestinationRule": {
        "spec.trafficPolicy": TrafficPolicy,
        "spec.subsets[].trafficPolicy": TrafficPolicy,
    },
    "Gateway": {"spec.servers[]": Server},
}


class Found(NamedTuple):
    """What a schema or a model says of a field: whether it is needed, and its values where they are listed."""

    needed: bool
    values: frozenset[str] | None


@cache
def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / name).read_text("utf-8"))
    return schema


def _parts(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The node, what it refers to, and all of which it is made."""
    yield node
    if reference := node.get("$ref"):
        name, _, pointer = reference.partition("#/")
        target: Any = _schema(name)
        for step in pointer.split("/"):
            target = target[step]
        yield from _parts(target)
    for combined in ("allOf", "anyOf", "oneOf"):
        for part in node.get(combined, ()):
            yield from _parts(part)


def _crd_fields(node: dict[str, Any], path: str) -> Iterator[tuple[str, Found]]:
    for part in _parts(node):
        for name, child in part.get("properties", {}).items():
            listed = [each["enum"] for each in _parts(child) if "enum" in each]
            values = frozenset(map(str, listed[0])) if listed and listed[0] else None
            yield f"{path}.{name}", Found(name in part.get("required", ()), values)
            yield from _crd_fields(child, f"{path}.{name}")
        if isinstance(part.get("items"), dict):
            yield from _crd_fields(part["items"], f"{path}[]")
        if isinstance(part.get("additionalProperties"), dict):
            yield from _crd_fields(part["additionalProperties"], f"{path}{{}}")


def _model_fields(hint: Any, path: str) -> Iterator[tuple[str, Found]]:
    if isinstance(hint, type) and issubclass(hint, SpecModel):
        for name, field in hint.model_fields.items():
            child = f"{path}.{field.alias or name}"
            yield child, Found(field.is_required(), _values(field.annotation))
            yield from _model_fields(field.annotation, child)
        return
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        yield from _model_fields(arguments[0], f"{path}[]")
    elif origin is dict:
        yield from _model_fields(arguments[1], f"{path}{{}}")
    elif origin is Annotated or NoneType in arguments:
        yield from _model_fields(arguments[0], path)


def _values(hint: Any) -> frozenset[str] | None:
    while get_origin(hint) is not Literal and get_args(hint):
        hint = get_args(hint)[0]
    return frozenset(map(str, get_args(hint))) if get_origin(hint) is Literal else None


@cache
def in_crds() -> dict[str, Found]:
    """Every field of the three kinds, as `KIND PATH`."""
    found: dict[str, Found] = {}
    for kind in MODELS:
        spec = _schema(f"{kind.lower()}-networking-v1.json")["properties"]["spec"]
        fields = dict(_crd_fields(spec, "spec"))
        assert len(fields) > 15, f"the schema of {kind} is not read right"
        found |= {f"{kind} {path}": field for path, field in fields.items()}
    return found


@cache
def in_models() -> dict[str, Found]:
    """Every field of the models at the places where Istio has them, as `KIND PATH`."""
    return {
        f"{kind} {place}": found
        for kind, places in MODELS.items()
        for root, model in places.items()
        for place, found in [(root, Found(False, None)), *_model_fields(model, root)]
        if not place.endswith("[]")
    }


@cache
def listed() -> dict[str, tuple[str, str]]:
    """`KIND PATH` -> reason and remark, from the committed list."""
    rows = [line.split("\t") for line in NOT_MODELLED.read_text("utf-8").splitlines()[1:]]
    return {f"{kind} {path}": (reason, remark) for kind, path, reason, remark in rows}


def test_every_field_of_the_crds_is_modelled_or_listed() -> None:
    assert sorted(in_crds().keys() - in_models().keys() - listed().keys()) == []


def test_every_modelled_field_is_one_of_the_crds() -> None:
    ours = {path for path in in_models() if path.startswith(tuple(OURS_ALONE))}

    assert sorted(in_models().keys() - in_crds().keys() - ours) == []


def test_no_listed_field_is_modelled_after_all() -> None:
    assert sorted(listed().keys() & in_models().keys()) == []


def test_every_listed_field_is_one_of_the_crds() -> None:
    assert sorted(listed().keys() - in_crds().keys()) == []


def test_the_list_only_shrinks() -> None:
    assert len(listed()) <= MOST_NOT_MODELLED


def test_the_list_is_sorted_and_gives_reasons() -> None:
    assert list(listed()) == sorted(listed())
    assert {reason for reason, _ in listed().values()} == REASONS
    assert [path for path, (_, remark) in listed().items() if not remark] == []


@pytest.mark.parametrize("path", sorted(path for path, found in in_models().items() if found.values))
def test_a_model_offers_only_values_that_the_crd_has(path: str) -> None:
    offered, taken = in_models()[path].values or frozenset(), in_crds()[path].values

    assert taken is None or offered <= taken


def test_what_the_crds_need_the_models_need() -> None:
    common = in_models().keys() & in_crds().keys()

    assert [path for path in sorted(common) if in_crds()[path].needed and not in_models()[path].needed] == []
