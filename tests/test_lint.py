"""`meshgen lint` over any files, taken as one mesh."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from conftest import run
from handwritten import GOLDEN, RULE, SERVICE, codes, write


def test_the_files_of_a_folder_are_one_mesh(tmp_path: Path) -> None:
    write(tmp_path, service_yaml=SERVICE, rule_yml=RULE)

    outcome = run("lint", tmp_path)

    assert outcome.code == 1
    assert outcome.out.startswith(f"{tmp_path}/service.yaml:5:35: error MG203: ")
    assert outcome.err == "1 error\n"
    assert run("lint", tmp_path / "service.yaml").code == 0


def test_golden_has_nothing_to_be_said_of() -> None:
    outcome = run("lint", GOLDEN)

    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.startswith("nothing found in ")


def test_standard_input_lists_and_json_are_read(tmp_path: Path) -> None:
    items = textwrap.indent(SERVICE, "  ").replace("  apiVersion", "- apiVersion", 1)
    assert "MG203" in run("lint", "-", stdin=f"apiVersion: v1\nkind: List\nitems:\n{items}---\n{RULE}").out
    as_json = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "users", "namespace": "shop"}, "spec": {"selector": {"version": "v1"}, "ports": [{"port": 80}]}}  # fmt: skip
    write(tmp_path, a_json=json.dumps(as_json, indent="\t"), rule_yaml=RULE)

    assert f"{tmp_path}/a.json:10:15: error MG203" in run("lint", tmp_path).out


def test_json_objects_one_behind_the_other_are_read_as_kubectl_does() -> None:
    first = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "users", "namespace": "shop"}, "spec": {"selector": {"version": "v1"}, "ports": [{"port": 80}]}}  # fmt: skip
    second = {**first, "metadata": {"name": "carts", "namespace": "shop"}, "sepc": {}}
    text = f"{json.dumps(first, indent=2)}\n{json.dumps(first | {'metadata': {'name': 'c', 'namespace': 'shop'}})} {json.dumps(second)}\n"

    (found,) = json.loads(run("lint", "-", "--format", "json", stdin=text).out)["findings"]

    line = text.splitlines()[found["line"] - 1]
    assert (found["code"], line[found["column"] - 1 :][:6]) == ("MG301", '"sepc"')


@pytest.mark.parametrize("text", [f"{SERVICE}]\n", f"words\n{SERVICE}", f"[a]\n{SERVICE}", '{"a": 1} {"b": }'])
def test_what_stands_behind_a_document_is_told(text: str) -> None:
    outcome = run("lint", "-", stdin=text)

    assert outcome.code == 1
    assert " error MG001: " in outcome.out


def test_anchors_aliases_and_merge_keys_mean_what_they_mean_to_kubectl() -> None:
    text = SERVICE.replace("{app: users, version: v1}", "&all {app: users, <<: {version: v1}}")

    assert codes(run("lint", "-", "--format", "json", stdin=f"{text}---\n{RULE}").out) == ["MG203"]


def test_what_is_unknown_is_passed_over_and_counted_when_asked(tmp_path: Path) -> None:
    knative = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: 7}\n"
    write(
        tmp_path,
        values_yaml="replicas: 3\nimage: {{ .Values.image }}\n".replace("{{", "").replace("}}", ""),
        kustomization_yaml="resources: []\n",
        k_yaml=knative,
    )

    outcome = run("lint", tmp_path, "-n", "shop", "-v")

    assert outcome.code == 0
    assert "passed over: 1 of serving.knative.dev/v1 Service" in outcome.err
    assert "passed over: 1 of no object" in outcome.err


def test_a_template_is_one_finding(tmp_path: Path) -> None:
    helm = '{{- if .Values.on }}\napiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n  labels:\n    {{- include "x" . | nindent 4 }}\n{{- end }}\n'
    write(tmp_path, service_yaml=helm)

    outcome = run("lint", tmp_path, "--format", "json")

    (finding,) = json.loads(outcome.out)["findings"]
    assert (outcome.code, finding["line"], finding["code"]) == (1, 1, "MG001")
    assert "template" in finding["message"]


def test_what_names_no_namespace_is_said_once_a_file_and_may_be_given() -> None:
    text = SERVICE.replace(", namespace: shop", "")
    both = f"{text}---\n{text.replace('name: users', 'name: carts')}"

    outcome = run("lint", "-", stdin=both)

    assert outcome.code == 1
    assert outcome.out.count("MG104") == 1
    assert "and 1 more in this file do not either" in outcome.out
    assert run("lint", "-", "-n", "shop", stdin=both).code == 0


def test_specs_are_rendered_and_findings_point_at_them(tmp_path: Path) -> None:
    assert run("lint", GOLDEN.parent / "specs").code == 0
    text = "apiVersion: meshgen.dev/v1\nkind: Service\nmetadata: {name: a, namespace: n}\nspec:\n  ports: [{name: http, port: 80}]\n"
    write(tmp_path, a_yaml=f"{text}  selector: {{app: a}}\n  routs: []\n")

    assert f"{tmp_path}/a.yaml:7:3: error MG101" in run("lint", tmp_path).out


def test_specs_beside_what_was_made_of_them_are_refused(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    write(
        tmp_path / "specs",
        a_yaml="apiVersion: meshgen.dev/v1\nkind: Service\nmetadata: {name: a, namespace: n}\nspec: {ports: [{name: http, port: 80}], selector: {app: a}}\n",
    )
    assert run("render", tmp_path / "specs", "-o", tmp_path / "out").code == 0

    outcome = run("lint", tmp_path)

    assert outcome.code == 1
    assert "it was made from specs that are linted too" in outcome.out


def test_an_object_that_is_there_twice_is_said() -> None:
    outcome = run("lint", "-", stdin=f"{RULE}---\n{RULE}")

    assert outcome.code == 0
    assert "-:11:18: warning MG200: DestinationRule shop/users is there already, at -:3:18" in outcome.out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "MG006: standard input is empty"),
        (b"# nothing\n", "MG006: standard input holds no document"),
        (b"\xff\xfea", "MG005: the file is not UTF-8"),
    ],
)
def test_input_that_says_nothing_is_an_error(content: bytes, says: str) -> None:
    outcome = run("lint", "-", stdin=content)

    assert outcome.code == 1
    assert f"-: error {says}" in outcome.out


def test_a_file_that_is_no_text_is_told_where_it_is_met_too(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(SERVICE.encode("utf-16"))
    (tmp_path / "empty.yaml").write_text("")

    outcome = run("lint", tmp_path)

    assert (outcome.code, outcome.out.count(" error ")) == (1, 1)
    assert f"{tmp_path}/a.yaml: error MG005" in outcome.out


def test_a_namespace_that_is_no_text_to_kubectl_is_told_as_that() -> None:
    outcome = run("lint", "-", stdin=SERVICE.replace("namespace: shop", "namespace: n"))

    assert outcome.code == 1
    assert "-:3:36: error MG301: takes a name of lower-case letters" in outcome.out
    assert "not false\n  in: Service false/users metadata.namespace\n" in outcome.out
    assert "MG104" not in outcome.out


def test_an_object_of_a_version_that_is_gone_is_told_once_and_others_still_find_it() -> None:
    pods = """\
apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: users-VERSION, namespace: shop}
spec:
  selector: {matchLabels: {version: VERSION}}
  template:
    metadata: {labels: {app: users, version: VERSION}}
    spec: {containers: [{name: users, image: "users:VERSION"}]}
"""
    objects = [SERVICE.replace(", version: v1", ""), RULE, *(pods.replace("VERSION", name) for name in ("v1", "v2"))]

    assert codes(run("lint", "-", "--format", "json", stdin="---\n".join(objects)).out) == ["MG302", "MG302"]
    outcome = run("lint", "-", "--format", "json", "--all", "--select", "MG204", stdin="---\n".join(objects[:-1]))
    assert codes(outcome.out) == ["MG204"]


@pytest.mark.parametrize(
    ("version", "kind", "says"),
    [
        ("networking.k8s.io/v1beta1", "Ingress", "there is networking.k8s.io/v1"),
        ("rbac.istio.io/v1alpha1", "ServiceRole", "have no rbac.istio.io: this is refused, or nobody reads it"),
        ("telemetry.istio.io/v2", "Telemetry", "there is telemetry.istio.io/v1"),
        ("networking.k8s.io/v1", "Ingres", "have no kind 'Ingres' of networking.k8s.io/v1"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", ""),
    ],
)
def test_a_kind_that_kubernetes_and_istio_no_longer_have_is_told(version: str, kind: str, says: str) -> None:
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: users, namespace: shop}}\n"

    outcome = run("lint", "-", stdin=text)

    assert (outcome.code, "MG302" in outcome.out) == (int(bool(says)), bool(says))
    assert says in outcome.out
