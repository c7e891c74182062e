"""What the schemas refuse is said in meshgen's words, at the right place, and nothing good is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from objects import GOOD, REFUSED, TAKEN, Refused, changed

from meshgen import validator
from meshgen.diagnostic import Location, Severity
from meshgen.document import KeyPath, read_output
from meshgen.mesh import KINDS, Manifest, ObjectKey
from meshgen.pipeline import build
from meshgen.validator import ISTIO_VERSIONS, KUBERNETES_VERSIONS, errors


class Origin:
    """An object of JSON text whose places are lines as many as steps lead to them."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.text = json.dumps(data)

    @property
    def data(self) -> dict[str, Any]:
        return read_output(self.text)

    def locate(self, path: KeyPath) -> Location:
        """A line for each step."""
        return Location("users.yaml", len(path) + 1, 1)


def manifest(data: dict[str, Any]) -> Manifest:
    return Manifest(ObjectKey.of(data["kind"], "shop", "users"), ("users.yaml",), Origin(data))


def found(data: dict[str, Any], kubernetes: str = "1.36", istio: str = "1.31") -> list[tuple[str, str, str]]:
    """Place, message and hint of each error."""
    return [(".".join(map(str, each.path)), each.message, each.hint) for each in errors(data, kubernetes, istio)]


@pytest.mark.parametrize(("kind", "path", "value"), TAKEN)
def test_what_a_cluster_takes_is_taken(kind: str, path: str, value: Any) -> None:
    assert found(changed(kind, path, value)) == []


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.kind}-{case.path}-{case.value}"[:60])
def test_what_a_cluster_refuses_is_explained(case: Refused) -> None:
    said = found(changed(case.kind, case.path, case.value))

    assert (case.place, case.message, case.hint) in said


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.kind}-{case.path}-{case.value}"[:60])
def test_one_mistake_makes_one_message(case: Refused) -> None:
    expected = 2 if case.value == {"hosts": "a"} else 1  # an unknown key instead of a required one is two mistakes

    assert len(found(changed(case.kind, case.path, case.value))) == expected


@pytest.mark.parametrize("kubernetes", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("istio", ISTIO_VERSIONS)
def test_good_objects_are_good_in_all_versions(kubernetes: str, istio: str) -> None:
    assert [found(data, kubernetes, istio) for data in GOOD.values()] == [[] for _ in GOOD]


def test_several_mistakes_are_all_told() -> None:
    service = changed("Service", "spec.ports", [{"name": "a", "port": "80"}, {"name": "b", "port": 0}, {"name": "c"}])

    assert [place for place, _, _ in found(service)] == ["spec.ports.0.port", "spec.ports.1.port", "spec.ports.2"]


def test_an_object_without_a_kind_is_told() -> None:
    assert found({"apiVersion": "v1"}) == [("", "'kind' is missing", "begin with apiVersion and kind")]
    assert found({"apiVersion": 1, "kind": "Service"}) == [("apiVersion", "takes text, not the number 1", "")]


@pytest.mark.parametrize(
    ("api_version", "kind", "place", "message", "hint"),
    [
        ("apps/v1", "Deploymnt", "kind", "Kubernetes 1.36 and Istio 1.31 have no kind 'Deploymnt' of apps/v1; there are: ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet", "did you mean Deployment?"),
        ("apps/v1beta1", "Deployment", "apiVersion", "Kubernetes 1.36 and Istio 1.31 have no Deployment of apps/v1beta1; there is apps/v1", "write apiVersion: apps/v1"),
        ("networking.example.io/v1", "VirtualService", "apiVersion", "Kubernetes 1.36 and Istio 1.31 have no VirtualService of networking.example.io/v1; there is networking.istio.io/v1, networking.istio.io/v1alpha3 or networking.istio.io/v1beta1", "write apiVersion: networking.istio.io/v1"),
        ("v1", "service", "kind", "Kubernetes 1.36 and Istio 1.31 have no kind 'service'", "did you mean Service?"),
        ("v1", "../../SHA256SUMS", "kind", "Kubernetes 1.36 and Istio 1.31 have no kind '../../SHA256SUMS'", ""),
        ("../v1", "_definitions", "kind", "Kubernetes 1.36 and Istio 1.31 have no kind '_definitions'", ""),
    ],
)  # fmt: skip
def test_a_kind_without_schema_is_told_with_the_near_ones(
    api_version: str, kind: str, place: str, message: str, hint: str
) -> None:
    [(said_at, said, hinted)] = found({"apiVersion": api_version, "kind": kind})

    assert (said_at, hinted) == (place, hint)
    assert said.startswith(message)


def test_a_field_of_a_later_version_is_told_as_such() -> None:
    rule = changed("DestinationRule", "spec.trafficPolicy.outlierDetection", {"outlierDetectionHttpErrorCodes": []})
    probe = "spec.template.spec.containers.0.lifecycle"
    deployment = changed("Deployment", probe, {"stopSignal": "SIGTERM"})

    assert [hint for _, _, hint in found(rule, istio="1.30")] == ["Istio has it from 1.31 on"]
    assert [hint for _, _, hint in found(deployment, kubernetes="1.32")] == ["Kubernetes has it from 1.33 on"]
    assert found(rule) == found(deployment) == []


def test_a_value_that_a_later_version_takes_is_told_as_such() -> None:
    def warmed(aggression: float) -> dict[str, Any]:
        warmup = {"duration": "30s", "aggression": aggression}
        return changed("DestinationRule", "spec.trafficPolicy.loadBalancer.warmup", warmup)

    place = "spec.trafficPolicy.loadBalancer.warmup.aggression"

    assert found(warmed(0.5), istio="1.30") == [
        (place, "takes at least 1, not the number 0.5", "Istio takes it from 1.31 on")
    ]
    assert found(warmed(-1), istio="1.30") == [(place, "takes at least 1, not the number -1", "")]
    assert found(warmed(0.5)) == found(warmed(1), istio="1.30") == []


def test_a_version_without_schemas_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no schemas for Kubernetes 1\.31 with Istio 1\.31"):
        errors(GOOD["Service"], "1.31", "1.31")


def test_a_finding_carries_place_subject_and_code() -> None:
    [finding] = validator.validate([manifest(changed("Service", "spec.ports.0.port", "80"))], "1.36", "1.31")

    assert (finding.code, finding.severity, finding.location) == ("MG301", Severity.ERROR, Location("users.yaml", 5, 1))
    assert finding.subject == "Service shop/users spec.ports.0.port"


@pytest.mark.parametrize("port", ["3000", "+3000", "03000"])
def test_a_key_of_digits_is_a_key(port: str) -> None:
    """The library takes it for the number of an item."""
    data = {
        "apiVersion": "security.istio.io/v1",
        "kind": "PeerAuthentication",
        "metadata": {"name": "users", "namespace": "shop"},
        "spec": {"portLevelMtls": {port: {"mode": "STRIKT"}}},
    }
    [finding] = errors(data, "1.36", "1.31")

    assert finding.path == ("spec", "portLevelMtls", port, "mode")
    assert finding.hint == "did you mean 'STRICT'?"


def test_an_unknown_kind_has_a_code_of_its_own() -> None:
    [finding] = validator.validate([manifest({"apiVersion": "v1", "kind": "Servise"})], "1.36", "1.31")

    assert (finding.code, finding.location) == ("MG302", Location("users.yaml", 2, 1))


def test_each_wrong_object_is_told_and_good_ones_pass() -> None:
    broken = changed("Service", "spec.port", 1)
    findings = validator.validate(map(manifest, [GOOD["Service"], broken, GOOD["Gateway"], broken]), "1.36", "1.31")

    assert [each.message for each in findings] == ["unknown key 'port'"] * 2


@pytest.mark.parametrize(
    ("kind", "path", "key", "hint"),
    [
        ("DestinationRule", "spec.trafficPolicy.connectionPool", "consecutive5xxErrors", "it belongs into spec.trafficPolicy.outlierDetection"),
        ("DestinationRule", "spec.trafficPolicy.outlierDetection", "maxConnections", "it belongs into spec.trafficPolicy.connectionPool.tcp"),
        ("Deployment", "spec", "nodeSelector", "it belongs into spec.template.spec"),
        ("Deployment", "spec.template.spec", "replicas", "it belongs into spec"),
        ("Deployment", "spec.template.spec", "readinessProbe", "it belongs into spec.template.spec.containers[]"),
        ("Service", "spec", "port", "did you mean 'ports'?"),
    ],
)  # fmt: skip
def test_a_key_in_the_wrong_place_is_told_where_it_belongs(kind: str, path: str, key: str, hint: str) -> None:
    data = deepcopy(GOOD[kind])
    holder = data
    for step in path.split("."):
        holder = holder.setdefault(step, {})
    holder[key] = {}

    assert (f"{path}.{key}", f"unknown key {key!r}", hint) in found(data)


def _paths(data: Any, above: KeyPath = ()) -> Iterator[KeyPath]:
    for step, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield (*above, step)
        if isinstance(value, (dict, list)):
            yield from _paths(value, (*above, step))


def _changes(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The object with one value after the other taken out, or another in its place; its kind stays."""
    for path in set(_paths(data)) - {("kind",)}:
        for value in (None, {}, [], "x", "", 1, True, {"x": "y"}, ["x"]):
            other = deepcopy(data)
            parent: Any = other
            for step in path[:-1]:
                parent = parent[step]
            if value is None:
                del parent[path[-1]]
            else:
                parent[path[-1]] = value
            yield other


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_is_judged_as_by_the_schema_of_its_kind_alone(kind: str, examples: list[Manifest]) -> None:
    schemas = validator.schema_set("1.36", "1.31")
    largest = max((each for each in examples if each.kind == kind), key=lambda each: len(each.text))
    key = largest.api_version, kind
    alone = schemas.validator(*key)

    assert key in validator.MADE
    assert alone is not None
    judged = [(schemas.accepts(data, *key), alone.is_valid(data)) for data in _changes(largest.data)]
    assert {(True, True), (False, False)} == set(judged)


@pytest.fixture(scope="module")
def examples() -> list[Manifest]:
    """All objects that the examples make."""
    return list(build([str(Path(__file__).parent.parent / "specs")]).mesh)
