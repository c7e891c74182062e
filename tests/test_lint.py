"""`meshgen lint` as people use it: any files, every format, what is left out, and what is changed."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from conftest import run

SEED = Path(__file__).parent / "seed" / "as-written.yaml"
GOLDEN = SEED.parent.parent.parent / "golden"

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: users, namespace: shop}
spec:
  selector: {app: users, version: v1}
  ports:
  - {name: http, port: 80}
"""
RULE = """\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: users, namespace: shop}
spec:
  host: users
  subsets:
  - {name: v2, labels: {version: v2}}
"""


def codes(out: str) -> list[str]:
    """The codes in lint's JSON."""
    return [finding["code"] for finding in json.loads(out)["findings"]]


def write(folder: Path, **files: str) -> Path:
    """A folder with some files, `_` in a name for a dot."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


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


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
@pytest.mark.parametrize(("limit", "code"), [("error", 1), ("warning", 1), ("info", 1)])
def test_every_format_has_the_same_findings_and_exit_code(form: str, limit: str, code: int) -> None:
    expected = json.loads(run("lint", SEED, "--format", "json", "--fail-on", limit).out)["findings"]

    outcome = run("lint", SEED, "--format", form, "--fail-on", limit)

    assert outcome.code == code
    assert sum(outcome.out.count(each) for each in {f["code"] for f in expected}) >= len(expected)


def test_sarif_has_rules_with_help_and_levels() -> None:
    outcome = run("lint", SEED, "--format", "sarif")
    (found,) = json.loads(outcome.out)["runs"]
    rules = found["tool"]["driver"]["rules"]

    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in found["results"])
    assert all(rule["help"]["text"] for rule in rules)
    assert {each["level"] for each in found["results"]} <= {"error", "warning", "note"}
    assert len({json.dumps(each["partialFingerprints"]) for each in found["results"]}) > 5


def test_junit_is_xml_with_a_case_for_each_finding() -> None:
    root = ET.fromstring(run("lint", SEED, "--format", "junit").out)

    (suite,) = root
    assert int(suite.attrib["tests"]) == len(suite)
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure")) > 0
    (alone,) = ET.fromstring(run("lint", GOLDEN, "--format", "junit").out)[0]
    assert list(alone) == []


def test_github_annotations_escape_what_would_end_them() -> None:
    lines = run("lint", "-", "--format", "github", stdin=SERVICE.replace("app: users", '"a%\\n,b": c')).out.splitlines()

    assert all(line.startswith("::error file=-,line=") for line in lines)


def test_codes_are_selected_and_ignored() -> None:
    assert set(codes(run("lint", SEED, "--format", "json", "--select", "MG203").out)) == {"MG203"}
    assert set(codes(run("lint", SEED, "--format", "json", "--select", "service-pins-version").out)) == {"MG203"}
    assert set(codes(run("lint", SEED, "--format", "json", "--select", "IST0173,MG203").out)) == {"MG203", "MG204"}
    assert "MG301" not in codes(run("lint", SEED, "--format", "json", "--ignore", "MG3").out)


def test_an_annotation_silences_codes_on_its_object() -> None:
    for annotation in ("meshgen.dev/ignore: MG203", 'meshgen.dev/ignore: "*"', "meshgen.dev/ignore: 'MG111, MG203'"):
        silent = SERVICE.replace("namespace: shop", f"namespace: shop, annotations: {{{annotation}}}")
        assert run("lint", "-", stdin=f"{silent}---\n{RULE}").code == 0


def test_a_baseline_leaves_only_what_is_new_though_lines_move(tmp_path: Path) -> None:
    file, known = tmp_path / "a.yaml", tmp_path / "known.json"
    file.write_text(f"{SERVICE}---\n{RULE}")
    assert run("lint", file, "--write-baseline", known).code == 0
    file.write_text(f"# moved\n\n{SERVICE}---\n{RULE}")

    assert run("lint", file, "--baseline", known).code == 0
    file.write_text(f"{SERVICE}---\n{RULE}  - {{name: v2, lables: {{version: v3}}}}\n")
    outcome = run("lint", file, "--baseline", known)
    assert outcome.code == 1
    assert "lables" in outcome.out
    assert "subset 'v2' is empty" not in outcome.out or "subsets" in outcome.out
    known.write_text("[]")
    assert "no baseline" in run("lint", file, "--baseline", known).err


@pytest.mark.parametrize("words", [("--format", "xml"), ("--baseline", "")])
def test_wrong_usage(words: tuple[str, ...]) -> None:
    assert run("lint", SEED, *words).code == 2


def test_a_rule_explains_itself() -> None:
    assert run("rules", "MG203").out.startswith("MG203 service-pins-version (error)\n\nA Service selects one version")
    assert "MG204" in run("rules", "IST0173").out
    assert "MG203  error    service-pins-version\n" in run("rules").out
    assert "did you mean service-pins-version?" in run("rules", "service-pins-versions").err


WRONG = """\
# kept
apiVersion: networking.istio.io/v1beta1   # older
kind: DestinationRule
metadata: {name: users, namespace: shop}
spec:
  host: users
  trafficPolicy: {loadBalancer: {simple: "LEAST_CONN"},   connectionPool: {tcp: {maxConnections: 5}}}
"""


def test_fix_writes_right_values_and_keeps_every_other_byte(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(WRONG.replace("\n", "\r\n").encode())
    file.chmod(0o640)

    outcome = run("lint", file, "--fix", "--all")

    right = WRONG.replace("v1beta1", "v1").replace('"LEAST_CONN"', "LEAST_REQUEST")
    assert file.read_bytes() == right.replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert "changed 2 values" in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]
    assert run("lint", file, "--fix", "--all").err.startswith("changed 0 values")


def test_fix_keeps_to_the_codes_that_are_chosen(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(WRONG)

    run("lint", file, "--fix", "--all", "--ignore", "MG232")

    assert file.read_text() == WRONG.replace('"LEAST_CONN"', "LEAST_REQUEST")


def test_fix_leaves_what_meshgen_made_and_what_several_places_share(tmp_path: Path) -> None:
    made, shared = tmp_path / "made.yaml", tmp_path / "shared.yaml"
    made.write_text(f"# Made by meshgen from specs/a.yaml; change that.\n{WRONG}")
    shared.write_text(WRONG.replace("name: users", "name: other").replace('"LEAST_CONN"', "&lb LEAST_CONN"))
    before = made.read_text(), shared.read_text()

    run("lint", tmp_path, "--fix", "--all")

    assert (made.read_text(), shared.read_text()) == before


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


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_code_that_nothing_has_is_wrong_usage(option: str) -> None:
    outcome = run("lint", SEED, option, "MG203,MG999")

    assert (outcome.code, outcome.out) == (2, "")
    assert "no code or rule is named 'MG999'" in outcome.err


def test_a_baseline_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    outcome = run("lint", SEED, "--write-baseline", tmp_path / "nowhere" / "known.json")

    assert (outcome.code, outcome.out) == (1, "")
    assert "known.json: error MG503: cannot be written: No such file or directory" in outcome.err
