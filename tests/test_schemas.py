"""The bundled schemas are the ones that their generator made, they are complete, and they are strict."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from objects import GOOD, changed

from meshgen.validator import ISTIO_VERSIONS, KUBERNETES_VERSIONS, SCHEMAS, errors, schema_set

ROOT = Path(__file__).parent.parent
FOLDERS = sorted(path for path in SCHEMAS.glob("*/*") if path.is_dir())
MADE = {
    "ConfigMap",
    "Deployment",
    "EndpointSlice",
    "Job",
    "Namespace",
    "Pod",
    "Service",
    "ServiceAccount",
    "StatefulSet",
}


def schemas(folder: Path) -> Iterator[dict[str, Any]]:
    """All kinds' schemas and all definitions of a folder."""
    for file in sorted(folder.glob("*.json")):
        schema = json.loads(file.read_text("utf-8"))
        yield from schema["$defs"].values() if file.name == "_definitions.json" else [schema]


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all schemas in it; what only restricts (`not`, `oneOf` ...) is left out."""
    if isinstance(schema, dict):
        yield schema
        for each in schema.get("properties", {}).values():
            yield from parts(each)
        for key in ("items", "additionalProperties"):
            yield from parts(schema.get(key))


def test_every_file_is_what_the_generator_made_from_its_inputs() -> None:
    recorded = dict(line.split("  ")[::-1] for line in (SCHEMAS / "SHA256SUMS").read_text("utf-8").splitlines())
    inputs = [path for path in (ROOT / "tools" / "schemas").iterdir() if path.is_file()]
    present = [*(path for path in SCHEMAS.rglob("*.*") if path.suffix == ".json"), *inputs]

    actual = {path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in present}
    assert actual == recorded, "make schemas, and read the difference"


@pytest.mark.skipif(shutil.which("go") is None, reason="the upstream packages are fetched with Go")
def test_a_module_with_another_checksum_is_refused(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tools" / "schemas", tmp_path / "tools" / "schemas")
    pins = tmp_path / "tools" / "schemas" / "upstream.sum"
    pins.write_text("istio.io/api v1.31.1 h1:AAAAihcz4YQsCkciusK7DnFpBMwRB6EFWeUKH1Atuyk=\n")

    run = [sys.executable, str(tmp_path / "tools" / "schemas" / "generate.py")]
    result = subprocess.run(run, capture_output=True, text=True, check=False)

    assert result.returncode == 1
    assert "istio.io/api@v1.31.1 has the checksum h1:5Yb5ihcz4YQsCkciusK7DnFpBMwRB6EFWeUKH1Atuyk=" in result.stderr


def test_there_is_a_folder_for_each_version_that_can_be_chosen() -> None:
    expected = [f"istio/v{each}" for each in ISTIO_VERSIONS] + [f"kubernetes/v{each}" for each in KUBERNETES_VERSIONS]

    assert [folder.relative_to(SCHEMAS).as_posix() for folder in FOLDERS] == expected


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_each_kubernetes_version_has_all_kinds_and_no_lists(version: str) -> None:
    kinds = [kind for api_version, kind in schema_set(version, "1.31").kinds if ".istio.io/" not in api_version]

    assert set(kinds) >= MADE
    assert len(kinds) >= 80
    assert not [kind for kind in kinds if kind.endswith(("List", "Options"))]


def test_both_istio_versions_have_all_kinds_in_all_served_versions() -> None:
    new, old = (
        {each for each in schema_set("1.36", version).kinds if ".istio.io/" in each[0]} for version in ("1.31", "1.30")
    )

    assert new - old == {("extensions.istio.io/v1alpha1", "TrafficExtension")}
    assert old - new == set()
    assert len({kind for _, kind in new}) == 15
    assert {version for version, kind in new if kind == "VirtualService"} == {
        "networking.istio.io/v1", "networking.istio.io/v1alpha3", "networking.istio.io/v1beta1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("DestinationRule", "spec.trafficPolicy.connectionPool.http", {"http2KeepAlive": {"interval": "1s"}}),
        ("DestinationRule", "spec.trafficPolicy.loadBalancer.zoneAwareLbSetting", {"enabled": True}),
        ("DestinationRule", "spec.trafficPolicy.outlierDetection", {"outlierDetectionHttpErrorCodes": [503]}),
        ("DestinationRule", "spec.subsets.0.trafficPolicy", {"retryBudget": {"budgetInterval": "1s"}}),
        ("Gateway", "spec.servers.0.tls.insecureSkipVerify", True),
        ("VirtualService", "spec.http.0", {"redirect": {"prefixRewrite": "/"}}),
    ],
)
def test_istio_1_30_lacks_what_1_31_added(kind: str, path: str, value: Any) -> None:
    data = changed(kind, path, value)

    assert errors(data, "1.36", "1.31") == []
    assert [each.message.split(" '")[0] for each in errors(data, "1.36", "1.30")] == ["unknown key"]


def test_an_old_field_of_a_name_that_is_new_elsewhere_stays() -> None:
    data = changed("DestinationRule", "spec.trafficPolicy.tls", {"mode": "SIMPLE", "insecureSkipVerify": True})

    assert errors(data, "1.36", "1.30") == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_object_with_known_keys_takes_no_others(folder: Path) -> None:
    objects = [part for schema in schemas(folder) for part in parts(schema) if "properties" in part and "type" in part]

    # Two fields of Istio say themselves that they take further keys: those of which the CRD knows some.
    open_ones = [sorted(each["properties"]) for each in objects if each.get("additionalProperties") is not False]
    assert all(each == ["conditions", "observedGeneration", "validationMessages"] for each in open_ones)
    assert len(objects) > 50


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_null_is_taken_only_where_istio_says_so(folder: Path) -> None:
    taking_null = [
        part["type"]
        for schema in schemas(folder)
        for part in parts(schema)
        if "null" in part.get("type", ())
        and not part.get("title", "").startswith("a time such as")  # creationTimestamp
    ]

    if folder.parent.name == "kubernetes":
        assert taking_null == []
    else:
        assert {kind for kind, _ in taking_null} == {"boolean", "integer", "number"}


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("kind", [kind for kind, data in GOOD.items() if "istio.io" not in data["apiVersion"]])
def test_null_is_refused_for_every_key_of_a_built_in_kind(kind: str, version: str) -> None:
    schema = json.loads(schema_set(version, "1.31").text(GOOD[kind]["apiVersion"], kind) or "")
    nullable = [key for key in schema["properties"] if not errors(GOOD[kind] | {key: None}, version, "1.31")]

    assert nullable == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_reference_leads_somewhere_and_every_definition_is_used(folder: Path) -> None:
    texts = {file.name: file.read_text("utf-8") for file in folder.glob("*.json")}
    defined = set(json.loads(texts["_definitions.json"])["$defs"])
    used = {part.split('"')[0] for text in texts.values() for part in text.split("#/$defs/")[1:]}

    assert used == defined


def test_a_file_has_the_name_that_kubeconform_asks_for() -> None:
    assert (SCHEMAS / "kubernetes/v1.36/service-v1.json").is_file()
    assert (SCHEMAS / "kubernetes/v1.36/endpointslice-discovery-v1.json").is_file()
    assert (SCHEMAS / "istio/v1.31/virtualservice-networking-v1.json").is_file()


def test_a_service_may_begin_with_a_digit_from_1_36_on() -> None:
    data = changed("Service", "metadata.name", "1st")

    assert [bool(errors(data, version, "1.31")) for version in ("1.35", "1.36")] == [True, False]
