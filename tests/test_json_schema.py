"""The JSON Schema takes what meshgen takes, and refuses of what meshgen refuses all that a schema can see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from conftest import run
from mistakes import mistakes, surroundings

from meshgen.document import parse

ROOT = Path(__file__).parent.parent
ERRORS = ROOT / "tests" / "errors"
KINDS = ["Service", "Gateway"]
SPECS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "specs").rglob("*.yaml"))
CASES = sorted(path.name for path in ERRORS.glob("*.yaml"))
FENCED = re.compile(r"^```yaml\n(apiVersion: meshgen\.dev/v1\n.*?)^```$", re.MULTILINE | re.DOTALL)

BEYOND = {
    "it is about YAML, which is read before": [
        "ambiguous-*", "anchor*", "broken-neighbour", "byte-order-mark", "control-character", "duplicate-key",
        "empty-file", "*-at-the-top", "merge-key", "nested-*", "not-utf8", "only-comments", "syntax-*", "ta[bg]*",
        "template-by-mistake", "utf16",
    ],
    "it names something that another part or another spec should have": [
        "host-not-at-gateway", "host-of-two-gateways", "host-without-port", "not-exported-to-gateway", "two-specs-of-one-name", "unknown-canary",
        "unknown-exposed-route", "unknown-gateway", "unknown-mirror", "unknown-policy-port", "unknown-route-port",
        "unknown-target-port", "unknown-version",
    ],
    "it depends on what was merged, filled in or given on the command line": [
        "container-without-image", "gateway-tls-without-certificate", "headless-of-a-deployment",
        "merged-policy-is-wrong", "missing-namespace", "name-too-long", "policy-cannot-be-taken-away",
    ],
    "it compares or adds up values": [
        "canary-of-itself", "covered-route", "overlapping-versions", "same-match-twice", "sticky-cookie-twice", "sticky-with-own-cookie",
        "two-addresses-of-one-path", "two-ports-of-one-number", "two-routes-of-one-name", "unreachable-route",
        "version-in-selector", "weights-over-100",
    ],
    "it depends on an item's place in its list, or on what Istio reads from a port's name": [
        "hash-of-a-port-without-http", "last-route-with-match", "routes-without-http", "server-first-port",
        "version-policy-of-a-port-without-http", "which-http-port",
    ],
    "only Kubernetes knows what goes together there": ["endpoint-twice", "*-refused-by-the-api-server"],
    "it is about one value, and no pattern says it": [
        "duration-too-fine", "percent-too-fine", "regex-lookahead", "unknown-header-command",
    ],
}  # fmt: skip
"""Why a schema cannot see a mistake of tests/errors/ -> names of those mistakes."""

BEYOND_VALUES = {
    "it compares numbers, or counts decimals, which JSON numbers do not have": {
        "'1500us'", "'1ns'", "'1500ms'", "0.125", "1e-05", "4", "5000011",
    },
    "it is of a language of its own": {"'(?=x)'", "'50%'"},
    "it is about names that only Istio knows": {"'@request.auth.claims'", "':path'", "'host'"},
    "a pattern that says it would be longer than the words": {
        "'a.*.example.com'", "'a b'", "'a/b'", "'a/*/b'", "'somewhere'", "'abc'", "'not base64'",
    },
}  # fmt: skip
"""Why a schema cannot see a value of tests/wrong_values.py at each place -> those values."""


@cache
def schema(*kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("schema", *kind).out)
    return found


@cache
def validator(*kind: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema(*kind))


def refusals(data: Any, *kind: str) -> list[str]:
    return [
        f"{'.'.join(map(str, error.instance_path))}: {error.message}" for error in validator(*kind).iter_errors(data)
    ]


def documents(text: str) -> list[dict[str, Any]]:
    return [document.data for document in parse(text, "spec").documents]


def properties(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property that the schema describes, rules about several of them left out."""
    if isinstance(node, dict):
        for name, field in node.get("properties", {}).items():
            yield f"{path}.{name}", field
        for word, value in node.items():
            if word not in ("allOf", "not", "if"):
                yield from properties(value, f"{path}/{word}")


@pytest.mark.parametrize("kind", [[], ["Service"], ["Gateway"]])
def test_it_is_a_schema(kind: list[str]) -> None:
    jsonschema_rs.meta.validate(schema(*kind))


def test_the_committed_schema_is_current_and_not_large() -> None:
    text = (ROOT / "docs" / "meshgen.schema.json").read_text("utf-8")

    assert text == run("schema").out
    assert len(text.encode()) < 500_000


def test_every_property_has_a_description() -> None:
    assert [path for path, field in properties(schema()) if not str(field.get("description", "")).endswith(".")] == []


@pytest.mark.parametrize("file", SPECS)
def test_what_is_in_specs_is_taken(file: str) -> None:
    for data in documents((ROOT / file).read_text("utf-8")):
        assert refusals(data) == []
        assert refusals(data, data["kind"]) == []


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md"])
def test_what_is_in_the_docs_is_taken(page: str) -> None:
    blocks = FENCED.findall((ROOT / page).read_text("utf-8"))

    assert blocks
    for block in blocks:
        assert [refusals(data) for data in documents(block)] == [[]] * len(documents(block))


def test_what_init_writes_is_taken() -> None:
    (data,) = documents(run("init", "reviews").out)

    assert refusals(data) == []


def test_the_schema_of_one_kind_refuses_the_other() -> None:
    gateway, service = ((ROOT / f"specs/{name}.yaml").read_text() for name in ("shop/gateway", "shop/cart"))

    assert refusals(documents(gateway)[0], "Service")
    assert refusals(documents(service)[0], "Gateway")


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_refused_unless_no_schema_can_see_it(case: str) -> None:
    parsed = parse((ERRORS / case).read_bytes(), case)
    refused = not parsed.broken and any(refusals(document.data) for document in parsed.documents)

    assert refused is not any(Path(case).match(f"{name}.yaml") for names in BEYOND.values() for name in names)


def test_every_mistake_that_no_schema_can_see_is_there() -> None:
    names = [name for names in BEYOND.values() for name in names]

    assert [name for name in names if not any(Path(case).match(f"{name}.yaml") for case in CASES)] == []


def test_a_mistake_in_any_field_is_refused_but_for_some_values() -> None:
    known = set().union(*BEYOND_VALUES.values())
    unseen = {mistake.sentence for mistake in mistakes() if not refusals(mistake.data)}
    values = {sentence.rpartition(": ")[2] for sentence in unseen}

    assert sorted(sentence for sentence in unseen if sentence.rpartition(": ")[2] not in known) == []
    assert sorted(known - values) == []
    assert [data for data in surroundings() if refusals(data)] == []


@pytest.mark.parametrize(
    ("path", "default"),
    [
        ("CookiePath", "/"), ("Port.protocol", "TCP"), ("TCPSettings.connectTimeout", "10s"),
        ("OutlierDetection.maxEjectionPercent", 10), ("HTTPRetry.retryIgnorePreviousHosts", True),
        ("HTTPRetry.retryOn", "connect-failure,refused-stream,unavailable,cancelled"),
        ("GatewaySpec.selector", {"istio": "ingressgateway"}), ("HTTPRedirect.redirectCode", 301),
    ],
)  # fmt: skip
def test_a_default_that_the_description_names_is_the_default(path: str, default: Any) -> None:
    model, _, key = path.replace("CookiePath", "Sticky.path").partition(".")

    assert schema()["$defs"][model]["properties"][key]["default"] == default


def test_every_default_is_a_value_that_the_field_takes() -> None:
    fields = {path: field for path, field in properties(schema()) if "default" in field}

    assert len(fields) > 40
    for path, field in fields.items():
        whole = field | {"$defs": schema()["$defs"]}
        assert jsonschema_rs.Draft202012Validator(whole).is_valid(field["default"]), path


@pytest.mark.parametrize(
    "workload",
    [
        {"container": {"image": None, "env": [{"name": "A", "$patch": "delete"}]}},
        {"container": {"readinessProbe": {"httpGet": {"path": "/"}}, "resources": {"limits": {"cpu": None, "memory": "1Gi"}}}},
        {"pod": {"volumes": [{"name": "tmp", "$patch": "delete"}], "affinity": None}, "strategy": None},
        {"kind": "StatefulSet", "volumeClaimTemplates": [{"metadata": {"name": "data"}}], "replicas": None},
        {"pod": {"containers": [{"name": "proxy", "args": None}], "securityContext": {"fsGroup": 999}}},
    ],
)  # fmt: skip
def test_a_part_of_what_kubernetes_takes_is_taken(workload: dict[str, Any]) -> None:
    spec = {"ports": [{"name": "http", "port": 80}], "workload": {}, "versions": [{"name": "v1", "workload": workload}]}
    metadata = {"name": "users", "namespace": "shop"}

    assert refusals({"apiVersion": "meshgen.dev/v1", "kind": "Service", "metadata": metadata, "spec": spec}) == []


@pytest.mark.parametrize(
    ("workload", "place"),
    [
        ({"container": {"imagee": "users:1"}}, "container"),
        ({"container": {"env": [{"value": "x"}]}}, "container.env.0"),
        ({"container": {"imagePullPolicy": "Sometimes"}}, "container.imagePullPolicy"),
        ({"container": {"env": [None]}}, "container.env.0"),
        ({"pod": {"terminationGracePeriodSeconds": "30"}}, "pod.terminationGracePeriodSeconds"),
        ({"pod": {"serviceAccountName": "x"}}, "pod"),
        ({"template": {}}, ""),
        ({"replicas": -1}, "replicas"),
    ],
)
def test_what_kubernetes_would_refuse_is_refused(workload: dict[str, Any], place: str) -> None:
    spec = {"ports": [{"name": "http", "port": 80}], "workload": workload}
    metadata = {"name": "users", "namespace": "shop"}

    (said,) = refusals(
        {"apiVersion": "meshgen.dev/v1", "kind": "Service", "metadata": metadata, "spec": spec}, "Service"
    )

    assert said.startswith(f"spec.workload{'.' if place else ''}{place}: ")
