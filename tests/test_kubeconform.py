"""kubeconform reads the same schemas with another YAML parser and another validator, and agrees."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import run
from meshes import RUNS, service
from objects import GOOD, REFUSED, TAKEN, changed

from lab.verdicts import judged
from meshgen import kubeconform
from meshgen.diagnostic import Location, MeshgenError
from meshgen.document import KeyPath, read_output
from meshgen.mesh import Manifest, Mesh, ObjectKey
from meshgen.validator import ISTIO_VERSIONS, KUBERNETES_VERSIONS, SCHEMAS, errors

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def binary() -> str:
    """The kubeconform on PATH, or else the one that `make tools` builds."""
    found = kubeconform.find()
    if found is not None:
        return found
    if shutil.which("go") is None:
        pytest.skip("there is no kubeconform on PATH, and no Go to build it with")
    build = [sys.executable, str(ROOT / "tools" / "build.py"), "kubeconform"]
    built: str = subprocess.run(build, check=True, stdout=subprocess.PIPE, text=True).stdout
    return built.strip()


class Origin:
    """An object of JSON text whose places are lines as many as steps lead to them."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def data(self) -> dict[str, Any]:
        return read_output(self.text)

    def locate(self, path: KeyPath) -> Location:
        """A line for each step."""
        return Location("users.yaml", len(path) + 1, 1)


def manifest(data: dict[str, Any], namespace: str = "shop", text: str = "") -> Manifest:
    key = ObjectKey.of(data["kind"], namespace, data.get("metadata", {}).get("name", ""))
    return Manifest(key, ("users.yaml",), Origin(f"{text or json.dumps(data)}\n"))


def script(path: Path, body: str) -> str:
    """A program that stands in for kubeconform."""
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def verdicts(binary: str, objects: list[dict[str, Any]]) -> list[str]:
    """kubeconform's own status of each object, in order."""
    stream = "".join(f"---\n{json.dumps(data)}\n" for data in objects)
    command = [binary, "-strict", "-n", "1", "-verbose", "-output", "json"]
    for location in kubeconform.schema_locations("1.36", "1.31"):
        command += ["-schema-location", location]
    result = subprocess.run(command, input=stream, capture_output=True, text=True, cwd=SCHEMAS, check=False)
    return [each["status"] for each in json.loads(result.stdout)["resources"]]


def test_both_validators_take_the_same_objects(binary: str) -> None:
    assert verdicts(binary, [changed(*case) for case in TAKEN]) == ["statusValid"] * len(TAKEN)


def test_both_validators_refuse_the_same_objects(binary: str) -> None:
    refused = [changed(case.kind, case.path, case.value) for case in REFUSED]

    assert len(TAKEN) + len(REFUSED) >= 60
    assert verdicts(binary, refused) == ["statusInvalid"] * len(refused)


def test_both_validators_agree_on_what_a_kube_apiserver_was_asked_for(binary: str) -> None:
    objects = [each.data for each in judged()]
    in_process = ["statusInvalid" if errors(data, "1.36", "1.31") else "statusValid" for data in objects]

    assert verdicts(binary, objects) == in_process


@pytest.mark.parametrize("kubernetes", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("istio", ISTIO_VERSIONS)
def test_good_objects_are_good_to_kubeconform_in_all_versions(binary: str, kubernetes: str, istio: str) -> None:
    assert kubeconform.check(Mesh(map(manifest, GOOD.values())), binary, kubernetes, istio) == []


def test_the_documented_command_reads_the_layout(binary: str) -> None:
    layout = "{{.ResourceKind}}{{.KindSuffix}}.json"
    command = [binary, "-strict", "-summary", "-schema-location", f"meshgen/schemas/kubernetes/v1.36/{layout}"]
    command += ["-schema-location", f"meshgen/schemas/istio/v1.31/{layout}", "-"]
    stream = "".join(Mesh(map(manifest, GOOD.values())).stream())
    result = subprocess.run(command, input=stream, capture_output=True, text=True, cwd=ROOT, check=False)

    assert (result.returncode, result.stderr) == (0, "")
    assert f"{len(GOOD)} resources found parsing stdin - Valid: {len(GOOD)}, Invalid: 0" in result.stdout


def test_a_finding_stands_at_the_place_that_a_person_edits(binary: str) -> None:
    broken = changed("Service", "spec.ports.0.port", "80")
    mesh = Mesh([manifest(GOOD["Service"], "a"), manifest(broken, "b"), manifest(GOOD["Service"], "c")])

    [finding] = kubeconform.check(mesh, binary, "1.36", "1.31")

    assert (finding.code, finding.location) == ("MG303", Location("users.yaml", 5, 1))
    assert finding.subject == "Service b/users spec.ports.0.port"
    assert finding.message == "kubeconform: got string, want integer"


def test_several_findings_of_one_object_are_all_told(binary: str) -> None:
    broken = changed("Service", "spec.ports", [{"name": "a", "port": "80"}, {"name": "b", "port": 70000, "a/b~'c": 1}])

    findings = kubeconform.check(Mesh([manifest(broken)]), binary, "1.36", "1.31")

    assert sorted(each.subject for each in findings) == [
        "Service shop/users spec.ports.0.port",
        "Service shop/users spec.ports.1",
        "Service shop/users spec.ports.1.port",
    ]


def test_a_key_with_slashes_and_quotes_is_found_again(binary: str) -> None:
    broken = changed("ConfigMap", "data", {"a/b~'c": 1})

    [finding] = kubeconform.check(Mesh([manifest(broken)]), binary, "1.36", "1.31")

    assert finding.subject == "ConfigMap shop/users data.a/b~'c"


def test_a_kind_without_schema_and_a_key_written_twice_are_told(binary: str) -> None:
    unknown = GOOD["Service"] | {"kind": "Unknown"}
    twice = manifest(
        GOOD["ServiceAccount"], text="apiVersion: v1\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: users}"
    )

    findings = kubeconform.check(Mesh([twice, manifest(unknown)]), binary, "1.36", "1.31")

    assert [each.code for each in findings] == ["MG303", "MG303"]
    assert 'key "apiVersion" already set in map' in findings[0].message
    assert findings[1].message == "kubeconform: could not find schema for Unknown"


def test_text_that_is_two_documents_to_kubeconform_is_told(binary: str) -> None:
    text = json.dumps(GOOD["ServiceAccount"]) + "\n---\n" + json.dumps(GOOD["ServiceAccount"])

    [finding] = kubeconform.check(Mesh([manifest(GOOD["ServiceAccount"], text=text)]), binary, "1.36", "1.31")

    assert (finding.code, finding.message) == ("MG304", "meshgen wrote 1 objects and kubeconform validated 2")


def test_an_object_of_another_name_to_kubeconform_is_told(binary: str) -> None:
    other = json.dumps(changed("ServiceAccount", "metadata.name", "orders"))

    [finding] = kubeconform.check(Mesh([manifest(GOOD["ServiceAccount"], text=other)]), binary, "1.36", "1.31")

    assert finding.code == "MG304"
    assert finding.message == "object 1 is ServiceAccount users to meshgen and ServiceAccount orders to kubeconform"


def test_skipped_documents_are_not_counted(tmp_path: Path) -> None:
    skipping = 'print(\'{"resources": [{"status": "statusSkipped", "kind": "ServiceAccount", "name": "users"}]}\')'
    program = script(tmp_path / "skipping", f"sys.stdin.read()\n{skipping}")

    [finding] = kubeconform.check(Mesh([manifest(GOOD["ServiceAccount"])]), program, "1.36", "1.31")

    assert (finding.code, finding.message) == ("MG304", "meshgen wrote 1 objects and kubeconform validated 0")


def test_nothing_to_read_is_no_finding(binary: str) -> None:
    assert kubeconform.check(Mesh([]), binary, "1.36", "1.31") == []


def test_a_large_stream_keeps_its_order(binary: str) -> None:
    pad = {"metadata": {"name": "users", "annotations": {"pad": "x" * 50_000}}}
    good, broken = GOOD["ServiceAccount"] | pad, GOOD["ServiceAccount"] | pad | {"secret": []}
    mesh = Mesh(manifest(broken if number % 50 == 0 else good, f"n{number:03}") for number in range(200))

    findings = kubeconform.check(mesh, binary, "1.36", "1.31")

    assert [each.subject for each in findings] == [f"ServiceAccount n{number:03}/users" for number in (0, 50, 100, 150)]


def test_a_program_that_is_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(MeshgenError) as error:
        kubeconform.find(str(tmp_path / "missing"))

    [diagnostic] = error.value.diagnostics
    assert (diagnostic.code, diagnostic.message) == ("MG505", f"there is no program '{tmp_path}/missing'")
    assert "make tools" in diagnostic.hint


def test_a_program_is_found_on_path_or_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = script(tmp_path / "kubeconform", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert kubeconform.find() == kubeconform.find("./kubeconform") == kubeconform.find("kubeconform") == program


def test_without_a_program_on_path_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert kubeconform.find() is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.exit('no such flag: -strict')", "ended with 1: no such flag: -strict"),
        ("print('hello')", "ended with 0: it said nothing"),
    ],
)
def test_a_program_that_is_no_kubeconform_is_told(tmp_path: Path, body: str, said: str) -> None:
    program = script(tmp_path / "other", body)

    with pytest.raises(MeshgenError) as error:
        kubeconform.check(Mesh([manifest(GOOD["Service"])]), program, "1.36", "1.31")

    [diagnostic] = error.value.diagnostics
    assert (diagnostic.code, diagnostic.message) == ("MG505", f"{program} {said}")


def test_a_program_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(MeshgenError, match=r"MG505: .* cannot be run: Permission denied"):
        kubeconform.check(Mesh([manifest(GOOD["Service"])]), str(tmp_path), "1.36", "1.31")


def test_that_it_is_missing_is_told_as_any_error_is(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(service(RUNS))

    told = run("validate", str(tmp_path), "--kubeconform", "missing").err

    assert told.endswith(
        "MG505: there is no program 'missing'\n"
        "  hint: in a checkout of meshgen, `make tools` builds it and prints its path\n1 error\n"
    )
